"""Cities and coordinates: never a silent guess."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from geopy.exc import GeocoderTimedOut

from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue
from optimizer.domain.types import Entity
from optimizer.tables import case_from_tables
from optimizer.tables.places import locate as places_module
from optimizer.tables.places.gazetteer import Gazetteer, KnownPlace, fold, great_circle_km
from optimizer.tables.places.geocoding import FoundPlace, NominatimGeocoder


def read(geocoder: Any = None, online: bool = False, **entity: Any) -> tuple[Entity, dict[str, Issue]]:
    tables = {
        "entities": [{"id": "E", "name": "e", "headcount": 1, **entity}],
        "services": [{"id": "S", "name": "s", "location_class": "global", "minutes_per_unit": 1}],
        "demands": [{"entity": "E", "service": "S", "volume": 1, "own_unit_cost": 1}],
        "providers": [{"id": "P", "name": "p", "kind": "agency", "status": "open", "city": "Nairobi", "country": "KE"}],
        "policy": {},
    }
    case, issues = case_from_tables(tables, allow_online=online, geocoder=geocoder)
    return case.entities[0], {i.code: i for i in issues if i.table == "entities"}


def refused(**entity: Any) -> dict[str, Issue]:
    with pytest.raises(InputError) as caught:
        read(**entity)
    return {i.code: i for i in caught.value.issues}


def test_a_city_gives_point_zone_and_weekend() -> None:
    entity, issues = read(city="Nairobi", country="KE")
    assert (entity.place.latitude, entity.place.longitude) == (-1.2833, 36.8167)
    assert entity.work.time_zone == "Africa/Nairobi"
    assert entity.work.weekend == {5, 6}
    assert issues == {}


@pytest.mark.parametrize("city", ["San José", "san jose", "SAN  JOSE"])
def test_accents_case_and_spaces_do_not_matter(city: str) -> None:
    assert read(city=city, country="CR")[0].place.latitude == 9.9339


def test_the_country_decides_between_namesakes() -> None:
    assert read(city="Valencia", country="ES")[0].work.time_zone == "Europe/Madrid"
    assert read(city="Valencia", country="VE")[0].work.time_zone == "America/Caracas"
    assert "ambiguous_place" in refused(city="Valencia")


def test_the_packaged_weekend_holds_unless_another_is_given() -> None:
    assert read(city="Dhaka", country="BD")[0].work.weekend == {4, 5}
    assert read(city="Dhaka", country="BD", weekend="Sun")[0].work.weekend == {6}
    assert read(city="Dhaka", country="BD", weekend="none")[0].work.weekend == frozenset()


def test_coordinates_win_over_the_city() -> None:
    entity, _ = read(city="Nairobi", country="KE", latitude=-4.05, longitude=39.66)
    assert (entity.place.latitude, entity.place.longitude, entity.place.city) == (-4.05, 39.66, "Nairobi")


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        ("1°17′S", "36°49′E"),
        ("1°17'S", "36° 49' E"),
        ("1.283333S", "36.816667 E"),
        ("-1°17′0″", "36°49′0″E"),
        ("1°16′59.9988″S", "36°49’"),
    ],
)
def test_angles_are_read(latitude: str, longitude: str) -> None:
    place = read(latitude=latitude, longitude=longitude, country="KE")[0].place
    assert (place.latitude, place.longitude) == (-1.283333, 36.816667)


@pytest.mark.parametrize(
    "angle", ["36°49′E", "1 17 S", "1°17", "S", "1°60′S", "1°17′S 36°49′E", "1°17′S;", "-1°17′S", "1°17′30S"]
)
def test_angles_that_are_no_latitude(angle: str) -> None:
    assert "bad_coordinate" in refused(latitude=angle, longitude=36, country="KE")


def test_bare_coordinates_take_country_and_zone_from_the_nearest_place() -> None:
    entity, issues = read(latitude=-1.3, longitude=36.8)
    assert (entity.place.country, entity.work.time_zone) == ("KE", "Africa/Nairobi")
    assert issues["country_from_place"].severity == "info"
    assert issues["time_zone_from_nearest"].severity == "warning"


def test_in_the_middle_of_nowhere_nothing_is_taken() -> None:
    assert "country_unknown" in refused(latitude=-60, longitude=-120)
    assert "time_zone_missing" in refused(latitude=-60, longitude=-120, country="CL")


def test_the_antimeridian_and_the_poles_do_not_break_the_search() -> None:
    fiji = KnownPlace("Taveuni", "FJ", -16.8, -179.95, "Pacific/Fiji")
    known = Gazetteer([(fiji, ())])
    assert known.nearest((-16.8, 179.95), 50) == fiji
    assert known.nearest((-16.8, 179.0), 50) is None
    assert known.nearest((90.0, 0.0), 200) is None


def test_nearest_agrees_with_trying_every_place() -> None:
    everything = [KnownPlace(f"p{i}", "XX", -80 + i * 37 % 160, -179.5 + i * 53 % 359, "UTC") for i in range(400)]
    known = Gazetteer((p, ()) for p in everything)
    for i in range(60):
        point = (-85.0 + i * 2.9, -180.0 + i * 6.1)
        best = min(great_circle_km(point, (p.latitude, p.longitude)) for p in everything)
        found = known.nearest(point, 2000)
        assert found is not None
        assert great_circle_km(point, (found.latitude, found.longitude)) == pytest.approx(best)


def test_far_the_largest_namesake_of_a_country_wins_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    def towns(second: int) -> Gazetteer:
        rows = [
            KnownPlace("Twin", "KE", -1.0, 36.0, "Africa/Nairobi", 10_000),
            KnownPlace("Twin", "KE", 1.0, 37.0, "Africa/Nairobi", second),
        ]
        return Gazetteer([*((r, ()) for r in rows), (KnownPlace("Nairobi", "KE", -1.3, 36.8, "Africa/Nairobi", 9), ())])

    monkeypatch.setattr(places_module, "gazetteer", lambda: towns(1_000))
    entity, issues = read(city="Twin", country="KE")
    assert entity.place.latitude == -1.0
    assert issues["place_chosen"].severity == "warning"
    assert "Twin KE (1.0000, 37.0000)" in issues["place_chosen"].remedy
    monkeypatch.setattr(places_module, "gazetteer", lambda: towns(1_001))
    assert "ambiguous_place" in refused(city="Twin", country="KE")
    monkeypatch.setattr(places_module, "gazetteer", lambda: towns(0))
    assert "ambiguous_place" in refused(city="Twin", country="KE")


def test_another_name_of_a_place_is_taken_and_shown() -> None:
    entity, issues = read(city="Wien", country="AT")
    assert entity.work.time_zone == "Europe/Vienna"
    assert (issues["place_by_other_name"].severity, "Vienna AT" in issues["place_by_other_name"].message) == (
        "info",
        True,
    )


class Fake:
    """An online service that knows one village."""

    def __init__(self, found: FoundPlace | None) -> None:
        self.found = found
        self.asked: list[tuple[str, str]] = []

    def find(self, city: str, country: str) -> FoundPlace | None:
        self.asked.append((city, country))
        return self.found


def test_nobody_is_asked_online_unless_allowed() -> None:
    fake = Fake(FoundPlace("Lokichar", "KE", 2.38, 35.65))
    assert "unknown_place" in refused(city="Lokichar", country="KE", geocoder=fake)
    assert fake.asked == []


def test_an_online_answer_is_shown() -> None:
    fake = Fake(FoundPlace("Lokichar", "KE", 2.38, 35.65))
    entity, issues = read(city="Lokichar", country="KE", geocoder=fake, online=True)
    assert (entity.place.latitude, entity.work.time_zone) == (2.38, "Africa/Nairobi")
    assert issues["place_found_online"].severity == "warning"
    assert fake.asked == [("Lokichar", "KE")]
    with pytest.raises(InputError, match="unknown_place"):
        read(city="Lokichar", country="KE", geocoder=Fake(None), online=True)


def test_nominatim_is_asked_for_the_country_and_its_failures_are_coded() -> None:
    asked: dict[str, Any] = {}

    def geocode(city: str, **options: Any) -> Any:
        asked.update(options, city=city)
        return SimpleNamespace(latitude=2.38, longitude=35.65, raw={"address": {"country_code": "ke"}})

    assert NominatimGeocoder(geocode).find("Lokichar", "KE") == FoundPlace("Lokichar", "KE", 2.38, 35.65)
    assert (asked["city"], asked["country_codes"]) == ("Lokichar", "ke")
    assert NominatimGeocoder(lambda *_, **__: None).find("x", "") is None

    def late(*_: Any, **__: Any) -> Any:
        raise GeocoderTimedOut("too slow")

    with pytest.raises(InputError, match="geocoder_failed"):
        read(city="Lokichar", country="KE", geocoder=NominatimGeocoder(late), online=True)


def test_folding() -> None:
    assert fold("  Côte\u00a0 d\u2019Azur ") == "cote d'azur"
