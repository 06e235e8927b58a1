"""The whole plan document again, from the case and the assignments alone.

Definitions: ``optimizer/model/README.md``. Every figure is recomputed from the definitions;
the document's own are only held against it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.verify import blocks, status
from optimizer.verify.baseline import Baseline
from optimizer.verify.compare import Anything, Mismatch, Money, compare
from optimizer.verify.entities import entities
from optimizer.verify.leaves import exact_leaves
from optimizer.verify.neighbours import Neighbourhood
from optimizer.verify.notices import notice_mismatches, says_no_runner_ups
from optimizer.verify.savings import Savings, people
from optimizer.verify.stated import accepted_leaves, at, listed, stated_leaves

if TYPE_CHECKING:
    from optimizer.verify.tally import Tally

__all__ = ["document_mismatches", "expected_document", "is_whole", "savings_of"]


def document_mismatches(plan: Any, tally: Tally, total: float, feasible: bool, runner_ups: bool) -> list[Mismatch]:
    """Every place where the document departs from the recomputation.

    Parameters
    ----------
    plan : dict
        As stated; may be anything.
    tally : Tally
        The document's assignments, counted.
    total : float
        Recomputed cost, unrounded.
    feasible : bool
        No rule is broken.
    runner_ups : bool
        Recompute the second choices as well.
    """
    near = Neighbourhood(tally) if feasible and runner_ups else None
    savings = savings_of(plan, tally)
    stated = {k: v for k, v in plan.items() if k != "verification"} if isinstance(plan, dict) else plan
    expected = expected_document(plan, savings, total, near)
    if feasible and not runner_ups and not says_no_runner_ups(plan):
        blocks.leave_runner_ups(expected["assignments"])
    return [
        *compare(expected, stated),
        *(savings.inner_sums(plan) if is_whole(plan, tally) else ()),
        *status.claims(bool(tally.facts.demands), total, feasible, plan),
        *notice_mismatches(plan, tally),
    ]


def savings_of(plan: Any, tally: Tally) -> Savings:
    """Leaves of plan and baseline, and what follows from them."""
    leaves = accepted_leaves(exact_leaves(tally), stated_leaves(plan))
    return Savings(tally, leaves, Baseline(tally.facts, at(plan, "baseline")))


def expected_document(plan: Any, savings: Savings, total: float, near: Neighbourhood | None) -> dict[str, Any]:
    """What the document should say; of the stated one only the rounding of leaves and the bound are taken over."""
    tally, leaves, baseline = savings.t, savings.leaves, savings.baseline
    whole, shown = is_whole(plan, tally), _is_plan(plan, tally)
    return {
        "schema": status.SCHEMA,
        "run": status.run(tally.facts.case),
        "status": status.status(),
        "bounds": status.bounds(total if whole else None, plan),
        "cost": {name: Money(cents) for name, cents in leaves.terms().items()} if whole else None,
        "baseline": baseline.expected(),
        "savings": savings.expected(at(plan, "bounds", "best_bound")) if whole else None,
        "people": people(tally),
        "assignments": blocks.assignments(tally, leaves, near) if shown else [],
        "unallocated": blocks.unallocated(leaves) if shown else [],
        "lines": blocks.lines(tally),
        "sites": blocks.sites(tally),
        "entities": entities(tally, {d.key for d in savings.comparable}, leaves, baseline.leaves),
        "issues": Anything(list),
    }


def is_whole(plan: Any, tally: Tally) -> bool:
    """Whether the document has a plan whose cost is that of the case: all has a price and is served, or need not be."""
    if tally.unpriced():
        return False
    return _is_plan(plan, tally) and (tally.facts.policy.allow_unserved or not tally.unserved())


def _is_plan(plan: Any, tally: Tally) -> bool:
    """The document has assignments; where nothing is needed, it gives the plan its price."""
    if tally.facts.demands:
        return bool(tally.served or listed(plan, "assignments"))
    return at(plan, "bounds", "objective") is not None
