"""One solve: choose a backend, run it in its child, and accept only what holds exactly."""

from __future__ import annotations

import dataclasses
import math
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from optimizer.model.cuts import add_cuts
from optimizer.model.evaluate import evaluate
from optimizer.model.formulate import build_program
from optimizer.model.parts import Choice
from optimizer.solvers import registry
from optimizer.solvers.accept.confirm import Asked, check_claims, serves_all
from optimizer.solvers.accept.polish import polish
from optimizer.solvers.accept.watch import Stage, Watch
from optimizer.solvers.base import Capability, Incumbent, Outcome, Progress, Request
from optimizer.solvers.process import run
from optimizer.verify.checker import Evaluator

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.domain.params import SolveParams, StopReason
    from optimizer.model.problem import Problem
    from optimizer.model.program.layout import Objective
    from optimizer.model.program.program import Program

__all__ = [
    "GAP_ABS_OPTIMAL",
    "Incumbent",
    "Job",
    "Progress",
    "Seen",
    "Solution",
    "Solved",
    "Stage",
    "Watch",
    "credible",
    "run_until_exact",
    "solve",
]

GAP_ABS_OPTIMAL = 0.01
"""A plan is optimal when objective − bound is at most this (money a year)."""

BOUND_TOLERANCE = 1e-9
"""Share of the objective by which a backend's bound may lie above a plan, being within tolerances of its own."""

BOUND_ROUNDING = 2.0**-41
"""Share of the objective that sums of floats may be wrong by: up to 2 · 10^10 a gap of 0.01 can be told."""

MAX_CUT_ROUNDS = 20
KEPT_INCUMBENTS = 20
MAX_PAIRS_IN_TIERS = 30_000
"""Pairs times tiers up to which a backend of whole numbers gets a program without volumes as variables."""

Solution = Literal["optimal", "feasible", "infeasible", "no_solution"]


@dataclass(frozen=True, eq=False)
class Solved:
    """What a solve came to. Money a year; ``bound`` never exceeds ``objective``.

    ``seconds`` leaves out ``prepared_s``: what the backend did once, before its clock started.
    """

    choice: Choice | None
    objective: float | None
    bound: float | None
    solution: Solution
    stopped_by: StopReason
    detail: str
    backend: str
    reason: str
    seconds: float = 0.0
    start_used: bool | None = None
    stats: dict[str, float | int | str] = field(default_factory=dict)
    prepared_s: float = 0.0

    def after_infeasible(self, proof: Solved, *, allowed: bool) -> Solved:
        """This plan with the least unserved effort, told as the answer to an infeasible case.

        ``allowed``: the policy accepts unserved demands, so that the plan stands as a plan, with
        the bound of its own stage; otherwise the answer stays ``infeasible`` and has no bound.
        """
        if allowed and self.choice is not None:
            return self
        detail = f"{proof.detail}; shown: {self.reason}" if self.choice is not None else proof.detail
        return dataclasses.replace(
            self,
            bound=None,
            solution="infeasible",
            stopped_by=proof.stopped_by,
            detail=detail,
            backend=proof.backend,
            reason=proof.reason,
        )

    def standing_on(self, start: Choice, total: float) -> Solved:
        """A start that leaves demands unserved, as the policy accepts: what is held when nothing serves all."""
        told = f"{self.detail}; no plan that serves all was found: the start is kept, which leaves demands unserved"
        return dataclasses.replace(self, choice=start, objective=total, bound=None, solution="feasible", detail=told)

    @classmethod
    def settled(
        cls,
        evaluator: Evaluator,
        problem: Problem,
        choice: Choice | None,
        bound: float | None,
        stopped_by: StopReason,
        detail: str,
    ) -> Solved:
        """What a solve that was cut short had reached: its best plan, checked, and the bound it had claimed.

        Without a plan, or with one that breaks a rule, the answer is ``no_solution``.
        """
        if choice is None or evaluator.violations(problem.decode(choice)):
            return cls(None, None, bound, "no_solution", stopped_by, detail, "none", "cut short")
        choice = polish(problem, choice, lambda c: not evaluator.violations(problem.decode(c)))
        return cls._of(problem, choice, bound, stopped_by, detail, "cut short")

    @classmethod
    def stated(cls, evaluator: Evaluator, problem: Problem, choice: Choice, bound: float | None) -> Solved:
        """A plan in hand as it is, with what is known of the least cost; ``no_solution`` where it breaks a rule."""
        if evaluator.violations(problem.decode(choice)):
            return cls(None, None, bound, "no_solution", "finished", "it breaks a rule", "none", "in hand")
        return cls._of(problem, choice, bound, "finished", "held by a study", "in hand")

    @classmethod
    def _of(
        cls, problem: Problem, choice: Choice, bound: float | None, stopped_by: StopReason, detail: str, reason: str
    ) -> Solved:
        """A plan that keeps every rule, with a bound as far as it is believed."""
        objective = evaluate(problem, choice).total
        bound, detail = credible(bound if serves_all(choice) else None, objective, detail)
        closed = bound is not None and objective - bound <= GAP_ABS_OPTIMAL
        solution: Solution = "optimal" if closed else "feasible"
        return cls(choice, objective, bound, solution, stopped_by, detail, "none", reason)

    @classmethod
    def given(cls, case: Case, problem: Problem, choice: Choice) -> Solved:
        """A plan made by people: priced and checked, with no bound."""
        broken = Evaluator(case).violations(problem.decode(choice))
        detail = "priced as given" + (f"; breaks {len(broken)} rule(s)" if broken else "")
        solution: Solution = "infeasible" if broken else "feasible"
        objective = evaluate(problem, choice).total
        return cls(choice, objective, None, solution, "finished", detail, "none", "no solve")


