"""Answers of the country model on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from optimizer.report.charging import cents
from optimizer.report.console import grid, heading, plain
from optimizer.report.numbers import DASH, count, decimal, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

__all__ = ["print_countries", "print_country"]

_SHOWN: Final = 40
"""Countries that are shown, the largest first; the files have all."""


def print_country(told: Mapping[str, Any], console: Console) -> None:
    """Years, offices over the horizon, what is paid once, who serves."""
    head = f"Country model of {told['name'] or told['plan']} ({told['country']}), {told['currency']}"
    console.print(Text(plain(head), style="bold"))
    if told["npv"] is None:
        console.print(Text(plain(f"There is no plan: {told['solution'].replace('_', ' ')}")))
        return
    money = [("baseline", True), ("plan", True), ("saving", True), ("one-off", True), ("net", True)]
    names = ("baseline", "running", "saving", "one_off", "net")
    rows = [[str(y["year"]), y["begin"], *(count(y[n]) for n in names), count(y["cumulative"])] for y in told["years"]]
    console.print(grid([("year", True), ("from", False), *money, ("so far", True)], rows))
    even = "never" if told["break_even"] is None else f"after {told['break_even']} months"
    gap = DASH if told["gap_rel"] is None else percent(told["gap_rel"])
    said = f"Net present value {count(told['npv'])}; earned back {even}; proven to {gap} of the best plan"
    console.print(Text(plain(said)))
    heading(console, "Net benefit of each office, all years")
    console.print(grid([("office", False), *money], _by_office(told, names)))
    heading(console, "Cost of setting up")
    parts = ("setup", "transition", "double_running", "other", "total")
    columns = [("provider", False), ("year", True), ("work that comes", True), ("set-up", True), ("transition", True)]
    columns += [("side by side", True), ("other", True), ("total", True)]
    paid = [
        [r["provider"], str(r["year"]), f"{r['switches']:,}", *(count(r[n]) for n in parts)] for r in told["setting_up"]
    ]
    console.print(grid(columns, paid))
    heading(console, "Who serves at the end, best first")
    columns = [("service", False), ("provider", False), ("offices", True), ("FTE", True), ("a unit", True)]
    served = [
        [
            s["service_name"] if s["best"] else "",
            s["provider"],
            f"{s['clients']:,}",
            decimal(s["effort_fte"]),
            cents(s["unit_cost"]),
            cents(s["unit_cost_before"]),
        ]
        for s in told["services"]
    ]
    console.print(grid([*columns, ("before", True)], served))


def _by_office(told: Mapping[str, Any], names: tuple[str, ...]) -> list[list[str]]:
    """Sums over the years, in whole cents."""
    sums: dict[str, list[int]] = {}
    for row in told["entities"]:
        at = sums.setdefault(row["entity"], [0] * len(names))
        for i, name in enumerate(names):
            at[i] += round(row[name] * 100)
    return [[entity, *(count(x / 100) for x in found)] for entity, found in sorted(sums.items())]


def print_countries(told: Mapping[str, Any], console: Console) -> None:
    """The countries that gain most, and all together."""
    ranked = sorted(told["countries"], key=lambda r: (r["npv"] is None, -(r["npv"] or 0.0), r["country"]))
    columns = [("", False), ("country", False), ("offices", True), ("staff", True), ("saving a year", True)]
    columns += [("one-off", True), ("net present value", True), ("gap", True), ("status", False)]
    rows = [
        [
            r["country"],
            r["name"],
            f"{r['offices']:,}",
            f"{r['staff']:,.0f}",
            *(count(r[n]) for n in ("saving", "one_off", "npv")),
            DASH if r["gap_rel"] is None else percent(r["gap_rel"]),
            r["solution"].replace("_", " "),
        ]
        for r in ranked[:_SHOWN]
    ]
    console.print(Text(plain(f"Country model, {told['currency']}"), style="bold"))
    console.print(grid(columns, rows))
    totals = told["totals"]
    said = f"{totals['with_plan']:,} of {totals['countries']:,} countries have a plan; net present value of all "
    console.print(Text(plain(said + count(totals["npv"]))))
