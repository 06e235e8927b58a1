"""XLSX workbooks to raw cells: a sheet per table, policy as a sheet of keys and values."""

from __future__ import annotations

import io
import logging
import warnings
import zipfile
from typing import TYPE_CHECKING, Any, Final

from optimizer.tables.checks.findings import Findings
from optimizer.tables.parse.header import header_at
from optimizer.tables.raw import RawCase, check_table_name, is_plan
from optimizer.tables.schema import POLICY_TABLE
from optimizer.tables.sources.cell_text import cell_text
from optimizer.tables.sources.sheets import Held, Sheet, policy_of, table_of
from optimizer.tables.sources.xlsx_marks import SheetMarks, ranges_told, rows_of, sheet_marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.tables.raw import Limits, ReadOptions

__all__ = ["read_xlsx"]

log = logging.getLogger(__name__)

UNPACKED_TIMES: Final = 8
"""How much larger than the file limit a workbook's XML may be when unpacked."""

ROWS_MAX: Final = 1_048_576
"""Rows of a sheet in the format itself."""
COLUMNS_MAX: Final = 256
"""Columns that are read: no table has a tenth of them."""


def read_xlsx(data: bytes, file: str, options: ReadOptions, findings: Findings) -> RawCase:
    """Raw cells of a workbook. Sheets whose name begins with an underscore are left aside."""
    limits = options.limits
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
        return _read(data, marks, file, options, findings)
    except MemoryError:  # no fault of the workbook: who set the limit tells it
        raise
    except Exception as error:  # a damaged workbook fails anywhere inside openpyxl, zlib or the XML parser
        log.info("%s cannot be read as a workbook", file, exc_info=True)
        findings.add("not_a_spreadsheet", f"not a workbook, or a damaged one: {error}", file=file)
        return RawCase(file=file)


def _read(data: bytes, marks: dict[str, SheetMarks], file: str, options: ReadOptions, findings: Findings) -> RawCase:
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
            if name.startswith("_"):
                continue
            if check_table_name(name, file, findings, seen):
                _read_sheet(sheet, name, marks.get(sheet.title, SheetMarks()), case, options, findings)
            elif options.keep is not None:
                _keep_unknown(sheet, name, marks.get(sheet.title, SheetMarks()), file, options)
        workbook.close()
    return case


def _read_sheet(
    sheet: Any, name: str, marks: SheetMarks, case: RawCase, options: ReadOptions, findings: Findings
) -> None:
    file, limits = case.file, options.limits
    if _too_far(name, marks, file, findings):
        return
    grid, rows, held = _grid(sheet, limits)
    top = header_at(name, grid, rows, file, findings) if name != POLICY_TABLE else 0
    grid, rows = grid[top:], rows[top:]
    held += _merged(marks.merged, rows)
    _hidden_reported(sheet.title, name, marks, rows, file, findings)
    if len(grid) > limits.rows + 1:
        told = f"more than {limits.rows:,} rows"
        findings.add("too_many_rows", told, table=name, file=file, row=rows[-1], limit=f"{limits.rows:,}")
        return
    if not grid and name != POLICY_TABLE:
        _report_alone(held, name, file, findings)
        findings.add("empty_file", f"sheet {sheet.title} has no header line", table=name, file=file, row=1)
        return
    found = _sheet(name, file, grid, rows, held)
    if options.keep is not None:
        options.keep.append(found)
    if name == POLICY_TABLE:
        case.policy = policy_of(found, findings)
    elif (table := table_of(found, findings)) is not None:
        case.tables[name] = table


def _keep_unknown(sheet: Any, name: str, marks: SheetMarks, file: str, options: ReadOptions) -> None:
    """Put a sheet whose name is no table's aside, as far as it can be read."""
    if options.keep is None or _too_far(name, marks, file, Findings()):
        return
    grid, rows, held = _grid(sheet, options.limits)
    if grid and len(grid) <= options.limits.rows + 1:
        options.keep.append(_sheet(name, file, grid, rows, held))


def _sheet(name: str, file: str, grid: list[list[str]], rows: list[int], held: list[Held]) -> Sheet:
    """A sheet of rows with their header; a policy may have none."""
    if name == POLICY_TABLE and (not grid or grid[0][0].strip().lower() != "key"):
        return Sheet(name, file, ["key", "value"], grid, rows, None, held=held)
    return Sheet(name, file, grid[0], grid[1:], rows[1:], rows[0], held=held)


def _report_alone(held: list[Held], table: str, file: str, findings: Findings) -> None:
    """Tell what was found in a sheet that holds nothing else."""
    for h in held:
        findings.add(h.code, h.message, table=table, file=file, row=h.row, column=h.column, value=h.value, **h.facts)


def _too_far(table: str, marks: SheetMarks, file: str, findings: Findings) -> bool:
    """Refuse a sheet with a cell so far out that all blank ones before it would take long to pass."""
    for name, last, most in (("row", marks.last_row, ROWS_MAX), ("column", marks.last_column, COLUMNS_MAX)):
        if last > most:
            told = f"a cell stands in {name} {last:,}"
            findings.add("cell_too_far", told, table=table, file=file, limit=f"{most:,}", what=f"{name}s")
            return True
    return False


def _merged(areas: Sequence[str], rows: Sequence[int]) -> list[Held]:
    """Merged areas from the header downwards, with their rows, some of whose cells are lost."""
    out = []
    for area in areas:
        first, last = rows_of(area)
        if last >= (rows[0] if rows else 1):  # one above the header is part of the title that was reported
            touched = [row for row in rows if first <= row <= last]
            facts = {"range": area}
            out.append(Held("merged_cells", f"{area} is merged", touched, None, "", area, first, facts))
    return out


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


def _grid(sheet: Any, limits: Limits) -> tuple[list[list[str]], list[int], list[Held]]:
    """Rows of text that are not blank throughout, their numbers, what is refused; one row too many at most."""
    sheet.reset_dimensions()
    grid: list[list[str]] = []
    rows: list[int] = []
    held: list[Held] = []
    for number, cells in enumerate(sheet.iter_rows(), 1):
        texts = [_text(cell, number, at, held) for at, cell in enumerate(cells)]
        if any(texts):
            grid.append(texts)
            rows.append(number)
            if len(grid) > limits.rows + 1:
                break
    return grid, rows, held


def _text(cell: Any, row: int, at: int, held: list[Held]) -> str:
    """The text of a cell; of one that is refused what it shows."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "s" and type(value) is str:
        return value
    code = {"f": "formula_cell", "e": "error_cell"}.get(cell.data_type, "")
    text = "" if code else cell_text(value)
    if not code and text is not None:
        return text
    told = f"cell {cell.coordinate} holds {value}"
    held.append(Held(code or "nested_value", told, [row], at, cell.column_letter, str(value), row))
    return str(value)
