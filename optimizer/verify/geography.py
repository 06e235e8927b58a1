"""Distances on the WGS 84 ellipsoid, and the tests of place that rest on them.

Definitions: ``optimizer/model/README.md`` (*distance*, *eligibility*). Computed with
geographiclib's own implementation, apart from the library the solvers' arrays use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geographiclib.geodesic import Geodesic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.domain.types import Country, Place

__all__ = ["SAME_CITY_KM", "Geography"]

SAME_CITY_KM: Final = 25.0
"""Two places of one country this near count as one city."""

_EVERYWHERE: Final = "World"


class Geography:
    """Distances, regions and zones of one case; distances are cached by pair of points."""

    def __init__(self, countries: Mapping[str, Country]) -> None:
        self._countries = countries
        self._km: dict[tuple[float, float, float, float], float] = {}

    def km(self, a: Place, b: Place) -> float:
        """Length of the geodesic between two places, in kilometres."""
        key = (a.latitude, a.longitude, b.latitude, b.longitude)
        known = self._km.get(key)
        if known is None:
            known = self._km[key] = float(Geodesic.WGS84.Inverse(*key, Geodesic.DISTANCE)["s12"]) / 1000.0
        return known

    def same_city(self, a: Place, b: Place) -> bool:
        """Same country and at most 25 km apart."""
        return a.country == b.country and self.km(a, b) <= SAME_CITY_KM

    def within(self, country: str, regions: frozenset[str]) -> bool:
        """Whether ``regions`` (country codes or M49 names) reach ``country``; none named = everywhere."""
        if not regions or country in regions or _EVERYWHERE in regions:
            return True
        known = self._countries.get(country)
        return known is not None and not regions.isdisjoint(known.regions)

    def zone(self, place: Place) -> str:
        """One of ``ZONES``, or empty for a country the case does not know."""
        known = self._countries.get(place.country)
        return known.zone if known is not None else ""
