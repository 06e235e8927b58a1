"""Where entities and providers are: point, country, time zone, days off. Never a silent guess."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from optimizer.domain.types import Place
from optimizer.io.extents import extents, slip_of
from optimizer.io.gazetteer import KnownPlace, gazetteer, great_circle_km
from optimizer.io.reference import countries
from optimizer.validation.findings import did_you_mean

if TYPE_CHECKING:
    from optimizer.io.geocoding import Geocoder
    from optimizer.validation.findings import Findings
    from optimizer.validation.tables import ParsedTable

__all__ = ["Located", "locate_all"]

NEAR_KM: Final = 200.0
"""How near a known place must be to lend its country or time zone to bare coordinates, or to be the city named."""

CLEARLY_LARGER: Final = 10
"""A place wins among namesakes of its country when it has so many times the people of the next."""

_COLUMNS = ("city", "latitude", "longitude", "country", "time_zone")


@dataclass(frozen=True, slots=True)
class Located:
    """A row's place, settled."""

    place: Place
    time_zone: str
    weekend: frozenset[int]


def locate_all(table: ParsedTable, findings: Findings, geocoder: Geocoder | None = None) -> None:
    """Add the column ``located``: the place of every row, ``None`` where something was reported as wrong.

    Parameters
    ----------
    table : ParsedTable
        ``entities`` or ``providers``.
    findings : Findings
    geocoder : Geocoder, optional
        Online service for cities that the gazetteer lacks; none unless the caller allowed it.
    """
    refused = set().union(*(table.bad.get(c, set()) for c in _COLUMNS))
    table.values["located"] = [
        None if at in refused else _Row(table, at, findings, geocoder).locate() for at in range(len(table))
    ]


