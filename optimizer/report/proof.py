"""Sections about trust: bound and gap, rules checked, rules that today's arrangement breaks."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from markupsafe import escape

from optimizer.domain.names import ONE_OFF_TERMS, REFUSALS, RULES, TIME_RULES
from optimizer.report import palette
from optimizer.report.blocks import Block, Cell, Column, Facts, Figure, Note, Row, Section, Table
from optimizer.report.figures import count, decimal, money, percent, short, some
from optimizer.report.wording import humanise, status_sentence

if TYPE_CHECKING:
    from optimizer.report.naming import Names

__all__ = ["bound_section", "broken_rows", "rules_section", "today_section"]

_SAID = {**RULES, **TIME_RULES}


def bound_section(plan: dict[str, Any]) -> Section | None:
    """What is proven about the cheapest plan, in money."""
    bounds, currency = plan["bounds"], plan["run"]["currency"]
    if bounds["objective"] is None or plan["savings"] is None:
        return None
    blocks: list[Block] = []
    points = [("this plan", bounds["objective"], palette.GOOD)]
    if bounds["best_bound"] is not None:
        points.append(("no plan can cost less", bounds["best_bound"], palette.INK))
    if plan["baseline"]:
        points.append(("today", plan["baseline"]["total"], palette.OTHER))
    if len(points) > 1:
        note = "Cost in all, a year, one-off costs annualised; new demands included. The scale does not begin at zero."
        blocks.append(Figure(_number_line(points, currency), note=note))
    limit = plan["savings"]["upper_limit"]
    pairs = [
        ("Cost of the plan, in all", f"{currency} {money(bounds['objective'])} a year"),
        (
            "Best proven bound",
            f"{currency} {money(bounds['best_bound'])} a year" if bounds["best_bound"] is not None else "none known",
        ),
    ]
    if bounds["gap_abs"] is not None:
        pairs.append(("Gap", f"{currency} {money(bounds['gap_abs'])} a year, {percent(bounds['gap_rel'], 2)}"))
    if limit is not None:
        net = plan["savings"]["annual"] - sum(plan["cost"][t] for t in ONE_OFF_TERMS)
        pairs.append(("Saving net of annualised one-off costs", f"{currency} {money(net)} a year"))
        pairs.append(("Upper limit of that saving for any plan", f"{currency} {money(limit)} a year"))
    return Section("bound", "How good the plan is", status_sentence(plan), [*blocks, Facts(pairs)])


def _number_line(points: list[tuple[str, float, str]], currency: str) -> str:
    """Dots on a line: a drawing by hand, as labels above and below are all there is to it."""
    low, high = min(p[1] for p in points), max(p[1] for p in points)
    span = (high - low) or max(abs(high), 1.0)
    parts = [f'<path d="M20,45H680" stroke="{palette.GRID}" stroke-width="6" stroke-linecap="round"/>']
    for i, (name, value, colour) in enumerate(points):
        x = 60 + 580 * (value - low) / span
        anchor = "start" if x < 150 else "end" if x > 550 else "middle"
        y = 78 if i == 1 else 22
        tip = f"{currency} {short(value)}"
        edge = x + {"start": -6, "end": 6, "middle": 0}[anchor]
        stem = f'<path d="M{x:.1f},45V{y - 14 if i == 1 else y + 6}" stroke="{colour}" stroke-width="1"/>'
        dot = f'<circle cx="{x:.1f}" cy="45" r="6.5" fill="{colour}" stroke="{palette.PAPER}" stroke-width="1.5"/>'
        words = f'<tspan font-weight="600">{escape(tip)}</tspan> {escape(name)}'
        parts.append(f'{stem}{dot}<text x="{edge:.1f}" y="{y}" text-anchor="{anchor}">{words}</text>')
    label = "; ".join(f"{name} {currency} {short(value)}" for name, value, _ in points)
    return f'<svg class="line" viewBox="0 0 700 92" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'


def rules_section(plan: dict[str, Any], names: Names) -> Section:
    """Verification certificate: each rule, how often it was checked, what it found."""
    check = plan.get("verification") or {"ok": False, "rules": []}
    broken = [{**v, "rule": r["rule"]} for r in check["rules"] for v in r["violations"]]
    unserved = {(a["entity"], a["service"]) for a in plan["assignments"] if a["provider"] is None}
    listed = [v for v in broken if v["rule"] != "assign_once" or (v["entity"], v["service"]) not in unserved]
    apart = check.get("mismatches", [])
    blocks: list[Block] = []
    if listed:
        blocks.append(_violation_table(listed, names, "Rules broken by this plan"))
    if apart:
        blocks.append(_mismatch_table(apart))
    blocks.append(_rule_table(check["rules"]))
    if check.get("cost_recomputed") and plan["cost"]:
        blocks.append(Note(_recomputed(plan, check["cost_recomputed"]), "muted"))
    checks = sum(r["checked"] for r in check["rules"])
    lede = f"{count(checks)} checks of {len(check['rules'])} rules by a program that shares no code with the solver; "
    found = [some(len(broken), "objection")] if broken else []
    found += [f"{some(len(apart), 'figure')} not confirmed"] if apart else []
    lede += "nothing objected to." if check["ok"] else f"{', '.join(found) or 'not confirmed'}."
    return Section("rules", "Rules checked", lede, blocks)


def _rule_table(rules: list[dict[str, Any]]) -> Table:
    rows: list[Row] = []
    for r in rules:
        broken = len(r["violations"])
        result = Cell("kept") if r["checked"] else Cell("not in force", tone="muted")
        result = Cell(f"{count(broken)} broken", tone="bad") if broken else result
        rows.append([Cell(humanise(r["rule"]), sub=r["rule"]), _SAID.get(r["rule"], ""), count(r["checked"]), result])
    columns = (
        Column("Rule", code=True),
        Column("What it says", wide=True),
        Column("Checks", numeric=True),
        Column("Result", code=True),
    )
    return Table(columns, rows, "rules", first=30, sortable=False)


def _mismatch_table(apart: list[dict[str, Any]]) -> Table:
    rows: list[Row] = [[m["path"], Cell(str(m["stated"]), tone="bad"), str(m["recomputed"])] for m in apart]
    columns = (Column("Figure", wide=True), Column("In the document"), Column("Recomputed"))
    return Table(columns, rows, "figures", "Figures that the check does not confirm", first=8)


def _recomputed(plan: dict[str, Any], again: dict[str, Any]) -> str:
    """Compare the recomputed total with the document's."""
    apart = abs(again["total"] - plan["cost"]["total"])
    currency = plan["run"]["currency"]
    same = (
        "the plan’s own figure to the cent"
        if apart < 0.005
        else f"{currency} {decimal(apart, 2)} from the plan’s own figure"
    )
    version = (plan["verification"] or {}).get("checker_version", "")
    return (
        f"Recomputed cost in all: {currency} {decimal(again['total'], 2)}, {same}. Checker version {version}. "
        "What the check does not prove: that no cheaper plan exists (see the bound)."
    )


