"""Changes of a draft: cells, rows, columns and tables, each by its name. All of them or none."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from optimizer.tables.checks.findings import Findings, did_you_mean
from optimizer.tables.drafts.draft import Draft, labels, schema_columns
from optimizer.tables.schema import POLICY_TABLE, TABLE_NAMES
from optimizer.tables.sources.sheets import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Change", "change_draft"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Parameters
    ----------
    op : {"set", "add", "remove", "rename"}
        Write a cell; add a row; remove a row; give a column or a table another name, or remove it.
    table : str
    row : int, optional
        Number of the row to set or remove.
    column : str
        Of the cell to set, or to rename.
    value : str
        New text of the cell.
    cells : mapping of str to str
        Of a row to add, by column.
    to : str
        New name of the column (or the table, where no column is named); blank removes it.
    """

    op: str
    table: str
    row: int | None = None
    column: str = ""
    value: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)
    to: str = ""


def change_draft(draft: Draft, changes: Sequence[Change]) -> Draft:
    """A new draft with all changes, done in their order.

    Raises
    ------
    InputError
        With a finding for each change that cannot be done.
    """
    out = Draft(draft.file, dict(draft.sheets), draft.notices, draft.strays)
    work = _Work(out)
    for change in changes:
        _OPS[change.op](work, change)
    work.findings.raise_errors()
    return out


class _Work:
    """A draft that is being changed; sheets are copied when they are first touched."""

    def __init__(self, draft: Draft) -> None:
        self.draft, self.findings = draft, Findings()
        self._own: dict[str, Sheet] = {}
        self._places: dict[str, dict[int, int]] = {}
        self._labels: dict[str, list[str]] = {}

    def sheet(self, change: Change, *, make: bool = False) -> Sheet | None:
        """The sheet of a change; a table that the draft lacks is begun where that is wanted."""
        name = change.table
        if name in self._own:
            return self._own[name]
        known = (*TABLE_NAMES, POLICY_TABLE)
        if name in self.draft.sheets:
            sheet = copy.deepcopy(self.draft.sheets[name])
        elif make and name in known:
            sheet = Sheet(name, "", schema_columns(name), [], [])
        else:
            tables = (*self.draft.sheets, *(k for k in known if k not in self.draft.sheets))
            self.refuse(
                change,
                "draft_no_such_table",
                f"the draft has no table {name!r}",
                guess=did_you_mean(name, tables),
                tables=", ".join(tables),
            )
            return None
        self.draft.sheets[name] = self._own[name] = sheet
        return sheet

    def place(self, change: Change, sheet: Sheet) -> int | None:
        """Position of the row of a change."""
        places = self._places.get(sheet.name)
        if places is None:
            places = self._places[sheet.name] = {row: at for at, row in enumerate(sheet.rows)}
        found = None if change.row is None else places.get(change.row)
        if change.row is None:
            self.refuse(change, "draft_change", f"{change.op} names no row", needed="the number of the row")
        elif found is None:
            self.refuse(change, "draft_no_such_row", f"{change.table} has no row {change.row}")
        return found

    def column(self, change: Change, sheet: Sheet, name: str) -> int | None:
        """Position of a column; one that the table may have and the sheet lacks is begun."""
        named = self.labels(sheet)
        wanted = name.strip()
        found = next((at for at, label in enumerate(named) if label == wanted), None)
        if found is None:
            plain = wanted.lower()
            found = next((at for at, label in enumerate(named) if label.lower() == plain), None)
        if found is not None:
            return found
        schema = schema_columns(sheet.name)
        if wanted.lower() not in schema:
            known = list(dict.fromkeys([*named, *schema]))
            self.refuse(
                change,
                "draft_no_such_column",
                f"{change.table} has no column {name!r}",
                guess=did_you_mean(name, known),
                columns=", ".join(known),
            )
            return None
        self.begin(sheet, wanted.lower())
        return len(sheet.header) - 1

    def labels(self, sheet: Sheet) -> list[str]:
        """Names of the columns, found once for many changes."""
        if sheet.name not in self._labels:
            self._labels[sheet.name] = labels(sheet)
        return self._labels[sheet.name]

    def begin(self, sheet: Sheet, column: str) -> None:
        """One more column, blank in every row; what stands beyond the header keeps its place behind it."""
        at = len(sheet.header)
        self._labels.pop(sheet.name, None)
        for cells in sheet.cells:
            if len(cells) >= at:
                cells.insert(at, "")
        sheet.header.append(column)
        for h in sheet.held:
            if h.at is not None and h.at >= at:
                h.at += 1

    def forget(self, table: str) -> None:
        """Rows or columns have moved."""
        self._places.pop(table, None)
        self._labels.pop(table, None)

    def moved(self, table: str) -> None:
        """A table is not there any more under its name."""
        self._own.pop(table, None)
        self.forget(table)

    def refuse(self, change: Change, code: str, told: str, **facts: Any) -> None:
        """Note that a change cannot be done."""
        self.findings.add(code, told, table=change.table, row=change.row, column=change.column, **facts)


