"""Which studies take a case with a horizon, and how one is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.errors import HorizonNotTaken, UsageError
from optimizer.domain.steady import NOT_TAKEN
from optimizer.plan.time.plan import PlanOverTime
from optimizer.studies.base import Budget
from optimizer.studies.over_time.curve import curve_over_time
from optimizer.studies.over_time.ends import SettingOverTime
from optimizer.studies.over_time.rule_price import rule_price_over_time
from optimizer.studies.over_time.scenarios import scenarios_over_time
from optimizer.studies.over_time.why import why_over_time
from optimizer.studies.over_time.why_not import why_not_over_time

if TYPE_CHECKING:
    from optimizer.domain.answer import Answer
    from optimizer.domain.case import Case
    from optimizer.domain.params import SolveParams
    from optimizer.plan.plan import Plan
    from optimizer.solvers.accept.watch import Watch
    from optimizer.studies.base import Book, Question

__all__ = ["OVER_TIME", "study_over_time"]

OVER_TIME: Final[dict[str, Callable[[Any, SettingOverTime], Answer]]] = {
    "curve": curve_over_time,
    "rule_price": rule_price_over_time,
    "scenarios": scenarios_over_time,
    "why": why_over_time,
    "why_not": why_not_over_time,
}
"""By kind: how a question is answered of a case with a horizon. Every other kind refuses such a case."""


def study_over_time(
    asked: Question,
    case: Case,
    plan: Plan | PlanOverTime | None,
    params: SolveParams,
    time_limit: float | None,
    watch: Watch,
    book: Book | None = None,
) -> Answer:
    """Ask a question about a case with a horizon, or about a plan of it; as ``study``.

    Raises
    ------
    HorizonNotTaken
        The kind takes steady cases only.
    UsageError
        The plan answers another case, or the question needs one.
    """
    answer = OVER_TIME.get(asked.kind)
    if answer is None:
        raise HorizonNotTaken(NOT_TAKEN.format(what="the case has a horizon"))
    if plan is None and asked.needs_plan:
        raise UsageError(f"study {asked.kind} is about a plan: give it")
    if plan is not None and (not isinstance(plan, PlanOverTime) or plan.run.case_hash != case.case_hash):
        raise UsageError("the plan answers another case")
    return answer(asked, SettingOverTime(case, plan, params, Budget(time_limit), watch, book))
