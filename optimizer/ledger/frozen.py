"""What a freeze holds: who serves whom, at which prices and rates, and what it cost before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue
from optimizer.domain.names import OWN, TRANSITION_ELEMENTS
from optimizer.domain.steady import only_steady
from optimizer.domain.types import exact
from optimizer.model.build import build_problem
from optimizer.plan.assumed import AssumptionIndex
from optimizer.plan.baseline import build_baseline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from optimizer.domain.case import Case
    from optimizer.money.values import PriceList
    from optimizer.plan.plan import Plan

__all__ = ["frozen_body"]


_PRICED: Final = ("service", "site", "dispersion", "own")
"""Terms that amounts hold: what a unit cost before is counted in the same."""


def frozen_body(
    case: Case, plan: Plan, prices: PriceList, *, unit: str, begin: str, rates: Mapping[str, float]
) -> dict[str, Any]:
    """The body of a freeze, from a case, its verified steady plan and a price list of it.

    Parameters
    ----------
    case : Case
        Without a horizon.
    plan : Plan
    prices : PriceList
    unit : {"month", "quarter", "half", "year"}
    begin : str
        Name of the first period.
    rates : mapping of str to float
        Planned rates: money of the ledger for one unit of each other currency.

    Raises
    ------
    HorizonNotTaken
        The case has a horizon.
    InputError
        ``plan_of_another_case``, ``plan_not_ok``, ``prices_of_another_plan``.
    """
    only_steady(case)
    document = plan.document()
    _require(case, document, prices)
    listed = {(p.provider, p.service): p.price for p in prices.prices if p.price is not None}
    return {
        "case_hash": case.case_hash,
        "plan": document["run"]["id"],
        "name": case.name,
        "currency": case.policy.currency,
        "unit": unit,
        "begin": begin,
        "list": prices.terms.price_list,
        "rates": {c: float(rates[c]) for c in sorted(rates)},
        "minutes_per_fte_year": float(case.policy.minutes_per_fte_year),
        "minutes": {s.id: float(s.minutes_per_unit) for s in case.services},
        "prices": [
            {"provider": o.provider, "service": o.service, "price": _price(case, o.key, listed)} for o in case.offers
        ],
        "demands": list(_demands(case, document)),
        "staff": list(_staff(case)),
        "one_offs": _one_offs(case, document),
    }


def _require(case: Case, document: Mapping[str, Any], prices: PriceList) -> None:
    found = []
    if document["run"]["case_hash"] != case.case_hash:
        told, remedy = "the plan answers another case", "give the case that was solved"
        found.append(Issue("plan_of_another_case", "error", told, remedy))
    whole = all(a["provider"] is not None for a in document["assignments"])
    if document["cost"] is None or not document["verification"]["ok"] or not whole:
        told, remedy = (
            "the plan is not whole, or its check found something",
            "give a plan that is verified and serves all",
        )
        found.append(Issue("plan_not_ok", "error", told, remedy))
    if prices.plan != document["run"]["id"]:
        told, remedy = "the price list is of another plan", "make the list of this plan"
        found.append(Issue("prices_of_another_plan", "error", told, remedy))
    if found:
        raise InputError(found)


def _price(case: Case, line: tuple[str, str], listed: Mapping[tuple[str, str], float]) -> float:
    """Frozen price of a line: of the list, else what a unit costs in its first tier with the fee, to six decimals."""
    return listed[line] if line in listed else round(float(case.unit_price(*line)), 6)


def _demands(case: Case, document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every demand of the plan, a year: volume, source, what a unit cost before, own unit cost."""
    problem = build_problem(case)
    baseline, assumed = build_baseline(case, problem), AssumptionIndex(case)
    for a in document["assignments"]:
        demand = case.demand[a["entity"], a["service"]]
        before = None
        d = problem.demand_index[demand.key]
        today = case.current_of.get(demand.key)
        if today is not None and a["provider"] == today.provider == OWN:
            before = demand.own_unit_cost  # its fixed cost stays, and is in no amount
        elif baseline is not None and baseline.comparable[d]:
            cents = sum(int(baseline.served.cents[term][d]) for term in _PRICED)
            before = round(float(exact(cents) / (100 * exact(demand.volume))), 6)
        sources = (a["provider"], *((today.provider,) if today else ()))
        yield {
            "entity": a["entity"],
            "service": a["service"],
            "provider": a["provider"],
            "volume": a["volume"],
            "own_unit_cost": demand.own_unit_cost,
            "baseline_unit_cost": before,
            "quality": "assumed" if assumed.rests_on_assumption(demand, sources) else "derived",
        }


def _staff(case: Case) -> Iterator[dict[str, Any]]:
    """Planned categories of each provider: share of effort, cost of one FTE a year."""
    known = {row.provider for row in case.staffing}
    for row in case.staffing:
        if row.provider != OWN:
            yield {
                "provider": row.provider,
                "category": row.category,
                "share": row.share,
                "cost_per_fte": row.cost_per_fte,
            }
    for p in case.providers:
        if p.id not in known and p.cost_per_fte is not None:
            yield {"provider": p.id, "category": "", "share": 1.0, "cost_per_fte": p.cost_per_fte}


def _one_offs(case: Case, document: Mapping[str, Any]) -> dict[str, float]:
    """One-off cost of the plan by element: those of moves in proportion to the policy's, contingency, set-up; cents."""
    from optimizer.money.amounts import spread

    once = document["savings"]["one_off"]
    names = [*TRANSITION_ELEMENTS, "contingency"]
    weights = [exact(getattr(case.policy.transition, n)) for n in TRANSITION_ELEMENTS]
    weights.append(sum(weights) * exact(case.policy.transition.contingency_rate))
    whole, cents = sum(weights), round(once["transition"] * 100)
    parts = spread([cents * w / whole for w in weights]) if whole else [0] * len(weights)
    out = {n: c / 100 for n, c in zip(names, parts, strict=True) if c}
    return out | ({"setup": once["setup"]} if once["setup"] else {})
