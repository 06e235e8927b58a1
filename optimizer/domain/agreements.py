"""Service agreements, what is measured under them, the score that follows. A field ``from_`` is the column ``from``."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal

from optimizer.domain.horizon import add_months
from optimizer.domain.types import exact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

__all__ = [
    "DIRECTIONS",
    "Agreement",
    "Direction",
    "Indicator",
    "Measurement",
    "Score",
    "Survey",
    "agreed",
    "last_year",
    "ratio",
    "scores_of",
]

Direction = Literal["higher", "lower"]
DIRECTIONS: Final[tuple[Direction, ...]] = ("higher", "lower")
"""Which values of an indicator are better."""

MONTHS: Final = 12
"""Months that a score looks back."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a provider promises a client (``*``: all) for a service, from a day until the day before ``until``.

    One row for each indicator that has a target; without one the row says that there is an agreement. ``notice``:
    months before its end. ``penalty`` is a memo.
    """

    provider: str
    client: str
    service: str
    from_: date
    until: date | None = None
    notice: float = 0.0
    indicator: str = ""
    target: float | None = None
    penalty: str = ""

    def covers(self, provider: str, service: str, client: str, on: date) -> bool:
        """Whether it holds for a provider's service to a client on a day; a client's own rows do not replace ``*``."""
        here = self.provider == provider and self.service == service and self.client in (client, "*")
        return here and self.from_ <= on and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True)
class Indicator:
    """What is measured; ``minimum_standard``: beyond it the standard is missed."""

    id: str
    unit: str = ""
    direction: Direction = "higher"
    minimum_standard: float | None = None

    def misses(self, value: Fraction) -> bool:
        """Whether a value is worse than the minimum standard."""
        if self.minimum_standard is None:
            return False
        least = exact(self.minimum_standard)
        return value < least if self.direction == "higher" else value > least


@dataclass(frozen=True, slots=True)
class Measurement:
    """A value of an indicator in the month of ``period``, for a client or for all (``*``)."""

    period: date
    provider: str
    service: str
    client: str
    indicator: str
    value: float
    source: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """How a client judges a provider, 1 (worst) to 5; ``n`` answers."""

    period: date
    client: str
    provider: str
    score: float
    n: float = 1.0


@dataclass(frozen=True, slots=True)
class Score:
    """Service level of a provider's service, 0 to 1, and what it is the mean of.

    Parameters
    ----------
    score : Fraction
    by_indicator : mapping of str to Fraction
        Mean over its measurements of the last 12 months of min(1, value / target).
    measurements : int
    """

    score: Fraction
    by_indicator: Mapping[str, Fraction]
    measurements: int


def last_year(measurements: Iterable[Measurement], as_of: date) -> list[Measurement]:
    """Measurements of the 12 months before the month of ``as_of``, that month itself left out."""
    end = as_of.replace(day=1)
    begin = add_months(end, -MONTHS)
    return [m for m in measurements if begin <= m.period < end]


def agreed(agreements: Sequence[Agreement], m: Measurement) -> Fraction | None:
    """The target that a measurement is held against; that of the client itself goes before that of all.

    Of several the one that begins last. ``None``: nothing was promised.
    """
    found = [
        a
        for a in agreements
        if a.indicator == m.indicator and a.target and a.covers(m.provider, m.service, m.client, m.period)
    ]
    best = max(found, key=lambda a: (a.client != "*", a.from_), default=None)
    return None if best is None or best.target is None else exact(best.target)


def ratio(direction: Direction, value: Fraction, target: Fraction) -> Fraction:
    """How far a target is met, 0 to 1: value / target; where less is better target / value, 1 at a value of 0."""
    if direction == "higher":
        return min(Fraction(1), value / target)
    return Fraction(1) if value == 0 else min(Fraction(1), target / value)


def scores_of(
    agreements: Sequence[Agreement],
    indicators: Iterable[Indicator],
    measurements: Iterable[Measurement],
    as_of: date,
) -> dict[tuple[str, str], Score]:
    """Scores by (provider, service): mean over indicators of the 12-month mean of min(1, value / target).

    Parameters
    ----------
    agreements, indicators, measurements : sequence
        A measurement without a target of its day and client counts nowhere.
    as_of : date
        The 12 months end with the month before.

    Returns
    -------
    dict of (provider, service) to Score
        Those with a measurement that counts.
    """
    directions = {i.id: i.direction for i in indicators}
    met: dict[tuple[str, str], dict[str, list[Fraction]]] = defaultdict(lambda: defaultdict(list))
    for m in last_year(measurements, as_of):
        target = agreed(agreements, m)
        if target is not None and m.indicator in directions:
            found = ratio(directions[m.indicator], exact(m.value), target)
            met[m.provider, m.service][m.indicator].append(found)
    return {key: _score(met[key]) for key in sorted(met)}


def _score(met: Mapping[str, Sequence[Fraction]]) -> Score:
    means = {i: sum(met[i], Fraction(0)) / len(met[i]) for i in sorted(met)}
    return Score(sum(means.values(), Fraction(0)) / len(means), means, sum(map(len, met.values())))
