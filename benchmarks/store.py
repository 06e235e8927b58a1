"""Rows on disk: one JSON line each as they come, and the whole as one file that is always complete."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from benchmarks.rows import Row, finish, key_of
from optimizer.domain.errors import UsageError
from optimizer.files import write_text_atomic

__all__ = ["Store", "read_results"]


class Store:
    """``results.json`` with ``results.jsonl`` beside it.

    Parameters
    ----------
    out : Path
        The file of all rows; the lines stand beside it under the same name with ``.jsonl``.
    resume : bool
        Go on from the rows that are there; otherwise they are put aside as ``.jsonl.old`` (``.old.2`` …).
    """

    def __init__(self, out: Path, *, resume: bool) -> None:
        self.out, self.lines = out, out.with_suffix(".jsonl")
        if self.lines == out:
            raise UsageError(f"{out}: name the results .json")
        out.parent.mkdir(parents=True, exist_ok=True)
        if self.lines.exists() and not resume:
            self.lines.replace(_unused(self.lines.with_name(f"{self.lines.name}.old")))
        self.rows = _read_lines(self.lines)
        if self.lines.exists() and not self.lines.read_bytes().endswith(b"\n"):
            with self.lines.open("a", encoding="utf-8") as file:
                file.write("\n")  # a row was cut off: the next one begins on a line of its own

    @property
    def done(self) -> set[tuple[Any, ...]]:
        """Cells that need not be run again; those that failed are."""
        return {key_of(r) for r in self.rows if r["stopped_by"] not in ("error", "user")}

    def add(self, row: Row) -> None:
        """Append a row so that it outlasts a crash, then bring the whole file up to date.

        Raises
        ------
        TypeError
            The row holds anything but plain values; says which. Nothing is written then.
        """
        refuse_unless_plain(row, "row")
        with self.lines.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.rows = [r for r in self.rows if key_of(r) != key_of(row)] + [row]
        self.merge()

    def merge(self) -> None:
        """Write all rows, atomically."""
        lines = ",\n ".join(json.dumps(r) for r in finish(self.rows))
        write_text_atomic(self.out, f"[\n {lines}\n]\n" if lines else "[]\n")


def refuse_unless_plain(value: object, where: str) -> None:
    """Raise ``TypeError`` for what is not JSON's own: NumPy's numbers pass for floats until one of them is a bool."""
    if isinstance(value, dict):
        for key, inner in value.items():
            refuse_unless_plain(key, f"a name in {where}")
            refuse_unless_plain(inner, f"{where}.{key}")
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            refuse_unless_plain(inner, f"{where}[{at}]")
    elif type(value) not in (str, int, float, bool, type(None)):
        raise TypeError(f"{where} is {value!r}, a {type(value).__module__}.{type(value).__qualname__}, no plain value")


def _unused(path: Path) -> Path:
    """The path, or with the first number behind it that no file has."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}.{number}")
    return free


def _read_lines(path: Path) -> list[Row]:
    """Rows by cell, the latest of each; a last line that was cut off is left out."""
    if not path.exists():
        return []
    rows: dict[tuple[Any, ...], Row] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
            rows[key_of(row)] = row
        except (ValueError, KeyError, TypeError):
            continue
    return list(rows.values())


def read_results(path: Path) -> list[Row]:
    """Rows of a results file.

    Raises
    ------
    UsageError
        Not readable, or not what ``designate bench run`` writes.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {path}: {error}") from None
    if not isinstance(rows, list) or not all(isinstance(r, dict) and "backend" in r for r in rows):
        raise UsageError(f"{path} is not a results file of designate bench run")
    return rows
