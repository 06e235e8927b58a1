"""Sections about input and origin: findings, data quality, decisions, provenance."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from optimizer.domain.issues import place_in_words
from optimizer.report.blocks import Block, Cell, Column, Facts, Note, Row, Section, Table
from optimizer.report.numbers import DASH, count, decimal, many, percent, plain_figure, tell
from optimizer.report.wording import by_hand, humanise, stop_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.domain.case import Case
    from optimizer.domain.types import Decision
    from optimizer.report.naming import Names

__all__ = [
    "SEVERITIES",
    "assumed_share",
    "assumption_table",
    "basis_words",
    "data_section",
    "decisions_section",
    "findings_section",
    "issue_groups",
    "place_of",
    "provenance_section",
]

_RANK = {"error": 0, "warning": 1, "info": 2}
_MOST = 1000


def issue_groups(issues: list[dict[str, Any]]) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """(severity, code, issues) groups: errors first, then the most frequent."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for issue in issues:
        groups.setdefault((issue["severity"], issue["code"]), []).append(issue)
    ranked = sorted(groups.items(), key=lambda g: (_RANK.get(g[0][0], 3), -len(g[1]), g[0][1]))
    return [(severity, code, rows) for (severity, code), rows in ranked]


def findings_section(plan: dict[str, Any]) -> Section:
    """Every coded finding, grouped; errors stand in full, unserved demands in their own section."""
    issues = plan["issues"]
    if not issues:
        return Section("findings", "Findings", tell("Nothing to report about data or plan."))
    errors = [i for i in issues if i["severity"] == "error" and i["code"] != "unserved"]
    others = [i for i in issues if i["severity"] != "error"]
    blocks: list[Block] = []
    if errors:
        blocks.append(_issue_table(errors, tell("What stands against a plan"), first=40))
    if others:
        kinds = _kinds_table(others)
        blocks.append(kinds)
        if len(others) > len(kinds.rows):
            blocks.append(_issue_table(others[:_MOST], tell("Each of them"), first=0))
    if len(others) > _MOST:
        template = "The first {most} of {all} are listed; the plan’s document holds all."
        text = tell(template, most=count(_MOST), all=count(len(others)))
        blocks.append(Note(text, "muted"))
    return Section("findings", "Findings", _tally(issues), blocks)


def _tally(issues: list[dict[str, Any]]) -> str:
    counts = Counter(i["severity"] for i in issues if i["code"] != "unserved" or i["severity"] != "error")
    parts = [many(*_COUNTED[s], counts[s]) for s in _RANK if counts[s]]
    missing = len(issues) - counts.total()
    if missing:
        parts.append(many("{n} demand without a provider", "{n} demands without a provider", missing))
    said: str = parts[0]
    for part in parts[1:]:
        said = tell("{first}, {second}", first=said, second=part)
    return tell("{found}.", found=said)


_COUNTED = {
    "error": ("{n} error", "{n} errors"),
    "warning": ("{n} warning", "{n} warnings"),
    "info": ("{n} remark", "{n} remarks"),
}
SEVERITIES = {"error": "error", "warning": "warning", "info": "remark"}


def _kinds_table(issues: list[dict[str, Any]]) -> Table:
    rows: list[Row] = [
        [
            Cell(humanise(code), sub=code),
            tell(SEVERITIES.get(severity, severity)),
            count(len(group)),
            Cell(group[0]["message"], sub=group[0].get("remedy", "")),
        ]
        for severity, code, group in issue_groups(issues)
    ]
    columns = (
        Column("Kind", code=True, english=True),
        Column("Severity"),
        Column("Times", numeric=True),
        Column("For example, and what to do", wide=True, english=True),
    )
    return Table(columns, rows, "kinds", "Warnings and remarks by kind", first=25)


