"""Sections about money: where the saving comes from and who has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.domain.names import COST_TERMS, OWN, RUNNING_TERMS
from optimizer.report.blocks import Bar, Block, Cell, Column, Figure, Note, Row, Section, Table
from optimizer.report.charts import ranking_chart, waterfall_chart
from optimizer.report.figures import money, percent, short
from optimizer.report.wording import TERM_TITLES, compared

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
    steps, at = [], 0.0
    for term, change in changes.items():
        if abs(change) >= 0.005:
            steps.append((TERM_TITLES[term], at, at + change))
            at += change
    steps.append(("Change in all", 0.0, at))
    note = f"Running cost of comparable demands; today’s {currency} {short(base['running'])} stand at zero."
    note += " Blue to the left is cheaper, orange to the right dearer."
    if len(steps) > 1:
        blocks.append(Figure(waterfall_chart(steps, currency), "From today’s running cost to the plan’s", note))
    blocks.append(_cost_table(plan))
    paid = base["paid"]
    if paid["coverage"]:
        known = f"the {percent(paid['coverage'], 0)} of work with a known price"
        memo = f"Memo: {currency} {short(paid['amount'])} a year is paid today for {known}."
        blocks.append(Note(f"{memo} Saving is measured at the model’s prices, not against it.", "muted"))
    return Section("cost", "Where the saving comes from", _lede(changes, plan), blocks)


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
    best = min(changes.items(), key=lambda c: c[1])
    worst = max(changes.items(), key=lambda c: c[1])
    parts = []
    if best[1] < 0:
        parts.append(f"Largest saving: {TERM_TITLES[best[0]].lower()}, {currency} {short(-best[1])} a year.")
    if worst[1] > 0:
        parts.append(f"Largest extra cost: {TERM_TITLES[worst[0]].lower()}, {currency} {short(worst[1])}.")
    return " ".join(parts) if parts else "No cost term changes."


def _plain_lede(plan: dict[str, Any]) -> str:
    running = plan["cost"]["running"]
    terms = sorted(((plan["cost"][t], t) for t in RUNNING_TERMS), reverse=True)
    if not running or terms[0][0] <= 0:
        return "Nothing is assigned, so nothing is priced."
    share = percent(terms[0][0] / running, 0)
    return f"{TERM_TITLES[terms[0][1]]}: {share} of {plan['run']['currency']} {short(running)} running cost a year."


def _cost_table(plan: dict[str, Any]) -> Table:
    cost, base = plan["cost"], compared(plan)
    currency = plan["run"]["currency"]
    rows: list[Row] = []
    for term in (*COST_TERMS, "running", "total"):
        if cost[term] or (base and base[term]) or term in ("running", "total"):
            rows.append(_cost_row(term, cost[term], base[term] if base else None, cost["running"]))
    note = "One-off costs are spread over the horizon as annuities."
    if base and plan["savings"]["new_demand_cost"]:
        note += f" The plan’s column includes new demands ({money(plan['savings']['new_demand_cost'])} a year)."
    first = Column(f"Cost term, {currency} a year", wide=True)
    heads = ("Today", "Plan", "Change") if base else ("Plan", "Of running")
    columns = (first, *(() if base else (Column(""),)), *(Column(h, numeric=True) for h in heads))
    return Table(columns, rows, "terms", "Cost by term", first=20, note=note, sortable=False)


def _cost_row(term: str, plan: float, base: float | None, running: float) -> Row:
    strong = term in ("running", "total")
    weight: Tone = "strong" if strong else ""
    title = Cell(TERM_TITLES[term], tone=weight)
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
    lede = f"{winners} entities pay less, {losers} pay more than today at the same prices."
    ranking = ranking_chart([(r["id"], r["saving"]) for r in s["by_entity"]], currency, "entities")
    blocks: list[Block] = [
        Figure(ranking, "Saving by entity, ranked"),
        _saving_table(s["by_entity"], "Entity", "entities", lambda i: names.entity_cell(i), currency),
        _saving_table(s["by_service"], "Service", "services", lambda i: Cell(names.service(i), sub=i), currency),
        _saving_table(s["by_provider"], "Provider", "providers", lambda i: names.provider_cell(i), currency),
        Note("By provider: cost of the work done there; a saving means work that left or became cheaper.", "muted"),
    ]
    return Section("savings", "Who saves, who pays more", lede, blocks)


def _saving_table(rows: list[dict[str, Any]], title: str, noun: str, cell: Any, currency: str) -> Table:
    out: list[Row] = []
    for r in sorted(rows, key=lambda r: (-r["saving"], r["id"])):
        share = percent(r["saving"] / r["baseline"], plus=True) if r["baseline"] else "–"
        tone = _tone(r["saving"])
        saving = Cell(money(r["saving"], plus=True), tone=tone)
        out.append([cell(r["id"]), money(r["baseline"]), money(r["plan"]), saving, share])
    sums = [round(sum(r[k] for r in rows), 2) for k in ("baseline", "plan", "saving")]
    share = percent(sums[2] / sums[0], plus=True) if sums[0] else "–"
    foot: Row = ["Sum", money(sums[0]), money(sums[1]), money(sums[2], plus=True), share]
    heads = ("Today", "Plan", "Saving", "Share")
    columns = (Column(f"{title} ({currency} a year)", wide=True), *(Column(h, numeric=True) for h in heads))
    return Table(columns, out, noun, f"Saving by {title.lower()}", foot, first=7, last=5)
