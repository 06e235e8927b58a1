"""One solve of the engine: phases, budget, threads, and what comes back."""

from __future__ import annotations

import math
import resource
import threading
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.conditions import keep_pairs
from optimizer.model.formulate import build_program
from optimizer.solvers.base import Outcome
from optimizer.solvers.engine.amounts import resourced
from optimizer.solvers.engine.assignment.assigning import ASSIGNMENT_PAIRS, Assigning, is_generalised_assignment
from optimizer.solvers.engine.beside import Beside
from optimizer.solvers.engine.board import Board
from optimizer.solvers.engine.data import pack
from optimizer.solvers.engine.location.problem import is_location
from optimizer.solvers.engine.location.solve import solve_location
from optimizer.solvers.engine.neighbourhoods.lns import Lns
from optimizer.solvers.engine.presolve import possible_pairs
from optimizer.solvers.engine.pricing.dive import BOLD, CAREFUL, Dive
from optimizer.solvers.engine.pricing.early import Pricing
from optimizer.solvers.engine.pricing.guide import Guide, no_guide
from optimizer.solvers.engine.programs.proof import LEFT_COLUMNS, Proof
from optimizer.solvers.engine.search.searcher import HOT, Searcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.aliases import Ints
    from optimizer.solvers.base import Request

__all__ = ["Run"]

SMALL_PAIRS = 3000
"""Pairs up to which the whole program goes to HiGHS after a short search."""
TINY_PAIRS, SMALL_STEPS = 300, 40
"""Pairs up to which nothing else is tried; neighbourhoods before the hand-over of larger ones."""
LP_PAIRS = 12_000
"""Pairs up to which the linear relaxation of the whole program is tried; it takes minutes beyond."""
PROGRAM_PAIRS = 100_000
"""Pairs up to which neighbourhoods pay; a longer anneal gives more beyond (0.49 against 0.55 % on 240,000 pairs)."""
AGAIN_SHARE = 0.1
PRICES_SHARE, MORE_PRICES_SHARE = 0.2, 0.55
"""Share of the budget at most for prices: before the search from them begins, and in all."""
FIRST_SHARE, FIRST_S = 0.05, 3.0
SEARCH_SHARE, SEARCH_S = 0.15, 15.0
"""Share of the budget, and seconds at most, of annealing: for a first plan, and from the prices."""
PRICED_HOT, DIVED_HOT, WARM_HOT, LARGE_HOT = 0.3, 0.1, 0.02, 0.3
"""First temperature from the prices, from decided lines, and from a start that was given (see ``search.HOT``);
factor for large cases."""
DIVE_SHARE = 0.15
"""Share of the budget to decide in which lines are open."""
RELIEVED = 300_000
"""Demands from which broken rules are mended in order before the search: chance moves take too long there."""
NEAR_START = 0.03
"""Gap up to which a start is taken as good: neighbourhoods follow at once."""


