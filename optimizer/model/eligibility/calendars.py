"""Shared working hours of two offices over a calendar year.

Definition (design 3): ISO weeks whose Thursday lies in the calendar year, Monday to Sunday by
the *entity's* dates; entity windows on its working days; provider windows of every date that
touches the week; intersected in UTC minutes; divided by the entity's working days of the week.
Local times that do not exist move forward by the gap, ambiguous ones are the first of the two.
No holidays.

Work is done once per distinct set of windows, never per pair of offices.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytz

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from optimizer.domain.types import WorkPattern
    from optimizer.model.aliases import Floats, Ints

    Minutes = NDArray[np.int32]

__all__ = ["Overlap", "iso_weeks", "local_to_utc", "windows", "working_overlap", "zone_database_version"]

DAY: Final = 1440
REACH: Final = 2
"""Days around an entity's date whose provider windows can touch it (zones lie up to 26 h apart)."""

EPOCH: Final = date(1970, 1, 1)
NEVER: Final = 2**28
"""Start of a window that does not exist; its end is ``-NEVER``."""


@dataclass(frozen=True, eq=False)
class Overlap:
    """Shared working time of every entity with every provider.

    Parameters
    ----------
    hours : ndarray of shape (n_entities, n_providers)
        Hours per working day of the entity, mean over the weeks.
    hours_worst : ndarray of shape (n_entities, n_providers)
        The same in the week that has least.
    worst_minutes : ndarray of shape (n_entities, n_providers), int32
        Shared minutes in that week, exact.
    working_days : ndarray of shape (n_entities,), int32
        Working days of the entity in a week.
    """

    hours: Floats
    hours_worst: Floats
    worst_minutes: Minutes
    working_days: Minutes


def zone_database_version() -> str:
    """Release of the time-zone database that pytz carries, e.g. ``2026f``."""
    return str(vars(pytz)["OLSON_VERSION"])


def iso_weeks(year: int) -> tuple[date, int]:
    """First Monday and number of the ISO weeks whose Thursday lies in ``year``."""
    first, following = (date.fromisocalendar(y, 1, 1) for y in (year, year + 1))
    return first, (following - first).days // 7


@lru_cache(maxsize=1024)
def _offsets(zone: str) -> tuple[Ints, Ints]:
    """Wall-clock minutes at which the UTC offset changes (k,) and the offsets (k + 1,).

    A change takes effect in wall time at utc + max(offset before, offset after): times in a gap
    keep the offset before it (so they move forward), repeated times are the first.
    """
    tz: Any = pytz.timezone(zone)
    times = getattr(tz, "_utc_transition_times", None)
    if not times:
        return np.empty(0, np.int64), np.array([_minutes(tz.utcoffset(datetime(2000, 1, 1)))], np.int64)
    offset = np.array([_minutes(info[0]) for info in tz._transition_info], np.int64)
    utc = np.array([_minutes(t - datetime(1970, 1, 1)) for t in times[1:]], np.int64)
    return utc + np.maximum(offset[:-1], offset[1:]), offset


