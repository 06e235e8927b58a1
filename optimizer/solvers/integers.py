"""A program as whole numbers, for solvers that know nothing else (CP-SAT).

**Rows.** Volumes, minutes and capacities have six decimals, and a row knows the size of its unit
(``row_scale``), so most rows become whole in millionths; others by a power of two or of ten. All are
then divided by their common measure, and their limits rounded to the whole numbers inside (an activity
is whole, so this is exact). Where no such factor exists (a share such as 1/3) the coefficients are
rounded and the limits widened by the most this, and the rounding of floats, can change the activity:
resources are rounded outwards, no plan is lost. A row that ties one whole column to a switch (volume
of a tier ≤ its end, if reached) is replaced by its integer hull, which is exact whatever the numbers.

**Columns.** An integer column counts ones. A continuous column counts multiples of its *grid*. Loads
and tier volumes (kinds ``w``, ``v``, ``m``) are sums of what the chosen pairs take, so the measure of
the rows that define them loses nothing. Any other continuous column gets a millionth of its range as
grid and is allowed to be off by half a step: its rows are widened and the bound is lowered to match.

**Sizes.** Rows may sum to 2⁵⁰. Released CP-SAT up to 9.15 sums activities of Boolean terms in 32 bits in
one step of its presolve (OR-Tools issue 5293, repaired on its main branch) and then calls a plan optimal
that is not, or a program infeasible that is not. That step is switched off where a row sums to
more than 2³⁰ (``wide``; ``tests/solvers/test_integers.py``).

**Costs** are rounded down to multiples of 1/``money``: a millionth, finer while sums stay small,
coarser where they would leave 64 bits. So the integer optimum divided by
``money``, less ``slack``, is a lower bound for the program; a plan found is priced by the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.domain.errors import BackendRefused

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.program.program import Program

__all__ = ["INFINITE", "IntegerModel", "integer_model"]

INFINITE = 2**62
"""Stands for no limit."""

WHOLE_KINDS = ("w", "v", "m")
FINE_BITS = 20
NARROW = 2.0**30
"""Largest sum of |coefficient| · reach in a row that every step of 9.15 sums safely."""
ROOM = 2.0**50
"""Largest sum at all: floats still tell whole numbers apart, and 64 bits are far."""
NOISE = 2.0**-51
"""Relative error of a coefficient that came out of two or three operations on floats."""
COST_ROOM = 2.0**60
FINE_COST_ROOM = 2.0**46
MONEY, FINEST_MONEY = 1e6, 1e15


@dataclass(frozen=True, eq=False)
class IntegerModel:
    """min c·k / money + offset,  row_lower ≤ A k ≤ row_upper,  lower ≤ k ≤ upper,  k whole.

    Parameters
    ----------
    c, lower, upper : ndarray of shape (n_columns,), int64
    start, column, value : ndarray
        Rows in compressed form.
    row_lower, row_upper : ndarray of shape (n_rows,), int64
        ±``INFINITE`` = no limit.
    grid : ndarray of shape (n_columns,)
        v = k · grid.
    money : float
        Objective units in one unit of money.
    slack : float
        Money by which roundings may have raised the objective; subtract it from a bound.
    exact : bool
        No row was rounded: exactly the plans of the program fit.
    wide : bool
        A row sums to more than ``NARROW``.
    """

    c: Ints
    lower: Ints
    upper: Ints
    start: Ints
    column: Ints
    value: Ints
    row_lower: Ints
    row_upper: Ints
    grid: Floats
    money: float
    slack: float
    exact: bool
    wide: bool

    def to_values(self, counts: Ints) -> Floats:
        """Program vector of an integer vector."""
        return counts * self.grid

    def to_counts(self, values: Floats) -> Ints:
        """Nearest integer vector within the bounds."""
        return np.clip(np.rint(values / self.grid).astype(np.int64), self.lower, self.upper)


def integer_model(program: Program) -> IntegerModel:
    """Scale a program to whole numbers.

    Raises
    ------
    BackendRefused
        A column has no finite bounds, or costs and bounds are too large for 64 bits.
    """
    most = _useful(program)
    if not (np.isfinite(program.lower).all() and np.isfinite(most).all()):
        raise BackendRefused("CP-SAT needs finite bounds on every column", "finite_bounds")
    whole_rows = _whole_rows(program)
    grid, loose = _grids(program, most, whole_rows)
    lower = np.ceil(program.lower / grid - 1e-9).astype(np.int64)
    upper = np.floor(most / grid + 1e-9).astype(np.int64)
    upper = np.where(loose, upper + 1, upper)
    reach = np.maximum(np.abs(lower), np.abs(upper)).astype(np.float64)
    c, money, slack = _costs(program.c * grid, lower, upper, reach)
    slack += float((np.abs(program.c) * grid)[loose].sum()) / 2
    rows, exact = _rows(program, grid, loose, reach, whole_rows)
    row = np.repeat(np.arange(program.n_rows), np.diff(rows[0]))
    sums = _sums(np.abs(rows[2]) * reach[rows[1]], row, program.n_rows)
    wide = bool((sums > NARROW).any())
    return IntegerModel(c, lower, upper, *rows, grid, money, slack, exact, wide)


def _useful(program: Program) -> Floats:
    """Upper bounds, with a finite one for slacks: columns ≥ 0 that cost and stand in one row only.

    No cheapest solution has more slack than its row can lack, and none has slack on both sides.
    """
    upper, a = program.upper.copy(), program.a.tocsr()
    open_end = np.isinf(upper)
    if not open_end.any():
        return upper
    entry, row = open_end[a.indices], np.repeat(np.arange(program.n_rows), np.diff(a.indptr))
    ends = a.data * np.where(entry, 0.0, program.lower[a.indices]), a.data * np.where(entry, 0.0, upper[a.indices])
    least, most = (_sums(pick(*ends), row, program.n_rows) for pick in (np.minimum, np.maximum))
    alone = np.bincount(a.indices, minlength=program.n_columns) == 1
    for k in np.flatnonzero(entry & alone[a.indices]).tolist():
        i, j, size = row[k], a.indices[k], a.data[k]
        lack = program.row_lower[i] - least[i] if size > 0 else most[i] - program.row_upper[i]
        if program.c[j] >= 0 and program.lower[j] == 0:
            useful = max(0.0, lack / abs(size)) * (1 + 1e-9) + 1e-9
            upper[j] = np.ceil(useful - 1e-6) if program.integer[j] else useful
    return np.where(np.isnan(upper), np.inf, upper)


def _bits(values: Floats) -> Ints:
    """Least k ≥ 0 with value · 2^k whole, for each value."""
    mantissa, exponent = np.frexp(values)
    whole = np.rint(np.abs(mantissa) * 2.0**53).astype(np.int64)
    lowest = np.where(whole == 0, 1, whole & -whole)
    zeros = np.rint(np.log2(lowest.astype(np.float64))).astype(np.int64)
    return np.where(whole == 0, 0, np.maximum(0, 53 - zeros - exponent))


@dataclass(frozen=True, eq=False)
class _Whole:
    """Rows that are whole in millionths of their unit, by their integer columns.

    Parameters
    ----------
    factor : ndarray of shape (n_rows,)
        Millionths in one row unit; 0 where the row is not whole in them.
    measure : ndarray of shape (n_rows,)
        Common measure of the whole coefficients, 0 where there are none.
    """

    factor: Floats
    measure: Ints


def _whole_rows(program: Program) -> _Whole:
    """Find the rows whose integer columns count whole millionths."""
    a = program.a.tocsr()
    row = np.repeat(np.arange(program.n_rows), np.diff(a.indptr))
    factor = program.row_scale * 1e6
    scaled = np.where(program.integer[a.indices], a.data, 0.0) * factor[row]
    whole = np.rint(scaled)
    bad = (np.abs(scaled - whole) > 1e-7 + 2 * NOISE * np.abs(scaled)) | (np.abs(scaled) > ROOM / 4)
    bad |= (whole == 0) & (scaled != 0)
    factor = np.where(_sums(bad.astype(np.float64), row, program.n_rows) > 0, 0.0, factor)
    count = np.where(factor[row] > 0, np.abs(whole), 0.0).astype(np.int64)
    return _Whole(factor, _measures(count, a.indptr.astype(np.int64), least=0))


def _grids(program: Program, upper: Floats, rows: _Whole) -> tuple[Floats, NDArray[np.bool_]]:
    """Step of each column, and which columns may be off by half a step."""
    a, continuous = program.a.tocsr(), ~program.integer
    loose = continuous.copy()
    for group in program.groups:
        if group.kind in WHOLE_KINDS:
            loose[group.start : group.stop] = False
    row = np.repeat(np.arange(program.n_rows), np.diff(a.indptr))
    ties = continuous[a.indices] & (np.diff(a.indptr) > 2)[row]  # rows of two are switches or single reserves
    at, column = row[ties], a.indices[ties]
    lowest, highest = np.full(program.n_columns, np.inf), np.zeros(program.n_columns)
    np.minimum.at(lowest, column, rows.factor[at])
    np.maximum.at(highest, column, rows.factor[at])
    measure = np.zeros(program.n_columns, dtype=np.int64)
    np.gcd.at(measure, column, rows.measure[at])
    known = (lowest == highest) & (highest > 0) & (measure > 0)
    step = np.where(known, measure / np.where(known, highest, 1.0), 1.0)
    loose |= continuous & (~known | (upper > step * (ROOM / 4)))
    range_bits = np.ceil(np.log2(np.maximum(upper, 1e-9)))
    grid: Floats = np.where(loose, 2.0 ** (range_bits - FINE_BITS), np.where(continuous, step, 1.0))
    return grid, loose


def _costs(c: Floats, lower: Ints, upper: Ints, reach: Floats) -> tuple[Ints, float, float]:
    """Whole costs, objective units per money, and the money by which they may be too high."""
    money, most = FINEST_MONEY, float(np.abs(c) @ reach)
    while money > 1 and most * money > (FINE_COST_ROOM if money > MONEY else COST_ROOM):
        money /= 10
    if most * money > COST_ROOM:
        raise BackendRefused("costs are too large for CP-SAT's 64-bit objective", "size")
    exact = c * money
    near = np.rint(exact)
    whole = np.where(np.abs(exact - near) <= 1e-4, near, np.floor(exact))
    error = whole - exact
    too_high = np.maximum(error * lower, error * upper)
    return whole.astype(np.int64), money, float(np.maximum(too_high, 0.0).sum()) / money


def _rows(
    program: Program, grid: Floats, loose: NDArray[np.bool_], reach: Floats, rows: _Whole
) -> tuple[tuple[Ints, Ints, Ints, Ints, Ints], bool]:
    """Compressed whole rows and their limits, and whether none of them was rounded."""
    a = program.a.tocsr()
    start, column = a.indptr.astype(np.int64), a.indices.astype(np.int64)
    row = np.repeat(np.arange(program.n_rows), np.diff(start))
    value = a.data * grid[column]
    most = _sums(np.abs(value) * reach[column], row, program.n_rows)
    factor, sure = _factors(value, row, most, rows, _sums(loose[column].astype(np.float64), row, program.n_rows) > 0)
    scaled = value * factor[row]
    whole = np.rint(scaled)
    off = np.where(sure[row], 0.0, np.abs(scaled - whole) + NOISE * np.abs(scaled))
    widen = _sums(off * reach[column] + np.where(loose[column], np.abs(scaled) / 2, 0.0), row, program.n_rows)
    measure = _measures(whole.astype(np.int64), start)
    whole_value = whole.astype(np.int64) // measure[row]
    low = _limit(program.row_lower * factor - widen, measure, -1)
    high = _limit(program.row_upper * factor + widen, measure, 1)
    switched = _switches(program, start, column, loose)
    _hull(program, value, start, switched, (whole_value, low, high))
    widen[switched] = 0.0
    return (start, column, whole_value, low, high), not (widen > 0).any()


def _switches(program: Program, start: Ints, column: Ints, loose: NDArray[np.bool_]) -> Ints:
    """Rows with one side that tie a whole column (second place) to a 0/1 column (first place)."""
    two = np.flatnonzero((np.diff(start) == 2) & (np.isinf(program.row_lower) ^ np.isinf(program.row_upper)))
    first, second = column[start[two]], column[start[two] + 1]
    binary = program.integer & (program.lower == 0) & (program.upper == 1)
    rows: Ints = two[binary[first] & ~loose[second]]
    return rows


def _hull(program: Program, value: Floats, start: Ints, rows: Ints, out: tuple[Ints, Ints, Ints]) -> None:
    """Replace a·t + b·k ≤ u, t ∈ {0, 1}, k whole, by k + (u₀ − u₁)·t ≤ u₀ with u_t the floor of (u − a·t) / b."""
    a, b = value[start[rows]], value[start[rows] + 1]
    upper = np.isfinite(program.row_upper[rows])
    limit = np.where(upper, program.row_upper[rows], program.row_lower[rows])
    above = upper == (b > 0)
    side = np.where(above, 1.0, -1.0)
    ones = np.ones(len(rows), dtype=np.int64)
    at = [side * np.floor(side * (limit - t * a) / b + 1e-9) for t in (0.0, 1.0)]
    small = (np.abs(at[0]) < ROOM / 4) & (np.abs(at[1]) < ROOM / 4)  # what is left out is as wide as its bounds
    zero, one, rows, above, ones = (v[small] for v in (*at, rows, above, ones))
    zero, one = zero.astype(np.int64), one.astype(np.int64)
    whole, low, high = out
    whole[start[rows]], whole[start[rows] + 1] = zero - one, ones
    low[rows] = np.where(above, -INFINITE, zero)
    high[rows] = np.where(above, zero, INFINITE)


def _sums(values: Floats, row: Ints, size: int) -> Floats:
    return np.bincount(row, weights=values, minlength=size).astype(np.float64)


def _factors(
    value: Floats, row: Ints, most: Floats, rows: _Whole, loose: NDArray[np.bool_]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Factor of each row, and whether it makes the row whole without loss.

    Millionths where the row is known to count them, else a power of two, else of ten; where none
    is exact, the finest that there is room for.
    """
    size = len(most)
    factor = np.where((most * rows.factor <= ROOM) & ~loose, rows.factor, 0.0)
    done = factor > 0
    bits = np.zeros(size, dtype=np.int64)
    np.maximum.at(bits, row, _bits(value))
    by_two = 2.0 ** np.minimum(bits, 60)
    fits = ~done & (most * by_two <= ROOM)
    factor, done = np.where(fits, by_two, factor), done | fits
    for digits in range(1, 13):
        scaled = value * 10.0**digits
        wrong = np.abs(scaled - np.rint(scaled)) > NOISE * np.abs(scaled)
        fits = (_sums(wrong.astype(np.float64), row, size) == 0) & (most * 10.0**digits <= ROOM) & ~done
        factor[fits] = 10.0**digits
        done |= fits
    finest = 2.0 ** np.floor(np.log2(NARROW / np.maximum(most, 1e-9)))
    return np.where(done, factor, finest), done


def _measures(whole: Ints, start: Ints, least: int = 1) -> Ints:
    """Greatest common measure of each row's coefficients, at least ``least``."""
    size = len(start) - 1
    measure = np.full(size, least, dtype=np.int64)
    filled = np.flatnonzero(np.diff(start))
    if len(filled):
        measure[filled] = np.maximum(np.gcd.reduceat(np.abs(whole), start[filled]), least)
    return measure


def _limit(limit: Floats, measure: Ints, side: int) -> Ints:
    """Round a limit to the whole number just inside; noise of floating point counts as inside."""
    exact = limit / measure
    finite = np.isfinite(exact) & (np.abs(exact) < INFINITE / 2)
    noise = 1e-6 + 1e-15 * np.where(finite, np.abs(exact), 0.0)
    exact = np.where(finite, exact, 0.0)
    inside = np.floor(exact + noise) if side > 0 else np.ceil(exact - noise)
    whole: Ints = np.where(finite, inside, side * float(INFINITE)).astype(np.int64)
    return whole
