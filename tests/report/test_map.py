"""Projection, land, great circles, labels."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import combinations, pairwise

import pyproj
import pytest

from optimizer.report.flowmap import flow_map, largest_flows, map_sites, moved_apart
from optimizer.report.labels import place_labels
from optimizer.report.naming import clip
from optimizer.report.projection import equal_earth, great_circle, land_rings
from optimizer.report.worldmap import HEIGHT, WIDTH
from optimizer.testing import edited
from tests.report.conftest import Library

RADIUS = 6_371_007.1809


@pytest.mark.parametrize(
    "at", [(0, 0), (36.8, -1.3), (-74, 40.7), (178.4, -18.1), (-171.8, -13.8), (19, 60), (-180, 80)]
)
def test_equal_earth_agrees_with_proj(at: tuple[float, float]) -> None:
    """The polynomial is PROJ's, on the sphere."""
    x, y = pyproj.Proj("+proj=eqearth +R=1")(*at)
    assert equal_earth(*at) == pytest.approx((x, y), abs=1e-9)


def test_land_lies_within_the_map() -> None:
    """No ring leaves ±180°, none jumps across the map, and dry places are dry."""
    rings = land_rings()
    assert len(rings) > 100
    for ring in rings:
        assert all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in ring)
        assert all(abs(b[0] - a[0]) < 60 for a, b in pairwise(ring))
    for place, dry in (
        ((36.8, -1.3), True),
        ((100, 60), True),
        ((-30, 30), False),
        ((-150, 0), False),
        ((-175, 66.5), True),
    ):
        assert any(_inside(place, ring) for ring in rings) is dry


def _inside(point: tuple[float, float], ring: tuple[tuple[float, float], ...]) -> bool:
    x, y = point
    hit = False
    for (x0, y0), (x1, y1) in pairwise((*ring, ring[0])):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            hit = not hit
    return hit


def test_great_circle_is_the_shortest_way() -> None:
    """Its parts add up to the geodesic of the sphere, and it ends where it should."""
    geod = pyproj.Geod(a=RADIUS, b=RADIUS)
    for start, end in (((36.8, -1.3), (-74, 40.7)), ((178.4, -18.1), (-74, 40.7)), ((100.5, 13.7), (-171.8, -13.8))):
        parts = great_circle(start, end)
        assert parts[0][0] == pytest.approx(start)
        assert parts[-1][-1] == pytest.approx(end)
        assert all(abs(b[0] - a[0]) <= 180 for part in parts for a, b in pairwise(part))
        length = sum(geod.inv(*a, *b)[2] for part in parts for a, b in pairwise(part))
        assert length == pytest.approx(geod.inv(*start, *end)[2], rel=2e-3)


def test_great_circle_of_one_point_or_its_antipode_is_empty() -> None:
    """Nothing to draw, nothing to divide by."""
    assert great_circle((10, 10), (10, 10)) == []
    assert great_circle((0, 0), (180, 0)) == []


def test_labels_do_not_overlap() -> None:
    """A cluster of twelve sites: whatever is written is legible."""
    sites = [(f"CENTRE-{i}", 500.0 + 9 * (i % 4), 200.0 + 7 * (i // 4), 4.0) for i in range(12)]
    labels = place_labels(sites, 1000, 450)
    assert len(labels) >= 8
    boxes = [(x.x, x.y - 6.5, x.x + 7.0 * len(x.text), x.y + 6.5) for x in labels]
    for a, b in combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_sites_are_sized_by_work_and_marked_by_state(library: Library) -> None:
    """Area follows effort; those with work are numbered from the most; a candidate that opens is new."""
    plan, case = library.plan("usual"), library.case("usual")
    sites = sorted(map_sites(plan, case), key=lambda s: s.effort)
    assert all(a.radius <= b.radius for a, b in pairwise(sites))
    busy = [s for s in reversed(sites) if s.effort > 0]
    assert sorted(s.number for s in busy) == list(range(1, len(busy) + 1))
    opened = {s["provider"] for s in plan["sites"] if s["open"]}
    for site in sites:
        assert site.new == (case.provider[site.id].status == "candidate" and site.id in opened)
        assert (site.number == 0) == (site.effort <= 0)


def test_clip_cuts_and_cleans() -> None:
    """Long names end in an ellipsis; direction overrides vanish."""
    assert clip("a" * 50, 10) == "a" * 9 + "…"
    assert clip("\u202egnp.exe\n") == "gnp.exe"


def test_sites_of_one_city_are_all_seen(library: Library) -> None:
    """Centres of the same city stand side by side, the largest where the city is."""
    case, plan = library.case("usual"), library.plan("usual")
    home = case.providers[0].place
    here = tuple(replace(p, place=home) for p in case.providers[:4])
    crowded = edited(case, providers=(*here, *case.providers[4:]))
    spots = [(s.x, s.y) for s in map_sites(plan, crowded) if s.id in {p.id for p in here}]
    assert len(spots) == 4
    assert all(math.dist(a, b) > 3 for a, b in combinations(spots, 2))


def test_lines_stay_on_the_map_and_are_cut_at_its_edge(library: Library) -> None:
    """No line leaves the frame or jumps across the map; a wider one has more work; small and local flows have none."""
    case, plan = library.case("usual"), library.plan("usual")
    svg = flow_map(plan, case)
    drawn = re.findall(r'class="fl fl-[an] w(\d)" d="([^"]+)"', svg)
    flows = largest_flows(plan, case)
    assert sum(d.count("M") for _, d in drawn) >= len(flows) > 0
    assert all(fte >= 1 for *_, fte in flows)
    for _, path in drawn:
        for way in path.split("M")[1:]:
            x, y, *steps = (float(n) for n in re.findall(r"-?\d+", way))
            points = [(x, y)]
            for dx, dy in zip(steps[::2], steps[1::2], strict=True):
                points.append((points[-1][0] + dx, points[-1][1] + dy))
            assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
            assert all(abs(b[0] - a[0]) < 200 for a, b in pairwise(points))


def test_the_label_of_the_map_has_its_figures(library: Library) -> None:
    case, plan = library.case("usual"), library.plan("usual")
    label = re.search(r'aria-label="([^"]+)"', flow_map(plan, case, "fr"))
    assert label is not None
    assert label[1].startswith("ETP: ")
    assert re.search(r"\d,\d", label[1])


def test_numbers_on_a_telephone_do_not_touch() -> None:
    """Six centres of one region are pushed apart, and stay on the map."""
    spots = moved_apart([(500 + 3 * k, 100 + 2 * k) for k in range(6)], 50)
    assert all(math.dist(a, b) >= 49 for a, b in combinations(spots, 2))
    assert all(25 <= x <= WIDTH - 25 and 25 <= y <= HEIGHT - 25 for x, y in spots)


def test_offices_of_one_place_are_spread(library: Library) -> None:
    """Each office has a dot of its own, also where many share a place."""
    case, plan = library.case("usual"), library.plan("usual")
    home = case.entities[0].place
    crowded = edited(case, entities=tuple(replace(e, place=home) for e in case.entities))
    dots = re.search(r'class="ent" d="([^"]+)"', flow_map(plan, crowded))
    assert dots is not None
    starts = re.findall(r"M[\d.]+ [\d.]+", dots[1])
    assert len(set(starts)) == len(starts) == len(plan["entities"])
