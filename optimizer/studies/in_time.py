"""Plans of an answer made whole, that is priced and checked, one by one while the study has time for it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from optimizer.studies.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from optimizer.domain.answer import Sentence
    from optimizer.plan.plan import Plan
    from optimizer.studies.base import Budget

__all__ = ["InTime", "unwritten"]


class InTime:
    """Makes plans while what is left of the study's time is more than the slowest took, and the first in any case.

    Parameters
    ----------
    budget : Budget
        Of the study.
    sure : int, default 1
        Plans that are made in any case.
    """

    def __init__(self, budget: Budget, sure: int = 1) -> None:
        self._budget, self._sure = budget, sure
        self.seconds = 0.0
        """That the slowest plan took."""

    def keep(self, plans: int) -> None:
        """Keep time for so many plans, half of what is left at most."""
        self._budget.keep(self.seconds * plans)

    def make(self, state: Callable[[], Plan]) -> Plan | None:
        """The plan; ``None``: there is no time for it."""
        if self._sure <= 0 and not self._budget.fits(self.seconds):
            return None
        began = time.monotonic()
        plan = state()
        self.took(time.monotonic() - began)
        return plan

    def took(self, seconds: float) -> None:
        """Note what a plan took, also one that was made elsewhere."""
        self._sure -= 1
        self.seconds = max(self.seconds, seconds)


def unwritten(number: int) -> Iterator[Sentence]:
    """That plans are known by their cost alone."""
    if number > 0:
        yield say(
            "Plans known by their cost alone, the time being over: {n}; give more time for their figures.", n=number
        )
