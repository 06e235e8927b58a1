"""Which demands a large-neighbourhood step sets free, and how big the step should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.problem import Problem
    from optimizer.solvers.engine.pricing.reduced_costs import ReducedCosts

__all__ = ["Neighbourhoods"]

FIRST_PAIRS, LEAST_PAIRS, MOST_PAIRS = 700, 150, 30000
LEARNING = 0.2


class Neighbourhoods:
    """Draws sets of demands; learns which kinds pay and how many pairs are solved in time.

    Parameters
    ----------
    problem : Problem
    seed : int
    reduced_costs : ReducedCosts
        What the relaxation thinks of pairs.
    """

    def __init__(self, problem: Problem, seed: int, reduced_costs: ReducedCosts) -> None:
        self.problem, self.reduced_costs = problem, reduced_costs
        self.random = np.random.default_rng([seed, 7])
        self.choices = 1 + np.add.reduceat(reduced_costs.strong, problem.pairs.start[:-1])
        self.effort = np.bincount(problem.demand_entity, weights=problem.minutes, minlength=len(problem.entity_ids))
        self.kinds: tuple[Callable[[Ints, int], Ints], ...] = (
            self._services,
            self._entities,
            self._similar,
            self._providers,
            self._line,
            self._heavy,
            self._regretted,
        )
        self.rate = np.zeros(len(self.kinds))
        self.size = np.full(len(self.kinds), float(FIRST_PAIRS))
        self.kind = 0

    def draw(self, provider: Ints) -> Ints:
        """Demands to set free around a plan, about ``size`` pairs of them."""
        n, total = len(self.rate), self.rate.sum()
        share = 0.5 * self.rate / total + 0.5 / n if total > 0 else np.full(n, 1.0 / n)
        self.kind = int(self.random.choice(n, p=share / share.sum()))
        return self.kinds[self.kind](provider, int(self.size[self.kind]))

    def learn(self, gain: float, effort: float, finished: bool, quick: bool) -> None:
        """Reward the last kind by what it gained for its effort; grow it when solved with ease, else shrink."""
        k = self.kind
        self.rate[k] += LEARNING * (gain / max(effort, 1e-9) - self.rate[k])
        if finished and quick:
            self.size[k] = min(self.size[k] * 1.25, MOST_PAIRS)
        elif not finished:
            self.size[k] = max(self.size[k] * 0.8, LEAST_PAIRS)

    def _cut(self, demands: Ints, size: int) -> Ints:
        """First demands of a list that make up ``size`` pairs."""
        movable = demands[(self.choices[demands] > 1) & (self.problem.locked[demands] < 0)]
        stop = int(np.searchsorted(np.cumsum(self.choices[movable]), size)) + 1
        return movable[: max(stop, 2)]

    def _services(self, _provider: Ints, size: int) -> Ints:
        """Demands of one or two services."""
        chosen = self.random.permutation(len(self.problem.service_ids))[:2]
        demands = [np.flatnonzero(self.problem.demand_service == s) for s in chosen]
        return self._cut(np.concatenate([self.random.permutation(d) for d in demands]), size)

    def _whole(self, entities: Ints, size: int) -> Ints:
        starts = np.searchsorted(self.problem.demand_entity, entities)
        stops = np.searchsorted(self.problem.demand_entity, entities, side="right")
        spans = [np.arange(a, b) for a, b in zip(starts.tolist(), stops.tolist(), strict=True)]
        return self._cut(np.concatenate(spans), size)

    def _entities(self, _provider: Ints, size: int) -> Ints:
        """All demands of random entities."""
        return self._whole(self.random.permutation(len(self.problem.entity_ids)), size)

    def _similar(self, provider: Ints, size: int) -> Ints:
        """All demands of entities that share providers with a random one."""
        problem = self.problem
        served = np.zeros((len(problem.entity_ids), problem.n_providers + 1))
        np.add.at(served, (problem.demand_entity, provider), problem.minutes)
        served /= np.maximum(served.sum(axis=1, keepdims=True), 1e-9)
        share = self.effort / self.effort.sum() if self.random.random() < 0.5 else None
        one = served[self.random.choice(len(served), p=share)]
        likeness = served @ one + 0.05 * self.random.random(len(served))
        return self._whole(np.argsort(-likeness, kind="stable"), size)

    def _providers(self, provider: Ints, size: int) -> Ints:
        """Demands now at two or three providers."""
        used = np.unique(provider)
        chosen = self.random.permutation(used)[:3]
        demands = [self.random.permutation(np.flatnonzero(provider == p)) for p in chosen]
        return self._cut(np.concatenate(demands), size)

    def _weighted(self, weight: Floats, size: int) -> Ints:
        """Demands in random order, heavier ones earlier (exponential keys: Efraimidis and Spirakis 2006)."""
        keys = self.random.standard_exponential(len(weight)) / np.maximum(weight, 1e-12 * weight.max(initial=1.0))
        return self._cut(np.argsort(keys, kind="stable"), size)

    def _heavy(self, _provider: Ints, size: int) -> Ints:
        """Large demands: those that decide how well lines and sites can be filled."""
        return self._weighted(self.problem.minutes, size)

    def _regretted(self, provider: Ints, size: int) -> Ints:
        """Demands for which the relaxation knows a much better provider."""
        return self._weighted(self.reduced_costs.regret(self.problem, provider), size)

    def _line(self, provider: Ints, size: int) -> Ints:
        """Everything on one line, then others of the same service."""
        d = int(self.random.integers(self.problem.n_demands))
        same = self.problem.demand_service == self.problem.demand_service[d]
        here = np.flatnonzero(same & (provider == provider[d]))
        rest = self.random.permutation(np.flatnonzero(same & (provider != provider[d])))
        return self._cut(np.concatenate([here, rest]), size)
