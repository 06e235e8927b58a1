"""Map of the work that goes from offices to centres: lines as wide as it is much, numbers as in the table."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from markupsafe import escape

from optimizer.domain.names import OWN
from optimizer.report.labels import place_labels
from optimizer.report.language import said_in, word
from optimizer.report.naming import Names, clean, clip
from optimizer.report.numbers import count, decimal, many, tell
from optimizer.report.projection import Point, great_circle
from optimizer.report.worldmap import HEIGHT, WIDTH, land_path, on_map, whole_steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from optimizer.domain.case import Case

__all__ = ["Site", "flow_map", "largest_flows", "map_sites", "map_words", "moved_apart", "working"]

_LEAST: Final = (1.0, 3.0, 8.0, 20.0, 45.0)
"""FTE a year from which a line has each of its five widths."""
_MANY: Final = 12
"""Offices in one place from which on its name is written."""
_NEAR: Final = 25.0
"""Units of the map that centres with work are apart at the least."""
_BIG: Final = 26.0
"""Radius of the numbers on a telephone, in units of the map."""


@dataclass(frozen=True, slots=True)
class Site:
    """A centre as the map shows it; ``number`` is 0 where it has no work."""

    id: str
    x: float
    y: float
    radius: float
    number: int
    new: bool
    effort: float


def working(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Sites that do work of this case, most first: their places are their numbers on the map and in the table."""
    return sorted((s for s in plan["sites"] if s["effort_fte"] > 0), key=lambda s: (-s["effort_fte"], s["provider"]))


def map_sites(plan: dict[str, Any], case: Case) -> list[Site]:
    """Centres of the case with position, size by work, and number."""
    numbers = {s["provider"]: n for n, s in enumerate(working(plan), 1)}
    known = [s for s in plan["sites"] if s["provider"] in case.provider]
    most = max((s["effort_fte"] for s in known), default=0.0)
    out = []
    for s in sorted(known, key=lambda s: (-s["effort_fte"], s["provider"])):
        provider = case.provider[s["provider"]]
        x, y = on_map((provider.place.longitude, provider.place.latitude))
        radius = max(8.0, 17 * math.sqrt(s["effort_fte"] / most)) if s["effort_fte"] > 0 else 4.0
        new = s["open"] and provider.status == "candidate"
        out.append(Site(provider.id, x, y, radius, numbers.get(provider.id, 0), new, s["effort_fte"]))
    busy = _apart([s for s in out if s.number])
    spots = moved_apart([(s.x, s.y) for s in busy], _NEAR)
    return [
        *(replace(s, x=x, y=y) for s, (x, y) in zip(busy, spots, strict=True)),
        *_apart([s for s in out if not s.number]),
    ]


def _apart(sites: list[Site]) -> list[Site]:
    """Set the sites of one city around its largest, the first of the list, so that each is seen."""
    cities: dict[tuple[float, float], list[Site]] = {}
    for site in sites:
        cities.setdefault((round(site.x), round(site.y)), []).append(site)
    out = []
    for first, *others in cities.values():
        out.append(first)
        for i, site in enumerate(others):
            angle, reach = math.radians(200 + 65 * i), first.radius + site.radius
            out.append(replace(site, x=first.x + reach * math.cos(angle), y=first.y + reach * math.sin(angle)))
    return sorted(out, key=lambda s: (-s.effort, s.id))


def flow_map(plan: dict[str, Any], case: Case, language: str = "en") -> str:
    """Draw the map; its label has the work of each centre and the largest flows.

    Parameters
    ----------
    plan : dict
        ``designate.plan/1`` with assignments.
    case : Case
    language : str, default "en"
        One of ``LANGUAGES``.
    """
    sites, names = map_sites(plan, case), Names(case)
    by_id = {s.id: s for s in sites}
    flows, _ = _flows(plan, case, by_id)
    told = [(names.provider(s.id), s.effort) for s in sites if s.number]
    told += [(f"{start} – {end}", fte) for start, end, fte in largest_flows(plan, case)[:8]]
    label = "; ".join(f"{what} {said_in(decimal(fte), language)}" for what, fte in told)
    label = escape(clean(f"{word('FTE', language)}: {label}"))
    return "".join(
        [
            f'<svg class="map" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="{label}">',
            f'<path class="land" d="{land_path()}"/>',
            *_dots(plan, case),
            *_lines(flows, case, by_id),
            *(f'<circle class="idle" cx="{s.x:.0f}" cy="{s.y:.0f}" r="4"/>' for s in sites if not s.number),
            *_marks([s for s in sites if s.number], names),
            *_labels(plan, case, sites, language),
            "</svg>",
        ]
    )


