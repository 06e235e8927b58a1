"""Generalised assignment: one demand an entity, limited lines, a cost by pair and nothing else.

The Lagrangian with exact knapsacks comes within a few units of money of the best plan and tells for
every pair what the cheapest plan with it costs at least. Guesses of the best cost from below then
leave small programs, which HiGHS solves; annealing and neighbourhoods go on beside it (compare
Posta, Ferland and Michelon 2012; Yagiura, Ibaraki and Glover 2006).
"""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.formulate import build_program
from optimizer.model.parts import Choice
from optimizer.solvers.engine.amounts import MICRO
from optimizer.solvers.engine.assignment.ascent import Ascent, costs_are_whole
from optimizer.solvers.engine.assignment.shifts import Shifts
from optimizer.solvers.engine.beside import Beside
from optimizer.solvers.engine.neighbourhoods.lns import Lns
from optimizer.solvers.engine.programs.proof import Proof
from optimizer.solvers.engine.search.searcher import Searcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.aliases import Ints
    from optimizer.model.problem import Problem
    from optimizer.solvers.engine.data import Data
    from optimizer.solvers.engine.shared_state import SharedState

__all__ = ["ASSIGNMENT_PAIRS", "Assigning", "is_generalised_assignment"]

ASSIGNMENT_PAIRS = 300_000
"""Pairs up to which the relaxation is solved as a linear program."""

FIRST_GUESS, WIDER = 5e-5, 2.0
"""First guessed gap between bound and best plan, as a share of the bound; growth from guess to guess."""
SHARE = 0.3
"""Share of what is left of the budget that one guess may take."""
LARGE, QUICK_SHARE, SECOND_SEARCH, SECOND_ROUNDS = 3000, 0.1, 0.65, 6
"""Pairs beyond which neighbourhoods gain nothing and the second thread searches too, after a first guess; what is left
that this guess may take; share of the budget, and rounds at most, until it guesses on."""
SEARCH_SHARE = 0.3
"""Share of the budget for search in turn with the rest."""
FIRST_S, LONGER, ROUND_SHARE = 2.0, 2.0, 0.4
"""Seconds of the first round of annealing, growth from round to round, share of the budget at most."""
HOT, AGAIN, COLD = 0.016, 0.012, 0.004
"""First temperature of the first round and of those that go on from the best plan, and last one; see ``Shifts.run``."""
WORTH = 5
"""Pairs by demand that annealing tries, on average."""
LNS_STEPS, LNS_SHARE = 2, 0.05
"""Neighbourhoods between two rounds, and the share of the budget they may take."""
ASCENT_SHARE = 0.15
"""Share of the budget for prices, at most."""


def is_generalised_assignment(problem: Problem) -> bool:
    """Whether a problem is generalised assignment and nothing else.

    One service, one demand an entity, every line limited with one straight cost and no fixed cost
    or least volume, and no rule that ties sites, demands or moves together. Locks are allowed.
    """
    lines, sites, rules = problem.lines, problem.sites, problem.scalars
    one_demand = problem.n_demands == len(problem.entity_ids) and bool((problem.demand_service == 0).all())
    inside = bool((problem.pairs.provider < problem.n_providers).all())
    plain = len(lines.tier_from) == len(lines.provider) == problem.n_providers
    limited = bool(np.isfinite(lines.capacity).all()) and not bool((lines.min_volume > 0).any())
    free_sites = bool(np.isinf(sites.capacity_minutes).all()) and not bool((sites.min_minutes > 0).any())
    free = not bool((lines.fixed_cost != 0).any() or (sites.fixed_cost != 0).any() or sites.is_candidate.any())
    untied = (
        rules.site_min is None
        and rules.site_max is None
        and rules.agency_share_max is None
        and rules.max_moves is None
        and rules.one_off_budget is None
        and not rules.near
        and rules.interface_cost == 0.0
        and not (rules.zones or rules.backup or any(rules.dispersion_loss))
        and not (problem.bundle >= 0).any()
        and (rules.max_providers_per_entity is None or rules.max_providers_per_entity >= 1)
    )
    return one_demand and inside and plain and limited and free_sites and free and untied


