"""Rules that figures break in one sample, as arrays: capacities, least volumes, shares, budgets, means, backups.

Volumes are compared exactly in millionths; minutes and money, whose millionths may pass 64 bits, as floats with a
margin far below one millionth of what they measure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.policy import EXPOSED_CLASSES
from optimizer.studies.ranges.sums import added

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Bools, Floats
    from optimizer.studies.ranges.amounts import Amounts
    from optimizer.studies.ranges.once import PaidOnce
    from optimizer.studies.ranges.structure import Structure

__all__ = ["broken_limits"]

_MICRO: Final = 1e6
_MARGIN: Final = 1e-12


def _above(amount: Floats, limit: Floats | float) -> Bools:
    """Which amounts lie above a limit by more than floats may err; a limit that is not given (NaN) holds."""
    limit = np.asarray(limit)
    with np.errstate(invalid="ignore"):
        return np.asarray(amount - limit > _MARGIN * np.maximum(np.abs(amount), np.abs(limit)))


def broken_limits(x: Structure, a: Amounts, paid: PaidOnce) -> frozenset[str]:
    """Names of the rules that amounts break."""
    return frozenset((*_lines(x, a), *_sites(x, a), *_shares(x, a), *_means(x, a), *_growth(x, a), *_budgets(a, paid)))


def _whole(figures: Floats) -> Floats:
    """Millionths, as whole floats; NaN for what is not given."""
    return np.rint(figures * _MICRO)


def _lines(x: Structure, a: Amounts) -> Iterator[str]:
    groups = x.plan.lines
    t, o = groups.t, groups.column(1)
    volume = groups.exact(a.micro[x.plan.t, x.plan.d])
    base = _whole(a.whole(a.figures("offers", "base_volume"))[t, o])
    room = _whole(a.whole(a.figures("offers", "capacity"))[t, o]) - base
    with np.errstate(invalid="ignore"):
        if (volume > room).any():
            yield "line_capacity"
    least = np.where(a.index.is_target[t], _whole(a.whole(a.figures("offers", "min_volume"))[t, o]), 0.0)
    if (volume < least).any():
        yield "minimum_volume"


def _sites(x: Structure, a: Amounts) -> Iterator[str]:
    minutes = x.plan.sites.sums(x.plan.of_cells(a.minutes))
    t, p = x.plan.sites.t, x.plan.sites.column(1)
    capacity, base = (a.whole(a.figures("providers", name))[t, p] for name in ("capacity_fte", "base_fte"))
    if _above(minutes, (capacity - base) * a.fte_minutes).any():
        yield "site_capacity"
    t, p, group = x.plan.open_t, x.plan.open_p, x.plan.open_group
    least = a.whole(a.figures("providers", "min_fte"))[t, p] * a.fte_minutes
    asked = a.index.is_target[t] & a.index.is_candidate[p]
    if (asked & _above(least, np.append(minutes, 0.0)[group])).any():
        yield "minimum_volume"


def _shares(x: Structure, a: Amounts) -> Iterator[str]:
    """Shares of effort, and effort at hard places."""
    sites, policy = x.plan.sites, a.figures
    minutes, p = sites.sums(x.plan.of_cells(a.minutes)), sites.column(1)
    every = a.minutes.sum(axis=1)
    agencies = added(sites.t, np.where(a.index.is_agency[p], minutes, 0.0), policy.n_periods)
    if (a.index.is_target & _above(agencies, policy.policy_once("agency_share_max") * every)).any():
        yield "agency_share"
    if _above(minutes, policy.policy_once("site_share_max") * every[sites.t]).any():
        yield "site_share_max"
    classes = [row.hardship_class in EXPOSED_CLASSES for row in a.index.case.providers]
    hard = np.array(classes, np.bool_)
    exposed = added(sites.t, np.where(hard[p], minutes, 0.0), policy.n_periods)
    if _above(exposed, policy.policy_once("exposure_max_fte") * a.fte_minutes).any():
        yield "exposure_max_fte"


def _means(x: Structure, a: Amounts) -> Iterator[str]:
    """Means over all work of providers, by effort, of measures in millionths rounded half up."""
    least, most = a.figures.policy_once("mean_overlap_min"), a.figures.policy_once("mean_distance_max")
    if np.isnan(least) and np.isnan(most):
        return
    away = x.plan.p < len(a.index.provider) - 1
    t, weight = x.plan.t[away], x.plan.of_cells(a.minutes)[away]
    whole = added(t, weight, a.figures.n_periods)
    for name, measure, limit, sign in (
        ("mean_overlap_min", x.plan.hours, least, -1.0),
        ("mean_distance_max", x.plan.km, most, 1.0),
    ):
        rounded = np.floor(measure[away] * _MICRO + 0.5) / _MICRO
        total = added(t, weight * rounded, a.figures.n_periods)
        if _above(sign * total, sign * limit * whole).any():
            yield name


def _growth(x: Structure, a: Amounts) -> Iterator[str]:
    """Work that arrives at a site within any twelve months."""
    n = len(a.index.provider) - 1
    t, d, p = (
        np.concatenate(pair) for pair in ((x.switch_t, x.begin_t), (x.switch_d, x.begin_d), (x.switch_new, x.begin_p))
    )
    taken = np.zeros((a.figures.n_periods + 1, n + 1))
    np.add.at(taken, (t + 1, p), a.minutes[t, d])
    summed, window = np.cumsum(taken[:, :n], axis=0), x.facts.window
    within = summed[window:] - summed[:-window]
    most = a.whole(a.figures("providers", "absorb_fte"))[window - 1 :] * a.fte_minutes
    touched = (taken[:, :n] > 0).any(axis=0)
    if (touched & _above(within, most)).any():
        yield "growth_limit"


def _budgets(a: Amounts, paid: PaidOnce) -> Iterator[str]:
    rows = a.index.case.budgets
    if rows:
        spent = added(a.index.planning_year, paid.certain, int(a.index.planning_year.max()) + 1)
        amounts = a.figures.once("budgets", "amount")
        years = np.array([row.year for row in rows], np.int64)
        found = np.where(years < len(spent), spent[np.minimum(years, len(spent) - 1)], 0.0)
        if _above(found, amounts).any():
            yield "yearly_budget"
    if _above(paid.certain.sum(), a.figures.policy_once("one_off_budget")).any():
        yield "one_off_budget"
