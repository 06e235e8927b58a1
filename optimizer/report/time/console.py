"""Summary of a plan over time for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from optimizer.report.console import grid, heading, plain
from optimizer.report.findings_console import print_issues
from optimizer.report.headline import verified
from optimizer.report.numbers import DASH, count, decimal, money, percent, short, some
from optimizer.report.time.people import place_years
from optimizer.report.time.periods import Periods
from optimizer.report.time.words import proof_words, switching
from optimizer.report.wording import status_title, stop_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

__all__ = ["print_over_time"]

_WAVES: Final = 8
_PLACES: Final = 8
_NAMED: Final = 3


def print_over_time(plan: Mapping[str, Any], console: Console) -> None:
    """Say on one screen what the plan is and costs, what it saves and when it pays back, who moves when."""
    _status(plan, console)
    if plan["cost"] is not None:
        _money(plan, console)
        _saving(plan, console)
        _waves(plan, console)
        _people(plan, console)
    console.print()
    if plan["issues"]:
        print_issues(plan["issues"], console, most=3 if plan["cost"] is not None else None)


def _status(plan: Mapping[str, Any], console: Console) -> None:
    run, when = plan["run"], Periods(plan)
    good = plan["status"]["solution"] in ("optimal", "feasible")
    head = Text(status_title(plan), style="bold cyan" if good else "bold yellow")
    if run["name"]:
        head.append(f"  {plain(run['name'])}", style="bold default")
    console.print(head)
    console.print(Text(plain(proof_words(plan))))
    seconds = sum(s for what, s in run["timings"].items() if what != "prepare")
    span = f"{count(len(when))} periods of a {when.unit}, {when.span}"
    how = f"{run['solver']['backend']}, {seconds:.1f} s; {stop_words(plan['status']['stopped_by'])}"
    console.print(Text(plain(f"{span}; case {run['case_hash'][:12]}, {how}"), style="dim"))
    if plan["cost"] is not None:
        told, ok = verified(dict(plan))
        console.print(
            Text(
                plain(told if ok else told.replace("Not verified", "NOT verified", 1)),
                style="cyan" if ok else "bold yellow",
            )
        )


def _money(plan: Mapping[str, Any], console: Console) -> None:
    cost, base = plan["cost"], plan["baseline"]
    heading(console, f"Cost of the whole time, {plan['run']['currency']}")
    rows: list[list[str | Text]] = []
    for name, word in (
        ("running", "Running"),
        ("one_off", "One-off"),
        ("total", "Together"),
        ("discounted", "Discounted"),
    ):
        today = [] if base is None else [plain(money(base[name]))]
        rows.append([word, *today, plain(money(cost[name]))])
    heads = ("plan",) if base is None else ("stay as today", "plan")
    console.print(grid([("", False), *((h, True) for h in heads)], rows))
    saved = plan["savings"] or {}
    outside = (saved.get("new_demand_cost") or 0.0) + (saved.get("source_ended_cost") or 0.0)
    if outside:
        told = f"The plan's column has {money(outside)} more work in it: without a source today, or whose source ends."
        console.print(Text(plain(told), style="dim"))


def _saving(plan: Mapping[str, Any], console: Console) -> None:
    saved, unit, bounds, when = plan["savings"], plan["run"]["currency"], plan["bounds"], Periods(plan)
    if saved is None:
        heading(console, "No arrangement of today with a price to compare with")
        return
    heading(console, "Saving against staying as today")
    months, years = saved["break_even"], saved["payback_years"]
    back = (
        "not in this time"
        if months is None
        else "at once"
        if months == 0
        else f"{some(months, 'month')}, in {when.after_months(months)}"
    )
    rows = [
        ("Running cost saved", f"{unit} {short(saved['total'])}"),
        ("of it in the last 12 months", DASH if saved["run_rate"] is None else f"{unit} {short(saved['run_rate'])}"),
        ("Net present value", f"{unit} {short(saved['npv'], plus=True)}"),
        ("Break-even, discounted", back),
        ("Payback, not discounted", "not in this time" if years is None else f"{years:.1f} years"),
        (
            "Saving less one-off, 5 years",
            "the horizon is shorter" if saved["five_years"] is None else f"{unit} {short(saved['five_years'])}",
        ),
    ]
    if saved["one_off_forced"]:
        rows.append(("Forced one-off cost", f"{unit} {short(saved['one_off_forced'])}"))
    if bounds["gap_abs"] is not None:
        rows.append(("Gap in money", f"{unit} {short(bounds['gap_abs'])} ({percent(bounds['gap_rel'])})"))
    console.print(grid([("", False), ("", False)], rows))


def _waves(plan: Mapping[str, Any], console: Console) -> None:
    waves, when = switching(plan), Periods(plan)
    moves = sum(w["switches"] for w in waves)
    heading(console, f"Moves: {some(moves, 'service')} in {some(len(waves), 'wave')}" if waves else "Moves: none")
    rows: list[list[str | Text]] = [
        [
            when.month(w["period"]),
            count(w["switches"]),
            count(w["forced"]),
            decimal(w["effort_fte"]),
            plain(money(w["one_off"])),
            f"{', '.join(w['entities'][:_NAMED])}{' …' if len(w['entities']) > _NAMED else ''}",
            w["state"],
        ]
        for w in waves[:_WAVES]
    ]
    columns = [
        ("from", False),
        ("moves", True),
        ("forced", True),
        ("FTE", True),
        ("one-off", True),
        ("entities", False),
        ("", False),
    ]
    if rows:
        console.print(grid(columns, rows))
    if len(waves) > _WAVES:
        console.print(Text(f"and {len(waves) - _WAVES} more", style="dim"))


def _people(plan: Mapping[str, Any], console: Console) -> None:
    sums: dict[str, list[float]] = {}
    for row in place_years(plan):
        kept = sums.setdefault(row.place, [0.0] * 4)
        for i, value in enumerate((row.created, row.abolished, row.redeployed, row.separated)):
            kept[i] += value
    found = [(place, s) for place, s in sums.items() if max(s) >= 0.05]
    heading(console, "Posts (FTE) by place" if found else "Posts: none created or abolished")
    if not found:
        return
    rows = [[place, *(decimal(v) for v in s)] for place, s in found[:_PLACES]]
    heads = ("created", "abolished", "filled again there", "not filled again")
    console.print(grid([("place", False), *((h, True) for h in heads)], rows))
    if len(found) > _PLACES:
        console.print(Text(f"and {len(found) - _PLACES} more places", style="dim"))
