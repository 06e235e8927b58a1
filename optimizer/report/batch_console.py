"""Several solved cases on the terminal: one line for each, then what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from optimizer.domain.issues import Issue
from optimizer.report.console import grid, heading, plain
from optimizer.report.findings_console import print_issues
from optimizer.report.numbers import DASH, money, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

__all__ = ["print_batch"]

_ISSUES = 5


def print_batch(result: Mapping[str, Any], console: Console) -> None:
    """Show what ``designate.batch/1`` holds."""
    columns = [
        ("case", False),
        ("answer", False),
        ("", False),
        ("total", True),
        ("", False),
        ("gap", True),
        ("saving", True),
        ("s", True),
        ("exit", True),
    ]
    console.print(grid(columns, [_row(r) for r in result["runs"]], (20, 14)))
    for run in result["runs"]:
        _wrong(run, console)
    written = [path for r in result["runs"] for path in r["files"].values()]
    if written:
        console.print(Text(f"{len(written)} files and folders written", style="dim"))


def _row(run: Mapping[str, Any]) -> list[str | Text]:
    plan, seconds = run["plan"], f"{run['seconds']:.1f}"
    if plan is None:
        return [run["label"], run["error"]["code"], "", DASH, "", DASH, DASH, seconds, str(run["exit_code"])]
    sound = plan["verification"]["ok"] or plan["status"]["solution"] in ("infeasible", "no_solution")
    answer = plan["status"]["solution"] if sound else "NOT verified"
    held = plan["status"]["solution"] in ("optimal", "feasible")
    total = money(plan["cost"]["total"]) if held else DASH
    saved = plan["savings"]["annual"] if held and plan["savings"] is not None else None
    span = "" if not held else "in all" if "horizon" in plan else "a year"
    gap = percent(plan["bounds"]["gap_rel"], 2) if held else DASH
    currency = plan["run"]["currency"] if held else ""
    return [run["label"], answer, currency, total, span, gap, money(saved, plus=True), seconds, str(run["exit_code"])]


def _wrong(run: Mapping[str, Any], console: Console) -> None:
    """What the one line cannot say of a case that failed, or stopped on the way."""
    if run["error"] is not None:
        issues = [Issue(**{k: v for k, v in i.items() if v is not None}) for i in run["error"]["issues"]]
        told = run["error"]["message"].partition(": " if issues else "\n")[0]  # each problem stands below
        heading(console, f"{plain(run['label'])}: {plain(told)}")
        if issues:
            print_issues(issues, console, most=_ISSUES)
        return
    plan = run["plan"]
    if plan["status"]["solution"] == "infeasible":
        heading(console, f"{plain(run['label'])}: no plan keeps every rule")
        errors = [i for i in plan["issues"] if i["severity"] == "error"]
        print_issues(errors or plan["issues"], console, most=_ISSUES)
    elif plan["status"]["stopped_by"] in ("error", "memory"):
        heading(console, f"{plain(run['label'])}: {plain(plan['status']['detail'])}")
