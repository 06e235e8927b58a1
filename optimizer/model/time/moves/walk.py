"""A path with the sums that its single moves are held against; arrays of shape (n_periods, n_demands) and wider."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.time.stills import first_tier_cost
from optimizer.domain.types import exact
from optimizer.model.time.lives import SitesOverTime
from optimizer.model.time.stretches import Stretches
from optimizer.model.time.trace import Trace
from optimizer.model.time.ways import Ways

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.time.joint import JointProblem
    from optimizer.model.time.program import Path
    from optimizer.model.time.trace import Switch

__all__ = ["Walk", "at_most"]

NEAR: Final = 1e-9
"""Sums of floats this near a limit, as a share of it, are compared exactly."""


def at_most(load: Floats, most: Floats, exactly: Callable[[int], bool]) -> Bools:
    """Where a load is within its limit; what is too near to tell is asked ``exactly``, by position."""
    holds = np.asarray(load <= most, np.bool_)
    with np.errstate(invalid="ignore"):
        near = np.abs(load - most) <= NEAR * np.maximum(1.0, np.abs(most))
    for k in np.flatnonzero(near).tolist():
        holds[k] = exactly(k)
    return holds


@dataclass(frozen=True, eq=False)
class Walk:
    """A path that keeps every rule, and what follows from it.

    Parameters
    ----------
    joint : JointProblem
    path : Path
    """

    joint: JointProblem
    path: Path

    @cached_property
    def trace(self) -> Trace:
        """Its switches and open sites."""
        return Trace(self.joint, self.path.provider)

    @cached_property
    def stretches(self) -> Stretches:
        """Its stretches."""
        return Stretches.of(self.joint, self.path)

    @cached_property
    def ways(self) -> Ways:
        """What the rules about one demand allow."""
        return Ways(self.joint)

    @cached_property
    def sites(self) -> SitesOverTime:
        """What decides when sites are open."""
        return SitesOverTime.of(self.joint)

    @cached_property
    def weight(self) -> Floats:
        """What a yearly cost of each period weighs, shape (n_periods,)."""
        return np.array([s.weight for s in self.joint.stages], np.float64)

    @cached_property
    def discount(self) -> Floats:
        """What a one-off cost of each period weighs, shape (n_periods,)."""
        return np.array([s.discount for s in self.joint.stages], np.float64)

    @cached_property
    def effort(self) -> Floats:
        """FTE a year, 0 where absent."""
        return np.array([s.effort for s in self.joint.stages], np.float64)

    @cached_property
    def minutes(self) -> Floats:
        """Minutes a year, 0 where absent."""
        out = np.zeros_like(self.effort)
        for t, stage in enumerate(self.joint.stages):
            out[t, stage.demand] = stage.problem.minutes
        return out

    @cached_property
    def committed(self) -> Bools:
        """A commitment of the demand binds in the period."""
        out = np.zeros(self.effort.shape, np.bool_)
        for t, d in self.joint.committed:
            out[t, d] = True
        return out

    @cached_property
    def leaving(self) -> Floats:
        """One-off money of leaving each source then, not discounted; shape (n_periods, n_demands, n_providers + 1)."""
        months, out = self.joint.policy.handover_months / 12.0, []
        for t, stage in enumerate(self.joint.stages):
            old = stage.leaving
            once = stage.effort[:, None] * stage.per_fte + months * np.where(self._beside(t)[:, None], old, 0.0)
            out.append(np.where(np.isfinite(old), once, 0.0))
        return np.array(out, np.float64)

    def _beside(self, t: int) -> Bools:
        """Demands that were there in the period before, or all in the first."""
        return self.joint.local[t - 1] >= 0 if t else np.ones(self.joint.n_demands, np.bool_)

    @cached_property
    def served(self) -> Ints:
        """Demands at each site, shape (n_periods, n_providers)."""
        n = self.joint.n_providers
        rows = [np.bincount(row[(row >= 0) & (row < n)], minlength=n) for row in self.path.provider]
        return np.array(rows, np.int64).reshape(-1, n)

    @cached_property
    def worked(self) -> Floats:
        """Minutes a year at each site, shape (n_periods, n_providers)."""
        n = self.joint.n_providers
        rows = [
            np.bincount(row[(row >= 0) & (row < n)], minutes[(row >= 0) & (row < n)], n)
            for row, minutes in zip(self.path.provider, self.minutes, strict=True)
        ]
        return np.array(rows, np.float64).reshape(-1, n)

    @cached_property
    def switches_of(self) -> dict[int, list[Switch]]:
        """Switches by demand."""
        out: dict[int, list[Switch]] = defaultdict(list)
        for s in self.trace.switches:
            out[s.d].append(s)
        return out

    @cached_property
    def switch_count(self) -> Ints:
        """Switches of each demand, shape (n_demands,)."""
        return np.bincount([s.d for s in self.trace.switches], minlength=self.joint.n_demands).astype(np.int64)

    @cached_property
    def arrivals(self) -> list[tuple[int, int, int]]:
        """(period, demand, source) of whoever switches to a source or begins there."""
        return arrivals_of(self.joint, self.trace)

    def moved(self, d: int, covers: Bools, source: int) -> Walk:
        """The path with one demand at another source in some periods."""
        provider = self.path.provider.copy()
        provider[covers, d] = source
        return Walk(self.joint, type(self.path)(provider, self.path.backup))

    def exact_effort(self, t: int, d: int) -> Fraction:
        """FTE a year of a demand in a period."""
        case = self.joint.stages[t].case
        row = case.demand[self.joint.keys[d]]
        per_unit, year = case.service[row.service].minutes_per_unit, case.policy.minutes_per_fte_year
        return exact(row.volume) * exact(per_unit) / exact(year)

    @cached_property
    def exact_spent(self) -> list[Fraction]:
        """One-off money of each period, risk aside, not discounted."""
        joint, out = self.joint, [Fraction(0)] * self.joint.n_periods
        for s in self.trace.switches:
            stage = joint.stages[s.t]
            price = first_tier_cost(stage, joint.keys[s.d], joint.name(s.old))
            if price is not None:
                policy = stage.figures.policy
                out[s.t] += self.exact_effort(s.t, s.d) * policy.switch_cost_per_fte
                out[s.t] += exact(policy.handover_months) / 12 * price if s.beside else 0
        for happens, column in ((self.trace.opens, "setup_cost"), (self.trace.closes, "exit_cost")):
            for t, p in happens:
                out[t] += exact(getattr(joint.stages[t].figures.providers[p], column))
        return out


def arrivals_of(joint: JointProblem, trace: Trace) -> list[tuple[int, int, int]]:
    """(period, demand, source) of the switches of a path, and of demands that begin without a source of today."""
    out = [(s.t, s.d, s.new) for s in trace.switches]
    for d in np.flatnonzero(joint.current < 0).tolist():
        at = np.flatnonzero(trace.provider[:, d] >= 0)
        if len(at):
            out.append((int(at[0]), d, int(trace.provider[at[0], d])))
    return out
