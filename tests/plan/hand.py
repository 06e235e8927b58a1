"""Cases small enough to price by hand: 1,000 units of ``pay`` are one FTE, lines cost 10 a unit."""

from __future__ import annotations

from typing import Any

from optimizer.domain.case import Case
from optimizer.domain.names import COST_TERMS
from optimizer.model.build import build_problem
from optimizer.plan.allocation import Allocation
from optimizer.plan.baseline import build_baseline
from optimizer.plan.document import plan_body
from optimizer.plan.savings import savings_block

Plan = dict[tuple[str, str], str]
"""(entity, service) → provider, or ``provider/backup``."""


def body(case: Case, plan: Plan, bound: float | None = None) -> dict[str, Any]:
    """The document's body for a plan."""
    problem = build_problem(case)
    return plan_body(case, problem, problem.encode(_rows(plan)), bound)


def served(case: Case, plan: Plan) -> Allocation:
    """Leaves of a plan."""
    problem = build_problem(case)
    return Allocation(case, problem, problem.encode(_rows(plan)).provider)


def savings(case: Case, plan: Plan, bound: float | None = None) -> dict[str, Any]:
    """The block ``savings`` of a plan."""
    side = served(case, plan)
    return savings_block(side, build_baseline(case, side.problem), bound)


def leaves(case: Case, plan: Plan, term: str) -> list[float]:
    """Unrounded leaves of a term, in the order of the demands."""
    assert term in COST_TERMS
    return floats(served(case, plan), term)


def floats(side: Allocation, term: str) -> list[float]:
    """Unrounded leaves of a term, money, as floats; what nobody bears is left out."""
    return [top / below / 100 for top, below in side.leaves[term][: side.problem.n_demands]]


def _rows(plan: Plan) -> list[tuple[str, str, str, str]]:
    return [(*key, *(*who.split("/"), "")[:2]) for key, who in plan.items()]  # type: ignore[misc]
