"""Figures that change over time, computed apart from ``optimizer.domain.time``.

Definition (``docs/model.md``, planning over time): of the rows of ``paths`` that match a figure and have begun, by
date, then fewer exact key parts, key, and value before factor before growth, the last value stands for all before
it; the factors and growths after it multiply. Exact decimals, rounded half-even to six places at the end.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from optimizer.domain.types import exact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from optimizer.domain.time_rows import PathRow

__all__ = ["Changes", "half_even", "months_later"]

_ANY: Final = "*"
_MILLION: Final = 10**6

Part = str | float
Found = tuple[list[str], "PathRow"]
"""Parts of a row's key, and the row."""


def half_even(amount: Fraction) -> float:
    """An amount to six decimals; exactly between two of them, the even one."""
    whole, rest = divmod(amount.numerator * _MILLION, amount.denominator)
    if 2 * rest > amount.denominator or (2 * rest == amount.denominator and whole % 2):
        whole += 1
    return whole / _MILLION


def months_later(day: date, months: int) -> date:
    """The day of the same number so many months on (or back); the month's last where there is none."""
    count = day.year * 12 + day.month - 1 + months
    first = day.replace(year=count // 12, month=count % 12 + 1, day=1)
    for number in range(day.day, 0, -1):
        try:
            return first.replace(day=number)
        except ValueError:
            continue
    return first


def _full_years(since: date, until: date) -> int:
    """How often the day and month of a date have come round again, the last day included."""
    years = until.year - since.year
    if (until.month, until.day) >= (since.month, since.day):
        return years
    return years - 1


class Changes:
    """The table ``paths`` in one period.

    Parameters
    ----------
    rows : iterable of PathRow
    begin : date
        First day of the period; rows that begin later do not count.
    """

    def __init__(self, rows: Iterable[PathRow], begin: date) -> None:
        self.begin = begin
        self._rows: dict[str, dict[str, dict[str, list[Found]]]] = {}
        for row in rows:
            if row.from_ <= begin:
                parts = [part.strip() for part in row.key.split("|")]
                of = self._rows.setdefault(row.table, {}).setdefault(row.column, {})
                of.setdefault(parts[0], []).append((parts, row))

    def columns(self, table: str) -> list[str]:
        """Columns of a table that any row speaks of."""
        return sorted(self._rows.get(table, ()))

    def figure(self, table: str, column: str, key: Sequence[Part], given: float | None) -> float | None:
        """A figure in the period.

        Parameters
        ----------
        table, column : str
        key : sequence of str or float
            Of the row that holds the figure.
        given : float, optional
            What the table says; ``None`` for a blank.
        """
        matching = [found for found in self._near(table, column, key[0]) if _matches(found[0], key)]
        if not matching:
            return given
        rows = [row for _, row in sorted(matching, key=lambda found: _place(found[0], len(key), found[1]))]
        values = [at for at, row in enumerate(rows) if row.value is not None]
        base = rows[values[-1]].value if values else given
        if base is None:
            return given
        amount = exact(base)
        for row in rows[values[-1] + 1 :] if values else rows:
            amount *= self._multiplier(row)
        return half_even(amount)

    def _near(self, table: str, column: str, first: Part) -> Iterator[Found]:
        """Rows of a column whose key begins as that of a figure, or with any."""
        of = self._rows.get(table, {}).get(column)
        if of is None:
            return
        if isinstance(first, str):
            yield from of.get(first, ())
            if first != _ANY:
                yield from of.get(_ANY, ())
        else:
            for rows in of.values():
                yield from rows

    def _multiplier(self, row: PathRow) -> Fraction:
        if row.factor is not None:
            return exact(row.factor)
        return Fraction((1 + exact(row.growth or 0.0)) ** _full_years(row.from_, self.begin))


def _matches(parts: list[str], key: Sequence[Part]) -> bool:
    """Whether the parts of a row's key name a figure; those left out at the end stand for any."""
    if len(parts) > len(key):
        return False
    return all(part == _ANY or _same(part, of) for part, of in zip(parts, key, strict=False))


def _same(part: str, of: Part) -> bool:
    if isinstance(of, str):
        return part == of
    try:
        return float(part) == of
    except ValueError:
        return False


def _place(parts: list[str], width: int, row: PathRow) -> tuple[date, int, list[str], int]:
    """Place of a row among those that match a figure."""
    whole = parts + [_ANY] * (width - len(parts))
    kind = 0 if row.value is not None else 1 if row.factor is not None else 2
    return row.from_, width - whole.count(_ANY), whole, kind
