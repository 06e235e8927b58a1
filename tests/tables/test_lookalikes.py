"""What a refused cell looks like is said; the cell is refused all the same."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from optimizer.domain.issues import Issue
from optimizer.tables import validate_case
from optimizer.tables.parse.alpha3 import alpha_2
from optimizer.tables.parse.lookalikes import number_hint, zone_hint, zone_without_place
from optimizer.tables.places.reference import countries, time_zones
from tests.tables.cases import Edit, write_files


def refused(tmp_path: Path, *edits: Edit) -> Issue:
    (found,) = validate_case(write_files(tmp_path / "case", edits))
    return found


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1.000,50", "1000.50"),
        ("1 000,50", "1000.50"),
        ("1\u00a0000,50", "1000.50"),
        ("1\u202f000", "1000"),
        ("1'000.50", "1000.50"),
        ("1’000.50", "1000.50"),
        ("1,000.50", "1000.50"),
        ("1,234,567", "1234567"),
        ("12,5", "12.5"),
        ("1,000", "1000 if thousands are meant, 1.000 if decimals are"),
        ("12%", "0.12"),
        ("$480", "480"),
        ("480 USD", "480"),
        ("(480)", "-480"),
        ("480-", "-480"),
        ("٤٨٠", "480"),
        ("n/a", "leave the cell blank"),
    ],
)
def test_a_number_that_is_written_otherwise(tmp_path: Path, text: str, hint: str) -> None:
    found = refused(tmp_path, ("demands.csv", "480", f'"{text}"'))
    assert (found.code, found.severity, found.row, found.value) == ("bad_number", "error", 4, text)
    assert hint in found.remedy


@pytest.mark.parametrize("text", ["4 80", "1_000", "twelve", "1.2.3", "1,2,3"])
def test_nothing_is_said_of_what_looks_like_nothing(text: str) -> None:
    assert number_hint(text) == ""


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("45123", "write 2023-07-16"),
        ("45123.5", "write 2023-07-16"),
        ("01/02/2020", "2020-02-01 or 2020-01-02"),
        ("31/12/2020", "Write 2020-12-31."),
        ("12/31/2020", "Write 2020-12-31."),
        ("31.12.2020", "Write 2020-12-31."),
        ("20200131", "Write 2020-01-31."),
        ("2020-1-5", "Write 2020-01-05."),
        ("2020-01-05T00:00:00", "write 2020-01-05"),
    ],
)
def test_a_date_that_is_written_otherwise(tmp_path: Path, text: str, hint: str) -> None:
    found = refused(tmp_path, ("entities.csv", "2020-01-01", text))
    assert (found.code, found.row, found.column, found.value) == ("bad_date", 3, "start", text)
    assert hint in found.remedy


@pytest.mark.parametrize(
    ("text", "hint"),
    [("0.3333333333", "08:00"), ("8 am", "08:00"), ("8.30", "08:30"), ("0830", "08:30"), ("12 am", "00:00")],
)
def test_a_time_that_is_written_otherwise(tmp_path: Path, text: str, hint: str) -> None:
    found = refused(tmp_path, ("entities.csv", "08:00", text))
    assert (found.code, found.row, found.column) == ("bad_time", 2, "work_start")
    assert f"rite {hint}." in found.remedy


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("GMT+3", "3:00 hours east"),
        ("UTC-05:30", "5:30 hours west"),
        ("IST", "Asia/Kolkata"),
        ("W. Europe Standard Time", "Windows"),
        ("Europe/Zuerich", "'Europe/Zurich'"),
    ],
)
def test_a_zone_that_is_none(tmp_path: Path, text: str, hint: str) -> None:
    found = refused(tmp_path, ("providers.csv", "Europe/Zurich", text))
    assert (found.code, found.severity, found.value) == ("bad_time_zone", "error", text)
    assert hint in found.remedy


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("EST", "no place's zone"),
        ("CET", "no place's zone"),
        ("UTC", "no place's zone"),
        ("Etc/UTC", "no place's zone"),
        ("Etc/GMT-3", "3 hours east of Greenwich"),
        ("Etc/GMT+5", "5 hours west of Greenwich"),
    ],
)
def test_a_zone_that_stands_for_no_place_is_told(tmp_path: Path, name: str, hint: str) -> None:
    found = refused(tmp_path, ("providers.csv", "Europe/Zurich", name))
    assert (found.code, found.severity, found.row) == ("zone_without_place", "warning", 3)
    assert hint in found.message


def test_every_zone_of_the_database_is_a_place_or_told() -> None:
    """A name without a slash that is not told must be that of a country or city."""
    places = {
        "Cuba",
        "Egypt",
        "Eire",
        "GB",
        "GB-Eire",
        "Hongkong",
        "Iceland",
        "Iran",
        "Israel",
        "Jamaica",
        "Japan",
        "Kwajalein",
        "Libya",
        "NZ",
        "NZ-CHAT",
        "Navajo",
        "PRC",
        "Poland",
        "Portugal",
        "ROC",
        "ROK",
        "Singapore",
        "Turkey",
        "W-SU",
    }
    silent = {z for z in time_zones() if not zone_without_place(z)}
    assert {z for z in silent if "/" not in z} == places
    assert not any(z.startswith("Etc/") for z in silent)


def test_a_name_of_a_place_gets_no_words() -> None:
    assert zone_without_place("Africa/Nairobi") == zone_hint("Africa/Nairobi") == ""


def test_summer_time_is_denied_only_to_zones_that_have_none() -> None:
    for name in time_zones():
        if "/" in name or not (told := zone_without_place(name)):
            continue
        offsets = {datetime(2026, month, 1, tzinfo=ZoneInfo(name)).utcoffset() for month in (1, 7)}
        assert ("summer time and changes of law at the place are not followed" in told) == (len(offsets) == 1), name


@pytest.mark.parametrize(("code", "meant"), [("KEN", "KE"), ("aut", "AT"), ("XKX", "XK")])
def test_codes_of_three_letters_are_named_by_those_of_two(tmp_path: Path, code: str, meant: str) -> None:
    found = refused(tmp_path, ("providers.csv", ",CH,46", f",{code},46"))
    assert (found.code, found.value) == ("bad_country", code)
    assert f"Did you mean '{meant}'?" in found.remedy


def test_every_country_has_a_code_of_three_letters() -> None:
    assert sorted(alpha_2().values()) == sorted(countries())
    assert all(len(code) == 3 and code.isupper() for code in alpha_2())


@pytest.mark.parametrize(
    ("text", "key", "rows"),
    [
        ("horizon_years = 5\nbackup = true\nhorizon_years = 7\n", "horizon_years", (1, 3)),
        ("backup = true\n[transition]\ntraining = 1\ntraining = 1\n", "transition.training", (3, 4)),
    ],
)
def test_a_key_of_the_policy_given_twice_is_named_with_both_lines(
    tmp_path: Path, text: str, key: str, rows: tuple[int, int]
) -> None:
    found = refused(tmp_path, ("policy.toml", "", text))
    assert (found.code, found.row, found.message) == ("policy_duplicate_key", rows[1], f"{key} is given twice")
    assert found.remedy == f"Keep one; the first is in row {rows[0]}."
