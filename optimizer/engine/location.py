"""Single-source location: one demand an entity, one line a site, fixed costs that decide.

The Lagrangian relaxation with whole knapsacks is close here and takes seconds. It says where plans
are, and what no plan of a guessed cost can use: the program left over is small, and once it is solved
the guess is a bound when it holds no plan that cheap (compare cut-and-solve, and kernel search).
"""

from __future__ import annotations

import itertools
import math
import time
from typing import TYPE_CHECKING

import numpy as np

from optimizer.arrays.problem import Choice
from optimizer.engine.beside import Beside
from optimizer.engine.board import WHOLE_SLACK
from optimizer.engine.branch import Tree
from optimizer.engine.data import whole_down, whole_up
from optimizer.engine.facilities import search
from optimizer.engine.freeing import Freeing
from optimizer.engine.handover import Handover
from optimizer.engine.knapsacks import Work, climb, make_work, penalties
from optimizer.engine.search import Searcher
from optimizer.engine.site import make_site, start_from
from optimizer.formulation.units import pair_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from optimizer.arrays.problem import Problem
    from optimizer.engine.board import Board

    Floats = NDArray[np.float64]

__all__ = ["FacilitySearch", "Location", "is_location", "solve_location"]

LOCATION_CELLS = 4_000_000
"""Facilities times customers up to which the dense arrays are made."""
GRID, NEED = 4000, 2000
"""Most cells of a facility's room, and of the room of all of them together."""
STEPS, MOST_STEPS, CELLS_A_LOOK = 10, 1500, 2_000_000
"""Steps of the ascent between two looks at the clock at most, in all, and pairs looked at in between."""
SETTLED = 1e-4
"""Step factor below which the prices have settled."""
FIRST_CHUNKS = 20
"""Chunks of the first search at most."""
PRICES_SHARE, SEARCH_SHARE, SEARCH_S = 0.15, 0.1, 2.0
"""Share of the budget for prices at most; the same for the first search, and seconds of it at most."""
ROOMY, POLISH = 1.02, 3e-4
"""Room of the first open facilities as a multiple of what must be served; heat of polishing, share of the cost."""
GUESS_PAIRS, GUESS_SHARE = 5000, 0.25
"""Pairs from which a guess comes before branch and bound, and its share of what is left of the budget."""
HANDOVER_PAIRS, HANDOVER_LEFT = 20_000, 5000
"""Pairs, or pairs that the penalties leave, up to which HiGHS gets the program."""
HANDOVER_SHARE = 0.4
"""Its share of what is left of the budget before the tree, in one thread."""
TURNS = 30
"""Chunks from hot to cold."""
AHEAD = 0.03
"""How far above the best bound the steps aim, at most."""


def is_location(problem: Problem) -> bool:
    """Whether a problem is single-source facility location and nothing else.

    One service, one demand an entity, volumes that do not depend on the provider, one straight
    cost a line, fixed costs on lines, and no rule that ties sites or demands together otherwise.
    """
    lines, sites, rules = problem.lines, problem.sites, problem.scalars
    one_demand = problem.n_demands == len(problem.entity_ids) and bool((problem.demand_service == 0).all())
    plain = problem.pairs.volume is None and len(lines.tier_from) == len(lines.provider)
    fixed = bool((lines.fixed_cost > 0).any()) and not bool((lines.min_volume > 0).any())
    free_sites = bool(np.isinf(sites.capacity_minutes).all()) and not bool((sites.min_minutes > 0).any())
    inside = bool((problem.pairs.provider < problem.n_providers).all())
    untied = (
        rules.site_min is None
        and rules.site_max is None
        and rules.agency_share_max is None
        and rules.max_moves is None
        and rules.one_off_budget is None
        and not (rules.zones or rules.backup or any(rules.dispersion_loss))
    )
    small = len(lines.provider) * problem.n_demands <= LOCATION_CELLS
    return one_demand and plain and fixed and free_sites and inside and untied and small