def map_words(plan: dict[str, Any], case: Case) -> str:
    """What the lines of the map are, and what it leaves to the tables."""
    flows, others = _flows(plan, case, {s.id: s for s in map_sites(plan, case)})
    return tell(
        "Lines: {lines} flows of 1 FTE or more, {fte} FTE, the short way round, cut at the edge of the map. "
        "{others} smaller or local flows, {rest} FTE, are in the tables only.",
        lines=count(len(flows)),
        fte=count(sum(flows.values())),
        others=count(len(others)),
        rest=count(sum(others)),
    )


def largest_flows(plan: dict[str, Any], case: Case) -> list[tuple[str, str, float]]:
    """Flows that are drawn: from, to, FTE; largest first."""
    flows, _ = _flows(plan, case, {s.id: s for s in map_sites(plan, case)})
    names = Names(case)
    cities = {(e.place.longitude, e.place.latitude): e.place.city for e in reversed(case.entities)}
    ranked = sorted(flows.items(), key=lambda f: (-f[1], f[0][1]))
    return [(cities.get(at) or f"{at[1]:.1f}, {at[0]:.1f}", names.city(p), fte) for (at, p), fte in ranked]


Flows = dict[tuple[Point, str], float]


def _flows(plan: dict[str, Any], case: Case, sites: dict[str, Site]) -> tuple[Flows, list[float]]:
    """FTE from each place to each centre elsewhere; those too small or within a place apart."""
    flows: Flows = defaultdict(float)
    for a in plan["assignments"]:
        entity = case.entity.get(a["entity"])
        if a["provider"] in sites and a["provider"] != OWN and entity is not None:
            flows[(entity.place.longitude, entity.place.latitude), a["provider"]] += a["effort_fte"]
    drawn = {k: f for k, f in flows.items() if f >= _LEAST[0] and _far(k, case)}
    return drawn, [f for k, f in flows.items() if k not in drawn]


def _far(flow: tuple[Point, str], case: Case) -> bool:
    place = case.provider[flow[1]].place
    return math.dist(on_map(flow[0]), on_map((place.longitude, place.latitude))) > 3


def _dots(plan: dict[str, Any], case: Case) -> Iterator[str]:
    """Offices; those of one place spread around it, so that forty in New York look like forty."""
    here: dict[tuple[float, float], list[dict[str, Any]]] = defaultdict(list)
    for e in plan["entities"]:
        if (entity := case.entity.get(e["id"])) is not None:
            here[on_map((entity.place.longitude, entity.place.latitude))].append(e)
    dots: list[Point] = []
    lost: list[Point] = []
    for (x, y), found in sorted(here.items()):
        for i, e in enumerate(found):
            reach, angle = 2.6 * math.sqrt(i), 2.39996 * i
            at = x + reach * math.cos(angle), y + reach * math.sin(angle)
            (dots if e["providers"] else lost).append(at)
    yield f'<path class="ent" d="{"".join(f"M{x - 1.3:.1f} {y:.1f}a1.3 1.3 0 1 1 0 .01Z" for x, y in dots)}"/>'
    if lost:
        yield f'<path class="lost" d="{"".join(f"M{x - 3:.1f} {y - 3:.1f}l6 6m0-6l-6 6" for x, y in lost)}"/>'


def _lines(flows: Flows, case: Case, sites: dict[str, Site]) -> Iterator[str]:
    """Great circles, cut at 180°; one path for each colour and width, the widest first, so that none is covered."""
    paths: dict[tuple[int, bool], list[str]] = defaultdict(list)
    for (start, provider), fte in flows.items():
        place = case.provider[provider].place
        width = sum(fte >= least for least in _LEAST)
        for way in great_circle(start, (place.longitude, place.latitude), 8.0 if width < 3 else 5.0):
            line = whole_steps([on_map((lon, _within(lat))) for lon, lat in way])
            paths[width, sites[provider].new].append(line)
    for (width, new), ways in sorted(paths.items(), reverse=True):
        yield f'<path class="fl fl-{"n" if new else "a"} w{width}" d="{"".join(ways)}"/>'


