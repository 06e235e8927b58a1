"""SCIP through OR-Tools' MathOpt: hints, bound from its log while it runs, no streamed plans.

MathOpt rather than ``pywraplp``: it takes the matrix in one piece, reports the limit that
stopped the search, both bounds, and can be interrupted. It gives no plans before the end.
"""

from __future__ import annotations

import datetime
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.domain.errors import BackendFailed, BackendRefused
from optimizer.solvers.base import Capability, Outcome, Progress
from optimizer.solvers.registry import SPECS
from optimizer.solvers.translate import Clock, box_minimum, rounded, watching

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from optimizer.domain.params import SolveParams, StopReason
    from optimizer.model.program.program import Program
    from optimizer.solvers.base import Incumbent, Request

__all__ = ["LIMIT", "REASON", "ScipBackend"]

REASON: dict[str, StopReason] = {
    "OPTIMAL": "finished",
    "INFEASIBLE": "finished",
    "UNBOUNDED": "finished",
    "INFEASIBLE_OR_UNBOUNDED": "finished",
}
"""MathOpt termination reason → why it stopped; FEASIBLE and NO_SOLUTION_FOUND: see ``LIMIT``. Else ``error``."""

LIMIT: dict[str, StopReason] = {
    "TIME": "time",
    "NODE": "work",
    "ITERATION": "work",
    "SOLUTION": "work",
    "MEMORY": "memory",
    "INTERRUPTED": "user",
    "OBJECTIVE": "gap",
}
"""MathOpt limit → why it stopped. Else ``error``."""

_BOUND_COLUMN = 14
_COLUMNS = 18


class ScipBackend:
    """SCIP to gap 0 unless asked otherwise."""

    name = "scip"
    needs_program = True
    capabilities: Capability = SPECS["scip"].capabilities

    def solve(
        self,
        request: Request,
        report: Callable[[Incumbent | Progress], None],
        cancelled: Callable[[], bool],
    ) -> Outcome:
        """Run SCIP (see ``Backend.solve``)."""
        if request.program is None:
            raise BackendFailed("scip works on a program and got none")
        from ortools.math_opt.python import mathopt
        from ortools.util.python.solve_interrupter import SolveInterrupter

        program, clock = request.program, Clock(request.params.time_limit_s)
        model, interrupter, log = _model(program), SolveInterrupter(), _Log(report, clock)
        hints = [] if request.start is None else [_hint(model, program, request)]
        with watching(cancelled, interrupter.interrupt):
            try:
                result = mathopt.solve(
                    model,
                    mathopt.SolverType.GSCIP,
                    params=_parameters(request.params, clock),
                    model_params=mathopt.ModelSolveParameters(solution_hints=hints),
                    msg_cb=log.read,
                    interrupter=interrupter,
                )
            except Exception as error:  # MathOpt 9.15 stumbles over its own error and raises AttributeError
                raise _translated(request.params, error.__context__ or error) from error
        start_used = log.start_used if request.start is not None else None
        return _outcome(program, result, start_used, clock.elapsed())


def _model(program: Program) -> Any:
    from ortools.math_opt import model_pb2
    from ortools.math_opt.python import mathopt

    proto, a = model_pb2.ModelProto(), program.a.tocsr()
    v, r, m, o = proto.variables, proto.linear_constraints, proto.linear_constraint_matrix, proto.objective
    v.ids.extend(range(program.n_columns))
    v.lower_bounds.extend(program.lower.tolist())
    v.upper_bounds.extend(program.upper.tolist())
    v.integers.extend(program.integer.tolist())
    o.offset = program.offset
    used = np.flatnonzero(program.c)
    o.linear_coefficients.ids.extend(used.tolist())
    o.linear_coefficients.values.extend(program.c[used].tolist())
    r.ids.extend(range(program.n_rows))
    r.lower_bounds.extend(program.row_lower.tolist())
    r.upper_bounds.extend(program.row_upper.tolist())
    a.sort_indices()
    m.row_ids.extend(np.repeat(np.arange(program.n_rows), np.diff(a.indptr)).tolist())
    m.column_ids.extend(a.indices.tolist())
    m.coefficients.extend(a.data.tolist())
    return mathopt.Model.from_model_proto(proto)


