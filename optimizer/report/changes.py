"""Section about people: work that leaves and arrives, by place, organisation and provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.report.blocks import BarRow, Bars, Block, Cell, Column, Note, Row, Section, Span, Table
from optimizer.report.naming import clip
from optimizer.report.numbers import decimal, many, tell
from optimizer.report.places import territory

if TYPE_CHECKING:
    from optimizer.report.naming import Names

__all__ = ["people_section"]

_BARS = 20


def people_section(plan: dict[str, Any], names: Names) -> Section | None:
    """Work in and out by place, organisation and provider, never netted."""
    people = plan["people"]
    if plan["baseline"] is None or not people["by_provider"]:
        return None
    leaves, arrives = (sum(r[k] for r in people["by_place"]) for k in ("fte_out", "fte_in"))
    lede = tell(
        "{leaves} FTE of work leave a place and {arrives} FTE arrive at one; both are told, never only the difference.",
        leaves=decimal(leaves),
        arrives=decimal(arrives),
    )
    blocks: list[Block] = [*_chart(people["by_place"])]
    blocks += [
        _people_table(people["by_place"], "Place", "By place", lambda place: Cell(_place(place))),
        _people_table(people["by_organisation"], "Organisation", "By organisation", Cell),
        _people_table(people["by_provider"], "Provider", "By provider", names.provider_cell),
        Note("FTE of work, not persons: posts, contracts and people follow their own rules.", "muted"),
    ]
    return Section("people", "People: work that leaves and arrives", lede, blocks)


def _chart(places: list[dict[str, Any]]) -> list[Block]:
    """The places with most change: what leaves to the left of the line, what arrives to the right."""
    ranked = sorted(places, key=lambda r: (-(r["fte_in"] + r["fte_out"]), r["id"]))
    changing = [r for r in ranked if max(r["fte_in"], r["fte_out"]) >= 0.05]
    if not changing:
        return []
    rows = [
        BarRow(
            _place(r["id"]),
            (Span(-r["fte_out"], 0, "w"), Span(0, r["fte_in"], "a")),
            _both(r["fte_out"], r["fte_in"]),
        )
        for r in changing[:_BARS]
    ]
    rest = changing[_BARS:]
    if rest:
        out, into = (sum(r[k] for r in rest) for k in ("fte_out", "fte_in"))
        name = many("{n} other place", "{n} other places", len(rest))
        rows.append(BarRow(name, (), _both(out, into)))
    keys = (("w", "FTE of work that leaves"), ("a", "FTE of work that arrives"))
    return [Bars(rows, "Work leaving and arriving, by place", keys=keys)]


def _both(leaves: float, arrives: float) -> str:
    """What leaves and what arrives; what is nothing is not told."""
    out, into = decimal(-leaves), decimal(arrives, plus=True)
    if out == "0.0":
        return into
    return out if into == "0.0" else tell("{first} {second}", first=out, second=into)


def _place(name: str) -> str:
    """City and country; places come as ``City, CC``."""
    city, comma, code = name.rpartition(", ")
    return tell("{city}, {country}", city=clip(city, 60), country=territory(code)) if comma else clip(name, 60)


def _people_table(rows: list[dict[str, Any]], head: str, title: str, cell: Any) -> Table:
    keys = ("fte_today", "fte_out", "fte_in", "fte_plan")
    ranked = sorted(rows, key=lambda r: (-(r["fte_in"] + r["fte_out"]), r["id"]))
    out: list[Row] = [[cell(r["id"]), *(_fte(r[k], k) for k in keys)] for r in ranked]
    foot: Row = [tell("Sum"), *(decimal(sum(r[k] for r in rows)) for k in keys)]
    heads = ("Today", "Leaves", "Arrives", "Plan")
    columns = (Column(head, wide=True), *(Column(h, numeric=True) for h in heads))
    return Table(columns, out, "rows", title, foot, first=8, note="FTE of work a year.")


def _fte(value: float, key: str) -> str:
    """What leaves stands with a minus, what arrives with a plus."""
    return decimal(-value if key == "fte_out" else value, plus=key == "fte_in")