def broken_rows(violations: list[dict[str, Any]], names: Names) -> list[Row]:
    """Violations as table rows, the rarer rules first, refusal codes put into words."""
    return [_broken_row(v, names) for v in _rarest_first(violations)]


def _rarest_first(violations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    often = Counter(v["rule"] for v in violations)
    return sorted(violations, key=lambda v: (often[v["rule"]], v["rule"]))


def _broken_row(v: dict[str, Any], names: Names) -> Row:
    amount = v.get("amount")
    known = isinstance(amount, int | float) and v["rule"] != "assign_once"
    return [
        humanise(v["rule"]),
        names.entity_cell(v["entity"]) if v["entity"] else "",
        names.service(v["service"]) if v["service"] else "",
        names.code(v["provider"]) if v["provider"] else "",
        REFUSALS.get(v["message"], v["message"]),
        f"{decimal(amount, 2)} {v.get('unit', '')}".strip() if known else "",
    ]


def _violation_table(violations: list[dict[str, Any]], names: Names, title: str) -> Table:
    columns = (
        Column("Rule", code=True),
        Column("Entity", wide=True),
        Column("Service"),
        Column("Provider", code=True),
        Column("What is wrong"),
        Column("By how much", numeric=True),
        Column("Period", numeric=True),
    )
    rows = [[*_broken_row(v, names), str(v.get("period", ""))] for v in _rarest_first(violations)]
    used = [i for i in range(len(columns)) if i == 0 or any(row[i] != "" for row in rows)]
    kept = tuple(columns[i] for i in used)
    return Table(kept, [[row[i] for i in used] for row in rows], "findings", title, first=8)


def today_section(plan: dict[str, Any], names: Names) -> Section | None:
    """Rules that today's arrangement breaks, and what stops."""
    base = plan["baseline"]
    if base is None:
        return None
    violations, stopped = base["violations"], base.get("stopped", [])
    if not violations and not stopped:
        return Section("today", "Today’s arrangement", "Today’s arrangement breaks none of the rules.")
    blocks: list[Block] = []
    if violations:
        blocks = [_kinds_table(violations), _violation_table(violations, names, "Each of them")]
    if stopped:
        blocks.append(_stopped_table(stopped, names))
    times = f"breaks rules {some(len(violations), 'time')}" if violations else "breaks no rule"
    lede = f"Today’s arrangement {times}" + (
        f"; {some(len(stopped), 'arrangement')} without demand any more." if stopped else "."
    )
    return Section("today", "Today’s arrangement", lede, blocks)


def _kinds_table(violations: list[dict[str, Any]]) -> Table:
    kinds = Counter((v["rule"], _code(v["message"]) if v["rule"] == "assign_once" else "") for v in violations)
    rows: list[Row] = [
        [humanise(rule), REFUSALS.get(why, why) or RULES.get(rule, ""), count(n)]
        for (rule, why), n in sorted(kinds.items(), key=lambda k: (-k[1], k[0]))
    ]
    columns = (Column("Rule", code=True), Column("What is broken", wide=True), Column("Times", numeric=True))
    return Table(columns, rows, "kinds", first=20)


def _stopped_table(stopped: list[dict[str, Any]], names: Names) -> Table:
    rows: list[Row] = [
        [names.entity_cell(s["entity"]), names.service(s["service"]), names.code(s["provider"])] for s in stopped
    ]
    columns = (Column("Entity", wide=True), Column("Service"), Column("Provider", code=True))
    return Table(columns, rows, "arrangements", "Stops: no demand any more")


def _code(message: str) -> str:
    """Refusal code that a message begins with; the message itself when there is none."""
    code = message.partition(":")[0].strip()
    return code if code in REFUSALS else message