def _minutes(span: timedelta) -> int:
    """Whole minutes, rounded up (only zones of before 1972 have seconds)."""
    return -(-span // timedelta(minutes=1))


def local_to_utc(zone: str, local: Ints) -> Ints:
    """Minutes since 1970 in wall time of an IANA zone → minutes since 1970 in UTC; any shape."""
    change, offset = _offsets(zone)
    return local - offset[np.searchsorted(change, local, side="right")]


def windows(pattern: WorkPattern, first: date, n_days: int, run: int = 7) -> Minutes:
    """Daily working windows in UTC.

    Parameters
    ----------
    run : int
        Windows of this many days in a row do not overlap: no minute counts twice, not even when
        an island skips a day at the date line and that day's hours move onto the next.

    Returns
    -------
    ndarray of shape (2, n_days), int32
        Start and end in minutes since midnight UTC of ``first``, for local dates from ``first``;
        days off have an empty window.
    """
    origin = (first - EPOCH).days * DAY
    midnight = origin + DAY * np.arange(n_days)
    opening, closing = (60 * t.hour + t.minute for t in (pattern.start, pattern.end))
    out = np.stack([local_to_utc(pattern.time_zone, midnight + m) - origin for m in (opening, closing)])
    off = np.isin((np.arange(n_days) + first.weekday()) % 7, sorted(pattern.weekend))
    out[0, off], out[1, off] = NEVER, -NEVER
    start, end = out.reshape(2, n_days // run, run)
    np.maximum(start[:, 1:], np.maximum.accumulate(end, axis=1)[:, :-1], out=start[:, 1:])
    return out.astype(np.int32)


def _distinct(patterns: Sequence[WorkPattern], first: date, n_days: int, run: int) -> tuple[list[Minutes], Ints]:
    """Distinct sets of windows, and for each pattern its position among them."""
    by_pattern: dict[WorkPattern, int] = {}
    by_windows: dict[bytes, int] = {}
    found: list[Minutes] = []
    member = np.empty(len(patterns), np.int64)
    for i, pattern in enumerate(patterns):
        if pattern not in by_pattern:
            w = windows(pattern, first, n_days, run)
            by_pattern[pattern] = by_windows.setdefault(w.tobytes(), len(found))
            if len(by_windows) > len(found):
                found.append(w)
        member[i] = by_pattern[pattern]
    return found, member


def _week_minutes(own: Minutes, theirs: Minutes, n_weeks: int) -> Ints:
    """Shared minutes by provider class and week.

    Parameters
    ----------
    own : ndarray of shape (2, 7 · n_weeks)
    theirs : ndarray of shape (2, n_classes, 7 · n_weeks + 2 · REACH)
        Provider windows, starting ``REACH`` days earlier; same origin of time.
    """
    days = np.flatnonzero(own[0] < NEVER)
    start, end = own[0, days], own[1, days]
    total = np.zeros((theirs.shape[1], len(days)), np.int32)
    for shift in range(2 * REACH + 1):
        shared = np.minimum(theirs[1][:, days + shift], end)
        shared -= np.maximum(theirs[0][:, days + shift], start)
        total += np.maximum(shared, 0)
    by_week: Ints = total.reshape(len(total), n_weeks, len(days) // n_weeks).sum(axis=2, dtype=np.int64)
    return by_week


def working_overlap(entities: Sequence[WorkPattern], providers: Sequence[WorkPattern], year: int) -> Overlap:
    """Mean and worst-week shared hours per working day of every entity with every provider.

    Parameters
    ----------
    entities, providers : sequence of WorkPattern
    year : int
        Calendar year, 1971 to 2037.

    Returns
    -------
    Overlap
        Entities without any working day have 0 hours.
    """
    first, n_weeks = iso_weeks(year)
    n_days = 7 * n_weeks
    own, entity_class = _distinct(entities, first, n_days, 7)
    longer = n_days + 2 * REACH
    their, provider_class = _distinct(providers, first - timedelta(days=REACH), longer, longer)
    theirs = np.stack(their, axis=1) - np.int32(REACH * DAY) if their else np.empty((2, 0, longer), np.int32)
    total = np.empty((len(own), len(their)), np.int64)
    worst = np.empty((len(own), len(their)), np.int32)
    days = np.empty(len(own), np.int32)
    for i, w in enumerate(own):
        week = _week_minutes(w, theirs, n_weeks)
        total[i], worst[i] = week.sum(axis=1), week.min(axis=1)
        days[i] = np.count_nonzero(w[0] < NEVER) // n_weeks
    divisor = 60.0 * np.maximum(days, 1)[:, None]
    cell = np.ix_(entity_class, provider_class)
    return Overlap(
        hours=(total / (divisor * n_weeks))[cell],
        hours_worst=(worst / divisor)[cell],
        worst_minutes=worst[cell],
        working_days=days[entity_class],
    )
