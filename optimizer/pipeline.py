"""The whole flow on one screen: case → arrays → findings → solve → document → verify."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from optimizer.domain.params import SolveParams
from optimizer.domain.steady import is_over_time
from optimizer.model.build import build_problem
from optimizer.model.time.joint import build_joint
from optimizer.plan.assemble import assemble
from optimizer.plan.given import choice_from_plan, choice_from_rows
from optimizer.plan.time.document import assemble_over_time
from optimizer.plan.time.given import path_from_plan, path_from_rows
from optimizer.solvers.accept.over_time import SolvedPath, solve_joint
from optimizer.solvers.accept.solve import Solved, Watch, solve
from optimizer.solvers.diagnose.by_parts import explained
from optimizer.solvers.diagnose.conflict import conflict_findings
from optimizer.solvers.diagnose.given import given_findings
from optimizer.solvers.diagnose.over_time import findings_over_time
from optimizer.solvers.diagnose.structural import structural_findings
from optimizer.solvers.diagnose.unserved import solve_least_unserved
from optimizer.verify.checker import Evaluator
from optimizer.verify.documents import verify
from optimizer.verify.notices import says_no_runner_ups
from optimizer.verify.time import TimeEvaluator

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from optimizer.domain.case import Case
    from optimizer.domain.issues import Issue
    from optimizer.domain.params import StopReason
    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem
    from optimizer.model.time.joint import JointProblem
    from optimizer.model.time.program import Path
    from optimizer.verify.checker import VerificationReport

__all__ = [
    "Ground",
    "GroundOverTime",
    "check_plan",
    "price_case",
    "settle_case",
    "solve_any",
    "solve_case",
    "solve_over_time",
    "state_case",
    "state_over_time",
]


@dataclass(frozen=True)
class Ground:
    """What every solve of a case stands on: its arrays, and the verifier prepared for it."""

    case: Case
    problem: Problem
    evaluator: Evaluator

    @classmethod
    def of(cls, case: Case) -> Ground:
        """Make both."""
        return cls(case, build_problem(case), Evaluator(case))

    @cached_property
    def findings(self) -> tuple[Issue, ...]:
        """What arithmetic says of the case before any solve; asked once."""
        return tuple(structural_findings(self.case, self.problem))


class GroundOverTime(NamedTuple):
    """The same of a case with a horizon."""

    joint: JointProblem
    evaluator: TimeEvaluator

    @classmethod
    def of(cls, case: Case) -> GroundOverTime:
        """Make both."""
        return cls(build_joint(case), TimeEvaluator(case))


def solve_case(
    case: Case,
    params: SolveParams | None = None,
    *,
    start: Mapping[str, Any] | None = None,
    issues: Sequence[Issue] = (),
    watch: Watch | None = None,
    name: str = "",
    tags: Iterable[str] = (),
    ground: Ground | None = None,
) -> dict[str, Any]:
    """Solve a case and return its verified plan document.

    Parameters
    ----------
    case : Case
        From ``optimizer.read`` or ``optimizer.replace``.
    params : SolveParams, optional
        Backend, limits, seed. Left out, the solver stops after 300 seconds, as the command does;
        ``SolveParams(time_limit_s=None)`` lets it go on until it is done.
    start : mapping, optional
        A plan document to start from; when it keeps every rule the result is never worse.
    issues : sequence of Issue
        The reader's warnings, carried into the document.
    watch : Watch, optional
        Progress callback, cancellation, a pool of child processes to reuse.
    name, tags : str, iterable of str
        Labels for the run.
    ground : Ground, optional
        What follows from the case, where the caller has it already.

    Returns
    -------
    dict
        ``designate.plan/1``. A run that its caller cancelled has no runner-ups: most of the time after a solve
        goes into them. An infeasible case is an answer with the same keys: findings, rules
        in conflict, and the plan with the least unserved effort.

    Raises
    ------
    BackendError
        No backend could do the work.
    """
    params, watch = params or SolveParams(), watch or Watch()
    began = time.monotonic()
    ground = ground or Ground.of(case)
    problem, evaluator = ground.problem, ground.evaluator
    ready = time.monotonic()
    findings = list(ground.findings)
    first = choice_from_plan(problem, start) if start else None
    watch.stage("solving")
    if any(f.severity == "error" for f in findings):
        solved = _infeasible("structural findings prove that no plan keeps every rule")
    else:
        solved = solve(case, problem, params, start=first, watch=watch, evaluator=evaluator)
    if solved.solution == "infeasible":
        solved, found = _next_best(case, problem, params, watch, solved, evaluator)
        findings += found
        if solved.solution != "infeasible":  # the policy accepts what is left: why it is, no fault of the plan
            findings = [replace(f, severity="warning") if f.severity == "error" else f for f in findings]
    timings = {"arrays": ready - began, "solve": time.monotonic() - ready - solved.prepared_s}
    if solved.prepared_s:
        timings["prepare"] = solved.prepared_s
    watch.stage("document")
    plan = assemble(
        case, problem, solved, params, [*issues, *findings], timings, name=name, tags=tags, second=not watch.stopped
    )
    return _seal(case, plan, evaluator)


def solve_over_time(
    case: Case,
    params: SolveParams | None = None,
    *,
    start: Mapping[str, Any] | None = None,
    issues: Sequence[Issue] = (),
    watch: Watch | None = None,
    name: str = "",
    tags: Iterable[str] = (),
    ground: GroundOverTime | None = None,
) -> dict[str, Any]:
    """Solve a case with a horizon and return its verified document, ``designate.plan/2``.

    Parameters as in ``solve_case``, ``start`` a plan over time. Small cases go to an exact backend on the program of
    all periods, large ones to the engine by parts.

    Raises
    ------
    BackendError
        No backend could do the work.
    HorizonNotTaken
        The plan to start from is of a case without a horizon.
    """
    params, watch, began = params or SolveParams(), watch or Watch(), time.monotonic()
    joint, evaluator = ground or GroundOverTime.of(case)
    first = path_from_plan(joint, start) if start else None
    ready = time.monotonic()
    watch.stage("solving")
    findings = findings_over_time(joint)
    if any(f.severity == "error" for f in findings):
        solved = SolvedPath.impossible("structural findings prove that no path keeps every rule")
    else:
        solved = solve_joint(joint, params, evaluator, watch, start=first)
        spent = time.monotonic() - began
        left = None if params.time_limit_s is None else max(1.0, params.time_limit_s - spent)
        solved, found = explained(joint, params, evaluator, watch, solved, left)
        findings += found
    timings = {"arrays": ready - began, "solve": time.monotonic() - ready}
    watch.stage("document")
    told, second = [*issues, *findings], not watch.stopped
    return _seal_over_time(case, joint, evaluator, solved, params, told, timings, name=name, tags=tags, second=second)


def solve_any(
    case: Case,
    params: SolveParams | None = None,
    *,
    start: Mapping[str, Any] | None = None,
    issues: Sequence[Issue] = (),
    watch: Watch | None = None,
    name: str = "",
    tags: Iterable[str] = (),
) -> dict[str, Any]:
    """Solve a case with a horizon or without, and return its document; parameters as in ``solve_case``.

    Raises
    ------
    HorizonNotTaken
        One of the case and the plan to start from has a horizon, and the other has none.
    BackendError
        No backend could do the work.
    """
    how = solve_over_time if is_over_time(case) else solve_case
    return how(case, params, start=start, issues=issues, watch=watch, name=name, tags=tags)


def _infeasible(detail: str) -> Solved:
    return Solved(None, None, None, "infeasible", "finished", detail, "none", "no solve needed")


def _next_best(
    case: Case, problem: Problem, params: SolveParams, watch: Watch, solved: Solved, evaluator: Evaluator
) -> tuple[Solved, list[Issue]]:
    """Rules in conflict, and the plan with the least unserved effort; nothing more for a user who wants to stop."""
    if watch.stopped:
        return solved, []
    watch = replace(watch, on_progress=None, on_incumbent=None)  # figures of these stages are not the case's cost
    findings = conflict_findings(case, problem, params, watch, evaluator)
    best = solve_least_unserved(problem, evaluator, params, watch)
    return best.after_infeasible(solved, allowed=problem.scalars.allow_unserved), findings


def settle_case(
    case: Case,
    rows: Iterable[tuple[Any, ...]] | None,
    params: SolveParams,
    *,
    stopped_by: StopReason,
    bound: float | None = None,
    detail: str = "",
    issues: Sequence[Issue] = (),
    name: str = "",
    tags: Iterable[str] = (),
) -> dict[str, Any]:
    """The plan document of a solve that was ended from outside: its best plan so far, checked and verified.

    It has no runner-ups, as one of a run that was cancelled.

    Parameters
    ----------
    case : Case
        With a horizon or without.
    rows : iterable of (entity, service, provider, backup)
        Over time of (entity, service, number of the period, provider, backup). As ``Watch.on_incumbent`` gave
        them; ``None``: there was no plan yet, and the document says ``no_solution``.
    params : SolveParams
        What had been asked for.
    stopped_by : StopReason
    bound : float, optional
        The last bound reported.
    detail, issues, name, tags
        As in ``solve_case``.
    """
    if is_over_time(case):
        return _settled_over_time(case, rows, params, stopped_by, bound, detail, issues, name, tags)
    ground = Ground.of(case)
    problem, evaluator = ground.problem, ground.evaluator
    choice = None if rows is None else problem.encode([(r[0], r[1], r[2], r[3]) for r in rows])
    solved = Solved.settled(evaluator, problem, choice, bound, stopped_by, detail)
    plan = assemble(case, problem, solved, params, [*issues, *ground.findings], {}, name=name, tags=tags, second=False)
    return _seal(case, plan, evaluator)


def _settled_over_time(
    case: Case,
    rows: Iterable[tuple[Any, ...]] | None,
    params: SolveParams,
    stopped_by: StopReason,
    bound: float | None,
    detail: str,
    issues: Sequence[Issue],
    name: str,
    tags: Iterable[str],
) -> dict[str, Any]:
    joint, evaluator = build_joint(case), TimeEvaluator(case)
    path = None if rows is None else path_from_rows(joint, rows)
    solved = SolvedPath.settled(evaluator, joint, path, bound, stopped_by, detail)
    told = [*issues, *findings_over_time(joint)]
    return _seal_over_time(case, joint, evaluator, solved, params, told, {}, name=name, tags=tags, second=False)


def state_case(
    case: Case,
    ground: Ground,
    choice: Choice,
    bound: float | None,
    *,
    issues: Sequence[Issue] = (),
    name: str = "",
) -> dict[str, Any]:
    """The plan document of a choice that is in hand, as it is: priced, checked and verified, without runner-ups.

    Parameters
    ----------
    case, ground : Case, Ground
    choice : Choice
    bound : float, optional
        What any plan of the case costs at least, money a year.
    issues, name
        As in ``solve_case``.
    """
    problem, evaluator = ground.problem, ground.evaluator
    solved = Solved.stated(evaluator, problem, choice, bound)
    params = SolveParams(time_limit_s=None)
    plan = assemble(case, problem, solved, params, issues, {}, name=name, second=False)
    return _seal(case, plan, evaluator)


def state_over_time(
    case: Case, ground: GroundOverTime, path: Path, bound: float | None, *, name: str = ""
) -> dict[str, Any]:
    """The same of a path; the bound discounted, over the horizon."""
    joint, evaluator = ground
    solved = SolvedPath.settled(evaluator, joint, path, bound, "finished", "held by a study")
    params = SolveParams(time_limit_s=None)
    return _seal_over_time(case, joint, evaluator, solved, params, (), {}, name=name, tags=(), second=False)


def price_case(
    case: Case, rows: Iterable[tuple[str, ...]], issues: Sequence[Issue] = (), *, lines: Sequence[int] | None = None
) -> dict[str, Any]:
    """Price a hand-made list of (entity, service, provider) as a plan document, rules checked.

    What it breaks stands among the issues (``plan_breaks_rule``), each with row, amount and what to do.

    ``lines``: where each row stands in its file, for messages; counted from 2 when left out.

    Raises
    ------
    InputError
        A row names an entity, service, demand or provider that the case does not have.
    """
    problem, evaluator, listed = build_problem(case), Evaluator(case), [tuple(r) for r in rows]
    choice = choice_from_rows(case, problem, listed, lines)
    solved = Solved.given(case, problem, choice)
    places = {(r[0], r[1]): n for r, n in zip(listed, lines or range(2, len(listed) + 2), strict=True)}
    found = given_findings(case, problem, evaluator.violations(problem.decode(choice)), places)
    unlimited = SolveParams(time_limit_s=None)  # nothing was searched for
    plan = assemble(case, problem, solved, unlimited, [*issues, *found], {}, name="priced by hand", tags=())
    return _seal(case, plan, evaluator)


def check_plan(case: Case, plan: Mapping[str, Any], evaluator: Evaluator | None = None) -> VerificationReport:
    """Verify a finished document, its ``verification`` and its runner-ups too, unless it says that it has none."""
    if is_over_time(case):
        return verify(case, plan, sealed=True)
    return (evaluator or Evaluator(case)).verify(plan, runner_ups=not says_no_runner_ups(plan), sealed=True)


def _seal(case: Case, plan: dict[str, Any], evaluator: Evaluator | None = None) -> dict[str, Any]:
    """The document with what its check finds, which is its last block to be made."""
    told = not says_no_runner_ups(plan)
    plan["verification"] = (evaluator or Evaluator(case)).verify(plan, runner_ups=told).as_dict()
    return plan


def _seal_over_time(
    case: Case,
    joint: JointProblem,
    evaluator: TimeEvaluator,
    solved: SolvedPath,
    params: SolveParams,
    told: Sequence[Issue],
    timings: Mapping[str, float],
    *,
    name: str,
    tags: Iterable[str],
    second: bool,
) -> dict[str, Any]:
    """The document of a path with what its check finds."""
    plan = assemble_over_time(
        case, joint, solved, solved.path, params, told, timings, name=name, tags=tags, second=second, scan=solved.scan
    )
    plan["verification"] = evaluator.verify(plan).as_dict()
    return plan
