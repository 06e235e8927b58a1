"""Plan documents of what is in hand: a run ended from outside, a study's plan, a list made by people; their check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.domain.params import SolveParams
from optimizer.domain.steady import is_over_time
from optimizer.pipeline import Ground, GroundOverTime, seal, seal_over_time
from optimizer.plan.assemble import assemble
from optimizer.plan.given import choice_from_rows
from optimizer.plan.time.given import path_from_rows
from optimizer.solvers.accept.over_time import SolvedPath
from optimizer.solvers.accept.solve import Solved
from optimizer.solvers.diagnose.given import given_findings
from optimizer.verify.checker import Evaluator
from optimizer.verify.documents import verify
from optimizer.verify.notices import says_no_runner_ups

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from optimizer.domain.case import Case
    from optimizer.domain.issues import Issue
    from optimizer.domain.params import StopReason
    from optimizer.model.parts import Choice
    from optimizer.model.time.program import Path
    from optimizer.verify.checker import VerificationReport

__all__ = ["check_plan", "price_case", "settle_case", "state_case", "state_over_time"]


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
    return seal(case, plan, evaluator)


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
    ground = GroundOverTime.of(case)
    path = None if rows is None else path_from_rows(ground.joint, rows)
    solved = SolvedPath.settled(ground.evaluator, ground.joint, path, bound, stopped_by, detail)
    told = [*issues, *ground.findings]
    return seal_over_time(ground, solved, params, told, {}, name=name, tags=tags, second=False)


def state_case(
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
    ground : Ground
    choice : Choice
    bound : float, optional
        What any plan of the case costs at least, money a year.
    issues, name
        As in ``solve_case``.
    """
    case, problem, evaluator = ground.case, ground.problem, ground.evaluator
    solved = Solved.stated(evaluator, problem, choice, bound)
    params = SolveParams(time_limit_s=None)
    plan = assemble(case, problem, solved, params, issues, {}, name=name, second=False)
    return seal(case, plan, evaluator)


def state_over_time(ground: GroundOverTime, path: Path, bound: float | None, *, name: str = "") -> dict[str, Any]:
    """The same of a path; the bound discounted, over the horizon."""
    solved = SolvedPath.settled(ground.evaluator, ground.joint, path, bound, "finished", "held by a study")
    params = SolveParams(time_limit_s=None)
    return seal_over_time(ground, solved, params, (), {}, name=name, tags=(), second=False)


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
    ground, listed = Ground.of(case), [tuple(r) for r in rows]
    problem, evaluator = ground.problem, ground.evaluator
    choice = choice_from_rows(case, problem, listed, lines)
    solved = Solved.given(case, problem, choice)
    places = {(r[0], r[1]): n for r, n in zip(listed, lines or range(2, len(listed) + 2), strict=True)}
    found = given_findings(case, problem, evaluator.violations(problem.decode(choice)), places)
    unlimited = SolveParams(time_limit_s=None)  # nothing was searched for
    plan = assemble(case, problem, solved, unlimited, [*issues, *found], {}, name="priced by hand", tags=())
    return seal(case, plan, evaluator)


def check_plan(case: Case, plan: Mapping[str, Any], evaluator: Evaluator | None = None) -> VerificationReport:
    """Verify a finished document, its ``verification`` and its runner-ups too, unless it says that it has none."""
    if is_over_time(case):
        return verify(case, plan, sealed=True)
    return (evaluator or Evaluator(case)).verify(plan, runner_ups=not says_no_runner_ups(plan), sealed=True)