class _Row:
    """One row on its way to a place."""

    def __init__(self, table: ParsedTable, at: int, findings: Findings, geocoder: Geocoder | None) -> None:
        self.table, self.at, self.findings, self.geocoder = table, at, findings, geocoder
        self.city: str = table["city"][at]
        self.country: str = table["country"][at]
        self.time_zone: str = table["time_zone"][at]

    def report(self, code: str, message: str, column: str, **facts: object) -> None:
        self.table.report(self.findings, code, message, self.at, column, **facts)

    def locate(self) -> Located | None:
        latitude, longitude = self.table["latitude"][self.at], self.table["longitude"][self.at]
        if (latitude is None) != (longitude is None):
            lacking = "latitude" if latitude is None else "longitude"
            self.report("half_coordinates", f"{lacking} is blank", lacking)
            return None
        if latitude is not None:
            return self._from_point((latitude, longitude))
        if self.city:
            return self._from_city()
        self.report("place_missing", "city, latitude and longitude are blank", "city")
        return None

    def _settle(self, point: tuple[float, float], country: str, time_zone: str) -> Located | None:
        facts = countries().get(country)
        if facts is None:
            self.report("country_without_data", f"there are no facts about {country}", "country", value=country)
            return None
        weekend = self.table["weekend"][self.at]
        return Located(Place(*point, country, self.city), time_zone, facts.weekend if weekend is None else weekend)

    def _from_point(self, point: tuple[float, float]) -> Located | None:
        country, time_zone = self.country, self.time_zone
        near = None if country and time_zone else gazetteer().nearest(point, NEAR_KM, country)
        if country:
            self._doubt(point)
        elif near is None:
            self.report("country_unknown", f"no known place within {NEAR_KM:g} km of {point}", "country")
        else:
            country = near.country
            self.report("country_from_place", f"country {country} taken from {near}", "country", value=country)
        if not time_zone:
            time_zone = self._zone_near(point, near)
        return self._settle(point, country, time_zone) if country and time_zone else None

    def _zone_near(self, point: tuple[float, float], near: KnownPlace | None) -> str:
        if near is None:
            self.report("time_zone_missing", f"no known place within {NEAR_KM:g} km of {point}", "time_zone")
            return ""
        self.report(
            "time_zone_from_nearest", f"time zone {near.time_zone} taken from {near}", "time_zone", value=near.time_zone
        )
        return near.time_zone

    def _doubt(self, point: tuple[float, float]) -> None:
        """Warn when a point is far from its country, or from every place of the city's name there."""
        extent = extents().get(self.country)
        if extent is not None and not extent.is_near(point):
            told = f"{point[0]:g}, {point[1]:g} is {extent.distance_km(point):,.0f} km from {self.country}"
            self.report("point_far_from_country", told, "latitude", hint=slip_of(point, self.country))
        elif self.city:
            self._doubt_city(point)

    def _doubt_city(self, point: tuple[float, float]) -> None:
        known = {p for places in gazetteer().named(self.city, self.country) for p in places}
        away = sorted((great_circle_km(point, (p.latitude, p.longitude)), str(p)) for p in known)
        if away and away[0][0] > NEAR_KM:
            told = f"{point[0]:g}, {point[1]:g} is {away[0][0]:,.0f} km from {self.city!r}"
            self.report("point_far_from_city", told, "latitude", nearest=away[0][1])

    def _from_city(self) -> Located | None:
        place = self._choose()
        if place is None:
            return None
        if not self.country:
            self.report(
                "country_from_place", f"country {place.country} taken from {place}", "country", value=place.country
            )
        return self._settle((place.latitude, place.longitude), place.country, self.time_zone or place.time_zone)

    def _choose(self) -> KnownPlace | None:
        main, other = gazetteer().named(self.city, self.country)
        everyone = main + [p for p in other if p not in main]
        if len(everyone) == 1:
            if not main:
                self.report("place_by_other_name", f"{self.city!r} is taken as {other[0]}", "city")
            return everyone[0]
        if not everyone:
            return self._unknown()
        if self.country and main and (len(main) == 1 or main[0].population >= CLEARLY_LARGER * main[1].population > 0):
            self.report("place_chosen", f"{self.city!r} is taken as {main[0]}", "city", candidates=_list(everyone[1:]))
            return main[0]
        self.report(
            "ambiguous_place",
            f"{self.city!r} is the name of {len(everyone)} places",
            "city",
            candidates=_list(everyone),
        )
        return None

    def _unknown(self) -> KnownPlace | None:
        """Report a city that is not known (in its country), unless an online service knows it."""
        if self.geocoder is not None:
            return self._online(self.geocoder)
        main, other = gazetteer().named(self.city)
        if self.country and (main or other):
            self.report(
                "country_differs",
                f"{self.city!r} is not known in {self.country}",
                "country",
                candidates=_list(main or other),
            )
            return None
        guess = did_you_mean(self.city, gazetteer().names(self.country))
        where = f" in {self.country}" if self.country else ""
        self.report("unknown_place", f"{self.city!r} is not in the gazetteer{where}", "city", guess=guess)
        return None

    def _online(self, geocoder: Geocoder) -> KnownPlace | None:
        try:
            found = geocoder.find(self.city, self.country)
        except OSError as error:
            self.report("geocoder_failed", f"looking up {self.city!r}: {error}", "city")
            return None
        if found is None:
            self.report("unknown_place", f"{self.city!r} is known neither here nor online", "city")
            return None
        zone = self.time_zone or self._zone_near(
            (found.latitude, found.longitude),
            gazetteer().nearest((found.latitude, found.longitude), NEAR_KM, found.country),
        )
        self.report("place_found_online", f"{self.city!r} is taken as {found}", "city")
        return KnownPlace(found.name, found.country, found.latitude, found.longitude, zone) if zone else None


def _list(places: list[KnownPlace]) -> str:
    shown = "; ".join(map(str, places[:6]))
    return f"{shown}; and {len(places) - 6} more" if len(places) > 6 else shown
