"""Rules of planning over time within the tables, before a case exists."""

from __future__ import annotations

from collections import defaultdict
from datetime import MAXYEAR, MINYEAR
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Final

from optimizer.domain.types import exact
from optimizer.tables.checks.findings import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Set

    from optimizer.domain.policy import Policy
    from optimizer.tables.checks.findings import Findings
    from optimizer.tables.checks.parsed import ParsedTable, ParsedTables

__all__ = ["check_time"]

_DYNAMIC_TABLES: Final = ("paths", "profiles", "freezes", "precedence", "budgets", "commitments", "staffing")
_DYNAMIC_COLUMNS: Final = (
    ("entities", "profile"),
    ("providers", "start"),
    ("providers", "end"),
    ("providers", "absorb_fte"),
    ("providers", "exit_cost"),
    ("offers", "start"),
    ("offers", "end"),
    ("current", "notice_until"),
    ("decisions", "from"),
    ("decisions", "until"),
)
"""What counts in cases with a horizon only."""


def check_time(tables: ParsedTables, policy: Policy, active: Set[tuple[str, str]], findings: Findings) -> None:
    """Dates in order, shares that add up, no circle of precedence, profiles that are there."""
    if policy.horizon is None:
        _without_effect(tables, findings)
    _spans(tables, findings)
    _profiles(tables, findings)
    if policy.horizon is not None:
        _phases(tables, findings)
    _staffing(tables["staffing"], findings)
    _circles(tables, findings)
    _budgets(tables["budgets"], policy, findings)
    _commitments(tables, active, findings)
    if policy.handover_months and policy.transition.double_running:
        told = f"handover_months {policy.handover_months:g} and transition.double_running"
        findings.add("double_running_twice", told, table="policy", column="handover_months")


def _without_effect(tables: ParsedTables, findings: Findings) -> None:
    for name in _DYNAMIC_TABLES:
        if len(tables[name]):
            findings.add(
                "time_without_horizon", f"{name} is given, [horizon] is not", table=name, file=tables[name].file
            )
    for name, column in _DYNAMIC_COLUMNS:
        table = tables[name]
        given = [at for at in table.good(column) if table[column][at]]
        if given:
            told = f"{column} is given in {len(given):,} rows, [horizon] is not"
            table.report(findings, "time_without_horizon", told, given[0], column)


def _spans(tables: ParsedTables, findings: Findings) -> None:
    """What ends does so after it begins."""
    for name in ("providers", "offers"):
        _span(tables[name], "start", "end", "end_before_start", findings)
    for name in ("freezes", "decisions", "agreements"):
        _span(tables[name], "from", "until", "until_before_from", findings)


def _span(table: ParsedTable, first: str, last: str, code: str, findings: Findings) -> None:
    for at in list(table.good(first, last)):
        begin, end = table[first][at], table[last][at]
        if begin is not None and end is not None and end <= begin:
            table.report(findings, code, f"from {begin} to {end}", at, last, start=begin)
            table.bad.setdefault(last, set()).add(at)


def _profiles(tables: ParsedTables, findings: Findings) -> None:
    table, profiles = tables["entities"], tables["profiles"]
    if not profiles.is_whole("profile"):
        return
    known = set(profiles["profile"])
    for at in table.good("profile"):
        name = table["profile"][at]
        if name and name not in known:
            guess = did_you_mean(name, known)
            table.report(findings, "profile_unknown", f"no row of profiles is of {name!r}", at, "profile", guess=guess)


def _phases(tables: ParsedTables, findings: Findings) -> None:
    """Phases of profiles, where entities begin and end."""
    table, profiles = tables["entities"], tables["profiles"]
    rows: dict[str, list[int]] = defaultdict(list)
    for row in profiles.good("profile", "phase", "months"):
        rows[profiles["profile"][row]].append(row)
    for at in table.good("profile"):
        for row in rows.get(table["profile"][at], ()):
            _phase(table, at, profiles["phase"][row], profiles["months"][row], findings)


def _phase(table: ParsedTable, at: int, phase: str, months: float, findings: Findings) -> None:
    """A phase lies within the calendar; 9999-12-31, as some systems write it for no end, has nothing after it."""
    column = "start" if phase == "start_up" else "end"
    day = table[column][at]
    if day is None or at in table.bad.get(column, ()):
        return
    turn = day.year * 12 + day.month - 1 + (-1 if phase == "drawdown" else 1) * months
    if not MINYEAR <= turn // 12 <= MAXYEAR:
        told = f"{phase} of {months:g} months at {column} {day}"
        table.report(findings, "phase_beyond_calendar", told, at, column)
        table.bad.setdefault(column, set()).add(at)


def _staffing(table: ParsedTable, findings: Findings) -> None:
    """The shares of each provider add up to 1, exactly."""
    rows: dict[str, list[int]] = defaultdict(list)
    for at, provider in enumerate(table["provider"]):
        rows[provider].append(at)
    bad = table.bad.get("share", set()) | table.bad.get("provider", set())
    for provider, positions in rows.items():
        total = sum((exact(table["share"][at]) for at in positions if table["share"][at] is not None), Fraction(0))
        if not bad.intersection(positions) and total != 1:
            told = f"the shares of {provider} add up to {float(total):g}"
            table.report(findings, "staffing_sum", told, positions[0], "share", sum=f"{float(total):g}")


def _circles(tables: ParsedTables, findings: Findings) -> None:
    """Services that wait for each other, for some entity; reported once for each set of rows that an entity meets."""
    table, entities, services = tables["precedence"], tables["entities"], tables["services"]["id"]
    if not len(table):
        return
    rows = list(table.good("first", "then", "entity"))
    met: set[tuple[int, ...]] = set()
    for entity, kind in zip(entities["id"], entities["kind"], strict=True):
        scopes = {"", "*", entity, f"kind:{kind}"}
        applying = tuple(at for at in rows if table["entity"][at] in scopes)
        if applying in met:
            continue
        met.add(applying)
        graph = TopologicalSorter(_waits([(table["first"][at], table["then"][at]) for at in applying], services))
        try:
            graph.prepare()
        except CycleError as error:
            shown = " → ".join(error.args[1])
            told = f"for {entity} the circle {shown}"
            table.report(findings, "precedence_cycle", told, applying[-1], "then", circle=shown)
            return


def _waits(rows: Iterable[tuple[str, str]], services: Iterable[str]) -> dict[str, set[str]]:
    """For each service those that go before it; ``*`` stands for all others."""
    out: dict[str, set[str]] = defaultdict(set)
    for first, then in rows:
        out[then] |= {s for s in services if s != then} if first == "*" else {first}
    return out


def _budgets(table: ParsedTable, policy: Policy, findings: Findings) -> None:
    if policy.horizon is None:
        return
    years = policy.horizon.periods[-1].planning_year
    for at in table.good("year"):
        if table["year"][at] is not None and table["year"][at] > years:
            table.report(findings, "budget_after_end", f"the horizon ends in year {years}", at, "year")


def _commitments(tables: ParsedTables, active: Set[tuple[str, str]], findings: Findings) -> None:
    table = tables["commitments"]
    if not tables["demands"].is_whole("entity", "service"):
        return
    for at in table.good("entity", "service"):
        key = table["entity"][at], table["service"][at]
        if key not in active:
            told = f"{' | '.join(key)} is no demand of the case"
            table.report(findings, "commitment_without_demand", told, at, "service")
