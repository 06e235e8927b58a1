"""Countries, languages, gazetteer: complete, and right where we know."""

from __future__ import annotations

from zoneinfo import available_timezones

import pytest

import data

DAYS = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}


@pytest.fixture(scope="module")
def countries():
    return {r["code"]: r for r in data.reference_rows("countries")}


@pytest.fixture(scope="module")
def gazetteer():
    return data.reference_rows("gazetteer")


def test_countries(countries):
    assert len(countries) == 250
    assert {r["zone"] for r in countries.values()} == {"americas", "asia_pacific", "rest"}
    assert all(set(r["weekend"].split(";")) <= DAYS for r in countries.values())
    assert countries["KE"]["intermediate_region"] == "Eastern Africa"
    assert countries["NA"]["name"] == "Namibia"


@pytest.mark.parametrize(
    ("code", "zone"),
    [("US", "americas"), ("CL", "americas"), ("FJ", "asia_pacific"), ("IR", "asia_pacific"), ("KZ", "rest"),
     ("LB", "rest"), ("XK", "rest"), ("EG", "rest")],
)  # fmt: skip
def test_zone(countries, code, zone):
    assert countries[code]["zone"] == zone


@pytest.mark.parametrize("code", ["KW", "EG", "AF", "BD", "DJ", "LY", "MV", "IQ", "JO", "SA", "YE", "SY"])
def test_friday_saturday(countries, code):
    assert countries[code]["weekend"] == "Fri;Sat"


@pytest.mark.parametrize("code", ["AE", "LB", "MA", "IN", "UG", "KE", "US"])
def test_saturday_sunday(countries, code):
    assert countries[code]["weekend"] == "Sat;Sun"


def test_gazetteer_has_every_used_place(gazetteer):
    known = {(r["country"], n) for r in gazetteer for n in (r["name"], *r["other_names"].split(";"))}
    for table in ("entities", "providers", "locations_candidates", "missions", "duty_station_costs"):
        for row in data.reference_rows(table):
            if row["city"]:
                assert (row["country_iso2"], row["city"]) in known
    for row in data.reference_rows("staff_by_duty_station_2019"):
        assert not row["latitude"] or (row["country_iso2"], row["duty_station"]) in known


def test_gazetteer_keeps_ambiguous_names(gazetteer):
    for name in ("Tripoli", "Kingston", "Valencia", "Hyderabad"):
        assert len({r["country"] for r in gazetteer if r["name"] == name}) > 1, name


def test_gazetteer_values(gazetteer, countries):
    zones = available_timezones()
    for row in gazetteer:
        assert row["country"] in countries
        assert row["time_zone"] in zones, row["time_zone"]
        assert -90 <= float(row["latitude"]) <= 90
        assert -180 <= float(row["longitude"]) <= 180
        assert row["ascii_name"].isascii()
    assert data.reference_path("gazetteer.csv").read_bytes().__len__() < 2_000_000


def test_old_names_are_found(gazetteer):
    others = {n for r in gazetteer for n in r["other_names"].split(";")}
    assert {"Rangoon", "Bombay", "Kiev"} <= others


def test_languages():
    codes = {r["code"] for r in data.reference_rows("languages")}
    assert {"en", "fr", "es", "ar", "ru", "zh", "pt", "fa"} <= codes
    for row in data.reference_rows("entities"):
        assert set(row["languages"].split(";")) <= codes
