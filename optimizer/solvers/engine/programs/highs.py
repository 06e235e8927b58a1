"""HiGHS as a part: linear and mixed-integer subproblems, stoppable, deterministic under work limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.solvers.highs import PRESOLVE_RULES_OFF

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    from optimizer.model.aliases import Floats

__all__ = ["Answer", "Limits", "Model", "solve_lp", "solve_mip"]

ABSOLUTE_GAP = 1e-6


@dataclass(frozen=True, eq=False)
class Model:
    """min c·v + offset over rows and bounds; the shape of ``Program`` without its names."""

    c: Floats
    lower: Floats
    upper: Floats
    integer: NDArray[np.bool_]
    a: csr_matrix
    row_lower: Floats
    row_upper: Floats
    offset: float


@dataclass(frozen=True, slots=True)
class Limits:
    """When a subproblem ends. ``stop`` is polled by HiGHS; ``seconds`` only without a work limit."""

    stop: Callable[[], bool]
    seconds: float | None = None
    nodes: int | None = None
    iterations: int | None = None
    gap_rel: float = 0.0
    seed: int = 0
    threads: int = 1


@dataclass(frozen=True, eq=False)
class Answer:
    """What HiGHS said: native status, values held, dual bound, row duals (LP), effort in iterations and nodes."""

    status: str
    values: Floats | None
    bound: float
    duals: Floats | None
    work: int


def _lp(model: Model) -> Any:
    import highspy

    lp, a = highspy.HighsLp(), model.a
    lp.num_col_, lp.num_row_ = len(model.c), len(model.row_lower)
    lp.col_cost_, lp.offset_ = model.c, model.offset
    lp.col_lower_, lp.col_upper_ = model.lower, model.upper
    lp.row_lower_, lp.row_upper_ = model.row_lower, model.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = a.indptr, a.indices, a.data
    return lp


def _fresh(limits: Limits) -> Any:
    import highspy

    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", limits.threads)
    highs.setOptionValue("parallel", "on" if limits.threads > 1 else "off")
    highs.setOptionValue("random_seed", limits.seed % 2**31)
    highs.setOptionValue("presolve_rule_off", PRESOLVE_RULES_OFF)
    if limits.seconds is not None:
        highs.setOptionValue("time_limit", max(limits.seconds, 0.01))
    return highs


def _listen(
    highs: Any, limits: Limits, improved: Callable[[Floats], object] | None, told: Callable[[float], None]
) -> None:
    from highspy import cb

    kind = cb.HighsCallbackType

    def called(what: Any, _message: str, out: Any, back: Any, _data: object) -> None:
        if what == kind.kCallbackMipImprovingSolution and improved is not None:
            improved(np.array(out.mip_solution, dtype=np.float64))
        elif what == kind.kCallbackMipLogging:
            told(out.mip_dual_bound)
        if limits.stop():
            back.user_interrupt = True

    highs.setCallback(called, None)
    names = ["MipInterrupt", "SimplexInterrupt", "IpmInterrupt", "MipLogging"]
    for name in names + (["MipImprovingSolution"] if improved is not None else []):
        highs.startCallback(getattr(kind, f"kCallback{name}"))


def solve_lp(model: Model, limits: Limits, solver: str = "simplex") -> Answer:
    """Linear relaxation; ``duals`` are there whenever HiGHS has any, even when stopped early."""
    highs = _fresh(limits)
    highs.setOptionValue("solver", solver)
    highs.setOptionValue("run_crossover", "off")
    if limits.iterations is not None:
        for name in ("simplex_iteration_limit", "ipm_iteration_limit", "pdlp_iteration_limit"):
            highs.setOptionValue(name, limits.iterations)
    highs.passModel(_lp(model))
    _listen(highs, limits, None, lambda _bound: None)
    highs.run()
    info, solution = highs.getInfo(), highs.getSolution()
    values = np.array(solution.col_value) if solution.value_valid else None
    duals = np.array(solution.row_dual) if solution.dual_valid else None
    work = max(info.simplex_iteration_count, 0) + 100 * max(info.ipm_iteration_count, 0)
    return Answer(highs.getModelStatus().name, values, -np.inf, duals, work)


def solve_mip(
    model: Model,
    limits: Limits,
    start: Floats | None = None,
    improved: Callable[[Floats], object] | None = None,
    told: Callable[[float], None] = lambda _bound: None,
) -> Answer:
    """Mixed-integer subproblem from an optional start, with a call for each better solution and bound."""
    import highspy

    highs = _fresh(limits)
    highs.setOptionValue("mip_rel_gap", limits.gap_rel)
    highs.setOptionValue("mip_abs_gap", ABSOLUTE_GAP)
    if limits.nodes is not None:
        highs.setOptionValue("mip_max_nodes", limits.nodes)
    lp = _lp(model)
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[i] for i in model.integer.astype(int).tolist()]
    highs.passModel(lp)
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value, solution.value_valid = start, True
        highs.setSolution(solution)
    _listen(highs, limits, improved, told)
    highs.run()
    info = highs.getInfo()
    held = info.primal_solution_status == highspy.kSolutionStatusFeasible
    values = np.array(highs.getSolution().col_value) if held else None
    work = max(info.simplex_iteration_count, 0) + 100 * max(info.mip_node_count, 0)
    status, bound = highs.getModelStatus().name, float(info.mip_dual_bound)
    if status == "kOptimal" and not model.integer.any():
        bound = float(info.objective_function_value)
    return Answer(status, values, bound, None, work)
