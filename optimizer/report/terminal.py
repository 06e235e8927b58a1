"""Summary of a plan for the terminal; Rich leaves colours out where ``NO_COLOR`` or a pipe asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from optimizer.domain.held import is_empty_plan
from optimizer.domain.names import COST_TERMS, OWN
from optimizer.report.console import bar, grid, heading, plain, tone
from optimizer.report.diff_console import print_diff
from optimizer.report.findings_console import print_infeasible, print_issues, print_unserved
from optimizer.report.numbers import DASH, count, decimal, money, payback, percent, short, some
from optimizer.report.wording import (
    TERM_TITLES,
    by_hand,
    compared,
    moved,
    no_comparison,
    status_sentence,
    status_title,
    stop_words,
    unserved,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

__all__ = ["print_diff", "print_infeasible", "print_issues", "print_summary"]

_TOP = 5
_SITES = 12


def print_summary(plan: Mapping[str, Any], console: Console) -> None:
    """Say on one screen what the plan is, what it costs, what it saves and how far it is proven."""
    _status(plan, console)
    if unserved(plan):
        print_unserved(plan, console)
    if any(a["provider"] is not None for a in plan["assignments"]) or is_empty_plan(plan):
        if plan["cost"] is not None:
            _cost(plan, console)
            _savings(plan, console)
        _sites(plan, console)
        _moves(plan, console)
    _remarks(plan, console)


def _status(plan: Mapping[str, Any], console: Console) -> None:
    status, run = plan["status"], plan["run"]
    good = status["solution"] in ("optimal", "feasible")
    head = Text(status_title(plan), style="bold cyan" if good else "bold yellow")
    if run["name"]:
        head.append(f"  {plain(run['name'])}", style="bold default")
    console.print(head)
    console.print(Text(plain(status_sentence(plan))))
    seconds = sum(s for what, s in run["timings"].items() if what != "prepare")  # once on a machine, not this case's
    how = f"{run['solver']['backend']}, {seconds:.1f} s; {stop_words(status['stopped_by'])}"
    how = "no solver was asked" if by_hand(plan) else how
    console.print(Text(f"Case {run['case_hash'][:12]}, {how}", style="dim"))
    check = plan.get("verification") or {}
    broken = [r["rule"] for r in check.get("rules", []) if r["violations"]]
    if check.get("ok"):
        console.print(
            Text(f"Verified: {len(check['rules'])} rules and every cost recomputed, no objection", style="cyan")
        )
    elif not plan["assignments"] and not is_empty_plan(plan) and not check.get("mismatches"):
        console.print(Text("No plan to verify", style="dim"))
    else:
        apart = len(check.get("mismatches", []))
        found = broken + ([f"{some(apart, 'figure')} not confirmed"] if apart else [])
        why = f": {', '.join(found)}" if found else ""
        console.print(Text(f"NOT verified{why}", style="bold yellow"))


def _cost(plan: Mapping[str, Any], console: Console) -> None:
    cost, base = plan["cost"], compared(plan)
    heading(console, f"Cost, {plan['run']['currency']} a year")
    rows: list[list[str | Text]] = []
    for term in (*COST_TERMS, "running", "total"):
        today = base[term] if base else None
        if not (cost[term] or today or term in ("running", "total")):
            continue
        style = "bold" if term in ("running", "total") else ""
        row: list[str | Text] = [Text(TERM_TITLES[term], style=style)]
        if base:
            row.append(Text(plain(money(today)), style=style))
        row.append(Text(plain(money(cost[term])), style=style))
        if base:
            change = cost[term] - today
            row.append(Text(plain(money(change, plus=True)), style=tone(change)))
        rows.append(row)
    heads = ("today", "plan", "change") if base else ("plan",)
    console.print(grid([("", False), *((h, True) for h in heads)], rows))
    new = plan["savings"]["new_demand_cost"] if base else None
    if new:
        text = f"The plan's column includes {money(new)} for demands that have no price today."
        console.print(Text(plain(text), style="dim"))


def _savings(plan: Mapping[str, Any], console: Console) -> None:
    s, currency, bounds = plan["savings"], plan["run"]["currency"], plan["bounds"]
    both = compared(plan) is not None
    one_off = s["one_off"]
    parts = f"moves {short(one_off['transition'])}, set-up {short(one_off['setup'])}"
    rows = []
    if both:
        word = "Saving a year" if s["annual"] >= 0 else "Extra cost a year"
        rows.append((word, f"{currency} {short(abs(s['annual']))}, {percent(s['annual_rel'])} of today’s running cost"))
    rows.append(("One-off cost", f"{currency} {short(sum(one_off.values()))} ({parts})"))
    if both:
        rows.append(("Payback", payback(s)))
        rows.append(("Net present value", f"{currency} {short(s['npv'])} over {s['horizon_years']} years"))
    if bounds["gap_abs"] is not None:
        rows.append(("Gap in money", f"{currency} {short(bounds['gap_abs'])} a year ({percent(bounds['gap_rel'])})"))
    if s["on_assumptions_rel"]:
        rows.append(("On assumptions", f"{percent(s['on_assumptions_rel'], 0)} of the saving"))
    heading(console, "Worth" if both else no_comparison(plan))
    console.print(grid([("", False), ("", False)], rows))


def _sites(plan: Mapping[str, Any], console: Console) -> None:
    opened = sorted((s for s in plan["sites"] if s["open"]), key=lambda s: (-s["effort_fte"], s["provider"]))
    heading(console, f"Centres open: {len(opened)} of {len(plan['sites'])}")
    rows: list[list[str | Text]] = []
    for s in opened[:_SITES]:
        capacity = s["capacity_fte"]
        drawn = bar(s["base_fte"] / capacity, s["effort_fte"] / capacity) if capacity else Text("no limit", style="dim")
        use = percent(s["utilisation"], 0)
        rows.append([s["provider"], drawn, use, decimal(s["effort_fte"]), count(s["entities"])])
    own = sum(a["effort_fte"] for a in plan["assignments"] if a["provider"] == OWN)
    if own:
        clients = len({a["entity"] for a in plan["assignments"] if a["provider"] == OWN})
        rows.append(["own capacity", "", DASH, decimal(own), count(clients)])
    columns = [("centre", False), ("", False), ("use", True), ("FTE", True), ("entities", True)]
    console.print(grid(columns, rows, (24,)))
    if len(opened) > _SITES:
        console.print(Text(f"and {len(opened) - _SITES} more", style="dim"))


def _moves(plan: Mapping[str, Any], console: Console) -> None:
    if plan["baseline"] is None:
        return
    rows_moved = moved(plan)
    effort = sum(a["effort_fte"] for a in rows_moved)
    told = f"Moves: {count(len(rows_moved))} of {some(len(plan['assignments']), 'demand')}, {decimal(effort)} FTE"
    heading(console, plain(told))
    new = sum(a["moved_from"] is not None for a in plan["assignments"]) - len(rows_moved)
    if new:
        text = f"{some(new, 'demand')} more from a provider that has no price today: no one-off cost is counted"
        console.print(Text(plain(text), style="dim"))
    top = sorted(rows_moved, key=lambda a: (-a["effort_fte"], a["entity"], a["service"]))[:_TOP]
    rows = [
        [a["entity"], a["service"], _who(a["moved_from"]), "→", _who(a["provider"]), decimal(a["effort_fte"], 2)]
        for a in top
    ]
    columns = [("entity", False), ("service", False), ("from", False), ("", False), ("to", False), ("FTE", True)]
    if rows:
        console.print(grid(columns, rows, (18, 14, 12, 1, 12)))
    if len(rows_moved) > _TOP:
        console.print(Text(f"and {count(len(rows_moved) - _TOP)} more", style="dim"))


def _who(provider: str | None) -> str:
    return "own" if provider == OWN else provider or DASH


def _remarks(plan: Mapping[str, Any], console: Console) -> None:
    worse = [e for e in plan["entities"] if e["worse_than_today"]]
    console.print()
    if worse:
        first = ", ".join(plain(e["id"]) for e in worse[:4]) + (" …" if len(worse) > 4 else "")
        console.print(Text(f"Worse off: {len(worse)} of {len(plan['entities'])} entities ({first})", style="yellow"))
    elif compared(plan) is not None:
        console.print(Text("Worse off: nobody, by the thresholds of the policy"))
    if told := [i for i in plan["issues"] if i["code"] != "unserved"]:  # they have a table of their own
        print_issues(told, console, most=3)
