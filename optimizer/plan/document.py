"""The plan document ``designate.plan/1``: every figure a planner sees, put together once."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.domain.names import COST_TERMS
from optimizer.domain.types import MICRO
from optimizer.model.costs.lines import line_amount
from optimizer.model.eligibility.pairs import BIT, codes_of
from optimizer.model.parts import Choice
from optimizer.model.rules import check
from optimizer.plan.allocation import Allocation
from optimizer.plan.alternatives import runner_ups
from optimizer.plan.baseline import baseline_block, build_baseline
from optimizer.plan.clients import entity_rows
from optimizer.plan.people import people_block
from optimizer.plan.savings import savings_block

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.model.aliases import Ints
    from optimizer.model.problem import Problem
    from optimizer.plan.alternatives import RunnerUp

__all__ = [
    "MAX_PAIRS_FOR_RUNNER_UPS",
    "bounds_block",
    "line_rows",
    "nearness",
    "plan_body",
    "runner_up_cell",
    "site_rows",
]

MAX_PAIRS_FOR_RUNNER_UPS = 1_000_000
"""Beyond this many pairs runner-ups are left out (and the document says so)."""


def bounds_block(objective: float | None, bound: float | None) -> dict[str, float | None]:
    """Objective, bound and gap: gap_abs = max(0, objective − bound), gap_rel over max(|objective|, 1)."""
    if objective is None or bound is None:
        return {"objective": _six(objective), "best_bound": _six(bound), "gap_abs": None, "gap_rel": None}
    gap = max(0.0, objective - bound)
    return {
        "objective": _six(objective),
        "best_bound": _six(bound),
        "gap_abs": _six(gap),
        "gap_rel": round(gap / max(abs(objective), 1.0), 9),
    }


def plan_body(
    case: Case, problem: Problem, choice: Choice | None, bound: float | None, *, second: bool = True
) -> dict[str, Any]:
    """Everything of the document that follows from the assignment.

    Parameters
    ----------
    case, problem : Case, Problem
    choice : Choice, optional
        ``None``: no plan; the same keys with nobody assigned.
    bound : float, optional
        Lower bound of any plan's total, money a year.
    second : bool, default True
        Look for the runner-up of each demand.

    Returns
    -------
    dict : ``bounds`` … ``entities`` of ``designate.plan/1``. Objective, cost and savings are ``None`` without
        a plan, with one that leaves demands unserved where the policy does not accept that, and with a hand-made
        one of which some pair has no price: the cost of a part compares with nothing. What each served demand
        bears stands with its assignment all the same.
    """
    nobody = np.full(problem.n_demands, -1, dtype=np.int64)
    shown = Choice(nobody, nobody) if choice is None else choice
    plan, baseline = Allocation(case, problem, shown.provider), build_baseline(case, problem)
    others = _second(problem, choice if second else None)
    missing = shown.provider < 0
    unpriced = ~missing & ~plan.priced
    whole = choice is not None and not unpriced.any() and (case.policy.allow_unserved or not missing.any())
    return {
        "bounds": bounds_block(float(plan.exact_total["total"]) if whole else None, bound),
        "cost": plan.cost_block() if whole else None,
        "baseline": baseline_block(baseline),
        "savings": savings_block(plan, baseline, bound) if whole else None,
        "people": people_block(plan),
        "assignments": [] if choice is None else _assignments(plan, shown.backup, others),
        "unallocated": [] if choice is None else _unallocated(plan),
        "lines": line_rows(plan),
        "sites": site_rows(plan),
        "entities": entity_rows(plan, baseline),
    }


def _second(problem: Problem, choice: Choice | None) -> list[RunnerUp | None]:
    """Runner-ups, told only for plans that keep every rule."""
    if choice is None or problem.n_pairs > MAX_PAIRS_FOR_RUNNER_UPS or not _keeps_rules(problem, choice):
        return [None] * problem.n_demands
    return runner_ups(problem, choice)


def _keeps_rules(problem: Problem, choice: Choice) -> bool:
    """Whether every rule holds; unserved demands are no fault where the policy accepts them."""
    unserved = problem.scalars.allow_unserved
    return all(
        unserved and b.rule == "assign_once" and choice.provider[b.data["demand"]] < 0 for b in check(problem, choice)
    )


def _assignments(plan: Allocation, backup: Ints, second: list[RunnerUp | None]) -> list[dict[str, Any]]:
    """One row for each demand, the unserved ones too."""
    leaves = zip(*(plan.cents[term][: plan.problem.n_demands].tolist() for term in COST_TERMS), strict=True)
    figures = zip(leaves, plan.running_cents.tolist(), backup.tolist(), _set_aside(plan), second, strict=True)
    return [_assignment(plan, d, *found) for d, found in enumerate(figures)]


def _assignment(
    plan: Allocation,
    d: int,
    leaves: tuple[int, ...],
    running: int,
    backup: int,
    set_aside: int,
    second: RunnerUp | None,
) -> dict[str, Any]:
    problem, p = plan.problem, int(plan.provider[d])
    demand = plan.demands[d]
    today = int(problem.current[d])
    return {
        "entity": demand.entity,
        "service": demand.service,
        "provider": None if p < 0 else problem.provider_name(p),
        "backup": None if backup < 0 else problem.provider_name(backup),
        "volume": demand.volume,
        "volume_basis": demand.basis,
        "effort_fte": round(float(problem.effort_fte[d]), 6),
        "cost": {term: cents / 100 for term, cents in zip(COST_TERMS, leaves, strict=True)},
        "price": None if not plan.priced[d] else round(running / 100 / demand.volume, 6),
        **nearness(plan, d),
        "moved_from": problem.provider_name(today) if plan.moved[d] else None,
        "by_decision": bool(problem.locked[d] >= 0),
        "exempted": sorted(codes_of(set_aside)) if set_aside else [],
        "runner_up": None if second is None else runner_up_cell(problem.provider_name(second[0]), second[1]),
    }


def runner_up_cell(provider: str, extra: float) -> dict[str, Any]:
    """A runner-up as documents state it: to the cent."""
    return {"provider": provider, "extra_cost": round(extra, 2) + 0.0}


def nearness(plan: Allocation, d: int) -> dict[str, Any]:
    """Distance, overlap and missing languages of a demand's pair."""
    problem, p = plan.problem, int(plan.provider[d])
    e = int(problem.demand_entity[d])
    if p < 0 or p == problem.n_providers:
        km = None if p < 0 else 0.0
        return {"distance_km": km, "overlap_hours": None, "overlap_hours_worst": None, "languages_missing": []}
    needs = plan.case.entity[problem.entity_ids[e]].languages
    return {
        "distance_km": _six(float(problem.distance_km[e, p])),
        "overlap_hours": _six(float(problem.overlap_hours[e, p])),
        "overlap_hours_worst": _six(float(problem.overlap_hours_worst[e, p])),
        "languages_missing": sorted(needs - plan.case.provider[problem.provider_ids[p]].languages),
    }


