"""A solver-neutral mixed-integer program whose rows know their rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from optimizer.domain.names import OWN
from optimizer.formulation.groups import ColumnGroup, RowBlock

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    from optimizer.arrays.aliases import Floats, Ints
    from optimizer.arrays.problem import Problem
    from optimizer.formulation.layout import Layout

__all__ = ["Program"]


@dataclass(frozen=True, eq=False)
class Program:
    """min c·v + offset,  row_lower ≤ A v ≤ row_upper,  lower ≤ v ≤ upper,  v_j integer where told.

    The first ``n_pairs`` columns are x, in the order of ``Problem.pairs``. Picklable and free
    of solver objects; ``naming`` names its rows and columns, ``encode`` turns plans into vectors.

    Parameters
    ----------
    c, lower, upper : ndarray of shape (n_columns,)
    integer : ndarray of shape (n_columns,), bool
    a : csr_matrix of shape (n_rows, n_columns)
    row_lower, row_upper : ndarray of shape (n_rows,)
    row_scale : ndarray of shape (n_rows,)
        Size of one row unit in the unit of the row's block.
    offset : float
        Cost that no decision changes (required sites).
    groups, blocks : tuple
        Where each kind of column and each rule's rows are.
    layout : Layout
        Maps from the problem to columns; carries the problem itself.
    """

    c: Floats
    lower: Floats
    upper: Floats
    integer: NDArray[np.bool_]
    a: csr_matrix
    row_lower: Floats
    row_upper: Floats
    row_scale: Floats
    offset: float
    groups: tuple[ColumnGroup, ...]
    blocks: tuple[RowBlock, ...]
    layout: Layout

    @property
    def problem(self) -> Problem:
        """The arrays this program was made of."""
        return self.layout.problem

    @property
    def demand_entity(self) -> Ints:
        """Entity index of each demand."""
        return self.problem.demand_entity

    @property
    def demand_service(self) -> Ints:
        """Service index of each demand."""
        return self.problem.demand_service

    @property
    def ids(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Entity ids, service ids, provider ids with ``OWN`` last."""
        return self.problem.entity_ids, self.problem.service_ids, (*self.problem.provider_ids, OWN)

    @property
    def n_columns(self) -> int:
        """Number of variables."""
        return len(self.c)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.row_lower)

    @property
    def n_pairs(self) -> int:
        """Number of x columns."""
        return self.groups[0].stop

    def group(self, kind: str) -> ColumnGroup | None:
        """Columns of a kind, ``None`` when the program needs none."""
        return next((g for g in self.groups if g.kind == kind), None)

    def objective(self, values: Floats) -> float:
        """Objective of a vector: c·v + offset."""
        return float(self.c @ values) + self.offset
