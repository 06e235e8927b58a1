"""A first plan of a re-optimisation: everyone stays, and only who must find a provider gets one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.model.parts import Choice
from optimizer.plan.backups import with_backups
from optimizer.plan.given import choice_from_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.model.problem import Problem

__all__ = ["staying"]


def staying(problem: Problem, applied: Mapping[str, Any] | None = None) -> Choice:
    """Today's provider for every demand that may keep it; the cheapest pair with room for each of the others.

    Nothing is promised: the plan may break rules, and whoever uses it checks them. Where it keeps them, it
    has the fewest moves there can be, and no solver is needed to know.

    Parameters
    ----------
    problem : Problem
    applied : mapping, optional
        The applied plan, whose backups stay too.
    """
    provider = np.where(problem.locked >= 0, problem.locked, problem.current)
    there = np.flatnonzero(provider >= 0)
    provider[there[problem.pair_index(there, provider[there]) < 0]] = -1
    room = _Room(problem, provider)
    for d in np.flatnonzero(provider < 0).tolist():
        provider[d] = room.best(d)
    backup = np.full(problem.n_demands, -1, dtype=np.int64)
    if applied is not None:
        before = choice_from_plan(problem, applied)
        backup = np.where(before.provider == provider, before.backup, backup)
    return Choice(provider, with_backups(problem, Choice(provider, backup)))


class _Room:
    """What lines and sites have left."""

    def __init__(self, problem: Problem, provider: np.ndarray[Any, np.dtype[np.int64]]) -> None:
        self.problem = problem
        self.line = problem.lines.capacity.astype(np.float64).copy()
        self.site = problem.sites.capacity_minutes.astype(np.float64).copy()
        self.used = np.zeros(len(self.line), dtype=np.bool_)
        served = np.flatnonzero(provider >= 0)
        for d, pair in zip(served.tolist(), problem.pair_index(served, provider[served]).tolist(), strict=True):
            self.take(d, pair)

    def take(self, d: int, pair: int) -> None:
        """Count a demand on a pair."""
        p, line = self._where(d, pair)
        if line >= 0:
            self.line[line] -= self.problem.pair_volume[pair]
            self.site[p] -= self.problem.minutes[d]
            self.used[line] = True

    def _where(self, d: int, pair: int) -> tuple[int, int]:
        """Provider and line; no line for own capacity."""
        p = int(self.problem.pairs.provider[pair])
        own = p == self.problem.n_providers
        return p, -1 if own else int(self.problem.lines.index[p, self.problem.demand_service[d]])

    def best(self, d: int) -> int:
        """The provider of the best pair, counted; −1 where nobody is eligible."""
        pairs = range(*self.problem.pairs.start[d : d + 2].tolist())
        if not pairs:
            return -1
        pair = min(pairs, key=lambda i: self._rank(d, i))
        self.take(d, pair)
        return int(self.problem.pairs.provider[pair])

    def _rank(self, d: int, pair: int) -> tuple[bool, bool, float, int]:
        """Room first, then a line that is in use, then cost by itself."""
        p, line = self._where(d, pair)
        cost = float(self.problem.pairs.linear[pair])
        if line < 0:
            return False, False, cost, p
        volume = float(self.problem.pair_volume[pair])
        full = self.line[line] < volume or self.site[p] < self.problem.minutes[d]
        return bool(full), not self.used[line], cost + float(self.problem.lines.first_unit_cost[line]) * volume, p
