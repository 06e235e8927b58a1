"""Rows that say how uncertain a figure is, and draws from them.

The rows of ``assumptions`` with both ``low`` and ``high``, then those of ``paths``, in the order of the canonical case:
``assumptions`` by table, key and column, ``paths`` by their canonical row as JSON with sorted keys. So the order of the
rows in the input does not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.domain.case import Case

__all__ = ["RangeRow", "quantile", "range_rows", "uniforms"]


class RangeRow(NamedTuple):
    """One row with both ends.

    Parameters
    ----------
    source : {"assumptions", "paths"}
        Table in which the row stands.
    at : int
        Its position in that table of the case.
    table, key, column : str
        The figure, or the figures, that it speaks of.
    low, high : float
        Ends, in the unit of the figure (of a path: of its value, factor or growth).
    begins : str
        Of a path: its first day, ISO; else empty.
    """

    source: Literal["assumptions", "paths"]
    at: int
    table: str
    key: str
    column: str
    low: float
    high: float
    begins: str = ""


def range_rows(case: Case) -> tuple[RangeRow, ...]:
    """Every row of a case that has both ends, in the order of the draws."""
    assumed = [
        RangeRow("assumptions", at, row.table, row.key, row.column, row.low, row.high)
        for at, row in enumerate(case.assumptions)
        if row.low is not None and row.high is not None
    ]
    paths = [
        RangeRow("paths", at, row.table, row.key, row.column, row.low, row.high, row.from_.isoformat())
        for at, row in enumerate(case.paths)
        if row.low is not None and row.high is not None
    ]
    return (*assumed, *paths)


def uniforms(samples: int, rows: int, seed: int) -> NDArray[np.float64]:
    """Draws of all rows in all samples.

    Returns
    -------
    ndarray of shape (samples, rows)
        In [0, 1), from numpy's default generator.
    """
    return np.random.default_rng(seed).random((samples, rows))


def quantile(
    u: NDArray[np.float64], low: NDArray[np.float64], mode: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The u-quantile of the triangular distribution; arrays of one shape.

    With c = (mode − low) / (high − low): low + √(u (high − low)(mode − low)) up to u = c, from there on
    high − √((1 − u)(high − low)(high − mode)). Where low and high are equal it is that figure.
    """
    width = high - low
    left = low + np.sqrt(np.maximum(0.0, u * width * (mode - low)))
    right = high - np.sqrt(np.maximum(0.0, (1.0 - u) * width * (high - mode)))
    found = np.where(u * width <= mode - low, left, right)
    return np.clip(found, low, high)
