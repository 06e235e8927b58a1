"""Findings on the terminal: validation issues, and why there is no plan."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.text import Text

from optimizer.domain.names import COST_TERMS
from optimizer.report.console import grid, heading, plain
from optimizer.report.findings import issue_groups, place_of
from optimizer.report.numbers import count, decimal, money, percent
from optimizer.report.wording import TERM_TITLES, by_hand, no_price, status_sentence, status_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

    from optimizer.domain.issues import Issue

__all__ = ["print_infeasible", "print_issues", "print_unserved"]

_STYLE = {"error": "bold yellow", "warning": "yellow", "info": "dim"}
_PER_CODE = 5


def print_issues(issues: Iterable[Issue | Mapping[str, Any]], console: Console, most: int | None = None) -> None:
    """Show issues grouped by file and code, each with its place and, once per group, the way out.

    Parameters
    ----------
    issues : iterable of Issue or mapping
    console : rich Console
    most : int, optional
        Show at most so many kinds, one example each; ``None`` shows every error and five of
        each kind of warning.
    """
    rows = [dict(i) if not hasattr(i, "as_dict") else i.as_dict() for i in issues]
    if not rows:
        console.print(Text("No findings.", style="cyan"))
        return
    console.print(Text(_tally(rows), style="bold"))
    groups = [
        (name, severity, code, found)
        for name, members in _by_file(rows).items()
        for severity, code, found in issue_groups(members)
    ]
    groups.sort(key=lambda g: ("error", "warning", "info").index(g[1]) if g[1] in _STYLE else 3)
    last = None
    for name, severity, code, found in groups[:most]:
        if name != last and name:
            console.print(Text(plain(name), style="underline"))
        last = name
        _print_group(severity, code, found, console, 1 if most else _shown(severity, found))
    if most is not None and len(groups) > most:
        n = len(groups) - most
        console.print(Text(f"  and {n} more kind{'s' if n > 1 else ''}", style="dim"))


def _tally(rows: list[dict[str, Any]]) -> str:
    tally = Counter(r["severity"] for r in rows)
    words = [f"{n} {s}{'s' if n > 1 and s != 'info' else ''}" for s in _STYLE if (n := tally.get(s))]
    return "Findings: " + ", ".join(words)


def _by_file(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    out: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        out.setdefault(str(row.get("file") or row.get("table") or ""), []).append(row)
    return out


def _shown(severity: str, found: list[dict[str, Any]]) -> int:
    return len(found) if severity == "error" else _PER_CODE


def _print_group(severity: str, code: str, found: list[dict[str, Any]], console: Console, most: int) -> None:
    head = Text("  ")
    head.append(severity, style=_STYLE.get(severity, ""))
    head.append(f" {plain(code)}" + (f"  × {len(found)}" if len(found) > 1 else ""), style="bold")
    console.print(head)
    shown = found[:most]
    for at, issue in enumerate(shown):
        where = place_of(issue)
        where = "" if where == (issue.get("file") or issue.get("table")) else where  # the heading says it
        line = Text(f"{plain(where)}: " if where else "", style="dim").append(plain(issue["message"]), style="default")
        console.print(Padding(line, (0, 0, 0, 4)))
        remedy = issue.get("remedy", "")
        if remedy and remedy != (shown[at + 1].get("remedy", "") if at + 1 < len(shown) else ""):
            console.print(Padding(Text("→ ", style="cyan").append(plain(remedy)), (0, 0, 0, 4)))
    if len(found) > most:
        console.print(Text(f"    and {len(found) - most} more of this kind", style="dim"))


def print_infeasible(plan: Mapping[str, Any], console: Console) -> None:
    """Say why there is no plan: findings with amounts, then what the least unserved plan leaves out."""
    console.print(Text(status_title(plan), style="bold yellow"))
    console.print(Text(plain(status_sentence(plan))))
    if plan["status"]["detail"] and not by_hand(plan):
        console.print(Text(plain(plan["status"]["detail"]), style="dim"))
    against = [i for i in plan["issues"] if i["severity"] == "error" and i["code"] != "unserved"]
    others = [i for i in plan["issues"] if i["severity"] != "error"]
    if against:
        heading(console, "What it breaks" if by_hand(plan) else "What stands against a plan")
        print_issues(against, console)
    if not by_hand(plan) or any(a["provider"] is None for a in plan["assignments"]):
        print_unserved(plan, console)
    if by_hand(plan):
        _price(plan, console)
    if others:
        console.print()
        print_issues(others, console, most=3)


def _price(plan: Mapping[str, Any], console: Console) -> None:
    """What a hand-made list costs, or why that cannot be said."""
    cost, currency = plan["cost"], plan["run"]["currency"]
    if cost is not None:
        heading(console, f"Price, {currency} a year")
        terms = [t for t in (*COST_TERMS, "running", "total") if cost[t] or t in ("running", "total")]
        console.print(grid([("", False), ("plan", True)], [[TERM_TITLES[t], money(cost[t])] for t in terms]))
        return
    heading(console, "Not priced")
    console.print(Text(plain(no_price(plan))))


def print_unserved(plan: Mapping[str, Any], console: Console) -> None:
    """Say how much a plan leaves unserved, and which demands."""
    rows = plan["assignments"]
    missing = sorted(
        (a for a in rows if a["provider"] is None), key=lambda a: (-a["effort_fte"], a["entity"], a["service"])
    )
    if len(missing) == len(rows):
        told = "This plan serves nobody." if rows else "No plan: not even one with demands left unserved was found."
        console.print()
        console.print(Text(told, style="yellow"))
        return
    lost, effort = sum(a["effort_fte"] for a in missing), sum(a["effort_fte"] for a in rows)
    least = plan["status"]["solution"] == "infeasible" and not by_hand(plan)
    heading(console, "The plan with the least unserved work" if least else "Left unserved")
    share = percent(lost / effort) if effort else "0 %"
    text = f"{count(len(missing))} of {count(len(rows))} demands unserved: "
    text += f"{decimal(lost)} of {decimal(effort)} FTE ({share})"
    console.print(Text(plain(text)))
    out = [[a["entity"], a["service"], decimal(a["effort_fte"], 2)] for a in missing[:8]]
    if out:
        console.print(grid([("entity", False), ("service", False), ("FTE", True)], out, (30, 24)))
    if len(missing) > len(out):
        console.print(Text(f"and {len(missing) - len(out)} more", style="dim"))
