"""The Earth on paper: TopoJSON land, Equal Earth projection, great circles."""

from __future__ import annotations

import json
import math
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

__all__ = ["Point", "equal_earth", "great_circle", "land_rings"]

Point = tuple[float, float]

_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_ROOT3 = math.sqrt(3.0)


def equal_earth(longitude: float, latitude: float) -> Point:
    """Project degrees onto the unit Equal Earth plane (x east, y north).

    Areas are true to scale, after Šavrič, Patterson and Jenny (2018).
    """
    theta = math.asin(_ROOT3 / 2 * math.sin(math.radians(latitude)))
    square = theta * theta
    sixth = square**3
    slope = _A1 + 3 * _A2 * square + sixth * (7 * _A3 + 9 * _A4 * square)
    x = 2 * _ROOT3 * math.radians(longitude) * math.cos(theta) / (3 * slope)
    return x, theta * (_A1 + _A2 * square + sixth * (_A3 + _A4 * square))


def _unit(longitude: float, latitude: float) -> tuple[float, float, float]:
    lon, lat = math.radians(longitude), math.radians(latitude)
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)


def great_circle(start: Point, end: Point, step_degrees: float = 4.0) -> list[list[Point]]:
    """Shortest way between two (longitude, latitude) points, cut where it crosses 180°.

    Returns
    -------
    list of list of (longitude, latitude)
        One part, or two when the way crosses the edge of the map; empty for one point.
    """
    a, b = _unit(*start), _unit(*end)
    angle = math.acos(max(-1.0, min(1.0, sum(p * q for p, q in zip(a, b, strict=True)))))
    if angle < 1e-6 or math.pi - angle < 1e-6:
        return []
    steps = max(2, math.ceil(math.degrees(angle) / step_degrees))
    way: list[Point] = []
    for i in range(steps + 1):
        f, g = math.sin((1 - i / steps) * angle), math.sin(i / steps * angle)
        x, y, z = (f * p + g * q for p, q in zip(a, b, strict=True))
        way.append((math.degrees(math.atan2(y, x)), math.degrees(math.atan2(z, math.hypot(x, y)))))
    return _cut(way)


def _cut(way: list[Point]) -> list[list[Point]]:
    """Split at the antimeridian, so that no line runs across the whole map."""
    parts = [[way[0]]]
    for before, after in pairwise(way):
        if abs(after[0] - before[0]) <= 180:
            parts[-1].append(after)
            continue
        edge = math.copysign(180.0, before[0])
        reach = 360 - abs(after[0] - before[0])
        share = (180 - abs(before[0])) / reach if reach else 0.0
        latitude = before[1] + share * (after[1] - before[1])
        parts[-1].append((edge, latitude))
        parts.append([(-edge, latitude), after])
    return parts


@cache
def land_rings() -> tuple[tuple[Point, ...], ...]:
    """Outlines of land in degrees, from the packaged Natural Earth file (1:110 m, no borders).

    Rings that cross 180° are cut there. Antarctica, which goes round the pole, is left out.
    """
    source = resources.files("data.reference").joinpath("map", "land-110m.json")
    topology = json.loads(source.read_text(encoding="utf-8"))
    arcs = [_decode(arc, topology["transform"]) for arc in topology["arcs"]]
    rings = [_join(ring, arcs) for polygon in _polygons(topology["objects"]["land"]) for ring in polygon]
    return tuple(part for ring in rings for part in _within_map(ring))


def _decode(arc: list[list[int]], transform: dict[str, list[float]]) -> list[Point]:
    (kx, ky), (dx, dy) = transform["scale"], transform["translate"]
    x = y = 0
    points = []
    for step in arc:
        x, y = x + step[0], y + step[1]
        points.append((x * kx + dx, y * ky + dy))
    return points


def _polygons(shape: dict[str, Any]) -> list[list[list[int]]]:
    if shape["type"] == "GeometryCollection":
        return [p for part in shape["geometries"] for p in _polygons(part)]
    return [shape["arcs"]] if shape["type"] == "Polygon" else list(shape["arcs"])


def _join(ring: list[int], arcs: list[list[Point]]) -> tuple[Point, ...]:
    """String the arcs of a ring together; a negative number is an arc read backwards."""
    points: list[Point] = []
    for index in ring:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points.extend(arc[1:] if points else arc)
    return tuple(points)


def _within_map(ring: tuple[Point, ...]) -> list[tuple[Point, ...]]:
    """Cut a ring that crosses 180° into parts inside ±180°; a ring round a pole gives none."""
    longitude = ring[0][0]
    unrolled = []
    for x, y in ring:
        longitude += (x - longitude + 180) % 360 - 180
        unrolled.append((longitude, y))
    if abs(unrolled[-1][0] - unrolled[0][0]) > 180:
        return []
    parts = []
    for turn in (-360, 0, 360):
        part = [(x + turn, y) for x, y in unrolled]
        for side in (1, -1):
            part = _clip(part, side)
        if len(part) > 2:
            parts.append(tuple(part))
    return parts


def _clip(ring: list[Point], side: int) -> list[Point]:
    """Keep the part of a ring where ``side · longitude ≤ 180`` (Sutherland and Hodgman)."""
    out: list[Point] = []
    for (x0, y0), (x1, y1) in zip([ring[-1], *ring], ring, strict=False) if ring else ():
        inside0, inside1 = side * x0 <= 180, side * x1 <= 180
        if inside0 != inside1:
            share = (side * 180 - x0) / (x1 - x0)
            out.append((side * 180.0, y0 + share * (y1 - y0)))
        if inside1:
            out.append((x1, y1))
    return out
