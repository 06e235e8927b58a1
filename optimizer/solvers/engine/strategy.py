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
from optimizer.solvers.engine.data import pack
from optimizer.solvers.engine.location.problem import is_location
from optimizer.solvers.engine.location.solve import solve_location
from optimizer.solvers.engine.neighbourhoods.lns import Lns
from optimizer.solvers.engine.presolve import possible_pairs
from optimizer.solvers.engine.pricing.dive import BOLD, CAREFUL, Dive
from optimizer.solvers.engine.pricing.reduced_costs import ReducedCosts, no_reduced_costs
from optimizer.solvers.engine.pricing.root_bound import Pricing
from optimizer.solvers.engine.programs.proof import LEFT_COLUMNS, Proof
from optimizer.solvers.engine.search.searcher import HOT, Searcher
from optimizer.solvers.engine.shared_state import SharedState

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

    def __init__(self, request: Request, shared: SharedState) -> None:
        self.request, self.shared = request, shared
        self.problem = keep_pairs(request.problem, possible_pairs(request.problem))
        self.start_used: bool | None = None
        self.dives: list[Dive] = []

    def run(self) -> Outcome:
        shared = self.shared
        if (np.diff(self.problem.pairs.start) == 0).any():
            shared.infeasible = True
            shared.stats["reason"] = "a demand that no eligible provider has room for, or a lock that cannot be kept"
            return self.outcome()
        amounts = resourced(self.problem)
        self.data = pack(self.problem, amounts)
        self.outer = pack(self.problem, resourced(self.problem, outwards=True)) if amounts.rounded else self.data
        self.searcher = Searcher(self.problem, self.data, shared, shared.params.seed)
        if not self.problem.n_demands:
            return self._empty()
        self._begin()
        if not shared.stop():
            self._improve()
        return self.outcome()

    def _empty(self) -> Outcome:
        """Nothing is to be served: there is one plan, and what it costs is the bound."""
        self.searcher.construct()
        if self.shared.choice is None:
            self.shared.why = "finished"
        else:
            self.shared.raise_bound(self.shared.objective)
        return self.outcome()

    def _begin(self) -> None:
        """First plan: the start as it is, then repaired, or built from nothing."""
        self.shared.phase = "construction"
        start = self.request.start
        if start is not None:
            self.start_used = self.searcher.take(start) < math.inf
        if start is None and self._large() and self.shared.params.threads > 1:
            return  # beside the prices, see _first_plan
        self.searcher.construct(start)
        if start is not None and self.shared.choice is None:
            self.searcher.relieve()
            if self.shared.choice is None:
                self.searcher.construct()

    def _improve(self) -> None:
        plain = self.outer is self.data  # what is made for one kind of problem takes whole numbers as they are
        if plain and is_location(self.problem):
            solve_location(self.problem, self.searcher, self.shared)
        elif (
            plain and TINY_PAIRS < self.problem.n_pairs <= ASSIGNMENT_PAIRS and is_generalised_assignment(self.problem)
        ):
            Assigning(self.problem, self.data, self.searcher, self.shared).run()
        elif self.problem.n_pairs <= SMALL_PAIRS:
            self._small()
        elif self.shared.params.threads > 1 and not self.shared.deterministic:
            self._side_by_side()
        else:
            self._in_turn()

    def _small(self) -> None:
        """Short search, then the whole program to the end, with neighbourhoods before or beside it."""
        shared = self.shared
        shared.phase = "search"
        self._search(self.searcher, 0.1, FIRST_S, 10 * HOT)
        program, reduced_costs = build_program(self.problem), no_reduced_costs(self.problem)
        if self.problem.n_pairs > TINY_PAIRS and not shared.stop():
            pricing = Pricing(self.problem, self.outer, shared)
            pricing.run(shared.spent() + FIRST_SHARE)
            reduced_costs = pricing.reduced_costs()
            self._from_prices(self.searcher, pricing, FIRST_S)
        if self.problem.n_pairs <= TINY_PAIRS or shared.choice is None:
            self._exact(Proof(program, self.searcher, shared))
        elif shared.params.threads > 1 and not shared.deterministic:
            other = Searcher(self.problem, self.data, shared, shared.params.seed + 1)
            thread = Beside(lambda: self._exact(Proof(program, other, shared)))
            thread.start()
            Lns(program, self.searcher, shared, shared.params.seed, reduced_costs).run()
            thread.finish()
        else:
            shared.phase = "neighbourhoods"
            Lns(program, self.searcher, shared, shared.params.seed, reduced_costs).run(
                shared.spent() + FIRST_SHARE, SMALL_STEPS
            )
            self._exact(Proof(program, self.searcher, shared))

    def _exact(self, proof: Proof) -> None:
        """Relaxation, then all that its reduced costs leave, to HiGHS."""
        if not self.shared.stop():
            self.shared.phase = "relaxation"
            proof.relax()
        if not self.shared.stop():
            self.shared.phase = "exact"
            proof.finish()

    def _search(self, searcher: Searcher, share: float, seconds: float, hot: float) -> None:
        """Anneal for a share of the budget, at most so many seconds."""
        shared = self.shared
        began_spent, began = shared.spent(), shared.elapsed()

        def done() -> float:
            used = (shared.spent() - began_spent) / share
            return used if shared.deterministic else max(used, (shared.elapsed() - began) / seconds)

        searcher.run(done, hot)

    def _from_prices(self, searcher: Searcher, pricing: Pricing, most_s: float = SEARCH_S) -> None:
        """Anneal from what the relaxation prefers; go on from a start that was given when it is near the bound."""
        shared = self.shared
        shared.phase = "search"
        share = max(0.01, 1.0 - shared.spent()) if self._large() else SEARCH_SHARE
        seconds = math.inf if self._large() else most_s
        searcher.follow(pricing.reduced_costs().used)
        if shared.choice is not None and self._start_is_near():
            searcher.take(shared.choice)
            if self._large():
                self._search(searcher, share, seconds, WARM_HOT)
        else:
            self._begin_at(searcher, pricing.preferred())
            self._search(searcher, share, seconds, LARGE_HOT * PRICED_HOT if self._large() else PRICED_HOT)

    def _begin_at(self, searcher: Searcher, preferred: Ints) -> None:
        """Load what a relaxation prefers; a plan at once, by mending, where none is held or chance would take long."""
        searcher.begin_at(preferred)
        if self.shared.choice is not None and self.problem.n_demands <= RELIEVED:
            return
        searcher.relieve()
        if self.shared.choice is not None and self.problem.n_demands <= RELIEVED:
            searcher.begin_at(preferred)

    def _start_is_near(self) -> bool:
        """Whether a plan like the start is so good that annealing would only lose it."""
        shared = self.shared
        return self.request.start is not None and shared.objective - shared.bound <= NEAR_START * abs(shared.objective)

    def _first_plan(self, enough: Callable[[], bool] = lambda: False) -> None:
        """A feasible plan soon, before the prices are known."""
        self.shared.phase = "search"
        if self._large() and self.request.start is None:
            self.searcher.construct(enough=enough)
        if self.shared.choice is None and not enough():
            hot = PRICED_HOT if self.request.start is None else WARM_HOT
            self._search(self.searcher, FIRST_SHARE, FIRST_S, hot)

    def _in_turn(self) -> None:
        """One thread: prices, lines, search, relaxation, neighbourhoods, exact end."""
        shared = self.shared
        self._first_plan()
        shared.phase = "prices"
        pricing = Pricing(self.problem, self.outer, shared)
        pricing.run(shared.spent() + PRICES_SHARE)
        self._dive(pricing, CAREFUL)
        self._refine(self.searcher, self._from_lines(self.searcher, pricing), shared.params.seed, proves=True)

    def _side_by_side(self) -> None:
        """Two threads: prices and lines beside a first plan; then search and neighbourhoods in both."""
        shared, priced = self.shared, threading.Event()
        other = Searcher(self.problem, self.data, shared, shared.params.seed + 1)
        pricing = Pricing(self.problem, self.outer, shared)

        def beside() -> None:
            try:
                pricing.run(PRICES_SHARE)
            finally:
                priced.set()
            self._dive(pricing, CAREFUL)
            pricing.run(MORE_PRICES_SHARE)
            self._refine(other, self._from_lines(other, pricing), shared.params.seed + 1, proves=True)

        thread = Beside(beside)
        thread.start()
        self._first_plan(priced.is_set)
        self.searcher.run(lambda: 1.0 if priced.is_set() else 0.9)
        priced.wait()
        if math.isfinite(pricing.best):
            if not self._large():
                self._from_prices(self.searcher, pricing, FIRST_S)
            self._dive(pricing, BOLD)
            self._refine(self.searcher, self._from_lines(self.searcher, pricing), shared.params.seed, proves=False)
        thread.finish()

    def _dive(self, pricing: Pricing, each: float) -> None:
        """Decide which lines are open; large cases and good starts go without."""
        if self._large() or self._start_is_near() or self.shared.stop():
            return
        dive = Dive(pricing, self.shared)
        dive.run(DIVE_SHARE, each)
        self.dives.append(dive)

    def _from_lines(self, searcher: Searcher, pricing: Pricing) -> ReducedCosts:
        """Anneal from the best decisions on lines so far; what the relaxation advises with them."""
        if not self.dives:
            self._from_prices(searcher, pricing)
            return pricing.reduced_costs()
        best = min(self.dives, key=lambda dive: dive.value)
        reduced_costs = best.reduced_costs()
        searcher.follow(reduced_costs.used)
        self._begin_at(searcher, best.preferred())
        self.shared.phase = "search"
        self._search(searcher, SEARCH_SHARE, SEARCH_S, DIVED_HOT)
        return reduced_costs

    def _refine(self, searcher: Searcher, reduced_costs: ReducedCosts, seed: int, *, proves: bool) -> None:
        """Neighbourhoods to the end where the program fits into memory; more search where it does not."""
        shared = self.shared
        if shared.stop():
            return
        if self._large():
            while not shared.stop():
                searcher.restart()
                self._search(searcher, AGAIN_SHARE, math.inf, WARM_HOT)
            return
        program = build_program(self.problem)
        proof = Proof(program, searcher, shared)
        if shared.choice is None:
            shared.phase = "feasibility"
            proof.feasible()
        if proves and not shared.stop() and self._lp_fits():
            proof.relax(0.5)
        lns = Lns(program, searcher, shared, seed, reduced_costs)
        shared.phase = "neighbourhoods"
        while not shared.stop() and shared.choice is not None:
            if proves and lns.steps % 50 == 10 and self._worth_finishing(proof):
                proof.finish()
            lns.step()
        shared.stats[f"neighbourhoods_{seed}"] = lns.steps

    def _large(self) -> bool:
        """Whether there is no room for the program, so that annealing goes on to the end."""
        return self.problem.n_pairs > PROGRAM_PAIRS

    def _lp_fits(self) -> bool:
        """Whether the linear relaxation is small enough to be worth its time beside the prices."""
        left = self.shared.left()
        if self.shared.deterministic or left is None:
            return self.problem.n_pairs <= LP_PAIRS
        return self.problem.n_pairs <= min(LP_PAIRS, 100 * left)

    def _worth_finishing(self, proof: Proof) -> bool:
        if proof.reduced is None:
            return False
        left = proof.left_over()
        return left is None or len(left.columns) <= LEFT_COLUMNS

    def outcome(self) -> Outcome:
        """Why it stopped, what is held, what bound is claimed."""
        shared = self.shared
        if shared.why is None:
            shared.stop()
        why = shared.why or "finished"
        found = shared.choice is not None
        shared.stats["seconds"] = shared.elapsed()
        return Outcome(
            stopped_by=why,
            detail=f"engine: {shared.phase or 'no phase'}",
            choice=shared.choice,
            objective=shared.objective if found else None,
            bound=shared.bound if math.isfinite(shared.bound) else None,
            infeasible=shared.infeasible and not found,
            start_used=self.start_used,
            work=shared.work,
            peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            stats=dict(shared.stats),
        )
