"""The bound of a horizon by prices: those of each period's relaxation, and those that share out what leaving costs.

π_dt of ``prices`` is moved along what the relaxed periods do: where more of a demand is away in a period than in the
one before, leaving then is charged more, up to what it costs. Whatever the prices are, the sum bounds every path.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.conditions import keep_pairs
from optimizer.solvers.base import Backend, Outcome
from optimizer.solvers.engine.amounts import resourced
from optimizer.solvers.engine.backend import EngineBackend
from optimizer.solvers.engine.board import Board
from optimizer.solvers.engine.data import pack
from optimizer.solvers.engine.presolve import possible_pairs
from optimizer.solvers.engine.pricing.early import AHEAD, Pricing
from optimizer.solvers.engine.pricing.lagrange import ascend
from optimizer.solvers.engine.pricing.relaxation import relaxed_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.problem import Problem
    from optimizer.solvers.base import Incumbent, Progress, Request
    from optimizer.solvers.over_time.shared import Shared

__all__ = ["BoundsOverTime"]

FIRST_STEPS, NEXT_STEPS, STEPS = 600, 100, 30
"""Steps of prices: of the first period, of those that begin at its prices, after each change of the charges."""
AGAIN: Final = 0.1
"""Least step factor of a period's prices after the charges have changed."""
STEP, TOWARD, LEAST_STEP, NEW = 0.1, 0.25, 0.01, 0.1
"""Steps of the charges: as a share of what leaving costs, and of the way to a profile; the least factor of both; weight
of a new solution in the mean."""
PROFILES: Final = 8
"""Dates until which what leaving costs stays level."""
PATIENCE: Final = 3
"""Changes without a better bound after which steps get shorter."""


class _Period:
    """Prices of one period that go on when charges change."""

    def __init__(self, problem: Problem, demand: Ints, weight: float, board: Board) -> None:
        smaller = keep_pairs(problem, possible_pairs(problem))
        self.open = not smaller.n_demands or bool((np.diff(smaller.pairs.start) > 0).all())
        self.weight, self.demand, self.problem = weight, demand, smaller
        self.started = False
        if not self.open or not smaller.n_demands:
            return
        self.data = pack(smaller, resourced(smaller, outwards=True))
        self.pricing = Pricing(smaller, self.data, board)
        self.away = np.flatnonzero(smaller.pairs.is_move)
        self.who = demand[smaller.pairs.demand[self.away]]
        self.plain = np.array(self.data.pair["cost"])
        self.control = np.array([1.0, -math.inf, 0.0, NEW])

    def ascend(self, charge: Floats, steps: int) -> float:
        """Bound of the period under charges, discounted money."""
        if not self.problem.n_demands:
            sites = self.problem.sites
            return self.weight * float(sites.fixed_cost[sites.is_required].sum())
        prices = self.pricing.prices
        self.data.pair["cost"][:] = self.plain
        self.data.pair["cost"][self.away] += charge[self.who] / self.weight
        aim = self.pricing.guess
        if self.started:
            self._settle()
            aim = self.control[1] + AHEAD * abs(self.control[1])
        self.started = True
        return self.weight * float(ascend(self.data, prices, steps, aim, self.control))

    def _settle(self) -> None:
        """The bound at the best prices so far under charges that are new."""
        prices = self.pricing.prices
        for now, centre in zip(prices.now, prices.centre, strict=True):
            now[...] = centre
        self.control[1] = relaxed_value(self.data, prices)
        self.control[0], self.control[2] = max(self.control[0], AGAIN), 0.0

    def begin_at(self, other: _Period) -> None:
        """Take over the prices of another period, where it has the same pairs and lines."""
        if not (self.problem.n_demands and other.problem.n_demands and self.open and other.started):
            return
        mine, theirs = self.pricing.prices, other.pricing.prices
        for into, given in ((mine.now, theirs.now), (mine.centre, theirs.centre), (mine.mean, theirs.mean)):
            if any(a.shape != b.shape for a, b in zip(into, given, strict=True)):
                return
        for into, given in ((mine.centre, theirs.centre), (mine.mean, theirs.mean)):
            for a, b in zip(into, given, strict=True):
                a[...] = b
        self.control[:] = other.control
        self.started = True

    def leaving(self, out: Floats) -> None:
        """Share of each demand that is away, by the mean of the relaxed solutions."""
        if self.problem.n_demands:
            np.add.at(out, self.who, self.pricing.prices.mean.x[self.away])


