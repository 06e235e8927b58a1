"""What falls to whom when a provider is lost: the loads behind the rule ``backup``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.resources import added

if TYPE_CHECKING:
    from optimizer.model.aliases import Ints
    from optimizer.model.problem import Problem
    from optimizer.model.resources import Wholes
    from optimizer.model.tally import Tally

__all__ = ["Fallback", "Loads", "fallback_of"]


@dataclass(frozen=True, eq=False)
class Loads:
    """Amounts that fall from a lost provider to a receiver, in whole numbers; zero for pairs not named.

    Parameters
    ----------
    key : ndarray of shape (k,)
        lost · n_receivers + receiver, rising.
    amount : array of whole numbers, shape (k,)
    worst, second : arrays of whole numbers, shape (n_receivers,)
        Largest amount over the lost, and the largest over those other than ``worst_from``.
    worst_from : ndarray of shape (n_receivers,)
        Provider whose loss is the worst, −1 where nothing falls.
    """

    key: Ints
    amount: Wholes
    worst: Wholes
    second: Wholes
    worst_from: Ints

    @classmethod
    def add_up(cls, lost: Ints, receiver: Ints, amount: Wholes, n_receivers: int) -> Loads:
        """Sum of the amounts of each (lost, receiver)."""
        key, member = np.unique(lost * n_receivers + receiver, return_inverse=True)
        whole = added(member, amount, len(key))
        at, gone = key % max(n_receivers, 1), key // max(n_receivers, 1)
        worst, second = np.zeros(n_receivers, amount.dtype), np.zeros(n_receivers, amount.dtype)
        np.maximum.at(worst, at, whole)
        worst_from = np.full(n_receivers, -1, np.int64)
        top = np.flatnonzero(whole == worst[at])
        worst_from[at[top]] = gone[top]
        others = np.flatnonzero(worst_from[at] != gone)
        np.maximum.at(second, at[others], whole[others])
        return cls(key, whole, worst, second, worst_from)

    def of(self, lost: Ints, receiver: Ints) -> Wholes:
        """Amounts for any (lost, receiver) pairs."""
        none = np.zeros(len(lost), self.amount.dtype)
        if not len(self.key):
            return none
        wanted = lost * len(self.worst) + receiver
        at = np.minimum(np.searchsorted(self.key, wanted), len(self.key) - 1)
        return np.where(self.key[at] == wanted, self.amount[at], none)

    def worst_without(self, lost: Ints, receiver: Ints, less: Wholes) -> Wholes:
        """Largest amount at each receiver when what falls there from ``lost`` is lessened."""
        left = np.maximum(self.second[receiver], self.of(lost, receiver) - less)
        return np.where(self.worst_from[receiver] == lost, left, self.worst[receiver])


@dataclass(frozen=True, eq=False)
class Fallback:
    """Backups of a plan added up.

    Parameters
    ----------
    lines, sites : Loads
        Volumes that fall to lines, minutes that fall to sites, in the measures of ``Problem.exact``.
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
        lines=Loads.add_up(lost, line, problem.exact.volume[d], n_lines),
        sites=Loads.add_up(lost, survivor, problem.exact.site.amount[d], n),
        relying=np.bincount(line, minlength=n_lines),
    )
