"""Tiers that a line can reach, and levels of dispersion: the step functions of the cost."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.program.units import pair_lines, totals

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.problem import Problem
    from optimizer.model.program.units import Units

__all__ = ["Levels", "Tiers", "find_levels", "find_tiers", "pairs_in_tiers", "running_lines"]


@dataclass(frozen=True, eq=False)
class Tiers:
    """Tiers of the lines that can reach a second one; arrays of shape (n_tiers,).

    Parameters
    ----------
    line, number : ndarray
        Line, and position of the tier from 1.
    start, stop : ndarray
        Volume in the line's units where the tier begins and ends (or the line's reach).
    slope : ndarray
        Cost of one line unit inside the tier, fee included.
    intercept : ndarray
        Cost at volume 0 of the tier's straight line, fixed cost included:
        fixed + Σ_{j<k} (c_j − c_{j+1}) · start_{j+1}.
    stepped : ndarray of shape (n_lines,), bool
        Lines that have tiers here; the others cost the same for every unit.
    """

    line: Ints
    number: Ints
    start: Floats
    stop: Floats
    slope: Floats
    intercept: Floats
    stepped: Bools


@dataclass(frozen=True, eq=False)
class Levels:
    """Runs of equal dispersion loss; arrays of shape (n_levels,).

    ``low`` to ``high`` providers of ``service`` cost ``cost`` a year. ``falling`` (n_services,)
    tells where more providers may cost less, so that none may be counted without work.
    """

    service: Ints
    low: Ints
    high: Ints
    cost: Floats
    falling: Bools


def _reach(problem: Problem, units: Units) -> Floats:
    """Most units a line can carry: all eligible volume, its capacity, its whole site's capacity."""
    lines = problem.lines
    minutes = _minutes_per_unit(problem)
    capacity = problem.sites.capacity_minutes[lines.provider]
    by_site = np.full(len(minutes), np.inf)
    np.divide(capacity, minutes, out=by_site, where=minutes > 0)
    reach: Floats = np.minimum(units.line_all, np.minimum(lines.capacity, by_site) / units.line * (1 + 1e-9))
    np.maximum(reach, 0.0, out=reach)
    return reach


def _minutes_per_unit(problem: Problem) -> Floats:
    """Minutes that a unit on each line takes: one figure a service, or the least of the line's pairs."""
    lines, given = problem.lines, problem.pairs.volume
    if given is None:
        per_volume = np.zeros(len(problem.service_ids))
        np.maximum.at(per_volume, problem.demand_service, problem.minutes / problem.volume)
        minutes: Floats = per_volume[lines.service]
        return minutes
    line = pair_lines(problem)
    used = (line >= 0) & (given > 0)
    least: Floats = np.full(len(lines.provider), np.inf)
    np.minimum.at(least, line[used], problem.minutes[problem.pairs.demand[used]] / given[used])
    return np.where(np.isfinite(least), least, 0.0)


def find_tiers(problem: Problem, units: Units) -> Tiers:
    """Keep the tiers below each line's reach; lines left with one are not stepped."""
    lines = problem.lines
    count = np.diff(lines.tier_start)
    line = np.repeat(np.arange(len(count)), count)
    reach = _reach(problem, units)
    start = lines.tier_from / units.line[line]
    first = np.zeros(len(line), dtype=bool)
    first[lines.tier_start[:-1]] = True
    kept = first | (start < reach[line])
    stepped = np.bincount(line[kept], minlength=len(count)) > 1
    chosen = np.flatnonzero(kept & stepped[line])
    line, start, slope = line[chosen], start[chosen], lines.tier_cost[chosen] * units.line[line[chosen]]
    first = first[chosen]
    last = np.append(first[1:], True) if len(first) else first
    stop = np.where(last, reach[line], np.append(start[1:], 0.0)) if len(first) else start
    gain = np.where(first, 0.0, (np.roll(slope, 1) - slope) * start)
    number = np.arange(len(line)) - np.maximum.accumulate(np.where(first, np.arange(len(line)), 0)) + 1
    before = np.cumsum(gain) - np.cumsum(gain)[np.arange(len(line)) - number + 1]
    return Tiers(line, number, start, stop, slope, lines.fixed_cost[line] + before, stepped)


def pairs_in_tiers(tiers: Tiers, line: Ints) -> tuple[Ints, Ints]:
    """Every (pair, tier) that can come together: the pair's line has the tier.

    ``line`` (n_pairs,) is the line behind each pair, −1 for own capacity.
    """
    n_lines = len(tiers.stepped)
    count = np.bincount(tiers.line, minlength=n_lines + 1)  # the last place stands for own capacity
    first = np.cumsum(count) - count
    pair = np.repeat(np.arange(len(line)), count[line])
    within = np.arange(len(pair)) - np.repeat(np.cumsum(count[line]) - count[line], count[line])
    return pair, first[line[pair]] + within


def running_lines(problem: Problem, line: Ints) -> Bools:
    """Lines that at least one eligible pair could use."""
    return totals(line, np.ones(len(line)), len(problem.lines.provider)) > 0


def find_levels(problem: Problem, runs: Bools) -> Levels:
    """Group the numbers 0 … N_s of providers by equal loss, services without any loss left out."""
    loss = (0.0, *problem.scalars.dispersion_loss)
    most = np.bincount(problem.lines.service[runs], minlength=len(problem.service_ids))
    rows: list[tuple[int, int, int, float]] = []
    falling = np.zeros(len(most), dtype=bool)
    for s in np.flatnonzero(problem.reference > 0).tolist():
        values = [loss[min(n, len(loss) - 1)] for n in range(int(most[s]) + 1)]
        if not any(values):
            continue
        falling[s] = any(b < a for a, b in pairwise(values))
        breaks = [n for n in range(len(values)) if n == 0 or values[n] != values[n - 1]]
        for low, end in zip(breaks, [*breaks[1:], len(values)], strict=True):
            rows.append((s, low, end - 1, values[low] * float(problem.reference[s])))
    table = np.array(rows, dtype=np.float64).reshape(-1, 4)
    service, low_n, high_n = (table[:, k].astype(np.int64) for k in range(3))
    return Levels(service, low_n, high_n, table[:, 3], falling)