class _Ascent:
    """Charges of being away, and the bound under them."""

    def __init__(self, shared: Shared, board: Board) -> None:
        self.shared, self.board = shared, board
        self.periods = [
            _Period(p, d, float(w), board)
            for p, d, w in zip(shared.problems, shared.demands, shared.weight, strict=True)
        ]
        cap = np.where(np.isfinite(shared.most), shared.most, np.nan)
        with np.errstate(all="ignore"):
            first = np.fmax.reduce(cap, axis=0)
        self.cap = np.where(np.isfinite(cap), cap, np.nan_to_num(first))
        self.pi = np.minimum(self._levels(shared.first), self.cap)

    def _levels(self, charges: Floats) -> Floats:
        """π of charges: what is charged from a period on."""
        return np.cumsum(charges[::-1], axis=0)[::-1]

    def charges(self, pi: Floats) -> Floats:
        """Charge of each period away: π less that of the next period in which the demand is there."""
        out, following = np.zeros_like(pi), np.zeros(pi.shape[1])
        for t in reversed(range(len(pi))):
            there = self.shared.there[t]
            out[t] = np.where(there, pi[t] - following, 0.0)
            following = np.where(there, pi[t], following)
        return out

    def bound(self, pi: Floats, steps: int) -> float:
        """Bound of all paths under π."""
        charges, total = self.charges(pi), 0.0
        for t, period in enumerate(self.periods):
            if self.board.stop():
                return -math.inf
            total += period.ascend(charges[t], steps)
        return total

    def _begin(self) -> None:
        """Prices of every period: the last one's from nothing, the others' from those of the next."""
        charges, after = self.charges(self.pi), None
        for t in reversed(range(len(self.periods))):
            if after is not None:
                self.periods[t].begin_at(after)
            fresh = not self.periods[t].started
            if not self.board.stop():
                self.periods[t].ascend(charges[t], FIRST_STEPS if fresh else NEXT_STEPS)
            after = self.periods[t]

    def direction(self) -> Floats:
        """Where more of a demand is away than in the period before."""
        out, before = np.zeros_like(self.pi), np.zeros(self.pi.shape[1])
        for t, period in enumerate(self.periods):
            now = np.zeros(self.pi.shape[1])
            period.leaving(now)
            there = self.shared.there[t]
            out[t] = np.where(there, now - before, 0.0)
            before = np.where(there, now, before)
        return out

    def _profiles(self) -> list[Floats]:
        """π that stays level until a date and falls evenly from there, for some dates."""
        n = len(self.periods)
        weight = self.shared.weight[:, None] * self.shared.there
        rest = np.cumsum(weight[::-1], axis=0)[::-1]
        out = []
        for date in sorted({round(x) for x in np.linspace(0, n - 1, min(n, PROFILES)).tolist()}):
            share = np.minimum(1.0, rest / np.where(rest[date] > 0, rest[date], 1.0))
            share = np.where(rest[date] > 0, share, 1.0)
            with np.errstate(divide="ignore", invalid="ignore"):
                level = np.where(share > 0, self.cap / share, np.inf).min(axis=0)
            out.append(np.minimum(self.cap, np.where(np.isfinite(level), level, 0.0) * share))
        return out

    def _answer(self, profiles: list[Floats]) -> Floats:
        """For each demand the profile that charges most for what the relaxed periods do."""
        move = self.direction()
        charged = np.array([(profile * move).sum(axis=0) for profile in profiles])
        best = charged.argmax(axis=0)
        return np.asarray(np.take_along_axis(np.array(profiles), best[None, None, :], axis=0)[0], np.float64)

    def run(self) -> float:
        """Raise the bound until steps are short or time is up."""
        if not all(p.open for p in self.periods):
            return -math.inf
        self._begin()
        best, at = self.bound(self.pi, STEPS), self.pi
        self.board.raise_bound(best)
        profiles = self._profiles()
        for profile in profiles:
            now = self.bound(profile, 2 * STEPS)
            if now > best:
                best, at = now, profile
                self.board.raise_bound(best)
        self.pi, step, idle, k = at, 1.0, 0, 0
        while step > LEAST_STEP and not self.board.stop():
            if k % 2:
                wanted = self.pi + STEP * step * self.direction() * self.cap
            else:
                wanted = self.pi + TOWARD * step * (self._answer(profiles) - self.pi)
            self.pi = np.clip(wanted, 0.0, self.cap)
            now, k = self.bound(self.pi, STEPS), k + 1
            if now > best:
                best, idle, at = now, 0, self.pi
                self.board.raise_bound(best)
            else:
                idle += 1
            if idle >= PATIENCE:
                step, idle, self.pi = 0.6 * step, 0, at
        return self._settled(at, best)

    def _settled(self, at: Floats, best: float) -> float:
        """Prices to the end under the best charges."""
        while not self.board.stop():
            now = self.bound(at, NEXT_STEPS)
            if now <= best + 1e-6 * abs(best):
                break
            best = now
            self.board.raise_bound(best)
        return best


class BoundsOverTime(EngineBackend):
    """The engine's prices for all periods together: ``Request.problem`` is a ``Shared``."""

    def solve(
        self,
        request: Request,
        report: Callable[[Incumbent | Progress], None],
        cancelled: Callable[[], bool],
    ) -> Outcome:
        """Raise the bound for the time of the request, or until it settles."""
        board = Board(request.params, report, cancelled)
        best = _Ascent(request.problem, board).run()  # type: ignore[arg-type]
        best = max(best, board.bound)
        return Outcome(board.why or "finished", "engine: prices over time", bound=best if math.isfinite(best) else None)


_: type[Backend] = BoundsOverTime
