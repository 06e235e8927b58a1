"""Rows of the tables of planning over time. A field ``from_`` is the column ``from``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

__all__ = [
    "CATEGORIES",
    "PHASES",
    "Budget",
    "Category",
    "Commitment",
    "Freeze",
    "PathRow",
    "Phase",
    "Precedence",
    "ProfileRow",
    "StaffingRow",
]

Phase = Literal["start_up", "drawdown", "residual"]
PHASES: Final[tuple[Phase, ...]] = ("start_up", "drawdown", "residual")

Category = Literal["D", "P", "NPO", "GS", "FS"]
CATEGORIES: Final[tuple[Category, ...]] = ("D", "P", "NPO", "GS", "FS")
"""Directors, professionals, national professional officers, general service, field service."""


@dataclass(frozen=True, slots=True)
class PathRow:
    """A figure that changes: exactly one of ``value``, ``factor``, ``growth`` is given."""

    table: str
    key: str
    column: str
    from_: date
    value: float | None = None
    factor: float | None = None
    growth: float | None = None
    reason: str = ""
    source: str = ""
    basis: str = ""
    low: float | None = None
    high: float | None = None

    @property
    def kind(self) -> Literal["value", "factor", "growth"]:
        """What the row does to the figure."""
        return "value" if self.value is not None else "factor" if self.factor is not None else "growth"

    @property
    def amount(self) -> float:
        """The one of the three that is given."""
        return next(x for x in (self.value, self.factor, self.growth) if x is not None)


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """Demand of a client in one phase of its life, against the time between; ``service`` ``*`` = all."""

    profile: str
    service: str
    phase: Phase
    months: int
    factor: float


@dataclass(frozen=True, slots=True)
class StaffingRow:
    """Share of a category in the effort of a provider (or ``OWN``), and what one FTE of it costs a year."""

    provider: str
    category: Category
    share: float
    cost_per_fte: float


@dataclass(frozen=True, slots=True)
class Freeze:
    """No switch takes effect from ``from_`` until before ``until``; blank scopes mean all."""

    from_: date
    until: date
    entity: str = ""
    service: str = ""
    provider: str = ""


@dataclass(frozen=True, slots=True)
class Precedence:
    """``then`` switches at the earliest ``gap_months`` after ``first`` (``*`` = all other services)."""

    first: str
    then: str
    gap_months: int = 0
    entity: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """Most one-off cost of a planning year, money."""

    year: int
    amount: float


@dataclass(frozen=True, slots=True)
class Commitment:
    """From its first period from ``from_`` on the demand is served by this provider (or ``OWN``)."""

    entity: str
    service: str
    from_: date
    provider: str
