"""A workbook to fill in: a sheet per table, what each column means as a comment, lists to choose from."""

from __future__ import annotations

import io
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


def template_workbook(example: Mapping[str, Sequence[Mapping[str, Any]]]) -> bytes:
    """Bytes of the workbook, with example rows that validate."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for table in TABLES:
        sheet = book.create_sheet(table.name)
        sheet.append([c.name for c in table.columns])
        for row in example.get(table.name, ()):
            sheet.append([xlsx_value(row.get(c.name)) for c in table.columns])
        for at, column in enumerate(table.columns, 1):
            _explain(sheet.cell(1, at), column_told(column), bold=column.required)
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


def _policy(sheet: Worksheet) -> None:
    """Every key, those without a default blank, which leaves them off."""
    given = dict(policy_pairs(canonical_policy(Policy())))
    meanings = {k.name: f"{k.meaning} [{k.unit}]" for k in POLICY_KEYS}
    sheet.append(["key", "value"])
    tables = {name.partition(".")[0] for name in given if "." in name}
    names = [n for k in meanings for n in ([g for g in given if g.startswith(f"{k}.")] if k in tables else [k])]
    for name in names:
        sheet.append([name, given.get(name)])
        _explain(sheet.cell(sheet.max_row, 1), meanings[name.partition(".")[0]], bold=False)
    _laid_out(sheet)


def _explain(cell: Cell | MergedCell, text: str, *, bold: bool) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Font

    cell.comment = Comment(text, "Designate", height=120, width=320)
    cell.font = Font(bold=bold)


def _offer_choices(sheet: Worksheet, at: int, column: Column) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    choices = column.choices or (("yes", "no") if column.type == "flag" else ())
    if choices:
        offered = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True)
        sheet.add_data_validation(offered)
        letter = get_column_letter(at)
        offered.add(f"{letter}2:{letter}{ROWS + 1}")


def _laid_out(sheet: Worksheet) -> None:
    """The header stays in view, columns are as wide as their names."""
    from openpyxl.utils import get_column_letter

    sheet.freeze_panes = "A2"
    for at, cells in enumerate(sheet.iter_cols(min_row=1, max_row=1), 1):
        sheet.column_dimensions[get_column_letter(at)].width = max(12, len(str(cells[0].value)) + 3)
    if sheet.title == POLICY_TABLE:
        sheet.column_dimensions["A"].width = 36
