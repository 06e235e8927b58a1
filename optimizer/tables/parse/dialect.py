"""Which marks a CSV file uses: between cells by its header line, decimal points or commas by its numbers."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from optimizer.tables.parse.cells import LIST_TYPES, CellError
from optimizer.tables.parse.header import LINES_LOOKED_AT, known_names
from optimizer.tables.parse.lookalikes import ambiguous_thousands, number_hint
from optimizer.tables.raw import PLAIN_STYLE, CellStyle
from optimizer.tables.schema import TABLE_NAMES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from optimizer.tables.checks.findings import Findings
    from optimizer.tables.schema import Column

__all__ = ["NAMES", "Dialect", "dialect_of", "in_plain_style", "style_of"]

NAMES: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
"""Marks between cells, in words; bars are recognised but not read."""

_SEP: Final = re.compile(r'"?sep=([,;|\t])"?[,;|\t]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
_SIGNS: Final = {",": "commas", ".": "points"}
_NUMERIC: Final = frozenset({"number", "whole", "coordinate"})
_COMMA: Final = re.compile(r"[+-]?\d*,\d+", re.ASCII)
_POINT_INSIDE: Final = re.compile(r"(?<=\d)\.(?=\d)")
_POINT: Final = re.compile(r"[+-]?\d*\.\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Dialect:
    """The mark between cells, and how long the line ``sep=`` above the header is (0 = there is none)."""

    delimiter: str
    skipped: int = 0


def dialect_of(text: str, known: Collection[str]) -> Dialect:
    """What the line ``sep=`` says, or else the mark that splits the header into the most known columns."""
    if told := _SEP.match(text):
        return Dialect(told[1], told.end())
    lines = _first_lines(text)
    score = {mark: max((known_names(known, cells) for cells in _split(lines, mark)), default=0) for mark in NAMES}
    if not any(score.values()):  # every name is misspelt, or it is no table at all
        score = {mark: max(map(len, _split(lines[:1], mark)), default=0) for mark in NAMES}
    return Dialect(max(NAMES, key=lambda mark: score[mark]))  # the first mark, a comma, when none is better


def _first_lines(text: str) -> list[str]:
    """The first lines, without a copy of all the others."""
    stream = io.StringIO(text[:100_000], newline="")
    return [line for _, line in zip(range(LINES_LOOKED_AT), stream, strict=False)]


def _split(lines: Sequence[str], mark: str) -> Iterable[list[str]]:
    try:
        yield from csv.reader(lines, delimiter=mark)
    except csv.Error:
        return


def style_of(
    dialect: Dialect, table: str, columns: Mapping[str, Sequence[str]], file: str, findings: Findings
) -> CellStyle:
    """How numbers and lists are written; tells what was understood where cells are not separated by commas.

    The decimal sign is a comma unless the numbers of the table show that it is a point: ``12.5`` shows it, ``1.234``
    does not. A table that shows both is refused. A spreadsheet writes marks between thousands column by column, so
    what one column shows says nothing about ``1.234`` in another.
    """
    if dialect.delimiter == ",":
        return PLAIN_STYLE
    schema = TABLE_NAMES[table].column
    cells = [(schema[n], c.strip()) for n, column in columns.items() if schema[n].type in _NUMERIC for c in set(column)]
    clear = [(cell, column.name) for column, cell in cells if _clear(cell, column)]
    comma = next((cell for cell, _ in clear if _COMMA.fullmatch(cell)), "")
    point = next((cell for cell, _ in clear if _POINT.fullmatch(cell)), "")
    name = NAMES[dialect.delimiter]
    if comma and point:
        findings.add("mixed_decimals", f"{comma} and {point} stand in one table", table=table, file=file, value=comma)
    signs = "points" if point and not comma else "commas"
    findings.add(
        "other_separator",
        f"cells are separated by {name}, and numbers are read with decimal {signs}",
        table=table,
        file=file,
    )
    sign = _COMMA if signs == "commas" else _POINT
    shown = frozenset(name for cell, name in clear if sign.fullmatch(cell))
    return CellStyle(decimal_comma=signs == "commas", bar_lists=dialect.delimiter == ";", shown_in=shown)


def _clear(text: str, column: Column) -> bool:
    """Whether a mark in a number can only be the decimal sign; no coordinate has thousands."""
    return column.type == "coordinate" or not ambiguous_thousands(text)


def in_plain_style(text: str, column: Column, style: CellStyle) -> str:
    """A cell with decimal points and ``;`` lists.

    Raises
    ------
    CellError
        ``ambiguous_number``: thousands, or decimals? ``bad_number``: it looks like something else.
    """
    if style.bar_lists and column.type in LIST_TYPES:
        return text.replace("|", ";")
    if column.type not in _NUMERIC:
        return text
    if column.type == "number" and ambiguous_thousands(text):
        _refuse_doubted(text, column.name, style)
    if not style.decimal_comma:
        return text
    if _COMMA.fullmatch(text):
        return text.replace(",", ".")
    if hint := number_hint(text):
        raise CellError("bad_number", f"{text!r} is not a number", hint=_POINT_INSIDE.sub(",", hint))
    return text


def _refuse_doubted(text: str, column: str, style: CellStyle) -> None:
    """Refuse ``1.200`` or ``1,200`` unless its sign is the table's and another number of the column shows it."""
    sign, mark = (",", ".") if style.decimal_comma else (".", ",")
    if mark not in text and column in style.shown_in:
        return
    if mark in text:
        why = f" in a table with decimal {_SIGNS[sign]}"
    else:
        why = f", and no other number of the column shows that {_SIGNS[sign]} stand before decimals"
    whole, part = text.replace(mark, sign).split(sign)
    decimals = part.rstrip("0") if part.endswith("0") else part + "0"  # not three digits: no thousands
    written = f"{whole}{sign}{decimals}" if decimals else whole
    hint = f"Write {whole}{part} if thousands are meant, {written} if decimals are. "
    raise CellError("ambiguous_number", f"{column} is {text}{why}", hint=hint)
