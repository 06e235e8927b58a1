"""What a study is: a question with fields, and how it is answered."""

from __future__ import annotations

import itertools
import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

from optimizer.plan.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from optimizer.domain.answer import Answer, Point
    from optimizer.domain.params import SolveParams
    from optimizer.session import Session
    from optimizer.solvers.accept.solve import Watch

__all__ = ["STOPPED", "Book", "Budget", "Question", "Setting", "fields_of"]

STOPPED: Final = "it was stopped"
"""Why a point is not answered where the user ended the study."""


class Question(Protocol):
    """A question about a case; a frozen dataclass whose fields are what must be known to ask it.

    The first line of its docstring is the help of its command; the metadata ``help`` of a field is that of its option.
    """

    kind: ClassVar[str]
    """Its name: in Python with ``_``, on the command line with ``-``."""
    needs_plan: ClassVar[bool]
    """It is about a plan, not about the case alone."""

    def run(self, setting: Setting) -> Answer:
        """Answer it."""
        ...


class Book(Protocol):
    """Where the points of a study are kept as they are answered, so that a study that was cut short goes on.

    The key of a point is the same whenever the same question is asked about the same case.
    """

    def known(self, key: str) -> tuple[Point, Mapping[str, Any] | None] | None:
        """The point that was answered under this key, with what was kept of its plan; ``None``: not answered yet."""
        ...

    def answered(self, key: str, point: Point, plan: Mapping[str, Any] | None) -> None:
        """Keep an answered point and the plan behind it: its document, or of a search its ``assignments`` alone."""
        ...


@dataclass(frozen=True, slots=True)
class Setting:
    """What a study works with.

    Parameters
    ----------
    session : Session
        The case.
    plan : Plan, optional
        The reference.
    params : SolveParams
        Backend and limits of one solve.
    budget : Budget
        What is left of the study's time.
    watch : Watch
        Progress and cancellation.
    book : Book, optional
        Points that were answered before, and where those that are answered now are kept.
    """

    session: Session
    plan: Plan | None
    params: SolveParams
    budget: Budget
    watch: Watch
    book: Book | None = None

    def answered(
        self, key: str, session: Session, solve: Callable[[], tuple[Point, Plan | None]]
    ) -> tuple[Point, Plan | None]:
        """A point from the book, or solved now and kept there; one that is not answered is not kept.

        Parameters
        ----------
        key : str
            Of the point, the same whenever this question is asked about this case.
        session : Session
            The case that the point's plan answers; a plan from the book is one of its plans in hand.
        solve : callable
            Makes the point and its plan. ``Point.plan`` is for the caller to set: it may differ from run to run.
        """
        held = None if self.book is None else self.book.known(key)
        if held is not None:
            point, document = held
            plan = None if document is None else Plan.from_document(document, session.case)
            if plan is not None:
                session.keep(plan)
            return point, plan
        point, plan = solve()
        if point.status == "not_answered" and self.watch.stopped:  # a backend says it in words of its own
            point = replace(point, detail=STOPPED)
        if self.book is not None and point.status != "not_answered":
            self.book.answered(key, point, None if plan is None else plan.document())
        return point, plan


class Budget:
    """The study's time, shared out over what is still to be solved, less what is kept for making plans whole."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds
        self._kept = 0.0
        self._numbers = itertools.count(1)

    def number(self) -> int:
        """Of the next search, from 1."""
        return next(self._numbers)

    def share(self, left: int) -> float | None:
        """Seconds for the next of ``left`` solves; ``None`` without a limit."""
        return None if self._end is None else max(0.0, self._end - self._kept - time.monotonic()) / max(left, 1)

    def keep(self, seconds: float) -> None:
        """Keep so much of the time, at most half of what is left, for pricing and checking the plans that are found.

        A search knows its plan's cost; the figures of its document take seconds each on a large case.
        """
        if self._end is not None:
            self._kept = min(seconds, max(0.0, self._end - time.monotonic()) / 2)

    def give_back(self, seconds: float) -> None:
        """Time that went into what is done once on a machine, not into the study."""
        if self._end is not None:
            self._end += seconds

    @property
    def over(self) -> bool:
        """Nothing is left to search in."""
        return self._end is not None and time.monotonic() >= self._end - self._kept

    def fits(self, seconds: float) -> bool:
        """Whether so much is left, what was kept counted."""
        return self._end is None or self._end - time.monotonic() >= seconds


def fields_of(question: Any) -> dict[str, Any]:
    """Fields of a question as plain values."""
    return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(question).items()}
