"""The whole document of a plan over time again, from the case and the stretches of its assignments alone.

Definitions: ``docs/model.md`` (planning over time). Every figure is recomputed; the document's own are only held
against it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.names import OWN, TIME_ONE_OFFS
from optimizer.verify import status
from optimizer.verify.blocks import leave_runner_ups
from optimizer.verify.compare import Anything, Mismatch, compare, is_number
from optimizer.verify.notices import held_against, readable, says_no_runner_ups
from optimizer.verify.stated import at, listed
from optimizer.verify.time import happenings, money
from optimizer.verify.time.account import account_of
from optimizer.verify.time.assignments import assignments
from optimizer.verify.time.leaves import ALL_TERMS
from optimizer.verify.time.neighbours import NearPlan
from optimizer.verify.time.posts import staffing

if TYPE_CHECKING:
    from optimizer.verify.time.account import Account
    from optimizer.verify.time.baseline import BaselinePath
    from optimizer.verify.time.costs import TimeCost
    from optimizer.verify.time.plan import TimePlan

__all__ = ["SCHEMA", "document_mismatches", "is_whole"]

SCHEMA: Final = "designate.plan/2"

_TABLES: Final = ("cash_flow", "waves", "staffing", "assignments", "unallocated", "lines", "sites", "entities")
_NOTICES: Final = frozenset({"current_unpriceable", "unserved"})
"""Codes of findings that follow from case and plan."""


def document_mismatches(
    document: Any, plan: TimePlan, path: BaselinePath, cost: TimeCost, feasible: bool, near: NearPlan | None
) -> list[Mismatch]:
    """Every place where the document departs from the recomputation.

    Parameters
    ----------
    document : dict
        As stated; may be anything.
    plan : TimePlan
        Its assignments, counted.
    path : BaselinePath
    cost : TimeCost
        Recomputed.
    feasible : bool
        No rule is broken.
    near : NearPlan, optional
        Single moves away from it, to recompute runner-ups.
    """
    stated = {k: v for k, v in document.items() if k != "verification"} if isinstance(document, dict) else document
    account = account_of(plan, path, document) if _is_plan(document, plan) else None
    whole = account is not None and is_whole(document, plan)
    expected = _expected(document, plan, account, cost if whole else None, near if account is not None else None)
    if account is not None and feasible and near is None and not says_no_runner_ups(document):
        leave_runner_ups(expected["assignments"])
    found = compare(expected, stated)
    needed = bool(plan.facts.present)
    claimed = status.claims(needed, cost.objective, feasible, document)
    sums = [] if account is None else _inner_sums(document)
    return [*found, *claimed, *sums, *_notices(document, plan)]


def is_whole(document: Any, plan: TimePlan) -> bool:
    """Whether the document has a plan whose cost is that of the case: all has a price and is served, or need not be."""
    if not _is_plan(document, plan) or any(tally.unpriced() for tally in plan.tallies):
        return False
    return plan.facts.policy.allow_unserved or not any(tally.unserved() for tally in plan.tallies)


def _is_plan(document: Any, plan: TimePlan) -> bool:
    """The document has assignments; where nothing is needed, it gives the plan its price."""
    if plan.facts.present:
        return bool(listed(document, "assignments"))
    return at(document, "bounds", "objective") is not None


def _expected(
    document: Any, plan: TimePlan, account: Account | None, cost: TimeCost | None, near: NearPlan | None
) -> dict[str, Any]:
    """What the document should say; ``account``: it has a plan, ``cost``: one with a price, ``near``: runner-ups."""
    return {
        "schema": SCHEMA,
        "run": status.run(plan.facts.case),
        "status": status.status(),
        "horizon": happenings.horizon(plan.facts),
        "bounds": status.bounds(None if cost is None else cost.objective, document),
        "cost": None,
        "baseline": None,
        "savings": None,
        **{name: [] for name in _TABLES},
        **({} if account is None else _tables(account, near)),
        **({} if account is None or cost is None else _sums(document, account, cost)),
        "issues": Anything(list),
    }


def _tables(account: Account, near: NearPlan | None) -> dict[str, Any]:
    plan = account.plan
    return {
        "baseline": money.baseline(account),
        "cash_flow": money.cash_flow(account),
        "waves": happenings.waves(account),
        "staffing": staffing(plan),
        "assignments": assignments(account, near),
        "unallocated": money.unallocated(account),
        "lines": happenings.lines(plan),
        "sites": happenings.sites(plan),
        "entities": happenings.entities(account),
    }


def _sums(document: Any, account: Account, cost: TimeCost) -> dict[str, Any]:
    return {
        "cost": money.cost(account, cost),
        "savings": money.savings(account, cost.objective, document),
    }


def _inner_sums(document: Any) -> list[Mismatch]:
    """Terms whose leaves do not add up to the periods' cost, as the document itself states them."""
    out = []
    for name in ALL_TERMS:
        leaves = [at(row, "cost", name) for row in listed(document, "assignments")]
        leaves += [at(row, "amount") for row in listed(document, "unallocated") if at(row, "term") == name]
        block = "one_off" if name in TIME_ONE_OFFS else "cost"
        sums = [at(row, block, name) for row in listed(document, "cash_flow")]
        low, high = (sum(round(x * 100.0) for x in side if is_number(x)) for side in (leaves, sums))
        if low != high:
            out.append(Mismatch("assignments", f"{name} adds up to {low / 100}", high / 100))
    return out


def _notices(document: Any, plan: TimePlan) -> list[Mismatch]:
    """Findings that cannot be read, that are missing, or that do not follow."""
    stated = at(document, "issues")
    if not isinstance(stated, list):
        return [Mismatch("issues", stated, "a list")]
    rows, out = readable(stated)
    never, sometimes = _unpriced(plan)
    wanted = {("current_unpriceable", value): "warning" for value in never}
    if _is_plan(document, plan):
        severity = "warning" if plan.facts.policy.allow_unserved else "error"
        left = {d.key for tally in plan.tallies for d in tally.unserved()}
        wanted |= {("unserved", "|".join(key)): severity for key in left}
    return out + held_against(rows, wanted, _NOTICES, {("current_unpriceable", value) for value in sometimes})


def _unpriced(plan: TimePlan) -> tuple[list[str], list[str]]:
    """Sources of today without a price: in every period in which the demand is present; in some, or in the tables."""
    facts, never, sometimes = plan.facts, [], []
    for key, today in facts.today.items():
        known = [facts.at(number).price(key, today) is not None for number in facts.present[key]]
        row = facts.case.demand[key]
        listed_ = row.own_unit_cost is not None if today == OWN else (today, key[1]) in facts.case.offer
        if not any(known):
            never.append("|".join((*key, today)))
        elif not all(known) or not listed_:
            sometimes.append("|".join((*key, today)))
    return never, sometimes
