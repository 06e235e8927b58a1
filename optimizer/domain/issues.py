"""Coded findings about the input or the answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Any, Literal

__all__ = ["Issue", "Severity", "has_errors", "place_in_words", "sort_issues"]

Severity = Literal["error", "warning", "info"]
_RANK = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding, placed and with a way out.

    Parameters
    ----------
    code : str
        Stable identifier, e.g. ``unknown_column``; registered in the issue catalogue.
    severity : {"error", "warning", "info"}
    message : str
        What is wrong, in words, with the figures.
    remedy : str
        How to mend it.
    table, file, column, value : str
        Where, as the user knows it; empty when not applicable.
    row : int, optional
        Line of the file as a text editor or spreadsheet counts it (header = 1).
    """

    code: str
    severity: Severity
    message: str
    remedy: str = ""
    table: str = ""
    file: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""

    @property
    def place(self) -> str:
        """Where it is, in words: file, table unless the file is named for it, row, column; ``""`` if nowhere."""
        return place_in_words(self.file, self.table, self.row, self.column)

    def __str__(self) -> str:
        place = self.place
        return f"{place + ': ' if place else ''}{self.message} ({self.code})"

    def as_dict(self) -> dict[str, Any]:
        """Plain mapping without empty fields."""
        return {k: v for k, v in asdict(self).items() if v not in ("", None)}


def place_in_words(file: str, table: str, row: int | None = None, column: str = "") -> str:
    """A place such as ``demands.csv:2 [volume]``, or ``case.xlsx demands:2 [volume]`` in a file of several tables."""
    named_for_it = PurePath(file).name.partition(".")[0].strip().lower() == table
    where = " ".join(filter(None, (file, "" if named_for_it else table)))
    return where + (f":{row}" if row is not None else "") + (f" [{column}]" if column else "")


def has_errors(issues: tuple[Issue, ...] | list[Issue]) -> bool:
    """Whether any issue forbids solving."""
    return any(i.severity == "error" for i in issues)


def sort_issues(issues: list[Issue]) -> list[Issue]:
    """Errors first, then by place; a stable order for documents and tests."""
    return sorted(
        issues,
        key=lambda i: (_RANK[i.severity], i.file or i.table, i.table, i.row or 0, i.column, i.code, i.value, i.message),
    )
