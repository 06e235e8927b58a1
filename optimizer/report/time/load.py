"""Load against capacity of each site, period by period."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.names import OWN
from optimizer.report.blocks import Block, Cell, Column, Figure, Row, Section, Table
from optimizer.report.numbers import DASH, count, decimal, joined, many, percent, tell
from optimizer.report.time.drawing import axis, canvas, key, safe, step
from optimizer.report.time.periods import Periods

if TYPE_CHECKING:
    from optimizer.report.naming import Names

__all__ = ["fullest", "load_section"]

_SITES: Final = 12
"""Sites that are drawn, the fullest first; the table has all."""
_COLUMNS: Final = 8
"""Periods that the table has a column each for, so that it never scrolls sideways; of more it has the years."""
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
    drawn = partial(_picture, ranked[:_SITES], used, when, names)
    blocks: list[Block] = [Figure(drawn), _table(ranked, used, when, names)]
    return Section("load", "Load and capacity", _lede(plan, used, len(by_site), when), blocks)


def _lede(plan: dict[str, Any], used: dict[str, list[dict[str, Any]]], every: int, when: Periods) -> str:
    full = sum(1 for rows in used.values() if fullest(rows)[0] >= _FULL)
    said = [tell("{n} of {all} sites are open at some time.", n=count(len(used)), all=count(every))]
    if full:
        one = "{n} of them fills 90 % or more of its capacity at some time."
        said.append(many(one, "{n} of them fill 90 % or more of their capacity at some time.", full))
    else:
        said.append(tell("None of them gets fuller than 90 %."))
    own = _own_fte(plan, when)
    if own:
        template = "Own capacity of entities does {first} FTE in the first period, {last} in the last."
        said.append(tell(template, first=decimal(own[0]), last=decimal(own[1])))
    return joined(said)


def _picture(
    shown: list[str], used: dict[str, list[dict[str, Any]]], when: Periods, names: Names, language: str
) -> str:
    marks = {"k-base": "work for others", "k-moved": "work of this plan", "k-limit": "capacity"}
    legend = key(*((name, tell(words)) for name, words in marks.items()), language=language)
    cards = "".join(_card(p, used[p], when, names, language) for p in shown)
    return f'{legend}<div class="multi">{cards}</div>'


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


def _card(provider: str, rows: list[dict[str, Any]], when: Periods, names: Names, language: str) -> str:
    share, at = fullest(rows)
    base = [r["base_fte"] if r["open"] else 0.0 for r in rows]
    loads = [b + r["effort_fte"] for b, r in zip(base, rows, strict=True)]
    limits = [r["capacity_fte"] for r in rows]
    high = 1.08 * max([*loads, *(c for c in limits if c is not None), 0.001])
    told, name = _fullest_words(share, at, when), names.provider(provider)
    areas = f'<path class="a-load" d="{step(loads, high)}V100H0Z"/><path class="a-base" d="{step(base, high)}V100H0Z"/>'
    limit = f'<path class="a-limit" d="{step(limits, high)}"/>'
    label = tell("{name}: {what}", name=name, what=told)
    drawing = canvas(areas + limit, label, when, "small", language=language)
    tone = ' class="bad"' if share > _OVER else ""
    words, place = safe(told, language), safe(names.provider_place(provider), language)
    head = f"<h3><bdi>{safe(name)}</bdi></h3><p>{place}</p><p{tone}>{words}</p>"
    return f'<div class="card">{head}{drawing}{axis(when)}</div>'


def _fullest_words(share: float, at: dict[str, Any], when: Periods) -> str:
    period, load = when.label(at["period"]), at["base_fte"] + at["effort_fte"]
    if not at["capacity_fte"]:
        return tell("most in {period}: {load} FTE, no limit", period=period, load=decimal(load))
    return tell(
        "fullest in {period}: {part}, {load} of {most} FTE",
        period=period,
        part=percent(share, 0),
        load=decimal(load),
        most=decimal(at["capacity_fte"]),
    )


def _table(ranked: list[str], used: dict[str, list[dict[str, Any]]], when: Periods, names: Names) -> Table:
    """Share of capacity in each period; by year, the fullest, where there are many periods."""
    groups = [[t] for t in range(1, len(when) + 1)]
    titles = [when.label(t) for t in range(1, len(when) + 1)]
    if len(when) > _COLUMNS:
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
    note = "Share of capacity that is used, FTE of this plan below."
    if len(when) > _COLUMNS:
        note = "Share of capacity that is used, FTE of this plan below; the fullest period of each year."
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
