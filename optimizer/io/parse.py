"""Raw columns to columns of values. Equal texts of a column are parsed once."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from optimizer.io.cells import LIST_TYPES, PARSERS, CellError, list_items
from optimizer.io.schema import TABLES, Column, Table
from optimizer.validation.tables import ParsedTable, ParsedTables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.io.raw import RawCase, RawTable
    from optimizer.validation.findings import Findings

__all__ = ["clean", "parse_tables"]

_BROKEN = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffd\ud800-\udfff]")
_EMPTY: Final[dict[str, Any]] = {"text": "", "label": "", "id": "", "ref": "", "source": "", "scope": "", "choice": "",
                                 "country": "", "zone": ""}  # fmt: skip


def parse_tables(raw: RawCase, findings: Findings) -> ParsedTables:
    """Every table of the schema, parsed; what was refused is blank and reported."""
    damaged = {i.table for i in findings.issues() if i.severity == "error"} - set(raw.tables)
    for table in TABLES:
        if table.required and table.name not in raw.tables and table.name not in damaged:
            findings.add("missing_table", f"the table {table.name} is missing", table=table.name, file=raw.file)
    return {t.name: _parse(t, raw.tables.get(t.name), t.name in damaged, findings) for t in TABLES}


def _parse(table: Table, raw: RawTable | None, damaged: bool, findings: Findings) -> ParsedTable:
    if raw is None:
        return ParsedTable(table.name, "", (), {c.name: [] for c in table.columns}, given=False, damaged=damaged)
    out = ParsedTable(table.name, raw.file, raw.rows, {}, raw.columns)
    if table.required and not raw.rows:
        findings.add("empty_table", f"{table.name} has no rows", table=table.name, file=raw.file, row=1)
    for column in table.columns:
        cells = raw.columns.get(column.name)
        if cells is None:
            out.values[column.name] = [_blank(column)] * len(out)
            if column.required:  # reported with the header
                out.bad[column.name] = set(range(len(out)))
        else:
            out.values[column.name] = _column(cells, column, out, findings)
    return out


def _blank(column: Column) -> Any:
    """Value of a blank cell."""
    if column.default:
        return PARSERS[column.type](column.default, column)
    if column.type in LIST_TYPES:
        return None if column.type == "weekdays" else frozenset()
    return _EMPTY.get(column.type)


def _column(cells: Sequence[str], column: Column, table: ParsedTable, findings: Findings) -> list[Any]:
    blank = _blank(column)
    values: dict[str, Any] = {}
    refused: dict[str, CellError] = {}
    for text in dict.fromkeys(cells):
        try:
            values[text] = _value(text, column, blank)
        except CellError as error:
            values[text] = blank
            refused[text] = error
    if refused:
        _refuse(cells, column.name, refused, table, findings)
    if column.type in LIST_TYPES:
        _repeated_reported(cells, values, column, table, findings)
    return [values[text] for text in cells]


def _value(text: str, column: Column, blank: Any) -> Any:
    cell = clean(text)
    if column.type != "id" or not cell.strip():
        cell = cell.strip()
    if not cell:
        if column.required:
            code = "reason_missing" if column.name == "reason" else "required_value"
            raise CellError(code, f"{column.name} is blank")
        return blank
    return PARSERS[column.type](cell, column)


def clean(text: str) -> str:
    """Text in Unicode normal form C with line feeds; refuses control characters and broken Unicode."""
    if text.isascii() and text.isprintable():
        return text
    if broken := _BROKEN.search(text.replace("\r\n", "\n").replace("\r", "\n")):
        name = f"U+{ord(broken.group()):04X}"
        raise CellError("bad_character", f"the cell holds {name}", character=name)
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def _refuse(cells: Sequence[str], column: str, refused: dict[str, CellError], table: ParsedTable,
            findings: Findings) -> None:  # fmt: skip
    bad = table.bad.setdefault(column, set())
    for at, text in enumerate(cells):
        error = refused.get(text)
        if error is not None:
            bad.add(at)
            table.report(findings, error.code, str(error), at, column, value=text, **error.facts)


def _repeated_reported(cells: Sequence[str], values: dict[str, Any], column: Column, table: ParsedTable,
                       findings: Findings) -> None:  # fmt: skip
    repeated = {t for t, v in values.items() if v and len(list_items(t)) > len(v)}
    if not repeated:
        return
    for at, text in enumerate(cells):
        if text in repeated:
            table.report(findings, "repeated_item", f"{column.name} names an item twice", at, column.name)
