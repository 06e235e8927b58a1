"""One thing to be solved: arrays for the solvers, and a judge that does not believe them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem

__all__ = ["Instance", "Judgement", "Known", "Scale"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an independent look at a plan found; ``objective`` in the instance's own terms."""

    ok: bool
    objective: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A value to compare with: ``status`` is ``optimal`` or ``best_known``."""

    value: float
    status: str = "best_known"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """From the program's objective to the instance's own: ``offset + sense · objective``.

    ``sense`` is 1 for a minimum and −1 for a maximum, which is solved as a minimum.
    """

    sense: int = 1
    offset: float = 0.0

    def own(self, value: float | None) -> float | None:
        """The instance's own value; ``None`` stays."""
        return None if value is None else self.offset + self.sense * value


@dataclass(frozen=True, eq=False)
class Instance:
    """A problem with its name and its judge.

    Parameters
    ----------
    family, name : str
    kind : str
        ``sscflp``, ``gap-min``, ``gap-max``, ``pmed``, ``cpmed`` or ``case``.
    problem : Problem
    judge : callable
        Rules and objective of a plan, recomputed from the source by other code than the solvers'.
    scale : Scale
    """

    family: str
    name: str
    kind: str
    problem: Problem
    judge: Callable[[Choice], Judgement]
    scale: Scale = field(default_factory=Scale)
