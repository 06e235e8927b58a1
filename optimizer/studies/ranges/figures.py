"""The figures that ranges speak of: where each stands, which row governs it, what it becomes in a sample."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from optimizer.domain.policy import POLICY_KEYS, Transition
from optimizer.domain.time.figures import ANY, key_parts, number_part
from optimizer.studies.ranges.draws import quantile, range_rows
from optimizer.studies.ranges.kinds import RANGE_CATALOGUE
from optimizer.tables.checks.problems import Problems
from optimizer.tables.schema import POLICY_TABLE, TABLE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from optimizer.domain.case import Case
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.studies.ranges.draws import RangeRow

__all__ = ["PATH_FIGURE", "RangedFigures", "Target", "Values", "column_of", "is_whole", "to_six"]

Values = dict[tuple[str, str], "Floats"]
"""By (table, column): the column over all rows of the table in the case, NaN for a blank. Only columns that vary."""

PATH_FIGURE: Final = ("paths", "amount")
"""The one of value, factor and growth that a row of ``paths`` gives."""

_MICRO: Final = 1e6
_EXACT_MAX: Final = 9e9
"""Beyond it a float has no millionths."""
_FIXED: Final = frozenset({"calendar_year", "horizon_years"})
_NOT_TABLES: Final = frozenset({"paths", "assumptions", "decisions", "freezes", "commitments"})


@dataclass(frozen=True, eq=False)
class Target:
    """One column of the case in which figures vary.

    Parameters
    ----------
    values : ndarray of shape (n,)
        As the case says them; NaN for a blank.
    row : ndarray of shape (n,)
        Row of the draws that governs each figure, −1 for none.
    low, high : ndarray of shape (n,)
        Ends; the figure itself where nothing governs it.
    whole : ndarray of shape (n,), bool
        The column holds whole numbers.
    """

    values: Floats
    row: Ints
    low: Floats
    high: Floats
    whole: Bools

    def at(self, u: Floats) -> Floats:
        """Figures of one sample: each the quantile of its row, or itself where the row's entry is NaN."""
        mine = np.where(self.row >= 0, u[self.row], np.nan)
        moves = ~np.isnan(mine)
        out = self.values.copy()
        if moves.any():
            some = quantile(mine[moves], self.low[moves], self.values[moves], self.high[moves])
            out[moves] = np.where(self.whole[moves], np.rint(some), to_six(some))
        return out


