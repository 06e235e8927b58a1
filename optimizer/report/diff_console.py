"""Difference of two plans on the terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from rich.text import Text

from optimizer.domain.names import OWN
from optimizer.report.console import grid, heading, plain, tone
from optimizer.report.input_changes import print_inputs
from optimizer.report.moving import ENGLISH, in_short
from optimizer.report.numbers import DASH, count, decimal, money, percent, short
from optimizer.report.time.diff_console import print_diff_over_time
from optimizer.report.wording import STATUS_TITLES, TERM_TITLES, given_title, humanise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

    from optimizer.report.language import Words

__all__ = ["print_diff", "print_moves", "print_reasons", "print_why"]

_TOP = 15
_REASONS = 8
_SHARES = ("annual_rel", "on_assumptions_rel")
_TITLES = {
    "annual": "Saving a year",
    "annual_rel": "Saving, share of today",
    "payback_years": "Payback, years",
    "npv": "Net present value",
    "upper_limit": "Upper limit, net of one-off",
    "new_demand_cost": "Cost of new demands",
    "on_assumptions_rel": "Share on assumptions",
    "one_off.transition": "One-off, moves",
    "one_off.setup": "One-off, set-up",
}


def print_diff(changes: Mapping[str, Any], console: Console) -> None:
    """Show what ``compare.diff`` found, of steady plans or of plans over time."""
    for letter in ("a", "b"):
        console.print(_head(letter.upper(), changes["plans"][letter]))
    if changes["schema"] == "designate.diff/2":
        print_diff_over_time(changes, console)
        return
    for note in changes["notes"]:
        console.print(Text(f"• {plain(note)}"))
    currency = changes["plans"]["b"]["currency"]
    heading(console, f"Cost, {currency} a year")
    rows = [_money_row(TERM_TITLES[r["term"]], r) for r in changes["cost"] if r["a"] or r["b"]]
    columns = [("", False), ("A", True), ("B", True), ("change", True)]
    console.print(grid(columns, rows))
    heading(console, "Savings")
    console.print(grid(columns, [_figure(r) for r in changes["savings"] if r["a"] is not None or r["b"] is not None]))
    print_inputs(changes.get("inputs"), console)
    print_moves(changes, console)
    for s in changes["sites"]:
        words = {True: "open", False: "not open", None: "absent"}
        console.print(Text(f"Centre {plain(s['provider'])}: {words[s['a']]} in A, {words[s['b']]} in B"))


def _head(letter: str, plan: Mapping[str, Any]) -> Text:
    solution = plan["solution"]
    title = given_title(solution) if plan["backend"] == "none" else STATUS_TITLES.get(solution, solution)
    text = Text(f"{letter}  ", style="bold").append(plain(plan["name"] or plan["id"]), style="bold")
    made = f"  {title}, {plan['backend']}, {plan['created']}, case {plan['case_hash'][:12]}"
    return text.append(plain(made), style="dim")


def _money_row(title: str, row: Mapping[str, Any]) -> list[str | Text]:
    change = Text(plain(money(row["change"], plus=True)), style=tone(row["change"]))
    return [title, money(row["a"]), money(row["b"]), change]


def _figure(row: Mapping[str, Any]) -> list[str | Text]:
    name = row["figure"]
    title = _TITLES.get(name, humanise(name))
    if name in _SHARES:
        return [title, percent(row["a"]), percent(row["b"]), percent(row["change"], plus=True)]
    if name == "payback_years":
        return [title, decimal(row["a"]), decimal(row["b"]), decimal(row["change"], plus=True)]
    return [title, money(row["a"]), money(row["b"]), money(row["change"], plus=True)]


def print_moves(changes: Mapping[str, Any], console: Console) -> None:
    """Show which assignments differ, why they moved, and why the total changes."""
    moved, currency = changes["moved"], changes["plans"]["b"]["currency"]
    heading(console, f"Assignments that differ: {plain(count(len(moved)))}")
    rows: list[list[str | Text]] = []
    for m in moved[:_TOP]:
        change = Text(plain(money(m["change"], plus=True)), style=tone(m["change"]))
        rows.append([m["entity"], m["service"], _who(m["from"]), "→", _who(m["to"]), change, in_short(m.get("why"))])
    columns = [("entity", False), ("service", False), ("A", False), ("", False), ("B", False), (currency, True)]
    reasons = [m["why"] for m in moved if m.get("why")]
    if rows:
        console.print(grid([*columns, ("why" if reasons else "", False)], rows, (18, 14, 12, 1, 12)))
    if len(moved) > _TOP:
        console.print(Text(f"and {len(moved) - _TOP} more", style="dim"))
    print_reasons(reasons, console)
    again = changes["repriced"]
    if again["demands"]:
        text = f"{count(again['demands'])} more stay where they are at another cost: "
        text += f"{currency} {short(again['change'], plus=True)} a year"
        console.print(Text(plain(text)))
    print_why(changes, console)
    for key, name in (("only_in_a", "A"), ("only_in_b", "B")):
        if changes[key]:
            console.print(Text(f"Demands only in {name}: {plain(count(len(changes[key])))}"))


def print_reasons(reasons: Iterable[Mapping[str, Any]], console: Console, words: Words = ENGLISH) -> None:
    """Reasons of moves that somebody or something forces, each once, with the number of demands behind it."""
    reached = ((r["kind"], words.read(r["reason"])) for r in reasons if r["kind"] in ("forced", "needed"))
    told = Counter(reached)
    for (kind, reason), number in told.most_common(_REASONS):
        of = "" if number == 1 else f" ({words.some(number, '{n} demand', '{n} demands')})"
        text = words.say("{kind}: {reason}", kind=words.say(kind), reason=reason)
        console.print(Text(plain(f"• {text}{of}"), style="dim"))
    if len(told) > _REASONS:
        console.print(Text(words.say("and {n} more", n=len(told) - _REASONS), style="dim"))


_PARTS = {
    "data": "Data: other figures, missions that start or close",
    "rules": "Rules: prices and charges of the policy",
    "options": "Options: other providers chosen",
    "solver": "Solver: version, limits, seed",
}


def print_why(changes: Mapping[str, Any], console: Console, words: Words = ENGLISH) -> None:
    """Show why the total changes, in parts that add up, and what cannot be told."""
    why = changes.get("why")
    if why is None:
        return
    currency = changes["plans"]["b"]["currency"]
    heading(console, words.say("Why the total changes, {currency} a year", currency=currency))
    rows: list[list[str | Text]] = [
        [words.say(_PARTS[p["part"]]), Text(plain(money(p["amount"], plus=True)), style=tone(p["amount"]))]
        for p in why["parts"]
    ]
    if rows:
        whole: list[str | Text] = [words.say("In all"), money(why["total"], plus=True)]
        console.print(grid([("", False), (words.say("change"), True)], [*rows, whole]))
    for note in why["unknown"][:_TOP]:
        console.print(Text(f"• {plain(words.say(note) if '{' not in note else note)}", style="dim"))
    if len(why["unknown"]) > _TOP:
        console.print(Text(words.say("and {n} more", n=len(why["unknown"]) - _TOP), style="dim"))


def _who(provider: str | None) -> str:
    return "own" if provider == OWN else provider or DASH