class Run:
    """One solve, phase by phase."""

    def __init__(self, request: Request, board: Board) -> None:
        self.request, self.board = request, board
        self.problem = keep_pairs(request.problem, possible_pairs(request.problem))
        self.start_used: bool | None = None
        self.dives: list[Dive] = []

    def run(self) -> Outcome:
        board = self.board
        if (np.diff(self.problem.pairs.start) == 0).any():
            board.infeasible = True
            board.stats["reason"] = "a demand that no eligible provider has room for, or a lock that cannot be kept"
            return self.outcome()
        amounts = resourced(self.problem)
        self.data = pack(self.problem, amounts)
        self.outer = pack(self.problem, resourced(self.problem, outwards=True)) if amounts.rounded else self.data
        self.searcher = Searcher(self.problem, self.data, board, board.params.seed)
        if not self.problem.n_demands:
            return self._empty()
        self._begin()
        if not board.stop():
            self._improve()
        return self.outcome()

    def _empty(self) -> Outcome:
        """Nothing is to be served: there is one plan, and what it costs is the bound."""
        self.searcher.construct()
        if self.board.choice is None:
            self.board.why = "finished"
        else:
            self.board.raise_bound(self.board.objective)
        return self.outcome()

    def _begin(self) -> None:
        """First plan: the start as it is, then repaired, or built from nothing."""
        self.board.phase = "construction"
        start = self.request.start
        if start is not None:
            self.start_used = self.searcher.take(start) < math.inf
        if start is None and self._large() and self.board.params.threads > 1:
            return  # beside the prices, see _first_plan
        self.searcher.construct(start)
        if start is not None and self.board.choice is None:
            self.searcher.relieve()
            if self.board.choice is None:
                self.searcher.construct()

    def _improve(self) -> None:
        plain = self.outer is self.data  # what is made for one kind of problem takes whole numbers as they are
        if plain and is_location(self.problem):
            solve_location(self.problem, self.searcher, self.board)
        elif (
            plain and TINY_PAIRS < self.problem.n_pairs <= ASSIGNMENT_PAIRS and is_generalised_assignment(self.problem)
        ):
            Assigning(self.problem, self.data, self.searcher, self.board).run()
        elif self.problem.n_pairs <= SMALL_PAIRS:
            self._small()
        elif self.board.params.threads > 1 and not self.board.deterministic:
            self._side_by_side()
        else:
            self._in_turn()

    def _small(self) -> None:
        """Short search, then the whole program to the end, with neighbourhoods before or beside it."""
        board = self.board
        board.phase = "search"
        self._search(self.searcher, 0.1, FIRST_S, 10 * HOT)
        program, guide = build_program(self.problem), no_guide(self.problem)
        if self.problem.n_pairs > TINY_PAIRS and not board.stop():
            pricing = Pricing(self.problem, self.outer, board)
            pricing.run(board.spent() + FIRST_SHARE)
            guide = pricing.guide()
            self._from_prices(self.searcher, pricing, FIRST_S)
        if self.problem.n_pairs <= TINY_PAIRS or board.choice is None:
            self._exact(Proof(program, self.searcher, board))
        elif board.params.threads > 1 and not board.deterministic:
            other = Searcher(self.problem, self.data, board, board.params.seed + 1)
            thread = Beside(lambda: self._exact(Proof(program, other, board)))
            thread.start()
            Lns(program, self.searcher, board, board.params.seed, guide).run()
            thread.finish()
        else:
            board.phase = "neighbourhoods"
            Lns(program, self.searcher, board, board.params.seed, guide).run(board.spent() + FIRST_SHARE, SMALL_STEPS)
            self._exact(Proof(program, self.searcher, board))

    def _exact(self, proof: Proof) -> None:
        """Relaxation, then all that its reduced costs leave, to HiGHS."""
        if not self.board.stop():
            self.board.phase = "relaxation"
            proof.relax()
        if not self.board.stop():
            self.board.phase = "exact"
            proof.finish()

    def _search(self, searcher: Searcher, share: float, seconds: float, hot: float) -> None:
        """Anneal for a share of the budget, at most so many seconds."""
        board = self.board
        began_spent, began = board.spent(), board.elapsed()

        def done() -> float:
            used = (board.spent() - began_spent) / share
            return used if board.deterministic else max(used, (board.elapsed() - began) / seconds)

        searcher.run(done, hot)

    def _from_prices(self, searcher: Searcher, pricing: Pricing, most_s: float = SEARCH_S) -> None:
        """Anneal from what the relaxation prefers; go on from a start that was given when it is near the bound."""
        board = self.board
        board.phase = "search"
        share = max(0.01, 1.0 - board.spent()) if self._large() else SEARCH_SHARE
        seconds = math.inf if self._large() else most_s
        searcher.follow(pricing.guide().used)
        if board.choice is not None and self._start_is_near():
            searcher.take(board.choice)
            if self._large():
                self._search(searcher, share, seconds, WARM_HOT)
        else:
            self._begin_at(searcher, pricing.preferred())
            self._search(searcher, share, seconds, LARGE_HOT * PRICED_HOT if self._large() else PRICED_HOT)

    def _begin_at(self, searcher: Searcher, preferred: Ints) -> None:
        """Load what a relaxation prefers; a plan at once, by mending, where none is held or chance would take long."""
        searcher.begin_at(preferred)
        if self.board.choice is not None and self.problem.n_demands <= RELIEVED:
            return
        searcher.relieve()
        if self.board.choice is not None and self.problem.n_demands <= RELIEVED:
            searcher.begin_at(preferred)

    def _start_is_near(self) -> bool:
        """Whether a plan like the start is so good that annealing would only lose it."""
        board = self.board
        return self.request.start is not None and board.objective - board.bound <= NEAR_START * abs(board.objective)

    def _first_plan(self, enough: Callable[[], bool] = lambda: False) -> None:
        """A feasible plan soon, before the prices are known."""
        self.board.phase = "search"
        if self._large() and self.request.start is None:
            self.searcher.construct(enough=enough)
        if self.board.choice is None and not enough():
            hot = PRICED_HOT if self.request.start is None else WARM_HOT
            self._search(self.searcher, FIRST_SHARE, FIRST_S, hot)

    def _in_turn(self) -> None:
        """One thread: prices, lines, search, relaxation, neighbourhoods, exact end."""
        board = self.board
        self._first_plan()
        board.phase = "prices"
        pricing = Pricing(self.problem, self.outer, board)
        pricing.run(board.spent() + PRICES_SHARE)
        self._dive(pricing, CAREFUL)
        self._refine(self.searcher, self._from_lines(self.searcher, pricing), board.params.seed, proves=True)

    def _side_by_side(self) -> None:
        """Two threads: prices and lines beside a first plan; then search and neighbourhoods in both."""
        board, priced = self.board, threading.Event()
        other = Searcher(self.problem, self.data, board, board.params.seed + 1)
        pricing = Pricing(self.problem, self.outer, board)

        def beside() -> None:
            try:
                pricing.run(PRICES_SHARE)
            finally:
                priced.set()
            self._dive(pricing, CAREFUL)
            pricing.run(MORE_PRICES_SHARE)
            self._refine(other, self._from_lines(other, pricing), board.params.seed + 1, proves=True)

        thread = Beside(beside)
        thread.start()
        self._first_plan(priced.is_set)
        self.searcher.run(lambda: 1.0 if priced.is_set() else 0.9)
        priced.wait()
        if math.isfinite(pricing.best):
            if not self._large():
                self._from_prices(self.searcher, pricing, FIRST_S)
            self._dive(pricing, BOLD)
            self._refine(self.searcher, self._from_lines(self.searcher, pricing), board.params.seed, proves=False)
        thread.finish()

    def _dive(self, pricing: Pricing, each: float) -> None:
        """Decide which lines are open; large cases and good starts go without."""
        if self._large() or self._start_is_near() or self.board.stop():
            return
        dive = Dive(pricing, self.board)
        dive.run(DIVE_SHARE, each)
        self.dives.append(dive)

    def _from_lines(self, searcher: Searcher, pricing: Pricing) -> Guide:
        """Anneal from the best decisions on lines so far; what the relaxation advises with them."""
        if not self.dives:
            self._from_prices(searcher, pricing)
            return pricing.guide()
        best = min(self.dives, key=lambda dive: dive.value)
        guide = best.guide()
        searcher.follow(guide.used)
        self._begin_at(searcher, best.preferred())
        self.board.phase = "search"
        self._search(searcher, SEARCH_SHARE, SEARCH_S, DIVED_HOT)
        return guide

    def _refine(self, searcher: Searcher, guide: Guide, seed: int, *, proves: bool) -> None:
        """Neighbourhoods to the end where the program fits into memory; more search where it does not."""
        board = self.board
        if board.stop():
            return
        if self._large():
            while not board.stop():
                searcher.restart()
                self._search(searcher, AGAIN_SHARE, math.inf, WARM_HOT)
            return
        program = build_program(self.problem)
        proof = Proof(program, searcher, board)
        if board.choice is None:
            board.phase = "feasibility"
            proof.feasible()
        if proves and not board.stop() and self._lp_fits():
            proof.relax(0.5)
        lns = Lns(program, searcher, board, seed, guide)
        board.phase = "neighbourhoods"
        while not board.stop() and board.choice is not None:
            if proves and lns.steps % 50 == 10 and self._worth_finishing(proof):
                proof.finish()
            lns.step()
        board.stats[f"neighbourhoods_{seed}"] = lns.steps

    def _large(self) -> bool:
        """Whether there is no room for the program, so that annealing goes on to the end."""
        return self.problem.n_pairs > PROGRAM_PAIRS

    def _lp_fits(self) -> bool:
        """Whether the linear relaxation is small enough to be worth its time beside the prices."""
        left = self.board.left()
        if self.board.deterministic or left is None:
            return self.problem.n_pairs <= LP_PAIRS
        return self.problem.n_pairs <= min(LP_PAIRS, 100 * left)

    def _worth_finishing(self, proof: Proof) -> bool:
        if proof.reduced is None:
            return False
        left = proof.left_over()
        return left is None or len(left.columns) <= LEFT_COLUMNS

    def outcome(self) -> Outcome:
        """Why it stopped, what is held, what bound is claimed."""
        board = self.board
        if board.why is None:
            board.stop()
        why = board.why or "finished"
        found = board.choice is not None
        board.stats["seconds"] = board.elapsed()
        return Outcome(
            stopped_by=why,
            detail=f"engine: {board.phase or 'no phase'}",
            choice=board.choice,
            objective=board.objective if found else None,
            bound=board.bound if math.isfinite(board.bound) else None,
            infeasible=board.infeasible and not found,
            start_used=self.start_used,
            work=board.work,
            peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            stats=dict(board.stats),
        )
