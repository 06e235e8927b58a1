"""The plan against today's path, period by period: saving, cash flow, break-even, present value, internal rate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.domain.names import OWN
from optimizer.domain.time.profiles import is_there
from optimizer.domain.time.stills import may_serve
from optimizer.model.time.trace import Trace
from optimizer.plan.time.allocation import ONE_OFFS, YEARLY, Ledger

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.model.aliases import Bools, Ints
    from optimizer.model.time.joint import JointProblem

__all__ = ["AgainstToday", "break_even", "counted_today", "internal_rate"]


def counted_today(joint: JointProblem) -> tuple[Bools, Bools]:
    """Which demands count in each period, and which do not because their source of today has ended.

    Returns
    -------
    tuple of ndarray of shape (n_periods, n_demands), bool
        A demand counts where today's source has a price and has not ended.
    """
    counted, ended = (np.zeros((joint.n_periods, joint.n_demands), np.bool_) for _ in range(2))
    for t, stage in enumerate(joint.stages):
        for d in stage.demand.tolist():
            today = int(joint.current[d])
            if today < 0 or not np.isfinite(stage.leaving[d, today]):
                continue
            over = _has_ended(joint, t, d, today)
            counted[t, d], ended[t, d] = not over, over
    return counted, ended


def _has_ended(joint: JointProblem, t: int, d: int, today: int) -> bool:
    stage, (entity, service) = joint.stages[t], joint.keys[d]
    name = joint.name(today)
    if name == OWN:
        return not is_there(joint.case.entity[entity], stage.period)
    offer = joint.case.offer[name, service]
    return not (may_serve(joint.case.provider[name], stage.period) and may_serve(offer, stage.period))


@dataclass(frozen=True, eq=False)
class AgainstToday:
    """A plan's path beside today's. All money in cents.

    Parameters
    ----------
    plan : Ledger
    """

    plan: Ledger

    @property
    def joint(self) -> JointProblem:
        """The problem behind both."""
        return self.plan.joint

    @cached_property
    def _counts(self) -> tuple[Bools, Bools]:
        return counted_today(self.joint)

    @property
    def counted(self) -> Bools:
        """Demands on both sides, by period."""
        return self._counts[0]

    @cached_property
    def baseline(self) -> Ledger:
        """Today's path: everyone stays."""
        provider = np.where(self.counted, self.joint.current[None, :], -1)
        return Ledger(Trace(self.joint, provider.astype(np.int64), as_baseline=True))

    def _outside(self, t: int, which: Bools) -> int:
        """Running cost in the plan of demands that stand on neither side."""
        local = which[t, self.joint.stages[t].demand]
        return sum(int(self.plan.months[t].by_demand[term][local].sum()) for term in YEARLY)

    @cached_property
    def source_ended(self) -> Ints:
        """Cost in the plan of demands whose source of today has ended, by period."""
        return np.array([self._outside(t, self._counts[1]) for t in range(self.joint.n_periods)], np.int64)

    @cached_property
    def new_demand(self) -> Ints:
        """Cost in the plan of demands without a source of today that has a price, by period."""
        new = ~(self._counts[0] | self._counts[1])
        return np.array([self._outside(t, new) for t in range(self.joint.n_periods)], np.int64)

    @cached_property
    def saving(self) -> Ints:
        """Today's running cost less the plan's, without demands on neither side; by period."""
        both = ((self.baseline.running(t), self.plan.running(t)) for t in range(self.joint.n_periods))
        gross = np.array([today - plan for today, plan in both], np.int64)
        return gross + self.source_ended + self.new_demand

    @cached_property
    def one_off(self) -> Ints:
        """The plan's one-off cost less today's path's, by period."""
        both = ((self.plan.one_off(t), self.baseline.one_off(t)) for t in range(self.joint.n_periods))
        return np.array([plan - today for plan, today in both], np.int64)

    @cached_property
    def flow(self) -> Ints:
        """f_t: saving less one-off cost, by period."""
        return self.saving - self.one_off

    @cached_property
    def discounts(self) -> NDArray[np.float64]:
        """δ_t."""
        return np.array([stage.discount for stage in self.joint.stages], np.float64)

    @cached_property
    def forced(self) -> Ints:
        """One-off cost of forced switches (transition and double running), by period."""
        out = np.zeros(self.joint.n_periods, np.int64)
        for s in self.plan.trace.switches:
            if s.forced:
                d = int(self.joint.local[s.t, s.d])
                out[s.t] += sum(int(self.plan.months[s.t].by_demand[n][d]) for n in ("transition", "double_running"))
        return out

    def break_even(self, *, discounted: bool) -> int | None:
        """Months until the flow is earned back for good."""
        worth = self.discounts if discounted else np.ones(self.joint.n_periods)
        return break_even(self.saving, self.one_off, worth, self._months)

    @property
    def _months(self) -> int:
        horizon = self.joint.policy.horizon
        assert horizon is not None
        return horizon.months

    def years(self, count: int) -> float | None:
        """Plain Σ f of the first years, money; ``None`` when the horizon is shorter."""
        periods = count * 12 // self._months
        return None if periods > self.joint.n_periods else int(self.flow[:periods].sum()) / 100

    @property
    def run_rate(self) -> float | None:
        """Saving of the last twelve months, money; ``None`` when the horizon is shorter."""
        periods = 12 // self._months
        return None if periods > self.joint.n_periods else int(self.saving[-periods:].sum()) / 100

    @cached_property
    def npv(self) -> float:
        """Σ δ f, money."""
        return round(float(self.discounts @ self.flow) / 100, 2) + 0.0

    def block(self, bound: float | None) -> dict[str, Any]:
        """The document's ``savings``."""
        plain = self.break_even(discounted=False)
        one_offs = {n: sum(m.total(n) for m in self.plan.months) / 100 for n in ONE_OFFS}
        periods = [float(s.period.years) for s in self.joint.stages]
        return {
            "annual": self.run_rate,
            "run_rate": self.run_rate,
            "total": int(self.saving.sum()) / 100,
            "upper_limit": None if bound is None else self._upper_limit(bound),
            "one_off": one_offs,
            "one_off_forced": int(self.forced.sum()) / 100,
            "npv": self.npv,
            "break_even": self.break_even(discounted=True),
            "payback_years": None if plain is None else round(plain / 12, 6),
            "irr": internal_rate(self.flow / 100, np.cumsum(periods)),
            "five_years": self.years(5),
            "ten_years": self.years(10),
            "new_demand_cost": int(self.new_demand.sum()) / 100,
            "source_ended_cost": int(self.source_ended.sum()) / 100,
        }

    def _upper_limit(self, bound: float) -> float:
        """Most net present value that any plan could have: what the plan's falls short of the bound is open."""
        return round(max(self.npv, self.npv + self.plan.objective - bound), 2) + 0.0


