"""The register of service agreements on the terminal and as files of one folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from optimizer.files import new_folder, write_bytes_atomic
from optimizer.plan.tables import frame_csv, frames_workbook, rows_frame
from optimizer.report.console import grid, heading, plain
from optimizer.report.numbers import DASH

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

__all__ = ["print_agreements", "write_agreements"]

_SHOWN: Final = 40
"""Findings that the terminal shows; the files have all."""

_TABLES: Final = {
    "findings": ("kind", "provider", "service", "client", "indicator", "day", "needed_until", "message"),
    "agreements": ("provider", "client", "service", "begin", "until", "notice_by", "in_force", "clients"),
    "levels": ("provider", "service", "stated", "score", "measurements", "level", "derived"),
    "indicators": ("provider", "service", "client", "indicator", "unit", "value", "met", "missed"),
    "surveys": ("provider", "score", "answers", "clients"),
}


def print_agreements(told: Mapping[str, Any], console: Console) -> None:
    """What is wrong, then service levels with what they rest on."""
    head = f"Service agreements of {told['name'] or told['plan']}, measured {told['begin']} to before {told['end']}"
    console.print(Text(plain(head), style="bold"))
    found = told["findings"]
    if not found:
        console.print("Everything that the plan does is agreed for as long as it lasts; no standard is missed.")
    for finding in found[:_SHOWN]:
        console.print(Text(plain(f"{finding['kind'].replace('_', ' ')}: {finding['message']}")))
    if len(found) > _SHOWN:
        console.print(f"and {len(found) - _SHOWN:,} more")
    heading(console, "Service levels")
    columns = [("provider", False), ("service", False), ("stated", True), ("measured", True), ("values", True)]
    columns += [("counts", True), ("", False)]
    rows = [
        [
            x["provider"],
            x["service"],
            _level(x["stated"]),
            _level(x["score"]),
            f"{x['measurements']:,}",
            _level(x["level"]),
            "derived" if x["derived"] else "",
        ]
        for x in told["levels"]
    ]
    console.print(grid(columns, rows))
    if told["surveys"]:
        heading(console, "What clients say, 1 to 5")
        said = [[x["provider"], f"{x['score']:.2f}", f"{x['answers']:,}", f"{x['clients']:,}"] for x in told["surveys"]]
        console.print(grid([("provider", False), ("mean", True), ("answers", True), ("clients", True)], said))


def _level(value: float | None) -> str:
    return DASH if value is None else f"{value:.3f}"


def write_agreements(told: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write ``agreements.json``, a CSV of each table and all of them in ``agreements.xlsx``.

    Parameters
    ----------
    told : mapping
        ``designate.agreements/1``.
    folder : Path
        What is there is replaced when all is written.
    """
    frames = {name: rows_frame(told[name], first) for name, first in _TABLES.items()}
    files = {"agreements.json": (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode("utf-8")}
    files |= {f"{name}.csv": frame_csv(frame) for name, frame in frames.items()}
    files["agreements.xlsx"] = frames_workbook(frames)
    with new_folder(folder, overwrite=True) as draft:
        for file, data in files.items():
            write_bytes_atomic(draft / file, data)
    return [folder / file for file in files]
