"""A workbook to fill in: a sheet per table, what each column means as a comment, lists to choose from."""

from __future__ import annotations

import io
from datetime import date, time
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.policy import POLICY_KEYS, Policy
from optimizer.tables.canonical import canonical_policy
from optimizer.tables.schema import POLICY_TABLE, TABLES
from optimizer.tables.write import policy_pairs, xlsx_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openpyxl.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

    from optimizer.tables.schema import Column

__all__ = ["template_workbook"]

ROWS: Final = 5_000
"""Rows of a sheet that offer choices; more may be filled in."""
_MONEY: Final = "#,##0.00"
_FORMATS: Final[dict[str, str]] = {
    "date": "yyyy-mm-dd",
    "time": "hh:mm",
    "number": "#,##0.######",
    "whole": "#,##0",
    "coordinate": "0.0000",
    "id": "@",
    "ref": "@",
    "source": "@",
    "scope": "@",
    "country": "@",
}
"""Formats of a spreadsheet by kind of column."""


def template_workbook(example: Mapping[str, Sequence[Mapping[str, Any]]]) -> bytes:
    """Bytes of the workbook, with example rows that validate.

    Parameters
    ----------
    example : mapping of table to rows
        Cells as text, numbers or lists; dates and times of the example become dates and times of the workbook.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for table in TABLES:
        sheet = book.create_sheet(table.name)
        sheet.append([c.name for c in table.columns])
        for row in example.get(table.name, ()):
            sheet.append([_shown(row.get(c.name), c) for c in table.columns])
        for at, column in enumerate(table.columns, 1):
            _explain(sheet.cell(1, at), column_told(column), required=column.required)
            _format(sheet, at, column)
            _offer_choices(sheet, at, column)
        _laid_out(sheet)
    _policy(book.create_sheet(POLICY_TABLE))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def column_told(column: Column) -> str:
    """What a column means, in which unit, and what a blank stands for."""
    unit = "" if column.unit == "-" else f" [{column.unit}]"
    blank = "required" if column.required else f"blank: {column.blank or column.default or 'nothing'}"
    choices = f"; one of {', '.join(column.choices)}" if column.choices else ""
    return f"{column.meaning}{unit}{choices}; {blank}"


def _shown(value: Any, column: Column) -> Any:
    """A cell of an example row: days and times as the spreadsheet has them, all else as it is written."""
    if isinstance(value, str) and column.type == "date":
        return date.fromisoformat(value)
    if isinstance(value, str) and column.type == "time":
        return time.fromisoformat(value)
    return xlsx_value(value)


def _policy(sheet: Worksheet) -> None:
    """Every key with its meaning beside it, those without a default blank, which leaves them off.

    Headings that begin with an underscore are for the reader only.
    """
    from openpyxl.styles import Alignment

    given = dict(policy_pairs(canonical_policy(Policy())))
    keys = {k.name: k for k in POLICY_KEYS}
    sheet.append(["key", "value", "_meaning", "_unit", "_when blank"])
    tables = {name.partition(".")[0] for name in given if "." in name}
    names = [n for k in keys for n in ([g for g in given if g.startswith(f"{k}.")] if k in tables else [k])]
    for name in names:
        key = keys[name.partition(".")[0]]
        off = "" if key.off == "-" else f"off: {key.off}"
        sheet.append([name, given.get(name), key.meaning, "" if key.unit == "-" else key.unit, off])
        for at in (3, 4, 5):
            sheet.cell(sheet.max_row, at).alignment = Alignment(wrap_text=True, vertical="top")
        _explain(sheet.cell(sheet.max_row, 1), f"{key.meaning} [{key.unit}]", required=False)
        choices = key.choices or (("yes", "no") if key.type == "bool" else ())
        if choices and name == key.name:
            _offer(sheet, f"B{sheet.max_row}", name, f'"{",".join(choices)}"', choices)
        if key.type == "date" and given.get(name):
            value = sheet.cell(sheet.max_row, 2)
            value.value, value.number_format = date.fromisoformat(given[name]), _FORMATS["date"]
    _laid_out(sheet)
    for letter, width in (("A", 34), ("B", 18), ("C", 70), ("D", 26), ("E", 34)):
        sheet.column_dimensions[letter].width = width


def _explain(cell: Cell | MergedCell, text: str, *, required: bool) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Font

    cell.comment = Comment(text, "Designate", height=120, width=320)
    cell.font = Font(bold=required)


def _format(sheet: Worksheet, at: int, column: Column) -> None:
    """How what is typed into a column is shown: days, times, figures; ids stay the text that they are."""
    from openpyxl.utils import get_column_letter

    form = _MONEY if column.unit.startswith("money") else _FORMATS.get(column.type)
    if form is None:
        return
    sheet.column_dimensions[get_column_letter(at)].number_format = form
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, at).number_format = form


def _offer_choices(sheet: Worksheet, at: int, column: Column) -> None:
    """A list to choose from: words of the schema, or the ids of the table that a cell refers to.

    Another word than those of the schema is refused. Other ids are let in: several columns take ``OWN`` or ``*`` too.
    """
    from openpyxl.utils import get_column_letter

    choices = column.choices or (("yes", "no") if column.type == "flag" else ())
    table = column.refers or ("providers" if column.type == "source" else "")
    if choices:
        formula = f'"{",".join(choices)}"'
    elif table:
        formula = f"{table}!$A$2:$A${ROWS + 1}"
    else:
        return
    letter = get_column_letter(at)
    _offer(sheet, f"{letter}2:{letter}{ROWS + 1}", column.name, formula, choices)


def _offer(sheet: Worksheet, area: str, name: str, formula: str, choices: Sequence[str]) -> None:
    """A list in an area; with choices another word is refused."""
    from openpyxl.worksheet.datavalidation import DataValidation

    offered = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=bool(choices))
    offered.errorTitle, offered.error = name[:32], f"one of {', '.join(choices)}"[:255]
    sheet.add_data_validation(offered)
    offered.add(area)


def _laid_out(sheet: Worksheet) -> None:
    """The header stays in view, columns are as wide as their names and examples."""
    from openpyxl.styles import PatternFill
    from openpyxl.utils import get_column_letter

    sheet.freeze_panes = "A2"
    for at, cells in enumerate(sheet.iter_cols(min_row=1, max_row=2), 1):
        cells[0].fill = PatternFill("solid", fgColor="E5EFF7")
        widest = max(len(str(c.value)) for c in cells if c.value is not None)
        sheet.column_dimensions[get_column_letter(at)].width = min(40, max(12, widest + 3))
