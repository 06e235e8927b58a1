"""The range of a plan for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from optimizer.report.console import grid, heading, plain
from optimizer.report.numbers import DASH, percent, short
from optimizer.report.ranges_words import MEASURE_WORDS, measure_text, range_words, row_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

__all__ = ["print_range"]

_SHOWN: Final = 10


def print_range(told: Mapping[str, Any], console: Console) -> None:
    """Say on one screen how far the figures of a plan may lie apart, and which assumptions make the most of it.

    Parameters
    ----------
    told : mapping
        ``designate.range/1``.
    console : Console
    """
    console.print(Text(plain(range_words(told))))
    over = "a year" if told["over"] == "year" else "whole time"
    heading(console, f"The plan in {told['currency']}, {over}")
    rows: list[list[str | Text]] = [
        [words, *(plain(measure_text(name, told[name][part])) for part in ("planned", "p10", "p50", "p90"))]
        for name, words in MEASURE_WORDS.items()
    ]
    console.print(grid([("", False), *((h, True) for h in ("as planned", "P10", "P50", "P90"))], rows))
    _rules(told, console)
    _tornado(told, console)
    _thresholds(told, console)
    _decisions(told, console)


def _rules(told: Mapping[str, Any], console: Console) -> None:
    if told["broken_rules"]:
        heading(console, "Rules that it breaks, share of samples")
        found = [[rule, plain(percent(part, 1))] for rule, part in told["broken_rules"].items()]
        console.print(grid([("rule", False), ("", True)], found))


def _tornado(told: Mapping[str, Any], console: Console) -> None:
    heading(console, "Net present value, one assumption at a time")
    rows: list[list[str | Text]] = []
    for swing in told["tornado"][:_SHOWN]:
        row = told["rows"][swing["row"] - 1]
        ends = (plain(short(swing[side]["npv"], plus=True)) for side in ("low", "high"))
        rows.append([plain(row_name(row)), f"{row['low']:g}", f"{row['high']:g}", *ends])
    heads = ("low", "high", "at low", "at high")
    console.print(grid([("assumption", False), *((h, True) for h in heads)], rows))
    if len(told["tornado"]) > _SHOWN:
        console.print(Text(f"and {len(told['tornado']) - _SHOWN} more", style="dim"))


def _thresholds(told: Mapping[str, Any], console: Console) -> None:
    if not told["thresholds"]:
        heading(console, "Thresholds: no assumption alone brings the net present value to nothing")
        return
    heading(console, "Thresholds: net present value 0")
    rows: list[list[str | Text]] = []
    for at in told["thresholds"][:_SHOWN]:
        figure = DASH if at["figure"] is None else f"{at['figure']:g}"
        rows.append([plain(row_name(told["rows"][at["row"] - 1])), figure, at["becomes"]])
    console.print(grid([("assumption", False), ("figure", True), ("above it", False)], rows))


def _decisions(told: Mapping[str, Any], console: Console) -> None:
    if told["reoptimised"] is None:
        return
    loose = sorted((d for d in told["reoptimised"]["decisions"] if d["stays"] < 1), key=lambda d: d["stays"])
    heading(console, "Decisions that change when samples are solved again" if loose else "Every decision stays")
    rows: list[list[str | Text]] = [
        [plain(d["entity"]), plain(d["service"]), plain(d["provider"] or DASH), plain(percent(d["stays"], 0))]
        for d in loose[:_SHOWN]
    ]
    if rows:
        console.print(grid([("entity", False), ("service", False), ("source", False), ("stays", True)], rows))
