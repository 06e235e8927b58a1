"""Fewest moves: the least number of demands that change provider in any plan that keeps the rules."""

from __future__ import annotations

import dataclasses
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.evaluate import evaluate
from optimizer.solvers import registry
from optimizer.solvers.accept.confirm import check_claims, serves_all
from optimizer.solvers.accept.solve import Job, Seen, Watch, run_until_exact, solve
from optimizer.verify.checker import Evaluator

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.domain.params import SolveParams
    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem

__all__ = ["MAX_PAIRS_EXACT", "FewestMoves", "fewest_moves", "forced_moves"]

MAX_PAIRS_EXACT = 200_000
"""Eligible pairs up to which the whole program is given to an exact solver: without tiers, relations
and hand-overs it is far smaller than the program of the cost."""

DEFAULT_LIMIT_S = 60.0
_NEAR = 1e-6


@dataclass(frozen=True, eq=False)
class FewestMoves:
    """What is known about the least number of moves, m*: lower ≤ m* ≤ upper.

    Parameters
    ----------
    lower : int
        No plan that keeps the rules has fewer moves.
    upper : int, optional
        Moves of ``choice``; ``None`` when no plan is held.
    choice : Choice, optional
        A plan with ``upper`` moves that keeps every rule exactly.
    infeasible : bool
        It is proven that no plan keeps every rule.
    reason : str
        How the two ends are known, in words.
    backend : str
    seconds : float
    """

    lower: int
    upper: int | None
    choice: Choice | None
    infeasible: bool
    reason: str
    backend: str
    seconds: float

    @property
    def proven(self) -> bool:
        """Both ends meet."""
        return self.upper == self.lower


def forced_moves(problem: Problem) -> int:
    """Demands that must leave today's provider in every plan: it is not eligible, or another one is locked."""
    today = problem.current
    served = np.flatnonzero(today >= 0)
    gone = problem.pair_index(served, today[served]) < 0
    locked = problem.locked[served]
    return int((gone | ((locked >= 0) & (locked != today[served]))).sum())


def fewest_moves(
    case: Case, problem: Problem, params: SolveParams, *, start: Choice | None = None, watch: Watch | None = None
) -> FewestMoves:
    """The least number of moves, proven or as an interval.

    The forced moves are a lower end by counting. When the start does not reach it, an exact solver
    minimises moves over the whole program. Where that one has no plan in its time, or the case is
    beyond ``MAX_PAIRS_EXACT``, the search for least cost with a price on each move gives the upper end.

    Parameters
    ----------
    case, problem : Case, Problem
        Without the rule ``max_moves``: it is about to be derived from the answer.
    params : SolveParams
        An exact backend is used as asked; for ``engine`` and ``auto`` the exact part is done by HiGHS, under a
        work limit by CP-SAT, which can count its work. The limit holds for each of the two parts (60 s when
        there is none); under a work limit no clock decides.
    start : Choice, optional
        A plan to start from.
    watch : Watch, optional
    """
    watch, began = watch or Watch(), time.monotonic()
    evaluator = Evaluator(case)
    low = forced_moves(problem)
    found = _Found(low, problem)
    if start is not None and serves_all(start) and not evaluator.violations(problem.decode(start)):
        found.take(start)
    backend, how = "none", "nothing moves but what must: today's provider cannot keep it, or a decision moves it"
    unlimited = params.time_limit_s is None and params.work_limit is None
    limit = DEFAULT_LIMIT_S if unlimited else params.time_limit_s
    limited = dataclasses.replace(params, time_limit_s=limit, gap_rel=0.0)
    exact = _exact_params(limited)
    if found.upper != found.lower and problem.n_pairs <= MAX_PAIRS_EXACT and exact is not None:
        backend, how = _exactly(case, problem, exact, found, watch)
    if found.upper is None and not found.infeasible and not watch.stopped:
        backend, how = _by_price(case, problem, limited, found, watch)
    if found.upper is not None and found.upper != found.lower:
        how += f"; {found.lower} is proven from below"
    return FewestMoves(found.lower, found.upper, found.choice, found.infeasible, how, backend, time.monotonic() - began)


