"""Proofs that a large case over time has no path, from parts of it: a demand by itself, a period by itself.

Rules that tie parts together only take paths away. So a demand for which the rules about it alone leave no path, or a
period that no plan can serve as a steady case, proves that there is none at all. What is found is believed when other
code says so too: of a demand two solvers on its own small program, of a period whoever confirms claims of steady cases.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from optimizer.model.time.joint import build_joint
from optimizer.solvers.accept.solve import solve
from optimizer.solvers.diagnose.between import ALONE, Between
from optimizer.solvers.diagnose.between_words import conflict_over_time_issues
from optimizer.solvers.diagnose.conflict import LIMIT_S
from optimizer.solvers.diagnose.over_time import conflicts_over_time, findings_of_period
from optimizer.solvers.over_time.reach import Reach
from optimizer.verify.time import TimeEvaluator

if TYPE_CHECKING:
    from optimizer.domain.issues import Issue
    from optimizer.domain.params import SolveParams
    from optimizer.model.time.joint import JointProblem
    from optimizer.solvers.accept.over_time import Judge, SolvedPath
    from optimizer.solvers.accept.watch import Watch

__all__ = ["Impossible", "explained", "impossible_by_parts"]

MOST_DEMANDS: Final = 20
"""Demands without a path that are asked about, one by one."""
LEAST_S: Final = 1.0
"""Seconds for a part at least."""


class Impossible(NamedTuple):
    """A part that has no path, and the rules that leave it none."""

    detail: str
    findings: list[Issue]


def explained(
    joint: JointProblem,
    params: SolveParams,
    judge: Judge,
    watch: Watch,
    solved: SolvedPath,
    left_s: float | None,
) -> tuple[SolvedPath, list[Issue]]:
    """Rules in conflict where there is no path; where the engine found none, whether parts of the case prove that.

    Parameters
    ----------
    joint, params, judge, watch
        As in ``solve_joint``.
    solved : SolvedPath
    left_s : float, optional
        Seconds that the caller has left.
    """
    quiet = replace(watch, on_progress=None, on_incumbent=None)  # figures of these solves are no costs
    if watch.stopped or solved.path is not None:
        return solved, []
    if solved.solution == "infeasible":
        return solved, conflicts_over_time(joint, params, judge, quiet, left_s)
    if solved.backend != "engine":
        return solved, []
    proof = impossible_by_parts(joint, params, quiet, LIMIT_S if left_s is None else left_s, solved.suspect)
    if proof is None:
        return solved, []
    told = f"{solved.detail}; {proof.detail}"
    return replace(solved, bound=None, solution="infeasible", stopped_by="finished", detail=told), proof.findings


def impossible_by_parts(
    joint: JointProblem,
    params: SolveParams,
    watch: Watch,
    left_s: float,
    first: int | None = None,
) -> Impossible | None:
    """A confirmed proof that no path keeps every rule; ``None`` where none was found, which says nothing.

    Parameters
    ----------
    joint : JointProblem
    params : SolveParams
        Threads, memory, seed.
    watch : Watch
    left_s : float
        Seconds for all parts together.
    first : int, optional
        Period, from 0, that is asked first: where a solver has claimed as much.
    """
    until = time.monotonic() + left_s
    quiet = replace(watch, on_progress=None, on_incumbent=None, on_stage=None)
    return _of_demands(joint, params, quiet, until) or _of_periods(joint, params, quiet, until, first)


def _of_demands(joint: JointProblem, params: SolveParams, watch: Watch, until: float) -> Impossible | None:
    """The first demand found for which the rules about it alone leave no path."""
    can = Reach.of(joint).can.any(axis=2)
    lonely = np.flatnonzero(((joint.local >= 0) & ~can).any(axis=0)).tolist()
    for d in lonely[:MOST_DEMANDS]:
        left = until - time.monotonic()
        if left <= 0 or watch.stopped:
            return None
        alone = _alone(joint, d)
        search = Between(alone, params, TimeEvaluator(alone.case), watch, left)
        shrunk = search.shrunk([part for part in search.parts if part.rule in ALONE])
        if shrunk is not None and shrunk.confirmed:
            entity, service = joint.keys[d]
            told = f"{service} of {entity} has no path by the rules about it alone; confirmed by a second solver"
            return Impossible(told, list(conflict_over_time_issues(alone, shrunk)))
    return None


def _alone(joint: JointProblem, d: int) -> JointProblem:
    """The joint problem of one demand."""
    key, case = joint.keys[d], joint.case
    demands = tuple(x for x in case.demands if x.key == key)
    committed = tuple(c for c in case.commitments if (c.entity, c.service) == key)
    return build_joint(case.having(demands=demands, commitments=committed))


def _of_periods(
    joint: JointProblem, params: SolveParams, watch: Watch, until: float, first: int | None
) -> Impossible | None:
    """The first period found that no plan can serve, as a steady case."""
    order = sorted(range(joint.n_periods), key=lambda t: (t != first, t))
    for k, t in enumerate(order):
        left, stage = until - time.monotonic(), joint.stages[t]
        if left <= 0 or watch.stopped:
            return None
        share = max(LEAST_S, left if t == first else left / (len(order) - k))
        limits = replace(params, backend="auto", time_limit_s=share, work_limit=None, gap_rel=0.5, backend_options={})
        solved = solve(stage.case, stage.problem, limits, watch=watch)
        if solved.solution == "infeasible":
            told = f"period {t + 1} has no plan whatever stands before and after it ({solved.detail})"
            return Impossible(told, findings_of_period(stage, limits, watch))
    return None
