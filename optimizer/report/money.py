"""Sections about money: where the saving comes from and who has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.domain.names import COST_TERMS, OWN, RUNNING_TERMS
from optimizer.report.blocks import Bar, BarRow, Bars, Block, Cell, Column, Note, Row, Section, Span, Table
from optimizer.report.numbers import DASH, count, many, money, percent, short, tell
from optimizer.report.wording import TERM_TITLES, cash, compared

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.report.blocks import Tone
    from optimizer.report.naming import Names

__all__ = ["comparable_changes", "cost_section", "savings_section"]


def cost_section(plan: dict[str, Any], case: Case) -> Section | None:
    """Cost by term, plan against today, as waterfall and table; ``None`` for a plan that serves only a part."""
    if plan["cost"] is None:
        return None
    currency, base = plan["run"]["currency"], compared(plan)
    blocks: list[Block] = []
    if base is None:
        return Section("cost", "What the plan costs", _plain_lede(plan), [_cost_table(plan)])
    changes = comparable_changes(plan, case)
    if any(abs(change) >= 0.005 for change in changes.values()):
        blocks.append(_steps(changes, short(base["running"]), currency))
    blocks.append(_cost_table(plan))
    paid = base["paid"]
    if paid["coverage"]:
        memo = tell(
            "Memo: {amount} a year is paid today for the {part} of work with a known price. Saving is measured at the "
            "model’s prices, not against it.",
            amount=cash(paid["amount"], currency),
            part=percent(paid["coverage"], 0),
        )
        blocks.append(Note(memo, "muted"))
    return Section("cost", "Where the saving comes from", _lede(changes, plan), blocks)


def _steps(changes: dict[str, float], today: str, currency: str) -> Bars:
    """Steps from today's running cost, zero, to the plan's: a bar for each cost term."""
    rows, at = [], 0.0
    for term, change in changes.items():
        if abs(change) >= 0.005:
            span = Span(at, at + change, "a" if change < 0 else "w")
            rows.append(BarRow(tell(TERM_TITLES[term]), (span,), short(change, plus=True)))
            at += change
    rows.append(BarRow(tell("Change in all"), (Span(0.0, at, "i"),), short(at, plus=True)))
    note = tell(
        "Running cost of comparable demands, {currency} a year; today’s {amount} stand at the line.",
        currency=currency,
        amount=today,
    )
    keys = (("a", "cheaper"), ("w", "dearer"), ("i", "in all"))
    return Bars(rows, "From today’s running cost to the plan’s", note, keys)


def comparable_changes(plan: dict[str, Any], case: Case) -> dict[str, float]:
    """Plan less today by running term, new demands left out; the sum is minus the yearly saving."""
    new = dict.fromkeys(RUNNING_TERMS, 0.0)
    for a in plan["assignments"]:
        if not _comparable(case, a["entity"], a["service"]):
            for term in RUNNING_TERMS:
                new[term] += a["cost"][term]
    if abs(sum(new.values()) - (plan["savings"]["new_demand_cost"] or 0.0)) > 0.05:
        new = dict.fromkeys(RUNNING_TERMS, 0.0)  # another case than the plan's: show the change as it is
    return {t: round(plan["cost"][t] - new[t] - plan["baseline"][t], 2) for t in RUNNING_TERMS}


def _comparable(case: Case, entity: str, service: str) -> bool:
    """Whether the demand has a provider today that can be priced."""
    row = case.current_of.get((entity, service))
    if row is None:
        return False
    if row.provider == OWN:
        return case.demand[entity, service].own_unit_cost is not None
    return (row.provider, service) in case.offer


def _lede(changes: dict[str, float], plan: dict[str, Any]) -> str:
    currency = plan["run"]["currency"]
    best, worst = (ends(changes.items(), key=lambda c: c[1]) for ends in (min, max))
    parts = []
    if best[1] < 0:
        template = "Largest saving: {term}, {amount} a year."
        parts.append(tell(template, term=tell(TERM_TITLES[best[0]]), amount=cash(-best[1], currency)))
    if worst[1] > 0:
        template = "Largest extra cost: {term}, {amount} a year."
        parts.append(tell(template, term=tell(TERM_TITLES[worst[0]]), amount=cash(worst[1], currency)))
    if not parts:
        return tell("No cost term changes.")
    return parts[0] if len(parts) == 1 else tell("{first} {second}", first=parts[0], second=parts[1])


def _plain_lede(plan: dict[str, Any]) -> str:
    running = plan["cost"]["running"]
    terms = sorted(((plan["cost"][t], t) for t in RUNNING_TERMS), reverse=True)
    if not running or terms[0][0] <= 0:
        return tell("Nothing is assigned, so nothing is priced.")
    return tell(
        "{term}: {part} of {amount} running cost a year.",
        term=tell(TERM_TITLES[terms[0][1]]),
        part=percent(terms[0][0] / running, 0),
        amount=cash(running, plan["run"]["currency"]),
    )


def _cost_table(plan: dict[str, Any]) -> Table:
    cost, base = plan["cost"], compared(plan)
    currency = plan["run"]["currency"]
    rows: list[Row] = []
    for term in (*COST_TERMS, "running", "total"):
        if cost[term] or (base and base[term]) or term in ("running", "total"):
            rows.append(_cost_row(term, cost[term], base[term] if base else None, cost["running"]))
    note = tell("One-off costs are spread over the horizon as annuities.")
    if base and plan["savings"]["new_demand_cost"]:
        note = tell(
            "One-off costs are spread over the horizon as annuities. The plan’s column includes new demands "
            "({new} a year).",
            new=money(plan["savings"]["new_demand_cost"]),
        )
    first = Column(tell("Cost term, {currency} a year", currency=currency), wide=True)
    heads = ("Today", "Plan", "Change") if base else ("Plan", "Of running")
    columns = (first, *(() if base else (Column("Load"),)), *(Column(h, numeric=True) for h in heads))
    return Table(columns, rows, "terms", "Cost by term", first=20, note=note)


def _cost_row(term: str, plan: float, base: float | None, running: float) -> Row:
    strong = term in ("running", "total")
    weight: Tone = "strong" if strong else ""
    title = Cell(tell(TERM_TITLES[term]), tone=weight)
    if base is None:
        part = plan / running if running else 0.0
        load = Cell("", bar=None if strong else Bar(0.0, max(0.0, min(1.0, part))))
        return [title, load, Cell(money(plan), tone=weight), percent(part) if term != "total" else ""]
    change = round(plan - base, 2)
    apart = Cell(money(change, plus=True), tone=_tone(-change))
    return [title, Cell(money(base), tone=weight), Cell(money(plan), tone=weight), apart]


def _tone(saving: float) -> Tone:
    return "good" if saving >= 0.5 else "bad" if saving <= -0.5 else ""


def savings_section(plan: dict[str, Any], names: Names) -> Section | None:
    """Savings by service, provider and entity; ``None`` when there is nothing to compare."""
    s, currency = plan["savings"], plan["run"]["currency"]
    if s is None or s["annual"] is None or not s["by_entity"]:
        return None
    winners = sum(1 for r in s["by_entity"] if r["saving"] > 0.005)
    losers = sum(1 for r in s["by_entity"] if r["saving"] < -0.005)
    template = "{winners} entities pay less, {losers} pay more than today at the same prices."
    lede = tell(template, winners=count(winners), losers=count(losers))
    blocks: list[Block] = [
        _ranking(s["by_entity"], names, currency),
        _saving_table(s["by_entity"], "Entity", "Saving by entity", names.entity_cell, currency),
        _saving_table(
            s["by_service"], "Service", "Saving by service", lambda i: Cell(names.service(i), sub=i), currency
        ),
        _saving_table(s["by_provider"], "Provider", "Saving by provider", names.provider_cell, currency),
        Note("By provider: cost of the work done there; a saving means work that left or became cheaper.", "muted"),
    ]
    return Section("savings", "Who saves, who pays more", lede, blocks)


_RANKED = 20
_DEAREST = 5


def _ranking(rows: list[dict[str, Any]], names: Names, currency: str) -> Bars:
    """The entities that save most, those that pay more, and all others in one bar."""
    ranked = sorted(rows, key=lambda r: (-r["saving"], r["id"]))
    dearer = [r for r in ranked[_RANKED:] if r["saving"] <= -0.5][-_DEAREST:]
    top = [r for r in ranked if r not in dearer][:_RANKED]
    rest = [r for r in ranked if r not in dearer and r not in top]
    bars = [_ranked(names.entity_cell(r["id"]), r["saving"]) for r in top]
    if rest:
        name = many("{n} other entity", "{n} other entities", len(rest))
        bars.append(BarRow(name, (), short(sum(r["saving"] for r in rest), plus=True)))
    bars += [_ranked(names.entity_cell(r["id"]), r["saving"]) for r in dearer]
    note = tell("{currency} a year, running cost. The sum of the others has no bar.", currency=currency)
    keys = (("a", "pays less"), ("w", "pays more"))
    return Bars(bars, "Saving by entity, ranked", note, keys)


def _ranked(who: Cell, saving: float) -> BarRow:
    span = Span(0.0, saving, "a" if saving >= 0 else "w")
    return BarRow(who.text, (span,), short(saving, plus=True), who.sub)


def _saving_table(rows: list[dict[str, Any]], head: str, title: str, cell: Any, currency: str) -> Table:
    out: list[Row] = []
    for r in sorted(rows, key=lambda r: (-r["saving"], r["id"])):
        out.append([cell(r["id"]), *_figures(r["baseline"], r["plan"], r["saving"])])
    sums = [round(sum(r[k] for r in rows), 2) for k in ("baseline", "plan", "saving")]
    foot: Row = [tell("Sum"), *_figures(*sums)]
    heads = ("Today", "Plan", "Saving", "Share")
    columns = (Column(head, wide=True), *(Column(h, numeric=True, loss=h in heads[2:]) for h in heads))
    note = tell("{currency} a year, running cost.", currency=currency)
    return Table(columns, out, "rows", title, foot, first=8, note=note)


def _figures(today: float, plan: float, saving: float) -> Row:
    share = percent(saving / today, plus=True) if today else DASH
    return [money(today), money(plan), money(saving, plus=True), share]
