"""Working-hours overlap against a slow calculation with zoneinfo and the tzdata package."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import pytz
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.domain.types import WorkPattern
from optimizer.model.eligibility.calendars import iso_weeks, local_to_utc, working_overlap, zone_database_version

SAT_SUN, FRI_SAT = frozenset({5, 6}), frozenset({4, 5})
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = sorted(pytz.common_timezones)


@cache
def zone(name: str) -> ZoneInfo:
    """Zone of the tzdata package, never of the operating system."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as f:
        return ZoneInfo.from_file(f, key=name)


@cache
def minute(name: str, day: date, at: time) -> int:
    """UTC minutes of a local time."""
    return int((datetime.combine(day, at, zone(name)).astimezone(UTC) - EPOCH).total_seconds()) // 60


def window(w: WorkPattern, day: date) -> tuple[int, int]:
    """Working window of a date; empty on days off."""
    if day.weekday() in w.weekend:
        return (0, 0)
    return minute(w.time_zone, day, w.start), minute(w.time_zone, day, w.end)


def merged(windows) -> list[tuple[int, int]]:
    """Windows without overlap, so that no minute counts twice."""
    out: list[tuple[int, int]] = []
    for a, b in sorted(windows):
        out.append((max([a, *(end for _, end in out)]), b))
    return out


def slow_weeks(entity: WorkPattern, provider: WorkPattern, year: int) -> list[int]:
    """Shared minutes of each ISO week of the year, window by window."""
    thursday = next(d for i in range(7) if (d := date(year, 1, 1) + timedelta(i)).weekday() == 3)
    out = []
    while thursday.year == year:
        days = [thursday + timedelta(i) for i in range(-3, 4)]
        mine = merged(window(entity, d) for d in days)
        theirs = merged(window(provider, days[0] + timedelta(i)) for i in range(-4, 12))
        shared = [max(0, min(b, d) - max(a, c)) for a, b in mine for c, d in theirs]
        out.append(sum(shared))
        thursday += timedelta(7)
    return out


def agree(entity: WorkPattern, provider: WorkPattern, year: int) -> None:
    """The fast result equals the slow one, to the minute."""
    fast, slow = working_overlap([entity], [provider], year), slow_weeks(entity, provider, year)
    days = 7 - len(entity.weekend)
    assert fast.working_days.tolist() == [days]
    assert fast.worst_minutes.tolist() == [[min(slow)]]
    assert fast.hours_worst[0, 0] == pytest.approx(min(slow) / 60 / days, abs=1e-12)
    assert fast.hours[0, 0] == pytest.approx(sum(slow) / len(slow) / 60 / days, abs=1e-12)


def office(zone_name: str, start: time = time(9), end: time = time(17), weekend=SAT_SUN) -> WorkPattern:
    """An office with usual hours."""
    return WorkPattern(zone_name, start, end, weekend)


@pytest.mark.parametrize("name", ZONES)
def test_every_zone_matches_the_other_database(name):
    """With Paris on one side and, in another year, with Auckland on the other."""
    agree(office(name), office("Europe/Paris"), 2026)
    agree(office("Pacific/Auckland", weekend=FRI_SAT), office(name), 2032)


@given(
    data=st.tuples(st.sampled_from(ZONES), st.sampled_from(ZONES)),
    year=st.integers(1971, 2037),
    hours=st.lists(st.integers(0, 1439), min_size=4, max_size=4, unique=True),
    off=st.tuples(st.frozensets(st.integers(0, 6), max_size=6), st.frozensets(st.integers(0, 6), max_size=7)),
)
@settings(max_examples=150, deadline=None)
def test_any_hours_weekends_and_years(data, year, hours, off):
    """Windows that begin or end inside a change of the clocks included."""
    a, b = ([time(*divmod(m, 60)) for m in sorted(pair)] for pair in (hours[:2], hours[2:]))
    agree(WorkPattern(data[0], *a, off[0]), WorkPattern(data[1], *b, off[1]), year)


@pytest.mark.parametrize(
    ("name", "year"),
    [("Pacific/Apia", 2011), ("Pacific/Fakaofo", 2011), ("Pacific/Kwajalein", 1993), ("Pacific/Kiritimati", 1994)],
)
def test_a_skipped_day_does_not_count_twice(name, year):
    """Islands that crossed the date line: hours of the missing day fall onto the next one."""
    allday = office(name, time(0), time(23, 59), frozenset())
    for other in (allday, office("Pacific/Pago_Pago"), office("Pacific/Kiritimati"), office("Europe/Paris")):
        agree(allday, other, year)
        agree(other, allday, year)
        agree(office(name), other, year)


