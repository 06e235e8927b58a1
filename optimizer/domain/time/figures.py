"""A figure over time: the rows of ``paths`` that match it, in their order.

All rows that match apply, by date, then the fewer exact key parts first, then by key, then value, factor, growth.
A value ends what came before it; factors and growths compound. The arithmetic is exact; the result is rounded
half-even to six places.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from optimizer.domain.types import MICRO, exact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from optimizer.domain.time_rows import PathRow

__all__ = ["ANY", "Paths", "anniversaries", "figure_at", "key_parts", "number_part", "round_six"]

ANY: Final = "*"
_KINDS: Final = ("value", "factor", "growth")
_WITH_NUMBER: Final = 3
"""Parts of the only key that holds a number: provider, service, from_volume."""


def round_six(value: Fraction) -> float:
    """Rounded half-even to six decimals."""
    return round(value * MICRO) / MICRO


def anniversaries(of: date, until: date) -> int:
    """Anniversaries of a date up to and on another one."""
    return until.year - of.year - ((until.month, until.day) < (of.month, of.day))


def number_part(value: float) -> str:
    """A number as a part of a key: the shortest decimal that says it, without an exponent."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def key_parts(key: str, width: int) -> tuple[str, ...]:
    """Parts of a key joined by ``|``; parts left out at the end mean any, a third one is a number (tiers)."""
    parts = [part.strip() for part in key.split("|")]
    if len(parts) == _WITH_NUMBER and parts[-1] != ANY:
        with suppress(ValueError):
            parts[-1] = number_part(float(parts[-1]))
    return (*parts, *(ANY for _ in range(width - len(parts))))


def figure_at(figure: float | None, rows: Iterable[PathRow], begin: date) -> float | None:
    """A figure in the period that begins on a date.

    Parameters
    ----------
    figure : float, optional
        As the table says it; ``None`` for a blank, which factors and growths pass by.
    rows : iterable of PathRow
        Those that match the figure, in their order.
    begin : date
    """
    value, changed = None if figure is None else exact(figure), False
    for row in rows:
        if row.from_ > begin:
            continue
        if row.value is not None:
            value, changed = exact(row.value), True
        elif value is not None and row.factor is not None:
            value, changed = value * exact(row.factor), True
        elif value is not None and row.growth is not None:
            value, changed = value * (1 + exact(row.growth)) ** anniversaries(row.from_, begin), True
    return figure if value is None or not changed else round_six(value)


class Paths:
    """The rows of ``paths``, ready to be asked about figures.

    Parameters
    ----------
    rows : iterable of PathRow
    """

    def __init__(self, rows: Iterable[PathRow]) -> None:
        self._rows: dict[tuple[str, str], dict[str, list[PathRow]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            self._rows[row.table, row.column][key_parts(row.key, 1)[0]].append(row)
        self._known: dict[tuple[str, str, tuple[str, ...]], tuple[PathRow, ...]] = {}

    def touches(self, table: str, column: str) -> bool:
        """Whether any row speaks of a column."""
        return (table, column) in self._rows

    def of(self, table: str, column: str, key: Sequence[str]) -> tuple[PathRow, ...]:
        """Rows that match a figure, in the order in which they apply."""
        at = (table, column, tuple(key))
        if at not in self._known:
            rows = self._rows.get(at[:2], {})
            near = [row for first in {at[2][0], ANY} for row in rows.get(first, ())]
            found = [(parts, row) for row in near if (parts := _match(row, at[2])) is not None]
            self._known[at] = tuple(row for _, row in sorted(found, key=_order))
        return self._known[at]

    def at(self, table: str, column: str, key: Sequence[str], figure: float | None, begin: date) -> float | None:
        """A figure in the period that begins on a date."""
        if not self.touches(table, column):
            return figure
        return figure_at(figure, self.of(table, column, key), begin)


def _match(row: PathRow, key: tuple[str, ...]) -> tuple[str, ...] | None:
    """Parts of a row's key where it matches a figure's, else ``None``."""
    parts = key_parts(row.key, len(key))
    same = len(parts) == len(key) and all(p in (ANY, k) for p, k in zip(parts, key, strict=True))
    return parts if same else None


def _order(found: tuple[tuple[str, ...], PathRow]) -> tuple[date, int, tuple[str, ...], int]:
    parts, row = found
    return row.from_, sum(p != ANY for p in parts), parts, _KINDS.index(row.kind)
