"""Shared working hours of two work patterns, from the zone files of the ``tzdata`` package.

Definition (``optimizer/model/README.md``, *overlap*): ISO weeks whose Thursday lies in
the calendar year, Monday to Sunday by the entity's dates; the entity's windows on its working
days against the provider's windows of every date that touches the week; intersected in UTC
minutes; divided by the entity's working days of the week. Local times that do not exist move
forward, ambiguous ones are the first of the two (``fold=0``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import tzdata  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.domain.types import WorkPattern

__all__ = ["Overlap", "OverlapCalendar", "iso_mondays", "load_zone", "zone_version"]

Windows = tuple[tuple[int, int], ...]
"""Half-open intervals in UTC minutes relative to a Monday 00:00 UTC, rising, disjoint."""

_REACH = range(-2, 9)
"""Days around a Monday whose windows, in any zone, can touch the week."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def zone_version() -> str:
    """Release of the zone database the verifier computes with, e.g. ``2026f``."""
    return str(tzdata.IANA_VERSION)


def load_zone(key: str) -> ZoneInfo:
    """Zone from the ``tzdata`` package, never from the system's own database."""
    resource = files("tzdata.zoneinfo").joinpath(*key.split("/"))
    with resource.open("rb") as stream:
        return ZoneInfo.from_file(stream, key=key)


def iso_mondays(year: int) -> list[date]:
    """Mondays of the ISO weeks whose Thursday lies in ``year`` (52 or 53)."""
    first = date.fromisocalendar(year, 1, 1)
    return [first + timedelta(weeks=w) for w in range(53) if (first + timedelta(weeks=w, days=3)).year == year]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Overlap of one entity pattern with one provider pattern over a year.

    Parameters
    ----------
    total_minutes : int
        Sum over all weeks.
    worst_minutes : int
        Least week.
    working_days : int
        The entity's working days in a week.
    weeks : int
        Number of weeks.
    """

    total_minutes: int
    worst_minutes: int
    working_days: int
    weeks: int

    @property
    def mean_hours(self) -> float:
        """Hours a working day, mean over the weeks."""
        return self.total_minutes / (60 * self.working_days * self.weeks) if self.working_days else 0.0

    @property
    def worst_hours(self) -> float:
        """Hours a working day in the least week."""
        return self.worst_minutes / (60 * self.working_days) if self.working_days else 0.0


class OverlapCalendar:
    """Overlaps of one calendar year, cached by pair of work patterns."""

    def __init__(self, year: int) -> None:
        self._mondays = iso_mondays(year)
        self._zones: dict[str, ZoneInfo] = {}
        self._entity_weeks: dict[WorkPattern, list[Windows]] = {}
        self._provider_weeks: dict[WorkPattern, list[Windows]] = {}
        self._minutes: dict[tuple[Windows, Windows], int] = {}
        self._overlaps: dict[tuple[WorkPattern, WorkPattern], Overlap] = {}

    def overlap(self, entity: WorkPattern, provider: WorkPattern) -> Overlap:
        """Overlap seen from the entity; not symmetric when weekends differ."""
        known = self._overlaps.get((entity, provider))
        if known is None:
            known = self._overlaps[entity, provider] = self._compute(entity, provider)
        return known

    def _compute(self, entity: WorkPattern, provider: WorkPattern) -> Overlap:
        if entity not in self._entity_weeks:
            self._entity_weeks[entity] = [self._windows(entity, m, range(7)) for m in self._mondays]
        if provider not in self._provider_weeks:
            self._provider_weeks[provider] = [self._windows(provider, m, _REACH) for m in self._mondays]
        weeks = [
            self._shared(a, b) for a, b in zip(self._entity_weeks[entity], self._provider_weeks[provider], strict=True)
        ]
        return Overlap(sum(weeks), min(weeks), 7 - len(entity.weekend), len(weeks))

    def _shared(self, a: Windows, b: Windows) -> int:
        known = self._minutes.get((a, b))
        if known is None:
            known = self._minutes[a, b] = _intersection(a, b)
        return known

    def _windows(self, pattern: WorkPattern, monday: date, days: range) -> Windows:
        origin = _minutes(datetime.combine(monday, time(), UTC))
        dates = [monday + timedelta(days=k) for k in days]
        return _merged(
            (self._utc(pattern, day, pattern.start) - origin, self._utc(pattern, day, pattern.end) - origin)
            for day in dates
            if day.weekday() not in pattern.weekend
        )

    def _utc(self, pattern: WorkPattern, day: date, clock: time) -> int:
        zone = self._zones.get(pattern.time_zone)
        if zone is None:
            zone = self._zones[pattern.time_zone] = load_zone(pattern.time_zone)
        return _minutes(datetime.combine(day, clock.replace(fold=0), zone))


def _minutes(moment: datetime) -> int:
    """Whole UTC minutes since 1970."""
    return (moment - _EPOCH) // timedelta(minutes=1)


def _merged(intervals: Iterable[tuple[int, int]]) -> Windows:
    """Union of intervals, rising; empty ones dropped."""
    out: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if end <= start:
            continue
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return tuple(out)


def _intersection(a: Windows, b: Windows) -> int:
    """Minutes that lie in both sets of windows."""
    total = i = j = 0
    while i < len(a) and j < len(b):
        shared = min(a[i][1], b[j][1]) - max(a[i][0], b[j][0])
        total += max(0, shared)
        if a[i][1] <= b[j][1]:
            i += 1
        else:
            j += 1
    return total
