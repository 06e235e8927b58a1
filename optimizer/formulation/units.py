"""Friendly numbers for resource rows: exact units instead of raw volumes and minutes.

Volumes and minutes of one line or site are counted in multiples of their greatest common
measure (in millionths), then, when still large, in powers of two of it. Both steps are exact,
so a capacity row loses nothing: Σ v x ≤ cap becomes Σ n x ≤ ⌊cap / unit⌋ with whole n. Data
with more than six decimals (products of two decimals) only get the power of two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.domain.types import MICRO

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.arrays.problem import Problem

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["LARGEST", "Units", "common_units", "in_units", "make_units", "pair_lines", "totals", "whole_limit"]

LARGEST = 2.0**13
"""Largest coefficient kept before powers of two are taken out."""
_EXACT = 2.0**53


@dataclass(frozen=True, eq=False)
class Units:
    """Resources of lines and sites counted in their own units.

    Parameters
    ----------
    line, site : ndarray of shape (n_lines,) and (n_providers,)
        Size of one unit, in volume and in minutes.
    take, work : ndarray of shape (n_pairs,)
        What a pair takes of its line and of its site (0 for own capacity).
    line_capacity, site_capacity : ndarray
        Infinite where all eligible pairs together stay within it, so that it cannot bind.
    line_minimum, site_minimum : ndarray
        0 where there is none.
    line_all, site_all : ndarray
        Sum of ``take`` and ``work`` over all eligible pairs.
    """

    line: Floats
    site: Floats
    take: Floats
    work: Floats
    line_capacity: Floats
    site_capacity: Floats
    line_minimum: Floats
    site_minimum: Floats
    line_all: Floats
    site_all: Floats


def pair_lines(problem: Problem) -> Ints:
    """Line behind each pair, −1 for own capacity."""
    pairs = problem.pairs
    if not problem.n_providers:
        return np.full(problem.n_pairs, -1, dtype=np.int64)
    own = pairs.provider == problem.n_providers
    line = problem.lines.index[np.where(own, 0, pairs.provider), problem.demand_service[pairs.demand]]
    return np.where(own, -1, line).astype(np.int64)


def totals(group: Ints, values: Floats, size: int) -> Floats:
    """Sum of ``values`` by group; group −1 is left out."""
    kept = group >= 0
    return np.bincount(group[kept], weights=values[kept], minlength=size).astype(np.float64)


def _whole(values: Floats) -> tuple[Ints, NDArray[np.bool_]]:
    """Millionths as integers, and whether each value is a whole number of them."""
    scaled = values * MICRO
    rounded = np.rint(scaled)
    exact = (np.abs(scaled - rounded) <= 1e-6 + 4e-16 * np.abs(scaled)) & (np.abs(rounded) < _EXACT * 512)
    return np.where(exact, rounded, 0.0).astype(np.int64), exact


def common_units(group: Ints, values: Floats, size: int) -> Floats:
    """Unit of each group: the greatest common measure times a power of two, or a power of two alone."""
    unit = np.ones(size)
    kept = np.flatnonzero((group >= 0) & (values != 0))
    order = kept[np.argsort(group[kept], kind="stable")]
    if not len(order):
        return unit
    names, first = np.unique(group[order], return_index=True)
    micro, exact = _whole(values[order])
    measure = np.gcd.reduceat(micro, first) / MICRO
    measure = np.where(np.logical_and.reduceat(exact, first), measure, 1.0)
    largest = np.maximum.reduceat(np.abs(values[order]), first) / measure
    unit[names] = measure * 2.0 ** np.maximum(0, np.ceil(np.log2(largest / LARGEST)))
    return unit


def in_units(values: Floats, unit: Floats) -> Floats:
    """Values counted in units; results within rounding error of a dyadic number are made exact.

    With ``unit = g · 2^k`` the exact answer is a whole number over 2^k; anything nearer to one
    than floating point can tell is that number.
    """
    counted = values / unit
    finite = np.isfinite(counted)
    fine = np.where(finite, counted, 0.0) * 2.0**20
    near = np.rint(fine)
    close = finite & (np.abs(fine - near) <= 1e-9 + 1e-13 * np.abs(fine))
    return np.where(close, near / 2.0**20, counted)


def whole_limit(group: Ints, values: Floats, bound: Floats, *, up: bool = False) -> Floats:
    """Bounds moved to the nearest number that whole ``values`` of their group can reach.

    ``values`` are in units; groups that hold a fraction keep their bound.
    """
    size = len(bound)
    kept = (group >= 0) & (values != np.rint(values))
    broken = np.bincount(group[kept], minlength=size) > 0
    moved = np.ceil(bound - 1e-9) if up else np.floor(bound + 1e-9)
    return np.where(broken, bound, moved)


def _limit(group: Ints, values: Floats, capacity: Floats, unit: Floats, tighten: bool) -> tuple[Floats, Floats]:
    """Sum of all values, and the capacity in units: infinite when that sum stays within it."""
    total, counted = totals(group, values, len(unit)), in_units(capacity, unit)
    limit = np.where(counted >= total * (1 - 1e-12), np.inf, counted)
    return total, whole_limit(group, values, limit) if tighten else limit


def make_units(problem: Problem, *, tighten: bool = True) -> Units:
    """Count every line's volumes and every site's minutes in friendly units.

    With ``tighten``, limits move to what whole numbers can reach; slacks of elastic rows want
    the limits as they were given.
    """
    pairs, lines, sites = problem.pairs, problem.lines, problem.sites
    line = pair_lines(problem)
    site = np.where(line >= 0, pairs.provider, -1)
    volume, minutes = problem.pair_volume, problem.minutes[pairs.demand]
    n_lines, n_sites = len(lines.provider), problem.n_providers
    line_unit, site_unit = common_units(line, volume, n_lines), common_units(site, minutes, n_sites)
    inside = line >= 0
    take, work = np.zeros(len(line)), np.zeros(len(line))
    take[inside] = in_units(volume[inside], line_unit[line[inside]])
    work[inside] = in_units(minutes[inside], site_unit[site[inside]])
    line_all, line_capacity = _limit(line, take, lines.capacity, line_unit, tighten)
    site_all, site_capacity = _limit(site, work, sites.capacity_minutes, site_unit, tighten)
    line_least, site_least = in_units(lines.min_volume, line_unit), in_units(sites.min_minutes, site_unit)
    if tighten:
        line_least = whole_limit(line, take, line_least, up=True)
        site_least = whole_limit(site, work, site_least, up=True)
    return Units(
        line=line_unit,
        site=site_unit,
        take=take,
        work=work,
        line_capacity=line_capacity,
        site_capacity=site_capacity,
        line_minimum=line_least,
        site_minimum=np.where(sites.is_candidate, site_least, 0.0),
        line_all=line_all,
        site_all=site_all,
    )
