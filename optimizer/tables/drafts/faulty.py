"""Rows of a draft with what is wrong in them, faulty rows first."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final

from optimizer.tables.drafts.draft import labels
from optimizer.tables.schema import POLICY_TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from optimizer.domain.issues import Issue
    from optimizer.tables.drafts.draft import Draft
    from optimizer.tables.sources.sheets import Sheet

__all__ = ["cell_of", "rows_of_table", "sizes"]

_RANK: Final = {"error": 0, "warning": 1, "info": 2}
_OF_KEYS: Final = frozenset({"policy_unknown_key", "policy_duplicate_key"})
"""What is wrong with a key of the policy, not with its value."""


def cell_of(sheet: Sheet, issue: Issue) -> str:
    """The column, as the sheet names it, of the cell that a finding is about; blank where it is about no cell."""
    if issue.row is None:
        return ""
    for h in sheet.held:
        if h.at is not None and h.row == issue.row and h.column == issue.column and h.code == issue.code:
            return labels(sheet)[h.at]
    if sheet.name == POLICY_TABLE:
        return labels(sheet)[0 if issue.code in _OF_KEYS else 1] if issue.column else ""
    wanted = issue.column.lower()
    return next((label for label in labels(sheet) if label.lower() == wanted), issue.column)


def sizes(draft: Draft, issues: Sequence[Issue]) -> list[dict[str, Any]]:
    """Name, columns, rows and findings of each table."""
    errors = Counter(i.table for i in issues if i.severity == "error")
    warnings = Counter(i.table for i in issues if i.severity == "warning")
    faulty: dict[str, set[int]] = defaultdict(set)
    for issue in issues:
        if issue.severity == "error" and issue.row is not None:
            faulty[issue.table].add(issue.row)
    return [
        {
            "name": sheet.name,
            "columns": labels(sheet),
            "rows": len(sheet.rows),
            "faulty": len(faulty[sheet.name].intersection(sheet.rows)),
            "errors": errors[sheet.name],
            "warnings": warnings[sheet.name],
        }
        for sheet in draft.sheets.values()
    ]


def rows_of_table(
    sheet: Sheet, issues: Sequence[Issue], offset: int, limit: int, only: int | None = None
) -> tuple[list[dict[str, Any]], int]:
    """Some rows with their cells and findings: rows with errors first, then those with warnings, then all others.

    Parameters
    ----------
    sheet : Sheet
    issues : sequence of Issue
        Of the whole draft.
    offset, limit : int
        Which of them.
    only : int, optional
        The row that alone is wanted.

    Returns
    -------
    rows : list of dict
        ``row``, ``cells`` by column, ``problems`` as mappings, each with its ``column`` as the sheet names it.
    total : int
    """
    of_row: dict[int, list[Issue]] = defaultdict(list)
    for issue in issues:
        if issue.table == sheet.name and issue.row is not None:
            of_row[issue.row].append(issue)
    ranked = sorted(
        (min((_RANK[i.severity] for i in of_row.get(row, ())), default=3), at) for at, row in enumerate(sheet.rows)
    )
    if only is not None:
        ranked = [(rank, at) for rank, at in ranked if sheet.rows[at] == only]
    names = labels(sheet)
    part = [_row(sheet, at, names, of_row) for _, at in ranked[offset : offset + limit]]
    return part, len(ranked)


def _row(sheet: Sheet, at: int, names: Sequence[str], of_row: Mapping[int, Sequence[Issue]]) -> dict[str, Any]:
    cells, row = sheet.cells[at], sheet.rows[at]
    return {
        "row": row,
        "cells": {name: cells[i] if i < len(cells) else "" for i, name in enumerate(names)},
        "problems": [{**i.as_dict(), "column": cell_of(sheet, i)} for i in of_row.get(row, ())],
    }
