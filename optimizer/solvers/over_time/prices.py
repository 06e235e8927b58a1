"""What leaving today's source costs, spread over the periods away from it, so that no path pays less.

A path that leaves at t pays P_dt. With any π, 0 ≤ π_t ≤ P_t, and q_t = π_t − π_t+1 (π after the last period is 0),
Σ q over the periods away is Σ π_t · (away_t − away_t−1) ≤ what the path pays. Here π never rises, so q ≥ 0. Where a
plan leaves at a known date, π stays at P until then: the bound then knows all that this plan pays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.time.joint import JointProblem
    from optimizer.solvers.over_time.reach import Reach

__all__ = ["LeavingCost", "leaving_money", "setup_prices", "spread"]


def leaving_money(joint: JointProblem, t: int, demand: Ints, source: Ints) -> Floats:
    """One-off money of leaving a source at the beginning of a period: moving, and running double; undiscounted.

    0 where the source has no price or the demand is absent. Both run double only where the demand was there before.

    Parameters
    ----------
    joint : JointProblem
    t : int
    demand, source : ndarray of shape (n,)
    """
    stage, months = joint.stages[t], joint.policy.handover_months / 12.0
    old, there = stage.leaving[demand, source], joint.local[t, demand] >= 0
    before = joint.local[t - 1, demand] >= 0 if t else np.ones(len(demand), np.bool_)
    double = np.where(before, np.nan_to_num(old), 0.0) * months
    return np.where(there & np.isfinite(old), stage.effort[demand] * stage.per_fte + double, 0.0)


@dataclass(frozen=True, eq=False)
class LeavingCost:
    """One-off money of leaving today's source, by period and demand; shape (n_periods, n_demands).

    Parameters
    ----------
    money : ndarray
        Undiscounted: moving and running double; 0 where today's source has no price or the demand is absent.
    """

    money: Floats

    @classmethod
    def of(cls, joint: JointProblem) -> LeavingCost:
        """What the plan's own count of one-offs says, for every demand at once."""
        out = np.zeros((joint.n_periods, joint.n_demands))
        has = np.flatnonzero(joint.current >= 0)
        for t in range(joint.n_periods):
            out[t, has] = leaving_money(joint, t, has, joint.current[has])
        return cls(out)

    def least(self, reach: Reach) -> Floats:
        """Least money of having left by each period; infinite before anybody can."""
        able = np.where(reach.departs, self.money, np.inf)
        return np.minimum.accumulate(able, axis=0)


def spread(joint: JointProblem, reach: Reach, leaving: LeavingCost, dates: Ints | None = None) -> Floats:
    """Discounted money of each period away from today's source, shape (n_periods, n_demands).

    Parameters
    ----------
    joint : JointProblem
    reach : Reach
    leaving : LeavingCost
    dates : ndarray of shape (n_demands,), optional
        Period in which a plan leaves today's source, −1 where it does not: π stays level until then.
    """
    discount = np.array([s.discount for s in joint.stages])[:, None]
    there = joint.local >= 0
    most = np.minimum.accumulate(np.where(reach.departs, leaving.money * discount, np.inf), axis=0)
    first = np.where(reach.departs.any(axis=0), np.argmax(reach.departs, axis=0), joint.n_periods)
    begin = first if dates is None else np.where(dates >= 0, np.maximum(dates, first), first)
    weight = np.array([s.weight for s in joint.stages])[:, None] * there
    periods = np.arange(joint.n_periods)[:, None]
    rest = np.cumsum(np.where(periods >= begin, weight, 0.0)[::-1], axis=0)[::-1]
    whole = rest[0]
    share = np.where(periods < begin, 1.0, rest / np.where(whole > 0, whole, 1.0))
    return _prices(most, share, there)


def _prices(most: Floats, share: Floats, there: Bools) -> Floats:
    """Differences of the highest π of a shape that stays below what leaving costs."""
    finite = np.isfinite(most)
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.where(finite & (share > 0), most / share, np.inf).min(axis=0)
    level = np.where(np.isfinite(level), level, 0.0)
    pi = np.minimum(np.where(finite, most, np.inf), level * share)
    out = np.zeros_like(pi)
    following = np.zeros(pi.shape[1])
    for t in reversed(range(len(pi))):
        out[t] = np.where(there[t], np.maximum(pi[t] - following, 0.0), 0.0)
        following = np.where(there[t], np.maximum(pi[t], following), following)
    return out


def setup_prices(joint: JointProblem) -> Floats:
    """Discounted money of each period in which a candidate serves, shape (n_periods, n_providers).

    Spread evenly over the time that is left: a candidate that serves from t on pays its set-up in t.
    """
    weight = np.array([s.weight for s in joint.stages])
    rest = np.cumsum(weight[::-1])[::-1]
    cost = np.array([s.discount * s.setup for s in joint.stages])
    return np.asarray((cost / rest[:, None]).min(axis=0) * weight[:, None], np.float64)
