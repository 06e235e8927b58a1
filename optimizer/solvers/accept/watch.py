"""How a caller looks on at a solve and steps in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.solvers.base import Incumbent, Progress
    from optimizer.solvers.pool import ChildPool

__all__ = ["Stage", "Watch"]

Stage = Literal["solving", "document"]


@dataclass(frozen=True, eq=False)
class Watch:
    """How a caller looks on and steps in; all optional.

    ``on_incumbent`` gets the claimed objective of each plan reported and a function that gives its
    (entity, service, provider, backup) rows, so that a caller can keep the best plan so far; over time rows of
    (entity, service, number of the period, provider, backup), and the objective is discounted.
    ``on_stage`` hears ``"solving"`` and ``"document"``: what a solver did is then made into a plan document.
    ``grace_s``: how long a backend has to stop by itself once ``cancelled`` says so.
    """

    on_progress: Callable[[Incumbent | Progress], None] | None = None
    cancelled: Callable[[], bool] | None = None
    pool: ChildPool | None = None
    on_incumbent: Callable[[float, Callable[[], list[tuple[Any, ...]]]], None] | None = None
    on_stage: Callable[[Stage], None] | None = None
    grace_s: float | None = None

    def stage(self, name: Stage) -> None:
        """Tell whoever listens what begins."""
        if self.on_stage is not None:
            self.on_stage(name)

    @property
    def stopped(self) -> bool:
        """Whether the caller wants no more work done."""
        return self.cancelled is not None and self.cancelled()
