"""What a study is: a question with fields, and how it is answered."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from optimizer.domain.answer import Answer
    from optimizer.domain.params import SolveParams
    from optimizer.plan.plan import Plan
    from optimizer.session import Session
    from optimizer.solvers.accept.solve import Watch

__all__ = ["Budget", "Question", "Setting", "fields_of"]


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
    """

    session: Session
    plan: Plan | None
    params: SolveParams
    budget: Budget
    watch: Watch


class Budget:
    """The study's time, shared out over what is still to be solved."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    def share(self, left: int) -> float | None:
        """Seconds for the next of ``left`` solves; ``None`` without a limit."""
        return None if self._end is None else max(0.0, self._end - time.monotonic()) / max(left, 1)

    @property
    def over(self) -> bool:
        """Nothing is left."""
        return self._end is not None and time.monotonic() >= self._end


def fields_of(question: Any) -> dict[str, Any]:
    """Fields of a question as plain values."""
    return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(question).items()}
