"""Sections about the network: map, centres, lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.domain.names import OWN
from optimizer.report.blocks import Bar, Block, Cell, Column, Figure, Row, Section, Table
from optimizer.report.figures import count, decimal, percent
from optimizer.report.worldmap import MAP_NOTE, world_map

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.report.blocks import Tone
    from optimizer.report.naming import Names

__all__ = ["centres_section", "map_section", "site_state"]

_STATES = {
    "required": "open, required",
    "open": "open",
    "candidate": "newly opened",
    "closing": "closing",
    "closed": "closed",
}


def site_state(is_open: bool, status: str, effort: float) -> str:
    """Say in words what becomes of a site."""
    if is_open:
        return _STATES[status] if effort or status != "required" else "required, empty"
    return {"candidate": "not opened", "closed": "closed"}.get(status, "without work")


def map_section(plan: dict[str, Any], case: Case) -> Section:
    """Where centres and clients are, and who leads for whom."""
    linked = [e for e in plan["entities"] if e["lead_provider"]]
    far = [e for e in linked if e["distance_km_mean"] is not None]
    km = sum(e["distance_km_mean"] for e in far) / len(far) if far else None
    alone = sum(1 for e in plan["entities"] if e["providers"] and not e["lead_provider"])
    lede = f"{count(len(linked))} of {count(len(plan['entities']))} entities have a lead provider"
    lede += f", {count(km)} km away on average" if km is not None else ""
    lede += f"; {count(alone)} rely on own capacity only." if alone else "."
    return Section("map", "Where the work is done", lede, [Figure(world_map(plan, case), note=MAP_NOTE, kind="map")])


def centres_section(plan: dict[str, Any], case: Case, names: Names) -> Section:
    """How full each centre and each line is."""
    sites = sorted(plan["sites"], key=lambda s: (not s["open"], -s["effort_fte"], s["provider"]))
    opened = [s for s in sites if s["open"]]
    tight = [s for s in opened if (s["utilisation"] or 0) >= 0.95]
    lede = f"{count(len(opened))} of {count(len(sites))} centres are open"
    lede += f"; {count(len(tight))} filled to 95 % or more." if tight else "; none is filled to 95 % or more."
    blocks: list[Block] = [_site_table(sites, plan, case, names)]
    if plan["lines"]:
        blocks.append(_line_table(plan["lines"], names))
    return Section("centres", "How full the centres are", lede, blocks)


def _site_table(sites: list[dict[str, Any]], plan: dict[str, Any], case: Case, names: Names) -> Table:
    scale = max((max(s["effort_fte"] + s["base_fte"], s["capacity_fte"] or 0.0) for s in sites), default=0.0) or 1.0
    rows = [_site_row(s, case, names, scale) for s in sites]
    own = sum(a["effort_fte"] for a in plan["assignments"] if a["provider"] == OWN)
    clients = len({a["entity"] for a in plan["assignments"] if a["provider"] == OWN})
    if own:
        rows.append(
            [
                Cell("Own capacity of entities"),
                "",
                Cell("", bar=Bar(0, min(1.0, own / scale))),
                "–",
                decimal(own),
                "–",
                "–",
                count(clients),
            ]
        )
    heads = ("Use", "Work, FTE", "Others’, FTE", "Capacity, FTE", "Entities")
    columns = (Column("Centre", wide=True), Column("State"), Column("Load"), *(Column(h, numeric=True) for h in heads))
    note = "Blue: work of this case. Grey: work for clients outside it. Black mark: capacity, none when unlimited. "
    note += "One scale for all."
    return Table(columns, rows, "rows" if own else "centres", "Centres", first=25, note=note)


def _site_row(s: dict[str, Any], case: Case, names: Names, scale: float) -> Row:
    provider = case.provider.get(s["provider"])
    state = site_state(s["open"], provider.status if provider else "open", s["effort_fte"])
    shown = s["open"] or s["effort_fte"]
    capacity = s["capacity_fte"]
    bar = Bar(s["base_fte"] / scale, s["effort_fte"] / scale, capacity / scale if capacity is not None else None)
    return [
        names.provider_cell(s["provider"]),
        Cell(state, tone="" if s["open"] else "muted"),
        Cell("", bar=bar if shown else None),
        Cell(percent(s["utilisation"], 0) if shown else "–", tone=_tone(s["utilisation"] if shown else None)),
        decimal(s["effort_fte"]),
        decimal(s["base_fte"]),
        decimal(capacity) if capacity is not None else "unlimited",
        count(s["entities"]),
    ]


def _tone(use: float | None) -> Tone:
    return "bad" if use is not None and use > 1.0000005 else ""


def _line_table(lines: list[dict[str, Any]], names: Names) -> Table:
    rows: list[Row] = []
    for line in sorted(lines, key=lambda x: (-(x["utilisation"] or 0.0), x["provider"], x["service"])):
        use, capacity = line["utilisation"], line["capacity"]
        bar = None
        if capacity:
            top = max(capacity, line["volume"] + line["base_volume"])
            bar = Bar(line["base_volume"] / top, line["volume"] / top, capacity / top)
        row: Row = [
            names.service(line["service"]),
            names.provider(line["provider"]),
            Cell("", bar=bar),
            Cell(percent(use, 0), tone=_tone(use)),
        ]
        row += [
            count(line["volume"]),
            count(line["base_volume"]),
            count(capacity) if capacity is not None else "unlimited",
        ]
        rows.append([*row, str(line["tier"]), decimal(line["unit_cost_average"], 2)])
    heads = ("Use", "Units a year", "Others’ units", "Capacity", "Tier", "Cost per unit")
    columns = (
        Column("Service"),
        Column("Centre", wide=True),
        Column("Load"),
        *(Column(h, numeric=True) for h in heads),
    )
    return Table(columns, rows, "lines", "Lines (one centre, one service), fullest first", first=10)
