"""Sections about trust: bound and gap, rules checked, rules that today's arrangement breaks."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from optimizer.domain.names import REFUSALS, RULES, TIME_RULES
from optimizer.domain.steady import is_over_time
from optimizer.report.blocks import BarRow, Bars, Block, Cell, Column, Facts, Note, Row, Section, Span, Table
from optimizer.report.headline import proof_words
from optimizer.report.numbers import count, decimal, many, money, percent, short, tell
from optimizer.report.tiles import net_saving
from optimizer.report.wording import humanise

if TYPE_CHECKING:
    from optimizer.report.naming import Names

__all__ = ["bound_section", "broken_rows", "rules_section", "today_section"]


def _said(plan: dict[str, Any]) -> dict[str, str]:
    """What each rule says: some say another thing where there are periods."""
    return {**RULES, **TIME_RULES} if is_over_time(plan) else RULES


def bound_section(plan: dict[str, Any]) -> Section | None:
    """What is proven about the cheapest plan, in money."""
    bounds, currency = plan["bounds"], plan["run"]["currency"]
    if bounds["objective"] is None or plan["savings"] is None:
        return None
    rows = [BarRow(tell("this plan"), (Span(0.0, bounds["objective"], "a"),), short(bounds["objective"]))]
    if bounds["best_bound"] is not None:
        least = bounds["best_bound"]
        rows.append(BarRow(tell("no plan can cost less"), (Span(0.0, least, "i"),), short(least)))
    if plan["baseline"]:
        today = plan["baseline"]["total"]
        rows.insert(0, BarRow(tell("today"), (Span(0.0, today, "o"),), short(today)))
    note = tell("{currency} a year in all, one-off costs annualised; new demands included.", currency=currency)
    pairs = [("Cost of the plan, in all", _yearly(bounds["objective"], currency))]
    if bounds["best_bound"] is None:
        pairs.append(("No plan can cost less than", tell("nothing is proven")))
    else:
        pairs.append(("No plan can cost less than", _yearly(bounds["best_bound"], currency)))
    if bounds["gap_abs"] is not None:
        part = percent(bounds["gap_rel"], 2)
        pairs.append(
            ("Distance, at most", tell("{amount}, {part}", amount=_yearly(bounds["gap_abs"], currency), part=part))
        )
    limit = plan["savings"]["upper_limit"]
    if limit is not None:
        pairs.append(("Saving less annualised one-off costs", _yearly(net_saving(plan), currency)))
        pairs.append(("No plan can save more than", _yearly(limit, currency)))
    blocks: list[Block] = [Bars(rows, "Cost in all, a year", note), Facts(pairs)]
    return Section("bound", "How good the plan is", proof_words(plan), blocks)


def _yearly(amount: float, currency: str) -> str:
    return tell("{amount} a year", amount=tell("{currency} {figure}", currency=currency, figure=money(amount)))


def rules_section(plan: dict[str, Any], names: Names) -> Section:
    """Verification certificate: each rule, how often it was checked, what it found."""
    check = plan.get("verification") or {"ok": False, "rules": []}
    broken = [{**v, "rule": r["rule"]} for r in check["rules"] for v in r["violations"]]
    unserved = {(a["entity"], a["service"]) for a in plan["assignments"] if a["provider"] is None}
    listed = [v for v in broken if v["rule"] != "assign_once" or (v["entity"], v["service"]) not in unserved]
    apart = check.get("mismatches", [])
    blocks: list[Block] = []
    if listed:
        blocks.append(_violation_table(listed, names, tell("Rules broken by this plan")))
    if apart:
        blocks.append(_mismatch_table(apart))
    blocks.append(_rule_table(check["rules"], _said(plan)))
    if check.get("cost_recomputed") and plan["cost"]:
        blocks.append(Note(_recomputed(plan, check["cost_recomputed"]), "muted"))
    return Section("rules", "Rules checked", _rules_lede(check, len(broken), len(apart)), blocks)


def _rules_lede(check: dict[str, Any], broken: int, apart: int) -> str:
    found = [many("{n} objection", "{n} objections", broken)] if broken else []
    found += [many("{n} figure not confirmed", "{n} figures not confirmed", apart)] if apart else []
    if check["ok"]:
        said = tell("nothing objected to")
    elif len(found) == 2:
        said = tell("{first}, {second}", first=found[0], second=found[1])
    else:
        said = found[0] if found else tell("not confirmed")
    return tell(
        "{checks} checks of {rules} rules by a program that shares no code with the one that made the plan; {found}.",
        checks=count(sum(r["checked"] for r in check["rules"])),
        rules=count(len(check["rules"])),
        found=said,
    )


def _rule_table(rules: list[dict[str, Any]], said: dict[str, str]) -> Table:
    rows: list[Row] = []
    for r in rules:
        broken = len(r["violations"])
        result = Cell(tell("kept")) if r["checked"] else Cell(tell("not in force"), tone="muted")
        result = Cell(tell("{n} broken", n=count(broken)), tone="bad") if broken else result
        named = Cell(tell(humanise(r["rule"])), sub=r["rule"])
        rows.append([named, tell(said.get(r["rule"], "")), count(r["checked"]), result])
    columns = (
        Column("Rule", code=True),
        Column("What it says", wide=True),
        Column("Checks", numeric=True),
        Column("Result", code=True),
    )
    return Table(columns, rows, "rules", "Each rule", first=30)


def _mismatch_table(apart: list[dict[str, Any]]) -> Table:
    rows: list[Row] = [[m["path"], Cell(str(m["stated"]), tone="bad"), str(m["recomputed"])] for m in apart]
    columns = (Column("Figure", wide=True), Column("In the document"), Column("Recomputed"))
    return Table(columns, rows, "figures", "Figures that the check does not confirm", first=8)


def _recomputed(plan: dict[str, Any], again: dict[str, Any]) -> str:
    """Compare the recomputed total with the document's."""
    apart = abs(again["total"] - plan["cost"]["total"])
    currency = plan["run"]["currency"]
    same = tell("the plan’s own figure to the cent")
    if apart >= 0.005:
        same = tell("{amount} from the plan’s own figure", amount=_exact(apart, currency))
    return tell(
        "Recomputed cost in all: {amount}, {same}. Checker version {version}. "
        "What the check does not prove: that no cheaper plan exists (see How good the plan is).",
        amount=_exact(again["total"], currency),
        same=same,
        version=(plan["verification"] or {}).get("checker_version", ""),
    )


