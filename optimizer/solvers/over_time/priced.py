"""The steady problem of a period at prices, as the bound of all periods works on it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.conditions import keep_pairs
from optimizer.solvers.engine.amounts import resourced
from optimizer.solvers.engine.data import pack
from optimizer.solvers.engine.presolve import possible_pairs
from optimizer.solvers.engine.pricing.lagrange import aim, ascend, blend, keep, try_step
from optimizer.solvers.engine.pricing.root_bound import AHEAD, Pricing

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.problem import Problem
    from optimizer.solvers.engine.shared_state import SharedState

__all__ = ["PricedPeriod"]

NEW: Final = 0.1
"""First weight of a new solution in the mean."""


class PricedPeriod:
    """A period's problem with prices on its pairs and on its open sites; money a year, sums discounted.

    Parameters
    ----------
    problem : Problem
    demand : ndarray of shape (n_demands_of_the_period,)
        Which demand of the case each one is.
    weight : float
        What a yearly cost weighs.
    state : SharedState
    """

    def __init__(self, problem: Problem, demand: Ints, weight: float, state: SharedState) -> None:
        smaller = keep_pairs(problem, possible_pairs(problem))
        self.problem, self.demand, self.weight = smaller, demand, weight
        self.empty = not smaller.n_demands
        self.open = self.empty or bool((np.diff(smaller.pairs.start) > 0).all())
        self.started = False
        self.who: Ints = demand[smaller.pairs.demand]
        self.served, self.of_site = np.zeros(smaller.n_providers), np.zeros(smaller.n_providers)
        self.control = np.array([1.0, -math.inf, 0.0, NEW])
        if self.empty or not self.open:
            return
        self.data = pack(smaller, resourced(smaller, outwards=True))
        self.pricing = Pricing(smaller, self.data, state)
        self.prices = self.pricing.prices
        self.served = self.prices.mean.site
        self.of_pair, self.of_site = np.array(self.data.pair["cost"]), np.array(self.data.site["cost"])

    @property
    def step_of_pair(self) -> Floats:
        """Scale of the step of each pair's price: what its demand costs."""
        if self.empty:
            return np.zeros(0)
        return np.asarray(self.prices.demand_scale[self.problem.pairs.demand], np.float64)

    def mean_in(self, x: Floats) -> None:
        """Keep the mean of each pair in an array from elsewhere."""
        if not self.empty:
            x[...] = self.prices.mean.x
            self.prices = self.prices._replace(mean=self.prices.mean._replace(x=x))

    def charge(self, pair: Floats, site: Floats | float) -> None:
        """Put prices on pairs and open sites, on top of what they cost."""
        if not self.empty:
            self.data.pair["cost"][:] = self.of_pair + pair
            self.data.site["cost"][:] = self.of_site + site

    def ascend(self, steps: int) -> None:
        """Improve the period's own prices, from those taken over or the first."""
        if not self.empty:
            best = self.control[1]
            near = best + AHEAD * abs(best) if math.isfinite(best) else self.pricing.guess
            ascend(self.data, self.prices, steps, near, self.control)
            self.started = True

    def begin_at(self, other: PricedPeriod) -> None:
        """Take over the prices of another period, where it has the same pairs and lines."""
        if self.empty or other.empty or not other.started:
            return
        mine, theirs = self.prices, other.prices
        for into, given in ((mine.centre, theirs.centre), (mine.mean, theirs.mean)):
            if any(a.shape != b.shape for a, b in zip(into, given, strict=True)):
                return
        for into, given in ((mine.centre, theirs.centre), (mine.mean, theirs.mean)):
            for a, b in zip(into, given, strict=True):
                a[...] = b
        self.control[:] = other.control
        self.control[1] = self.step(0.0) / self.weight
        self.started = True

    def aim(self) -> float:
        """Set the slopes from the mean; what they add to the squared length of the subgradient of all prices."""
        return 0.0 if self.empty else self.weight * float(aim(self.data, self.prices))

    def step(self, step: float) -> float:
        """Least cost of the period at a step from its centre, discounted and safe to round."""
        if self.empty:
            sites = self.problem.sites
            return self.weight * float(sites.fixed_cost[sites.is_required].sum())
        return self.weight * float(try_step(self.data, self.prices, step))

    def blend(self, part: float) -> None:
        """Move the mean towards the last solution."""
        if not self.empty:
            blend(self.prices, part)

    def keep(self) -> None:
        """Let the prices tried be the centre."""
        if not self.empty:
            keep(self.prices)
