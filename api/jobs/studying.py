"""The process of a study: it tells each point as it is answered, and is told those that were answered before."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping

    from api.jobs.line import Line
    from optimizer.domain.answer import Point
    from optimizer.solvers.accept.solve import Incumbent, Progress

__all__ = ["answer_aside", "answer_study"]

PROGRESS_EVERY_S = 0.5


class Pages:
    """The book of a study (``optimizer.studies.base.Book``): on one side a store, on the other the line to it.

    Parameters
    ----------
    line : Line
    known : dict
        Points by their key, as they were told.
    """

    def __init__(self, line: Line, known: Mapping[str, Any]) -> None:
        self._line, self._known = line, known
        self._began, self._told = time.monotonic(), -1e9
        self._answered, self._doing = 0, ""

    def known(self, key: str) -> tuple[Point, Mapping[str, Any] | None] | None:
        """A point that was answered before."""
        from optimizer.domain.answer import Point

        held = self._known.get(key)
        if held is None:
            self._doing = key
            return None
        self._answered += 1
        return Point(**held["point"]), held["plan"]

    def answered(self, key: str, point: Point, plan: Mapping[str, Any] | None) -> None:
        """Tell a point; it is stored before anything else that is told."""
        self._answered += 1
        self._line.send("note", key=key, point=point.as_dict(), plan=plan)
        self._tell()

    def progress(self, _: Incumbent | Progress) -> None:
        """A step of the solve of a point; its figures are that point's alone, and nothing but its name is told."""
        if time.monotonic() - self._told >= PROGRESS_EVERY_S:
            self._tell()

    def _tell(self) -> None:
        self._told = time.monotonic()
        phase = f"{self._answered} answered; {self._doing}"
        elapsed = round(self._told - self._began, 3)
        self._line.send("progress", elapsed_s=elapsed, incumbent=None, bound=None, phase=phase)


def answer_study(task: dict[str, Any], line: Line, cancelled: threading.Event) -> dict[str, Any]:
    """Answer a question; with ``settles`` only from what was answered before."""
    from optimizer.domain.params import SolveParams
    from optimizer.domain.steady import is_over_time
    from optimizer.plan.plan import Plan
    from optimizer.plan.time.plan import PlanOverTime
    from optimizer.solvers.accept.solve import Watch
    from optimizer.studies.ask import study
    from optimizer.tables import case_from_tables

    case, _ = case_from_tables(task["tables"], name=task["case_name"])
    book, settles = Pages(line, task["known"]), bool(task["settles"])
    shape = PlanOverTime if is_over_time(case) else Plan
    watch = Watch(
        on_progress=book.progress,
        cancelled=(lambda: True) if settles else cancelled.is_set,
        grace_s=task["grace_s"],
    )
    answer = study(
        task["study"],
        case,
        None if task["plan"] is None else shape.from_document(json.loads(task["plan"]), case),
        params=SolveParams(**task["solve"]),
        time_limit=0.0 if settles else task["params"].get("time_limit_s"),
        watch=watch,
        book=book,
        **task["question"],
    )
    return {"answer": answer.as_dict()}


def answer_aside(task: dict[str, Any], line: Line, cancelled: threading.Event) -> dict[str, Any]:
    """Answer a question that is a function of its own; most have no points, and what was begun is done again."""
    from api.further.answers import Given, answer_further
    from optimizer.domain.params import SolveParams
    from optimizer.solvers.accept.solve import Watch
    from optimizer.tables import case_from_tables

    case = None if task["tables"] is None else case_from_tables(task["tables"], name=task["case_name"])[0]
    onto = None if task["onto"] is None else case_from_tables(task["onto"], name=task["case_name"])[0]
    pages, settles = Pages(line, task["known"]), bool(task["settles"])
    pages.known(task["study"])
    given = Given(
        case,
        None if task["plan"] is None else json.loads(task["plan"]),
        onto,
        SolveParams(**task["solve"]),
        0.0 if settles else task["params"].get("time_limit_s"),
        Watch(
            on_progress=pages.progress,
            cancelled=(lambda: True) if settles else cancelled.is_set,
            grace_s=task["grace_s"],
        ),
        pages,
    )
    return {"answer": answer_further(task["study"], task["question"], given)}
