"""When each site is open, at its cheapest: one of today's from the start, a candidate to the end, any other between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.time.joint import JointProblem

__all__ = ["Intervals", "Openings"]


@dataclass(frozen=True, eq=False)
class Openings:
    """How sites may be open; arrays of shape (n_providers,) or (n_periods, n_providers).

    Parameters
    ----------
    of_today, candidate, required : ndarray of bool
    end : ndarray
        First period after the site's own end.
    discount : ndarray of shape (n_periods,)
    setup, exit : ndarray
        One-off money, undiscounted.
    charged : ndarray
        Discounted money of being open that the problem of a period has on top of what it costs.
    """

    of_today: Bools
    candidate: Bools
    required: Bools
    end: Ints
    discount: Floats
    setup: Floats
    exit: Floats
    charged: Floats

    @classmethod
    def of(cls, joint: JointProblem, charged: Floats) -> Openings:
        """Those of a joint problem."""
        status, n = [p.status for p in joint.case.providers], joint.n_providers
        of_today = np.zeros(n, np.bool_)
        of_today[joint.current[(joint.current >= 0) & (joint.current < n)]] = True
        may = np.array([s.serves for s in joint.stages], np.bool_)
        last = np.where(may.any(axis=0), joint.n_periods - np.argmax(may[::-1], axis=0), joint.n_periods)
        candidate = np.array([s == "candidate" for s in status], np.bool_)
        return cls(
            of_today=of_today & ~candidate,
            candidate=candidate,
            required=np.array([s == "required" for s in status], np.bool_),
            end=last.astype(np.int64),
            discount=np.array([s.discount for s in joint.stages]),
            setup=np.array([s.setup for s in joint.stages]),
            exit=np.array([s.exit for s in joint.stages]),
            charged=np.where(candidate, charged, 0.0),
        )


class Intervals:
    """The cheapest open interval of every site.

    Parameters
    ----------
    openings : Openings
    """

    def __init__(self, openings: Openings) -> None:
        self.openings = openings
        periods, n = openings.setup.shape
        self.open, self.once = np.zeros((periods, n)), np.zeros(periods)
        self.size = 0.0

    def cheapest(self, price: Floats, paid: Floats) -> float:
        """Least cost of all sites, rounding apart; ``open``, one-off money ``once`` and ``size`` are set.

        Parameters
        ----------
        price : ndarray of shape (n_periods, n_providers)
            Discounted money of being open.
        paid : ndarray of shape (n_periods,)
            Price of undiscounted one-off money.
        """
        o, periods = self.openings, len(price)
        self.open[...], self.once[...] = 0.0, 0.0
        rate = (o.discount + paid)[:, None]
        setup = rate * o.setup
        leaving = np.concatenate([rate * o.exit, np.zeros((1, price.shape[1]))])
        whole = np.concatenate([np.zeros((1, price.shape[1])), np.cumsum(price, axis=0)])
        total = 0.0
        for p in range(price.shape[1]):
            if o.required[p]:
                self.open[:, p] = 1.0
                continue
            cost, start, stop = self._best(p, whole[:, p], setup[:, p], leaving[:, p])
            total += cost
            self.open[start:stop, p] = 1.0
            if o.candidate[p] and stop > start:
                self.once[start] += o.setup[start, p]
            elif stop < periods and (stop > start or o.of_today[p]):
                self.once[stop] += o.exit[stop, p]
        self.size = float(np.abs(price).sum() + np.abs(setup).sum() + np.abs(leaving).sum())
        return total

    def _best(self, p: int, whole: Floats, setup: Floats, leaving: Floats) -> tuple[float, int, int]:
        """(cost, first period, period after the last) of one site; with no period it is never open."""
        o = self.openings
        if o.candidate[p]:
            end = int(o.end[p])
            cost = whole[end] - whole[:end] + setup[:end]
            start = int(np.argmin(cost)) if end else 0
            return (float(cost[start]), start, end) if end and cost[start] < 0 else (0.0, 0, 0)
        if o.of_today[p]:
            cost = whole + leaving
            stop = int(np.argmin(cost))
            return float(cost[stop]), 0, stop
        low = np.maximum.accumulate(whole)[:-1]
        cost = whole[1:] - low + leaving[1:]
        stop = int(np.argmin(cost)) + 1
        if cost[stop - 1] >= 0:
            return 0.0, 0, 0
        return float(cost[stop - 1]), int(np.argmax(whole[:stop])), stop