def _touch(sheet: Sheet, row: int | None, at: int | None = None) -> None:
    """Let go of what was held about a row, or about one cell of it and the row as a whole."""
    for h in sheet.held:
        if row in h.rows and (at is None or h.at is None or h.at == at):
            h.rows.remove(row)
    sheet.held = [h for h in sheet.held if h.rows]


def _write(sheet: Sheet, place: int, at: int, value: str) -> None:
    """A cell; where rows must be as long as the header, this one now is."""
    cells = sheet.cells[place]
    width = max(len(sheet.header), at + 1)
    if len(cells) < width:
        cells.extend([""] * (width - len(cells)))
    elif sheet.strict and at < len(sheet.header):
        del cells[len(sheet.header) :]
    cells[at] = value
    _touch(sheet, sheet.rows[place], at)


def _set(work: _Work, change: Change) -> None:
    sheet = work.sheet(change)
    if sheet is None:
        return
    if not change.column.strip():
        work.refuse(change, "draft_change", "set names no column", needed="the column of the cell")
        return
    place, at = work.place(change, sheet), work.column(change, sheet, change.column)
    if place is not None and at is not None:
        _write(sheet, place, at, change.value)


def _add(work: _Work, change: Change) -> None:
    sheet = work.sheet(change, make=True)
    if sheet is None:
        return
    if not sheet.header:
        sheet.header = schema_columns(sheet.name)
    found = {name: work.column(change, sheet, name) for name in change.cells}
    if None in found.values():
        return
    sheet.rows.append(max([*sheet.rows, sheet.top or 0, 0]) + 1)
    sheet.cells.append([""] * len(sheet.header))
    for name, at in found.items():
        _write(sheet, len(sheet.rows) - 1, at or 0, change.cells[name])
    work.forget(sheet.name)


def _remove(work: _Work, change: Change) -> None:
    sheet = work.sheet(change)
    if sheet is None or (place := work.place(change, sheet)) is None:
        return
    _touch(sheet, sheet.rows[place])
    del sheet.rows[place], sheet.cells[place]
    work.forget(sheet.name)


def _rename(work: _Work, change: Change) -> None:
    sheet = work.sheet(change)
    if sheet is None:
        return
    if not change.column:
        _rename_table(work, change, sheet)
        return
    at = work.column(change, sheet, change.column)
    if at is None:
        return
    name = change.to.strip()
    work.forget(sheet.name)
    if not name:
        _drop_column(sheet, at)
        return
    if any(other != at and label.lower() == name.lower() for other, label in enumerate(labels(sheet))):
        work.refuse(change, "draft_name_taken", f"{change.table} has a column {name!r} already")
        return
    sheet.header.extend([""] * (at + 1 - len(sheet.header)))
    sheet.header[at] = name
    _touch(sheet, sheet.top, at)


def _drop_column(sheet: Sheet, at: int) -> None:
    for cells in (sheet.header, *sheet.cells):
        if at < len(cells):
            del cells[at]
    sheet.held = [h for h in sheet.held if h.at != at]
    for h in sheet.held:
        if h.at is not None and h.at > at:
            h.at -= 1


def _rename_table(work: _Work, change: Change, sheet: Sheet) -> None:
    name = change.to.strip().lower()
    if name != sheet.name and name in work.draft.sheets:
        work.refuse(change, "draft_name_taken", f"the draft has a table {name!r} already")
        return
    work.moved(sheet.name)
    kept = {k: s for k, s in work.draft.sheets.items() if k != sheet.name}
    if name:
        sheet.name = name
        kept[name] = sheet
    work.draft.sheets.clear()
    work.draft.sheets.update(kept)


_OPS: Final[dict[str, Callable[[_Work, Change], None]]] = {
    "set": _set,
    "add": _add,
    "remove": _remove,
    "rename": _rename,
}
