"""XLSX workbooks to raw cells: a sheet per table, policy as a sheet of keys and values."""

from __future__ import annotations

import io
import logging
import re
import warnings
import zipfile
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree

from optimizer.io.cell_text import cell_text
from optimizer.io.policy_source import policy_from_pairs
from optimizer.io.raw import RawCase, RawPolicy, RawTable, check_header, check_table_name
from optimizer.io.schema import POLICY_TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from optimizer.io.raw import Limits
    from optimizer.validation.findings import Findings

__all__ = ["read_xlsx"]

log = logging.getLogger(__name__)

UNPACKED_TIMES: Final = 8
"""How much larger than the file limit a workbook's XML may be when unpacked."""

_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([^"]+)"')
_OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def read_xlsx(data: bytes, file: str, limits: Limits, findings: Findings) -> RawCase:
    """Raw cells of a workbook. Sheets whose name begins with an underscore are left aside."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(i.file_size for i in archive.infolist())
            if unpacked > UNPACKED_TIMES * limits.file_bytes:
                findings.add("file_too_large", f"{unpacked / 1e6:,.0f} MB when unpacked", file=file,
                             limit=f"{UNPACKED_TIMES * limits.file_mb:g} MB")  # fmt: skip
                return RawCase(file=file)
            merged = _merged_areas(archive)
        return _read(data, merged, file, limits, findings)
    except Exception as error:  # a damaged workbook fails anywhere inside openpyxl, zlib or the XML parser
        log.info("%s cannot be read as a workbook", file, exc_info=True)
        findings.add("not_a_spreadsheet", f"not a workbook, or a damaged one: {error}", file=file)
        return RawCase(file=file)


def _read(data: bytes, merged: dict[str, list[str]], file: str, limits: Limits, findings: Findings) -> RawCase:
    from openpyxl import load_workbook

    case = RawCase(file=file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns about styles and extensions it leaves aside
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        seen: set[str] = set()
        for sheet in workbook.worksheets:
            name = sheet.title.strip().lower()
            if not name.startswith("_") and check_table_name(name, file, findings, seen):
                _read_sheet(sheet, name, merged.get(sheet.title, ()), case, limits, findings)
        workbook.close()
    return case


def _read_sheet(sheet: Any, name: str, merged: Iterable[str], case: RawCase, limits: Limits,
                findings: Findings) -> None:  # fmt: skip
    file = case.file
    for area in merged:
        findings.add("merged_cells", f"{area} is merged", table=name, file=file, row=_row_of(area), value=area,
                     range=area)  # fmt: skip
    grid, rows = _grid(sheet, name, file, limits, findings)
    if len(grid) > limits.rows + 1:
        findings.add("too_many_rows", f"more than {limits.rows:,} rows", table=name, file=file, row=rows[-1],
                     limit=f"{limits.rows:,}")  # fmt: skip
    elif name == POLICY_TABLE:
        case.policy = _policy(grid, rows, file, findings)
    elif not grid:
        findings.add("empty_file", f"sheet {sheet.title} has no header line", table=name, file=file, row=1)
    else:
        case.tables[name] = _table(name, grid, rows, file, findings)


def _merged_areas(archive: zipfile.ZipFile) -> dict[str, list[str]]:
    """Merged areas by sheet title, from the XML (the read-only reader does not tell them)."""
    out: dict[str, list[str]] = {}
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {e.get("Id"): str(e.get("Target")) for e in links}
    for element in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        target = targets.get(element.get(_OFFICE))
        if element.tag.endswith("}sheet") and target is not None:
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if found := _merged_in(archive, path):
                out[str(element.get("name"))] = found
    return out


def _merged_in(archive: zipfile.ZipFile, path: str) -> list[str]:
    """Merged areas of one sheet, read piece by piece."""
    found: list[str] = []
    rest = b""
    with archive.open(path) as stream:
        while piece := stream.read(1 << 20):
            text = rest + piece
            end = max((m.end() for m in _MERGE.finditer(text)), default=0)
            found += [m.decode() for m in _MERGE.findall(text)]
            rest = text[max(end, len(text) - 200) :]
    return found


def _row_of(area: str) -> int:
    digits = re.search(r"\d+", area)
    return int(digits.group()) if digits else 1


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
    if text is None:
        code, text = "nested_value", ""
    if code:
        findings.add(code, f"cell {cell.coordinate} holds {value}", table=table, file=file, row=row,
                     column=cell.column_letter, value=str(value))  # fmt: skip
    return text


def _table(name: str, grid: list[list[str]], rows: list[int], file: str, findings: Findings) -> RawTable:
    header = grid[0]
    names = check_header(name, file, header, findings, rows[0])
    columns: dict[str, Sequence[str]] = {}
    width = max(map(len, grid))
    for at in range(width):
        cells = [r[at] if at < len(r) else "" for r in grid[1:]]
        column = names[at] if at < len(names) else ""
        if column:
            columns[column] = cells
        elif any(cells) and not (at < len(header) and header[at].strip()):
            findings.add("blank_column", f"column {at + 1} holds values but has no name", table=name, file=file,
                         row=rows[0], value=next(filter(None, cells)))  # fmt: skip
    return RawTable(name, file, columns, rows[1:])


def _policy(grid: list[list[str]], rows: Iterable[int], file: str, findings: Findings) -> RawPolicy:
    """Pairs of the first two columns; a heading row of ``key`` and ``value`` is skipped."""
    pairs = [(r[0], r[1] if len(r) > 1 else "", n) for r, n in zip(grid, rows, strict=True)]
    if pairs and pairs[0][0].strip().lower() == "key":
        pairs = pairs[1:]
    return policy_from_pairs(pairs, file, findings)
