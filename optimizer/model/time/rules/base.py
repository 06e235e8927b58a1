"""A rule of planning over time: one name, and the rows that say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.time.links import Links

__all__ = ["TimeRule"]


@dataclass(frozen=True, slots=True)
class TimeRule:
    """One hard rule between periods.

    Parameters
    ----------
    name : str
        As in ``TIME_RULES`` of the domain, in messages and in documents.
    rows : callable
        Adds the rows of the program that say it; none where it is off.
    """

    name: str
    rows: Callable[[Links], None]
