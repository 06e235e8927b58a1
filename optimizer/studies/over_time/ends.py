"""What a study of a case with a horizon works with, and the least cost of such a case from both sides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from optimizer.domain.answer import Point
from optimizer.domain.errors import BackendFailed, UsageError
from optimizer.model.conditions import fixed
from optimizer.pipeline import GroundOverTime
from optimizer.plan.time.given import path_from_plan, path_from_rows
from optimizer.solvers.accept.over_time import path_rows, solve_joint
from optimizer.studies.base import STOPPED
from optimizer.verify.findings import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from optimizer.domain.answer import PointStatus
    from optimizer.domain.case import Case
    from optimizer.domain.params import SolveParams
    from optimizer.model.time.joint import JointProblem
    from optimizer.model.time.program import Path
    from optimizer.plan.time.plan import PlanOverTime
    from optimizer.solvers.accept.over_time import Judge, Row
    from optimizer.solvers.accept.watch import Watch
    from optimizer.studies.base import Book, Budget

__all__ = ["PathEnds", "ReferencePath", "SettingOverTime", "least_over_time", "reference_path", "with_last"]


@dataclass(frozen=True, slots=True)
class SettingOverTime:
    """What a study of a case with a horizon works with; as ``Setting``.

    Parameters
    ----------
    case : Case
    plan : PlanOverTime, optional
        The reference.
    params : SolveParams
    budget : Budget
    watch : Watch
    book : Book, optional
        What was found before, and where what is found now is kept.
    """

    case: Case
    plan: PlanOverTime | None
    params: SolveParams
    budget: Budget
    watch: Watch
    book: Book | None = None

    def answered(self, key: str, ground: GroundOverTime, search: Callable[[], PathEnds]) -> PathEnds:
        """Both ends from the book, or found now and kept there with the path; what is not answered is not kept.

        Parameters
        ----------
        key : str
            The same whenever this question is asked about this case.
        ground : GroundOverTime
            Of the case that the path is of.
        search : callable
        """
        held = None if self.book is None else self.book.known(key)
        if held is not None:
            point, kept = held
            path = None if kept is None else path_from_rows(ground.joint, kept["rows"])
            return PathEnds(point.status, point.lower, point.upper, path, point.detail)
        ends = search()
        if self.book is not None and ends.status != "not_answered":
            rows = None if ends.path is None else {"rows": [list(r) for r in path_rows(ground.joint, ends.path)]}
            self.book.answered(key, ends.point({}), rows)
        return ends

    def limits(self, left: int) -> SolveParams:
        """Limits of the next of ``left`` solves."""
        limits = [s for s in (self.budget.share(left), self.params.time_limit_s) if s is not None]
        return replace(self.params, time_limit_s=min(limits, default=None))

    @property
    def quiet(self) -> Watch:
        """Whoever may stop it, and hears nothing of single solves."""
        return replace(self.watch, on_progress=None, on_incumbent=None, on_stage=None)


@dataclass(frozen=True, eq=False)
class PathEnds:
    """What is known of the least discounted cost; as ``Ends``, with a path that keeps every rule and condition."""

    status: PointStatus
    lower: float | None = None
    upper: float | None = None
    path: Path | None = None
    detail: str = ""

    def point(self, at: Mapping[str, Any], plan: int | None = None) -> Point:
        """The point of an answer."""
        return Point(at, self.status, self.lower, self.upper, plan, self.detail)


@dataclass(frozen=True, eq=False)
class ReferencePath:
    """The plan in hand as a path, and its discounted cost, unrounded."""

    path: Path
    cost: float


def reference_path(setting: SettingOverTime, ground: GroundOverTime) -> ReferencePath:
    """The plan in hand, judged and priced anew.

    Raises
    ------
    UsageError
        It breaks a rule: what costs more or less than it would mean nothing.
    """
    assert setting.plan is not None  # the question needs one
    path = path_from_plan(ground.joint, setting.plan.document())
    rows = path_rows(ground.joint, path)
    broken = sorted({v.rule for v in ground.evaluator.violations(rows)})
    if broken:
        told = f"the plan breaks rules of the case ({', '.join(broken)}): solve it, or give a plan that keeps them"
        raise UsageError(told)
    return ReferencePath(path, float(ground.evaluator.cost(rows).objective))


def with_last(joint: JointProblem, d: int, source: int) -> JointProblem | None:
    """The joint problem with a demand's last source held; ``None`` where a decision has another one there."""
    t = joint.presence[d][-1]
    stage, at = joint.stages[t], int(joint.local[t, d])
    if int(stage.problem.locked[at]) not in (-1, source):
        return None
    held = replace(stage, problem=fixed(stage.problem, {at: source}))
    return replace(joint, stages=(*joint.stages[:t], held, *joint.stages[t + 1 :]))


class _Conditioned:
    """The verifier, which objects to a plan in which a demand's last source is another too."""

    def __init__(self, judge: Judge, joint: JointProblem, d: int, source: int) -> None:
        self._judge = judge
        self._at = (*joint.keys[d], joint.presence[d][-1] + 1)
        self._source = joint.name(source)

    def violations(self, rows: Iterable[Row]) -> list[Any]:
        """Every broken rule, and the condition where it is not kept."""
        listed = list(rows)
        kept = any(row[:3] == self._at and row[3] == self._source for row in listed)
        found = self._judge.violations(listed)
        return found if kept else [*found, Violation("lock", "a condition of the study is not kept")]

    def cost(self, rows: Iterable[Row]) -> Any:
        """As the verifier."""
        return self._judge.cost(rows)


def least_over_time(
    setting: SettingOverTime,
    ground: GroundOverTime,
    *,
    start: Path | None = None,
    left: int = 1,
    last: tuple[int, int] | None = None,
) -> PathEnds:
    """The least discounted cost of a case from both sides.

    Parameters
    ----------
    setting : SettingOverTime
    ground : GroundOverTime
    start : Path, optional
        Where to look first, whether or not it keeps rules.
    left : int, default 1
        Solves that the study's time is still to be shared by.
    last : (demand, source), optional
        A last source that is held.
    """
    joint, judge = ground.joint, ground.evaluator
    if setting.watch.stopped or setting.budget.over:
        return PathEnds("not_answered", detail=STOPPED if setting.watch.stopped else "the time was over")
    asked, by = joint, judge
    if last is not None:
        held = with_last(joint, *last)
        if held is None:
            return PathEnds("impossible", detail="a decision has another source there")
        asked, by = held, _Conditioned(judge, joint, *last)  # type: ignore[assignment]
    try:
        solved = solve_joint(asked, setting.limits(left), by, setting.quiet, start=start)
    except BackendFailed as error:
        return PathEnds("not_answered", detail=str(error))
    if solved.solution == "infeasible":
        return PathEnds("impossible", detail=solved.detail)
    if solved.path is None:
        return PathEnds("not_answered", solved.bound, detail=solved.detail)
    status: PointStatus = "proven" if solved.solution == "optimal" else "bounded"
    return PathEnds(status, solved.bound, solved.objective, solved.path, solved.detail)
