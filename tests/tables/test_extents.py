"""A point is near its country, or told with what may have happened to it."""

from __future__ import annotations

import pytest

import data
from optimizer.tables.places.extents import MARGIN_KM, extents, slip_of
from tests.tables.test_places import read


def far(latitude: float, longitude: float, country: str) -> str:
    """Remedy of the warning about a point, empty when there is none."""
    _, issues = read(latitude=latitude, longitude=longitude, country=country, time_zone="Africa/Nairobi")
    return issues["point_far_from_country"].remedy if "point_far_from_country" in issues else ""


PLACED = ("gazetteer", "entities", "missions", "providers", "locations_candidates", "staff_by_duty_station_2019")


@pytest.mark.parametrize("table", PLACED)
def test_no_packaged_place_is_doubted(table: str) -> None:
    rows = [r for r in data.reference_rows(table) if r["latitude"]]
    assert rows
    for row in rows:
        code = row.get("country") or row["country_iso2"]
        assert extents()[code].is_near((float(row["latitude"]), float(row["longitude"]))), row


@pytest.mark.parametrize(
    ("latitude", "longitude", "country"),
    [
        (-16.9, -179.99, "FJ"),
        (-16.9, 179.99, "FJ"),
        (1.87, -157.43, "KI"),
        (1.33, 173.0, "KI"),
        (66.0, -171.0, "RU"),
        (71.0, 180.0, "RU"),
        (71.0, -180.0, "RU"),
        (-43.95, -176.55, "NZ"),
        (52.9, 173.0, "US"),
        (-8.52, 179.2, "TV"),
        (-0.53, 166.93, "NR"),
        (7.5, 134.6, "PW"),
        (4.92, -52.31, "GF"),
        (4.92, -52.31, "FR"),
        (-20.9, 55.5, "RE"),
        (46.2, 6.15, "CH"),
        (46.2, 6.15, "FR"),
        (44.95, 34.1, "UA"),
        (42.66, 21.16, "XK"),
        (31.78, 35.23, "PS"),
        (78.2, 15.6, "SJ"),
        (-37.1, -12.3, "SH"),
        (72.6, -38.5, "GL"),
        (23.0, 8.0, "DZ"),
        (-25.0, 125.0, "AU"),
    ],
)
def test_islands_edges_and_empty_quarters_are_not_doubted(latitude: float, longitude: float, country: str) -> None:
    assert far(latitude, longitude, country) == ""


@pytest.mark.parametrize(
    ("latitude", "longitude", "country", "hint"),
    [
        (0, 0, "PE", "not known"),
        (0, 0, "GH", "not known"),
        (36.82, -1.29, "KE", "look swapped"),
        (15.85, 21.03, "VN", ""),
        (33.9, 18.4, "ZA", "sign of latitude"),
        (40.71, 74.0, "US", "sign of longitude"),
        (12.05, 77.05, "PE", "signs of latitude and longitude"),
        (-12.05, -177.05, "PE", ""),
        (0.35, 32.6, "KE", ""),
        (-40.0, -130.0, "FR", ""),
        (-45.0, 90.0, "AU", ""),
    ],
)
def test_points_elsewhere_are_doubted(latitude: float, longitude: float, country: str, hint: str) -> None:
    remedy = far(latitude, longitude, country)
    assert "Check latitude, longitude and country" in remedy
    assert hint in remedy
    assert hint or remedy.startswith("Check")


def test_both_measures_agree() -> None:
    for code in ("RU", "FJ", "KE", "US", "KI", "CH"):
        extent = extents()[code]
        for at in range(200):
            point = (-88.0 + at * 0.88, -180.0 + at * 47 % 360)
            assert extent.is_near(point, 800.0) == (extent.distance_km(point) <= 800.0), (code, point)


def test_the_margin_holds_on_both_sides() -> None:
    kenya = extents()["KE"]
    north = max(lat / 10 for lat in range(200) if kenya.is_near((lat / 10, 36.0), 0.0))
    assert kenya.is_near((north + MARGIN_KM / 112, 36.0))
    assert not kenya.is_near((north + 0.5 + MARGIN_KM / 110, 36.0))


def test_a_slip_is_named_only_where_it_explains() -> None:
    assert slip_of((-77.05, -12.05), "PE").startswith("Latitude and longitude look swapped: -12.05, -77.05")
    assert slip_of((50.0, 100.0), "PE") == ""


def test_a_point_far_from_the_city_that_is_named_is_told() -> None:
    _, issues = read(city="Nairobi", country="KE", latitude=-4.05, longitude=39.66)
    assert issues["point_far_from_city"].severity == "warning"
    assert "Nairobi KE (-1.2833, 36.8167)" in issues["point_far_from_city"].remedy
    _, issues = read(city="Nairobi", country="KE", latitude=-1.2, longitude=36.9, time_zone="Africa/Nairobi")
    assert issues == {}
    _, issues = read(city="Lokichar", country="KE", latitude=2.38, longitude=35.65, time_zone="Africa/Nairobi")
    assert issues == {}
