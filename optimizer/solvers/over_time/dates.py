"""Each demand's cheapest path at prices, and what the paths of all demands use of the limits that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from optimizer.solvers.engine.pricing.paths import Paths, cheapest_paths

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.solvers.over_time.courses import Courses

__all__ = ["Dates", "Usage"]


class Usage(NamedTuple):
    """What paths use: FTE that arrive, one-off money and switches by period; how many demands switch."""

    arrived: Floats
    spent: Floats
    switches: Floats
    movers: float


class Dates:
    """Cheapest paths of all demands.

    Parameters
    ----------
    courses : Courses
    pair : ndarray of shape (n_periods, n_options)
        Index of each option's pair over all periods, −1 where it cannot be had.
    there : ndarray of shape (n_periods, n_demands), bool
    weight : ndarray of shape (n_periods,)
    """

    def __init__(self, courses: Courses, pair: Ints, there: Bools, weight: Floats) -> None:
        self.courses, self.pair = courses, pair
        self.paths = _paths(courses, pair, there, weight)

    def cheapest(self, price: Floats, arrival: Floats, paid: Floats, each: Floats, once: float) -> float:
        """Least cost of all paths, discounted, rounding apart; which ones they are is in ``paths.chosen``.

        Parameters
        ----------
        price : ndarray of shape (n_pairs_of_all_periods,)
            Of each pair, a year.
        arrival : ndarray of shape (n_periods, n_providers + 1)
            Price of an FTE that arrives.
        paid, each : ndarray of shape (n_periods,)
            Price of undiscounted one-off money, and of a switch.
        once : float
            Price of the first switch of a demand.
        """
        p = self.paths._replace(price=price)
        p.arrival[...], p.paid[...], p.each[...], p.once[0] = arrival, paid, each, once
        return float(cheapest_paths(p))

    @property
    def size(self) -> float:
        """Sum of the largest amounts that went into the last answer: what its rounding is measured by."""
        return float(self.paths.size[0])

    def flat(self) -> Ints:
        """Pairs of the paths, of all periods."""
        t, d = np.nonzero(self.paths.chosen >= 0)
        out: Ints = self.pair[t, self.paths.chosen[t, d]]
        return out

    def usage(self) -> Usage:
        """What the paths use."""
        options, courses, chosen = self.courses.options, self.courses, self.paths.chosen
        last = np.where(courses.today >= 0, options.first[:-1] + courses.today, -1)
        arrived = np.zeros_like(self.paths.arrival)
        spent, count = np.zeros(len(chosen)), np.zeros(len(chosen))
        movers = np.zeros(len(last), np.bool_)
        for t, here in enumerate(chosen):
            came = np.flatnonzero((here >= 0) & (here != last))
            moved = came[last[came] >= 0]
            arrived[t] = np.bincount(options.source[here[came]], courses.effort[t, came], arrived.shape[1])
            spent[t], count[t] = options.money[t, last[moved]].sum(), len(moved)
            movers[moved] = True
            last = np.where(here >= 0, here, last)
        return Usage(arrived[:, :-1], spent, count, float(movers.sum()))


def _paths(courses: Courses, pair: Ints, there: Bools, weight: Floats) -> Paths:
    options, periods, n = courses.options, len(weight), there.shape[1]
    demand, when = np.nonzero(there.T)
    wide, levels = int(np.diff(options.first).max(initial=1)), courses.levels + 1
    grouped = np.array([d for g in courses.groups for d in g], np.int64)
    walks = np.ones(n, np.bool_)
    walks[grouped] = False
    return Paths(
        first=options.first,
        source=options.source,
        there=when.astype(np.int64),
        there_start=np.searchsorted(demand, np.arange(n + 1)).astype(np.int64),
        today=courses.today,
        pair=np.ascontiguousarray(pair),
        comes=np.ascontiguousarray(options.comes),
        leaves=np.ascontiguousarray(options.leaves),
        forced=np.ascontiguousarray(options.forced),
        begins=np.ascontiguousarray(courses.begins),
        free=courses.switches > courses.levels,
        group=grouped,
        group_start=np.concatenate([[0], np.cumsum([len(g) for g in courses.groups])]).astype(np.int64),
        after=courses.after,
        walks=walks,
        effort=np.ascontiguousarray(courses.effort),
        leave=np.ascontiguousarray(options.leave),
        money=np.ascontiguousarray(options.money),
        price=np.zeros(0),
        weight=weight,
        arrival=np.zeros((periods, courses.n_sources)),
        paid=np.zeros(periods),
        each=np.zeros(periods),
        once=np.zeros(1),
        by_date=np.zeros((n, periods + 1)),
        at_date=np.zeros((n, periods + 1), np.int64),
        unbound=np.zeros(n, np.int64),
        chosen=np.full(there.shape, -1, np.int64),
        size=np.zeros(1),
        rest=np.zeros(wide),
        cost=np.zeros((levels, wide)),
        next=np.zeros((levels, wide)),
        came=np.zeros((periods, levels, wide), np.int64),
    )
