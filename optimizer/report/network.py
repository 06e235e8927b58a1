"""Sections about the network: map, centres, lines."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from optimizer.domain.names import OWN
from optimizer.report.blocks import Bar, BarRow, Bars, Block, Cell, Column, Figure, Row, Section, Span, Table
from optimizer.report.flowmap import flow_map, largest_flows, map_words, working
from optimizer.report.numbers import DASH, count, decimal, many, percent, tell
from optimizer.report.worldmap import MAP_NOTE

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.report.blocks import Tone
    from optimizer.report.naming import Names

__all__ = ["centres_section", "load_bars", "map_section", "site_state"]

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
    """Where centres and clients are, and how much work goes from where to where."""
    linked = [e for e in plan["entities"] if e["lead_provider"]]
    far = [e for e in linked if e["distance_km_mean"] is not None]
    alone = sum(1 for e in plan["entities"] if e["providers"] and not e["lead_provider"])
    lede = tell(
        "{linked} of {all} entities have a lead provider, {km} km away on average; {alone} rely on own capacity only.",
        linked=count(len(linked)),
        all=count(len(plan["entities"])),
        km=count(sum(e["distance_km_mean"] for e in far) / len(far)) if far else DASH,
        alone=count(alone),
    )
    note = tell("{lines} {source}", lines=map_words(plan, case), source=MAP_NOTE)
    drawing = Figure(partial(flow_map, plan, case), note=note, kind="map", keys=_MAP_KEYS)
    flows = largest_flows(plan, case)
    rows: list[Row] = [[start, end, decimal(fte)] for start, end, fte in flows]
    columns = (Column("From"), Column("To"), Column("FTE a year", numeric=True))
    table = Table(columns, rows, "flows", "Flows on the map", hidden="The lines of the map as a table")
    return Section("map", "Where the work is done", lede, [drawing, *([table] if rows else [])])


_MAP_KEYS = (
    ("c-a", "centre at work today, with its number in the table of centres"),
    ("c-n", "newly opened centre"),
    ("c-i", "without work in this plan"),
    ("ent-k", "offices, spread around their place"),
    ("fl-w1", "1 to 8 FTE"),
    ("fl-w4", "8 to 45"),
    ("fl-w5", "45 and more"),
)


def centres_section(plan: dict[str, Any], case: Case, names: Names) -> Section:
    """How full each centre and each line is; those without work folded."""
    busy = working(plan)
    idle = [s for s in plan["sites"] if s["effort_fte"] <= 0]
    tight = count(sum((s["utilisation"] or 0) >= 0.95 for s in busy))
    lede = tell(
        "{busy} of {all} centres have work in this plan; {tight} of them are filled to 95 % or more.",
        busy=count(len(busy)),
        all=count(len(plan["sites"])),
        tight=tight,
    )
    blocks: list[Block] = [_site_table(busy, plan, case, names)]
    if idle:
        blocks.append(_idle_table(idle, plan, case, names))
    if plan["lines"]:
        blocks.append(_line_table(plan["lines"], names))
    return Section("centres", "How full the centres are", lede, blocks)


def load_bars(plan: dict[str, Any], case: Case, names: Names) -> Bars:
    """Load and room of the centres at work on one scale of FTE, numbered as on the map."""
    rows, new = [], {p.id for p in case.providers if p.status == "candidate"}
    for number, s in enumerate(working(plan), 1):
        load, room = s["base_fte"] + s["effort_fte"], s["capacity_fte"]
        spans = [Span(0.0, s["base_fte"], "o")] if s["base_fte"] else []
        spans.append(Span(s["base_fte"], load, "n" if s["provider"] in new else "a"))
        if room is not None and room > load:
            spans.append(Span(load, room, "r"))
        of = decimal(room) if room is not None else tell("unlimited")
        sub = tell("{load} FTE, capacity {capacity}", load=decimal(load), capacity=of)
        name = tell("{number} · {name}", number=count(number), name=names.provider(s["provider"]))
        rows.append(BarRow(name, tuple(spans), percent(s["utilisation"], 0), sub))
    keys = (("a", "work of this case"), ("n", "at a newly opened centre"), ("o", "work for others"), ("r", "room"))
    return Bars(rows, "Load and capacity, FTE", "", keys)


def _site_table(sites: list[dict[str, Any]], plan: dict[str, Any], case: Case, names: Names) -> Table:
    rows = [_site_row(n, s, case, names) for n, s in enumerate(sites, 1)]
    own = sum(a["effort_fte"] for a in plan["assignments"] if a["provider"] == OWN)
    clients = len({a["entity"] for a in plan["assignments"] if a["provider"] == OWN})
    if own:
        rows.append([Cell(tell("Own capacity of entities")), "", "", "", decimal(own), "", "", count(clients)])
    heads = ("Full", "Work, FTE", "Others’, FTE", "Capacity, FTE", "Entities")
    columns = (
        Column("Centre, numbered as on the map", wide=True),
        Column("State"),
        Column("Load"),
        *(Column(h, numeric=True) for h in heads),
    )
    note = "Blue: work of this case. Grey: work for clients outside it. The bar’s whole length is the capacity."
    return Table(columns, rows, "centres", "Centres at work", first=25, note=note)


_CHIPS: dict[str, Tone] = {"candidate": "chip-ok", "closing": "chip-bad", "closed": "chip-bad"}


def _site_row(number: int, s: dict[str, Any], case: Case, names: Names) -> Row:
    provider = case.provider.get(s["provider"])
    status = provider.status if provider else "open"
    state = site_state(s["open"], status, s["effort_fte"])
    capacity, load = s["capacity_fte"], s["effort_fte"] + s["base_fte"]
    top = max(capacity or 0.0, load) or 1.0
    named = names.provider_cell(s["provider"])
    return [
        Cell(tell("{number} · {name}", number=count(number), name=named.text), sub=named.sub),
        Cell(tell(state), tone=_CHIPS.get(status, "chip-act")),
        Cell("", bar=Bar(s["base_fte"] / top, s["effort_fte"] / top, None)) if capacity is not None else "",
        Cell(percent(s["utilisation"], 0), tone=_tone(s["utilisation"])),
        decimal(s["effort_fte"]),
        decimal(s["base_fte"]),
        decimal(capacity) if capacity is not None else tell("unlimited"),
        count(s["entities"]),
    ]


def _idle_table(sites: list[dict[str, Any]], plan: dict[str, Any], case: Case, names: Names) -> Table:
    """Centres without work; what they do today stands beside them."""
    today = {r["id"]: r["fte_today"] for r in plan["people"]["by_provider"]}
    rows: list[Row] = []
    for s in sorted(sites, key=lambda s: (-today.get(s["provider"], 0.0), s["provider"])):
        provider = case.provider.get(s["provider"])
        state = site_state(s["open"], provider.status if provider else "open", 0.0)
        rows.append(
            [names.provider_cell(s["provider"]), tell(state), decimal(today.get(s["provider"], 0.0)), decimal(0.0)]
        )
    columns = (
        Column("Centre", wide=True),
        Column("State"),
        Column("FTE today", numeric=True),
        Column("FTE in the plan", numeric=True),
    )
    some = sum(today.get(s["provider"], 0.0) >= 0.05 for s in sites)
    hidden = many(
        "{n} centre without work; {some} of them have some today",
        "{n} centres without work; {some} of them have some today",
        len(sites),
        some=count(some),
    )
    return Table(columns, rows, "centres", "Centres without work", first=40, hidden=hidden)


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
            names.provider_cell(line["provider"]),
            Cell("", bar=bar),
            Cell(percent(use, 0), tone=_tone(use)),
        ]
        row += [
            count(line["volume"]),
            count(line["base_volume"]),
            count(capacity) if capacity is not None else tell("unlimited"),
        ]
        rows.append([*row, count(line["tier"]), decimal(line["unit_cost_average"], 2)])
    heads = ("Use", "Units a year", "Others’ units", "Capacity", "Tier", "Cost per unit")
    columns = (
        Column("Service"),
        Column("Centre", wide=True),
        Column("Load"),
        *(Column(h, numeric=True) for h in heads),
    )
    return Table(columns, rows, "lines", "What each centre does, fullest first", first=10)
