"""What the policy is made of: keys that are tables, words that keys choose from, how a key is described."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from optimizer.domain.names import TRANSITION_ELEMENTS
from optimizer.domain.types import exact

__all__ = [
    "ALONE_MODES",
    "IDLE_BY",
    "LEVEL_SOURCES",
    "LIST_KINDS",
    "MONEY_KEYS",
    "AloneMode",
    "IdleBy",
    "LevelSource",
    "ListKind",
    "PolicyKey",
    "SiteCount",
    "Transition",
]

ListKind = Literal["provider", "universal", "own"]
LIST_KINDS: Final[tuple[ListKind, ...]] = ("provider", "universal", "own")
"""Which prices clients pay."""

IdleBy = Literal["unshared", "effort", "amount", "equal"]
IDLE_BY: Final[tuple[IdleBy, ...]] = ("unshared", "effort", "amount", "equal")
"""How the cost of empty sites is shared."""

AloneMode = Literal["offers", "own"]
ALONE_MODES: Final[tuple[AloneMode, ...]] = ("offers", "own")
"""What a client that is by itself may use: every offer, or its own capacity alone."""

LevelSource = Literal["offers", "measurements"]
LEVEL_SOURCES: Final[tuple[LevelSource, ...]] = ("offers", "measurements")
"""Where service levels come from."""


@dataclass(frozen=True, slots=True)
class SiteCount:
    """Limits on open Secretariat sites; ``None`` = no limit."""

    min: int | None = None
    max: int | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """One-off cost of moving one FTE of work, by element, and the contingency on the sum."""

    separation: float = 0.0
    double_running: float = 0.0
    recruitment: float = 0.0
    training: float = 0.0
    knowledge_transfer: float = 0.0
    travel: float = 0.0
    project: float = 0.0
    contingency_rate: float = 0.0

    @property
    def per_fte(self) -> Fraction:
        """One-off cost of moving one FTE: Σ elements · (1 + contingency_rate)."""
        elements = sum((exact(getattr(self, name)) for name in TRANSITION_ELEMENTS), Fraction(0))
        return elements * (1 + exact(self.contingency_rate))


@dataclass(frozen=True, slots=True)
class PolicyKey:
    """Documentation and checking of one key."""

    name: str
    type: Literal["str", "int", "number", "bool", "date", "choice", "numbers", "range", "table"]
    unit: str
    off: str
    meaning: str
    minimum: float | None = 0.0
    maximum: float | None = None
    choices: tuple[str, ...] = ()


MONEY_KEYS: Final = (
    PolicyKey(
        "price_list",
        "choice",
        "-",
        "-",
        "which prices clients pay: of each provider, one a service for all, or each client its own cost",
        choices=LIST_KINDS,
    ),
    PolicyKey("price_step", "number", "money", "-", "prices of the list are whole multiples of it", 0.000001),
    PolicyKey(
        "idle_by",
        "choice",
        "-",
        "unshared",
        "how the cost of an empty site that must stay open is shared over clients: by effort, by amount, equally",
        choices=IDLE_BY,
    ),
    PolicyKey(
        "max_price_change_rel",
        "number",
        "share",
        "absent",
        "a client's price for a service changes by at most this share from one year to the next",
    ),
    PolicyKey(
        "alone_mode",
        "choice",
        "-",
        "-",
        "what a client that is compared as if by itself may use: every offer, or its own capacity alone",
        choices=ALONE_MODES,
    ),
    PolicyKey(
        "service_level_from",
        "choice",
        "-",
        "offers",
        "where the service level of an offer comes from: as stated, or measured under its agreements in 12 months",
        choices=LEVEL_SOURCES,
    ),
)
"""Keys of prices, fair shares and agreements."""
