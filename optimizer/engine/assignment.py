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

from optimizer.arrays.problem import Choice
from optimizer.engine.ascent import Ascent, costs_are_whole
from optimizer.engine.beside import Beside
from optimizer.engine.data import MICRO
from optimizer.engine.lns import Lns
from optimizer.engine.proof import Proof
from optimizer.engine.search import Searcher
from optimizer.engine.shifts import Shifts
from optimizer.formulation.build import build_program

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from optimizer.arrays.problem import Problem
    from optimizer.engine.board import Board
    from optimizer.engine.data import Data

    Ints = NDArray[np.int64]

__all__ = ["ASSIGNMENT_PAIRS", "Assigning", "is_generalised_assignment"]

ASSIGNMENT_PAIRS = 300_000
"""Pairs up to which the relaxation is solved as a linear program."""

FIRST_GUESS, WIDER = 5e-5, 2.0
"""First guessed gap between bound and best plan, as a share of the bound; growth from guess to guess."""
SHARE = 0.3
"""Share of what is left of the budget that one guess may take."""
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
    board : Board
    """

    def __init__(self, problem: Problem, data: Data, searcher: Searcher, board: Board) -> None:
        self.problem, self.data, self.searcher, self.board = problem, data, searcher, board
        self.program = build_program(problem)
        self.ascent = Ascent(problem, data, board)
        self.room_price = np.zeros(problem.n_providers)
        self.priced = threading.Event()

    def run(self) -> None:
        """Go on until the board says stop or the best plan is proven."""
        board = self.board
        board.whole = costs_are_whole(self.problem)
        board.phase = "search"
        if board.params.threads > 1 and not board.deterministic:
            other = Searcher(self.problem, self.data, board, board.params.seed + 1)
            thread = Beside(lambda: self._prove(other))
            thread.start()
            self.searcher.run(lambda: 1.0 if self.priced.is_set() else 0.5)
            self.priced.wait()
            self._search(math.inf)
            thread.finish()
        else:
            self.searcher.run(self._share(0.02, 1.0))
            proof = Proof(self.program, self.searcher, board)
            self._price(proof)
            self._search(board.spent() + SEARCH_SHARE)
            guesses(proof, board, lambda: self.ascent.bound)

    def _prove(self, searcher: Searcher) -> None:
        """Relaxation, prices, then guesses to the end."""
        proof = Proof(self.program, searcher, self.board)
        try:
            self._price(proof)
        finally:
            self.priced.set()
        guesses(proof, self.board, lambda: self.ascent.bound)

    def _price(self, proof: Proof) -> None:
        board = self.board
        if not board.stop():
            board.phase = "relaxation"
            proof.relax(0.3)
        if proof.duals is not None and not board.stop():
            board.phase = "prices"
            prices = np.zeros(self.problem.n_demands)
            for block in self.program.blocks:
                duals = proof.duals[block.start : block.stop]
                if block.rule == "assign_once":
                    prices[block.index[:, 0]] = duals
                elif block.rule == "line_capacity":
                    per_unit = np.maximum(-duals, 0.0) / self.program.row_scale[block.start : block.stop]
                    self.room_price[block.index[:, 0]] = per_unit / MICRO
            self.ascent.run(prices, board.spent() + ASCENT_SHARE)
            proof.least = self.ascent.least

    def _search(self, share: float) -> None:
        """Anneal over the pairs that may pay, again and again, neighbourhoods in between."""
        board = self.board
        if board.stop() or not self.ascent.steps:
            return
        shifts = Shifts(self.data, self.ascent.cost, self.ascent.prices, self.room_price, board, board.params.seed)
        lns = Lns(self.program, self.searcher, board, board.params.seed, self.ascent.guide())
        seconds, rounds = FIRST_S, 0
        while not board.stop() and board.spent() < share:
            again = rounds > 0
            shifts.follow(self.ascent.least, self.ascent.worth(board.objective, WORTH))
            shifts.begin_at(board.choice.provider if again and board.choice else self.ascent.preferred())
            shifts.run(self._share(ROUND_SHARE, seconds), AGAIN if again else HOT, COLD, self._offer)
            lns.run(min(share, board.spent() + LNS_SHARE), LNS_STEPS)
            seconds *= LONGER
            rounds += 1
        board.stats["neighbourhoods"] = lns.steps

    def _offer(self, provider: Ints) -> None:
        """Have a plan checked by the kernels of the rules, and hold it."""
        self.searcher.take(Choice(provider, np.full(len(provider), -1)))

    def _share(self, share: float, seconds: float) -> Callable[[], float]:
        """What is done of a share of the budget, and of so many seconds at most."""
        board = self.board
        spent, began = board.spent(), board.elapsed()

        def done() -> float:
            used = (board.spent() - spent) / share
            return used if board.deterministic else max(used, (board.elapsed() - began) / seconds)

        return done


def guesses(proof: Proof, board: Board, bound: Callable[[], float]) -> None:
    """Solve what could hold a plan of a guessed cost, and wider, until the plan held is the guess.

    Parameters
    ----------
    proof : Proof
        With its bounds by pair.
    board : Board
    bound : callable
        Best bound known without search.
    """
    gap = max(FIRST_GUESS * abs(bound()), 1.0)
    while not board.stop():
        cut = max(bound(), board.bound) + gap
        if cut >= board.objective:
            break
        board.phase = "guess"
        proof.finish(cut, SHARE)
        gap *= WIDER
    if not board.stop():
        board.phase = "exact"
        proof.finish()
