"""The answer to "why" for the terminal: possible providers by cost, then what stands against the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.text import Text

from optimizer.domain.names import COST_TERMS, OWN
from optimizer.report.console import grid, heading, plain
from optimizer.report.numbers import DASH, decimal, money
from optimizer.report.wording import TERM_TITLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

__all__ = ["print_why"]


def print_why(answer: Mapping[str, Any], console: Console) -> None:
    """Say who may serve a demand at what cost, and why the others may not.

    Parameters
    ----------
    answer : mapping
        ``designate.why/1``.
    console : Console
    """
    head = f"{answer['service']} of {answer['entity']}"
    console.print(Text(plain(head), style="bold cyan"))
    size = f"{decimal(answer['volume'], 2)} units a year, {decimal(answer['effort_fte'], 2)} FTE"
    served = "; no plan given" if answer["plan"] is None else f"; served by {_who(answer['chosen'])}"
    console.print(Text(plain(size + served)))
    options = answer["options"]
    _priced(answer, [o for o in options if o["cost"] is not None], console)
    _broken([o for o in options if o["breaks"]], console)
    _refused([o for o in options if o["refusals"]], console)


def _who(provider: str | None) -> str:
    return "own capacity" if provider == OWN else provider or "nobody"


def _priced(answer: Mapping[str, Any], options: list[Mapping[str, Any]], console: Console) -> None:
    heading(console, f"May serve it, {answer['currency']} a year")
    if not options:
        console.print(Text("nobody", style="yellow"))
        return
    with_plan = answer["plan"] is not None
    rows: list[list[str | Text]] = []
    for o in options:
        style = "bold" if o["chosen"] else ""
        rows.append(
            [
                Text("→" if o["chosen"] else "", style="cyan"),
                Text(plain(_who(o["provider"])), style=style),
                Text(plain(money(o["cost"]["total"])), style=style),
                *([Text(plain(money(o["extra_cost"], plus=True)))] if with_plan else []),
                Text("breaks a rule" if o["breaks"] else "", style="yellow"),
            ]
        )
    extra = [("only this moved", True)] if with_plan else []
    console.print(grid([("", False), ("provider", False), ("cost", True), *extra, ("", False)], rows, (1, 26)))
    for o in options:
        _detail(o, console)
    note = "The cost is what this demand adds there, all else as in the plan."
    if not with_plan:
        note = "The cost is that of this demand alone, as if nothing else were assigned; give --plan for a plan's."
    console.print(Text(note, style="dim"))


def _detail(option: Mapping[str, Any], console: Console) -> None:
    """Terms that are not 0, the backup, and what was set aside."""
    terms = [f"{TERM_TITLES[t]} {money(option['cost'][t])}" for t in COST_TERMS if option["cost"][t]]
    more = [f"backup {option['backup']}"] if option["backup"] else []
    more += [f"kept although refused: {e}" for e in option["exempted"]]
    text = f"{_who(option['provider'])}: {'; '.join([', '.join(terms) or DASH, *more])}"
    console.print(Padding(Text(plain(text), style="dim"), (0, 0, 0, 2)))


def _broken(options: list[Mapping[str, Any]], console: Console) -> None:
    if not options:
        return
    heading(console, "May serve it, but a rule would be broken")
    for o in options:
        for b in o["breaks"]:
            where = " ".join(w for w in (b["entity"], b["service"], b["provider"]) if w)
            text = f"{_who(o['provider'])}: {b['rule']}{f' ({where})' if where else ''}: {b['message']}"
            if b["unit"]:
                text += f", by {decimal(b['amount'], 2)} {b['unit']}"
            console.print(Padding(Text(plain(text)), (0, 0, 0, 2)))


def _refused(options: list[Mapping[str, Any]], console: Console) -> None:
    if not options:
        return
    heading(console, "May not serve it")
    for o in options:
        mark = Text("→ " if o["chosen"] else "  ", style="cyan").append(plain(_who(o["provider"])), style="bold")
        console.print(mark)
        for r in o["refusals"]:
            line = Text(plain(f"{r['message']} ({r['code']})"))
            console.print(Padding(line, (0, 0, 0, 4)))
            console.print(Padding(Text(plain(f"to lift it: {r['action']}"), style="dim"), (0, 0, 0, 6)))
        if o["by_decision"]:
            console.print(Padding(Text(plain(f"or {o['by_decision']}"), style="dim"), (0, 0, 0, 6)))
