"""The workbook of a draft: a sheet a table, cells as they are, figures as numbers."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from optimizer.tables.checks.findings import Findings
from optimizer.tables.drafts.draft import labels
from optimizer.tables.parse.cells import CellError, parse_decimal
from optimizer.tables.parse.dialect import Dialect, in_plain_style, style_of
from optimizer.tables.raw import PLAIN_STYLE
from optimizer.tables.schema import POLICY_TABLE, TABLE_NAMES
from optimizer.tables.write import text_cell

if TYPE_CHECKING:
    from optimizer.tables.drafts.draft import Draft
    from optimizer.tables.raw import CellStyle
    from optimizer.tables.schema import Column
    from optimizer.tables.sources.sheets import Sheet

__all__ = ["draft_xlsx"]

_FIGURES: Final = frozenset({"number", "whole", "coordinate"})
_LONGEST: Final = 32_767
"""Characters of a cell in the format itself."""


def draft_xlsx(draft: Draft) -> bytes:
    """Bytes of the workbook. Text that looks like a formula stays text; decimal commas become numbers."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for sheet in draft.sheets.values():
        _write(book.create_sheet(_title(sheet.name)), sheet)
    if not draft.sheets:
        book.create_sheet("entities")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _title(name: str) -> str:
    """A name that a sheet may have."""
    return "".join("_" if c in r"[]:*?/\'" else c for c in name)[:31] or "sheet"


def _write(page: Any, sheet: Sheet) -> None:
    named = labels(sheet)
    page.append([text_cell(page, name) if not name.startswith("#") else None for name in named])
    known = TABLE_NAMES[sheet.name].column if sheet.name in TABLE_NAMES else {}
    columns = [known.get(name.lower()) for name in named]
    style = _style(sheet, named)
    for cells in sheet.cells:
        row = zip(cells, columns, strict=False)
        page.append([_value(page, cell, column, style) for cell, column in row])


def _style(sheet: Sheet, named: list[str]) -> CellStyle:
    """How the sheet writes numbers."""
    if sheet.delimiter == "," or sheet.name not in TABLE_NAMES or sheet.name == POLICY_TABLE:
        return PLAIN_STYLE
    known = TABLE_NAMES[sheet.name].column
    columns = {
        name.lower(): [cells[at] for cells in sheet.cells if at < len(cells)]
        for at, name in enumerate(named)
        if name.lower() in known
    }
    return style_of(Dialect(sheet.delimiter), sheet.name, columns, sheet.file, Findings())


def _value(page: Any, text: str, column: Column | None, style: CellStyle) -> Any:
    """A number where the text is one and is meant as one; else the text as it is."""
    if not text:
        return None
    plain = text.strip()
    if column is not None and column.type != "text":
        try:
            plain = in_plain_style(plain, column, style)
            if column.type in _FIGURES:
                number = float(parse_decimal(plain))
                return int(number) if number.is_integer() and abs(number) < 10**15 else number
            text = plain if style.bar_lists else text
        except CellError:
            pass
    return text_cell(page, text[:_LONGEST])
