"""Small programs made by hand, for backends that see nothing but the ``Program`` contract."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from optimizer.model.parts import Choice
from optimizer.model.program.groups import ColumnGroup, RowBlock


@dataclass(frozen=True, eq=False)
class HandProblem:
    """Stands for the arrays; backends on a program never look inside."""

    n_pairs: int = 0


@dataclass(frozen=True, eq=False)
class HandProgram:
    """The parts of ``Program`` that backends use; the first ``n_x`` columns are the plan."""

    c: np.ndarray
    a: csr_matrix
    row_lower: np.ndarray
    row_upper: np.ndarray
    upper: np.ndarray
    integer: np.ndarray
    n_x: int
    offset: float = 0.0
    problem: HandProblem = field(default_factory=HandProblem)
    kinds: tuple[tuple[str, int, int], ...] = ()

    @property
    def lower(self) -> np.ndarray:
        return np.zeros(len(self.c))

    @property
    def n_columns(self) -> int:
        return len(self.c)

    @property
    def n_rows(self) -> int:
        return len(self.row_lower)

    @property
    def row_scale(self) -> np.ndarray:
        return np.ones(self.n_rows)

    @property
    def groups(self) -> tuple[ColumnGroup, ...]:
        kinds = self.kinds or (("x", 0, self.n_columns),)
        return tuple(ColumnGroup(k, i, j, np.arange(i, j)[:, None], "n") for k, i, j in kinds)

    @property
    def blocks(self) -> tuple[RowBlock, ...]:
        return (RowBlock("row", 0, self.n_rows, np.arange(self.n_rows)[:, None], "n"),)

    def objective(self, values: np.ndarray) -> float:
        return float(self.c @ values) + self.offset

    def decode(self, values: np.ndarray) -> Choice:
        chosen = np.rint(values[: self.n_x]).astype(np.int64)
        return Choice(chosen, np.full(self.n_x, -1, dtype=np.int64))

    def encode(self, choice: Choice) -> np.ndarray:
        values = np.zeros(self.n_columns)
        values[: self.n_x] = choice.provider
        return values


def program(c: Any, rows: Any, lower: Any, upper: Any, offset: float = 0.0) -> HandProgram:
    """All columns binary and part of the plan."""
    costs = np.asarray(c, dtype=np.float64)
    return HandProgram(
        costs,
        csr_matrix(np.asarray(rows, dtype=np.float64)),
        np.asarray(lower, dtype=np.float64),
        np.asarray(upper, dtype=np.float64),
        np.ones(len(costs)),
        np.ones(len(costs), dtype=bool),
        len(costs),
        offset,
    )


def covering(n: int = 12, m: int = 8, seed: int = 0, offset: float = 1000.0) -> HandProgram:
    """Small set covering with a constant: solved at once."""
    rng = np.random.default_rng(seed)
    rows = (rng.random((m, n)) < 0.4).astype(float)
    rows[np.arange(m), rng.integers(0, n, m)] = 1.0
    return program(rng.integers(10, 99, n) + 0.25, rows, np.ones(m), np.full(m, np.inf), offset)


def knapsacks(n: int = 120, m: int = 12, seed: int = 1) -> HandProgram:
    """Multi-dimensional knapsack: plans at once, a proof never within a test's patience."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(100, 1000, (m, n)).astype(float)
    return program(-rng.integers(100, 1000, n), rows, np.full(m, -np.inf), rows.sum(axis=1) // 2)


def impossible() -> HandProgram:
    """x₀ + x₁ ≥ 3 with two binaries, hidden behind a parity that presolve does not see at once."""
    return program([1, 1], [[1, 1]], [3], [np.inf])
