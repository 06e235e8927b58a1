"""Each period as a steady problem that costs no more than the period does in any path.

What ties periods together is left out, or put as a limit on the state that it can lead to: what has been spent, moved
and taken in by a period is at most what all periods up to it allow together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from optimizer.domain.types import MICRO
from optimizer.model.conditions import barring, keep_pairs
from optimizer.solvers.over_time.prices import LeavingCost, setup_prices

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats
    from optimizer.model.problem import Problem
    from optimizer.model.time.joint import JointProblem
    from optimizer.solvers.over_time.reach import Reach

__all__ = ["Relaxed", "plain_bound"]

LOOSE: Final = 1e-9
"""Limits are loosened by this share: sums of floats may be wrong by less."""
OFF: Final[dict[str, Any]] = {"mean_overlap_min": None, "mean_distance_max": None, "exposure_max_fte": None}
"""Rules left out where amounts are counted from floats."""


@dataclass(frozen=True, eq=False)
class Relaxed:
    """Steady problems below the periods of a joint problem.

    Parameters
    ----------
    joint : JointProblem
    reach : Reach
    """

    joint: JointProblem
    reach: Reach

    @cached_property
    def leaving(self) -> LeavingCost:
        """One-off money of leaving today's source."""
        return LeavingCost.of(self.joint)

    @cached_property
    def _least(self) -> Floats:
        return self.leaving.least(self.reach)

    @cached_property
    def _setup(self) -> Floats:
        return setup_prices(self.joint)

    def problem(self, t: int, away: Floats, *, backups: bool = True, kept: bool = False) -> Problem:
        """The steady problem of a period; its cost times the stage's weight is the period's share of the bound.

        Parameters
        ----------
        t : int
        away : ndarray of shape (n_demands,)
            Discounted money of being away from today's source in the period.
        backups : bool
            Keep the rule ``backup`` and leave out what sites may have taken in: their room serves both.
        kept : bool
            Prices alone: every pair, and no limit over the periods before.
        """
        stage = self.joint.stages[t]
        problem = _required(self.joint, t, replace(stage.problem))
        if not backups and problem.scalars.backup:
            problem = replace(
                problem,
                scalars=replace(problem.scalars, backup=False),
                critical=np.zeros(problem.n_demands, np.bool_),
            )
        problem = self._priced(t, problem, away)
        if kept:
            return problem
        problem = self._limited(t, problem)
        if not problem.scalars.backup:
            problem = self._taken_in(t, problem)
        pairs = problem.pairs
        bad = ~self.reach.can[t, stage.demand[pairs.demand], pairs.provider]
        return barring(problem, bad, self._dear(problem)) if problem.scalars.backup else keep_pairs(problem, ~bad)

    def tightens(self, t: int) -> bool:
        """Whether leaving the rule ``backup`` out would let what sites take in be limited."""
        stage = self.joint.stages[t]
        return bool(stage.problem.scalars.backup) and bool(
            (self.taken_in(t) < stage.problem.sites.capacity_minutes).any()
        )

    def _dear(self, problem: Problem) -> float:
        """A price that no path pays."""
        pairs = problem.pairs
        return 10.0 * float(np.abs(pairs.linear).max(initial=1.0)) + 1.0

    def _priced(self, t: int, problem: Problem, away: Floats) -> Problem:
        """Prices of being away, of the limit on officers, and of set-ups."""
        stage, pairs = self.joint.stages[t], problem.pairs
        price = stage.compliance[pairs.provider] * problem.effort_fte[pairs.demand]
        price = price + np.where(pairs.is_move, away[stage.demand[pairs.demand]] / stage.weight, 0.0)
        sites = problem.sites
        setup = np.where(sites.is_candidate, self._setup[t] / stage.weight, 0.0)
        return replace(
            problem,
            pairs=replace(pairs, transition=pairs.transition + price),
            sites=replace(sites, fixed_cost=stage.site_cost + setup),
        )

    def _limited(self, t: int, problem: Problem) -> Problem:
        """Moves and one-off money up to the period; open sites."""
        policy, stage = self.joint.policy, self.joint.stages[t]
        moves = [m for m in (policy.max_moves, self._moves(t)) if m is not None]
        count = policy.site_count if stage.period.is_target else None
        scalars = replace(
            problem.scalars,
            max_moves=min(moves) if moves else None,
            site_max=None if count is None else count.max,
            annuity=1.0,
        )
        budget = self.budget(t)
        if budget is None:
            return replace(problem, scalars=scalars)
        once = np.where(np.isfinite(self._least[t]), self._least[t], 0.0)[stage.demand]
        pairs, sites = problem.pairs, problem.sites
        setup = np.min([s.setup for s in self.joint.stages[: t + 1]], axis=0)
        return replace(
            problem,
            scalars=replace(scalars, one_off_budget=budget * (1 + LOOSE) + (problem.n_demands + 1) / MICRO, **OFF),
            pairs=replace(pairs, one_off=np.where(pairs.is_move, once[pairs.demand] * (1 - LOOSE), 0.0)),
            sites=_roomier(
                replace(sites, setup_one_off=np.where(sites.is_candidate, setup, 0.0) * (1 - LOOSE)), problem
            ),
            given=None,
        )

    def _moves(self, t: int) -> int | None:
        most = self.joint.policy.max_moves_per_period
        return None if most is None else most * (t + 1)

    def budget(self, t: int) -> float | None:
        """One-off money of all periods up to one, undiscounted; ``None``: without limit."""
        limits = [] if self.joint.policy.one_off_budget is None else [float(self.joint.policy.one_off_budget)]
        years = {s.period.planning_year for s in self.joint.stages[: t + 1]}
        rows = {row.year: row.amount for row in self.joint.case.budgets}
        if years <= rows.keys():
            limits.append(float(sum(rows[y] for y in years)))
        return min(limits) if limits else None

    def _taken_in(self, t: int, problem: Problem) -> Problem:
        """Room at sites: who stays since today, and what can have come up to the period."""
        most, sites = self.taken_in(t), problem.sites
        room = np.minimum(sites.capacity_minutes, most)
        tighter = room < sites.capacity_minutes
        if not tighter.any():
            return problem
        given = problem.given
        if given is not None:
            rooms = tuple(
                int(m * MICRO) * MICRO if new else old
                for m, new, old in zip(room.tolist(), tighter.tolist(), given.room, strict=True)
            )
            given = replace(given, room=rooms)
        return replace(problem, sites=replace(sites, capacity_minutes=room), given=given)

    def taken_in(self, t: int) -> Floats:
        """Most minutes a year at each site in a period by ``growth_limit``, shape (n_providers,).

        Over any twelve months Σ a_dτ of arrivals is at most the limit; effort may have grown since by a ratio, and
        demands that grew by more are counted in full.
        """
        out = np.full(self.joint.n_providers, np.inf)
        arrived = self._arrived(t)
        for p in np.flatnonzero(np.isfinite(arrived)).tolist():
            here = self.reach.can[t, :, p]
            effort = self.joint.stages[t].effort
            stays = here & (self.joint.current == p)
            ratio = _growth(self, t)[here & ~stays]
            size = effort[here & ~stays]
            steps = np.unique(np.append(ratio, 1.0))
            least = min(float(r * arrived[p] + size[ratio > r].sum()) for r in steps.tolist()[-200:])
            fte = float(effort[stays].sum()) + least
            out[p] = fte * self.joint.policy.minutes_per_fte_year * (1 + LOOSE) + 1.0
        return out

    def _arrived(self, t: int) -> Floats:
        """FTE that can have arrived at each site up to a period, at the effort of their dates."""
        horizon, n = self.joint.policy.horizon, self.joint.n_periods
        assert horizon is not None
        width = min(12 // horizon.months, n)
        total, end = np.zeros(self.joint.n_providers), t
        while end >= 0:
            total = total + self.joint.stages[max(end, width - 1)].absorb
            end -= width
        return total


def _growth(relaxed: Relaxed, t: int) -> Floats:
    """How many times each demand's effort in a period is that of the least period up to it."""
    efforts = np.array([np.where(s.effort > 0, s.effort, np.inf) for s in relaxed.joint.stages[: t + 1]])
    now = relaxed.joint.stages[t].effort
    least = efforts.min(axis=0)
    return np.where(now > 0, now / np.where(np.isfinite(least), least, 1.0), 1.0) * (1 + LOOSE)


def _required(joint: JointProblem, t: int, problem: Problem) -> Problem:
    """Sites that are required, paid for while they may serve."""
    stage = joint.stages[t]
    named = np.array([p.status == "required" for p in joint.case.providers], np.bool_)
    sites = problem.sites
    return replace(problem, sites=replace(sites, is_required=named & stage.serves))


def _roomier(sites: Any, problem: Problem) -> Any:
    """Sites with limits that forgive what is lost when minutes are counted in millionths."""
    slack = (problem.n_demands + 1) * 2.0 / MICRO
    return replace(
        sites,
        capacity_minutes=sites.capacity_minutes * (1 + LOOSE) + slack,
        min_minutes=np.maximum(sites.min_minutes * (1 - LOOSE) - slack, 0.0),
    )


def plain_bound(problem: Problem) -> float:
    """Each demand at its cheapest pair and tier, and required sites: below the cost of any plan, money a year."""
    pairs, lines = problem.pairs, problem.lines
    if (np.diff(pairs.start) == 0).any():
        return np.inf
    price = pairs.linear.copy()
    remote = np.flatnonzero(pairs.provider < problem.n_providers)
    line = lines.index[pairs.provider[remote], problem.demand_service[pairs.demand[remote]]]
    owner = np.repeat(np.arange(len(lines.provider)), np.diff(lines.tier_start))
    cheapest = np.full(len(lines.provider), np.inf)
    np.minimum.at(cheapest, owner, lines.tier_cost)
    price[remote] += cheapest[line] * problem.pair_volume[remote]
    least = np.minimum.reduceat(price, pairs.start[:-1]) if problem.n_demands else np.zeros(0)
    return float(least.sum() + problem.sites.fixed_cost[problem.sites.is_required].sum())
