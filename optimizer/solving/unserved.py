"""When not everything can be served: the plan with the least unserved effort, then least cost.

Only ``assign_once`` is relaxed. If that is still infeasible there is no plan to show.
"""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Final

from optimizer.arrays.evaluate import check, evaluate
from optimizer.formulation.build import build_program
from optimizer.solving.confirm import wild
from optimizer.solving.exhaustive import try_all
from optimizer.solving.polish import polish
from optimizer.solving.solve import GAP_ABS_OPTIMAL, Job, Solution, Solved, Watch, credible, run_until_exact

if TYPE_CHECKING:
    from optimizer.arrays.problem import Choice, Problem
    from optimizer.backends.base import Outcome
    from optimizer.formulation.program import Program
    from optimizer.params import SolveParams
    from optimizer.verify.checker import Evaluator

__all__ = ["BACKEND", "solve_least_unserved", "unserved_fte"]

BACKEND: Final = "highs"
"""Does both stages: it proves, and it takes any program."""

DEFAULT_LIMIT_S = 60.0


def unserved_fte(problem: Problem, choice: Choice) -> float:
    """Effort of the demands nobody serves, FTE."""
    return float(problem.effort_fte[choice.provider < 0].sum())


def solve_least_unserved(
    problem: Problem, evaluator: Evaluator, params: SolveParams, watch: Watch | None = None
) -> Solved:
    """Least unserved effort first, then least cost at that effort.

    Every plan keeps all other rules exactly. Small cases are settled by trying every assignment; beyond
    them a claim of HiGHS counts as a proof unless the case's figures are too far apart (``confirm.wild``).

    Returns
    -------
    Solved
        ``solution`` is ``optimal`` when both stages were proven, ``feasible`` when a limit ended
        one of them, ``infeasible`` when no plan keeps the other rules even with demands left
        unserved. ``bound`` and ``objective`` are of the second stage.
    """
    stages = _Stages(problem, evaluator, params, watch or Watch())
    first, outcome, proven = stages.least_unserved()
    if first is None:
        return stages.done(None, outcome, None, outcome.infeasible and proven)
    choice, outcome, bound = stages.least_cost(first)
    return stages.done(choice, outcome, bound if proven else None, False)


class _Stages:
    def __init__(self, problem: Problem, evaluator: Evaluator, params: SolveParams, watch: Watch) -> None:
        self.problem, self.evaluator, self.params, self.watch = problem, evaluator, params, watch
        self.began = time.monotonic()

    def least_unserved(self) -> tuple[Choice | None, Outcome, bool]:
        """A plan that leaves the least effort unserved, how HiGHS ended, and whether there is no better one."""
        program = build_program(self.problem, relax_assign=True, objective="unserved")
        held, outcome = self._run(program, None)
        everything = self.evaluator.facts.all_minutes
        tried = try_all(self.problem, self.evaluator, held, "unserved", spare=everything)
        sure = outcome.stopped_by == "finished" and tried.choice is held and not wild(self.problem)
        if tried.complete and tried.choice is None:
            outcome = dataclasses.replace(outcome, infeasible=True)
        return tried.choice, outcome, tried.complete or sure

    def least_cost(self, first: Choice) -> tuple[Choice, Outcome, float | None]:
        """The cheapest plan that leaves no more unserved than ``first``, how HiGHS ended, and its bound."""
        spare = self._unserved_minutes(first)
        room = 1e-9 * max(1.0, float(self.problem.effort_fte.sum()))
        limit = unserved_fte(self.problem, first) + room
        program = build_program(self.problem, relax_assign=True, unserved_limit=limit)
        held, outcome = self._run(program, first)
        kept = held is not None and self._unserved_minutes(held) <= spare
        best = held if held is not None and kept else first
        tried = try_all(self.problem, self.evaluator, best, "cost", spare=spare)
        best = tried.choice or best
        if tried.complete:
            return best, outcome, evaluate(self.problem, best).total
        sure = kept and best is held and outcome.stopped_by == "finished" and not wild(self.problem)
        return best, outcome, outcome.bound if sure else None

    def _unserved_minutes(self, choice: Choice) -> int:
        """Work left unserved, in the verifier's exact units."""
        rows = self.problem.decode(choice)
        return sum(self.evaluator.facts.demands[e, s].minutes for e, s, provider, _ in rows if not provider)

    def _run(self, program: Program, start: Choice | None) -> tuple[Choice | None, Outcome]:
        """HiGHS on a program; the plan is given only when it keeps all other rules exactly."""
        limit = DEFAULT_LIMIT_S if self.params.time_limit_s is None else self.params.time_limit_s
        exact = dataclasses.replace(
            self.params, backend=BACKEND, time_limit_s=limit, work_limit=None, backend_options={}, gap_rel=0.0
        )
        job = Job(self.problem, exact, BACKEND, self.evaluator, self.watch, time.monotonic())
        outcome = run_until_exact(job, start, program=program, allowed="assign_once")
        broken = outcome.choice is None or any(rule != "assign_once" for rule, _, _ in job.broken(outcome.choice))
        return (None if broken else outcome.choice), outcome

    def done(self, choice: Choice | None, outcome: Outcome, bound: float | None, infeasible: bool) -> Solved:
        """What both stages came to; single moves that save and serve as many are made first."""
        if choice is not None:
            before = _kept(self.problem, choice)
            choice = polish(self.problem, choice, lambda c: _kept(self.problem, c) == before)
        objective = None if choice is None else evaluate(self.problem, choice).total
        if objective is None:
            solution: Solution = "infeasible" if infeasible else "no_solution"
        else:
            bound, _ = credible(bound, objective, "")
            closed = bound is not None and objective - bound <= GAP_ABS_OPTIMAL
            solution = "optimal" if closed else "feasible"
        bound = None if objective is None else bound
        return Solved(
            choice,
            objective,
            bound,
            solution,
            outcome.stopped_by,
            outcome.detail,
            BACKEND,
            "least unserved effort, then least cost",
            time.monotonic() - self.began,
        )


def _kept(problem: Problem, choice: Choice) -> tuple[int, bool]:
    """Number of demands served, and whether every rule but ``assign_once`` holds."""
    return int((choice.provider >= 0).sum()), all(b.rule == "assign_once" for b in check(problem, choice))
