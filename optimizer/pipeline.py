"""The whole flow on one screen: case → arrays → findings → solve → document → verify."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from optimizer.domain.params import SolveParams
from optimizer.domain.steady import is_over_time
from optimizer.model.build import build_problem
from optimizer.model.time.joint import build_joint
from optimizer.plan.assemble import assemble
from optimizer.plan.given import choice_from_plan
from optimizer.plan.time.document import assemble_over_time
from optimizer.plan.time.given import path_from_plan
from optimizer.solvers.accept.over_time import SolvedPath, solve_joint
from optimizer.solvers.accept.solve import Solved, Watch, solve
from optimizer.solvers.diagnose.by_parts import explained
from optimizer.solvers.diagnose.conflict import conflict_findings
from optimizer.solvers.diagnose.over_time import findings_over_time
from optimizer.solvers.diagnose.structural import structural_findings
from optimizer.solvers.diagnose.unserved import solve_least_unserved
from optimizer.verify.checker import Evaluator
from optimizer.verify.notices import says_no_runner_ups
from optimizer.verify.time import TimeEvaluator

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from optimizer.domain.case import Case
    from optimizer.domain.issues import Issue
    from optimizer.model.problem import Problem
    from optimizer.model.time.joint import JointProblem

__all__ = ["Ground", "GroundOverTime", "seal", "seal_over_time", "solve_any", "solve_case", "solve_over_time"]


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


@dataclass(frozen=True)
class GroundOverTime:
    """The same of a case with a horizon."""

    case: Case
    joint: JointProblem
    evaluator: TimeEvaluator

    @classmethod
    def of(cls, case: Case) -> GroundOverTime:
        """Make both."""
        return cls(case, build_joint(case), TimeEvaluator(case))

    @cached_property
    def findings(self) -> tuple[Issue, ...]:
        """What arithmetic says of the case before any solve; asked once."""
        return tuple(findings_over_time(self.joint))


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
    return seal(case, plan, evaluator)


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
    ground = ground or GroundOverTime.of(case)
    joint, evaluator = ground.joint, ground.evaluator
    first = path_from_plan(joint, start) if start else None
    ready = time.monotonic()
    watch.stage("solving")
    findings = list(ground.findings)
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
    return seal_over_time(ground, solved, params, told, timings, name=name, tags=tags, second=second)


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


def seal(case: Case, plan: dict[str, Any], evaluator: Evaluator | None = None) -> dict[str, Any]:
    """The document with what its check finds, which is its last block to be made."""
    told = not says_no_runner_ups(plan)
    plan["verification"] = (evaluator or Evaluator(case)).verify(plan, runner_ups=told).as_dict()
    return plan


def seal_over_time(
    ground: GroundOverTime,
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
    case, joint, path, scan = ground.case, ground.joint, solved.path, solved.scan
    plan = assemble_over_time(
        case, joint, solved, path, params, told, timings, name=name, tags=tags, second=second, scan=scan
    )
    plan["verification"] = ground.evaluator.verify(plan).as_dict()
    return plan