class RangedFigures:
    """All figures of a case that vary.

    Parameters
    ----------
    case : Case

    Raises
    ------
    InputError
        ``range_outside`` for each figure outside its range, ``range_not_a_figure`` for each row that names none;
        ``no_ranges`` without any row.

    Attributes
    ----------
    rows : tuple of RangeRow
    targets : dict
        By (table, column); columns that nothing governs are left out.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.rows = range_rows(case)
        self._problems = Problems(RANGE_CATALOGUE)
        if not self.rows:
            told = "no row of assumptions or paths has low and high"
            self._problems.add("no_ranges", told, table="assumptions", column="low")
        self.targets: dict[tuple[str, str], Target] = {}
        assumed = [(n, row) for n, row in enumerate(self.rows) if row.source == "assumptions"]
        by_column: dict[tuple[str, str], list[tuple[int, RangeRow]]] = defaultdict(list)
        for n, row in assumed:
            for name in self._columns(row):
                by_column[name].append((n, row))
        for (table, column), found in sorted(by_column.items()):
            self._govern(table, column, found)
        self._paths()
        self._problems.raise_errors()

    def draw(self, u: Floats) -> Values:
        """The columns that vary, in one sample.

        Parameters
        ----------
        u : ndarray of shape (n_rows,)
            NaN: the row's figures stay as the case says them. 0 is the low end, 1 the high one.
        """
        return {name: target.at(u) for name, target in self.targets.items()}

    def still(self) -> Floats:
        """The draw in which every figure is as the case says it, shape (n_rows,)."""
        return np.full(len(self.rows), np.nan)

    def governed(self, n: int) -> list[tuple[str, str, float]]:
        """Figures that a row governs: table, column, figure."""
        return [
            (table, column, float(value))
            for (table, column), t in self.targets.items()
            for value in t.values[t.row == n]
        ]

    def _columns(self, row: RangeRow) -> Iterator[tuple[str, str]]:
        """Columns of numbers that a row of ``assumptions`` speaks of; reports a row without any."""
        if row.table == POLICY_TABLE:
            named = _policy_name(row)
            found = [name for name in _POLICY_NAMES if named in (ANY, name)]
        elif row.table in _NOT_TABLES or row.table not in TABLE_NAMES:
            found = []
        else:
            schema = TABLE_NAMES[row.table]
            numbers = [c.name for c in schema.columns if c.type in ("number", "whole") and c.name not in schema.key]
            found = [name for name in numbers if row.column in (ANY, name)]
        if not found:
            self._report("range_not_a_figure", f"{_named(row)} is no number that may vary", row)
        yield from ((row.table, name) for name in found)

    def _govern(self, table: str, column: str, found: Sequence[tuple[int, RangeRow]]) -> None:
        values, keys = column_of(self.case, table, column)
        if not len(values):
            return
        width = len(keys[0])
        best = np.full(len(values), -1, np.int64)
        rank: list[tuple[Any, ...]] = [() for _ in keys]
        for n, row in found:
            parts = (ANY,) if table == POLICY_TABLE else key_parts(row.key, width)
            exactness = (sum(p != ANY for p in parts), row.column != ANY, n)
            for at in _matching(keys, parts):
                if not np.isnan(values[at]) and exactness > rank[at]:
                    best[at], rank[at] = n, exactness
        self._put(table, column, values, best, keys)

    def _paths(self) -> None:
        rows = {row.at: n for n, row in enumerate(self.rows) if row.source == "paths"}
        if rows:
            amounts = np.array([p.amount for p in self.case.paths], np.float64)
            best = np.array([rows.get(at, -1) for at in range(len(amounts))], np.int64)
            self._put(*PATH_FIGURE, amounts, best, [(p.key,) for p in self.case.paths])

    def _put(self, table: str, column: str, values: Floats, best: Ints, keys: Sequence[tuple[str, ...]]) -> None:
        held = best >= 0
        if not held.any():
            return
        low, high = values.copy(), values.copy()
        low[held] = [self.rows[n].low for n in best[held]]
        high[held] = [self.rows[n].high for n in best[held]]
        for at in np.flatnonzero(held & ((values < low) | (values > high))).tolist():
            row = self.rows[int(best[at])]
            name = f"{row.column} of {row.table}" if table == "paths" else f"{column} of {table}"
            told = f"{name} {'|'.join(keys[at])} is {values[at]:g}, its range {row.low:g} to {row.high:g}"
            self._report("range_outside", told, row, figure=f"{values[at]:g}")
        whole = np.full(len(values), is_whole(table, column))
        self.targets[table, column] = Target(values, best, low, high, whole)

    def _report(self, code: str, told: str, row: RangeRow, figure: str = "") -> None:
        value = f"{row.low:g} to {row.high:g}"
        place = f"row {_named(row)}: "
        self._problems.add(code, place + told, table=row.source, column="low", value=value, figure=figure)


def to_six(values: Floats) -> Floats:
    """Rounded half-even to six decimals, as every figure of a case holds at most."""
    return np.where(np.abs(values) < _EXACT_MAX, np.rint(values * _MICRO) / _MICRO, values)


def _named(row: RangeRow) -> str:
    begins = f" from {row.begins}" if row.begins else ""
    return f"{row.table} {row.key} {row.column}{begins}"


def _policy_name(row: RangeRow) -> str:
    """Key of the policy: the register names it as the key, or as the column of key ``*``."""
    return row.column if row.key.strip() == ANY else row.key.strip()


_POLICY_NAMES: Final = (
    *(k.name for k in POLICY_KEYS if k.type in ("number", "int") and k.name not in _FIXED),
    *(f"transition.{name}" for name in Transition.__dataclass_fields__),
)
_POLICY_WHOLE: Final = frozenset(k.name for k in POLICY_KEYS if k.type == "int")


def is_whole(table: str, column: str) -> bool:
    """Whether a column, or a key of the policy, holds whole numbers."""
    if table == POLICY_TABLE:
        return column in _POLICY_WHOLE
    return (
        table in TABLE_NAMES
        and column in TABLE_NAMES[table].column
        and (TABLE_NAMES[table].column[column].type == "whole")
    )


def _policy_value(policy: Any, name: str) -> float:
    """A number of the policy by its name, e.g. ``transition.travel``; NaN where it is not given."""
    head, _, part = name.partition(".")
    value = getattr(policy, head)
    found = getattr(value, part) if part else value
    return np.nan if found is None else float(found)


def column_of(case: Case, table: str, column: str) -> tuple[Floats, list[tuple[str, ...]]]:
    """Figures of a column, NaN for blanks and estimates, and the keys of their rows as text.

    The table may be ``policy``, with one row of key ``*``.
    """
    if table == POLICY_TABLE:
        return np.array([_policy_value(case.policy, column)]), [(ANY,)]
    rows = getattr(case, table)
    names = [f"{name}_" if name == "from" else name for name in TABLE_NAMES[table].key]
    keys = [tuple(_plain(getattr(row, name)) for name in names) for row in rows]
    values = np.array([_figure(table, column, row) for row in rows], np.float64)
    return values, keys


def _figure(table: str, column: str, row: Any) -> float:
    estimated = table == "demands" and column == "volume" and row.basis == "estimated"
    value = None if estimated else getattr(row, column)
    return np.nan if value is None else float(value)


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return number_part(value) if isinstance(value, float) else str(value)


def _matching(keys: Sequence[tuple[str, ...]], parts: tuple[str, ...]) -> Iterator[int]:
    """Positions of the rows that a key names.

    A key that some row has to the letter names that row alone: ``*`` stands in keys of ``profiles`` and ``precedence``.
    """
    if len(parts) != len(keys[0]):
        return
    if parts in keys:
        yield keys.index(parts)
        return
    for at, key in enumerate(keys):
        if all(part in (ANY, of) for part, of in zip(parts, key, strict=True)):
            yield at