def _hint(model: Any, program: Program, request: Request) -> Any:
    from ortools.math_opt.python import mathopt

    assert request.start is not None
    values = program.encode(request.start).tolist()
    return mathopt.SolutionHint(variable_values={v: values[v.id] for v in model.variables()})


def _parameters(params: SolveParams, clock: Clock) -> Any:
    from ortools.math_opt.python import mathopt

    out = mathopt.SolveParameters(
        enable_output=True,
        relative_gap_tolerance=params.gap_rel,
        absolute_gap_tolerance=0.0,
        random_seed=params.seed,
    )
    left = clock.left()
    if left is not None:
        out.time_limit = datetime.timedelta(seconds=left)
    if params.memory_limit_mb is not None:
        out.gscip.real_params["limits/memory"] = float(params.memory_limit_mb)
    for key, value in params.backend_options.items():
        _option(out.gscip, key, value)
    return out


def _option(gscip: Any, key: str, value: object) -> None:
    if isinstance(value, bool):
        gscip.bool_params[key] = value
    elif isinstance(value, int):
        gscip.int_params[key] = value
    elif isinstance(value, float):
        gscip.real_params[key] = value
    else:
        gscip.string_params[key] = str(value)


def _translated(params: SolveParams, error: BaseException) -> BackendFailed | BackendRefused:
    """SCIP complains about its parameters only when it starts, and does not say about which."""
    if params.backend_options and "SCIPset" in str(error):
        given = ", ".join(f"{k} = {v!r}" for k, v in params.backend_options.items())
        return BackendRefused(f"SCIP does not take these options: {given} ({error})", "backend_options")
    return BackendFailed(f"SCIP failed: {error}")


class _Log:
    """Reads bound and best cost off SCIP's table, and whether the start was taken."""

    def __init__(self, report: Callable[[Incumbent | Progress], None], clock: Clock) -> None:
        self.report, self.clock, self.start_used = report, clock, False
        self.last: tuple[float | None, float | None] = (None, None)

    def read(self, lines: Sequence[str]) -> None:
        """Take some lines of the log, as MathOpt passes them on."""
        for line in lines:
            if "feasible solution given by solution candidate storage" in line:
                self.start_used = not line.lstrip().startswith("0/")
            fields = line.split("|")
            if len(fields) == _COLUMNS and "dualbound" not in line:
                self._row(fields)

    def _row(self, fields: list[str]) -> None:
        seen = (_number(fields[_BOUND_COLUMN + 1]), _number(fields[_BOUND_COLUMN]))
        if seen != self.last:
            self.last = seen
            self.report(Progress(self.clock.elapsed(), *seen, "branch and bound"))


def _number(text: str) -> float | None:
    """A printed number; the log rounds to seven figures, so a bound is taken a little lower."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value - 1e-6 * abs(value) if math.isfinite(value) and abs(value) < 1e19 else None


def _outcome(program: Program, result: Any, start_used: bool | None, seconds: float) -> Outcome:
    end = result.termination
    reason, limit = end.reason.name, end.limit.name if end.limit is not None else ""
    held = result.solutions[0].primal_solution if result.solutions else None
    objective = None if held is None else float(held.objective_value)
    stopped: StopReason = REASON.get(reason) or LIMIT.get(limit, "error")
    infeasible = reason == "INFEASIBLE" or (
        reason == "INFEASIBLE_OR_UNBOUNDED" and bool(np.isfinite(box_minimum(program)))
    )
    claim = end.objective_bounds.dual_bound
    bound = float(claim) if math.isfinite(claim) and abs(claim) < 1e19 and not infeasible else None
    if bound is not None and objective is not None:
        bound = min(bound, objective)
        if stopped == "finished" and objective - bound > max(1e-6, 1e-9 * abs(objective)):
            stopped = "gap"
    return Outcome(
        stopped,
        f"SCIP {reason}" + (f" {limit}" if limit else "") + f" ({end.detail})",
        None if held is None else program.decode(_values(program, held)),
        objective,
        bound,
        infeasible,
        start_used,
        stats={"nodes": result.solve_stats.node_count, "seconds": seconds},
    )


def _values(program: Program, held: Any) -> Any:
    values = np.zeros(program.n_columns)
    for variable, value in held.variable_values.items():
        values[variable.id] = value
    return rounded(program, values)