_NOISE_CENTS = 1e-6
"""Sums of discounted cents may be off by so much of a cent."""


def break_even(
    saving: NDArray[np.number[Any]], one_off: NDArray[np.number[Any]], worth: NDArray[np.float64], months: int
) -> int | None:
    """Months until a flow is earned back for good.

    One-off costs fall on the first day of their period, savings evenly on its months. 0 when nothing is paid
    once beyond what today's path pays and the sum is never below 0; ``None`` when it ends at or below 0.

    Parameters
    ----------
    saving, one_off : ndarray of shape (n_periods,)
        Cents of each period.
    worth : ndarray of shape (n_periods,)
        Discount factors.
    months : int
        Of a period.
    """
    paid = np.repeat(worth * one_off, months).reshape(-1, months)
    paid[:, 1:] = 0.0
    earned = np.repeat(worth * saving / months, months).reshape(-1, months)
    ends = np.cumsum((earned - paid).ravel())
    if not len(ends) or ends[-1] <= _NOISE_CENTS:
        return None
    if (one_off <= 0).all() and (ends >= -_NOISE_CENTS).all():
        return 0
    below = np.flatnonzero(ends < -_NOISE_CENTS)
    return int(below[-1]) + 2 if len(below) else 1


def internal_rate(flow: NDArray[np.float64], years: NDArray[np.float64]) -> float | None:
    """The rate at which Σ f (1 + irr)^−years is 0, where the flow turns once, from minus to plus; else ``None``."""
    signs = np.sign(flow[flow != 0])
    turns = np.flatnonzero(np.diff(signs))
    if len(turns) != 1 or signs[0] > 0:
        return None

    def worth(log_growth: float) -> float:
        return float(np.sum(flow * np.exp(-log_growth * years)))

    most = 600.0 / float(years.max())  # beyond it floats overflow
    low, high = -min(1.0, most), min(1.0, most)  # worth falls where it crosses 0: the losses come first
    while worth(low) < 0 and low > -most:
        low = max(2 * low, -most)
    while worth(high) > 0 and high < most:
        high = min(2 * high, most)
    if worth(low) < 0 or worth(high) > 0:
        return None
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if worth(middle) > 0 else (low, middle)
    return round(float(np.expm1((low + high) / 2)), 9)
