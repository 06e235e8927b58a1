"""Shared working hours, worked out by hand."""

import sys
from datetime import date, time

import pytest

from optimizer.domain.types import WorkPattern
from optimizer.testing.hand import work
from optimizer.verify.calendar import OverlapCalendar, iso_mondays, load_zone, zone_version


def test_same_place_shares_the_whole_day():
    shared = OverlapCalendar(2026).overlap(work("Africa/Nairobi"), work("Africa/Nairobi"))
    assert (shared.mean_hours, shared.worst_hours, shared.working_days) == (8.0, 8.0, 5)


def test_daylight_saving_moves_the_overlap():
    """Nairobi is 2 h ahead of Vienna in winter and 1 h ahead in summer.

    In 2026 summer time runs from Sunday 29 March to Sunday 25 October: weeks of 30 March to
    19 October, 30 of 53, share 7 hours, the other 23 share 6.
    """
    shared = OverlapCalendar(2026).overlap(work("Africa/Nairobi"), work("Europe/Vienna"))
    assert shared.weeks == 53
    assert shared.worst_hours == 6.0
    assert shared.total_minutes == 5 * 60 * (30 * 7 + 23 * 6)
    assert shared.mean_hours == pytest.approx((30 * 7 + 23 * 6) / 53)


def test_weekends_count_from_the_entity():
    """A Friday–Saturday weekend shares four days with a Saturday–Sunday one, of the entity's five."""
    gulf = work("Asia/Baghdad", weekend=frozenset({4, 5}))
    shared = OverlapCalendar(2026).overlap(gulf, work("Africa/Nairobi"))
    assert shared.mean_hours == pytest.approx(8 * 4 / 5)


def test_six_day_week_is_divided_by_six():
    six = work("Africa/Nairobi", weekend=frozenset({6}))
    calendar_2026 = OverlapCalendar(2026)
    assert calendar_2026.overlap(six, work("Africa/Nairobi")).mean_hours == pytest.approx(8 * 5 / 6)
    assert calendar_2026.overlap(work("Africa/Nairobi"), six).mean_hours == 8.0


def test_the_other_side_of_the_date_line():
    """Auckland's Monday morning is Honolulu's Sunday: one of the five days has no partner."""
    auckland, honolulu = work("Pacific/Auckland", 9, 17), work("Pacific/Honolulu", 9, 17)
    shared = OverlapCalendar(2026).overlap(auckland, honolulu)
    # New Zealand summer (UTC+13): Auckland 9–17 is Honolulu 10–18 of the day before → 7 h; winter 11–19 → 6 h.
    assert shared.worst_minutes == 4 * 6 * 60
    assert 4 * 6 / 5 < shared.mean_hours < 4 * 7 / 5


def test_hours_that_the_clock_skips_or_repeats():
    """Vienna in 2026 skips 2:00–3:00 on Sunday 29 March and repeats it on Sunday 25 October.

    A Sunday shift from 2:30 to 6:00 lasts 3.5 h; in March it starts at 3:30 summer time, which is
    2.5 h before 6:00; in October it starts at the first 2:30, which is 4.5 h before 6:00.
    """
    sundays = WorkPattern("Europe/Vienna", time(2, 30), time(6), frozenset(range(6)))
    always = WorkPattern("UTC", time(0), time(23, 59), frozenset())
    shared = OverlapCalendar(2026).overlap(sundays, always)
    assert shared.worst_minutes == 150
    assert shared.total_minutes == 51 * 210 + 150 + 270


@pytest.mark.parametrize(("year", "weeks"), [(2020, 53), (2021, 52), (2024, 52), (2026, 53)])
def test_iso_weeks_have_their_thursday_in_the_year(year: int, weeks: int):
    mondays = iso_mondays(year)
    assert len(mondays) == weeks
    assert all(m.weekday() == 0 for m in mondays)
    assert mondays[0] <= date(year, 1, 4) < mondays[1]


def test_zones_come_from_the_package_not_the_system(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("zoneinfo.TZPATH", ("/nowhere",))
    assert load_zone("Asia/Kathmandu").key == "Asia/Kathmandu"
    assert zone_version() == sys.modules["tzdata"].IANA_VERSION