class Location:
    """A problem as costs by facility and customer, its prices, and what they rule out.

    Parameters
    ----------
    problem : Problem
        For which ``is_location`` holds.
    board : Board
    """

    def __init__(self, problem: Problem, board: Board) -> None:
        self.problem, self.board = problem, board
        lines, sites, pairs = problem.lines, problem.sites, problem.pairs
        self.line = pair_lines(problem)
        m, n = len(lines.provider), problem.n_demands
        pair_cost = pairs.linear + lines.tier_cost[self.line] * problem.pair_volume + problem.scalars.interface_cost
        self.cost = np.full((m, n), np.inf)
        self.cost[self.line, pairs.demand] = pair_cost
        required = sites.is_required[lines.provider]
        opening = sites.fixed_cost + np.where(sites.is_candidate, sites.setup, 0.0)
        self.fixed = lines.fixed_cost + np.where(required, 0.0, opening[lines.provider])
        self.offset = float(opening[sites.is_required].sum())
        self.take, total = whole_up(problem.volume), float(whole_up(problem.volume).sum())
        self.room = np.minimum(whole_down(lines.capacity), total)
        whole = [v[np.isfinite(v)] for v in (self.cost, self.fixed, np.array([self.offset]))]
        self.integral = all(bool((v == np.round(v)).all()) for v in whole)
        self.work = self._work()
        self.bound = -math.inf
        self.opened, self.closed = np.full(m, -np.inf), np.full(m, -np.inf)
        self.pair = np.full((m, n), -np.inf)
        self._control = np.array([1.0, -math.inf, 0.0, 0.1])
        self._steps = 0

    def _work(self) -> Work:
        unit = max(int(np.gcd.reduce(self.take.astype(np.int64))), 1)
        take, room = self.take.astype(np.int64) // unit, self.room.astype(np.int64) // unit
        need = int(take.sum())
        coarse, wide = -(-int(room.max(initial=0)) // GRID) or 1, -(-need // NEED) or 1
        cover = np.minimum(-(-room // wide), need // wide)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = self.fixed[:, None] * self.take[None, :] / np.maximum(self.room, 1.0)[:, None]
        first = np.where(np.isfinite(self.cost), self.cost + share, np.inf).min(axis=0)
        return make_work(self.cost.copy(), self.fixed, take // coarse, room // coarse, cover, need // wide, first)

    def price(self, share: float) -> None:
        """Raise the bound until the prices settle or ``share`` of the budget is spent."""
        board, wk = self.board, self.work
        steps = max(1, min(STEPS, CELLS_A_LOOK // self.cost.size))
        while not board.stop() and board.spent() < share and self._control[0] > SETTLED and self._steps < MOST_STEPS:
            known = max(float(self._control[1]), -1e300)
            near = known + AHEAD * abs(known) if self._steps else 1.3 * float(wk.now.sum())
            bound = climb(wk, steps, min(board.objective - self.offset, near), self._control)
            self._steps += steps
            board.add_work(1 + steps * self.cost.size // 100_000)
            self._claim(bound)
            board.tell()
        board.stats["lagrangian_bound"], board.stats["lagrangian_steps"] = self.bound, self._steps

    def _claim(self, bound: float) -> None:
        if bound == math.inf:
            self.board.infeasible = self.board.choice is None
            return
        self.bound = max(self.bound, bound + self.offset)
        self.board.raise_bound(self.round_up(self.bound))

    def round_up(self, bound: float) -> float:
        """The next cost that a plan can have, where all costs are whole numbers."""
        return math.ceil(bound - WHOLE_SLACK) if self.integral and math.isfinite(bound) else bound

    def penalise(self) -> None:
        """What opening, closing or using each facility costs at least, at the prices so far."""
        self._claim(self.penalise_node() - self.offset)

    def penalise_node(self) -> float:
        """The same for what is decided in ``work``; the bound holds for that part only."""
        bound = penalties(self.work, self.opened, self.closed, self.pair) + self.offset
        for values in (self.opened, self.closed, self.pair):
            values += self.offset
        return bound

    def limit(self, most: float) -> float:
        """Penalty above which a facility or pair is in no plan cheaper than ``most``."""
        return (math.ceil(most - 1e-6) - 1 if self.integral and most < math.inf else most) + 1e-7 * abs(most)


class FacilitySearch:
    """The facility search of one thread; every plan is checked by the searcher before it counts."""

    def __init__(self, place: Location, searcher: Searcher, seed: int) -> None:
        self.place, self.searcher, self.board = place, searcher, place.board
        wk = place.work
        cost = np.ascontiguousarray(place.cost.T)
        self.site = make_site(cost, place.fixed, place.take, place.room, wk.mean_open.copy(), seed)
        self.changes, self.turns = 50, 0
        self.begin_at(wk.mean_open, wk.mean_x)

    def begin_at(self, mean_open: Floats, mean_x: Floats) -> None:
        """From what a relaxation serves whole, in the facilities that it opens most and that hold all."""
        place, st = self.place, self.site
        st.like[:] = np.where(place.opened > self.board.objective, -1.0, mean_open)
        order = np.argsort(-mean_open, kind="stable")
        some = int(np.searchsorted(np.cumsum(place.room[order]), place.take.sum() * ROOMY)) + 1
        st.is_open[:] = mean_open > 0.5
        st.is_open[order[:some]] = True
        at, each = mean_x.argmax(axis=0), np.arange(len(place.take))
        fit = (mean_x[at, each] > 0.6) & st.is_open[at] & np.isfinite(st.cost[each, at])
        if not start_from(st, np.where(fit, at, -1)):
            st.is_open[:] = True
            start_from(st, np.full(len(at), -1, dtype=np.int64))
        self._offer()

    def start_at(self, choice: Choice) -> None:
        """From a plan, where that is better."""
        to = self.place.problem.lines.index[choice.provider, 0]
        held = self.site.totals[3]
        start_from(self.site, to)
        self._offer()
        if self.site.totals[3] >= held:
            self.again()

    def polish(self, changes: int) -> None:
        """A few changes, nearly cold."""
        st = self.site
        looks = search(st, changes, POLISH * st.totals[0], 0.1 * POLISH * st.totals[0])
        self.board.add_work(1 + looks * len(st.to) // 1_000_000)
        self._offer()

    def run(self, until: Callable[[], float], hot: float = 0.003) -> None:
        """Rounds of changes while ``until()``, the share done, is below 1."""
        board, st = self.board, self.site
        while not board.stop() and (share := until()) < 1.0:
            scale = st.totals[0] * hot
            heat = scale * 0.02**share
            began = time.monotonic()
            looks = search(st, self.changes, heat, heat)
            board.add_work(1 + looks * len(st.to) // 1_000_000)
            took = time.monotonic() - began
            if not board.deterministic:
                self.changes = int(np.clip(self.changes * 0.1 / max(took, 1e-4), 1, 2000))
            self._offer()
            board.tell()

    def turn(self) -> None:
        """One chunk of changes, ever again from hot to cold."""
        self.turns += 1
        if self.turns % TURNS == 0:
            self.again()
        ends = iter((self.turns % TURNS / TURNS, 1.0))
        self.run(lambda: next(ends))

    def again(self) -> None:
        """Go on from the best plan held."""
        if self.site.totals[3] < math.inf:
            self.site.is_open[:] = False
            start_from(self.site, self.site.best.copy())

    def _offer(self) -> None:
        st, board = self.site, self.board
        if st.totals[3] + self.place.offset < board.objective - 1e-6:
            provider = self.place.problem.lines.provider[st.best]
            cost = self.searcher.price(Choice(provider, np.full(len(provider), -1, dtype=np.int64)))
            if cost < math.inf:
                board.offer(self.searcher.state.provider, self.searcher.state.backup, cost)


def solve_location(problem: Problem, searcher: Searcher, board: Board) -> None:
    """Prices, a facility search from them, then branch and bound with HiGHS or more search beside it."""
    board.phase = "prices"
    place = Location(problem, board)
    place.price(board.spent() + PRICES_SHARE)
    if board.stop():
        return
    place.penalise()
    board.phase = "search"
    facilities = FacilitySearch(place, searcher, board.params.seed)
    if board.choice is not None:
        facilities.start_at(board.choice)
    began, began_spent = board.elapsed(), board.spent()
    looks = itertools.count()

    def done() -> float:
        share = max((board.spent() - began_spent) / SEARCH_SHARE, next(looks) / FIRST_CHUNKS)
        return share if board.deterministic else max(share, (board.elapsed() - began) / SEARCH_S)

    facilities.run(done)
    if board.stop():
        return
    tree = Tree(place, searcher, FacilitySearch(place, searcher, board.params.seed + 1), facilities)
    other = Searcher(problem, searcher.data, board, board.params.seed)
    handover = Handover(place, tree.reduced, other)
    beside = board.params.threads > 1 and not board.deterministic
    if problem.n_pairs > HANDOVER_PAIRS and handover.pairs_left() > HANDOVER_LEFT:
        if beside:
            tree.beside = None
            facilities.searcher = other
            freeing = Freeing(place, tree.reduced, other, board.params.seed + 1)
            _side_by_side(lambda: _go_on(facilities, freeing), lambda: _prove(tree))
        else:
            _prove(tree)
    elif beside:
        _side_by_side(handover.run, lambda: _prove(tree))
    else:
        board.phase = "exact"
        handover.run(HANDOVER_SHARE)
        _prove(tree)


def _side_by_side(one: Callable[[], None], other: Callable[[], None]) -> None:
    thread = Beside(one)
    thread.start()
    other()
    thread.finish()


def _prove(tree: Tree) -> None:
    """A plan from what a guessed cost leaves of a large problem, then branch and bound."""
    board = tree.board
    if tree.place.problem.n_pairs > GUESS_PAIRS:
        board.phase = "guess"
        tree.guess(GUESS_SHARE)
    board.phase = "branch"
    tree.run()


def _go_on(facilities: FacilitySearch, freeing: Freeing) -> None:
    """Small programs around the plan held, and the search from what they give."""
    board = facilities.board
    while not board.stop():
        if freeing.step() and board.choice is not None:
            facilities.start_at(board.choice)
        facilities.turn()