def _exact(amount: float, currency: str) -> str:
    return tell("{currency} {figure}", currency=currency, figure=decimal(amount, 2))


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
        tell(humanise(v["rule"])),
        names.entity_cell(v["entity"]) if v["entity"] else "",
        names.service(v["service"]) if v["service"] else "",
        names.provider_cell(v["provider"]) if v["provider"] else "",
        tell(REFUSALS.get(v["message"], v["message"])),
        _amount(float(amount), v.get("unit", "")) if known and amount is not None else "",
    ]


def _amount(amount: float, unit: str) -> str:
    return tell("{figure} {unit}", figure=decimal(amount, 2), unit=tell(unit)) if unit else decimal(amount, 2)


def _violation_table(violations: list[dict[str, Any]], names: Names, title: str) -> Table:
    columns = (
        Column("Rule", code=True),
        Column("Entity", wide=True),
        Column("Service"),
        Column("Provider", wide=True),
        Column("What is wrong", wide=True),
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
        none = tell("Today’s arrangement breaks none of the rules.")
        return Section("today", "Today’s arrangement", none)
    blocks: list[Block] = []
    if violations:
        blocks = [_kinds_table(violations, _said(plan)), _violation_table(violations, names, tell("Each of them"))]
    if stopped:
        blocks.append(_stopped_table(stopped, names))
    if stopped:
        one = "Today’s arrangement breaks rules {n} time; {stopped} arrangements have no demand any more."
        other = "Today’s arrangement breaks rules {n} times; {stopped} arrangements have no demand any more."
        told = many(one, other, len(violations), stopped=count(len(stopped)))
    else:
        one, other = "Today’s arrangement breaks rules {n} time.", "Today’s arrangement breaks rules {n} times."
        told = many(one, other, len(violations))
    return Section("today", "Today’s arrangement", told, blocks)


def _kinds_table(violations: list[dict[str, Any]], said: dict[str, str]) -> Table:
    kinds = Counter((v["rule"], _code(v["message"]) if v["rule"] == "assign_once" else "") for v in violations)
    rows: list[Row] = [
        [tell(humanise(rule)), tell(REFUSALS.get(why, why) or said.get(rule, "")), count(n)]
        for (rule, why), n in sorted(kinds.items(), key=lambda k: (-k[1], k[0]))
    ]
    columns = (Column("Rule", code=True), Column("What is broken", wide=True), Column("Times", numeric=True))
    return Table(columns, rows, "kinds", "What it breaks", first=20)


def _stopped_table(stopped: list[dict[str, Any]], names: Names) -> Table:
    rows: list[Row] = [
        [names.entity_cell(s["entity"]), names.service(s["service"]), names.provider_cell(s["provider"])]
        for s in stopped
    ]
    columns = (Column("Entity", wide=True), Column("Service"), Column("Provider", wide=True))
    return Table(columns, rows, "arrangements", "Stops: no demand any more")


def _code(message: str) -> str:
    """Refusal code that a message begins with; the message itself when there is none."""
    code = message.partition(":")[0].strip()
    return code if code in REFUSALS else message
