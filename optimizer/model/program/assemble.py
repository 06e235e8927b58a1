"""Blocks and terms joined into one program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy

from optimizer.model.program.groups import RowBlock
from optimizer.model.program.program import Program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scipy.sparse import csr_matrix

    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.program.block import Block, Term
    from optimizer.model.program.layout import Layout

__all__ = ["assemble"]


def assemble(layout: Layout, blocks: Sequence[Block], terms: Sequence[Term]) -> Program:
    """Stack the rows of all blocks and add up all terms."""
    rules = [block for block in [*blocks, *(b for term in terms for b in term.blocks)] if block.size]
    start = np.concatenate([[0], np.cumsum([b.size for b in rules], dtype=np.int64)]).astype(np.int64)
    lower, upper = (_joined([getattr(b, name) for b in rules]) for name in ("lower", "upper"))
    row_blocks = tuple(
        RowBlock(b.rule, int(start[i]), int(start[i + 1]), b.index, b.key, b.part, b.unit) for i, b in enumerate(rules)
    )
    return Program(
        c=sum((t.cost for t in terms), np.zeros(layout.n_columns)),
        lower=layout.lower.copy(),
        upper=layout.upper.copy(),
        integer=layout.integer.copy(),
        a=_stack(rules, start, layout.n_columns),
        row_lower=lower,
        row_upper=upper,
        row_scale=_joined([b.scale for b in rules if b.scale is not None]),
        offset=float(sum(t.offset for t in terms)),
        groups=layout.groups,
        blocks=row_blocks,
        layout=layout,
    )


def _joined(arrays: Sequence[Floats]) -> Floats:
    return np.concatenate(arrays) if arrays else np.zeros(0)


def _stack(blocks: Sequence[Block], start: Ints, n_columns: int) -> csr_matrix:
    """One sparse matrix out of all triplets; equal positions add up, zeros are dropped."""
    shape = (int(start[-1]), n_columns)
    if not blocks:
        return scipy.sparse.csr_matrix(shape)
    row = np.concatenate([b.row + s for b, s in zip(blocks, start[:-1], strict=True)])
    col = np.concatenate([b.col for b in blocks])
    val = np.concatenate([b.val for b in blocks])
    matrix = scipy.sparse.csr_matrix(scipy.sparse.coo_matrix((val, (row, col)), shape=shape))
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return matrix
