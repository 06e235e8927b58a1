"""The program as a PuLP problem with readable names; also writes LP and MPS files.

PuLP 3.3 warns about what 4.0 removes; this uses what both have (``add_variable``, named
``LpConstraint``). 4.x needs Python 3.12 and brings no CBC, hence the upper limit in the package.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.domain.errors import BackendRefused
from optimizer.model.program.naming import column_name, file_names, row_name
from optimizer.solvers.registry import PULP_NONZEROS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from optimizer.model.program.program import Program

__all__ = ["PulpModel", "export", "to_pulp"]


@dataclass(frozen=True, eq=False)
class PulpModel:
    """A PuLP problem and its variables in column order."""

    problem: Any
    variables: list[Any]

    def order(self) -> NDArray[np.int64]:
        """Column of each variable in the order PuLP hands them to a solver."""
        column = {v.name: j for j, v in enumerate(self.variables)}
        return np.array([column[v.name] for v in self.problem.variables()], dtype=np.int64)

    def set_values(self, values: NDArray[np.float64]) -> None:
        """Give every variable a value, as a start."""
        for variable, value in zip(self.variables, values.tolist(), strict=True):
            variable.setInitialValue(value)

    def values(self, found: dict[str, float]) -> NDArray[np.float64]:
        """Vector of values by name; what PuLP left out is at its lower bound."""
        return np.array([found.get(v.name, v.lowBound or 0.0) for v in self.variables], dtype=np.float64)


def to_pulp(program: Program, limit: int = PULP_NONZEROS) -> PulpModel:
    """Translate a program, row by row.

    Raises
    ------
    BackendRefused
        The program has more than ``limit`` matrix entries.
    """
    if program.a.nnz > limit:
        raise BackendRefused(f"PuLP takes up to {limit:,} matrix entries, this has {program.a.nnz:,}", "size")
    import pulp

    problem = pulp.LpProblem("designate", pulp.LpMinimize)
    names = file_names([column_name(program, j) for j in range(program.n_columns)])
    variables = [
        problem.add_variable(name, _bound(low), _bound(high), pulp.LpInteger if whole else pulp.LpContinuous)
        for name, low, high, whole in zip(
            names, program.lower.tolist(), program.upper.tolist(), program.integer.tolist(), strict=True
        )
    ]
    used = np.flatnonzero(program.c).tolist()
    costs = [(variables[j], float(program.c[j])) for j in used]
    problem.setObjective(pulp.LpAffineExpression(costs, constant=program.offset))
    _add_rows(problem, program, variables)
    return PulpModel(problem, variables)


def _add_rows(problem: Any, program: Program, variables: list[Any]) -> None:
    import pulp

    a = program.a.tocsr()
    columns, values, starts = a.indices.tolist(), a.data.tolist(), a.indptr.tolist()
    names = file_names([row_name(program, i) for i in range(program.n_rows)])
    for i, (low, high) in enumerate(zip(program.row_lower.tolist(), program.row_upper.tolist(), strict=True)):
        part = slice(starts[i], starts[i + 1])
        terms = [(variables[j], value) for j, value in zip(columns[part], values[part], strict=True) if value]
        if low == high:
            sides: Iterable[tuple[str, int, float]] = [("", pulp.LpConstraintEQ, low)]
        else:
            sides = [("_low", pulp.LpConstraintGE, low)] if np.isfinite(low) else []
            sides = [*sides, ("", pulp.LpConstraintLE, high)] if np.isfinite(high) else sides
        for suffix, sense, limit in sides:
            row = pulp.LpConstraint(pulp.LpAffineExpression(terms), sense, names[i] + suffix, limit)
            problem.addConstraint(row)


def _bound(value: float) -> float | None:
    return value if np.isfinite(value) else None


def export(model: PulpModel, path: str) -> None:
    """Write the problem as an LP or MPS file, by the file's ending, with its readable names."""
    ending = Path(path).suffix.lower()
    if ending == ".lp":
        model.problem.writeLP(path)
    elif ending == ".mps":
        model.problem.writeMPS(path)
    else:
        raise BackendRefused(f"export needs a file ending in .lp or .mps, not {path!r}", "backend_options")
