"""Load against capacity of each site, period by period."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.names import OWN
from optimizer.report.blocks import Block, Cell, Column, Figure, Row, Section, Table
from optimizer.report.numbers import DASH, count, decimal, percent
from optimizer.report.time.drawing import axis, canvas, key, safe, step
from optimizer.report.time.periods import Periods

if TYPE_CHECKING:
    from optimizer.report.naming import Names

__all__ = ["fullest", "load_section"]

_SITES: Final = 12
"""Sites that are drawn, the fullest first; the table has all."""
_FULL: Final = 0.9
_OVER: Final = 1.0000005


def load_section(plan: dict[str, Any], names: Names) -> Section | None:
    """Small pictures of the fullest sites, then a table of every site."""
    by_site: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in plan["sites"]:
        by_site[row["provider"]].append(row)
    used = {p: rows for p, rows in by_site.items() if any(r["effort_fte"] > 0 or r["open"] for r in rows)}
    if not used:
        return None
    when = Periods(plan)
    ranked = sorted(used, key=lambda p: (-fullest(used[p])[0], p))
    full = [p for p in ranked if fullest(used[p])[0] >= _FULL]
    legend = key(("k-base", "work for others"), ("k-moved", "work of this plan"), ("k-limit", "capacity"))
    cards = "".join(_card(p, used[p], when, names) for p in ranked[:_SITES])
    blocks: list[Block] = [Figure(f'{legend}<div class="multi">{cards}</div>'), _table(ranked, used, when, names)]
    own = _own_fte(plan, when)
    told = f"{count(len(used))} of {count(len(by_site))} sites are open at some time; "
    told += (
        f"{count(len(full))} of them {'fills' if len(full) == 1 else 'fill'} 90 % or more of the capacity at some time."
        if full
        else "none gets fuller than 90 %."
    )
    if own:
        told += (
            f" Own capacity of entities does {decimal(own[0])} FTE in the first period, {decimal(own[1])} in the last."
        )
    return Section("load", "Load and capacity", told, blocks)


def _own_fte(plan: dict[str, Any], when: Periods) -> tuple[float, float] | None:
    rows = [a for a in plan["assignments"] if a["provider"] == OWN]
    if not rows:
        return None
    first, last = (
        sum(a["effort_fte"] for a in rows if a["from_period"] <= t <= a["until_period"]) for t in (1, len(when))
    )
    return first, last


def fullest(rows: list[dict[str, Any]]) -> tuple[float, dict[str, Any]]:
    """Fullest period: share of capacity (0 without a limit), and its row."""
    best = max(rows, key=lambda r: (_share(r), r["effort_fte"], -r["period"]))
    return _share(best), best


def _share(row: dict[str, Any]) -> float:
    capacity = row["capacity_fte"]
    return (row["base_fte"] + row["effort_fte"]) / capacity if capacity else 0.0


def _card(provider: str, rows: list[dict[str, Any]], when: Periods, names: Names) -> str:
    share, at = fullest(rows)
    base = [r["base_fte"] if r["open"] else 0.0 for r in rows]
    loads = [b + r["effort_fte"] for b, r in zip(base, rows, strict=True)]
    limits = [r["capacity_fte"] for r in rows]
    high = 1.08 * max([*loads, *(c for c in limits if c is not None), 0.001])
    told, name = _fullest_words(share, at, when), names.provider(provider)
    areas = f'<path class="a-load" d="{step(loads, high)}V100H0Z"/><path class="a-base" d="{step(base, high)}V100H0Z"/>'
    limit = f'<path class="a-limit" d="{step(limits, high)}"/>'
    drawing = canvas(areas + limit, f"{name}: {told}", when, "small")
    tone = ' class="bad"' if share > _OVER else ""
    return f'<div class="card"><h4><bdi>{safe(name)}</bdi></h4><p{tone}>{safe(told)}</p>{drawing}{axis(when)}</div>'


def _fullest_words(share: float, at: dict[str, Any], when: Periods) -> str:
    period, load = when.label(at["period"]), at["base_fte"] + at["effort_fte"]
    if not at["capacity_fte"]:
        return f"most in {period}: {decimal(load)} FTE, no limit"
    return f"fullest in {period}: {percent(share, 0)}, {decimal(load)} of {decimal(at['capacity_fte'])} FTE"


def _table(ranked: list[str], used: dict[str, list[dict[str, Any]]], when: Periods, names: Names) -> Table:
    """Share of capacity in each period; by year, the fullest, where there are many periods."""
    groups = [[t] for t in range(1, len(when) + 1)]
    titles = [when.label(t) for t in range(1, len(when) + 1)]
    if len(when) > 16:
        groups = [[t for t in range(1, len(when) + 1) if when.year_of(t) == y] for y in when.years]
        titles = [when.year_label(y) for y in when.years]
    rows: list[Row] = []
    for provider in ranked:
        cells: Row = []
        for group in groups:
            found = [used[provider][t - 1] for t in group]
            share, at = fullest(found)
            cells.append(_cell(share, at))
        rows.append([names.provider_cell(provider), *cells])
    columns = (Column("Site", wide=True), *(Column(t, numeric=True) for t in titles))
    note = "Share of capacity that is used, FTE of this plan below" + (
        "; the fullest period of each year." if len(when) > 16 else "."
    )
    return Table(columns, rows, "sites", "Every site", first=0, note=note)


def _cell(share: float, row: dict[str, Any]) -> Cell:
    if not row["open"] and not row["effort_fte"]:
        return Cell(DASH, tone="muted")
    return Cell(
        percent(share, 0) if share else DASH,
        sub=decimal(row["effort_fte"]),
        shade=min(0.4, 0.4 * share),
        tone="bad" if share > _OVER else "",
    )
