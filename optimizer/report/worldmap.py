"""Map of sites, clients and who leads for whom: land without borders, Equal Earth projection."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import escape

from optimizer.report import palette
from optimizer.report.figures import decimal
from optimizer.report.labels import place_labels
from optimizer.report.naming import Names, clean, clip
from optimizer.report.projection import Point, equal_earth, great_circle, land_rings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from optimizer.domain.case import Case

__all__ = ["MAP_NOTE", "Site", "map_frame", "map_sites", "on_map", "world_map"]

MAP_NOTE = (
    "Equal Earth projection, areas true to scale. Made with Natural Earth (public domain). "
    "The map shows no borders and expresses no opinion on the legal status of any country, territory, city or area."
)

_WIDTH = 1000.0
_SOUTH, _NORTH = -58.0, 80.0
_SCALE = _WIDTH / (2 * equal_earth(180.0, 0.0)[0])
_TOP = equal_earth(0.0, _NORTH)[1]
_HEIGHT = (_TOP - equal_earth(0.0, _SOUTH)[1]) * _SCALE


@dataclass(frozen=True, slots=True)
class Site:
    """A provider as the map shows it."""

    id: str
    x: float
    y: float
    radius: float
    colour: str
    state: str
    effort: float


def world_map(plan: dict[str, Any], case: Case) -> str:
    """Draw the map; every mark carries its name as a tooltip that needs no script."""
    names = Names(case)
    sites = map_sites(plan, case)
    marks = [
        *_clients(plan, case, {s.id: s.colour for s in sites}, names),
        *(_mark(s, names) for s in sorted(sites, key=_depth)),
        *_labels(sites),
        _legend({s.state for s in sites}, plan),
    ]
    return map_frame("Centres and clients", _links(plan, case, {s.id: s for s in sites}), marks)


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
        f'<text x="10" y="{_HEIGHT + 16 + 13 * i:.0f}" font-size="9">{escape(line)}</text>'
        for i, line in enumerate(below)
    ]
    parts = [
        f'<svg class="map" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT + 34:.0f}" role="img" aria-label="{escape(label)}">',
        f'<clipPath id="map-frame"><path d="{_sea()}"/></clipPath><path d="{_sea()}" fill="{palette.SHADE}"/>',
        f'<g clip-path="url(#map-frame)"><path d="{_land()}" fill="{palette.LAND}"/>',
        *behind,
        "</g>",
        *marks,
        *notes,
        "</svg>",
    ]
    return "".join(parts)


def map_sites(plan: dict[str, Any], case: Case) -> list[Site]:
    """Providers of the case with position, size by effort, colour by rank and state."""
    known = [s for s in plan["sites"] if s["provider"] in case.provider]
    ranked = sorted(known, key=lambda s: (-s["effort_fte"], s["provider"]))
    most = max((s["effort_fte"] for s in ranked), default=0.0)
    out = []
    for rank, s in enumerate(ranked):
        provider = case.provider[s["provider"]]
        x, y = on_map((provider.place.longitude, provider.place.latitude))
        busy = s["open"] and s["effort_fte"] > 0 and rank < len(palette.SERIES)
        colour = palette.SERIES[rank] if busy else palette.OTHER
        radius = max(4.5, 20 * math.sqrt(s["effort_fte"] / most)) if most and s["open"] else 4.5
        out.append(Site(provider.id, x, y, radius, colour, _state(s["open"], provider.status), s["effort_fte"]))
    return _spread(out)


def _hollow(state: str) -> bool:
    return state in ("without work", "closed", "candidate not opened")


def _depth(site: Site) -> tuple[int, float]:
    """Large discs lie lowest, then marks without work, small discs on top: nothing is hidden."""
    return (0 if site.radius > 9 else 1 if _hollow(site.state) else 2), -site.radius


def _spread(sites: list[Site]) -> list[Site]:
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


def _state(is_open: bool, status: str) -> str:
    if status == "candidate":
        return "candidate opened" if is_open else "candidate not opened"
    return "open" if is_open else "closed" if status == "closed" else "without work"


def on_map(place: Point) -> Point:
    """Where a place (longitude, latitude) lies on the map."""
    x, y = equal_earth(*place)
    return _WIDTH / 2 + x * _SCALE, (_TOP - y) * _SCALE


def _path(points: list[Point] | tuple[Point, ...]) -> str:
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in map(on_map, points))


@cache
def _sea() -> str:
    """Outline of the part of the Earth that is shown."""
    steps = [_SOUTH + (_NORTH - _SOUTH) * i / 40 for i in range(41)]
    return f"{_path([*((-180.0, y) for y in steps), *((180.0, y) for y in reversed(steps))])}Z"


@cache
def _land() -> str:
    shown = (ring for ring in land_rings() if max(y for _, y in ring) > _SOUTH)
    return "".join(f"{_path(ring)}Z" for ring in shown)


def _links(plan: dict[str, Any], case: Case, sites: dict[str, Site]) -> list[str]:
    """Great circles from each entity to its lead provider, in the provider's colour."""
    by_colour: dict[str, list[str]] = {}
    for e in plan["entities"]:
        lead, entity = e["lead_provider"], case.entity.get(e["id"])
        if lead not in sites or entity is None:
            continue
        place = case.provider[lead].place
        ways = great_circle((entity.place.longitude, entity.place.latitude), (place.longitude, place.latitude))
        by_colour.setdefault(sites[lead].colour, []).extend(map(_path, ways))
    return [
        f'<path d="{"".join(ways)}" fill="none" stroke="{colour}" stroke-width=".8" stroke-opacity=".5"/>'
        for colour, ways in sorted(by_colour.items())
    ]


