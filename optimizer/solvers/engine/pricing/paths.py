"""The cheapest path of every demand over periods, at prices of its pairs, of leaving, of arriving and of switching.

A path has a source in each period in which the demand is there, and switches at most so often. Demands that switch
once come in groups: the first of a group switches after the others, at the cheapest dates that keep the order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from optimizer.solvers.engine.jit import kernel

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints

__all__ = ["Paths", "cheapest_paths"]


class Paths(NamedTuple):
    """Demands, their options and their prices; an option is a demand with a source, sorted by demand.

    Parameters
    ----------
    first : ndarray of shape (n_demands + 1,)
        Slices of the options.
    source : ndarray of shape (n_options,)
    there, there_start : ndarray
        Periods in which each demand is present, sliced by demand.
    today : ndarray of shape (n_demands,)
        Option of today's source, counted within the demand; −1 for none.
    pair : ndarray of shape (n_periods, n_options)
        Index of the pair, −1 where the source cannot be had.
    comes, leaves, forced, begins : ndarray of shape (n_periods, n_options), bool
        The source may be switched to, left, must be left, may be the first.
    free : bool
        Who made as many switches as are counted may go on.
    group, group_start : ndarray
        Demands that have a source today and switch once, in groups whose first comes after the others.
    after : ndarray of shape (n_demands, n_periods)
        Period from which on the first of the group may switch when the demand switches in a period.
    walks : ndarray of shape (n_demands,), bool
        In no group: every path counts, without order.
    effort : ndarray of shape (n_periods, n_demands)
        FTE.
    leave, money : ndarray of shape (n_periods, n_options)
        One-off cost of leaving the source, discounted and not.
    price : ndarray of shape (n_pairs,)
    weight : ndarray of shape (n_periods,)
        What a pair's price counts in a period.
    arrival : ndarray of shape (n_periods, n_sources)
        Price of an FTE that arrives.
    paid, each, once : ndarray of shape (n_periods,), (n_periods,), (1,)
        Price of one-off money, of a switch, and of the first switch of a demand.
    by_date, at_date : ndarray of shape (n_demands, n_periods + 1)
        Least cost by period of the switch, the last for none or one that no order binds; the option it goes to.
    unbound : ndarray of shape (n_demands,)
        Period of the switch that no order binds, −1 for none.
    chosen : ndarray of shape (n_periods, n_demands)
        Option in each period, counted over all; −1 where absent.
    size : ndarray of shape (1,)
        Sum of the largest amounts on the way: what rounding is to be measured by.
    rest, cost, next, came
        Room to work: (most options,), (n_levels, most options) twice, (n_periods, n_levels, most options).
    """

    first: Ints
    source: Ints
    there: Ints
    there_start: Ints
    today: Ints
    pair: Ints
    comes: Bools
    leaves: Bools
    forced: Bools
    begins: Bools
    free: bool
    group: Ints
    group_start: Ints
    after: Ints
    walks: Bools
    effort: Floats
    leave: Floats
    money: Floats
    price: Floats
    weight: Floats
    arrival: Floats
    paid: Floats
    each: Floats
    once: Floats
    by_date: Floats
    at_date: Ints
    unbound: Ints
    chosen: Ints
    size: Floats
    rest: Floats
    cost: Floats
    next: Floats
    came: Ints


@kernel
def _run(p: Paths, t: int, o: int) -> float:
    """Price of a period at an option."""
    k = p.pair[t, o]
    return np.inf if k < 0 else p.weight[t] * p.price[k]


@kernel
def _going(p: Paths, t: int, o: int) -> float:
    """Price of leaving an option."""
    return float(p.leave[t, o] + p.paid[t] * p.money[t, o] + p.each[t])


@kernel
def _coming(p: Paths, t: int, o: int, d: int) -> float:
    """Price of arriving at an option."""
    return float(p.arrival[t, p.source[o]] * p.effort[t, d])


@kernel
def _before(p: Paths, d: int, stop: int) -> float:
    """Price of today's source in the periods before one, counted by presence."""
    total, today = 0.0, p.first[d] + p.today[d]
    for j in range(p.there_start[d], stop):
        total += _run(p, p.there[j], today)
    return total


@kernel
def _dates(p: Paths, d: int) -> None:
    """Cost of one switch by its period, and of none or a forced one."""
    last, low, high = p.weight.shape[0], p.first[d], p.first[d + 1]
    today, start, stop = low + p.today[d], p.there_start[d], p.there_start[d + 1]
    stays = _before(p, d, stop)
    whole, before, size = np.isfinite(stays), stays, 0.0
    p.by_date[d, :] = np.inf
    p.by_date[d, last], p.at_date[d, last], p.unbound[d] = stays, today, -1
    p.rest[0 : high - low] = 0.0
    for i in range(stop - 1, start - 1, -1):
        t = p.there[i]
        before = before - _run(p, t, today) if whole else _before(p, d, i)
        best, at = np.inf, -1
        for o in range(low, high):
            p.rest[o - low] += _run(p, t, o)
            if p.rest[o - low] < np.inf:
                size = max(size, abs(p.rest[o - low]))
            if o != today and p.comes[t, o] and p.rest[o - low] + _coming(p, t, o, d) < best:
                best, at = p.rest[o - low] + _coming(p, t, o, d), o
        if at < 0 or not p.leaves[t, today]:
            continue
        best += before + _going(p, t, today) + p.once[0]
        if not p.forced[t, today]:
            p.by_date[d, t], p.at_date[d, t] = best, at
        elif best < p.by_date[d, last]:
            p.by_date[d, last], p.at_date[d, last], p.unbound[d] = best, at, t
    p.size[0] += size