def place_of(issue: dict[str, Any]) -> str:
    """File, table, row and column of an issue, as far as known."""
    file, table = str(issue.get("file", "")), str(issue.get("table", ""))
    return place_in_words(file, table, issue.get("row"), str(issue.get("column", "")))


def _issue_table(issues: list[dict[str, Any]], title: str, first: int) -> Table:
    rows: list[Row] = [
        [
            Cell(humanise(i["code"]), sub=i["code"]),
            place_of(i),
            Cell(i["message"], tone="bad" if i["severity"] == "error" else ""),
            i.get("remedy", ""),
        ]
        for i in issues
    ]
    columns = (
        Column("Kind", code=True, english=True),
        Column("Where"),
        Column("What", wide=True, english=True),
        Column("What to do", wide=True, english=True),
    )
    return Table(columns, rows, "findings", title, first=first)


def data_section(plan: dict[str, Any], case: Case) -> Section:
    """How much of the result rests on estimates and assumptions."""
    rows = plan["assignments"]
    effort = sum(a["effort_fte"] for a in rows) or 1.0
    guess = [a for a in rows if a["volume_basis"] == "estimated"]
    share = percent(sum(a["effort_fte"] for a in guess) / effort, 0)
    basis = Counter(a.basis for a in case.assumptions)
    rests = (plan["savings"] or {}).get("on_assumptions_rel")
    estimated = tell("{n} of {all} demands, {part} of the work", n=count(len(guess)), all=count(len(rows)), part=share)
    pairs = [
        ("Share of the saving that rests on assumptions", percent(rests, 0) if rests is not None else DASH),
        ("Volumes estimated from headcount", estimated),
        ("Statements about inputs", basis_words(basis)),
        ("Pairs kept by exemption from a filter", count(sum(1 for a in rows if a["exempted"]))),
        ("Entities not in the case at its date", count(len(case.absent_entities))),
    ]
    blocks: list[Block] = [Facts(pairs)]
    if case.assumptions:
        blocks.append(assumption_table(case))
    lede = tell("{part} of the work has an estimated volume.", part=share)
    if rests is not None:
        template = "{part} of the work has an estimated volume; {rests} of the saving rests on assumptions."
        lede = tell(template, part=share, rests=percent(rests, 0))
    return Section("data", "Quality of the data", lede, blocks)


def basis_words(basis: Mapping[Any, int]) -> str:
    """How many statements are given, derived, assumed."""
    said = ""
    for name, n in sorted(basis.items()):
        part = tell("{n} {basis}", n=count(n), basis=tell(name))
        said = tell("{first}, {second}", first=said, second=part) if said else part
    return said or tell("none given")


def assumed_share(case: Case) -> float | None:
    """Part of the statements about inputs, and about how they change with time, that are assumptions."""
    basis = [*(a.basis for a in case.assumptions), *(p.basis for p in case.paths if p.basis)]
    return sum(b == "assumed" for b in basis) / len(basis) if basis else None


def assumption_table(case: Case) -> Table:
    """Where input figures come from, assumed ones first."""
    rank = {"assumed": 0, "derived": 1}
    rows: list[Row] = [
        [
            a.table,
            Cell(a.key, sub=a.column),
            Cell(tell(a.basis), tone="bad" if a.basis == "assumed" else ""),
            _range(a.low, a.high),
            a.reason,
            a.source,
        ]
        for a in sorted(case.assumptions, key=lambda a: (rank.get(a.basis, 2), a.table, a.key, a.column))
    ]
    columns = (
        Column("Table", code=True),
        Column("Key"),
        Column("Basis", code=True),
        Column("Range", code=True),
        Column("Reason", wide=True),
        Column("Source", wide=True),
    )
    return Table(columns, rows, "statements", "Where input figures come from", first=10)


