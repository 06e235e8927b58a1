"""HiGHS through ``highspy``: the whole program, exact, with warm start, incumbents and bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.domain.errors import BackendFailed, BackendRefused
from optimizer.solvers.base import Capability, Incumbent, Outcome, Progress
from optimizer.solvers.registry import SPECS
from optimizer.solvers.translate import Clock, box_minimum, rounded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from optimizer.domain.params import SolveParams, StopReason
    from optimizer.model.program.program import Program
    from optimizer.solvers.base import Request

__all__ = ["PRESOLVE_RULES_OFF", "STATUS", "HighsBackend", "HighsRun", "model_of"]

STATUS: dict[str, StopReason] = {
    "kOptimal": "finished",
    "kInfeasible": "finished",
    "kModelEmpty": "finished",
    "kUnboundedOrInfeasible": "finished",
    "kUnbounded": "finished",
    "kTimeLimit": "time",
    "kIterationLimit": "work",
    "kSolutionLimit": "work",
    "kInterrupt": "user",
    "kHighsInterrupt": "user",
    "kMemoryLimit": "memory",
    "kObjectiveBound": "finished",
    "kObjectiveTarget": "gap",
}
"""HiGHS model status → why it stopped. Anything else: ``error``."""

ABSOLUTE_GAP = 1e-6

PRESOLVE_RULES_OFF = 4096
"""Bit of HiGHS' aggregator. With it, HiGHS 1.15.1 cut the optimum of a small program off and called
a dearer plan optimal (``tests/program/test_program.py::test_presolve_that_lost_the_optimum``)."""
PROGRESS_S = 0.5


class HighsBackend:
    """The program as it stands, solved by HiGHS to gap 0 unless asked otherwise."""

    name = "highs"
    needs_program = True
    capabilities: Capability = SPECS["highs"].capabilities

    def solve(
        self,
        request: Request,
        report: Callable[[Incumbent | Progress], None],
        cancelled: Callable[[], bool],
    ) -> Outcome:
        """Run HiGHS (see ``Backend.solve``)."""
        program = request.program
        if program is None:
            raise BackendFailed("highs works on a program and got none")
        import highspy

        clock = Clock(request.params.time_limit_s)
        highs = highspy.Highs()  # type: ignore[no-untyped-call, unused-ignore]
        run = HighsRun(highs, request, report, cancelled, clock=clock)
        if highs.passModel(model_of(program)) == highspy.HighsStatus.kError:
            raise BackendFailed("HiGHS refused the program")
        run.warm_start()
        run.options(request.params.backend_options)
        run.run()
        return run.outcome()


def model_of(program: Program) -> Any:
    """The program as HiGHS takes it."""
    import highspy

    lp, a = highspy.HighsLp(), program.a.tocsr()
    lp.num_col_, lp.num_row_ = program.n_columns, program.n_rows
    lp.col_cost_, lp.offset_ = program.c, program.offset
    lp.col_lower_, lp.col_upper_ = program.lower, program.upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = a.indptr, a.indices, a.data
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[int(i)] for i in program.integer]
    return lp


class HighsRun:
    """One solve on one ``highspy.Highs`` object that already has, or will get, the model.

    Parameters
    ----------
    highs : highspy.Highs
    request : Request
        ``request.program`` must be present.
    order : ndarray, optional
        Program column behind each column of ``highs``; by default the same order.
    clock : Clock, optional
        Running since the backend was called; by default it starts now.
    """

    def __init__(
        self,
        highs: Any,
        request: Request,
        report: Callable[[Incumbent | Progress], None],
        cancelled: Callable[[], bool],
        order: NDArray[np.int64] | None = None,
        clock: Clock | None = None,
    ) -> None:
        assert request.program is not None
        self.highs, self.request, self.program = highs, request, request.program
        self.report, self.cancelled, self.order = report, cancelled, order
        self.best: float | None = None
        self.start_used: bool | None = None
        self._told = -PROGRESS_S
        self._clock = clock or Clock(request.params.time_limit_s)

    def options(self, own: Mapping[str, Any]) -> None:
        """Set the common options, then the caller's own, which win."""
        for key, value in {**_common_options(self.request.params, self._clock), **own}.items():
            self._set(key, value)

    def _set(self, key: str, value: object) -> None:
        import highspy

        if self.highs.setOptionValue(key, value) == highspy.HighsStatus.kError:
            raise BackendRefused(f"HiGHS does not take the option {key} = {value!r}", "backend_options")

    def warm_start(self) -> None:
        """Hand over the plan to start from."""
        import highspy

        if self.request.start is None:
            return
        solution = highspy.HighsSolution()
        values = self.program.encode(self.request.start)
        solution.col_value = values if self.order is None else values[self.order]
        solution.value_valid = True
        self.start_used = self.highs.setSolution(solution) != highspy.HighsStatus.kError

    def run(self) -> None:
        """Run, hearing of improving plans, progress and the places where HiGHS can be stopped."""
        from highspy import cb

        kind = cb.HighsCallbackType
        self._improving, self._logging = kind.kCallbackMipImprovingSolution, kind.kCallbackMipLogging
        self.highs.setCallback(self._called, None)
        try:
            for name in ("MipImprovingSolution", "MipLogging", "MipInterrupt", "SimplexInterrupt", "IpmInterrupt"):
                self.highs.startCallback(getattr(kind, f"kCallback{name}"))
            self.highs.run()
        finally:
            # HiGHS holds the callback, which holds HiGHS: no collector sees that circle, and the model would stay
            self.highs.setCallback(None, None)

    def _called(self, kind: Any, _message: str, out: Any, back: Any, _data: object) -> None:
        if kind == self._improving:
            self.best = out.objective_function_value
            self.report(Incumbent(self._choice(out.mip_solution), self.best))
        elif kind == self._logging:
            self._progress(out)
        if self.cancelled():
            back.user_interrupt = True

    def _progress(self, out: Any) -> None:
        now = self._clock.elapsed()
        if now - self._told >= PROGRESS_S:
            self._told = now
            self.report(Progress(now, self.best, _finite(out.mip_dual_bound), "branch and bound"))

    def _choice(self, values: Any) -> Any:
        found = np.asarray(values, dtype=np.float64)
        if self.order is not None:
            given, found = found, self.program.lower.copy()
            found[self.order] = given
        return self.program.decode(rounded(self.program, found))

    def outcome(self) -> Outcome:
        """Read status, plan and bound, each on its own."""
        import highspy

        info, status = self.highs.getInfo(), self.highs.getModelStatus()
        held = info.primal_solution_status == highspy.kSolutionStatusFeasible
        objective = info.objective_function_value if held else None
        stopped, infeasible = STATUS.get(status.name, "error"), self._infeasible(status.name)
        bound = None if infeasible else self._bound(info, objective, stopped)
        if stopped == "finished" and objective is not None and bound is not None:
            exact = objective - bound <= max(ABSOLUTE_GAP, 1e-9 * abs(objective))
            stopped = "finished" if exact else "gap"
        return Outcome(
            stopped,
            f"HiGHS {self.highs.version()}: {self.highs.modelStatusToString(status)}",
            self._choice(self.highs.getSolution().col_value) if held else None,
            objective,
            bound,
            infeasible,
            self.start_used,
            values=np.array(self.highs.getSolution().col_value) if held else None,
            stats={
                "nodes": int(info.mip_node_count),
                "simplex_iterations": int(info.simplex_iteration_count),
                "seconds": self._clock.elapsed(),
            },
        )

    def _bound(self, info: Any, objective: float | None, stopped: StopReason) -> float | None:
        """HiGHS' claim, never above the plan it holds; a program without integers is its own bound."""
        if not self.program.integer.any():
            return objective if stopped == "finished" else None
        bound = _finite(info.mip_dual_bound)
        return bound if bound is None or objective is None else min(bound, objective)

    def _infeasible(self, status: str) -> bool:
        if status == "kUnboundedOrInfeasible":
            return bool(np.isfinite(box_minimum(self.program)))
        return status == "kInfeasible"


def _common_options(params: SolveParams, clock: Clock) -> dict[str, object]:
    """Our limits in HiGHS' words."""
    options: dict[str, object] = {
        "output_flag": True,
        "log_to_console": True,
        "mip_rel_gap": params.gap_rel,
        "mip_abs_gap": ABSOLUTE_GAP,
        "presolve_rule_off": PRESOLVE_RULES_OFF,
        "threads": params.threads,
        "parallel": "on" if params.threads > 1 else "off",
        "random_seed": params.seed,
    }
    left = clock.left()
    if left is not None:
        options["time_limit"] = left
    return options


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) and abs(value) < 1e29 else None
