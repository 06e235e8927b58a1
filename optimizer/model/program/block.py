"""Rows of one rule as sparse triplets, and the few shapes that rules are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from optimizer.model.aliases import Floats, Ints

    Entries = tuple[Ints, Ints, Floats]

__all__ = ["Block", "Term", "entries", "implied", "keys", "keys_of_one", "limit", "summed"]


@dataclass(frozen=True, eq=False)
class Block:
    """Rows lower ≤ Σ val · column ≤ upper of one rule, in one pass of arrays.

    Parameters
    ----------
    rule : str
        Name out of ``RULES``, or ``cost:<term>`` for rows that only define a cost.
    key : str
        What each column of ``index`` means, a letter each: d demand, e entity, s service,
        p provider, g bundle group, k tier, n number, a zone, l language.
    index : ndarray of shape (n_rows, len(key))
    row, col, val : ndarray
        Triplets; ``row`` counts from 0 inside the block.
    lower, upper : ndarray of shape (n_rows,)
    part : str
        Which part of the rule, for names; ``link`` rows only tie variables to each other.
    unit : str
        Unit of a violation once ``scale`` is undone.
    scale : ndarray of shape (n_rows,)
        Size of one row unit in ``unit``.
    """

    rule: str
    key: str
    index: Ints
    row: Ints
    col: Ints
    val: Floats
    lower: Floats
    upper: Floats
    part: str = ""
    unit: str = ""
    scale: Floats | None = None

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.lower)


def keys(*columns: ArrayLike) -> Ints:
    """Index of a block or group: one column per letter of its key."""
    return np.stack([np.asarray(c, dtype=np.int64) for c in columns], axis=1)


def entries(*triples: tuple[ArrayLike, ArrayLike, ArrayLike]) -> Entries:
    """Join triplets; a single value is spread over its rows, entries with column −1 are dropped."""
    rows, cols, vals = [], [], []
    for row, col, val in triples:
        r, c, v = np.broadcast_arrays(row, col, np.asarray(val, dtype=np.float64))
        kept = c >= 0
        rows.append(r[kept].astype(np.int64))
        cols.append(c[kept].astype(np.int64))
        vals.append(v[kept])
    return np.concatenate(rows), np.concatenate(cols), np.concatenate(vals)


def limit(
    rule: str,
    key: str,
    index: Ints,
    content: Entries,
    *,
    lower: ArrayLike = -np.inf,
    upper: ArrayLike = np.inf,
    part: str = "",
    unit: str = "",
    scale: ArrayLike = 1.0,
) -> Block:
    """Rows with bounds; single bounds and scales are spread over the rows."""
    size = len(index)
    low, high, size_of_unit = (np.broadcast_to(np.asarray(a, dtype=np.float64), (size,)) for a in (lower, upper, scale))
    return Block(rule, key, index, *content, low, high, part, unit, size_of_unit)


def implied(rule: str, key: str, index: Ints, small: Ints, large: Ints, part: str = "link") -> Block:
    """Rows small ≤ large, column by column."""
    row = np.arange(len(small))
    return limit(rule, key, index, entries((row, small, 1.0), (row, large, -1.0)), upper=0.0, part=part)


def summed(rule: str, key: str, index: Ints, small: Ints, large: Ints, part: str = "link") -> Block:
    """Rows Σ small ≤ count · large, one for each column that occurs in ``large`` (the weak form)."""
    names, first, row, count = np.unique(large, return_index=True, return_inverse=True, return_counts=True)
    content = entries((row, small, 1.0), (np.arange(len(names)), names, -count.astype(np.float64)))
    return limit(rule, key, index[first], content, upper=0.0, part=part)


def keys_of_one() -> Ints:
    """Index of a block with a single row that needs no name of its own."""
    return np.zeros((1, 0), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Term:
    """Part of the objective: cost · columns + offset, and the rows it needs.

    ``cost`` has shape (n_columns,).
    """

    cost: Floats
    offset: float = 0.0
    blocks: tuple[Block, ...] = ()
