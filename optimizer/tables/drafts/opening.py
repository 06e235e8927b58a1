"""What somebody sends as a case becomes a draft, mistakes included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.domain.errors import InputError
from optimizer.tables.checks.findings import Findings
from optimizer.tables.drafts.draft import Draft
from optimizer.tables.raw import DEFAULT_LIMITS, ReadOptions
from optimizer.tables.read import case_from_raw
from optimizer.tables.schema import POLICY_TABLE
from optimizer.tables.sources.escapes import unescaped
from optimizer.tables.sources.sheets import Sheet, policy_sheet
from optimizer.tables.sources.sources import read_bytes
from optimizer.tables.sources.text import code_page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.domain.issues import Issue
    from optimizer.tables.raw import Limits

__all__ = ["open_draft"]

_OF_SHEETS: Final = frozenset(
    {
        "unknown_table",
        "duplicate_table",
        "unknown_column",
        "duplicate_column",
        "missing_column",
        "blank_column",
        "ragged_row",
        "other_separator",
        "mixed_decimals",
        "policy_duplicate_key",
    }
)
"""Found again whenever a sheet is read, until it is mended."""
_OF_CELLS: Final = frozenset({"formula_cell", "error_cell", "merged_cells", "json_not_finite"})
"""Held by a sheet until the cells are written anew."""


def open_draft(data: bytes, file: str, *, limits: Limits = DEFAULT_LIMITS, encoding: str = "") -> Draft:
    """The cells of a ``.zip``, ``.xlsx`` or ``.json`` file as a draft.

    Raises
    ------
    InputError
        The file has mistakes that no change of a cell mends: with all of them.
    """
    sheets: list[Sheet] = []
    findings = Findings()
    raw = read_bytes(data, file, ReadOptions(limits, code_page(encoding), sheets), findings)
    issues = findings.issues()
    if any(i.severity == "error" and not _mendable(i) for i in issues):
        raise InputError(issues)
    if not sheets and raw.policy is None:
        case_from_raw(raw, findings)  # tells all that is missing: there is nothing to mend
    if raw.policy is not None and all(s.name != POLICY_TABLE for s in sheets):
        sheets.append(policy_sheet(raw.policy))
    notices = [i for i in issues if i.severity != "error" and not _mendable(i) and i.code != "too_many_problems"]
    return Draft(raw.file, _named(map(_settled, sheets)), notices, raw.strays)


def _mendable(issue: Issue) -> bool:
    of_cell = issue.code == "nested_value" and issue.table != POLICY_TABLE
    return of_cell or issue.code in _OF_SHEETS or issue.code in _OF_CELLS


def _settled(sheet: Sheet) -> Sheet:
    """A sheet whose cells are the texts that are meant, each held finding about rows that are there."""
    if sheet.escaped:
        sheet.header = list(sheet.header)
        sheet.cells = [list(unescaped(record)) for record in sheet.cells]
        sheet.escaped = False
    there = {*sheet.rows, sheet.top}
    sheet.held = [h for h in sheet.held if there.intersection(h.rows)]
    return sheet


def _named(sheets: Iterable[Sheet]) -> dict[str, Sheet]:
    """Sheets by name; a second one of a name has a number behind it."""
    out: dict[str, Sheet] = {}
    for sheet in sheets:
        name, number = sheet.name, 2
        while sheet.name in out:
            sheet.name, number = f"{name} {number}", number + 1
        out[sheet.name] = sheet
    return out
