"""OR-Tools CP-SAT on the program scaled to whole numbers.

The only backend besides the engine with a deterministic work limit: one unit is a thousandth of
CP-SAT's deterministic time. With several threads a work limit makes it search in turns, so that
the answer stays the same.
"""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.domain.errors import BackendFailed
from optimizer.solvers.base import Capability, Incumbent, Outcome, Progress
from optimizer.solvers.integers import INFINITE, integer_model
from optimizer.solvers.registry import SPECS
from optimizer.solvers.translate import Clock, set_options, watching

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.domain.params import SolveParams, StopReason
    from optimizer.model.program.program import Program
    from optimizer.solvers.base import Request
    from optimizer.solvers.integers import IntegerModel

__all__ = ["UNITS_PER_TIME", "CpSatBackend"]

UNITS_PER_TIME = 1000
"""Work units in one second of CP-SAT's deterministic time."""

CENT = 0.01
_HINT_TAKEN = "hint is complete and is feasible"


class CpSatBackend:
    """Exact integer search on scaled rows; bound valid for the program itself."""

    name = "cpsat"
    needs_program = True
    capabilities: Capability = SPECS["cpsat"].capabilities

    def solve(
        self,
        request: Request,
        report: Callable[[Incumbent | Progress], None],
        cancelled: Callable[[], bool],
    ) -> Outcome:
        """Run CP-SAT (see ``Backend.solve``)."""
        if request.program is None:
            raise BackendFailed("cpsat works on a program and got none")
        from ortools.sat.python import cp_model

        clock = Clock(request.params.time_limit_s)
        model, scaled = cp_model.CpModel(), integer_model(request.program)
        _fill(model.proto, scaled, request.program.offset)
        if request.start is not None:
            counts = scaled.to_counts(request.program.encode(request.start))
            model.proto.solution_hint.vars.extend(range(len(counts)))
            model.proto.solution_hint.values.extend(counts.tolist())
        wrong = model.validate()
        if wrong:
            raise BackendFailed(f"CP-SAT refused the program: {wrong}")
        return _Run(request, request.program, scaled, report, cancelled, clock).solve(model)


def _fill(proto: Any, model: IntegerModel, offset: float) -> None:
    """Write the model straight into CP-SAT's own structure."""
    for low, high in zip(model.lower.tolist(), model.upper.tolist(), strict=True):
        proto.variables.add().domain.extend([low, high])
    columns, values, starts = model.column.tolist(), model.value.tolist(), model.start.tolist()
    for i, (low, high) in enumerate(zip(model.row_lower.tolist(), model.row_upper.tolist(), strict=True)):
        if low == -INFINITE and high == INFINITE:
            continue
        linear = proto.constraints.add().linear
        linear.vars.extend(columns[starts[i] : starts[i + 1]])
        linear.coeffs.extend(values[starts[i] : starts[i + 1]])
        linear.domain.extend([low, high])
    used = np.flatnonzero(model.c)
    proto.objective.vars.extend(used.tolist())
    proto.objective.coeffs.extend(model.c[used].tolist())
    proto.objective.scaling_factor = 1.0 / model.money
    proto.objective.offset = offset * model.money


