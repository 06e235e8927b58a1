"""The least value of a program without integers, by HiGHS in its child: values, no plan."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_matrix

from optimizer.domain.errors import BackendFailed
from optimizer.domain.params import SolveParams
from optimizer.model.program.program import Program
from optimizer.solvers.base import Backend, Outcome, Request
from optimizer.solvers.highs import STATUS, HighsBackend, model_of
from optimizer.solvers.process import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.aliases import Floats
    from optimizer.model.program.layout import Layout
    from optimizer.solvers.base import Incumbent, Progress
    from optimizer.solvers.pool import ChildPool

__all__ = ["Linear", "LinearOptimum", "linear_optimum", "linear_program"]

_TARGET: Final = "optimizer.solvers.linear:Linear"


@dataclass(frozen=True, eq=False)
class LinearOptimum:
    """What a linear program came to.

    Parameters
    ----------
    values : ndarray of shape (n_columns,)
    objective : float
    duals : ndarray of shape (n_rows,)
        What one unit more of each row's bound would cost.
    """

    values: Floats
    objective: float
    duals: Floats


class Linear(HighsBackend):
    """HiGHS on the program as it stands, integers left aside: ``Outcome.values``, ``objective`` and ``duals``.

    Parameters
    ----------
    method : {"simplex", "ipm"}
        Without crossover: duals of an interior point bound as well as any (weak duality).
    """

    def __init__(self, method: str = "simplex") -> None:
        self.method = method

    def solve(
        self,
        request: Request,
        report: Callable[[Incumbent | Progress], None],  # noqa: ARG002
        cancelled: Callable[[], bool],  # noqa: ARG002
    ) -> Outcome:
        """Run HiGHS on the relaxation, within the time of the request."""
        if request.program is None:
            raise BackendFailed("a linear program is asked for, and there is none")
        import highspy

        highs = highspy.Highs()  # type: ignore[no-untyped-call, unused-ignore]
        highs.setOptionValue("log_to_console", False)
        highs.setOptionValue("solver", self.method)
        highs.setOptionValue("run_crossover", "off")
        if request.params.time_limit_s is not None:
            highs.setOptionValue("time_limit", float(request.params.time_limit_s))
        free = dataclasses.replace(request.program, integer=np.zeros(request.program.n_columns, np.bool_))
        if highs.passModel(model_of(free)) == highspy.HighsStatus.kError:
            raise BackendFailed("HiGHS refused the linear program")
        highs.run()
        status = highs.getModelStatus()
        solved = status.name == "kOptimal"
        return Outcome(
            STATUS.get(status.name, "error"),
            f"HiGHS {highs.version()}: {highs.modelStatusToString(status)}",
            objective=float(highs.getInfo().objective_function_value) if solved else None,
            values=np.array(highs.getSolution().col_value) if solved else None,
            duals=np.array(highs.getSolution().row_dual) if solved else None,
        )


def linear_program(
    layout: Layout, cost: Floats, rows: csr_matrix, lower: Floats, upper: Floats, free: Floats | None = None
) -> Program:
    """The program min cost · v with lower ≤ rows · v ≤ upper, v free but for ``free``.

    Parameters
    ----------
    layout : Layout
        Of any problem: a program has one, and this one does not look at it.
    cost : ndarray of shape (n_columns,)
    rows : csr_matrix of shape (n_rows, n_columns)
    lower, upper : ndarray of shape (n_rows,)
    free : ndarray of shape (n_columns,), optional
        Least value of each column, −infinite unless given.
    """
    size = len(cost)
    return Program(
        c=cost,
        lower=np.full(size, -np.inf) if free is None else free,
        upper=np.full(size, np.inf),
        integer=np.zeros(size, np.bool_),
        a=csr_matrix(rows),
        row_lower=lower,
        row_upper=upper,
        row_scale=np.ones(len(lower)),
        offset=0.0,
        groups=(),
        blocks=(),
        layout=layout,
    )


def linear_optimum(
    program: Program,
    pool: ChildPool | None = None,
    cancelled: Callable[[], bool] | None = None,
    seconds: float | None = None,
    *,
    interior: bool = False,
) -> LinearOptimum | None:
    """The least value of a linear program; ``None`` where it has none, or none was found in time.

    Parameters
    ----------
    program : Program
    pool : ChildPool, optional
    cancelled : callable, optional
    seconds : float, optional
    interior : bool, default False
        By an interior point instead of a corner: large programs in a part of the time, to a millionth.

    Raises
    ------
    BackendFailed
        The child was lost.
    """
    request = Request(program.problem, program, SolveParams(time_limit_s=seconds))
    outcome = run(
        "highs", request, cancelled=cancelled, pool=pool, target=f"{_TARGET}:{'ipm' if interior else 'simplex'}"
    )
    if outcome.values is None or outcome.objective is None or outcome.duals is None:
        return None
    return LinearOptimum(outcome.values, outcome.objective, outcome.duals)


_: type[Backend] = Linear
