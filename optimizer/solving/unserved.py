"""When not everything can be served: the plan with the least unserved effort, then least cost.

Only ``assign_once`` is relaxed. If that is still infeasible there is no plan to show.
"""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING

from optimizer.arrays.evaluate import evaluate
from optimizer.backends.base import Request
from optimizer.backends.process import run
from optimizer.formulation.build import build_program
from optimizer.solving.solve import GAP_ABS_OPTIMAL, Solution, Solved, Watch, credible

if TYPE_CHECKING:
    from optimizer.arrays.problem import Choice, Problem
    from optimizer.backends.base import Outcome
    from optimizer.params import SolveParams

__all__ = ["BACKEND", "solve_least_unserved", "unserved_fte"]

BACKEND = "highs"
"""Does both stages: it proves, and it takes any program."""

DEFAULT_LIMIT_S = 60.0


def unserved_fte(problem: Problem, choice: Choice) -> float:
    """Effort of the demands nobody serves, FTE."""
    return float(problem.effort_fte[choice.provider < 0].sum())


def solve_least_unserved(problem: Problem, params: SolveParams, watch: Watch | None = None) -> Solved:
    """Least unserved effort first, then least cost at that effort.

    Returns
    -------
    Solved
        ``solution`` is ``optimal`` when both stages were proven, ``feasible`` when a limit ended
        one of them, ``infeasible`` when no plan keeps the other rules even with demands left
        unserved. ``bound`` and ``objective`` are of the second stage.
    """
    watch = watch or Watch()
    began = time.monotonic()
    first = _stage(problem, params, watch, None, None)
    if first.choice is None:
        return _done(problem, None, first, None, first.infeasible, time.monotonic() - began)
    least = unserved_fte(problem, first.choice)
    second = _stage(problem, params, watch, least, first.choice)
    choice = second.choice or first.choice
    proven = first.stopped_by == second.stopped_by == "finished"
    return _done(problem, choice, second, second.bound if proven else None, False, time.monotonic() - began)


def _stage(
    problem: Problem, params: SolveParams, watch: Watch, least_fte: float | None, start: Choice | None
) -> Outcome:
    if least_fte is None:
        program = build_program(problem, relax_assign=True, objective="unserved")
    else:
        limit_fte = least_fte + 1e-9 * max(1.0, float(problem.effort_fte.sum()))
        program = build_program(problem, relax_assign=True, unserved_limit=limit_fte)
    limit = DEFAULT_LIMIT_S if params.time_limit_s is None else params.time_limit_s
    exact = dataclasses.replace(params, backend="highs", time_limit_s=limit, work_limit=None, backend_options={})
    return run(BACKEND, Request(problem, program, exact, start), on_progress=watch.on_progress,
               cancelled=watch.cancelled, pool=watch.pool)  # fmt: skip


def _done(
    problem: Problem, choice: Choice | None, outcome: Outcome, bound: float | None, infeasible: bool, seconds: float
) -> Solved:
    objective = None if choice is None else evaluate(problem, choice).total
    if objective is None:
        solution: Solution = "infeasible" if infeasible else "no_solution"
    else:
        bound, _ = credible(bound, objective, "")
        closed = bound is not None and objective - bound <= GAP_ABS_OPTIMAL
        solution = "optimal" if closed else "feasible"
    bound = None if objective is None else bound
    reason = "least unserved effort, then least cost"
    return Solved(choice, objective, bound, solution, outcome.stopped_by, outcome.detail, BACKEND, reason, seconds)