def _clients(plan: dict[str, Any], case: Case, colours: dict[str, str], names: Names) -> list[str]:
    out = []
    for e in plan["entities"]:
        entity = case.entity.get(e["id"])
        if entity is None:
            continue
        x, y = on_map((entity.place.longitude, entity.place.latitude))
        lead = e["lead_provider"]
        tip = escape(clean(f"{names.entity(e['id'])} ({e['id']}) – {names.provider(lead) if lead else _alone(e)}"))
        if not e["providers"]:
            mark = _cross(x, y, palette.BAD)
        else:
            mark = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{colours.get(lead, palette.INK)}"/>'
        out.append(f"<g>{mark}<title>{tip}</title></g>")
    return out


def _alone(entity: dict[str, Any]) -> str:
    return "own capacity only" if entity["providers"] else "not served"


def _mark(site: Site, names: Names) -> str:
    shape = _shape(site.state, (site.x, site.y), site.radius, site.colour)
    work = f"{site.state}, {decimal(site.effort)} FTE"
    tip = f"{names.provider(site.id)} ({site.id}), {names.provider_place(site.id)}: {work}"
    return f"<g>{shape}<title>{escape(clean(tip))}</title></g>"


def _shape(state: str, at: Point, radius: float, colour: str) -> str:
    """Open: disc; candidate: diamond; hollow without work; crossed out when closed."""
    fill, edge = (palette.PAPER, colour) if _hollow(state) else (colour, palette.PAPER)
    paint = f'fill="{fill}" stroke="{edge}" stroke-width="1.4"'
    x, y = at
    if state.startswith("candidate"):
        r = radius * 1.25
        return f'<path d="M{x:.1f},{y - r:.1f}l{r:.1f},{r:.1f}l{-r:.1f},{r:.1f}l{-r:.1f},{-r:.1f}Z" {paint}/>'
    disc = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" {paint} fill-opacity=".9"/>'
    return disc + (_cross(x, y, colour) if state == "closed" else "")


def _cross(x: float, y: float, colour: str) -> str:
    return f'<path d="M{x - 3:.1f},{y - 3:.1f}l6,6m0,-6l-6,6" stroke="{colour}" stroke-width="1.4"/>'


def _labels(sites: list[Site]) -> list[str]:
    texts = {s.id: clip(s.id, 16) for s in sites}
    spots = place_labels([(texts[s.id], s.x, s.y, s.radius * 0.8) for s in sites], _WIDTH, _HEIGHT)
    where = {texts[s.id]: s for s in sites}
    out = []
    for label in spots:
        site = where[label.text]
        if label.leader:
            x, y = label.leader
            out.append(
                f'<path d="M{site.x:.1f},{site.y:.1f}L{x:.1f},{y:.1f}" stroke="{palette.MUTED}" stroke-width=".7"/>'
            )
        strong = ' font-weight="600"' if site.effort > 0 else f' fill="{palette.MUTED}"'
        out.append(f'<text x="{label.x:.1f}" y="{label.y + 3.8:.1f}"{strong}>{escape(label.text)}</text>')
    return out


_LEGEND = {
    "open": "open centre, area by work",
    "without work": "without work",
    "candidate opened": "candidate, opened",
    "candidate not opened": "candidate, not opened",
    "closed": "closed",
}


def _legend(states: set[str], plan: dict[str, Any]) -> str:
    """Shapes in use, explained below the map."""
    shown = [(words, _shape(state, (0, 0), 5.5, palette.OTHER)) for state, words in _LEGEND.items() if state in states]
    dot = f'<circle cx="0" cy="0" r="2.4" fill="{palette.GOOD}"/>'
    shown.append(("client, in the colour of its lead provider", dot))
    if any(not e["providers"] for e in plan["entities"]):
        shown.append(("not served", _cross(0, 0, palette.BAD)))
    parts, x = [], 10.0
    for words, shape in shown:
        parts.append(
            f'<g transform="translate({x:.0f},{_HEIGHT + 20:.0f})">{shape}<text x="12" y="4">{words}</text></g>'
        )
        x += 40 + 6.2 * len(words)
    return f'<g class="legend">{"".join(parts)}</g>'
