"""Figures of every period in one sample, as arrays: the columns of the case with the rows of ``paths`` put on them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from optimizer.domain.time.figures import ANY, anniversaries, figure_at, key_parts
from optimizer.domain.time.stills import PATH_COLUMNS, POLICY_PATHS
from optimizer.studies.ranges.figures import PATH_FIGURE, column_of
from optimizer.studies.ranges.sums import half_even, millionths
from optimizer.tables.schema import POLICY_TABLE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.domain.case import Case
    from optimizer.domain.horizon import Horizon
    from optimizer.domain.time_rows import PathRow
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.studies.ranges.figures import Values

    Wide = NDArray[np.longdouble]

__all__ = ["Columns", "Layer", "PathStep", "PeriodFigures"]

_KINDS: Final = ("value", "factor", "growth")
_MILLION: Final = np.longdouble(10**6)
_HALF: Final = np.longdouble(0.5)
_NEAR: Final = 1e-6
"""Parts of a millionth by which wide floats may miss a half."""


class PathStep(NamedTuple):
    """One row of ``paths`` as it falls on a column.

    Parameters
    ----------
    at : int
        Position among the rows of the case.
    kind : {"value", "factor", "growth"}
    figures : ndarray of int
        Positions of the figures of the column that it matches.
    years : ndarray of shape (n_periods,)
        Anniversaries up to the first day of each period; −1 where the row has not begun.
    """

    at: int
    kind: str
    figures: Ints
    years: Ints

    @property
    def begins(self) -> int:
        """Position of the first period in which the row counts; it counts in all later ones too."""
        return int(np.count_nonzero(self.years < 0))


class Layer(NamedTuple):
    """Rows of ``paths`` of one kind, one after the other, that fall on different figures of a column.

    Parameters
    ----------
    kind : {"value", "factor", "growth"}
    rows : ndarray of shape (n_rows,)
        Positions among the rows of the case.
    years : ndarray of shape (n_periods, n_rows)
        As in ``PathStep``.
    figures, of : ndarray of shape (n_matched,)
        Figures of the column, and which of the rows each one is matched by.
    """

    kind: str
    rows: Ints
    years: Ints
    figures: Ints
    of: Ints

    @classmethod
    def made(cls, steps: list[PathStep]) -> Layer:
        """The layer of some steps."""
        rows = np.array([s.at for s in steps], np.int64)
        of = [np.full(len(s.figures), k, np.int64) for k, s in enumerate(steps)]
        years = np.array([s.years for s in steps], np.int64).T
        return cls(steps[0].kind, rows, years, np.concatenate([s.figures for s in steps]), np.concatenate(of))

    def among(self, figures: Ints) -> Layer:
        """The same for some figures of the column, counted among these."""
        place = np.full(int(max(figures.max(initial=0), self.figures.max(initial=0))) + 1, -1, np.int64)
        place[figures] = np.arange(len(figures))
        mine = place[self.figures] >= 0
        return self._replace(figures=place[self.figures[mine]], of=self.of[mine])

    def on(self, out: Wide, amounts: Floats) -> None:
        """Put it on the figures of a column by period, in millionths; row by row the same as one after the other."""
        amount, here = millionths(amounts[self.rows]), (slice(None), self.figures)
        if self.kind == "growth":
            growth = ((_MILLION + amount) / _MILLION)[None, :] ** np.maximum(self.years, 0)
            out[here] *= growth[:, self.of]
            return
        begun, changed = (self.years >= 0)[:, self.of], amount[self.of][None, :]
        if self.kind == "factor":
            changed = out[here] * changed / _MILLION
        out[here] = np.where(begun, changed, out[here])


class Columns:
    """Columns of a case and the rows of ``paths`` that fall on them, prepared once for any number of samples.

    Parameters
    ----------
    case : Case
        With a horizon.
    """

    def __init__(self, case: Case, horizon: Horizon) -> None:
        self.case, self.horizon = case, horizon
        self._base: dict[tuple[str, str], Floats] = {}
        self.amounts = np.array([p.amount for p in case.paths], np.float64)
        self.still: dict[tuple[str, str], Floats] = {}
        self._touched: dict[tuple[str, str], Bools] = {}
        self._alike: dict[tuple[str, str], tuple[Ints, Ints, list[Layer]]] = {}

    def base(self, table: str, column: str) -> Floats:
        """A column as the case says it, NaN for a blank."""
        name = table, column
        if name not in self._base:
            self._base[name] = column_of(self.case, table, column)[0]
        return self._base[name]

    @cached_property
    def steps(self) -> dict[tuple[str, str], list[PathStep]]:
        """Rows of ``paths`` by the column that they fall on, in the order in which they apply."""
        rows: dict[tuple[str, str], list[int]] = defaultdict(list)
        for at, path in enumerate(self.case.paths):
            rows[path.table, path.column].append(at)
        return {name: self._steps(name, found) for name, found in rows.items() if _may_change(name)}

    @cached_property
    def layers(self) -> dict[tuple[str, str], list[Layer]]:
        """The same as layers: as many rows at once as fall on different figures."""
        out: dict[tuple[str, str], list[Layer]] = {}
        for name, steps in self.steps.items():
            groups: list[list[PathStep]] = []
            for step in (s for s in steps if len(s.figures)):
                last = groups[-1] if groups else []
                known = np.concatenate([s.figures for s in last]) if last else np.zeros(0, np.int64)
                if last and last[0].kind == step.kind and not np.isin(step.figures, known).any():
                    last.append(step)
                else:
                    groups.append([step])
            out[name] = [Layer.made(group) for group in groups]
        return out

    def alike(self, table: str, column: str) -> tuple[Ints, Ints, list[Layer]]:
        """Figures of the case that differ in value or in the rows that match them, which one stands for each figure of
        the column, and the layers for these alone."""
        name = table, column
        if name not in self._alike:
            base = self.base(table, column)
            marks = np.full((len(self.layers[name]) + 1, len(base)), -1.0)
            marks[0] = np.nan_to_num(base, nan=-1.0)
            for k, layer in enumerate(self.layers[name], 1):
                marks[k, layer.figures] = layer.of
            _, some, of = np.unique(marks, axis=1, return_index=True, return_inverse=True)
            layers = [layer.among(some) for layer in self.layers[name]]
            self._alike[name] = some.astype(np.int64), of.ravel().astype(np.int64), layers
        return self._alike[name]

    def touched(self, table: str, column: str) -> Bools:
        """Which figures some row of ``paths`` has changed, by period, shape (n_periods, n)."""
        name = table, column
        if name not in self._touched:
            out = np.zeros((len(self.horizon.periods), len(self.base(table, column))), np.bool_)
            for step in self.steps.get(name, ()):
                out[step.begins :, step.figures] = True
            self._touched[name] = out
        return self._touched[name]

    def _steps(self, name: tuple[str, str], found: list[int]) -> list[PathStep]:
        keys = column_of(self.case, *name)[1]
        width = len(keys[0]) if keys else 1
        out = []
        for at in found:
            path = self.case.paths[at]
            parts = key_parts(path.key, width)
            which = np.flatnonzero(
                [len(parts) == len(k) and all(p in (ANY, of) for p, of in zip(parts, k, strict=True)) for k in keys]
            )
            years = [anniversaries(path.from_, p.begin) if path.from_ <= p.begin else -1 for p in self.horizon.periods]
            order = (path.from_, sum(p != ANY for p in parts), parts, _KINDS.index(path.kind))
            out.append((order, PathStep(at, path.kind, which, np.array(years, np.int64))))
        return [step for _, step in sorted(out, key=lambda x: x[0])]


def _with_amount(row: PathRow, amount: float) -> PathRow:
    """A row with another value, factor or growth."""
    changed: dict[str, Any] = {row.kind: amount}
    return replace(row, **changed)


def _may_change(name: tuple[str, str]) -> bool:
    table, column = name
    return column in (POLICY_PATHS if table == POLICY_TABLE else PATH_COLUMNS.get(table, ()))


class PeriodFigures:
    """Figures of one sample by period.

    Parameters
    ----------
    columns : Columns
    values : Values
        The columns that vary, in this sample.
    """

    def __init__(self, columns: Columns, values: Values) -> None:
        self.columns, self.values = columns, values
        self._known: dict[tuple[str, str], Floats] = {}
        self._other: dict[tuple[str, str], bool] = {}
        self.n_periods = len(columns.horizon.periods)

    def once(self, table: str, column: str) -> Floats:
        """A column before ``paths``, shape (n,); NaN for a blank."""
        found = self.values.get((table, column))
        return self.columns.base(table, column) if found is None else found

    def __call__(self, table: str, column: str) -> Floats:
        """A column in each period, shape (n_periods, n) or (1, n) where no path falls on it; NaN for a blank."""
        name = table, column
        known = self._known if self.varies(table, column) else self.columns.still
        if name not in known:
            steps = self.columns.steps.get(name)
            known[name] = self._stepped(name, steps) if steps else self.once(table, column)[None, :]
        return known[name]

    def varies(self, table: str, column: str) -> bool:
        """Whether the column is another one than the case says, in some period."""
        name = table, column
        if name not in self._other:
            self._other[name] = self._drawn(name) or self._paths_drawn(name)
        return self._other[name]

    def _drawn(self, name: tuple[str, str]) -> bool:
        """Whether figures of a column were drawn that are not those of the case."""
        found = self.values.get(name)
        return found is not None and not np.array_equal(found, self.columns.base(*name), equal_nan=True)

    def _paths_drawn(self, name: tuple[str, str]) -> bool:
        """Whether rows of ``paths`` that fall on a column say something else than in the case."""
        amounts = self.values.get(PATH_FIGURE)
        if amounts is None or name not in self.columns.steps:
            return False
        rows = [step.at for step in self.columns.steps[name]]
        return bool((amounts[rows] != self.columns.amounts[rows]).any())

    def policy(self, name: str) -> Floats:
        """A number of the policy in each period, shape (n_periods,); NaN where it is not given."""
        return np.broadcast_to(self(POLICY_TABLE, name)[:, 0], (self.n_periods,))

    def policy_once(self, name: str) -> float:
        """A number of the policy that no path changes; NaN where it is not given."""
        return float(self.once(POLICY_TABLE, name)[0])

    def _stepped(self, name: tuple[str, str], steps: list[PathStep]) -> Floats:
        """A column with its paths on it; where a wide float cannot tell a half, exact numbers do."""
        amounts, given = self.values.get(PATH_FIGURE, self.columns.amounts), self.once(*name)
        if self._drawn(name):
            some, of, layers = np.arange(len(given)), None, self.columns.layers[name]
        else:  # figures that are alike stay so: one of them is counted
            some, of, layers = self.columns.alike(*name)
        out = np.repeat(millionths(given[some])[None, :], self.n_periods, axis=0)
        for layer in layers:
            layer.on(out, amounts)
        changed = self.columns.touched(*name)[:, some]
        found = np.where(changed, half_even(out), given[some][None, :])
        from_half = np.abs(out - np.floor(out) - _HALF)
        for t, at in np.argwhere(changed & (from_half > 0) & (from_half < _NEAR)).tolist():
            found[t, at] = self._exactly(name, steps, t, int(some[at]))
        return found if of is None else found[:, of]

    def _exactly(self, name: tuple[str, str], steps: list[PathStep], t: int, at: int) -> float:
        """One figure of a period in exact numbers."""
        amounts = self.values.get(PATH_FIGURE, self.columns.amounts)
        case, begin = self.columns.case, self.columns.horizon.periods[t].begin
        rows = [_with_amount(case.paths[s.at], float(amounts[s.at])) for s in steps if at in s.figures]
        value = float(self.once(*name)[at])
        found = figure_at(None if np.isnan(value) else value, rows, begin)
        return np.nan if found is None else found
