"""The stream of progress: what was known stays known, over reports without a figure and over tries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from api.jobs.reporting import PhasedReports, Reports
from api.routes.progress import _points
from api.store.models import ProgressPoint
from optimizer.solvers.base import Incumbent, Progress


class Line:
    """Takes messages."""

    def __init__(self) -> None:
        self.sent: list[tuple[float | None, float | None]] = []

    def send(self, kind: str, **content: Any) -> None:
        if kind == "progress":
            self.sent.append((content["incumbent"], content["bound"]))


def point(number: int, incumbent: float | None, bound: float | None, fence: int = 1) -> ProgressPoint:
    return ProgressPoint(
        job_id="j",
        number=number,
        fence=fence,
        at=datetime(2026, 1, 1, tzinfo=UTC),
        elapsed_s=1.0,
        incumbent=incumbent,
        bound=bound,
        phase="search",
    )


def test_no_event_takes_back_a_bound_or_a_plan() -> None:
    rows = [point(1, None, 90.0), point(2, 120.0, None), point(3, None, 95.0), point(4, 130.0, 80.0, fence=2)]
    told = [(p["incumbent"], p["bound"], p["gap_abs"]) for _, p in _points(rows, None, None)]
    assert told == [(None, 90.0, None), (120.0, 90.0, 30.0), (120.0, 95.0, 25.0), (120.0, 95.0, 25.0)]
    late = [(p["incumbent"], p["bound"]) for _, p in _points(rows[3:], 120.0, 95.0)]
    assert late == [(120.0, 95.0)]  # taken up again after the third


def test_a_new_plan_does_not_hide_the_bound() -> None:
    line = Line()
    reports = Reports(line)  # type: ignore[arg-type]
    reports.progress(Progress(1.0, None, 90.0, "relaxation"))
    reports.progress(Incumbent(None, 120.0))  # type: ignore[arg-type]
    reports.progress(Incumbent(None, 125.0))  # type: ignore[arg-type]
    assert line.sent == [(None, 90.0), (120.0, 90.0), (120.0, 90.0)]


def test_a_bound_of_one_budget_is_none_of_the_next() -> None:
    line = Line()
    reports = PhasedReports(line, 1)  # type: ignore[arg-type]
    reports.phase("moves", None)
    reports.progress(Progress(1.0, 3.0, 2.0))
    reports.phase("cost", 0)
    reports.incumbent(120.0, list)
    reports.progress(Progress(1.0, 120.0, 118.0))
    reports.phase("cost", 1)
    reports.progress(Progress(1.0, None, 100.0))
    assert line.sent == [(None, None), (120.0, None), (120.0, 100.0)]
