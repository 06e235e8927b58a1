"""Demand over the life of a client: start-up, drawdown, residual work (``profiles``)."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from optimizer.domain.horizon import add_months
from optimizer.domain.time.figures import ANY
from optimizer.domain.types import exact

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from optimizer.domain.horizon import Period
    from optimizer.domain.time_rows import Phase, ProfileRow
    from optimizer.domain.types import Entity

__all__ = ["Profiles", "is_there"]


def is_there(entity: Entity, period: Period) -> bool:
    """Whether the period holds a day from the entity's start to before its end."""
    begun = entity.start is None or entity.start < period.end
    return begun and (entity.end is None or entity.end > period.begin)


class Profiles:
    """The rows of ``profiles``, ready to be asked for the factor of a period.

    Parameters
    ----------
    rows : iterable of ProfileRow
        An exact service replaces ``*`` (or blank) in its phase.
    """

    def __init__(self, rows: Iterable[ProfileRow]) -> None:
        self._rows: dict[tuple[str, Phase, str], ProfileRow] = {
            (row.profile, row.phase, row.service or ANY): row for row in rows
        }
        self._known: dict[tuple[str, str, int], Fraction] = {}

    def mean(self, entity: Entity, service: str, period: Period) -> Fraction:
        """Mean of the factor of (entity, service) over the days of a period."""
        at = (entity.id, service, period.number)
        if at not in self._known:
            self._known[at] = self._mean(entity, service, period)
        return self._known[at]

    def _row(self, profile: str, phase: Phase, service: str) -> ProfileRow | None:
        if not profile:
            return None
        return self._rows.get((profile, phase, service)) or self._rows.get((profile, phase, ANY))

    def _mean(self, entity: Entity, service: str, period: Period) -> Fraction:
        if entity.start is None and entity.end is None:
            return Fraction(1)
        total = Fraction(0)
        days = sorted({period.begin, period.end, *self._turns(entity, service, period)})
        for begin, end in pairwise(days):
            total += (end - begin).days * self._factor(entity, service, begin)
        return total / period.days

    def _turns(self, entity: Entity, service: str, period: Period) -> set[date]:
        """Days within a period on which the factor may change."""
        out = {day for day in (entity.start, entity.end) if day is not None}
        for phase, day, sign in (
            ("start_up", entity.start, 1),
            ("drawdown", entity.end, -1),
            ("residual", entity.end, 1),
        ):
            row = self._row(entity.profile, phase, service)  # type: ignore[arg-type]
            if row is not None and day is not None:
                out.add(add_months(day, sign * row.months))
        return {day for day in out if period.begin < day < period.end}

    def _factor(self, entity: Entity, service: str, day: date) -> Fraction:
        """Factor on a day."""
        start, end = entity.start, entity.end
        if start is not None and day < start:
            return Fraction(0)
        if end is not None and day >= end:
            row = self._row(entity.profile, "residual", service)
            return exact(row.factor) if row is not None and day < add_months(end, row.months) else Fraction(0)
        phases = []
        if start is not None and (row := self._row(entity.profile, "start_up", service)) is not None:
            phases += [exact(row.factor)] if day < add_months(start, row.months) else []
        if end is not None and (row := self._row(entity.profile, "drawdown", service)) is not None:
            phases += [exact(row.factor)] if day >= add_months(end, -row.months) else []
        return max(phases, default=Fraction(1))
