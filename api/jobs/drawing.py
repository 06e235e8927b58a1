"""What a task's process draws of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.jobs.line import Line
    from optimizer.domain.case import Case

__all__ = ["drawn", "drawn_beside"]


def drawn(plan: dict[str, Any], case: Case, course: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """All drawings of a plan in every language of reports."""
    from optimizer.report.language import LANGUAGES
    from optimizer.report.plan_charts import plan_charts
    from optimizer.report.search_chart import Reading

    read = [Reading(*point) for point in course]
    return {language: plan_charts(plan, case, read, language) for language in LANGUAGES}


def drawn_beside(line: Line, plan: dict[str, Any], case: Case, course: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """The same, where a plan counts for more than its drawings: what goes wrong here is told, no more."""
    try:
        return drawn(plan, case, course)
    except Exception as error:
        line.send("notice", text=f"drawings of a plan were not made: {type(error).__name__}: {error}")
        return {}
