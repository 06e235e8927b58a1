"""The plan against today: money a year, one-off, payback, present value, and how firm it is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.domain.types import exact
from optimizer.model.served import annuity
from optimizer.plan.assumed import AssumptionIndex
from optimizer.plan.cents import to_cents

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from optimizer.domain.policy import Policy
    from optimizer.model.aliases import Bools
    from optimizer.plan.allocation import Allocation
    from optimizer.plan.baseline import Baseline

__all__ = ["net_present_value", "payback_years", "savings_block"]


def payback_years(one_off: Fraction, annual: Fraction) -> Fraction | None:
    """Years until the one-off cost is earned; 0 without one, ``None`` when nothing is saved."""
    if annual <= 0:
        return None
    return one_off / annual if one_off > 0 else Fraction(0)


def net_present_value(one_off: Fraction, annual: Fraction, policy: Policy) -> Fraction:
    """−one-off + Σ annual / (1 + r)^t over the horizon, money; the sum is annual over the annuity of 1."""
    return annual / annuity(policy.discount_rate, policy.horizon_years) - one_off


def upper_limit(base: int, new: int, plan: dict[str, int], bound: float) -> float:
    """Most that any plan could save net a year: baseline running + cost of new demands − best bound, money.

    Net is what is left of the saving when the annualised one-off terms are paid. The document's own plan
    saves base + new − total of it, in sums of rounded leaves: where the bound is as near as that rounding,
    the limit is what the plan saves.

    Parameters
    ----------
    base, new : int
        Running cost of today's arrangement and of the plan's new demands, cents.
    plan : dict of str to int
        Cost of the plan by term, cents.
    bound : float
        Lower bound of any plan's total, money a year.
    """
    most = to_cents(Fraction(base + new, 100) - exact(bound))
    return max(most, base + new - plan["total"]) / 100


@dataclass(frozen=True, eq=False)
class _Comparison:
    plan: Allocation
    baseline: Baseline

    @property
    def same(self) -> Bools:
        """Demands on both sides."""
        return self.baseline.comparable

    def rows(self, before: Sequence[str], after: Sequence[str]) -> list[dict[str, Any]]:
        """Baseline, plan and saving of the comparable demands, grouped on each side."""
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        today, then = self.baseline.served.running_cents.tolist(), self.plan.running_cents.tolist()
        for d in np.flatnonzero(self.same).tolist():
            sums[before[d]][0] += today[d]
            sums[after[d]][1] += then[d]
        return [
            {"id": k, "baseline": a / 100, "plan": b / 100, "saving": (a - b) / 100}
            for k, (a, b) in sorted(sums.items())
        ]


def savings_block(plan: Allocation, baseline: Baseline | None, best_bound: float | None) -> dict[str, Any]:
    """The document's ``savings``; figures are ``None`` without a baseline or with demands unserved.

    Parameters
    ----------
    plan : Allocation
    baseline : Baseline, optional
    best_bound : float, optional (lower bound of any plan's total, money a year)
    """
    once = {"transition": to_cents(plan.one_off_transition), "setup": to_cents(plan.one_off_setup)}
    one_off, horizon = {name: cents / 100 for name, cents in once.items()}, plan.case.policy.horizon_years
    if baseline is None or (plan.provider < 0).any():
        return _nothing(one_off, horizon)
    base, new = baseline.served.term_cents["running"], int(plan.running_cents[~baseline.comparable].sum())
    saved, both = base + new - plan.term_cents["running"], _Comparison(plan, baseline)
    spent, annual = Fraction(sum(once.values()), 100), Fraction(saved, 100)
    payback = payback_years(spent, annual)
    return {
        "annual": saved / 100,
        "annual_rel": round(saved / base, 6) if base else None,
        "upper_limit": None if best_bound is None else upper_limit(base, new, plan.term_cents, best_bound),
        "one_off": one_off,
        "payback_years": None if payback is None else round(float(payback), 6),
        "npv": to_cents(net_present_value(spent, annual, plan.case.policy)) / 100,
        "horizon_years": horizon,
        "new_demand_cost": new / 100,
        "on_assumptions_rel": _on_assumptions(both),
        **_grouped(both),
    }


def _nothing(one_off: dict[str, float], horizon: int) -> dict[str, Any]:
    blank = dict.fromkeys(("annual", "annual_rel", "upper_limit"))
    return {
        **blank,
        "one_off": one_off,
        "payback_years": None,
        "npv": None,
        "horizon_years": horizon,
        "new_demand_cost": None,
        "on_assumptions_rel": None,
        "by_entity": [],
        "by_provider": [],
        "by_service": [],
    }


def _grouped(both: _Comparison) -> dict[str, Any]:
    problem = both.plan.problem
    entity = [problem.entity_ids[e] for e in problem.demand_entity.tolist()]
    service = [problem.service_ids[s] for s in problem.demand_service.tolist()]
    before = _provider_names(both.baseline.served)
    after = _provider_names(both.plan)
    return {
        "by_entity": both.rows(entity, entity),
        "by_provider": both.rows(before, after),
        "by_service": both.rows(service, service),
    }


def _provider_names(side: Allocation) -> list[str]:
    names: Iterable[int] = side.provider.tolist()
    return ["" if p < 0 else side.problem.provider_name(p) for p in names]


def _on_assumptions(both: _Comparison) -> float | None:
    """Share of Σ|saving_d| on demands with any assumed price, volume or effort input."""
    problem, index = both.plan.problem, AssumptionIndex(both.plan.case)
    saving = np.abs(both.baseline.served.running_cents - both.plan.running_cents)
    whole = assumed = 0
    for d in np.flatnonzero(both.same & (saving > 0)).tolist():
        sources = {problem.provider_name(int(side[d])) for side in (problem.current, both.plan.provider)}
        whole += int(saving[d])
        if index.rests_on_assumption(both.plan.demands[d], tuple(sorted(sources))):
            assumed += int(saving[d])
    return round(assumed / whole, 6) if whole else None
