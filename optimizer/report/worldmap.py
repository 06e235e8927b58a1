"""A map to draw on: land without borders, Equal Earth projection."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from markupsafe import escape

from optimizer.report import palette
from optimizer.report.numbers import tell
from optimizer.report.projection import Point, equal_earth, land_rings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["HEIGHT", "MAP_NOTE", "WIDTH", "land_path", "map_frame", "on_map", "path_of", "whole_steps"]

MAP_NOTE = tell(
    "Equal Earth projection, areas true to scale. Made with Natural Earth (public domain). "
    "The map shows no borders and expresses no opinion on the legal status of any country, territory, city or area."
)

WIDTH = 1000.0
_SOUTH, _NORTH = -58.0, 80.0
_SCALE = WIDTH / (2 * equal_earth(180.0, 0.0)[0])
_TOP = equal_earth(0.0, _NORTH)[1]
HEIGHT = (_TOP - equal_earth(0.0, _SOUTH)[1]) * _SCALE


def map_frame(label: str, behind: Iterable[str], marks: Iterable[str], below: Sequence[str] = ()) -> str:
    """An SVG element: sea and land, lines that end at the frame, marks on top.

    Parameters
    ----------
    label : str
        What the map shows, for those who do not see it.
    behind, marks : iterable of str
        SVG elements under and over the land's frame, placed by ``on_map``.
    below : sequence of str
        Lines of text under the map.
    """
    notes = [
        f'<text x="10" y="{HEIGHT + 16 + 13 * i:.0f}" font-size="9">{escape(line)}</text>'
        for i, line in enumerate(below)
    ]
    parts = [
        f'<svg class="map" viewBox="0 0 {WIDTH:.0f} {HEIGHT + 34:.0f}" role="img" aria-label="{escape(label)}">',
        f'<clipPath id="map-frame"><path d="{sea_path()}"/></clipPath><path d="{sea_path()}" fill="{palette.SHADE}"/>',
        f'<g clip-path="url(#map-frame)"><path d="{land_path()}" fill="{palette.LAND}"/>',
        *behind,
        "</g>",
        *marks,
        *notes,
        "</svg>",
    ]
    return "".join(parts)


def on_map(place: Point) -> Point:
    """Where a place (longitude, latitude) lies on the map."""
    x, y = equal_earth(*place)
    return WIDTH / 2 + x * _SCALE, (_TOP - y) * _SCALE


def path_of(points: list[Point] | tuple[Point, ...]) -> str:
    """Points in degrees as a line on the map."""
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in map(on_map, points))


@cache
def sea_path() -> str:
    """Outline of the part of the Earth that is shown."""
    steps = [_SOUTH + (_NORTH - _SOUTH) * i / 40 for i in range(41)]
    return f"{path_of([*((-180.0, y) for y in steps), *((180.0, y) for y in reversed(steps))])}Z"


@cache
def land_path() -> str:
    """Outlines of the land that is shown, each step from the point before, in whole units of the map."""
    shown = (ring for ring in land_rings() if max(y for _, y in ring) > _SOUTH)
    return "".join(map(_steps, shown))


def _steps(ring: tuple[Point, ...]) -> str:
    line = whole_steps([on_map(point) for point in ring])
    return f"{line}z" if line.count(" ") + line.count("-") > 4 else ""


def whole_steps(points: Sequence[Point]) -> str:
    """A line in whole units of the map, each step from the point before; points of one place are one."""
    rounded = [(round(x), round(y)) for x, y in points]
    kept = [rounded[0], *(b for a, b in pairwise(rounded) if a != b)]
    moves = " ".join(f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(kept)).replace(" -", "-")
    return f"M{kept[0][0]} {kept[0][1]}l{moves}" if moves else ""
