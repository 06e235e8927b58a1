"""Which rules are in conflict, and by how much: the least relaxation that lets everything be served."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from optimizer.backends.base import Request
from optimizer.backends.process import run
from optimizer.domain.issues import Issue
from optimizer.domain.names import RULES
from optimizer.formulation.build import build_program
from optimizer.formulation.conflicts import read_slacks

if TYPE_CHECKING:
    from optimizer.arrays.problem import Problem
    from optimizer.params import SolveParams
    from optimizer.solving.solve import Watch

__all__ = ["ELASTIC_RULES", "conflict_findings"]

ELASTIC_RULES = tuple(r for r in RULES if r not in ("open_line", "open_site"))
"""Rules that may be relaxed in the search for a conflict; the linking rows are logic, not policy."""

LIMIT_S = 30.0


def conflict_findings(problem: Problem, params: SolveParams, watch: Watch) -> list[Issue]:
    """Rules that must give way, and by how much, for a plan to exist.

    Solves the elastic program: every rule may be broken at a price, and the least total is found.
    """
    program = build_program(problem, elastic=ELASTIC_RULES)
    limit = LIMIT_S if params.time_limit_s is None else min(LIMIT_S, params.time_limit_s)
    exact = dataclasses.replace(params, backend="highs", time_limit_s=limit, work_limit=None, backend_options={})
    outcome = run("highs", Request(problem, program, exact), cancelled=watch.cancelled, pool=watch.pool)
    if outcome.values is None:
        return []
    proven = "" if outcome.stopped_by == "finished" else " (a smaller conflict may exist: the search ran out of time)"
    return [
        Issue(
            "rule_conflict",
            "error",
            f"{RULES[slack.rule]}: has to give way by {slack.amount:,.6g} {slack.unit} at {slack.name}{proven}",
            f"relax {slack.rule} there by that amount, or change what makes it bind",
            table="policy",
            column=slack.rule,
            value=slack.name,
        )
        for slack in read_slacks(program, outcome.values)
    ]
