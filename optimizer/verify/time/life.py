"""Demand over the life of a client, computed apart from ``optimizer.domain.time``.

Definition (``docs/model.md``, planning over time): the factor of a day is 0 before the start, that of ``start_up``
or ``drawdown`` (the larger where both hold) within their months, else 1, that of ``residual`` within its months
from the end, 0 after. Here the days of a period are counted phase by phase.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from optimizer.domain.types import exact
from optimizer.verify.time.figures import months_later

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from optimizer.domain.horizon import Period
    from optimizer.domain.time_rows import ProfileRow
    from optimizer.domain.types import Entity, Offer, Provider

__all__ = ["Lives", "may_serve", "stays_there"]

Span = tuple[int, int]
"""Days [first, last) by their ordinals; empty where last ≤ first."""

_FOREVER: Final = 10**7
_ALL: Final = ("", "*")


def _span(begin: date | None, end: date | None) -> Span:
    return begin.toordinal() if begin else -_FOREVER, end.toordinal() if end else _FOREVER


def _common(a: Span, b: Span) -> Span:
    return max(a[0], b[0]), min(a[1], b[1])


def _days(span: Span) -> int:
    return max(0, span[1] - span[0])


def stays_there(entity: Entity, period: Period) -> bool:
    """The period holds a day from the entity's start to before its end."""
    return _days(_common(_span(entity.start, entity.end), _span(period.begin, period.end))) > 0


def may_serve(row: Provider | Offer, period: Period) -> bool:
    """A provider or an offer is there on every day of a period."""
    first, last = _span(row.start, row.end)
    begin, end = _span(period.begin, period.end)
    return first <= begin and end <= last


class Lives:
    """The table ``profiles``, asked for the mean factor of (entity, service) in a period."""

    def __init__(self, rows: Iterable[ProfileRow]) -> None:
        self._rows: dict[str, list[ProfileRow]] = {}
        for row in rows:
            self._rows.setdefault(row.profile, []).append(row)

    def mean(self, entity: Entity, service: str, period: Period) -> Fraction:
        """Mean of the factor over the days of the period."""
        within = _span(period.begin, period.end)
        there = _common(_span(entity.start, entity.end), within)
        early, early_factor = self._phase(entity, service, "start_up", there)
        late, late_factor = self._phase(entity, service, "drawdown", there)
        both = _days(_common(early, late))
        plain = _days(there) - _days(early) - _days(late) + both
        total = plain + (_days(early) - both) * early_factor + (_days(late) - both) * late_factor
        total += both * max(early_factor, late_factor)
        after, after_factor = self._phase(entity, service, "residual", within)
        return (total + _days(after) * after_factor) / _days(within)

    def _phase(self, entity: Entity, service: str, phase: str, within: Span) -> tuple[Span, Fraction]:
        """Days of a phase within others, and its factor."""
        row = self._row(entity.profile, service, phase)
        anchor = entity.start if phase == "start_up" else entity.end
        if row is None or anchor is None:
            return (0, 0), Fraction(0)
        if phase == "drawdown":
            span = _span(months_later(anchor, -row.months), anchor)
        else:
            span = _span(anchor, months_later(anchor, row.months))
        return _common(_common(span, _span(entity.start, None)), within), exact(row.factor)

    def _row(self, profile: str, service: str, phase: str) -> ProfileRow | None:
        """The row of the service if there is one, else that of all services."""
        rows = [row for row in self._rows.get(profile, ()) if row.phase == phase] if profile else []
        named = [row for row in rows if row.service == service]
        return next(iter(named or [row for row in rows if row.service in _ALL]), None)
