"""The first thing that a head of administration reads of a plan over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.report.blocks import BarRow, Bars, Span
from optimizer.report.findings import assumed_share
from optimizer.report.headline import Headline, proof, verified
from optimizer.report.numbers import count, joined, many, percent, short, tell
from optimizer.report.tiles import Interval, Tile, tiles_case
from optimizer.report.time.periods import Periods
from optimizer.report.time.words import move_words, moves, people_words, proof_words, switching
from optimizer.report.wording import by_hand, cash, status_title, stop_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.domain.case import Case
    from optimizer.report.naming import Names

__all__ = ["headline_over_time"]

_YEARS: Final = 10
"""Planning years that the head shows; the table of years has all."""


def headline_over_time(
    plan: dict[str, Any], case: Case, names: Names, ranges: Mapping[str, Any] | None = None
) -> Headline:
    """The answer and its proof, tiles, what each year costs, who moves when.

    Parameters
    ----------
    plan : dict
        ``designate.plan/2``.
    case : Case
    names : Names
        Of the case.
    ranges : mapping, optional
        ``designate.range/1`` of the plan.
    """
    words, ok = verified(plan)
    when, held = Periods(plan), plan["cost"] is not None
    return Headline(
        title=status_title(plan),
        sentence=_sentence(plan, when),
        proven=_proven(plan),
        proof=proof(plan),
        verified=words,
        verified_ok=ok,
        tiles=_tiles(plan, case, when, ranges) if held else tiles_case(plan, case),
        cautions=_cautions(plan),
        points=[move_words(plan, names.entity), people_words(plan)] if held else [],
        answer=_answer(plan, when) if held else "",
        page_title=_page_title(plan, case, when),
        blocks=[_years(plan, when)] if held else [],
    )


def _proven(plan: dict[str, Any]) -> str:
    if by_hand(plan):
        return proof_words(plan)
    why = stop_words(plan["status"]["stopped_by"])
    return tell("{proof} The search ended because {why}.", proof=proof_words(plan), why=why)


def _answer(plan: dict[str, Any], when: Periods) -> str:
    """The heading: what moves by when, and what that is worth."""
    waves, saved, unit = switching(plan), plan["savings"], plan["run"]["currency"]
    if saved is None:
        cost = cash(plan["cost"]["discounted"], unit)
        return tell("All of it costs {amount} in money of {month}", amount=cost, month=when.month(1))
    amount = cash(abs(saved["npv"]), unit)
    if not waves:
        worth = "Nothing moves: {amount} better than staying as today"
        if saved["npv"] < 0:
            worth = "Nothing moves: {amount} dearer than staying as today"
        return tell(worth if round(saved["npv"], 2) else "Nothing moves: all stay as today", amount=amount)
    last = when.month(waves[-1]["period"])
    worth = "{what} could move by {month}: worth {amount} more than staying as today"
    if saved["npv"] < 0:
        worth = "{what} would move by {month}: {amount} dearer than staying as today"
    return tell(worth, what=moves(plan), month=last, amount=amount)


def _page_title(plan: dict[str, Any], case: Case, when: Periods) -> str:
    name = plan["run"]["name"] or case.name or tell("Unnamed case")
    saved = plan["savings"]
    if plan["cost"] is None or saved is None:
        return tell("{name}, {span} – {what}", name=name, span=when.span, what=status_title(plan))
    amount = cash(abs(saved["npv"]), plan["run"]["currency"])
    worth = "{name}, {span}: worth {amount}" if saved["npv"] >= 0 else "{name}, {span}: extra cost {amount}"
    return tell(worth, name=name, span=when.span, amount=amount)


def _sentence(plan: dict[str, Any], when: Periods) -> str:
    units = {
        "month": ("{n} month", "{n} months"),
        "quarter": ("{n} quarter", "{n} quarters"),
        "year": ("{n} year", "{n} years"),
    }[when.unit]
    about = {"periods": many(*units, len(when)), "span": when.span}
    if plan["cost"] is None:
        return tell("There is no plan to show for {periods}, {span}.", **about)
    head = tell("Planned over {periods}, {span}.", **about)
    if plan["baseline"] is None:
        return head
    worse = sum(1 for e in plan["entities"] if e["worse_than_today"])
    one = "{n} of {all} entities would be worse off at the end in some respect."
    return joined((head, tell(one, n=count(worse), all=count(len(plan["entities"])))))


def _tiles(plan: dict[str, Any], case: Case, when: Periods, ranges: Mapping[str, Any] | None) -> list[Tile]:
    cost, saved, unit = plan["cost"], plan["savings"], plan["run"]["currency"]
    out = [
        Tile("Running cost, whole time", short(cost["running"]), _today(plan["baseline"]), unit),
        Tile("One-off cost", short(cost["one_off"]), _once(cost), unit),
    ]
    if saved is None:
        return out
    back, by = tell("not yet"), tell("not by {month}", month=when.after_months(when.months))
    if saved["break_even"] == 0:
        back, by = tell("at once"), tell("nothing to pay back")
    elif saved["break_even"] is not None:
        back = many("{n}\u202fmonth", "{n}\u202fmonths", saved["break_even"])
        by = tell("in {month}", month=when.after_months(saved["break_even"]))
    last = Tile("Saving, last 12 months", short(saved["run_rate"]), tell("running cost against today"), unit)
    return [
        _worth_tile(plan, case, ranges),
        Tile("Paid back after", back, by),
        *out,
        *([last] if saved["run_rate"] is not None else []),
    ]


def _worth_tile(plan: dict[str, Any], case: Case, ranges: Mapping[str, Any] | None) -> Tile:
    """Net present value with its range, and how much of it is assumed."""
    saved, unit = plan["savings"], plan["run"]["currency"]
    said, band = [tell("Net present value at {rate}.", rate=percent(case.policy.discount_rate))], None
    if saved["upper_limit"] is not None:
        said.append(tell("Dotted: no plan is worth more than {limit}.", limit=short(saved["upper_limit"])))
    if ranges is not None and ranges["npv"]["p10"] is not None:
        band = (ranges["npv"]["p10"], ranges["npv"]["p90"])
        template = "Range {low} to {high} in 8 of 10 draws of the assumptions."
        said.insert(1, tell(template, low=short(band[0]), high=short(band[1])))
    else:
        said.append(tell("What it comes to when the assumptions vary was not asked (“designate range”)."))
    sub, figure = joined(said), cash(saved["npv"], unit)
    share = assumed_share(case)
    return Tile(
        "Worth against staying as today",
        short(saved["npv"], plus=True),
        sub,
        unit,
        "bad" if saved["npv"] < 0 else "",
        tell("{part} of the statements about inputs are assumptions", part=percent(share, 0)) if share else "",
        Interval(saved["npv"], saved["upper_limit"], band, tell("Worth {figure}. {more}", figure=figure, more=sub)),
    )


def _years(plan: dict[str, Any], when: Periods) -> Bars:
    """What each planning year costs, running and once."""
    flow, base = plan["cash_flow"], plan["baseline"]
    running, once, today = (when.by_year(flow, n) for n in ("running", "one_off_total", "baseline_running"))
    rows = []
    for y in when.years[:_YEARS]:
        label = when.year_label(y)
        name = label if base is None else tell("{year} (today {amount})", year=label, amount=short(today[y]))
        spans = (Span(0.0, running[y], "a"), Span(running[y], running[y] + once[y], "w"))
        rows.append(BarRow(name, spans, short(running[y] + once[y])))
    left = len(when.years) - len(rows)
    note = many("{n} year more is in the table of years.", "{n} years more are in the table of years.", left)
    title = tell("Cost by year, {currency}", currency=plan["run"]["currency"])
    return Bars(rows, title, note if left else "", (("a", "Running cost"), ("w", "One-off cost")))


def _today(base: dict[str, Any] | None) -> str:
    if base is None:
        return tell("nothing of today to compare with")
    return tell("staying as today: {amount}", amount=short(base["running"]))


def _once(cost: dict[str, Any]) -> str:
    parts = {
        "transition": "moves {amount}",
        "double_running": "hand-over {amount}",
        "setup": "set-up {amount}",
        "exit": "exit {amount}",
        "risk": "risk {amount}",
    }
    told = [tell(words, amount=short(cost[name])) for name, words in parts.items() if cost[name]]
    return joined(told, "{first}, {second}") if told else tell("nothing is paid once")


def _cautions(plan: dict[str, Any]) -> list[str]:
    unit, saved = plan["run"]["currency"], plan["savings"] or {}
    outside = {
        "new_demand_cost": "{amount} serves work that nobody does today: it is in the cost, and outside the saving.",
        "source_ended_cost": "{amount} serves work whose source of today ends: outside the saving.",
        "one_off_forced": "{amount} of the one-off cost is forced: today’s source ends.",
    }
    out: list[str] = [tell(words, amount=cash(saved[name], unit)) for name, words in outside.items() if saved.get(name)]
    guess = sum(1 for a in plan["assignments"] if a["volume_basis"] == "estimated")
    if guess:
        template = "Volumes of {n} of {all} assignments are estimated from headcount."
        out.append(tell(template, n=count(guess), all=count(len(plan["assignments"]))))
    warnings = sum(1 for i in plan["issues"] if i["severity"] == "warning")
    if warnings:
        out.append(many("{n} warning about data and plan.", "{n} warnings about data and plan.", warnings))
    return out
