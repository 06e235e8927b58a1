"""Single-source location: one demand an entity, one line a site, fixed costs that decide.

The Lagrangian relaxation with whole knapsacks is close here and takes seconds. It says where plans
are, and what no plan of a guessed cost can use: the program left over is small, and once it is solved
the guess is a bound when it holds no plan that cheap (compare cut-and-solve, and kernel search).
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from optimizer.solvers.engine.beside import Beside
from optimizer.solvers.engine.location.branch import Tree
from optimizer.solvers.engine.location.freeing import Freeing
from optimizer.solvers.engine.location.handover import Handover
from optimizer.solvers.engine.location.problem import Location
from optimizer.solvers.engine.location.searcher import FacilitySearch
from optimizer.solvers.engine.search.searcher import Searcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.problem import Problem
    from optimizer.solvers.engine.shared_state import SharedState

__all__ = ["solve_location"]

FIRST_CHUNKS = 20
"""Chunks of the first search at most."""
PRICES_SHARE, SEARCH_SHARE, SEARCH_S = 0.15, 0.1, 2.0
"""Share of the budget for prices at most; the same for the first search, and seconds of it at most."""
GUESS_PAIRS, GUESS_SHARE = 5000, 0.25
"""Pairs from which a guess comes before branch and bound, and its share of what is left of the budget."""
HANDOVER_PAIRS, HANDOVER_LEFT = 20_000, 5000
"""Pairs, or pairs that the penalties leave, up to which HiGHS gets the program."""
HANDOVER_SHARE = 0.4
"""Its share of what is left of the budget before the tree, in one thread."""


def solve_location(problem: Problem, searcher: Searcher, shared: SharedState) -> None:
    """Prices, a facility search from them, then branch and bound with HiGHS or more search beside it."""
    shared.phase = "prices"
    place = Location(problem, shared)
    place.price(shared.spent() + PRICES_SHARE)
    if shared.stop():
        return
    place.penalise()
    shared.phase = "search"
    facilities = FacilitySearch(place, searcher, shared.params.seed)
    if shared.choice is not None:
        facilities.start_at(shared.choice)
    began, began_spent = shared.elapsed(), shared.spent()
    looks = itertools.count()

    def done() -> float:
        share = max((shared.spent() - began_spent) / SEARCH_SHARE, next(looks) / FIRST_CHUNKS)
        return share if shared.deterministic else max(share, (shared.elapsed() - began) / SEARCH_S)

    facilities.run(done)
    if shared.stop():
        return
    tree = Tree(place, searcher, FacilitySearch(place, searcher, shared.params.seed + 1), facilities)
    other = Searcher(problem, searcher.data, shared, shared.params.seed)
    handover = Handover(place, tree.reduced, other)
    beside = shared.params.threads > 1 and not shared.deterministic
    if problem.n_pairs > HANDOVER_PAIRS and handover.pairs_left() > HANDOVER_LEFT:
        if beside:
            tree.beside = None
            facilities.searcher = other
            freeing = Freeing(place, tree.reduced, other, shared.params.seed + 1)
            _side_by_side(lambda: _go_on(facilities, freeing), lambda: _prove(tree))
        else:
            _prove(tree)
    elif beside:
        _side_by_side(handover.run, lambda: _prove(tree))
    else:
        shared.phase = "exact"
        handover.run(HANDOVER_SHARE)
        _prove(tree)


def _side_by_side(one: Callable[[], None], other: Callable[[], None]) -> None:
    thread = Beside(one)
    thread.start()
    other()
    thread.finish()


def _prove(tree: Tree) -> None:
    """A plan from what a guessed cost leaves of a large problem, then branch and bound."""
    shared = tree.shared
    if tree.place.problem.n_pairs > GUESS_PAIRS:
        shared.phase = "guess"
        tree.guess(GUESS_SHARE)
    shared.phase = "branch"
    tree.run()


def _go_on(facilities: FacilitySearch, freeing: Freeing) -> None:
    """Small programs around the plan held, and the search from what they give."""
    shared = facilities.shared
    while not shared.stop():
        if freeing.step() and shared.choice is not None:
            facilities.start_at(shared.choice)
        facilities.turn()
