"""Drafts in a reader: opened from what a user sends, changed, shown, written as a workbook."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any, Final

from api.uploads import Bounds, check_archive
from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue
from optimizer.tables import Limits
from optimizer.tables.drafts.changing import Change, change_draft
from optimizer.tables.drafts.code_pages import page_previews
from optimizer.tables.drafts.draft import Draft, labels, read_draft, schema_columns
from optimizer.tables.drafts.draft_workbook import draft_xlsx
from optimizer.tables.drafts.faulty import cell_of, rows_of_table, sizes
from optimizer.tables.drafts.opening import open_draft

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["DRAFTING", "draft_in"]

_CODE_PAGE: Final = "encoding_error"


def draft_in(content: bytes) -> Draft:
    """A draft as it is stored."""
    return Draft.of(json.loads(content))


def _open(task: dict[str, Any], data: bytes) -> dict[str, Any]:
    """A file as a draft; one whose code page must be named first has no cells yet."""
    bounds = Bounds(**task["bounds"])
    if task["file"].endswith((".zip", ".xlsx", ".xlsm")):
        check_archive(data, bounds)
    limits = Limits(file_mb=bounds.upload_mb, rows=bounds.rows)
    try:
        draft = open_draft(data, task["file"], limits=limits, encoding=task["encoding"])
    except InputError as error:
        if {i.code for i in error.issues if i.severity == "error"} != {_CODE_PAGE}:
            raise
        return {"outcome": "undecoded", **_found(Draft(task["file"]), error.issues)}
    return _checked(draft, task)


def _change(task: dict[str, Any], content: bytes) -> dict[str, Any]:
    """A draft with changes."""
    return _checked(change_draft(draft_in(content), [Change(**c) for c in task["changes"]]), task)


def _checked(draft: Draft, task: dict[str, Any]) -> dict[str, Any]:
    bounds = Bounds(**task["bounds"])
    case, issues = read_draft(draft, task["name"], Limits(file_mb=bounds.upload_mb, rows=bounds.rows))
    told = _found(draft, issues)
    limit = int(bounds.upload_mb * 1_000_000)
    if len(told["attached"][0]) > 8 * limit:
        return {"outcome": "fault", "code": "body_too_large", "detail": "the draft has grown", "more": {"limit": limit}}
    return {"outcome": "read", "content_hash": None if case is None else case.case_hash, **told}


def _found(draft: Draft, issues: Sequence[Issue]) -> dict[str, Any]:
    written = json.dumps(draft.as_document(), ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    placed = []
    for issue in issues:
        sheet = draft.sheets.get(issue.table)
        column = issue.column if sheet is None else cell_of(sheet, issue) or issue.column
        placed.append(dataclasses.replace(issue, column=column).as_dict())
    return {"issues": placed, "tables": sizes(draft, issues), "attached": (written,)}


def _rows(task: dict[str, Any], content: bytes) -> dict[str, Any]:
    """Some rows of a table, faulty ones first."""
    draft = draft_in(content)
    sheet = draft.sheets.get(task["table"])
    columns = schema_columns(task["table"])
    if sheet is None:
        if not columns:
            return {"outcome": "unknown"}
        return {"outcome": "read", "rows": [], "total": 0, "columns": columns, "more": [], "last": 0, "loose": []}
    issues = [Issue(**i) for i in task["issues"]]
    rows, total = rows_of_table(sheet, issues, task["offset"], task["limit"], task["only"])
    named = labels(sheet)
    lower = {name.lower() for name in named}
    more = [c for c in columns if c not in lower]
    there = set(sheet.rows)
    return {
        "outcome": "read",
        "rows": rows,
        "total": total,
        "columns": named,
        "more": more,
        "last": max(there, default=0),
        "loose": [i.as_dict() for i in issues if i.row not in there],
    }


def _cells(task: dict[str, Any], content: bytes) -> dict[str, Any]:
    """Texts of single cells as they are; nothing for those that are not there."""
    draft = draft_in(content)
    found: list[str | None] = []
    for table, row, column in task["cells"]:
        sheet = draft.sheets.get(table)
        named = [] if sheet is None else [name.lower() for name in labels(sheet)]
        if sheet is None or row not in sheet.rows or column.strip().lower() not in named:
            found.append(None)
            continue
        cells, at = sheet.cells[sheet.rows.index(row)], named.index(column.strip().lower())
        found.append(cells[at] if at < len(cells) else "")
    return {"outcome": "read", "cells": found}


def _workbook(_: dict[str, Any], content: bytes) -> dict[str, Any]:
    return {"outcome": "read", "attached": (draft_xlsx(draft_in(content)),)}


def _pages(task: dict[str, Any], data: bytes) -> dict[str, Any]:
    """What lines of a file would be by code page."""
    return {"outcome": "read", "pages": [dataclasses.asdict(p) for p in page_previews(data, task["file"])]}


DRAFTING: dict[str, Callable[..., dict[str, Any]]] = {
    "draft_open": _open,
    "draft_change": _change,
    "draft_rows": _rows,
    "draft_cells": _cells,
    "draft_workbook": _workbook,
    "draft_pages": _pages,
}
"""Tasks by name; each gets the task and what came along with it."""
