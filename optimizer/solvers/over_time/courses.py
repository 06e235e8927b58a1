"""What each demand may do over time and what it costs, and the limits that all share, for the bound of a horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.domain.horizon import add_months
from optimizer.solvers.over_time.period_arrays import Options
from optimizer.solvers.over_time.reach import MOST_COUNTED

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.time.joint import JointProblem
    from optimizer.solvers.over_time.reach import Reach

__all__ = ["Courses", "Limits"]


@dataclass(frozen=True, eq=False)
class Limits:
    """Limits that switches of all demands share.

    Parameters
    ----------
    absorb : ndarray of shape (n_periods, n_providers)
        FTE that may arrive in the twelve months that end with a period; infinite without a limit, and before the
        first twelve months are over.
    width : int
        Periods of twelve months.
    budget : ndarray of shape (n_budgets, n_periods)
        1 for the periods that share an amount, 0 for the others.
    amount : ndarray of shape (n_budgets,)
        One-off money, undiscounted.
    each, all : float
        Switches in one period; demands that switch.
    """

    absorb: Floats
    width: int
    budget: Floats
    amount: Floats
    each: float
    all: float

    @classmethod
    def of(cls, joint: JointProblem) -> Limits:
        """Those of a joint problem."""
        policy, horizon, periods = joint.policy, joint.policy.horizon, joint.n_periods
        assert horizon is not None
        width = min(12 // horizon.months, periods)
        absorb = np.array([s.absorb for s in joint.stages])
        absorb[: width - 1] = np.inf
        years = np.array([s.period.planning_year for s in joint.stages])
        rows = [(1.0 * (years == row.year), float(row.amount)) for row in joint.case.budgets]
        if policy.one_off_budget is not None:
            rows.append((np.ones(periods), float(policy.one_off_budget)))
        most = (policy.max_moves_per_period, policy.max_moves)
        each, whole = (np.inf if m is None else float(m) for m in most)
        budget = np.array([mask for mask, _ in rows], np.float64).reshape(-1, periods)
        return cls(absorb, width, budget, np.array([amount for _, amount in rows]), each, whole)

    def in_windows(self, arrived: Floats) -> Floats:
        """FTE that arrive in the twelve months that end with each period, from those by period."""
        out = np.zeros_like(arrived)
        for back in range(min(self.width, len(arrived))):
            out[back:] += arrived[: len(arrived) - back]
        return out

    def windows_of(self, price: Floats) -> Floats:
        """Sum of the prices of all twelve months that hold a period, from those by their last period."""
        out = np.zeros_like(price)
        for back in range(min(self.width, len(price))):
            out[: len(price) - back] += price[back:]
        return out


@dataclass(frozen=True, eq=False)
class Courses:
    """Options of all demands by period, and the order of their dates.

    Parameters
    ----------
    options : Options
    begins : ndarray of shape (n_periods, n_options), bool
        A demand without a source of today may begin there.
    reached : ndarray of shape (n_periods, n_options), bool
        Some path of the demand has it.
    demand : ndarray of shape (n_options,)
    today : ndarray of shape (n_demands,)
        Option counted within the demand, −1 for none.
    effort : ndarray of shape (n_periods, n_demands)
    n_sources : int
    switches : int
    groups : tuple of tuple of int
        Demands that switch once; the first of a group comes after the others.
    after : ndarray of shape (n_demands, n_periods)
        As in ``Paths``.
    """

    options: Options
    begins: Bools
    reached: Bools
    demand: Ints
    today: Ints
    effort: Floats
    n_sources: int
    switches: int
    groups: tuple[tuple[int, ...], ...]
    after: Ints

    @classmethod
    def of(cls, joint: JointProblem, reach: Reach) -> Courses:
        """Those of a joint problem."""
        ways = reach.ways
        options = Options.of(joint, ways)
        demand = np.repeat(np.arange(joint.n_demands), np.diff(options.first))
        today = np.full(joint.n_demands, -1, np.int64)
        mine = np.flatnonzero(options.source == joint.current[demand])
        today[demand[mine]] = mine - options.first[demand[mine]]
        at = (slice(None), demand, options.source)
        groups, after = _groups(joint, today)
        return cls(
            options=options,
            begins=ways.new[at],
            reached=reach.can[at],
            demand=demand,
            today=today,
            effort=np.array([s.effort for s in joint.stages]),
            n_sources=joint.n_providers + 1,
            switches=joint.policy.max_switches,
            groups=groups,
            after=after,
        )

    @property
    def levels(self) -> int:
        """Switches that are counted."""
        return min(self.switches, MOST_COUNTED)


def _groups(joint: JointProblem, today: Ints) -> tuple[tuple[tuple[int, ...], ...], Ints]:
    """Demands that switch once, with those that must come before them; and from when on they may follow.

    Of rows of ``precedence`` that name several last services of an entity the first counts: fewer rules bound no less.
    """
    after = np.zeros((joint.n_demands, joint.n_periods), np.int64)
    if joint.policy.max_switches != 1:
        return (), after
    begins = [s.period.begin for s in joint.stages]
    exempt = {d for _, d in joint.committed}
    alone = {d for d in range(joint.n_demands) if today[d] >= 0}
    at = {key: d for d, key in enumerate(joint.keys)}
    groups: list[tuple[int, ...]] = []
    for row in joint.case.precedence:
        follows = np.searchsorted(np.array(begins), np.array([add_months(b, row.gap_months) for b in begins]))
        covered = set(joint.case.demands_named(row.entity or "*", ""))
        for entity in sorted({e for e, _ in covered}):
            then = at.get((entity, row.then), -1)
            named = [s for s in joint.service_ids if s != row.then] if row.first == "*" else [row.first]
            firsts = [at[entity, s] for s in named if (entity, s) in at]
            free = [d for d in (then, *firsts) if d in alone and d not in exempt]
            if len(free) < 2 or free[0] != then or row.first == row.then:
                continue
            groups.append(tuple(free))
            after[free[1:]] = follows
            alone -= set(free)
    return (*groups, *((d,) for d in sorted(alone))), after