def _within(latitude: float) -> float:
    """Ways near the poles are drawn within the map: what lies north of 60° ends at 73°, south of 45° at 56°."""
    if latitude > 60:
        return 60 + (latitude - 60) * 13 / 30
    return latitude if latitude >= -45 else -45 + (latitude + 45) * 11 / 45


def _shape(site: Site, x: float, y: float, radius: float) -> str:
    """Disc of a centre of today, diamond of a new one."""
    if site.new:
        r = radius * 1.2
        return f'<path class="ctr ctr-n" d="M{x:.0f} {y - r:.0f}l{r:.0f} {r:.0f}-{r:.0f} {r:.0f}-{r:.0f}-{r:.0f}z"/>'
    return f'<circle class="ctr ctr-a" cx="{x:.0f}" cy="{y:.0f}" r="{radius:.0f}"/>'


def _marks(sites: Sequence[Site], names: Names) -> Iterator[str]:
    """Centres with their numbers: where they are, and for telephones larger and moved apart."""
    for s in sites:
        tip = escape(clean(f"{names.provider(s.id)}: {decimal(s.effort)} FTE"))
        number = f'<text class="no" x="{s.x:.0f}" y="{s.y:.0f}" dy=".35em">{s.number}</text>'
        yield f'<g class="wide"><title>{tip}</title>{_shape(s, s.x, s.y, s.radius)}{number}</g>'
    spots = moved_apart([(s.x, s.y) for s in sites], 2 * _BIG)
    for s, (x, y) in zip(sites, spots, strict=True):
        number = f'<text class="no" x="{x:.0f}" y="{y:.0f}" dy=".35em">{s.number}</text>'
        stem = f'<path class="ld" d="M{s.x:.0f} {s.y:.0f}L{x:.0f} {y:.0f}"/>'
        yield f'<g class="slim">{stem}{_shape(s, x, y, _BIG)}{number}</g>'


def moved_apart(spots: Sequence[Point], least: float) -> list[Point]:
    """Points pushed away from each other until all are ``least`` apart, or two hundred rounds have passed."""
    out = [list(s) for s in spots]
    for _ in range(200):
        still = True
        for i, a in enumerate(out):
            for j in range(i):
                b = out[j]
                gap = math.dist(a, b)
                if gap < least - 0.1:
                    still = False
                    angle = math.atan2(a[1] - b[1], a[0] - b[0]) if gap else 2.4 * i
                    push = (least - gap) / 2
                    for point, way in ((a, 1), (b, -1)):
                        point[0] += way * push * math.cos(angle)
                        point[1] += way * push * math.sin(angle)
        for point in out:
            point[0] = min(max(point[0], least / 2), WIDTH - least / 2)
            point[1] = min(max(point[1], least / 2), HEIGHT - least / 2)
        if still:
            break
    return [(x, y) for x, y in out]


def _labels(plan: dict[str, Any], case: Case, sites: Sequence[Site], language: str) -> Iterator[str]:
    """City and work of each centre, then places with many offices; what has no room without crossing is left out."""
    names = Names(case)
    wanted = [(f"{clip(names.city(s.id), 22)} {count(s.effort)}", s.x, s.y, s.radius, "lbl") for s in sites if s.number]
    for (x, y), (city, n) in _crowds(plan, case).items():
        told = many("{city}, {n} office", "{city}, {n} offices", n, city=clip(city, 22))
        wanted.append((said_in(told, language), x, y, 8.0, "src"))
    kinds = {text: kind for text, *_, kind in wanted}
    for label in place_labels([w[:4] for w in wanted], WIDTH, HEIGHT):
        if label.leader:
            x, y = label.leader
            site = next(w for w in wanted if w[0] == label.text)
            yield f'<path class="ld wide" d="M{site[1]:.0f} {site[2]:.0f}L{x:.0f} {y:.0f}"/>'
        yield f'<text class="{kinds[label.text]}" x="{label.x:.0f}" y="{label.y + 4:.0f}">{escape(label.text)}</text>'


def _crowds(plan: dict[str, Any], case: Case) -> dict[Point, tuple[str, int]]:
    """Places with so many offices that dots alone do not tell."""
    found: dict[Point, tuple[str, int]] = {}
    for e in plan["entities"]:
        if (entity := case.entity.get(e["id"])) is not None and entity.place.city:
            at = on_map((entity.place.longitude, entity.place.latitude))
            found[at] = (entity.place.city, found.get(at, ("", 0))[1] + 1)
    return {at: told for at, told in found.items() if told[1] >= _MANY}
