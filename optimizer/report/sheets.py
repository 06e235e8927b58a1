"""A workbook for people: sheets with formats, filters and a header that stays, and no cell that can execute."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal

from optimizer.report.language import said_in, word
from optimizer.report.naming import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Kind", "Sheet", "workbook"]

Kind = Literal["text", "id", "long", "money", "figure", "fte", "whole", "share", "date", "flag"]
"""What a column holds: long text is wrapped, ids stay the text that they are."""

_FORMATS: Final[dict[Kind, str]] = {
    "money": "#,##0.00",
    "figure": "#,##0.00",
    "fte": "#,##0.00",
    "whole": "#,##0",
    "share": "0.0%",
    "date": "yyyy-mm-dd",
    "id": "@",
}
_WIDTHS: Final[dict[Kind, int]] = {"text": 30, "id": 14, "long": 60, "money": 16, "date": 12, "flag": 10}
_AT_RISK: Final = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LONGEST: Final = 32_767
"""Characters that a cell can hold."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a workbook.

    Parameters
    ----------
    name : str
        English; the page of the workbook is called by its word in the language.
    columns : sequence of (title, kind)
    rows : sequence of sequence
        Values as they are: text, numbers, days; ``None`` leaves a cell empty.
    forms : sequence of Kind, optional
        Kind of the second cell of each row, where rows hold figures of several kinds.
    """

    name: str
    columns: Sequence[tuple[str, Kind]]
    rows: Sequence[Sequence[Any]]
    forms: Sequence[Kind] = ()


def workbook(sheets: Sequence[Sheet], language: str = "en") -> bytes:
    """The workbook as bytes.

    Parameters
    ----------
    sheets : sequence of Sheet
    language : str, default "en"
        One of ``LANGUAGES``: of titles and of texts of ours.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for sheet in sheets:
        _write(book.create_sheet(word(sheet.name, language)[:31]), sheet, language)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(page: Any, sheet: Sheet, language: str) -> None:
    from openpyxl.utils import get_column_letter

    page.freeze_panes = "B2" if len(sheet.columns) > 2 else "A2"
    titles = [word(title, language) for title, _ in sheet.columns]
    for at, ((_, kind), title) in enumerate(zip(sheet.columns, titles, strict=True), 1):
        width = _WIDTHS.get(kind, 12)
        page.column_dimensions[get_column_letter(at)].width = max(width, min(len(title) + 3, 24))
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{len(sheet.rows) + 1}"
    page.append([_head(page, title) for title in titles])
    pen = _Pen(page, language)
    for n, row in enumerate(sheet.rows):
        kinds = [kind for _, kind in sheet.columns]
        if sheet.forms:
            kinds[1] = sheet.forms[n]
        page.append([pen.cell(at, value, kind) for at, (value, kind) in enumerate(zip(row, kinds, strict=True))])


def _head(page: Any, title: str) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill

    cell = WriteOnlyCell(page, value=title)
    cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E5EFF7")
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


class _Pen:
    """Cells of one sheet. Each row is written before the next, so that each column has its cells made once."""

    def __init__(self, page: Any, language: str) -> None:
        self._page, self._language = page, language
        self._made: dict[tuple[int, str, bool], Any] = {}

    def cell(self, at: int, value: Any, kind: Kind) -> Any:
        """A cell; text that a spreadsheet could take for a formula is typed as text and formatted as text."""
        if value is None or value == "":
            return None
        if isinstance(value, bool):
            value = word("yes" if value else "no", self._language)
        if not isinstance(value, str):
            form = _FORMATS["date"] if isinstance(value, date) else _FORMATS.get(kind, "General")
            return self._with(at, value, form, wrap=False)
        text = _CONTROL.sub("\ufffd", clean(said_in(value, self._language)))[:_LONGEST]
        form = _FORMATS["id"] if kind == "id" or _AT_RISK.match(text) else "General"
        cell = self._with(at, text, form, wrap=kind == "long")
        cell.data_type = "s"
        return cell

    def _with(self, at: int, value: Any, form: str, *, wrap: bool) -> Any:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Alignment

        key = at, form, wrap
        if key not in self._made:
            cell = WriteOnlyCell(self._page)
            cell.number_format = form
            if wrap:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
            self._made[key] = cell
        self._made[key].value = value
        return self._made[key]
