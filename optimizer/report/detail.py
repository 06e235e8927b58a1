"""The full tables: every entity, every assignment, everything not served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.domain.names import COST_TERMS
from optimizer.report.blocks import Block, Cell, Column, Row, Section, Table
from optimizer.report.figures import DASH, count, decimal, money
from optimizer.report.wording import unserved

if TYPE_CHECKING:
    from optimizer.report.naming import Names

__all__ = ["detail_section", "next_best", "unserved_section"]

_NUMBERS = ("FTE", "Cost a year", "Price", "km", "Overlap, h")


def unserved_section(plan: dict[str, Any], names: Names) -> Section | None:
    """What the plan with the least unserved work leaves out."""
    missing = unserved(plan)
    if not missing:
        return None
    rows: list[Row] = [
        [names.entity_cell(a["entity"]), names.service(a["service"]), count(a["volume"]), decimal(a["effort_fte"], 2)]
        for a in sorted(missing, key=lambda a: (-a["effort_fte"], a["entity"], a["service"]))
    ]
    foot: Row = ["Sum", "", "", decimal(sum(a["effort_fte"] for a in missing), 2)]
    columns = (
        Column("Entity", wide=True),
        Column("Service"),
        Column("Units a year", numeric=True),
        Column("FTE", numeric=True),
    )
    lede = f"{count(len(missing))} of {count(len(plan['assignments']))} demands stay without "
    lede += "a provider in the plan that leaves the least work undone."
    return Section("unserved", "What cannot be served", lede, [Table(columns, rows, "demands", "", foot, first=20)])


def detail_section(plan: dict[str, Any], names: Names) -> Section | None:
    """Entities and assignments in full; folded, and left out in print."""
    if not plan["assignments"]:
        return None
    blocks: list[Block] = [_entity_table(plan, names), _assignment_table(plan, names)]
    lede = "Filter and sort on screen; the same tables as CSV or XLSX come with --tables."
    return Section("detail", "Every entity, every assignment", lede, blocks)


def _entity_table(plan: dict[str, Any], names: Names) -> Table:
    rows: list[Row] = []
    for e in plan["entities"]:
        others = ", ".join(names.code(p) for p in e["providers"] if p != e["lead_provider"]) or ""
        row: Row = [names.entity_cell(e["id"]), names.code(e["lead_provider"]), others, count(e["handovers"])]
        row += [decimal(e["overlap_hours_mean"]), decimal(e["overlap_hours_worst"]), count(e["distance_km_mean"])]
        rows.append([*row, count(e["languages_missing"]), decimal(e["price_index"], 2)])
    heads = ("Hand-overs", "Overlap, h", "Worst week, h", "Mean km", "Languages missing", "Price index")
    columns = (
        Column("Entity", wide=True),
        Column("Lead", code=True),
        Column("Also"),
        *(Column(h, numeric=True) for h in heads),
    )
    note = "Price index: the plan’s running cost over today’s, same demands; under 1 is cheaper."
    return Table(columns, rows, "entities", "Entities", first=0, note=note)


def _assignment_table(plan: dict[str, Any], names: Names) -> Table:
    rows: list[Row] = [_assignment(a, names) for a in plan["assignments"]]
    words = ("Provider", "Was", "Backup")
    columns = (
        Column("Entity", code=True),
        Column("Service"),
        *(Column(h, code=True) for h in words),
        *(Column(h, numeric=True) for h in _NUMBERS),
        Column("Next best", numeric=True),
        Column("Notes"),
    )
    note = "Next best: what moving only this demand to the next best provider would add to the yearly cost. "
    note += "Price: running cost per unit."
    return Table(columns, rows, "assignments", "Assignments", first=0, note=note)


def _assignment(a: dict[str, Any], names: Names) -> Row:
    total = sum(a["cost"][t] for t in COST_TERMS)
    second = a["runner_up"]
    provider: Cell | str = names.code(a["provider"]) if a["provider"] else Cell("not served", tone="bad")
    return [
        a["entity"],
        names.service(a["service"]),
        provider,
        names.code(a["moved_from"]) if a["moved_from"] else "",
        a["backup"] or "",
        decimal(a["effort_fte"], 2),
        money(total) if a["price"] is not None else DASH,
        decimal(a["price"], 2),
        count(a["distance_km"]),
        decimal(a["overlap_hours"]),
        next_best(second, names),
        _notes(a),
    ]


def next_best(second: dict[str, Any] | None, names: Names) -> Cell | str:
    """A runner-up: what it would add, and who it is."""
    return Cell(money(second["extra_cost"], plus=True), sub=names.code(second["provider"])) if second else ""


def _notes(a: dict[str, Any]) -> str:
    notes = ["decided"] if a["by_decision"] else []
    notes += [f"exempt: {', '.join(a['exempted'])}"] if a["exempted"] else []
    notes += [f"lacks {', '.join(a['languages_missing'])}"] if a["languages_missing"] else []
    notes += ["estimated"] if a["volume_basis"] == "estimated" else []
    return "; ".join(notes)
