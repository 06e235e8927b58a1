"""The full tables: every entity, every assignment, everything not served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.domain.names import COST_TERMS, OWN
from optimizer.report.blocks import Block, Cell, Column, Row, Section, Table
from optimizer.report.numbers import DASH, count, decimal, money, tell
from optimizer.report.wording import unserved

if TYPE_CHECKING:
    from optimizer.report.naming import Names

__all__ = ["detail_section", "next_best", "unserved_section"]

_NUMBERS = ("FTE", "Cost a year", "km", "Shared hours")


def unserved_section(plan: dict[str, Any], names: Names) -> Section | None:
    """What the plan with the least unserved work leaves out."""
    missing = unserved(plan)
    if not missing:
        return None
    rows: list[Row] = [
        [names.entity_cell(a["entity"]), names.service(a["service"]), count(a["volume"]), decimal(a["effort_fte"], 2)]
        for a in sorted(missing, key=lambda a: (-a["effort_fte"], a["entity"], a["service"]))
    ]
    foot: Row = [tell("Sum"), "", "", decimal(sum(a["effort_fte"] for a in missing), 2)]
    columns = (
        Column("Entity", wide=True),
        Column("Service"),
        Column("Units a year", numeric=True),
        Column("FTE", numeric=True),
    )
    template = "{missing} of {all} demands stay without a provider in the plan that leaves the least work undone."
    lede = tell(template, missing=count(len(missing)), all=count(len(plan["assignments"])))
    return Section(
        "unserved",
        "What cannot be served",
        lede,
        [Table(columns, rows, "demands", "Demands that are not served", foot, first=20)],
    )


def detail_section(plan: dict[str, Any], names: Names) -> Section | None:
    """Entities and assignments in full; folded, and left out in print."""
    if not plan["assignments"]:
        return None
    opened = {s["provider"] for s in plan["sites"] if s["open"]}
    blocks: list[Block] = [_entity_table(plan, names), _assignment_table(plan, names, opened)]
    lede = tell("Filter and sort on screen; the same tables as a workbook come with --tables.")
    return Section("detail", "Every entity, every assignment", lede, blocks)


def _entity_table(plan: dict[str, Any], names: Names) -> Table:
    rows: list[Row] = []
    for e in plan["entities"]:
        others = ", ".join(names.city(p) for p in e["providers"] if p != e["lead_provider"]) or ""
        lead = names.who(e["lead_provider"]) if e["lead_provider"] else Cell(DASH)
        row: Row = [names.entity_cell(e["id"]), lead, others, count(e["handovers"])]
        row += [decimal(e["overlap_hours_mean"]), decimal(e["overlap_hours_worst"]), count(e["distance_km_mean"])]
        rows.append([*row, count(e["languages_missing"]), decimal(e["price_index"], 2)])
    heads = ("Hand-overs", "Shared hours", "Worst week, h", "Mean km", "Languages missing", "Price index")
    columns = (
        Column("Entity", wide=True),
        Column("Lead", wide=True),
        Column("Also"),
        *(Column(h, numeric=True) for h in heads),
    )
    note = "Price index: the plan’s running cost over today’s, same demands; under 1 is cheaper."
    return Table(columns, rows, "entities", "Entities", first=5, note=note)


def _assignment_table(plan: dict[str, Any], names: Names, opened: set[str]) -> Table:
    rows: list[Row] = [_assignment(a, names, opened) for a in plan["assignments"]]
    columns = (
        Column("Entity", wide=True),
        Column("Service"),
        Column("Provider", wide=True),
        Column("Was"),
        *(Column(h, numeric=True) for h in _NUMBERS),
        Column("Next best"),
        Column("Would add", numeric=True),
        Column("Notes"),
        Column("Backup"),
    )
    note = "Next best: the provider of least cost if only this demand moved, and what that would add a year; “opens” "
    note += "where it is not open in this plan, so that its set-up or the cost of its site is in the figure."
    return Table(columns, rows, "assignments", "Assignments", first=5, note=note)


def _assignment(a: dict[str, Any], names: Names, opened: set[str]) -> Row:
    total = sum(a["cost"][t] for t in COST_TERMS)
    return [
        names.entity_cell(a["entity"]),
        names.service(a["service"]),
        names.who(a["provider"]),
        names.city(a["moved_from"]) if a["moved_from"] else "",
        decimal(a["effort_fte"], 2),
        money(total) if a["price"] is not None else DASH,
        count(a["distance_km"]),
        decimal(a["overlap_hours"]),
        *_runner_up(a["runner_up"], names, opened),
        _notes(a),
        names.city(a["backup"]) if a["backup"] else "",
    ]


def _runner_up(second: dict[str, Any] | None, names: Names, opened: set[str]) -> Row:
    """Who would be next best, and what that would add; a site that is not open opens for this demand alone."""
    if second is None:
        return ["", ""]
    provider = second["provider"]
    closed = provider not in opened and provider != OWN
    who = tell("opens {name}", name=provider) if closed else names.city(provider)
    return [who, money(second["extra_cost"], plus=True)]


def next_best(second: dict[str, Any] | None, names: Names) -> Cell | str:
    """A runner-up: what it would add, and who it is."""
    return Cell(money(second["extra_cost"], plus=True), sub=names.city(second["provider"])) if second else ""


def _notes(a: dict[str, Any]) -> str:
    notes = [tell("decided")] if a["by_decision"] else []
    notes += [tell("exempt: {rules}", rules=", ".join(a["exempted"]))] if a["exempted"] else []
    notes += [tell("lacks {languages}", languages=", ".join(a["languages_missing"]))] if a["languages_missing"] else []
    notes += [tell("estimated")] if a["volume_basis"] == "estimated" else []
    said = ""
    for note in notes:
        said = tell("{first}; {second}", first=said, second=note) if said else note
    return said
