"""Raw columns to columns of values. Equal texts of a column are parsed once."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from optimizer.io.cells import LIST_TYPES, PARSERS, CellError, list_items
from optimizer.io.dialect import in_plain_style
from optimizer.io.lookalikes import zone_without_place
from optimizer.io.raw import PLAIN_STYLE, REFUSED, REST_DROPPED
from optimizer.io.schema import TABLES, Column, Table
from optimizer.validation.tables import ParsedTable, ParsedTables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.io.raw import CellStyle, RawCase, RawTable
    from optimizer.validation.findings import Findings

__all__ = ["clean", "parse_tables"]

_BROKEN = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffd\ud800-\udfff]")
_EMPTY: Final[dict[str, Any]] = {
    "text": "",
    "label": "",
    "id": "",
    "ref": "",
    "source": "",
    "scope": "",
    "choice": "",
    "country": "",
    "zone": "",
}


def parse_tables(raw: RawCase, findings: Findings) -> ParsedTables:
    """Every table of the schema, parsed; what was refused is blank and reported."""
    damaged = {i.table for i in findings.issues() if i.severity == "error"} - set(raw.tables)
    for table in TABLES:
        if table.name not in raw.tables and table.name not in damaged and (why := _needed(table, raw)):
            stray = ", ".join(raw.strays.get(table.name, ()))
            hint = f"Is {stray} meant? Save it as {table.name}.csv beside the other tables. " if stray else ""
            told = f"the table {table.name} is missing{why}" + (f"; {stray} is not read" if stray else "")
            findings.add("missing_table", told, table=table.name, file=raw.file, hint=hint)
            damaged.add(table.name)
    return {t.name: _parse(t, raw.tables.get(t.name), t.name in damaged, findings) for t in TABLES}


def _needed(table: Table, raw: RawCase) -> str:
    """Why a table that is not there must be, as the end of a sentence; empty when it need not."""
    if table.required:
        return ", which every case has"
    tiers = raw.tables.get("tiers")
    return ", to which the tiers belong" if table.name == "offers" and tiers is not None and tiers.rows else ""


def _parse(table: Table, raw: RawTable | None, damaged: bool, findings: Findings) -> ParsedTable:
    if raw is None:
        return ParsedTable(table.name, "", (), {c.name: [] for c in table.columns}, given=False, damaged=damaged)
    out = ParsedTable(table.name, raw.file, raw.rows, {}, raw.columns, dropped=raw.dropped)
    if table.required and not raw.rows and not raw.dropped:
        out.dropped = REST_DROPPED
        findings.add("empty_table", f"{table.name} has no rows", table=table.name, file=raw.file, row=1)
    for column in table.columns:
        cells = raw.columns.get(column.name)
        if cells is None:
            out.values[column.name] = [_blank(column)] * len(out)
            if column.required or column.name in raw.misspelt:  # reported with the header
                out.bad[column.name] = set(range(len(out)))
        else:
            out.values[column.name] = _column(cells, column, raw.style, out, findings)
    return out


def _blank(column: Column) -> Any:
    """Value of a blank cell."""
    if column.default:
        return PARSERS[column.type](column.default, column)
    if column.type in LIST_TYPES:
        return None if column.type == "weekdays" else frozenset()
    return _EMPTY.get(column.type)


def _column(
    cells: Sequence[str], column: Column, style: CellStyle, table: ParsedTable, findings: Findings
) -> list[Any]:
    blank = _blank(column)
    values: dict[str, Any] = {}
    refused: dict[str, CellError] = {}
    for text in dict.fromkeys(cells):
        try:
            values[text] = blank if text is REFUSED else _value(text, column, blank, style)
        except CellError as error:
            values[text] = blank
            refused[text] = error
    if REFUSED in values:
        table.bad.setdefault(column.name, set()).update(at for at, text in enumerate(cells) if text is REFUSED)
    if refused:
        _refuse(cells, column.name, refused, table, findings)
    if column.type in LIST_TYPES:
        _repeated_reported(cells, values, column, style, table, findings)
    elif column.type == "zone":
        _zones_reported(cells, values, column, table, findings)
    return [values[text] for text in cells]


def _value(text: str, column: Column, blank: Any, style: CellStyle) -> Any:
    cell = clean(text)
    if column.type != "id" or not cell.strip():
        cell = cell.strip()
    if not cell:
        if column.required:
            code = "reason_missing" if column.name == "reason" else "required_value"
            raise CellError(code, f"{column.name} is blank")
        return blank
    return PARSERS[column.type](cell if style is PLAIN_STYLE else in_plain_style(cell, column, style), column)


def clean(text: str) -> str:
    """Text in Unicode normal form C with line feeds; refuses control characters and broken Unicode."""
    if text.isascii() and text.isprintable():
        return text
    if broken := _BROKEN.search(text.replace("\r\n", "\n").replace("\r", "\n")):
        name = f"U+{ord(broken.group()):04X}"
        raise CellError("bad_character", f"the cell holds {name}", character=name)
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def _refuse(
    cells: Sequence[str], column: str, refused: dict[str, CellError], table: ParsedTable, findings: Findings
) -> None:
    bad = table.bad.setdefault(column, set())
    for at, text in enumerate(cells):
        error = refused.get(text)
        if error is not None:
            bad.add(at)
            table.report(findings, error.code, str(error), at, column, value=text, **error.facts)


def _repeated_reported(
    cells: Sequence[str],
    values: dict[str, Any],
    column: Column,
    style: CellStyle,
    table: ParsedTable,
    findings: Findings,
) -> None:
    repeated = {t for t, v in values.items() if v and len(list_items(in_plain_style(t, column, style))) > len(v)}
    _told_at(
        cells, dict.fromkeys(repeated, f"{column.name} names an item twice"), "repeated_item", column, table, findings
    )


def _zones_reported(
    cells: Sequence[str], values: dict[str, Any], column: Column, table: ParsedTable, findings: Findings
) -> None:
    told = {text: said for text, zone in values.items() if (said := zone_without_place(zone))}
    _told_at(cells, told, "zone_without_place", column, table, findings)


def _told_at(
    cells: Sequence[str], told: dict[str, str], code: str, column: Column, table: ParsedTable, findings: Findings
) -> None:
    """Report a message for every cell with one of some texts."""
    if not told:
        return
    for at, text in enumerate(cells):
        if text in told:
            table.report(findings, code, told[text], at, column.name)
