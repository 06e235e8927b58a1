"""Which lines to open: decided a few at a time along the relaxation, re-priced after each decision.

The relaxation opens many lines in part. Rounding them all at once misjudges them, for each decision
moves the volumes of the others; so the most decided ones are fixed, the prices go on from where they
were, and so forth to the last line. What comes out bounds nothing: it tells the search where to begin.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.conditions import keep_pairs
from optimizer.solvers.engine.data import pack
from optimizer.solvers.engine.pricing.lagrange import ascend
from optimizer.solvers.engine.pricing.prices import make_prices
from optimizer.solvers.engine.pricing.reduced_costs import ReducedCosts
from optimizer.solvers.engine.pricing.relaxation import relaxed_value
from optimizer.solvers.engine.pricing.root_bound import preferred_of, reduced_costs_at

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Ints
    from optimizer.solvers.engine.pricing.root_bound import Pricing
    from optimizer.solvers.engine.shared_state import SharedState

__all__ = ["BOLD", "CAREFUL", "Dive"]

PLAIN = 0.01
"""Lines open by less than this, or closed by less, are decided at once."""
CAREFUL, BOLD = 0.12, 0.25
"""Share of the other lines decided in one round."""
STEP, NEW, AIM = 0.1, 0.1, 0.01
"""Step factor and weight of a new solution after a decision; how far above the root bound steps aim."""
CHUNK = 20
"""Steps between two looks at the shared."""
WORK_PAIRS = 500_000
"""Pairs gone through for one unit of work."""
LEAST_STEPS, MOST_STEPS, LAST_STEPS, ROUNDS = 40, 300, 400, 40
"""Steps after a round (fewer misjudge, more gain little) and at the end; about how many rounds there are."""


class Dive:
    """Prices of their own, over the pairs worth trying, that follow decisions on lines.

    Parameters
    ----------
    pricing : Pricing
        Settled prices to begin from; left as they are.
    shared : SharedState
    """

    def __init__(self, pricing: Pricing, shared: SharedState) -> None:
        self.root, self.shared, self.bound = pricing.reduced_costs(), shared, pricing.best
        self.keep: Bools = self.root.strong
        self.problem = keep_pairs(pricing.problem, self.keep)
        self.data = pack(self.problem)
        self.prices = make_prices(self.problem, self.data)
        self.value = pricing.best
        """About what the relaxation costs with the lines decided so far."""
        self._follow(pricing)

    def _follow(self, pricing: Pricing) -> None:
        """Take over prices and mean solution, those by pair for the pairs kept."""
        keep, by_pair = self.keep, {"centre": ("link", "source"), "mean": ("x",)}
        for part, names in by_pair.items():
            mine, theirs = getattr(self.prices, part), getattr(pricing.prices, part)
            for name in theirs._fields:
                values = getattr(theirs, name)
                getattr(mine, name)[...] = values[keep] if name in names else values

    def run(self, share: float, each: float = CAREFUL) -> None:
        """Decide all lines, ``each`` of the doubtful ones in a round.

        Parameters
        ----------
        share : float
            About how much of the budget to take; what is left after it is rounded as it stands.
        each : float
        """
        decided, until = self.prices.decided, self.shared.spent() + share
        steps = self._steps(share)
        while not self.shared.stop():
            mean = self.prices.mean.line
            free = np.flatnonzero(decided == 0)
            if not len(free):
                break
            doubt = np.minimum(mean[free], 1.0 - mean[free])
            plain = int((doubt < PLAIN).sum())
            count = max(plain, 1, int(each * (len(free) - plain)))
            if self.shared.spent() >= until:
                count = len(free)
            chosen = free[np.argsort(doubt, kind="stable")[:count]]
            decided[chosen] = np.where(mean[chosen] > 0.5, 1, -1)
            self._settle(steps)
        self.value = self._settle(LAST_STEPS)

    def _steps(self, share: float) -> int:
        """Steps of prices after each round that the share of the budget has room for."""
        shared, limit = self.shared, self.shared.params.work_limit
        if limit is not None:
            steps = share * limit / ROUNDS * WORK_PAIRS / self.problem.n_pairs
        elif shared.params.time_limit_s is None:
            steps = float(MOST_STEPS)
        else:
            began = time.monotonic()
            self._settle(CHUNK)
            each = (time.monotonic() - began) / CHUNK
            steps = share * shared.params.time_limit_s / (ROUNDS * max(each, 1e-9))
        return int(np.clip(steps, LEAST_STEPS, MOST_STEPS))

    def _settle(self, steps: int) -> float:
        """Prices that follow a decision."""
        prices, shared = self.prices, self.shared
        for into, values in zip(prices.now, prices.centre, strict=True):
            into[...] = values
        control = np.array([STEP, relaxed_value(self.data, prices), 0.0, NEW])
        target = self.bound + AIM * abs(self.bound)
        for _ in range(0, steps, CHUNK):
            if shared.stop():
                break
            ascend(self.data, prices, CHUNK, target, control)
        shared.add_work(1 + steps * self.problem.n_pairs // WORK_PAIRS)
        return float(control[1])

    def preferred(self) -> Ints:
        """Provider that the relaxation with these lines prefers for each demand."""
        return preferred_of(self.problem, self.prices.mean.x)

    def reduced_costs(self) -> ReducedCosts:
        """Advice on all pairs: those left out before are not worth trying."""
        mine, each = reduced_costs_at(self.problem, self.prices), np.zeros(len(self.keep), dtype=bool)
        excess, used, strong = self.root.excess.copy(), each, each.copy()
        excess[self.keep], used[self.keep], strong[self.keep] = mine.excess, mine.used, mine.strong
        return ReducedCosts(excess, used, strong)
