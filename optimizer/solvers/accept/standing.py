"""How far a solve has come: the best plan and the best bound that were reported, whoever reported them, and when."""

from __future__ import annotations

from optimizer.solvers.base import Incumbent, Progress

__all__ = ["Standing"]


class Standing:
    """Takes the reports of one solve; what is known once stays known.

    A backend may leave a figure out of a report, begin another phase, or hand its work to another backend that
    starts from nothing: the best plan never rises, the best bound never falls, and neither is lost.

    Attributes
    ----------
    incumbent, bound : float, optional
        Money a year; ``None`` = none yet.
    phase : str
        What the solver is at.
    """

    def __init__(self, phase: str = "") -> None:
        self.incumbent: float | None = None
        self.bound: float | None = None
        self.phase = phase

    def take(self, news: Incumbent | Progress) -> bool:
        """Count one report; true when it brings a plan."""
        held = news.objective if isinstance(news, Incumbent) else news.incumbent
        bound = None if isinstance(news, Incumbent) else news.bound
        if held is not None:
            self.incumbent = held if self.incumbent is None else min(self.incumbent, held)
        if bound is not None:
            self.bound = bound if self.bound is None else max(self.bound, bound)
        if isinstance(news, Incumbent):
            return True
        self.phase = news.phase or self.phase
        return False

    @property
    def gap(self) -> float | None:
        """Money a year that the plan may be above the best possible one; ``None`` until both are known."""
        if self.incumbent is None or self.bound is None:
            return None
        return max(0.0, self.incumbent - self.bound)
