"""Long tables as data: the page draws their rows when someone asks for them.

Texts stand once in a list and rows name them by number; figures stand as numbers, and the page writes them.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from babel.numbers import get_decimal_symbol

from optimizer.report.blocks import Cell, Table
from optimizer.report.language import said_in, word
from optimizer.report.naming import clean
from optimizer.report.numbers import DASH, Numeral

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from optimizer.report.blocks import Column, Row, Section

__all__ = ["pack", "table_key"]


def table_key(section: str, block: int) -> str:
    """Name of a packed table: its section and its place there."""
    return f"{section}-{block}"


def pack(sections: Sequence[Section], language: str = "en") -> str:
    """All tables that are folded, as JSON that may stand inside a page; empty without any.

    Parameters
    ----------
    sections : sequence of Section
    language : str, default "en"
        One of ``LANGUAGES``.

    Returns
    -------
    str
        ``{"mark": decimal mark, "texts": […], "tables": {key: {"columns": […], "rows": [[…]]}}}``. A text is a string
        or ``[text, second line, tone, rank, bar]``. A row has a number for a figure, ``null`` for one that is not
        defined, ``""`` for an empty cell, and the place of its text for all others; empty cells at its end are
        left out.
    """
    folded = list(_folded(sections))
    if not folded:
        return ""
    uses: Counter[str] = Counter()
    for _, table in folded:
        kinds = _kinds(table)
        uses.update(_text(c, language) for row in table.rows for c, k in zip(row, kinds, strict=True) if not k and c)
    places = {text: n for n, (text, _) in enumerate(uses.most_common())}
    tables = {key: _table(table, places, language) for key, table in folded}
    whole = {"mark": get_decimal_symbol(language), "texts": [json.loads(t) for t in places], "tables": tables}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _kinds(table: Table) -> list[tuple[int, bool] | None]:
    return [_digits([row[k] for row in table.rows]) for k in range(len(table.columns))]


def _folded(sections: Sequence[Section]) -> Iterator[tuple[str, Table]]:
    for section in sections:
        for at, block in enumerate(section.blocks):
            if isinstance(block, Table) and block.folded:
                yield table_key(section.id, at), block


def _table(table: Table, texts: dict[str, int], language: str) -> dict[str, Any]:
    kinds = _kinds(table)
    columns = [_column(c, d, language) for c, d in zip(table.columns, kinds, strict=True)]
    rows = [[_value(c, d, texts, language) for c, d in zip(row, kinds, strict=True)] for row in table.rows]
    for row in rows:
        while row[-1] == "":
            row.pop()
    return {"columns": columns, "rows": rows}


def _column(column: Column, digits: tuple[int, bool] | None, language: str) -> dict[str, Any]:
    out: dict[str, Any] = {"title": word(column.title, language)}
    out |= {"numeric": 1} if column.numeric else {}
    out |= {"loss": 1} if column.loss else {}
    out |= {"lang": "en"} if column.english and language != "en" else {}
    return out if digits is None else {**out, "digits": digits[0], "plus": int(digits[1])}


def _digits(cells: Row) -> tuple[int, bool] | None:
    """How the figures of a column are written; ``None`` where it has other cells, or figures of several kinds."""
    kinds = {(c.digits, c.plus) if isinstance(c, Numeral) and c.whole else None for c in cells if c not in ("", DASH)}
    return kinds.pop() if len(kinds) == 1 else None


def _value(cell: Cell | str, digits: tuple[int, bool] | None, texts: dict[str, int], language: str) -> Any:
    if cell == "":
        return ""
    if digits is not None:
        value = round(cell.value, digits[0]) if isinstance(cell, Numeral) else None
        return int(value) if value is not None and value == int(value) else value
    return texts[_text(cell, language)]


def _text(cell: Cell | str, language: str) -> str:
    """A text as JSON."""
    return json.dumps(_parts(cell, language), ensure_ascii=False)


def _parts(cell: Cell | str, language: str) -> Any:
    if isinstance(cell, str):
        return clean(said_in(cell, language))
    bar = None if cell.bar is None else [cell.bar.base, cell.bar.load, cell.bar.tick]
    parts: list[Any] = [clean(said_in(cell.text, language)), clean(said_in(cell.sub, language)), cell.tone, cell.rank]
    parts.append(None if bar is None else [None if b is None else round(100 * b, 1) for b in bar])
    while len(parts) > 1 and not parts[-1] and parts[-1] != 0:
        parts.pop()
    return parts if len(parts) > 1 else parts[0]
