"""Rules on what a plan is like as a whole: means, places, shares, who is worse off; all plans of the grid at once.

Written from the definitions: measured kilometres and hours count in millionths, rounded half up, and every mean is
compared as a whole number. It shares the measures with the verifier, and no rule.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from optimizer.domain.names import OWN
from optimizer.domain.policy import EXPOSED_CLASSES
from optimizer.domain.types import MICRO, exact, micro

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.testing.grid import Bools, Grid, Wholes
    from optimizer.verify.facts import DemandFacts

    Figure = Callable[[Grid, DemandFacts, str], int]

__all__ = ["QUALITY_KEYS", "quality_holds"]

QUALITY_KEYS: Final = ("mean_overlap_min", "mean_distance_max", "worse_off_max", "exposure_max_fte", "site_share_max")
"""Keys of the policy that limit what a plan is like."""


def quality_holds(grid: Grid) -> Bools:
    """Plans of the grid that keep each of these rules."""
    policy, ok = grid.policy, np.ones(len(grid.who), np.bool_)
    if policy.mean_overlap_min is not None:
        ok &= _total(grid, _hours, away=True) >= micro(policy.mean_overlap_min) * _work(grid)
    if policy.mean_distance_max is not None:
        ok &= _total(grid, _km, away=True) <= micro(policy.mean_distance_max) * _work(grid)
    if policy.site_share_max is not None:
        most = micro(policy.site_share_max) * grid.facts.all_minutes
        for k in range(grid.own):
            ok &= grid.site_minutes(k).astype(object) * MICRO <= most
    if policy.exposure_max_fte is not None:
        hard = [k for k, s in enumerate(grid.facts.sites.values()) if s.row.hardship_class in EXPOSED_CLASSES]
        there = sum((grid.site_minutes(k).astype(object) for k in hard), np.zeros(len(grid.who), object))
        ok &= there <= micro(policy.exposure_max_fte) * grid.minutes_per_fte
    if policy.worse_off_max is not None:
        ok &= _worse_off(grid) <= policy.worse_off_max
    return ok


def _six(value: float | Fraction) -> int:
    """Millionths, rounded half up."""
    return floor(Fraction(value) * MICRO + Fraction(1, 2))


def _km(grid: Grid, d: DemandFacts, provider: str) -> int:
    """Distance; own capacity is at none."""
    return 0 if provider == OWN else _six(grid.facts.km(d, provider))


def _hours(grid: Grid, d: DemandFacts, provider: str) -> int:
    """Mean shared hours; own capacity shares the whole working day."""
    work = d.entity.work
    if provider == OWN:
        return _six(Fraction(60 * (work.end.hour - work.start.hour) + work.end.minute - work.start.minute, 60))
    return _six(grid.facts.calendar.overlap(work, grid.facts.case.provider[provider].work).mean_hours)


def _table(grid: Grid, d: DemandFacts, figure: Figure, away: bool) -> Wholes:
    """Minutes times the figure at every place of a demand; 0 at nobody, and at own capacity where ``away``."""
    out = np.zeros(len(grid.names), object)
    last = grid.own if away else grid.nobody
    out[:last] = [d.minutes * figure(grid, d, p) for p in grid.names[:last]]
    return out


def _total(grid: Grid, figure: Figure, *, away: bool) -> Wholes:
    total = np.zeros(len(grid.who), object)
    for i, d in enumerate(grid.demands):
        total += _table(grid, d, figure, away)[grid.who[:, i]]
    return total


def _work(grid: Grid) -> Wholes:
    """Minutes that providers work; own capacity aside."""
    return _total(grid, lambda *_: 1, away=True)


def _worse_off(grid: Grid) -> Wholes:
    """Number of entities that lost more than a threshold against today, price aside."""
    policy, out = grid.policy, np.zeros(len(grid.who), np.int64)
    for entity in sorted({d.key[0] for d in grid.demands}):
        mine = [(i, d) for i, d in enumerate(grid.demands) if d.key[0] == entity and d.priced_today]
        work = _sum(grid, mine, lambda d, _: d.minutes)
        km = _sum(grid, mine, lambda d, p: d.minutes * (_km(grid, d, p) - _km(grid, d, d.today)))
        hours = _sum(grid, mine, lambda d, p: d.minutes * (_hours(grid, d, d.today) - _hours(grid, d, p)))
        then, now = _languages(grid, mine)
        worse = _above(km, policy.worse_distance_km, work) | _above(hours, policy.worse_overlap_hours, work)
        out += np.asarray(worse | ((work > 0) & (then - now > policy.worse_languages)), np.bool_)
    return out


def _above(total: Wholes, threshold: float, work: Wholes) -> Bools:
    """Whether a mean, of millionths over the work, lies above a threshold."""
    limit = exact(threshold) * MICRO
    return np.asarray(total * limit.denominator > work * limit.numerator, np.bool_)


def _sum(grid: Grid, mine: list[tuple[int, DemandFacts]], figure: Callable[[DemandFacts, str], int]) -> Wholes:
    """Figures of some demands where they are served, added."""
    total = np.zeros(len(grid.who), object)
    for i, d in mine:
        total += np.array([*(figure(d, p) for p in grid.names[:-1]), 0], object)[grid.who[:, i]]
    return total


def _languages(grid: Grid, mine: list[tuple[int, DemandFacts]]) -> tuple[Any, Any]:
    """Languages of the entity that some provider of it lacks, after and before; of what is served."""
    spoken = sorted({n for _, d in mine for n in d.entity.languages})
    bit = {n: 1 << k for k, n in enumerate(spoken)}
    sides = [np.zeros(len(grid.who), np.int64) for _ in range(2)]
    for i, d in mine:
        lacks = [sum(bit[n] for n in _lacking(grid, d, p)) for p in grid.names[:-1]]
        served = grid.who[:, i] != grid.nobody
        sides[0] |= np.array([*lacks, 0], np.int64)[grid.who[:, i]]
        sides[1] |= np.where(served, sum(bit[n] for n in _lacking(grid, d, d.today)), 0)
    then, now = (sum((side >> k) & 1 for k in range(len(spoken))) for side in sides)
    return then, now


def _lacking(grid: Grid, d: DemandFacts, provider: str) -> frozenset[str]:
    if provider == OWN:
        return frozenset()
    return d.entity.languages - grid.facts.case.provider[provider].languages