def _range(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    return tell("{low} – {high}", low=plain_figure(low, ""), high=plain_figure(high, ""))


def decisions_section(plan: dict[str, Any], case: Case, names: Names) -> Section | None:
    """What people decided and the plan obeys."""
    if not case.decisions:
        return None
    bound = sum(1 for a in plan["assignments"] if a["by_decision"])
    columns = (
        Column("Decision"),
        Column("Entity", wide=True),
        Column("Service"),
        Column("Provider", wide=True),
        Column("Reason", wide=True),
        Column("By, when"),
    )
    one = "{n} decision; {bound} assignments stand by decision, not by cost."
    other = "{n} decisions; {bound} assignments stand by decision, not by cost."
    lede = many(one, other, len(case.decisions), bound=count(bound))
    rows = [_decision(d, names) for d in case.decisions]
    return Section(
        "decisions", "Decided by people", lede, [Table(columns, rows, "decisions", "Decisions in force", first=15)]
    )


def _decision(d: Decision, names: Names) -> Row:
    kind = d.entity.removeprefix("kind:")
    who = Cell(tell("all")) if d.entity == "*" else names.entity_cell(d.entity)
    if kind != d.entity:
        who = Cell(tell("every {kind}", kind=kind), sub=d.entity)
    return [
        tell(d.action),
        who,
        names.service(d.service) if d.service else tell("all"),
        names.provider_cell(d.provider) if d.provider else tell("today’s"),
        d.reason,
        Cell(d.decided_by, sub=d.date.isoformat() if d.date else ""),
    ]


def provenance_section(plan: dict[str, Any], case: Case) -> Section:
    """What is needed to make this very document again."""
    run, status = plan["run"], plan["status"]
    solver = run["solver"]
    dates = tell(
        "as of {day}, calendar of {year}", day=case.policy.as_of.isoformat(), year=str(case.policy.calendar_year)
    )
    versions = ", ".join(f"{k} {v}" for k, v in sorted(solver["versions"].items()))
    stopped = tell("nothing was searched for") if by_hand(plan) else stop_words(status["stopped_by"])
    tags = f", {', '.join(run['tags'])}" if run["tags"] else ""
    pairs = [
        ("Case", tell("{name} ({dates})", name=run["name"] or case.name or DASH, dates=dates)),
        ("Fingerprint of the case (SHA-256)", run["case_hash"]),
        ("Run", f"{run['id']}, {run['created']}{tags}"),
        ("Product", f"Designate {run['product_version']}"),
        ("Program that searched", "; ".join(w for w in (solver["backend"], versions) if w)),
        ("The search ended because", stopped),
        ("Limits of the search", _limits(run["limits"])),
        ("Number that chance began with", count(run["seed"])),
        ("Zone database", run["zone_database"]),
        ("Seconds", ", ".join(f"{k} {v:.1f}" for k, v in run["timings"].items()) or DASH),
    ]
    policy = [(k, json.dumps(v, ensure_ascii=False)) for k, v in case.policy.as_mapping().items()]
    lede = tell(
        "The fingerprint fixes the input; under a time limit another machine may find another plan of equal proof."
    )
    if run["limits"].get("work_limit"):
        lede = tell("The same case, number of chance and limit of work give the same plan.")
    return Section(
        "provenance", "Where it comes from", lede, [Facts(pairs), Facts(policy, "Policy in force", fold=True)]
    )


_LIMITS = {
    "time_limit_s": "{figure} seconds",
    "work_limit": "{figure} units of work",
    "gap_rel": "to a distance of {figure} from the best plan",
    "threads": "{figure} threads",
    "memory_limit_mb": "{figure} MB of memory",
}


def _limits(limits: dict[str, Any]) -> str:
    """Limits that were set, in words."""
    said = ""
    for name, value in limits.items():
        if value is not None and name in _LIMITS and (value or name != "gap_rel"):
            figure = percent(value, 2) if name == "gap_rel" else decimal(value, 0 if value == int(value) else 1)
            part = tell(_LIMITS[name], figure=figure)
            said = tell("{first}, {second}", first=said, second=part) if said else part
    return said or tell("none")