def _exact_params(params: SolveParams) -> SolveParams | None:
    """Who minimises moves over the whole program; ``None``: nobody here can count work."""
    if params.backend not in ("auto", "engine"):
        return params
    if params.work_limit is None:
        return dataclasses.replace(params, backend="highs", backend_options={})
    if "cpsat" not in registry.available():
        return None
    return dataclasses.replace(params, backend="cpsat", backend_options={})


class _Found:
    """The two ends as they close in."""

    def __init__(self, lower: int, problem: Problem) -> None:
        self.lower, self.infeasible = lower, False
        self.upper: int | None = None
        self.choice: Choice | None = None
        self._problem = problem

    def take(self, choice: Choice) -> None:
        """Keep a plan that holds exactly when it moves less, or costs less at as many moves."""
        seen = evaluate(self._problem, choice)
        moves = int(seen.moves.sum())
        if self.choice is not None and self.upper is not None:
            before = (self.upper, evaluate(self._problem, self.choice).total)
            if (moves, seen.total) >= before:
                return
        self.upper, self.choice = moves, choice


def _exactly(case: Case, problem: Problem, params: SolveParams, found: _Found, watch: Watch) -> tuple[str, str]:
    """Minimise moves over the whole program."""
    backend = params.backend
    seen = Seen(dataclasses.replace(watch, on_incumbent=None), problem)  # its objective counts moves, not money
    job = Job(problem, params, backend, Evaluator(case), dataclasses.replace(watch, on_progress=seen), time.monotonic())
    outcome = run_until_exact(job, found.choice, objective="moves")
    best = seen.best_exact(job, outcome.choice)
    if best is not None:
        found.take(best)
    if not watch.stopped:
        asked = dataclasses.replace(job.asked("moves"), closed=1 - _NEAR)  # moves are whole
        checked = check_claims(asked, outcome, found.choice)
        outcome = checked.outcome
        if checked.choice is not None:
            found.take(checked.choice)
    if outcome.bound is not None and math.isfinite(outcome.bound):
        claimed = math.ceil(outcome.bound - _NEAR)
        if found.upper is None or claimed <= found.upper:  # a plan in hand refutes a bound above it
            found.lower = max(found.lower, claimed)
    found.infeasible = outcome.infeasible and found.choice is None
    if found.infeasible:
        return backend, f"{backend} proves that no plan keeps every rule"
    if found.upper == found.lower:
        return backend, f"{backend} minimised moves over the whole program"
    return backend, f"{backend} stopped by {outcome.stopped_by} before the two ends met"


def _by_price(case: Case, problem: Problem, params: SolveParams, found: _Found, watch: Watch) -> tuple[str, str]:
    """Search for least cost with a high price on each move: an upper end only."""
    pairs = problem.pairs
    price = 10.0 * max(1.0, _usual_cost(problem))
    dear = dataclasses.replace(
        problem, pairs=dataclasses.replace(pairs, transition=pairs.transition + price * pairs.is_move)
    )
    watch = dataclasses.replace(watch, on_incumbent=None)  # its objective is not the case's cost
    solved = solve(case, dear, dataclasses.replace(params, backend="engine", backend_options={}), watch=watch)
    if solved.choice is not None:
        found.take(solved.choice)
    return solved.backend, "search with a high price on each move"


def _usual_cost(problem: Problem) -> float:
    """The dearest demand at the dearest first tier, and the dearest pair: money a year."""
    unit = float(np.max(problem.lines.first_unit_cost, initial=0.0))
    volume = float(np.max(problem.volume, initial=0.0))
    return unit * volume + float(np.max(problem.pairs.linear, initial=0.0))