def _set_aside(plan: Allocation) -> list[int]:
    """Bits of the refusals set aside for each chosen pair, also where others still stand against it."""
    problem, who = plan.problem, plan.provider
    standing = problem.refusals[np.arange(problem.n_demands), who]
    whole = np.where(who == problem.current, problem.today_refusals, np.uint32(0))
    if problem.locked_refusals is not None:
        whole |= np.where(who == problem.locked, problem.locked_refusals, np.uint32(0))
    offered = (who >= 0) & (standing & BIT["not_offered"] == 0)
    bits: list[int] = np.where(offered, whole & ~standing, np.uint32(0)).tolist()
    return bits


def _unallocated(plan: Allocation) -> list[dict[str, Any]]:
    n = plan.problem.n_demands
    rows = zip(plan.empty_required, plan.cents["site"][n:].tolist(), strict=True)
    return [{"provider": plan.problem.provider_name(p), "term": "site", "amount": cents / 100} for p, cents in rows]


def line_rows(plan: Allocation) -> list[dict[str, Any]]:
    """A row for each line that carries work."""
    out, loads = [], _line_loads(plan)
    for i in np.flatnonzero(plan.tally.line_volume > 0).tolist():
        lines = plan.problem.lines
        key = plan.problem.provider_ids[lines.provider[i]], plan.problem.service_ids[lines.service[i]]
        offer, load = plan.case.offer[key], loads[i]
        volume = load / MICRO
        stacked = volume + offer.base_volume
        reached = sum(start < stacked for start, _ in plan.case.line_tiers[key])
        out.append(
            {
                "provider": key[0],
                "service": key[1],
                "volume": _six(volume),
                "base_volume": offer.base_volume,
                "capacity": offer.capacity,
                "utilisation": _share(stacked, offer.capacity),
                "tier": max(1, reached),
                "unit_cost_average": _six(float(line_amount(plan.case, key, load) / Fraction(load, MICRO))),
            }
        )
    return out


def _line_loads(plan: Allocation) -> dict[int, int]:
    """Millionths of a unit on each line that carries any."""
    out: dict[int, int] = defaultdict(int)
    for i, volume in zip(plan.tally.line.tolist(), plan.volumes, strict=True):
        out[i] += volume
    return out


def site_rows(plan: Allocation) -> list[dict[str, Any]]:
    """A row for each site, in the order of the problem."""
    problem = plan.problem
    pairs = np.unique(np.stack([plan.provider[plan.at_site], problem.demand_entity[plan.at_site]], axis=1), axis=0)
    clients = np.bincount(pairs[:, 0], minlength=problem.n_providers)
    out = []
    for p, name in enumerate(problem.provider_ids):
        site, effort = plan.case.provider[name], float(plan.site_effort[p])
        out.append(
            {
                "provider": name,
                "open": bool(plan.tally.site_open[p]),
                "effort_fte": _six(effort),
                "base_fte": site.base_fte,
                "capacity_fte": site.capacity_fte,
                "utilisation": _share(effort + site.base_fte, site.capacity_fte),
                "entities": int(clients[p]),
            }
        )
    return out


def _share(used: float, capacity: float | None) -> float | None:
    return None if not capacity else round(used / capacity, 6)


def _six(value: float | None) -> float | None:
    return None if value is None else round(value, 6) + 0.0
