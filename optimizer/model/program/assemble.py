"""Blocks and terms joined into one program, with slacks where rules are elastic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix, hstack

from optimizer.model.program.block import keys
from optimizer.model.program.groups import ColumnGroup, RowBlock
from optimizer.model.program.program import Program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.program.block import Block, Term
    from optimizer.model.program.layout import Layout

__all__ = ["assemble"]


def assemble(layout: Layout, blocks: Sequence[Block], terms: Sequence[Term]) -> Program:
    """Stack the rows of all blocks and add up all terms."""
    rules = [block for block in [*blocks, *(b for term in terms for b in term.blocks)] if block.size]
    start = np.concatenate([[0], np.cumsum([b.size for b in rules], dtype=np.int64)]).astype(np.int64)
    matrix = _stack(rules, start, layout.n_columns)
    lower, upper = (_joined([getattr(b, name) for b in rules]) for name in ("lower", "upper"))
    row_blocks = tuple(
        RowBlock(b.rule, int(start[i]), int(start[i + 1]), b.index, b.key, b.part, b.unit) for i, b in enumerate(rules)
    )
    slack = _slacks(layout, rules, start, matrix, lower, upper)
    cost = sum((t.cost for t in terms), np.zeros(layout.n_columns))
    n = len(slack.cost)
    groups = layout.groups
    if n:
        groups = (*groups, ColumnGroup("slack", layout.n_columns, layout.n_columns + n, slack.index, "in"))
    return Program(
        c=np.concatenate([cost, slack.cost]),
        lower=np.concatenate([layout.lower, np.zeros(n)]),
        upper=np.concatenate([layout.upper, np.full(n, np.inf)]),
        integer=np.concatenate([layout.integer, np.zeros(n, dtype=bool)]),
        a=csr_matrix(hstack([matrix, slack.matrix])) if n else matrix,
        row_lower=lower,
        row_upper=upper,
        row_scale=_joined([b.scale for b in rules if b.scale is not None]),
        offset=float(sum(t.offset for t in terms)),
        groups=groups,
        blocks=row_blocks,
        layout=layout,
    )


def _joined(arrays: Sequence[Floats]) -> Floats:
    return np.concatenate(arrays) if arrays else np.zeros(0)


def _stack(blocks: Sequence[Block], start: Ints, n_columns: int) -> csr_matrix:
    """One sparse matrix out of all triplets; equal positions add up, zeros are dropped."""
    shape = (int(start[-1]), n_columns)
    if not blocks:
        return csr_matrix(shape)
    row = np.concatenate([b.row + s for b, s in zip(blocks, start[:-1], strict=True)])
    col = np.concatenate([b.col for b in blocks])
    val = np.concatenate([b.val for b in blocks])
    matrix = csr_matrix(coo_matrix((val, (row, col)), shape=shape))
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return matrix


class _Slack:
    """Slack columns: index (row, side) with side 1 for "short of" and −1 for "over"."""

    def __init__(self, row: Ints, side: Ints, cost: Floats, n_rows: int) -> None:
        self.index, self.cost = keys(row, side), cost
        self.matrix = csr_matrix((side.astype(np.float64), (row, np.arange(len(row)))), shape=(n_rows, len(row)))


def _slacks(
    layout: Layout, blocks: Sequence[Block], start: Ints, matrix: csr_matrix, lower: Floats, upper: Floats
) -> _Slack:
    """A slack for each bounded side of each elastic row, at 1 / the row's largest number."""
    elastic = np.zeros(len(lower), dtype=bool)
    once = np.zeros(len(lower), dtype=bool)
    for i, block in enumerate(blocks):
        elastic[start[i] : start[i + 1]] = block.rule in layout.options.elastic and not block.rigid
        once[start[i] : start[i + 1]] = block.rule == "assign_once"
    short, over = np.flatnonzero(elastic & np.isfinite(lower)), np.flatnonzero(elastic & np.isfinite(upper) & ~once)
    row = np.concatenate([short, over])
    side = np.concatenate([np.ones(len(short), dtype=np.int64), -np.ones(len(over), dtype=np.int64)])
    largest = abs(matrix).max(axis=1).toarray().ravel() if matrix.shape[1] and len(lower) else np.ones(len(lower))
    bound = np.maximum(*(np.where(np.isfinite(b), np.abs(b), 0.0) for b in (lower, upper)))
    size = np.maximum(largest, bound)
    return _Slack(row, side, 1.0 / np.where(size > 0, size, 1.0)[row], len(lower))
