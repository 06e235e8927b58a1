"""Which rules are in conflict, why each is there, and by how much each would have to give way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.domain.issues import Issue
from optimizer.solvers.diagnose.finding import find_conflicts
from optimizer.solvers.diagnose.instances import prepare
from optimizer.solvers.diagnose.irreducible import Search
from optimizer.solvers.diagnose.wording import conflict_issues
from optimizer.verify.checker import Evaluator

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.domain.params import SolveParams
    from optimizer.model.problem import Problem
    from optimizer.solvers.accept.solve import Watch

__all__ = ["LIMIT_S", "conflict_findings"]

LIMIT_S = 60.0
"""For all solves of the search together; a shorter time limit of the caller wins."""


def conflict_findings(
    case: Case, problem: Problem, params: SolveParams, watch: Watch, evaluator: Evaluator | None = None
) -> list[Issue]:
    """Every rule instance of up to three irreducible conflicts, in words a planner can act on.

    Parameters
    ----------
    case, problem : Case, Problem
    params : SolveParams
        Threads, memory, seed and time limit.
    watch : Watch
    evaluator : Evaluator, optional
        Of the same case, where the caller has one already.

    Returns
    -------
    list of Issue
        Code ``rule_conflict``: a head for each conflict, then one finding for each of its instances. A demand
        that every provider is refused for is left to the structural finding that says so.
        ``conflict_not_found`` where time ran out before anything was shown, or a plan that keeps all was found.
    """
    limit = LIMIT_S if params.time_limit_s is None else min(LIMIT_S, params.time_limit_s)
    told = np.asarray((problem.refusals != 0).all(axis=1), np.bool_)  # by a structural finding of its own
    ground, judge = prepare(case, problem, told), evaluator or Evaluator(case)
    search = Search(ground, judge, params, watch, limit)
    found = find_conflicts(search)
    if found or told.any():
        return list(conflict_issues(case, problem, found))
    return [_nothing(search.over, limit)]


def _nothing(over: bool, limit_s: float) -> Issue:
    """Told where no conflict was found and no structural finding explains that."""
    if over:
        text, remedy = f"which rules are in conflict was not found within {limit_s:g} s", "give a longer time limit"
        return Issue("conflict_not_found", "warning", text, remedy)
    text = "a second look found no conflict among the rules: that no plan exists is not confirmed"
    return Issue("conflict_not_found", "warning", text, "solve again with another backend, e.g. highs or scip")