def solve(
    case: Case,
    problem: Problem,
    params: SolveParams,
    *,
    start: Choice | None = None,
    watch: Watch | None = None,
    evaluator: Evaluator | None = None,
) -> Solved:
    """Find a plan of least cost with the chosen backend.

    Parameters
    ----------
    case : Case
        For the exact check of the rules (integers, no tolerance).
    problem : Problem
        Arrays of the same case.
    params : SolveParams
    start : Choice, optional
        A plan to start from. When it keeps every rule, the result is never worse.
    watch : Watch, optional
    evaluator : Evaluator, optional
        Of the same case, where the caller has one already.

    Raises
    ------
    BackendUnavailable, BackendRefused, BackendFailed
    """
    watch = watch or Watch()
    began = time.monotonic()
    backend, reason = _backend(problem, params)
    evaluator = evaluator or Evaluator(case)
    if not problem.n_demands:
        registry.check(backend, params, start)
        return _empty(problem, evaluator, backend, reason)
    seen = Seen(watch, problem)
    job = Job(problem, params, backend, evaluator, dataclasses.replace(watch, on_progress=seen), began)
    outcome = run_until_exact(job, start)
    watch.stage("document")  # what follows is exact arithmetic
    held = [c for c in (seen.best_exact(job, outcome.choice), start) if c is not None and not job.broken(c)]
    choice = min(held, key=lambda c: _rank(problem, c), default=None)
    choice = job.polished(choice)
    if not watch.stopped:
        checked = check_claims(job.asked(), outcome, choice)
        choice, outcome = job.polished(checked.choice), checked.outcome
    solved = _conclude(problem, choice, outcome, backend, reason, time.monotonic() - began)
    if solved.solution == "no_solution" and start is not None and not evaluator.violations(problem.decode(start)):
        return solved.standing_on(start, evaluate(problem, start).total)
    return solved