class Assigning:
    """One solve: bounds and guesses in one thread, search and neighbourhoods in the other, or in turn.

    Parameters
    ----------
    problem : Problem
    data : Data
    searcher : Searcher
        With a plan constructed.
    shared : SharedState
    """

    def __init__(self, problem: Problem, data: Data, searcher: Searcher, shared: SharedState) -> None:
        self.problem, self.data, self.searcher, self.shared = problem, data, searcher, shared
        self.program = build_program(problem)
        self.ascent = Ascent(problem, data, shared)
        self.room_price = np.zeros(problem.n_providers)
        self.priced = threading.Event()

    def run(self) -> None:
        """Go on until the shared state says stop or the best plan is proven."""
        shared = self.shared
        shared.whole = costs_are_whole(self.problem)
        shared.phase = "search"
        if shared.params.threads > 1 and not shared.deterministic:
            other = Searcher(self.problem, self.data, shared, shared.params.seed + 1)
            thread = Beside(lambda: self._prove(other))
            thread.start()
            self.searcher.run(lambda: 1.0 if self.priced.is_set() else 0.5)
            self.priced.wait()
            self._search(self.searcher, math.inf)
            thread.finish()
        else:
            self.searcher.run(self._share(0.02, 1.0))
            proof = Proof(self.program, self.searcher, shared)
            self._price(proof)
            self._search(self.searcher, shared.spent() + SEARCH_SHARE)
            guesses(proof, shared, self.ascent.bound)

    def _prove(self, searcher: Searcher) -> None:
        """Relaxation, prices, then guesses to the end; where it is large, search after the first guess."""
        proof = Proof(self.program, searcher, self.shared)
        try:
            self._price(proof)
        finally:
            self.priced.set()
        if self.problem.n_pairs > LARGE:
            guesses(proof, self.shared, self.ascent.bound, QUICK_SHARE, rounds=1)
            self._search(searcher, SECOND_SEARCH, SECOND_ROUNDS)
        guesses(proof, self.shared, self.ascent.bound)

    def _price(self, proof: Proof) -> None:
        shared = self.shared
        if not shared.stop():
            shared.phase = "relaxation"
            proof.relax(0.3)
        if proof.duals is not None and not shared.stop():
            shared.phase = "prices"
            prices = np.zeros(self.problem.n_demands)
            for block in self.program.blocks:
                duals = proof.duals[block.start : block.stop]
                if block.rule == "assign_once":
                    prices[block.index[:, 0]] = duals
                elif block.rule == "line_capacity":
                    per_unit = np.maximum(-duals, 0.0) / self.program.row_scale[block.start : block.stop]
                    self.room_price[block.index[:, 0]] = per_unit / MICRO
            self.ascent.run(prices, shared.spent() + ASCENT_SHARE)
            proof.least = self.ascent.least

    def _search(self, searcher: Searcher, share: float, most: float = math.inf) -> None:
        """Anneal over the pairs that may pay, again and again; neighbourhoods in between where they gain."""
        shared = self.shared
        if shared.stop() or not self.ascent.steps:
            return
        seed = shared.params.seed + (searcher is not self.searcher)
        shifts = Shifts(self.data, self.ascent.cost, self.ascent.prices, self.room_price, shared, seed)
        lns = Lns(self.program, searcher, shared, seed, self.ascent.reduced_costs())
        seconds, rounds = FIRST_S, 0

        def offer(provider: Ints) -> None:
            """Have a plan checked by the kernels of the rules, and hold it."""
            searcher.take(Choice(provider, np.full(len(provider), -1)))

        while not shared.stop() and shared.spent() < share and rounds < most:
            again = rounds > 0
            shifts.follow(self.ascent.least, self.ascent.worth(shared.objective, WORTH))
            shifts.begin_at(shared.choice.provider if again and shared.choice else self.ascent.preferred())
            shifts.run(self._share(ROUND_SHARE, seconds), AGAIN if again else HOT, COLD, offer)
            if self.problem.n_pairs <= LARGE:
                lns.run(min(share, shared.spent() + LNS_SHARE), LNS_STEPS)
            seconds *= LONGER
            rounds += 1
        shared.stats["neighbourhoods"] = lns.steps

    def _share(self, share: float, seconds: float) -> Callable[[], float]:
        """What is done of a share of the budget, and of so many seconds at most."""
        shared = self.shared
        spent, began = shared.spent(), shared.elapsed()

        def done() -> float:
            used = (shared.spent() - spent) / share
            return used if shared.deterministic else max(used, (shared.elapsed() - began) / seconds)

        return done


def guesses(proof: Proof, shared: SharedState, known: float, share: float = SHARE, rounds: float = math.inf) -> None:
    """Solve what could hold a plan of a guessed cost, and wider, until the plan held is the guess.

    Parameters
    ----------
    proof : Proof
        With its bounds by pair.
    shared : SharedState
    known : float
        Best bound known without search.
    share : float
        Share of what is left of the budget that one guess may take.
    rounds : float
        Guesses at most. All that is left follows when a plan is held within the next guess.
    """
    gap = max(FIRST_GUESS * abs(known), 1.0)
    while not shared.stop() and rounds > 0:
        cut = max(known, shared.bound) + gap
        if cut >= shared.objective:
            break
        shared.phase = "guess"
        proof.finish(cut, share)
        gap *= WIDER
        rounds -= 1
    if not shared.stop() and rounds > 0:
        shared.phase = "exact"
        proof.finish(share=1.0 if rounds == math.inf else share)
