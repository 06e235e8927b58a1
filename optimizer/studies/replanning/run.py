"""A plan over time planned again in one step: what is under way is committed, what slips is held, changes are told."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.errors import UsageError
from optimizer.domain.params import SolveParams
from optimizer.pipeline import GroundOverTime, solve_over_time
from optimizer.plan.time.commit import commit, require_plan_of
from optimizer.plan.time.plan import PlanOverTime
from optimizer.solvers.accept.watch import Watch
from optimizer.studies.missions.comparison import compare
from optimizer.studies.replanning.reasons import reasons_over_time
from optimizer.studies.replanning.slip import slipped

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.studies.replanning.slip import Slip

__all__ = ["REASONS_SHARE", "Asked", "Replanned", "replan"]

REASONS_SHARE: Final = 0.1
"""Share of the time at most for the reasons of changes; where the check took longer, they have what it left."""
SOLVE_SHARE: Final = 0.3
"""Share of the time at least for the solve."""
CHECKED: Final = 5.0
"""How many times what preparing the case has taken is kept back for its document and the check of that: measured
on ``secretariat-5y``, 22 s after 5 s."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What happened since a plan was made.

    Parameters
    ----------
    until : int, default 0
        Number of the last period that is under way: its switches and beginnings, and all before, are committed.
    slip : Slip, optional
        A wave that comes later.
    to : Case, optional
        A case in place of the one that the plan answers: other figures, dates, limits, a longer horizon.
    """

    until: int = 0
    slip: Slip | None = None
    to: Case | None = None


@dataclass(frozen=True, slots=True)
class Replanned:
    """A plan that was planned again.

    Parameters
    ----------
    case : Case
        The one that was solved, commitments and all.
    plan : PlanOverTime
    changes : dict
        ``designate.diff/2`` from the plan before to this one; each of ``moved`` has ``why``: ``kind`` (``forced``,
        ``needed``, ``saving``, ``free``, or ``None`` where there was no time to ask), ``rules``, ``amount``.
    """

    case: Case
    plan: PlanOverTime
    changes: dict[str, Any]


def replan(
    case: Case, plan: PlanOverTime, asked: Asked, params: SolveParams | None = None, watch: Watch | None = None
) -> Replanned:
    """Plan again from a plan that is under way.

    Parameters
    ----------
    case : Case
        The one that the plan answers, with a horizon.
    plan : PlanOverTime
        Verified; the search starts from it.
    asked : Asked
    params : SolveParams, optional
        Its time limit is of the whole step: what the document, its check and the reasons are likely to take is kept
        back, and the solve has at least ``SOLVE_SHARE`` of it.
    watch : Watch, optional

    Raises
    ------
    InputError
        ``plan_of_another_case``, ``plan_not_ok``; or what was asked makes no case.
    UsageError
        There is no such period or wave, or one of the cases has no horizon.
    BackendError
        No backend could do the work.
    """
    params, watch, began = params or SolveParams(), watch or Watch(), time.monotonic()
    changed = _changed(case, plan, asked)
    ready = time.monotonic()
    ground, before = GroundOverTime.of(changed), plan.document()
    limits = _limits(params, time.monotonic() - began, time.monotonic() - ready)
    after = solve_over_time(changed, limits, start=before, issues=changed.issues, watch=watch, ground=ground)
    changes = compare(before, after, case_a=case, case_b=changed)
    if after["cost"] is not None:
        whole = params.time_limit_s
        ends = None if whole is None else min(began + whole, time.monotonic() + REASONS_SHARE * whole)
        changes["moved"] = _with_reasons(ground, before, after, changes, ends, watch)
    return Replanned(changed, PlanOverTime.from_document(after, changed), changes)


def _limits(params: SolveParams, spent_s: float, prepared_s: float) -> SolveParams:
    """What is left for the solve of the time of the whole step."""
    whole = params.time_limit_s
    if whole is None:
        return params
    left = whole * (1.0 - REASONS_SHARE) - spent_s - CHECKED * prepared_s
    return replace(params, time_limit_s=max(left, SOLVE_SHARE * whole))


def _changed(case: Case, plan: PlanOverTime, asked: Asked) -> Case:
    """The case to solve."""
    target = asked.to or case
    if case.policy.horizon is None or target.policy.horizon is None:
        raise UsageError("a case without [horizon] has no plan over time to plan again: `reoptimise` is for those")
    require_plan_of(case, plan)
    if asked.until:
        target = commit(case, plan, asked.until, onto=target)
    return target if asked.slip is None else slipped(target, plan, asked.slip)


def _with_reasons(
    ground: GroundOverTime,
    before: dict[str, Any],
    after: dict[str, Any],
    changes: dict[str, Any],
    ends: float | None,
    watch: Watch,
) -> list[dict[str, Any]]:
    """What moved with its reasons, the earliest days asked first, until ``ends`` on the clock."""
    moved = changes["moved"]

    def enough() -> bool:
        return watch.stopped or (ends is not None and time.monotonic() >= ends)

    keys = dict.fromkeys((m["entity"], m["service"]) for m in moved)
    known = reasons_over_time(ground, before, after, keys, enough)
    nothing: dict[str, Any] = {"kind": None, "rules": [], "amount": None}
    return [{**m, "why": known.get((m["entity"], m["service"]), nothing)} for m in moved]
