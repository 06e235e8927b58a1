"""The bound of a horizon by prices that tie its periods together, raised by the volume algorithm.

Every pair x_dpt and every open site z_pt has two copies: one in the steady problem of its period, one in the path of
its demand or the open interval of its site. A price on their difference (θ, ζ) lets each side be solved by itself;
arrivals in twelve months, one-off money and numbers of switches have prices γ, β, κ ≥ 0 on the side of the paths.

Proof of the bound. Take a plan that keeps all rules, with its pairs, paths and open intervals. Its cost is that of its
periods and of its switches, openings and closings; θ and ζ count once with + and once with −, and what it uses of a
limit times the price is at most the limit times the price. So it costs at least Σ (period with θ, ζ) + Σ (path without
θ, with γ, β, κ) + Σ (interval without ζ, with β) − Σ (limit · price) of its own parts, and each of these is at least
the least of its kind: ``Volume.total``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.solvers.engine.pricing.root_bound import AHEAD
from optimizer.solvers.over_time.dates import Dates
from optimizer.solvers.over_time.intervals import Intervals
from optimizer.solvers.over_time.priced import NEW
from optimizer.solvers.over_time.rows import Copies, Row

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats, Ints
    from optimizer.solvers.engine.shared_state import SharedState
    from optimizer.solvers.over_time.priced import PricedPeriod
    from optimizer.solvers.over_time.shared import Shared

__all__ = ["Volume"]

COPY: Final = 0.1
"""Scale of the steps of prices on two copies, as a share of what the demand or the site costs."""
SETTLED: Final = 1e-4
"""Step factor below which the prices have settled."""
PATIENCE: Final = 10
"""Steps without a better bound after which steps get shorter."""
SAFE: Final = 1e-11
"""Share of all amounts that is taken off for rounding: sums of floats are wrong by far less."""


class Volume:
    """Prices of all kinds at once.

    Parameters
    ----------
    shared : Shared
    periods : list of PricedPeriod
        With prices of their own to begin with.
    state : SharedState
    """

    def __init__(self, shared: Shared, periods: list[PricedPeriod], state: SharedState) -> None:
        self.shared, self.periods, self.state = shared, periods, state
        sizes = [p.problem.n_pairs for p in periods]
        self.start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        weight = np.repeat(shared.weight, sizes)
        scale = COPY * np.concatenate([p.step_of_pair for p in periods])
        self.pairs = Copies(self._first(), scale, weight)
        for mine, period in zip(self._by_period(self.pairs.of_period), periods, strict=True):
            period.mean_in(mine)
        self.dates = Dates(shared.courses, self._options(), shared.there, shared.weight)
        self.intervals = Intervals(shared.openings)
        free = ~shared.openings.required & ~np.array([[p.empty] for p in periods])
        once = (shared.openings.setup + shared.openings.exit).max(axis=0) / float(shared.weight.sum())
        cost = np.where(free, 1.0 + once + np.array([p.of_site for p in periods]), 0.0)
        self.sites = Copies(np.zeros_like(cost), COPY * cost, shared.weight[:, None])
        self._limits()

    def _limits(self) -> None:
        """Prices of the limits: steps are measured by what an FTE costs in a period, a switch by its share of one."""
        limits, effort = self.shared.limits, self.shared.courses.effort
        whole = sum(p.weight * float(p.prices.demand_scale.sum()) for p in self.periods if not p.empty)
        fte = whole / max(float(effort.sum()), 1e-9)
        switch = whole / max(float(self.shared.there.sum()), 1.0)
        self.arrivals = Row(limits.absorb, fte / np.maximum(limits.absorb, 1e-9))
        self.money = Row(limits.amount, 1.0 / np.maximum(limits.amount, 1.0))
        self.each = Row(np.full(len(effort), limits.each), np.full(len(effort), switch / max(limits.each, 1.0)))
        self.once = Row(np.array([limits.all]), np.array([switch / max(limits.all, 1.0)]))
        self.rows = self.arrivals, self.money, self.each, self.once

    def _by_period(self, values: Floats) -> list[Floats]:
        return [values[a:b] for a, b in zip(self.start[:-1].tolist(), self.start[1:].tolist(), strict=True)]

    def _first(self) -> Floats:
        """Prices of pairs to begin with: what being away from today's source is charged."""
        out = np.zeros(int(self.start[-1]))
        for t, (mine, period) in enumerate(zip(self._by_period(out), self.periods, strict=True)):
            away = np.flatnonzero(period.problem.pairs.is_move)
            mine[away] = self.shared.first[t, period.who[away]] / period.weight
        return out

    def _options(self) -> Ints:
        """Pair of each option, −1 where it cannot be had."""
        courses = self.shared.courses
        option = np.full((len(courses.today), courses.n_sources), -1, np.int64)
        option[courses.demand, courses.options.source] = np.arange(len(courses.demand))
        pair = np.full((len(self.periods), len(courses.demand)), -1, np.int64)
        for t, period in enumerate(self.periods):
            at = option[period.who, period.problem.pairs.provider]
            known = np.flatnonzero(at >= 0)
            pair[t, at[known]] = self.start[t] + known
        return np.where(courses.reached, pair, -1)

    def charge(self, t: int) -> None:
        """Put the prices tried on the pairs and sites of a period."""
        self.periods[t].charge(self.pairs.now[self.start[t] : self.start[t + 1]], self.sites.now[t])

    def total(self, step: float) -> float:
        """The bound at the prices tried, the periods' own at a step from their centres."""
        value = 0.0
        for t, period in enumerate(self.periods):
            self.charge(t)
            value += period.step(step)
        limits, money = self.shared.limits, self.money.now
        arrival = np.zeros((len(self.periods), self.shared.courses.n_sources))
        arrival[:, :-1] = limits.windows_of(self.arrivals.now)
        paid = limits.budget.T @ money
        paths = self.dates.cheapest(-self.pairs.now, arrival, paid, self.each.now, float(self.once.now[0]))
        price = -self.shared.weight[:, None] * self.sites.now - self.shared.openings.charged
        opened = self.intervals.cheapest(price, paid)
        worth = sum(row.worth for row in self.rows)
        sizes = abs(value) + self.dates.size + self.intervals.size + worth
        return value + paths + opened - worth - SAFE * sizes

    def begin(self) -> float:
        """The bound at the first prices."""
        for period in self.periods:
            period.aim()
        value = self.total(0.0)
        self._blend_paths(1.0)
        return value

    def _blend_paths(self, part: float) -> None:
        self.pairs.of_path *= 1.0 - part
        self.pairs.of_path[self.dates.flat()] += part
        self.sites.of_path += part * (self.intervals.open - self.sites.of_path)
        limits, use = self.shared.limits, self.dates.usage()
        self.arrivals.blend(limits.in_windows(use.arrived), part)
        self.money.blend(limits.budget @ (use.spent + self.intervals.once), part)
        self.each.blend(use.switches, part)
        self.once.blend(np.array([use.movers]), part)

    def _try(self, factor: float, best: float) -> float:
        """The bound at a step along the means of all solutions."""
        for t, period in enumerate(self.periods):
            self.sites.of_period[t] = self.sites.of_path[t] if period.empty else period.served
        length = sum(p.aim() for p in self.periods) + self.pairs.aim() + self.sites.aim()
        length += sum(row.aim() for row in self.rows)
        step = factor * AHEAD * abs(best) / max(length, 1e-300)
        for prices in (self.pairs, self.sites, *self.rows):
            prices.step(step)
        return self.total(step)

    def _keep(self) -> None:
        for period in self.periods:
            period.keep()
        for prices in (self.pairs, self.sites, *self.rows):
            prices.keep()

    def run(self, steps: int | None = None) -> float:
        """Raise the bound until steps are short, time is up or so many are made; the best.

        Parameters
        ----------
        steps : int, optional
        """
        best, factor, part, idle, made = self.begin(), 1.0, NEW, 0, 0
        self.state.raise_bound(best)
        while factor > SETTLED and not self.state.stop() and (steps is None or made < steps) and math.isfinite(best):
            value, made = self._try(factor, best), made + 1
            for period in self.periods:
                period.blend(part)
            self._blend_paths(part)
            if value > best:
                factor = min(2.0, 1.1 * factor)
                idle = 0 if value > best + 1e-6 * abs(best) else idle + 1
                best = value
                self._keep()
                self.state.raise_bound(best)
            else:
                idle += 1
            if idle >= PATIENCE:
                factor, idle = 0.65 * factor, 0
                part = max(0.8 * part, 0.02 if factor > 0.01 else 0.005)
        return best
