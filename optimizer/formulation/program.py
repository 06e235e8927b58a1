"""A solver-neutral mixed-integer program whose rows know their rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["ColumnGroup", "Program", "RowBlock"]


@dataclass(frozen=True, eq=False)
class ColumnGroup:
    """Columns of one kind (``x``, ``y``, ``o``, ``z``, ``b``, ``w``, ``t``, ``q``, ``r`` …).

    ``index`` has shape (stop − start, k): the model indices behind each column.
    """

    kind: str
    start: int
    stop: int
    index: Ints


@dataclass(frozen=True, eq=False)
class RowBlock:
    """Rows that one rule (or one cost term's linking, e.g. ``cost:service``) put there."""

    rule: str
    start: int
    stop: int
    index: Ints


@dataclass(frozen=True, eq=False)
class Program:
    """min c·v + offset,  row_lower ≤ A v ≤ row_upper,  lower ≤ v ≤ upper,  v_j integer where told.

    The first ``n_pairs`` columns are x, in the order of ``Problem.pairs``. Picklable and free
    of solver objects; names are made on demand by ``column_name`` / ``row_name``.

    Parameters
    ----------
    c, lower, upper : ndarray of shape (n_columns,)
    integer : ndarray of shape (n_columns,), bool
    a : csr_matrix of shape (n_rows, n_columns)
    row_lower, row_upper : ndarray of shape (n_rows,)
    offset : float
        Cost that no decision changes (required sites).
    groups, blocks : tuple
        Where each kind of column and each rule's rows are.
    ids : tuple of tuple of str
        (entity ids, service ids, provider ids + OWN) for names.
    """

    c: Floats
    lower: Floats
    upper: Floats
    integer: NDArray[np.bool_]
    a: csr_matrix
    row_lower: Floats
    row_upper: Floats
    offset: float
    groups: tuple[ColumnGroup, ...]
    blocks: tuple[RowBlock, ...]
    demand_entity: Ints
    demand_service: Ints
    ids: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]

    @property
    def n_columns(self) -> int:
        """Number of variables."""
        return len(self.c)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.row_lower)


