"""Rows on disk: one JSON line each as they come, and the whole as one file that is always complete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.rows import Row, finish, key_of
from optimizer.errors import UsageError
from optimizer.io import write_text_atomic

__all__ = ["Store", "read_results"]


class Store:
    """``results.json`` with ``results.jsonl`` beside it.

    Parameters
    ----------
    out : Path
        The file of all rows; the lines stand beside it under the same name with ``.jsonl``.
    resume : bool
        Go on from the rows that are there; otherwise they are put aside as ``.jsonl.old``.
    """

    def __init__(self, out: Path, *, resume: bool) -> None:
        self.out, self.lines = out, out.with_suffix(".jsonl")
        if self.lines == out:
            raise UsageError(f"{out}: name the results .json")
        out.parent.mkdir(parents=True, exist_ok=True)
        if self.lines.exists() and not resume:
            self.lines.replace(self.lines.with_name(f"{self.lines.name}.old"))
        self.rows = _read_lines(self.lines)
        if self.lines.exists() and not self.lines.read_bytes().endswith(b"\n"):
            with self.lines.open("a", encoding="utf-8") as file:
                file.write("\n")  # a row was cut off: the next one begins on a line of its own

    @property
    def done(self) -> set[tuple[Any, ...]]:
        """Cells that need not be run again; those that failed are."""
        return {key_of(r) for r in self.rows if r["stopped_by"] not in ("error", "user")}

    def add(self, row: Row) -> None:
        """Append a row, then bring the whole file up to date."""
        self.rows = [r for r in self.rows if key_of(r) != key_of(row)] + [row]
        with self.lines.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        self.merge()

    def merge(self) -> None:
        """Write all rows, atomically."""
        lines = ",\n ".join(json.dumps(r) for r in finish(self.rows))
        write_text_atomic(self.out, f"[\n {lines}\n]\n" if lines else "[]\n")


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
