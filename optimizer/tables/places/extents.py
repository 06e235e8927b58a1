"""Where each country lies, in cells of half a degree: enough to doubt coordinates, not to draw a border."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from optimizer.tables.places.gazetteer import great_circle_km
from optimizer.tables.places.reference import reference_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MARGIN_KM", "Extent", "extents", "slip_of"]

MARGIN_KM: Final = 100.0
"""How far from every cell of its country a point may lie before it is doubted."""

CELL: Final = 0.5
"""Height of a row of cells in degrees."""

Point = tuple[float, float]
"""Latitude, longitude."""


class Extent:
    """The cells of one country: runs from west to east by the southern edge of their row, in degrees."""

    def __init__(self) -> None:
        self._runs: dict[float, list[tuple[float, float]]] = defaultdict(list)

    def add(self, south: float, west: float, east: float) -> None:
        """Add one run of cells."""
        self._runs[south].append((west, east))

    def distance_km(self, point: Point) -> float:
        """Great-circle distance to the nearest cell, 0 inside; about right, as the cells are coarse."""
        return min(
            great_circle_km(point, (_clamped(point[0], south, south + CELL), _turned(point[1], west, east)))
            for south, runs in self._runs.items()
            for west, east in runs
        )

    def is_near(self, point: Point, within_km: float = MARGIN_KM) -> bool:
        """Whether some cell lies within a distance; looks only at the rows that may."""
        reach = within_km / 110.0
        return any(
            great_circle_km(point, (_clamped(point[0], south, south + CELL), _turned(point[1], west, east)))
            <= within_km
            for south, runs in self._runs.items()
            if south - reach <= point[0] <= south + CELL + reach
            for west, east in runs
        )


def _clamped(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _turned(longitude: float, west: float, east: float) -> float:
    """The longitude of a run that is nearest to another, the short way round the Earth."""
    if west <= longitude <= east:
        return longitude
    return min(west, east, key=lambda edge: abs((edge - longitude + 180) % 360 - 180))


@lru_cache(maxsize=1)
def extents() -> Mapping[str, Extent]:
    """Extents by alpha-2 code; uninhabited territories may lack one."""
    found: dict[str, Extent] = defaultdict(Extent)
    for row in reference_rows("country_extents.csv"):
        for span in row["spans"].split(";"):
            west, east = span.split(":")
            found[row["code"]].add(float(row["south"]), float(west), float(east))
    return dict(found)


def slip_of(point: Point, country: str) -> str:
    """What may have happened to a point that is far from its country; empty when nothing usual explains it."""
    latitude, longitude = point
    if latitude == longitude == 0:
        return "0, 0 lies in the Gulf of Guinea; it often stands for coordinates that are not known. "
    slips: list[tuple[str, Point]] = [
        ("latitude and longitude look swapped", (longitude, latitude)),
        ("the sign of latitude looks wrong (south is negative)", (-latitude, longitude)),
        ("the sign of longitude looks wrong (west is negative)", (latitude, -longitude)),
        ("the signs of latitude and longitude look wrong", (-latitude, -longitude)),
        ("latitude and longitude look swapped, and the sign of latitude wrong", (-longitude, latitude)),
        ("latitude and longitude look swapped, and the sign of longitude wrong", (longitude, -latitude)),
        ("latitude and longitude look swapped, and both signs wrong", (-longitude, -latitude)),
    ]
    extent = extents()[country]
    for told, meant in slips:
        if abs(meant[0]) <= 90 and extent.is_near(meant, 0.0):
            return f"{told[0].upper()}{told[1:]}: {meant[0]:g}, {meant[1]:g} lies in {country}. "
    return ""