class _Run:
    def __init__(
        self,
        request: Request,
        program: Program,
        scaled: IntegerModel,
        report: Callable[[Incumbent | Progress], None],
        cancelled: Callable[[], bool],
        clock: Clock,
    ) -> None:
        self.request, self.program, self.scaled = request, program, scaled
        self.report, self.cancelled = report, cancelled
        self.best: float | None = None
        self.claim = program.offset + _least(scaled)
        self.hint_taken = False
        self.clock = clock
        self.lock = threading.Lock()

    def solve(self, model: Any) -> Outcome:
        from ortools.sat.python import cp_model

        run = self

        class OnSolution(cp_model.CpSolverSolutionCallback):  # type: ignore[misc, unused-ignore]
            def on_solution_callback(self) -> None:
                run.found(self.response_proto)

        solver = cp_model.CpSolver()
        set_options(
            _parameters(self.request.params, self.clock, wide=self.scaled.wide),
            self.request.params.backend_options,
            solver.parameters,
            "CP-SAT",
        )
        solver.log_callback = self._log
        solver.best_bound_callback = self._bounded
        with watching(self.cancelled, solver.stop_search):
            solver.solve(model, OnSolution())
        return self._outcome(solver)

    def found(self, response: Any) -> None:
        """Report a new plan at its true cost."""
        incumbent = self._incumbent(response)
        with self.lock:
            self.best = incumbent.objective if self.best is None else min(self.best, incumbent.objective)
        self.report(incumbent)

    def _incumbent(self, response: Any) -> Incumbent:
        values = self.scaled.to_values(np.array(list(response.solution), dtype=np.int64))
        return Incumbent(self.program.decode(values), self.program.objective(values))

    def _bounded(self, claim: float) -> None:
        with self.lock:
            self.claim = max(self.claim, claim)
        self.report(Progress(self.clock.elapsed(), self.best, self.claim - self.scaled.slack, "search"))

    def _bound(self, status: str, final: float) -> float:
        """What CP-SAT claims, less our rounding. Its field is 0, not a bound, when it ends UNKNOWN."""
        claim = max(self.claim, final) if status in ("OPTIMAL", "FEASIBLE") else self.claim
        return claim - self.scaled.slack

    def _log(self, line: str) -> None:
        self.hint_taken = self.hint_taken or _HINT_TAKEN in line

    def _outcome(self, solver: Any) -> Outcome:
        response, params = solver.response_proto, self.request.params
        status = response.status.name  # solver.status_name() itself raises in 9.15
        held = self._incumbent(response) if status in ("OPTIMAL", "FEASIBLE") else None
        infeasible = status == "INFEASIBLE"
        bound = None if infeasible else self._bound(status, solver.best_objective_bound)
        if held is not None and bound is not None:
            bound = min(bound, held.objective)
        stopped = self._stopped(status, solver, held)
        detail = f"CP-SAT {status}" + (f": {response.solution_info}" if response.solution_info else "")
        if stopped == "finished" and held is not None and bound is not None and held.objective - bound > CENT:
            detail += f"; rounding to whole numbers alone leaves the gap of {held.objective - bound:,.2f}"
        return Outcome(
            stopped,
            detail,
            None if held is None else held.choice,
            None if held is None else held.objective,
            bound,
            infeasible,
            None if self.request.start is None else self.hint_taken,
            work=math.ceil(UNITS_PER_TIME * solver.deterministic_time) if params.work_limit is not None else None,
            stats={
                "conflicts": int(solver.num_conflicts),
                "branches": int(solver.num_branches),
                "deterministic_time": float(solver.deterministic_time),
                "seconds": self.clock.elapsed(),
            },
            exact=self.scaled.exact,
        )

    def _stopped(self, status: str, solver: Any, held: Incumbent | None) -> StopReason:
        """OPTIMAL also means "gap reached"; FEASIBLE and UNKNOWN need the limits to tell why."""
        params = self.request.params
        if status == "INFEASIBLE":
            return "finished"
        if status == "OPTIMAL" and held is not None:
            apart = solver.objective_value - solver.best_objective_bound
            return "finished" if apart <= 2 / self.scaled.money else "gap"
        if status not in ("FEASIBLE", "UNKNOWN"):
            return "error"
        if self.cancelled():
            return "user"
        worked = UNITS_PER_TIME * solver.deterministic_time
        if params.work_limit is not None and (params.time_limit_s is None or worked >= 0.99 * params.work_limit):
            return "work"
        return "time" if params.time_limit_s is not None else "error"


def _least(model: IntegerModel) -> float:
    """Objective over the column bounds alone, money: where CP-SAT's bound starts."""
    best = np.where(model.c > 0, model.lower, model.upper)
    return float(model.c.astype(np.float64) @ best) / model.money


def _parameters(params: SolveParams, clock: Clock, *, wide: bool) -> dict[str, object]:
    """Our limits in CP-SAT's words. ``wide``: keep out the step that sums in 32 bits (``integers``)."""
    options: dict[str, object] = {
        "num_workers": params.threads,
        "random_seed": params.seed,
        "relative_gap_limit": params.gap_rel,
        "absolute_gap_limit": 0.0,
        "log_search_progress": True,
        "log_to_stdout": False,
    }
    if wide:
        options["presolve_inclusion_work_limit"] = 0
    left = clock.left()
    if left is not None:
        options["max_time_in_seconds"] = left
    if params.work_limit is not None:
        options["max_deterministic_time"] = params.work_limit / UNITS_PER_TIME
        options["interleave_search"] = params.threads > 1
    if params.memory_limit_mb is not None:
        options["max_memory_in_mb"] = params.memory_limit_mb
    return options
