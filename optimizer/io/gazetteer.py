"""The packaged gazetteer: places by name, and the place nearest to a point."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from math import asin, ceil, cos, radians, sin, sqrt
from typing import TYPE_CHECKING, Final

from optimizer.io.reference import reference_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Gazetteer", "KnownPlace", "fold", "gazetteer", "great_circle_km"]

EARTH_RADIUS_KM: Final = 6371.0088


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A place of the gazetteer; degrees WGS 84, population 0 where not known."""

    name: str
    country: str
    latitude: float
    longitude: float
    time_zone: str
    population: int = 0

    def __str__(self) -> str:
        return f"{self.name} {self.country} ({self.latitude:.4f}, {self.longitude:.4f})"


def fold(name: str) -> str:
    """Name without case, accents, and with plain apostrophes and single spaces, for comparison."""
    if name.isascii():
        return " ".join(name.casefold().split())
    plain = name.replace("\u2019", "'").replace("\u2018", "'")
    spread = unicodedata.normalize("NFKD", plain)
    return " ".join("".join(c for c in spread if not unicodedata.combining(c)).casefold().split())


def great_circle_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance on a sphere, good enough to choose the nearest; the model measures on the ellipsoid."""
    lat_a, lat_b = radians(a[0]), radians(b[0])
    h = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin(radians(b[1] - a[1]) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, h)))


class Gazetteer:
    """Index of places.

    Parameters
    ----------
    rows : iterable of (KnownPlace, other names)
    """

    def __init__(self, rows: Iterable[tuple[KnownPlace, Sequence[str]]]) -> None:
        self._primary: dict[str, list[KnownPlace]] = defaultdict(list)
        self._other: dict[str, list[KnownPlace]] = defaultdict(list)
        self._cells: dict[tuple[int, int], list[KnownPlace]] = defaultdict(list)
        for place, others in rows:
            name = fold(place.name)
            self._primary[name].append(place)
            for other in {fold(o) for o in others} - {name, ""}:
                self._other[other].append(place)
            self._cells[int(place.latitude // 1), int(place.longitude // 1)].append(place)

    def named(self, name: str, country: str = "") -> tuple[list[KnownPlace], list[KnownPlace]]:
        """Places with this main name, and those with it as another name; largest first."""
        key = fold(name)
        return _largest(self._primary.get(key, ()), country), _largest(self._other.get(key, ()), country)

    def names(self, country: str = "") -> list[str]:
        """Main names of a country's places, all when no country is given."""
        return [p.name for places in self._primary.values() for p in places if not country or p.country == country]

    def nearest(self, point: tuple[float, float], within_km: float, country: str = "") -> KnownPlace | None:
        """Nearest place (of a country) within a distance, or ``None``."""
        best, best_km = None, within_km
        for place in self._around(point, within_km):
            if country and place.country != country:
                continue
            km = great_circle_km(point, (place.latitude, place.longitude))
            if km < best_km or (best is None and km <= within_km):
                best, best_km = place, km
        return best

    def _around(self, point: tuple[float, float], within_km: float) -> Iterable[KnownPlace]:
        """Places of the one-degree cells that may lie within the distance, in a fixed order."""
        lat, lon = int(point[0] // 1), int(point[1] // 1)
        rows = ceil(within_km / 111.0)
        narrowest = max(0.01, cos(radians(min(89.9, abs(point[0]) + rows + 1))))
        columns = min(180, ceil(within_km / (111.0 * narrowest)))
        for y in range(lat - rows, lat + rows + 1):
            for x in range(lon - columns, lon + columns + 1):
                yield from self._cells.get((y, (x + 180) % 360 - 180), ())


def _largest(places: Sequence[KnownPlace], country: str) -> list[KnownPlace]:
    kept = [p for p in places if not country or p.country == country]
    return sorted(kept, key=lambda p: (-p.population, p.country, p.latitude, p.longitude))


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """The packaged gazetteer, read once when first needed."""
    return Gazetteer(
        (_known(r), [r["ascii_name"], *r["other_names"].split(";")]) for r in reference_rows("gazetteer.csv")
    )


def _known(row: dict[str, str]) -> KnownPlace:
    return KnownPlace(
        row["name"],
        row["country"],
        float(row["latitude"]),
        float(row["longitude"]),
        row["time_zone"],
        int(row["population"] or 0),
    )
