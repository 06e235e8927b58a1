"""Sections about input and origin: findings, data quality, decisions, provenance."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from optimizer.domain.issues import place_in_words
from optimizer.report.blocks import Block, Cell, Column, Facts, Note, Row, Section, Table
from optimizer.report.figures import DASH, count, percent, some
from optimizer.report.wording import by_hand, humanise, stop_words

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.domain.types import Decision
    from optimizer.report.naming import Names

__all__ = [
    "assumption_table",
    "data_section",
    "decisions_section",
    "findings_section",
    "issue_groups",
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
        return Section("findings", "Findings", "Nothing to report about data or plan.")
    errors = [i for i in issues if i["severity"] == "error" and i["code"] != "unserved"]
    others = [i for i in issues if i["severity"] != "error"]
    blocks: list[Block] = []
    if errors:
        blocks.append(_issue_table(errors, "What stands against a plan", first=40))
    if others:
        kinds = _kinds_table(others)
        blocks.append(kinds)
        if len(others) > len(kinds.rows):
            blocks.append(_issue_table(others[:_MOST], "Each of them", first=0))
    if len(others) > _MOST:
        text = f"The first {count(_MOST)} of {count(len(others))} are listed; plan.json holds all."
        blocks.append(Note(text, "muted"))
    return Section("findings", "Findings", _tally(issues), blocks)


def _tally(issues: list[dict[str, Any]]) -> str:
    counts = Counter(i["severity"] for i in issues if i["code"] != "unserved" or i["severity"] != "error")
    words = {"error": "error", "warning": "warning", "info": "remark"}
    parts = [
        f"{count(n)} {words.get(s, s)}{'s' if n > 1 else ''}"
        for s, n in sorted(counts.items(), key=lambda c: _RANK.get(c[0], 3))
    ]
    missing = len(issues) - sum(counts.values())
    parts += [f"{some(missing, 'demand')} without a provider"] if missing else []
    return ", ".join(parts) + "."


def _kinds_table(issues: list[dict[str, Any]]) -> Table:
    rows: list[Row] = [
        [
            Cell(humanise(code), sub=code),
            severity,
            count(len(group)),
            Cell(group[0]["message"], sub=group[0].get("remedy", "")),
        ]
        for severity, code, group in issue_groups(issues)
    ]
    columns = (
        Column("Kind", code=True),
        Column("Severity"),
        Column("Times", numeric=True),
        Column("For example, and what to do", wide=True),
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
    columns = (Column("Kind", code=True), Column("Where"), Column("What", wide=True), Column("What to do", wide=True))
    return Table(columns, rows, "findings", title, first=first)


def data_section(plan: dict[str, Any], case: Case) -> Section:
    """How much of the result rests on estimates and assumptions."""
    rows = plan["assignments"]
    effort = sum(a["effort_fte"] for a in rows) or 1.0
    guess = [a for a in rows if a["volume_basis"] == "estimated"]
    share = percent(sum(a["effort_fte"] for a in guess) / effort, 0)
    basis = Counter(a.basis for a in case.assumptions)
    rests = (plan["savings"] or {}).get("on_assumptions_rel")
    pairs = [
        ("Share of the saving that rests on assumptions", percent(rests, 0) if rests is not None else DASH),
        ("Volumes estimated from headcount", f"{count(len(guess))} of {count(len(rows))} demands, {share} of the work"),
        ("Statements about inputs", ", ".join(f"{count(n)} {b}" for b, n in sorted(basis.items())) or "none given"),
        ("Pairs kept by exemption from a filter", count(sum(1 for a in rows if a["exempted"]))),
        ("Entities not in the case at its date", count(len(case.absent_entities))),
    ]
    blocks: list[Block] = [Facts(pairs)]
    if case.assumptions:
        blocks.append(assumption_table(case))
    lede = f"{share} of the work has an estimated volume"
    lede += f"; {percent(rests, 0)} of the saving rests on assumptions." if rests is not None else "."
    return Section("data", "Quality of the data", lede, blocks)


def assumption_table(case: Case) -> Table:
    """Where input figures come from, assumed ones first."""
    rank = {"assumed": 0, "derived": 1}
    rows: list[Row] = [
        [
            a.table,
            Cell(a.key, sub=a.column),
            Cell(a.basis, tone="bad" if a.basis == "assumed" else ""),
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
    return (
        ""
        if low is None and high is None
        else f"{'' if low is None else f'{low:g}'} – {'' if high is None else f'{high:g}'}"
    )


def decisions_section(plan: dict[str, Any], case: Case, names: Names) -> Section | None:
    """What people decided and the plan obeys."""
    if not case.decisions:
        return None
    bound = sum(1 for a in plan["assignments"] if a["by_decision"])
    columns = (
        Column("Decision"),
        Column("Entity", wide=True),
        Column("Service"),
        Column("Provider", code=True),
        Column("Reason", wide=True),
        Column("By, when"),
    )
    lede = f"{some(len(case.decisions), 'decision')}; {some(bound, 'assignment')} by decision, not by cost."
    rows = [_decision(d, names) for d in case.decisions]
    return Section("decisions", "Decided by people", lede, [Table(columns, rows, "decisions", first=15)])


def _decision(d: Decision, names: Names) -> Row:
    kind = d.entity.removeprefix("kind:")
    entity = "all" if d.entity == "*" else f"every {kind}" if kind != d.entity else names.entity(d.entity)
    return [
        d.action,
        Cell(entity, sub=d.entity),
        names.service(d.service) if d.service else "all",
        names.code(d.provider) if d.provider else "today’s",
        d.reason,
        Cell(d.decided_by, sub=d.date.isoformat() if d.date else ""),
    ]


def provenance_section(plan: dict[str, Any], case: Case) -> Section:
    """What is needed to make this very document again."""
    run, status = plan["run"], plan["status"]
    solver, limits = run["solver"], run["limits"]
    dates = f"as of {case.policy.as_of.isoformat()}, calendar of {case.policy.calendar_year}"
    versions = ", ".join(f"{k} {v}" for k, v in sorted(solver["versions"].items()))
    stated = ", ".join(
        f"{k} = {v:g}" if isinstance(v, float) else f"{k} = {v}" for k, v in limits.items() if v is not None
    )
    stopped = "no solver was asked" if by_hand(plan) else stop_words(status["stopped_by"])
    pairs = [
        ("Case", f"{run['name'] or case.name or DASH} ({dates})"),
        ("Case hash (SHA-256)", run["case_hash"]),
        ("Run", f"{run['id']}, {run['created']}" + (f", tags {', '.join(run['tags'])}" if run["tags"] else "")),
        ("Product", f"Designate {run['product_version']}"),
        ("Solver", f"{solver['backend']}{f' ({why})' if (why := solver.get('reason')) else ''}; {versions}"),
        ("Stopped because", "; ".join(w for w in (stopped, status["detail"]) if w)),
        ("Limits and seed", f"{stated or 'none'}; seed {run['seed']}"),
        ("Zone database", run["zone_database"]),
        ("Seconds", ", ".join(f"{k} {v:.1f}" for k, v in run["timings"].items()) or DASH),
    ]
    policy = [(k, json.dumps(v, ensure_ascii=False)) for k, v in case.policy.as_mapping().items()]
    lede = (
        "The same case, seed and work limit give the same plan."
        if limits.get("work_limit")
        else ("The case hash fixes the input; under a time limit another machine may find another plan of equal proof.")
    )
    return Section("provenance", "Provenance", lede, [Facts(pairs), Facts(policy, "Policy in force", fold=True)])