def _empty(problem: Problem, evaluator: Evaluator, backend: str, reason: str) -> Solved:
    """Nothing is to be served: there is one plan, and it stands or falls by the rules about sites."""
    none = np.zeros(0, dtype=np.int64)
    choice = Choice(none, none)
    broken = sorted({v.rule for v in evaluator.violations(problem.decode(choice))})
    if broken:
        detail = f"nothing is to be served, and {', '.join(broken)} cannot be kept by the empty plan"
        return Solved(None, None, None, "infeasible", "finished", detail, backend, reason)
    total = evaluate(problem, choice).total
    return Solved(choice, total, total, "optimal", "finished", "nothing is to be served", backend, reason)


def _backend(problem: Problem, params: SolveParams) -> tuple[str, str]:
    if params.backend == "auto":
        return registry.choose(problem.n_pairs, params, problem=problem)
    return params.backend, "asked for"


@dataclass(frozen=True, eq=False)
class Job:
    """One solve: what, with which backend and limits, judged by whom."""

    problem: Problem
    params: SolveParams
    backend: str
    evaluator: Evaluator
    watch: Watch
    began: float

    def remaining(self) -> SolveParams:
        """The same limits with the time already spent taken off."""
        if self.params.time_limit_s is None:
            return self.params
        left = max(0.0, self.params.time_limit_s - (time.monotonic() - self.began))
        return dataclasses.replace(self.params, time_limit_s=left)

    def asked(self, objective: Objective = "cost") -> Asked:
        """This job, for those who check its answer: how to have another backend answer it."""
        quiet = dataclasses.replace(self.watch, on_progress=None, on_incumbent=None)

        def again(params: SolveParams, start: Choice | None) -> Outcome:
            job = Job(self.problem, params, params.backend, self.evaluator, quiet, time.monotonic())
            return run_until_exact(job, start, objective)

        return Asked(self.problem, self.evaluator, self.remaining(), self.backend, again, objective)

    def polished(self, choice: Choice | None) -> Choice | None:
        """The plan with all single moves made that save."""
        return None if choice is None else polish(self.problem, choice, lambda c: not self.broken(c))

    def broken(self, choice: Choice) -> list[tuple[str, str, str]]:
        """(rule, provider, service) of every rule broken, exactly; names empty where not about a line or site.

        A demand that nobody serves breaks ``assign_once`` here whatever the policy accepts: leaving work undone is
        always cheaper, so such a plan says nothing about the least cost of serving all.
        """
        found = [(v.rule, v.provider, v.service) for v in self.evaluator.violations(self.problem.decode(choice))]
        undone = not serves_all(choice) and not any(rule == "assign_once" for rule, _, _ in found)
        return [*found, ("assign_once", "", "")] if undone else found


class Seen:
    """The latest plans a backend reported: fallbacks when its last one does not hold exactly."""

    def __init__(self, watch: Watch, problem: Problem) -> None:
        self._watch = watch
        self._problem = problem
        self._plans: deque[Incumbent] = deque(maxlen=KEPT_INCUMBENTS)

    def __call__(self, news: Incumbent | Progress) -> None:
        if isinstance(news, Incumbent):
            self._plans.append(news)
            if self._watch.on_incumbent is not None:
                choice = news.choice
                self._watch.on_incumbent(news.objective, lambda: self._problem.decode(choice))
        if self._watch.on_progress is not None:
            self._watch.on_progress(news)

    def best_exact(self, job: Job, final: Choice | None) -> Choice | None:
        """The final plan, or the cheapest earlier one that keeps every rule exactly."""
        earlier = [p.choice for p in sorted(self._plans, key=lambda p: p.objective)]
        candidates = [final, *earlier] if final is not None else earlier
        return next((c for c in candidates if not job.broken(c)), None)


