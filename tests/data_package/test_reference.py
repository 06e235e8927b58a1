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
    [
        ("US", "americas"),
        ("CL", "americas"),
        ("FJ", "asia_pacific"),
        ("IR", "asia_pacific"),
        ("KZ", "rest"),
        ("LB", "rest"),
        ("XK", "rest"),
        ("EG", "rest"),
    ],
)
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


MEMBERS = """
AD AE AF AG AL AM AO AR AT AU AZ BA BB BD BE BF BG BH BI BJ BN BO BR BS BT BW BY BZ CA CD CF CG CH CI CL CM CN CO CR CU
CV CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FM FR GA GB GD GE GH GM GN GQ GR GT GW GY HN HR HT HU ID IE IL IN IQ
IR IS IT JM JO JP KE KG KH KI KM KN KP KR KW KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MH MK ML MM MN MR MT MU
MV MW MX MY MZ NA NE NG NI NL NO NP NR NZ OM PA PE PG PH PK PL PT PW PY QA RO RS RU RW SA SB SC SD SE SG SI SK SL SM SN
SO SR SS ST SV SY SZ TD TG TH TJ TL TM TN TO TR TT TV TZ UA UG US UY UZ VC VE VN VU WS YE ZA ZM ZW
"""
"""Members of the United Nations."""

OBSERVERS = ["PS", "VA"]
WITHOUT_INHABITANTS = {"AQ", "BV", "HM", "UM"}
WITHOUT_CAPITAL = {"TK"}


def test_every_member_observer_and_inhabited_territory_has_its_capital(gazetteer, countries):
    members = set(MEMBERS.split())
    assert len(members) == 193
    capitals = {r["country"] for r in gazetteer if r["capital"] == "yes"}
    assert sorted({*members, *OBSERVERS} - capitals) == []
    assert sorted(set(countries) - capitals - WITHOUT_INHABITANTS - WITHOUT_CAPITAL) == []
    assert sorted(set(countries) - {r["country"] for r in gazetteer}) == sorted(WITHOUT_INHABITANTS)


@pytest.mark.parametrize(
    ("country", "name"),
    [("PW", "Ngerulmud"), ("PW", "Koror"), ("BQ", "Kralendijk"), ("TK", "Nukunonu"), ("BZ", "Belize City")],
)
def test_small_capitals_and_largest_places_are_there(gazetteer, country, name):
    assert (country, name) in {(r["country"], r["name"]) for r in gazetteer}


def test_every_country_has_an_extent_in_which_its_places_lie(gazetteer, countries):
    cells = {}
    for row in data.reference_rows("country_extents"):
        spans = [tuple(map(float, span.split(":"))) for span in row["spans"].split(";")]
        assert all(-180 <= west < east <= 180 for west, east in spans)
        cells[row["code"], float(row["south"])] = spans
    assert sorted(set(countries) - {code for code, _ in cells}) == ["BV"]
    for row in gazetteer:
        south, longitude = float(row["latitude"]) // 0.5 * 0.5, float(row["longitude"])
        assert any(west <= longitude <= east for west, east in cells[row["country"], south]), row["name"]


def test_old_names_are_found(gazetteer):
    others = {n for r in gazetteer for n in r["other_names"].split(";")}
    assert {"Rangoon", "Bombay", "Kiev"} <= others


def test_languages():
    codes = {r["code"] for r in data.reference_rows("languages")}
    assert {"en", "fr", "es", "ar", "ru", "zh", "pt", "fa"} <= codes
    for row in data.reference_rows("entities"):
        assert set(row["languages"].split(";")) <= codes
