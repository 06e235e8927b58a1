"""Rules within one row: capacities, working hours, dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.validation.findings import Findings
    from optimizer.validation.tables import ParsedTable, ParsedTables

__all__ = ["ROW_RULES", "check_rows"]


def working_hours(tables: ParsedTables, findings: Findings) -> None:
    """The working day ends after it starts and the week has a working day."""
    for name in ("entities", "providers"):
        table = tables[name]
        start, end, weekend = table["work_start"], table["work_end"], table["weekend"]
        for at in table.good("work_start", "work_end"):
            if start[at] >= end[at]:
                table.report(
                    findings,
                    "working_hours_order",
                    f"work from {start[at]:%H:%M} to {end[at]:%H:%M}",
                    at,
                    "work_end",
                    value=f"{end[at]:%H:%M}",
                )
        for at, days in enumerate(weekend):
            if days is not None and len(days) == 7:
                table.report(findings, "no_working_day", "all seven days are off", at, "weekend")


def presence(tables: ParsedTables, findings: Findings) -> None:
    """An entity ends after it starts."""
    table = tables["entities"]
    for at, (start, end) in enumerate(zip(table["start"], table["end"], strict=True)):
        if start is not None and end is not None and end <= start:
            table.report(findings, "end_before_start", f"from {start} to {end}", at, "end", start=start)
            table.bad.setdefault("end", set()).add(at)


def line_capacities(tables: ParsedTables, findings: Findings) -> None:
    """A line's base volume fits its capacity, and its minimum what is left."""
    _capacities(
        tables["offers"],
        ("capacity", "base_volume", "min_volume"),
        ("capacity_below_base", "minimum_above_capacity"),
        findings,
    )


def site_capacities(tables: ParsedTables, findings: Findings) -> None:
    """A site's base load fits its capacity, and its minimum what is left."""
    _capacities(
        tables["providers"],
        ("capacity_fte", "base_fte", "min_fte"),
        ("site_below_base", "site_minimum_above_capacity"),
        findings,
    )


def _capacities(table: ParsedTable, columns: tuple[str, str, str], codes: tuple[str, str], findings: Findings) -> None:
    capacity, base, least = (table[c] for c in columns)
    for at in table.good(*columns):
        if capacity[at] is None:
            continue
        room = round(capacity[at] - base[at], 6)
        if room < 0:
            table.report(
                findings, codes[0], f"{columns[1]} {base[at]:,g} exceeds {columns[0]} {capacity[at]:,g}", at, columns[1]
            )
        elif least[at] > room:
            table.report(
                findings,
                codes[1],
                f"{columns[2]} is {least[at]:,g} and only {room:,g} can be used",
                at,
                columns[2],
                room=f"{room:,g}",
            )


def candidates(tables: ParsedTables, findings: Findings) -> None:
    """Set-up cost and minimum effort are said of candidates only."""
    table = tables["providers"]
    for at in table.good("status"):
        for column in ("setup_cost", "min_fte"):
            if table["status"][at] != "candidate" and table[column][at] > 0:
                table.report(
                    findings, "candidate_only", f"{column} of a provider that is {table['status'][at]}", at, column
                )


def overlap_targets(tables: ParsedTables, findings: Findings) -> None:
    """The overlap that is required is not above the one that is aimed at."""
    table = tables["services"]
    for at, (least, target) in enumerate(zip(table["min_overlap_hours"], table["target_overlap_hours"], strict=True)):
        if least is not None and target is not None and least > target:
            table.report(
                findings, "overlap_order", f"minimum {least:g} is above target {target:g}", at, "target_overlap_hours"
            )


def own_capacity(tables: ParsedTables, findings: Findings) -> None:
    """A fixed cost of own capacity comes with a unit cost."""
    table = tables["demands"]
    own = table["own_unit_cost"]
    if not any(table["own_fixed_cost"]):
        return
    for at in table.good("own_unit_cost", "own_fixed_cost"):
        if own[at] is None and table["own_fixed_cost"][at] > 0:
            table.report(findings, "own_unit_cost_missing", "own_fixed_cost without own_unit_cost", at, "own_unit_cost")


def assumption_ranges(tables: ParsedTables, findings: Findings) -> None:
    """The low end of an assumption is not above the high end."""
    table = tables["assumptions"]
    for at, (low, high) in enumerate(zip(table["low"], table["high"], strict=True)):
        if low is not None and high is not None and low > high:
            table.report(findings, "assumption_range", f"low {low:g} is above high {high:g}", at, "low")


ROW_RULES: tuple[Callable[[ParsedTables, Findings], None], ...] = (
    working_hours,
    presence,
    line_capacities,
    site_capacities,
    candidates,
    overlap_targets,
    own_capacity,
    assumption_ranges,
)
"""Every rule within a row."""


def check_rows(tables: ParsedTables, findings: Findings) -> None:
    """Run every rule within a row."""
    for rule in ROW_RULES:
        rule(tables, findings)