def run_until_exact(
    job: Job,
    start: Choice | None,
    objective: Objective = "cost",
    *,
    program: Program | None = None,
    allowed: str = "",
) -> Outcome:
    """Solve; while a plan breaks a rule by less than solver tolerance, cut it off and solve again.

    ``objective`` as in ``build_program``; only backends that work on the program know any but cost.
    ``program``: another one than that of all demands; ``allowed`` is then a rule that its plans may break.
    """
    program = program or _program(job, objective)
    usable = start if Capability.WARM_START in registry.capabilities(job.backend) else None
    bound: float | None = None
    for _ in range(MAX_CUT_ROUNDS):
        request = Request(job.problem, program, job.remaining(), usable)
        outcome = run(
            job.backend,
            request,
            on_progress=job.watch.on_progress,
            cancelled=job.watch.cancelled,
            pool=job.watch.pool,
            grace_s=job.watch.grace_s,
        )
        bound = max((b for b in (bound, outcome.bound) if b is not None), default=None)
        if outcome.choice is None or program is None:
            break
        broken = [b for b in job.broken(outcome.choice) if b[0] != allowed]
        if not broken or outcome.stopped_by not in ("finished", "gap"):
            break
        program = add_cuts(program, job.problem, outcome.choice, broken)
    return dataclasses.replace(outcome, bound=bound)  # cuts take no plan away, so every round's bound stands


def _program(job: Job, objective: Objective) -> Program | None:
    """The program a backend works on, in the form that suits its numbers."""
    spec, problem = registry.spec(job.backend), job.problem
    if not spec.needs_program:
        return None
    tiers = int(np.diff(problem.lines.tier_start).max(initial=0))
    by_pair = spec.whole_numbers and problem.n_pairs * tiers <= MAX_PAIRS_IN_TIERS
    return build_program(problem, objective=objective, tiers="by_pair" if by_pair else "by_line")


def _rank(problem: Problem, choice: Choice) -> tuple[float, int, list[str]]:
    """Between plans held: least cost, then fewer moves, then the lexicographically first."""
    result = evaluate(problem, choice)
    names = [who for _, _, who, _ in problem.decode(choice)]
    return round(result.total, 2), int(result.moves.sum()), names


def _conclude(
    problem: Problem, choice: Choice | None, outcome: Outcome, backend: str, reason: str, seconds: float
) -> Solved:
    objective = None if choice is None else evaluate(problem, choice).total
    bound = outcome.bound if outcome.bound is not None and math.isfinite(outcome.bound) else None
    detail = outcome.detail
    if objective is None:
        solution: Solution = "infeasible" if outcome.infeasible else "no_solution"
    else:
        bound, detail = credible(bound, objective, detail)
        closed = bound is not None and objective - bound <= GAP_ABS_OPTIMAL
        solution = "optimal" if closed else "feasible"
    return Solved(
        choice,
        objective,
        bound,
        solution,
        outcome.stopped_by,
        detail,
        backend,
        reason,
        seconds - outcome.prepared_s,
        outcome.start_used,
        stats=dict(outcome.stats),
        prepared_s=outcome.prepared_s,
    )


def credible(bound: float | None, objective: float, detail: str) -> tuple[float | None, str]:
    """The bound as far as its arithmetic carries, unless a plan in hand refutes it.

    A backend counts in floats: its bound may be wrong by their rounding, which grows with the amount, and is
    wrong by at least as much as it lies above a plan that keeps every rule. An error that the definition of
    optimal does not see is nothing; a greater one is taken off the bound, so that no gap is called closed
    which floats cannot close.
    """
    if bound is None:
        return None, detail
    above = bound - objective
    if above > max(GAP_ABS_OPTIMAL, BOUND_TOLERANCE * abs(objective)):
        return None, f"{detail}; its bound {bound:,.2f} is above a plan that keeps every rule and is not believed"
    error = max(above, BOUND_ROUNDING * abs(objective))
    if error <= GAP_ABS_OPTIMAL:
        return min(bound, objective), detail
    told = f"{detail}; its bound is counted in floats and believed to {error:,.2f} only"
    return min(bound, objective) - error, told
