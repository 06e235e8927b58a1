"""Friendly numbers for resource rows: exact units instead of raw volumes and minutes.

Volumes and minutes of one line or site are counted in multiples of their greatest common
measure, from the whole numbers of ``optimizer.model.resources``, then, when still large, in powers of
two of it. Both steps are exact, so a capacity row loses nothing: Σ v x ≤ cap becomes Σ n x ≤
⌊cap / unit⌋ with whole n. Only numbers beyond 2⁵³ are rounded; their limits then give way by
more than the rounding, so that no plan is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from optimizer.model.resources import added

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.problem import Problem
    from optimizer.model.resources import Resource, Wholes

__all__ = [
    "LARGEST",
    "Balanced",
    "Counted",
    "Units",
    "balanced",
    "by_index",
    "counted",
    "make_units",
    "pair_lines",
    "totals",
]

T = TypeVar("T", bound=np.dtype[Any])

LARGEST = 2.0**13
"""Largest coefficient kept before powers of two are taken out."""
_EXACT = 2**53
_GIVE = 2.0**-51
"""Share by which a limit gives way where amounts are rounded: each of them is off by less."""


@dataclass(frozen=True, eq=False)
class Counted:
    """One resource in units of each group.

    Parameters
    ----------
    unit : ndarray of shape (n_groups,)
        Size of one unit, in volume, minutes or money.
    amount : ndarray of shape (n,)
        Amounts in their group's unit; 0 for those of no group.
    total : ndarray of shape (n_groups,)
        Sum of the amounts.
    most, least : ndarray of shape (n_groups,)
        Limits, moved to what sums can reach.
    loose : ndarray of shape (n_groups,), bool
        All amounts together stay within ``most``.
    """

    unit: Floats
    amount: Floats
    total: Floats
    most: Floats
    least: Floats
    loose: NDArray[np.bool_]

    @property
    def binding(self) -> Floats:
        """``most``, infinite where it cannot bind."""
        return np.where(self.loose, np.inf, self.most)


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


def by_index(values: np.ndarray[Any, T], index: Ints) -> np.ndarray[Any, T]:
    """``values`` by index, 0 where it is −1: what the line or site of each pair has; there may be none at all."""
    out = np.zeros(len(index), values.dtype)
    known = np.flatnonzero(index >= 0)
    out[known] = values[index[known]]
    return out


def totals(group: Ints, values: Floats, size: int) -> Floats:
    """Sum of ``values`` by group; group −1 is left out."""
    kept = group >= 0
    return np.bincount(group[kept], weights=values[kept], minlength=size).astype(np.float64)


def counted(group: Ints, amount: Wholes, resource: Resource) -> Counted:
    """Count whole amounts, as ``resource`` has them, in a unit of each group; group −1 is left out."""
    size = len(resource.most)
    kept = np.flatnonzero((group >= 0) & (amount != 0))
    measure, step = _measures(group[kept], amount[kept], size)
    unit = measure * step
    out = np.zeros(len(amount))
    out[kept] = _ratio(amount[kept] // measure[group[kept]], step[group[kept]])
    whole = added(group[kept], amount[kept], size) // measure
    most, least = resource.most // measure, -(-resource.least // measure)
    give = np.where(_largest(group[kept], amount[kept] // measure[group[kept]], size) > _EXACT, _GIVE, 0.0)
    return Counted(
        unit=unit.astype(np.float64) * float(resource.unit),
        amount=out,
        total=_ratio(whole, step),
        most=_ratio(most, step) * (1.0 + give),
        least=_ratio(least, step) * (1.0 - give),
        loose=np.asarray(whole <= most, np.bool_),
    )


@dataclass(frozen=True, eq=False)
class Balanced:
    """Amounts of either sign in units of each group, whose sums are compared with 0.

    Parameters
    ----------
    unit : ndarray of shape (n_groups,)
        Size of one unit, in the measure of the amounts.
    amount : ndarray of shape (n,)
    give : ndarray of shape (n_groups,)
        By how much a sum may be above 0, for the rounding of numbers beyond 2⁵³; 0 elsewhere.
    """

    unit: Floats
    amount: Floats
    give: Floats


def balanced(group: Ints, amount: Wholes, size: int) -> Balanced:
    """Count whole amounts in a unit of each group; all of them have a group."""
    sizes = np.abs(amount)
    measure, step = _measures(group, sizes, size)
    out = _ratio(amount // measure[group], step[group])
    beyond = _largest(group, sizes // measure[group], size) > _EXACT
    give = np.where(beyond, totals(group, np.abs(out), size) * _GIVE, 0.0)
    return Balanced((measure * step).astype(np.float64), out, give)


def _measures(group: Ints, amount: Wholes, size: int) -> tuple[Wholes, Wholes]:
    """Greatest common measure of each group, and the power of two that keeps its numbers small."""
    measure, step = np.ones(size, amount.dtype), np.ones(size, amount.dtype)
    found = np.zeros(size, amount.dtype)
    np.gcd.at(found, group, amount)
    measure = np.where(found > 0, found, measure)
    large = _largest(group, amount // measure[group], size).astype(np.float64)
    power = np.ceil(np.log2(np.maximum(large / LARGEST, 1.0))).astype(np.int64)
    return measure, step * np.array([2**k for k in power.tolist()], amount.dtype)


def _largest(group: Ints, amount: Wholes, size: int) -> Wholes:
    """Largest amount of each group."""
    out = np.zeros(size, amount.dtype)
    np.maximum.at(out, group, amount)
    return out


def _ratio(whole: Wholes, step: Wholes) -> Floats:
    """Whole numbers over powers of two: exact up to 2⁵³."""
    return np.asarray(whole.astype(np.float64) / step.astype(np.float64), np.float64)


def make_units(problem: Problem) -> Units:
    """Count volumes of lines and minutes of sites in friendly units; limits are what whole numbers can reach."""
    pairs, exact = problem.pairs, problem.exact
    line = pair_lines(problem)
    site = np.where(line >= 0, pairs.provider, -1)
    on_line = counted(line, exact.line.amount, exact.line)
    on_site = counted(site, exact.site.amount[pairs.demand], exact.site)
    return Units(
        line=on_line.unit,
        site=on_site.unit,
        take=on_line.amount,
        work=on_site.amount,
        line_capacity=on_line.binding,
        site_capacity=on_site.binding,
        line_minimum=on_line.least,
        site_minimum=np.where(problem.sites.is_candidate, on_site.least, 0.0),
        line_all=on_line.total,
        site_all=on_site.total,
    )
