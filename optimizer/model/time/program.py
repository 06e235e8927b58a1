"""The program of all periods, with the way from paths to vectors and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy

from optimizer.model.parts import Choice
from optimizer.model.program.groups import RowBlock

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.program.groups import ColumnGroup
    from optimizer.model.program.program import Program
    from optimizer.model.time.joint import JointProblem
    from optimizer.model.time.rows import Extra

__all__ = ["JointProgram", "Path"]


@dataclass(frozen=True, eq=False)
class Path:
    """Who serves each demand in each period; arrays of shape (n_periods, n_demands).

    Parameters
    ----------
    provider, backup : ndarray
        Provider index (n_providers = OWN), −1 for none or absent.
    """

    provider: Ints
    backup: Ints


@dataclass(frozen=True, eq=False)
class JointProgram:
    """min c·v + offset under rows, as ``Program``, over all periods.

    Columns of the periods come first, one period after the other; behind them stand those that tie periods.
    Backends read it as they read a ``Program``.
    """

    c: Floats
    lower: Floats
    upper: Floats
    integer: Bools
    a: csr_matrix
    row_lower: Floats
    row_upper: Floats
    row_scale: Floats
    offset: float
    groups: tuple[ColumnGroup, ...]
    blocks: tuple[RowBlock, ...]
    problem: JointProblem
    periods: tuple[Program, ...]
    first: tuple[int, ...]
    extras: tuple[Extra, ...]

    @property
    def n_columns(self) -> int:
        """Number of variables."""
        return len(self.c)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.row_lower)

    def group(self, kind: str) -> ColumnGroup | None:
        """Columns of a kind; there is none that all periods share."""
        return next((g for g in self.groups if g.kind == kind), None)

    def objective(self, values: Floats) -> float:
        """Objective of a vector: c·v + offset."""
        return float(self.c @ values) + self.offset

    def decode(self, values: Floats) -> Path:
        """Path of a vector: the source of each demand in each period, and its backup."""
        shape = (len(self.periods), self.problem.n_demands)
        path = Path(np.full(shape, -1, np.int64), np.full(shape, -1, np.int64))
        for t, (program, start) in enumerate(zip(self.periods, self.first, strict=True)):
            choice = program.decode(values[start : start + program.n_columns])
            demand = self.problem.stages[t].demand
            path.provider[t, demand], path.backup[t, demand] = choice.provider, choice.backup
        return path

    def without(self, path: Path) -> JointProgram:
        """The same program with one path cut off: at least one of its sources or backups is another."""
        values, decisions = self.encode(path), []
        for program, start in zip(self.periods, self.first, strict=True):
            decisions += [start + np.arange(program.n_pairs), start + program.layout.backups.column]
        columns = np.concatenate(decisions)
        columns = columns[values[columns] > 0.5]
        row = scipy.sparse.csr_matrix(
            (np.ones(len(columns)), (np.zeros(len(columns), np.int64), columns)), (1, self.n_columns)
        )
        block = RowBlock("cut", self.n_rows, self.n_rows + 1, np.zeros((1, 0), np.int64), labels=("path",))
        return replace(
            self,
            a=scipy.sparse.vstack([self.a, row], format="csr"),
            row_lower=np.append(self.row_lower, -np.inf),
            row_upper=np.append(self.row_upper, len(columns) - 1.0),
            row_scale=np.append(self.row_scale, 1.0),
            blocks=(*self.blocks, block),
        )

    def encode(self, path: Path) -> Floats:
        """Vector of a path; all but the sources and backups follows from them."""
        values = np.zeros(self.n_columns)
        for t, (program, start) in enumerate(zip(self.periods, self.first, strict=True)):
            demand = self.problem.stages[t].demand
            choice = Choice(path.provider[t, demand], path.backup[t, demand])
            values[start : start + program.n_columns] = program.encode(choice)
        start = self.n_columns - len(self.extras)
        for i, extra in enumerate(self.extras):
            held = [expression.value(values) > 0.5 for expression in extra.of]
            values[start + i] = any(held) if extra.how == "any" else all(held)
        return values