@kernel
def _date(p: Paths, d: int, low: int, late: int) -> int:
    """Cheapest date from ``low`` on after which the first of the group may switch at ``late``; the last is no date."""
    at = int(p.weight.shape[0])
    for t in range(low, p.weight.shape[0]):
        if p.by_date[d, t] < p.by_date[d, at] and p.after[d, t] <= late:
            at = t
    return at


@kernel
def _settle(p: Paths, d: int, date: int) -> float:
    """Set the path of a date; its cost."""
    t = p.unbound[d] if date == p.weight.shape[0] else date
    for i in range(p.there_start[d], p.there_start[d + 1]):
        s = p.there[i]
        p.chosen[s, d] = p.at_date[d, date] if s >= t >= 0 else p.first[d] + p.today[d]
    return float(p.by_date[d, date])


@kernel
def _group(p: Paths, g: int) -> float:
    """Least cost of a group: its first at or after each date, or at none, the others in time for it."""
    last, start, stop = p.weight.shape[0], p.group_start[g], p.group_start[g + 1]
    best, when = np.inf, last
    for late in range(last + 1 if stop > start + 1 else 1):
        total = 0.0
        for i in range(start, stop):
            d = p.group[i]
            total += p.by_date[d, _date(p, d, late, last) if i == start else _date(p, d, 0, late)]
        if total < best:
            best, when = total, late
    if best == np.inf:
        return np.inf
    best = 0.0
    for i in range(start, stop):
        d = p.group[i]
        best += _settle(p, d, _date(p, d, when, last) if i == start else _date(p, d, 0, when))
    return best


@kernel
def _switch(p: Paths, d: int, t: int, k: int, onto: int) -> None:
    """Switches in a period after ``k`` so far; ``onto``: how many are counted then."""
    low, m = p.first[d], p.first[d + 1] - p.first[d]
    first, second, at, other = np.inf, np.inf, -1, -1
    for o in range(m):
        if p.leaves[t, low + o]:
            value = p.cost[k, o] + _going(p, t, low + o)
            if value < first:
                first, second, at, other = value, first, o, at
            elif value < second:
                second, other = value, o
    more = p.once[0] if k == 0 else 0.0
    for o in range(m):
        value, source = (second, other) if o == at else (first, at)
        if source >= 0 and p.comes[t, low + o]:
            value += more + _coming(p, t, low + o, d)
            if value < p.next[onto, o]:
                p.next[onto, o] = value
                p.came[t, onto, o] = k * m + source


@kernel
def _advance(p: Paths, d: int, t: int, first: bool) -> None:
    """From the costs before a period to those after it."""
    low, m, levels = p.first[d], p.first[d + 1] - p.first[d], p.cost.shape[0]
    for k in range(levels):
        for o in range(m):
            p.next[k, o] = p.cost[k, o]
            p.came[t, k, o] = k * m + o
    if first and p.today[d] < 0:
        for o in range(m):
            p.next[0, o] = _coming(p, t, low + o, d) if p.begins[t, low + o] else np.inf
    else:
        for k in range(levels):
            if k + 1 < levels:
                _switch(p, d, t, k, k + 1)
            elif p.free:
                _switch(p, d, t, k, k)
    for k in range(levels):
        for o in range(m):
            p.cost[k, o] = p.next[k, o] + _run(p, t, low + o)


@kernel
def _walk(p: Paths, d: int) -> float:
    """The cheapest path over (period, source, switches so far); sets it."""
    m, levels = p.first[d + 1] - p.first[d], p.cost.shape[0]
    start, stop = p.there_start[d], p.there_start[d + 1]
    p.cost[:, :m] = np.inf
    if p.today[d] >= 0:
        p.cost[0, p.today[d]] = 0.0
    size = 0.0
    for i in range(start, stop):
        _advance(p, d, p.there[i], i == start)
        for k in range(levels):
            for o in range(m):
                if p.cost[k, o] < np.inf:
                    size = max(size, abs(p.cost[k, o]))
    best, level, at = np.inf, 0, -1
    for k in range(levels):
        for o in range(m):
            if p.cost[k, o] < best:
                best, level, at = p.cost[k, o], k, o
    if at < 0:
        return np.inf
    p.size[0] += size
    for i in range(stop - 1, start - 1, -1):
        t = p.there[i]
        p.chosen[t, d] = p.first[d] + at
        came = p.came[t, level, at]
        level, at = came // m, came % m
    return best


@kernel
def cheapest_paths(p: Paths) -> float:
    """Sum of the least costs of all demands, infinite where one has no path; ``chosen`` and ``size`` are set."""
    total = 0.0
    p.size[0] = 0.0
    for g in range(len(p.group_start) - 1):
        for i in range(p.group_start[g], p.group_start[g + 1]):
            _dates(p, p.group[i])
        total += _group(p, g)
    for d in range(len(p.today)):
        if p.walks[d]:
            total += _walk(p, d)
    return total