def test_per_minute_count():
    """Every minute of the year, counted one by one: half hour, date line, different weekends."""
    entity, provider = office("Asia/Kathmandu", weekend=FRI_SAT), office("Pacific/Auckland", time(7), time(23))
    first, n_weeks = iso_weeks(2027)
    weeks = []
    for w in range(n_weeks):
        days = [first + timedelta(7 * w + i) for i in range(7)]
        mine = {m for d in days for m in range(*window(entity, d))}
        theirs = {m for i in range(-3, 10) for m in range(*window(provider, days[0] + timedelta(i)))}
        weeks.append(len(mine & theirs))
    assert working_overlap([entity], [provider], 2027).worst_minutes[0, 0] == min(weeks)
    assert slow_weeks(entity, provider, 2027) == weeks


@pytest.mark.parametrize(
    ("name", "local", "utc"),
    [
        ("Europe/Paris", datetime(2026, 3, 29, 2, 30), datetime(2026, 3, 29, 1, 30)),  # does not exist: forward
        ("Europe/Paris", datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 0, 30)),  # twice: the first
        ("Australia/Lord_Howe", datetime(2026, 10, 4, 2, 15), datetime(2026, 10, 3, 15, 45)),  # half-hour gap
        ("Australia/Lord_Howe", datetime(2026, 4, 5, 1, 45), datetime(2026, 4, 4, 14, 45)),
        ("Europe/Dublin", datetime(2026, 10, 25, 1, 30), datetime(2026, 10, 25, 0, 30)),  # winter is the DST there
        ("Asia/Kathmandu", datetime(2026, 1, 1, 9), datetime(2026, 1, 1, 3, 15)),
        ("America/St_Johns", datetime(2026, 7, 1, 9), datetime(2026, 7, 1, 11, 30)),
        ("UTC", datetime(2026, 7, 1, 9), datetime(2026, 7, 1, 9)),
        ("Etc/GMT-14", datetime(2026, 1, 1, 9), datetime(2025, 12, 31, 19)),
    ],
)
def test_local_times(name, local, utc):
    """Gaps move forward, repeated times are the first, odd offsets are kept."""
    minutes = [(t - datetime(1970, 1, 1)) // timedelta(minutes=1) for t in (local, utc)]
    assert local_to_utc(name, np.array([minutes[0]])).tolist() == [minutes[1]]


def test_same_office_shares_its_whole_day():
    """Eight hours on every working day, whatever the weekend."""
    o = working_overlap([office("Asia/Dubai", weekend=FRI_SAT)], [office("Asia/Dubai", weekend=FRI_SAT)], 2026)
    assert (o.hours[0, 0], o.hours_worst[0, 0], o.worst_minutes[0, 0]) == (8.0, 8.0, 5 * 480)


def test_weekends_that_differ_cost_a_day():
    """Sunday to Thursday against Monday to Friday: four of five days."""
    o = working_overlap([office("Asia/Dubai", weekend=FRI_SAT)], [office("Asia/Dubai")], 2026)
    assert o.hours[0, 0] == pytest.approx(6.4)


def test_the_worst_week_lies_between_two_changes_of_the_clocks():
    """Paris and New York share 2 hours, but 3 while only one of them has moved its clocks."""
    o = working_overlap([office("America/New_York")], [office("Europe/Paris")], 2026)
    assert o.hours_worst[0, 0] == 2.0
    assert o.hours[0, 0] == pytest.approx(2.0 + 4 / 53)  # 4 weeks of 53 with an hour more


def test_date_line_reaches_two_days():
    """The last hour of a day in Pago Pago is the first of the day after next in Kiritimati."""
    entity = office("Pacific/Pago_Pago", time(21), time(23, 59), frozenset())
    provider = office("Pacific/Kiritimati", time(0), time(1), frozenset())
    assert working_overlap([entity], [provider], 2026).worst_minutes[0, 0] == 7 * 59


def test_classes_are_scattered_back_in_order():
    """Rows that repeat get equal results at their own places."""
    names = ["Asia/Tokyo", "Europe/Paris", "Asia/Tokyo", "Africa/Lagos"]
    o = working_overlap([office(n) for n in names], [office(n) for n in reversed(names)], 2026)
    assert o.hours.shape == (4, 4)
    assert np.array_equal(o.hours[0], o.hours[2])
    assert np.array_equal(o.hours[:, 1], o.hours[:, 3])
    assert o.hours[0, 1] == 8.0
    assert o.hours[1, 2] == 8.0


def test_no_working_day_and_nobody():
    """An entity that never works shares nothing; empty sides give empty tables."""
    never = office("UTC", weekend=frozenset(range(7)))
    assert working_overlap([never], [office("UTC")], 2026).hours.tolist() == [[0.0]]
    assert working_overlap([office("UTC")], [], 2026).hours.shape == (1, 0)
    assert working_overlap([], [office("UTC")], 2026).worst_minutes.shape == (0, 1)


@pytest.mark.parametrize(("year", "monday", "n"), [(2026, date(2025, 12, 29), 53), (2027, date(2027, 1, 4), 52)])
def test_weeks_belong_to_the_year_of_their_thursday(year, monday, n):
    """2026 begins on a Thursday and has 53 weeks."""
    assert iso_weeks(year) == (monday, n)


def test_database_version():
    """Shown in every plan."""
    assert zone_database_version() == pytz.OLSON_VERSION
