"""What falls to whom when a provider is lost: the loads behind the rule ``backup``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from optimizer.arrays.problem import Floats, Ints, Problem
    from optimizer.arrays.tally import Tally

__all__ = ["Fallback", "Loads", "fallback_of"]


@dataclass(frozen=True, eq=False)
class Loads:
    """Amounts that fall from a lost provider to a receiver; zero for pairs not named.

    Parameters
    ----------
    key : ndarray of shape (k,)
        lost · n_receivers + receiver, rising.
    amount : ndarray of shape (k,)
    worst : ndarray of shape (n_receivers,)
        Largest amount over the lost.
    """

    key: Ints
    amount: Floats
    worst: Floats

    @classmethod
    def add_up(cls, lost: Ints, receiver: Ints, amount: Floats, n_receivers: int) -> Loads:
        """Sum of the amounts of each (lost, receiver)."""
        key, member = np.unique(lost * n_receivers + receiver, return_inverse=True)
        whole = np.bincount(member, amount, len(key)).astype(np.float64)
        worst = np.zeros(n_receivers)
        np.maximum.at(worst, key % max(n_receivers, 1), whole)
        return cls(key, whole, worst)

    def of(self, lost: Ints, receiver: Ints) -> Floats:
        """Amounts for any (lost, receiver) pairs."""
        if not len(self.key):
            return np.zeros(len(lost))
        wanted = lost * len(self.worst) + receiver
        at = np.minimum(np.searchsorted(self.key, wanted), len(self.key) - 1)
        return np.where(self.key[at] == wanted, self.amount[at], 0.0)


@dataclass(frozen=True, eq=False)
class Fallback:
    """Backups of a plan added up.

    Parameters
    ----------
    lines, sites : Loads
        Units that fall to lines, minutes that fall to sites.
    relying : ndarray of shape (n_lines,)
        Number of demands whose backup is the line.
    """

    lines: Loads
    sites: Loads
    relying: Ints


def fallback_of(problem: Problem, tally: Tally) -> Fallback:
    """Add up the backups of the demands that the rule ``backup`` speaks of."""
    n_lines, n = len(problem.lines.provider), problem.n_providers
    d = np.flatnonzero(problem.critical & (tally.line >= 0) & (tally.backup >= 0))
    lost, survivor = tally.provider[d], tally.backup[d]
    line = problem.lines.index[survivor, problem.demand_service[d]]
    return Fallback(
        lines=Loads.add_up(lost, line, problem.volume[d], n_lines),
        sites=Loads.add_up(lost, survivor, problem.minutes[d], n),
        relying=np.bincount(line, minlength=n_lines),
    )
