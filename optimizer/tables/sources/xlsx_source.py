"""XLSX workbooks to raw cells: a sheet per table, policy as a sheet of keys and values."""

from __future__ import annotations

import io
import logging
import warnings
import zipfile
from typing import TYPE_CHECKING, Any, Final

from optimizer.tables.parse.header import check_header, header_at
from optimizer.tables.raw import REFUSED, RawCase, RawPolicy, RawTable, check_table_name, is_plan
from optimizer.tables.schema import POLICY_TABLE
from optimizer.tables.sources.cell_text import cell_text
from optimizer.tables.sources.policy_source import policy_from_pairs
from optimizer.tables.sources.xlsx_marks import SheetMarks, ranges_told, rows_of, sheet_marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.tables.checks.findings import Findings
    from optimizer.tables.raw import Limits

__all__ = ["read_xlsx"]

log = logging.getLogger(__name__)

UNPACKED_TIMES: Final = 8
"""How much larger than the file limit a workbook's XML may be when unpacked."""

ROWS_MAX: Final = 1_048_576
"""Rows of a sheet in the format itself."""
COLUMNS_MAX: Final = 256
"""Columns that are read: no table has a tenth of them."""


def read_xlsx(data: bytes, file: str, limits: Limits, findings: Findings) -> RawCase:
    """Raw cells of a workbook. Sheets whose name begins with an underscore are left aside."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(i.file_size for i in archive.infolist())
            if unpacked > UNPACKED_TIMES * limits.file_bytes:
                findings.add(
                    "file_too_large",
                    f"{unpacked / 1e6:,.0f} MB when unpacked",
                    file=file,
                    limit=f"{UNPACKED_TIMES * limits.file_mb:g} MB",
                )
                return RawCase(file=file)
            marks = sheet_marks(archive)
        return _read(data, marks, file, limits, findings)
    except MemoryError:  # no fault of the workbook: who set the limit tells it
        raise
    except Exception as error:  # a damaged workbook fails anywhere inside openpyxl, zlib or the XML parser
        log.info("%s cannot be read as a workbook", file, exc_info=True)
        findings.add("not_a_spreadsheet", f"not a workbook, or a damaged one: {error}", file=file)
        return RawCase(file=file)


def _read(data: bytes, marks: dict[str, SheetMarks], file: str, limits: Limits, findings: Findings) -> RawCase:
    from openpyxl import load_workbook

    case = RawCase(file=file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns about styles and extensions it leaves aside
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        seen: set[str] = set()
        named = [(sheet, sheet.title.strip().lower()) for sheet in workbook.worksheets]
        if is_plan((name for _, name in named), file, findings):
            workbook.close()
            return case
        for sheet, name in named:
            if not name.startswith("_") and check_table_name(name, file, findings, seen):
                _read_sheet(sheet, name, marks.get(sheet.title, SheetMarks()), case, limits, findings)
        workbook.close()
    return case


def _read_sheet(sheet: Any, name: str, marks: SheetMarks, case: RawCase, limits: Limits, findings: Findings) -> None:
    file = case.file
    if _too_far(name, marks, file, findings):
        return
    grid, rows = _grid(sheet, name, file, limits, findings)
    top = header_at(name, grid, rows, file, findings) if name != POLICY_TABLE else 0
    grid, rows = grid[top:], rows[top:]
    merged = _merged_reported(marks.merged, name, rows, file, findings)
    _hidden_reported(sheet.title, name, marks, rows, file, findings)
    if len(grid) > limits.rows + 1:
        told = f"more than {limits.rows:,} rows"
        findings.add("too_many_rows", told, table=name, file=file, row=rows[-1], limit=f"{limits.rows:,}")
    elif name == POLICY_TABLE:
        case.policy = _policy(grid, rows, file, findings)
    elif not grid:
        findings.add("empty_file", f"sheet {sheet.title} has no header line", table=name, file=file, row=1)
    elif rows[0] not in merged:  # else names are lost with the header's cells
        kept = [at for at, row in enumerate(rows) if row not in merged]
        case.tables[name] = _table(name, [grid[at] for at in kept], [rows[at] for at in kept], file, findings)
        case.tables[name].dropped = len(rows) - len(kept)


def _too_far(table: str, marks: SheetMarks, file: str, findings: Findings) -> bool:
    """Refuse a sheet with a cell so far out that all blank ones before it would take long to pass."""
    for name, last, most in (("row", marks.last_row, ROWS_MAX), ("column", marks.last_column, COLUMNS_MAX)):
        if last > most:
            told = f"a cell stands in {name} {last:,}"
            findings.add("cell_too_far", told, table=table, file=file, limit=f"{most:,}", what=f"{name}s")
            return True
    return False


def _merged_reported(areas: Sequence[str], table: str, rows: Sequence[int], file: str, findings: Findings) -> set[int]:
    """Tell of merged areas from the header downwards; return their rows, some of whose cells are lost."""
    touched: set[int] = set()
    for area in areas:
        first, last = rows_of(area)
        if last >= (rows[0] if rows else 1):  # one above the header is part of the title that was reported
            findings.add("merged_cells", f"{area} is merged", table=table, file=file, row=first, value=area, range=area)
            touched |= {row for row in rows if first <= row <= last}
    return touched


def _hidden_reported(
    title: str, table: str, marks: SheetMarks, rows: Sequence[int], file: str, findings: Findings
) -> None:
    """Tell of what is hidden and read all the same."""
    if marks.hidden:
        findings.add("hidden_sheet", f"the sheet {title} is hidden and is read all the same", table=table, file=file)
    if hidden := sorted(set(marks.hidden_rows) & set(rows)):
        how = "filtered out" if marks.filtered else "hidden"
        told = f"{_named('row', hidden, ranges_told(hidden))} {how}, read all the same"
        findings.add("hidden_rows", told, table=table, file=file, row=hidden[0])
    if rows and marks.hidden_columns:
        told = f"{_named('column', marks.hidden_columns, _letters(marks.hidden_columns))} hidden, read all the same"
        findings.add("hidden_columns", told, table=table, file=file)


def _named(word: str, found: Sequence[int], shown: str) -> str:
    return f"{word} {shown} is" if len(found) == 1 else f"{word}s {shown} are"


def _letters(columns: Sequence[int]) -> str:
    from openpyxl.utils import get_column_letter

    told = ", ".join(map(get_column_letter, columns[:10]))
    return told if len(columns) <= 10 else f"{told} and {len(columns) - 10} more"


def _grid(sheet: Any, table: str, file: str, limits: Limits, findings: Findings) -> tuple[list[list[str]], list[int]]:
    """Rows of text that are not blank throughout, with their row numbers; one too many at most."""
    sheet.reset_dimensions()
    grid: list[list[str]] = []
    rows: list[int] = []
    for number, cells in enumerate(sheet.iter_rows(), 1):
        texts = [_text(cell, table, file, number, findings) for cell in cells]
        if any(texts):
            grid.append(texts)
            rows.append(number)
            if len(grid) > limits.rows + 1:
                break
    return grid, rows


def _text(cell: Any, table: str, file: str, row: int, findings: Findings) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "s" and type(value) is str:
        return value
    code = {"f": "formula_cell", "e": "error_cell"}.get(cell.data_type, "")
    text = "" if code else cell_text(value)
    if not code and text is not None:
        return text
    findings.add(
        code or "nested_value",
        f"cell {cell.coordinate} holds {value}",
        table=table,
        file=file,
        row=row,
        column=cell.column_letter,
        value=str(value),
    )
    return REFUSED


def _table(name: str, grid: list[list[str]], rows: list[int], file: str, findings: Findings) -> RawTable:
    header = grid[0]
    names = check_header(name, file, header, findings, rows[0])
    columns: dict[str, Sequence[str]] = {}
    width = max(map(len, grid))
    doubted = names.misspelt
    for at in range(width):
        cells = [r[at] if at < len(r) else "" for r in grid[1:]]
        column = names[at] if at < len(names) else ""
        if column:
            columns[column] = cells
        elif any(cells) and not (at < len(header) and header[at].strip()):
            doubted = names.absent
            told = f"column {at + 1} holds values but has no name"
            findings.add("blank_column", told, table=name, file=file, row=rows[0], value=next(filter(None, cells)))
    return RawTable(name, file, columns, rows[1:], doubted)


def _policy(grid: list[list[str]], rows: Sequence[int], file: str, findings: Findings) -> RawPolicy:
    """Pairs of the first two columns; a heading row of ``key`` and ``value`` is skipped.

    Further cells are reported, apart from columns whose heading begins with an underscore: those explain.
    """
    headed = bool(grid) and grid[0][0].strip().lower() == "key"
    aside = {at for at, name in enumerate(grid[0]) if name.startswith("_")} if headed else set()
    for cells, row in zip(grid, rows, strict=True):
        if further := next((c for at, c in enumerate(cells) if at >= 2 and at not in aside and c.strip()), ""):
            told = "the policy has more than two columns, key and value"
            findings.add("blank_column", told, table=POLICY_TABLE, file=file, row=row, value=further)
            break
    pairs = [(r[0], r[1] if len(r) > 1 else "", n) for r, n in zip(grid, rows, strict=True)]
    return policy_from_pairs(pairs[1:] if headed else pairs, file, findings)
