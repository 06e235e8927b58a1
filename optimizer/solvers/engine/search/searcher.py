"""Plans by construction and annealing: fast, feasible, the start of everything else."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.parts import Choice
from optimizer.model.rules import check
from optimizer.solvers.engine.amounts import resourced
from optimizer.solvers.engine.search.anneal import anneal, draw_together, fill, relieve
from optimizer.solvers.engine.search.incremental import load
from optimizer.solvers.engine.search.state import AUTO, broken, empty_state
from optimizer.solvers.engine.search.trail import make_trail
from optimizer.solvers.engine.search.weights import adapt, first_weights, typical_cost

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.aliases import Bools, Ints
    from optimizer.model.problem import Problem
    from optimizer.solvers.engine.data import Data
    from optimizer.solvers.engine.search.state import State
    from optimizer.solvers.engine.shared_state import SharedState

__all__ = ["HOT", "Searcher"]

HOT = 2.0
COLD = 0.0005
"""First and last temperature, in typical costs of a demand."""
CHUNK = 2000
RUIN = 6
"""Most demands taken out at once."""
CHUNK_S = 0.1
FILL = 2000
"""Demands placed between two looks at the clock."""
RELIEF = 12
"""Rounds of relief at most; what stays broken weighs more in the next."""
STEPS_PER_DEMAND = 8000
MANY, WORTH = 20_000, 2e-5
"""Demands from which plans are shown only when they are better by such a share: telling takes time."""
ADAPT_STEPS = 8
"""Steps for each movable demand between two changes of the weights."""


class Searcher:
    """Annealing on one state; one object for each thread.

    Parameters
    ----------
    problem : Problem
    data : Data
    shared : SharedState
    seed : int
    """

    def __init__(self, problem: Problem, data: Data, shared: SharedState, seed: int) -> None:
        self.problem, self.data, self.shared = problem, data, shared
        self.state: State = empty_state(data, first_weights(problem))
        self.trail = make_trail(data, seed)
        self.scale = typical_cost(problem) / max(problem.n_demands, 1)
        self.best = np.array([math.inf])
        self.best_provider = np.full(problem.n_demands, -1, dtype=np.int64)
        self.best_backup = self.best_provider.copy()
        self._random = np.random.default_rng(seed)
        self._chunk = CHUNK
        self._rounded = resourced(problem).rounded

    def price(self, choice: Choice) -> float:
        """Cost of a plan by the kernels; infinite when it breaks a rule."""
        self._load(*self._allowed(choice))
        keeps = broken(self.state) == 0 or (self._rounded and not check(self.problem, self.loaded()))
        return float(self.state.totals[0]) if keeps else math.inf

    def loaded(self) -> Choice:
        """The plan in the state."""
        return Choice(self.state.provider.copy(), self.state.backup.copy())

    def take(self, choice: Choice) -> float:
        """Load a plan and hold it as the best when it is feasible; its cost or infinity."""
        cost = self.price(choice)
        if cost < math.inf:
            self._hold(cost)
        return cost

    def construct(self, start: Choice | None = None, enough: Callable[[], bool] = lambda: False) -> None:
        """Greedy plan from nothing, or from a start whose ineligible parts are done anew; left when ``enough()``."""
        n = self.problem.n_demands
        provider = np.full(n, -1, dtype=np.int64)
        backup = provider.copy()
        if start is not None:
            provider, backup = self._allowed(start)
        self._load(provider, backup)
        self._hold_if_feasible()
        demand = self.data.demand
        few = demand["stop"] - demand["start"]
        noise = self._random.random(n)
        order = np.lexsort((-demand["minutes"] * (0.5 + noise), few > 2, demand["locked"] < 0))
        left = order[self.state.provider[order] < 0].astype(np.int64)
        for i in range(0, len(left), FILL):
            if self.shared.stop() or enough():
                return
            fill(self.data, self.state, self.trail, left[i : i + FILL])
        self._hold_if_feasible()

    def follow(self, worth: Bools) -> None:
        """Mostly propose what the relaxation thinks worth trying: a flag for each pair."""
        seed = int(self._random.integers(1 << 30))
        self.trail = make_trail(self.data, seed, self.trail.free, worth)

    def begin_at(self, provider: Ints) -> None:
        """Go on from given providers, whatever rules they break, with the first weights."""
        self.state.rule["weight"] = first_weights(self.problem)
        self._load(provider, np.full(len(provider), AUTO))
        self._hold_if_feasible()

    def relieve(self) -> None:
        """Send demands away from full lines and sites: on large cases far sooner feasible than by chance moves."""
        for _ in range(RELIEF):
            for i in range(0, len(self.trail.free), FILL):
                if self.shared.stop():
                    return
                relieve(self.data, self.state, self.trail, i, min(i + FILL, len(self.trail.free)))
            draw_together(self.data, self.state, self.trail)
            if broken(self.state) == 0:
                break
            adapt(self.state, down=1.0)
        self._hold_if_feasible()

    def _offer(self, least: float) -> None:
        """Show the best plan when it is better than the shared one by a share of at least ``least``."""
        best, held = float(self.best[0]), self.shared.objective
        if best < math.inf and (held == math.inf or best < held - least * abs(held)):
            self.shared.offer(self.best_provider, self.best_backup, best)

    def run(self, until: Callable[[], float], hot: float = HOT, cold: float = COLD) -> None:
        """Anneal while ``until()``, the share done, is below 1 and the shared state lets us."""
        if not len(self.trail.free):
            return
        steps, since, most = 0, 0, STEPS_PER_DEMAND * len(self.trail.free) + 2 * CHUNK
        while not self.shared.stop():
            share = max(until(), steps / most)
            if share >= 1.0:
                break
            heat = self.scale * hot * (cold / hot) ** share
            steps += self._chunk
            since += self._chunk
            self._chunk_of(heat)
            if since >= ADAPT_STEPS * len(self.trail.free):
                since = 0
                adapt(self.state, down=0.95 if share < 0.7 else 1.0)
            self.shared.tell()
        self._offer(0.0)

    def _chunk_of(self, heat: float) -> None:
        began = time.monotonic()
        held = (self.best_provider, self.best_backup, self.best)
        done = anneal(self.data, self.state, self.trail, self._chunk, heat, heat, RUIN, *held)
        self.shared.add_work(max(1, done // 1000))
        self._offer(WORTH if len(self.best_provider) > MANY else 0.0)
        if not self.shared.deterministic:
            took = max(time.monotonic() - began, 1e-6)
            self._chunk = int(np.clip(self._chunk * CHUNK_S / took, 200, 20 * CHUNK))

    def restart(self) -> None:
        """Go on from the best plan held."""
        if self.best[0] < math.inf:
            self._load(self.best_provider, self.best_backup)

    def _load(self, provider: Ints, backup: Ints) -> None:
        load(self.data, self.state, provider, backup)
        self.trail.n_changed[0] = -1

    def _hold_if_feasible(self) -> None:
        if broken(self.state) == 0:
            self._hold(float(self.state.totals[0]))

    def _hold(self, cost: float) -> None:
        if cost < self.best[0]:
            self.best[0] = cost
            self.best_provider[:], self.best_backup[:] = self.state.provider, self.state.backup
            self.shared.offer(self.best_provider, self.best_backup, cost)

    def _allowed(self, choice: Choice) -> tuple[Ints, Ints]:
        """The plan with pairs and backups that may not be taken out (unserved, backup chosen anew)."""
        data, own = self.data, self.problem.n_providers
        each = np.arange(self.problem.n_demands)
        provider, backup = choice.provider.copy(), choice.backup.copy()
        locked = data.demand["locked"]
        bad = (data.pair_of[each, provider] < 0) | (provider < 0) | ((locked >= 0) & (locked != provider))
        provider[bad] = -1
        inside = (provider >= 0) & (provider < own) & data.demand["critical"]
        wrong = (backup < 0) | (backup >= own) | (backup == provider) | (data.pair_of[each, backup] < 0)
        country = data.site["country"]
        same = inside & ~wrong
        wrong[same] = country[provider[same]] == country[backup[same]]
        backup[inside & wrong] = AUTO
        backup[~inside] = -1
        return provider, backup
