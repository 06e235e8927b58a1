"""Coded findings about the input or the answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

__all__ = ["Issue", "Severity", "has_errors", "sort_issues"]

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

    def __str__(self) -> str:
        place = self.file or self.table
        if self.table and self.table not in place:
            place += f" {self.table}"  # one file of several tables
        if self.row is not None:
            place += f":{self.row}"
        if self.column:
            place += f" [{self.column}]"
        return f"{place + ': ' if place else ''}{self.message} ({self.code})"

    def as_dict(self) -> dict[str, Any]:
        """Plain mapping without empty fields."""
        return {k: v for k, v in asdict(self).items() if v not in ("", None)}


def has_errors(issues: tuple[Issue, ...] | list[Issue]) -> bool:
    """Whether any issue forbids solving."""
    return any(i.severity == "error" for i in issues)


def sort_issues(issues: list[Issue]) -> list[Issue]:
    """Errors first, then by place; a stable order for documents and tests."""
    return sorted(
        issues,
        key=lambda i: (_RANK[i.severity], i.file or i.table, i.table, i.row or 0, i.column, i.code, i.value, i.message),
    )
