"""Reports of a ledger on the terminal and as files of one folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from optimizer.files import new_folder, write_bytes_atomic
from optimizer.plan.tables import frame_csv, frames_workbook, rows_frame
from optimizer.report.charging import cents
from optimizer.report.console import Screen
from optimizer.report.ledger_page import PART_WORDS, render_ledger
from optimizer.report.numbers import DASH, count, tell

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

__all__ = ["print_ledger", "write_ledger_report"]

_AMOUNTS: Final = ("planned", "forecast", "actual", "saving_planned", "saving_forecast", "saving_achieved")
_TABLES: Final = {
    "periods": ("period", "cumulative", "recorded", *_AMOUNTS),
    "variance": ("period", "entity", "service", "planned_provider", "providers", "planned", "actual"),
    "one_offs": ("element", "planned", "actual"),
}
_MONEY: Final = frozenset({*_AMOUNTS, "baseline", *(f"variance_{part}" for part in PART_WORDS)})
"""Columns that a workbook shows to the cent."""


def print_ledger(told: Mapping[str, Any], console: Console, language: str = "en") -> None:
    """Amounts and savings by period, then why they differ so far.

    Parameters
    ----------
    told : mapping
        ``designate.ledger/1``.
    console : Console
    language : str, default "en"
        One of ``LANGUAGES``; findings are English.
    """
    screen = Screen(console, language)
    known = {"name": told["name"] or told["plan"], "currency": told["currency"], "n": count(told["entries"])}
    screen.line(tell("Ledger of {name}, money in {currency}, {n} entries", **known), style="bold")
    so_far = [p for p in told["periods"] if p["cumulative"]][-1:]
    named = [(p["period"], p) for p in told["periods"] if not p["cumulative"]]
    named += [(tell("so far"), p) for p in so_far]
    for names in (_AMOUNTS[:3], _AMOUNTS[3:]):  # side by side they are wider than a terminal
        columns = [("period", False), *((n.replace("_", " "), True) for n in names)]
        screen.table(columns, [[name, *(_money(p[n]) for n in names)] for name, p in named])
        screen.line("")
    for p in so_far:
        screen.head(tell("Why what was paid differs from what was planned"))
        parts = [[tell(PART_WORDS[n][0]), cents(v, plus=True)] for n, v in p["variance"].items() if v]
        parts.append([tell("In all"), cents(p["actual"] - p["planned"], plus=True)])
        screen.table([("", False), ("", True)], parts)
    screen.issues(told["issues"])


def _money(value: float | None) -> str:
    return DASH if value is None else cents(value)


def write_ledger_report(told: Mapping[str, Any], folder: Path, language: str = "en") -> list[Path]:
    """Write ``ledger.json``, a CSV of each table, all of them in ``ledger.xlsx``, and the report ``ledger.html``.

    Parameters
    ----------
    told : mapping
        ``designate.ledger/1``.
    folder : Path
        What is there is replaced when all is written.
    language : str, default "en"
        Of the page, one of ``LANGUAGES``.
    """
    frames = {name: rows_frame(told[name], first) for name, first in _TABLES.items()}
    files = {"ledger.json": (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode("utf-8")}
    files |= {f"{name}.csv": frame_csv(frame) for name, frame in frames.items()}
    files["ledger.xlsx"] = frames_workbook(frames, _MONEY)
    files["ledger.html"] = render_ledger(told, language).encode("utf-8")
    with new_folder(folder, overwrite=True) as draft:
        for file, data in files.items():
            write_bytes_atomic(draft / file, data)
    return [folder / file for file in files]
