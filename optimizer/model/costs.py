"""Cost of each pair by term, money a year; never summed here.

Terms of groups (line, site, interface, hand-over, dispersion) are in ``optimizer.model.lines``
and ``optimizer.model.evaluate``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from optimizer.domain.names import TRANSITION_ELEMENTS
from optimizer.model.columns import read_columns
from optimizer.model.lines import annuity_factor
from optimizer.model.parts import Pairs

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.domain.policy import Policy
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.columns import Columns
    from optimizer.model.eligibility.calendars import Overlap
    from optimizer.model.eligibility.pairs import Eligibility
    from optimizer.model.parts import Lines
    from optimizer.model.problem import Problem

__all__ = ["PairTerms", "build_pairs", "move_cost_per_fte", "pair_terms", "price_pairs"]


BLOCK_PAIRS: Final = 1 << 20
"""Pairs priced at once."""


@dataclass(frozen=True, eq=False)
class PairTerms:
    """Cost terms of given pairs, arrays of shape (n,), money a year; ``one_off`` is money."""

    own: Floats
    distance: Floats
    overlap: Floats
    language: Floats
    transition: Floats
    one_off: Floats
    is_move: Bools


@dataclass(frozen=True, eq=False)
class _Some:
    """Given pairs with all that their terms depend on; ``site`` excludes own capacity."""

    columns: Columns
    lines: Lines
    km: Floats
    overlap_hours: Floats
    demand: Ints
    provider: Ints
    site: Ints
    """Positions among the given pairs that are not own capacity."""

    @property
    def policy(self) -> Policy:
        """Policy of the case."""
        return self.columns.case.policy

    @property
    def cell(self) -> tuple[Ints, Ints]:
        """(entity, provider) of the pairs in ``site``."""
        return self.columns.demands.entity[self.demand[self.site]], self.provider[self.site]

    def spread(self, values: Floats) -> Floats:
        """Values of ``site`` among zeros for own capacity."""
        out = np.zeros(len(self.demand))
        out[self.site] = values
        return out


def move_cost_per_fte(policy: Policy) -> float:
    """One-off cost of moving one FTE: Σ elements · (1 + contingency_rate)."""
    total = sum(getattr(policy.transition, name) for name in TRANSITION_ELEMENTS)
    return float(total * (1.0 + policy.transition.contingency_rate))


def own(x: _Some) -> Floats:
    """own_fixed_cost + volume · own_unit_cost, for own capacity only."""
    demands = x.columns.demands
    out = np.zeros(len(x.demand))
    mine = np.flatnonzero(x.provider == len(x.columns.providers))
    d = x.demand[mine]
    out[mine] = demands.own_fixed_cost[d] + demands.volume[d] * demands.own_unit_cost[d]
    return out


def distance(x: _Some) -> Floats:
    """distance_cost_per_fte_1000km · effort · km / 1000."""
    rate = x.policy.distance_cost_per_fte_1000km
    effort = x.columns.demands.effort_fte[x.demand[x.site]]
    return x.spread(rate * effort * x.km[x.cell] / 1000.0) if rate else np.zeros(len(x.demand))


def overlap(x: _Some) -> Floats:
    """overlap_cost_per_fte_hour · effort · max(0, target − mean overlap)."""
    rate = x.policy.overlap_cost_per_fte_hour
    if not rate:
        return np.zeros(len(x.demand))
    target = np.array([s.target_overlap_hours or 0.0 for s in x.columns.services])
    d = x.demand[x.site]
    lack = target[x.columns.demands.service[d]] - x.overlap_hours[x.cell]
    return x.spread(rate * x.columns.demands.effort_fte[d] * np.maximum(lack, 0.0))


def language(x: _Some) -> Floats:
    """Mode ``price``: language_cost_rate · volume · u_ps · m; m by the service's rule."""
    rate = x.policy.language_cost_rate if x.policy.language_mode == "price" else 0.0
    if not rate or not len(x.lines.provider):
        return np.zeros(len(x.demand))
    rule = np.array([s.language_rule for s in x.columns.services], np.str_)
    d = x.demand[x.site]
    service = x.columns.demands.service[d]
    number = np.where(rule[service] == "all", x.columns.missing_languages[x.cell], x.columns.none_shared[x.cell])
    number[rule[service] == "none"] = 0
    line = x.lines.index[x.provider[x.site], service]
    price = np.where(line >= 0, x.lines.first_unit_cost[line], 0.0)
    return x.spread(rate * x.columns.demands.volume[d] * price * number)


def one_off(x: _Some, moved: Bools) -> Floats:
    """One-off cost of moves: effort · Σ transition elements · (1 + contingency_rate).

    A demand whose today has no price is compared with nothing, so its move costs nothing here either.
    """
    counted = moved & x.columns.demands.priced_today[x.demand]
    return np.where(counted, x.columns.demands.effort_fte[x.demand] * move_cost_per_fte(x.policy), 0.0)


def move_annuity(x: _Some) -> Floats:
    """Yearly cost of a one-off cost of 1, over the horizon or the entity's remaining years if these are fewer."""
    policy = x.policy
    years = [min(policy.horizon_years, e.years_left(policy.as_of) or policy.horizon_years) for e in x.columns.entities]
    factor = np.array([annuity_factor(policy.discount_rate, n) for n in years], np.float64)
    return np.asarray(factor[x.columns.demands.entity[x.demand]], np.float64)


def pair_terms(
    columns: Columns, lines: Lines, km: Floats, overlap_hours: Floats, demand: Ints, provider: Ints
) -> PairTerms:
    """Cost terms of given pairs, eligible or not.

    Parameters
    ----------
    columns, lines : Columns, Lines
    km, overlap_hours : ndarray of shape (n_entities, n_providers)
    demand, provider : ndarray of shape (n,)
        ``n_providers`` stands for own capacity.

    Returns
    -------
    PairTerms
        ``own`` is NaN for own capacity whose cost is not given.
    """
    site = np.flatnonzero(provider < len(columns.providers))
    x = _Some(columns, lines, km, overlap_hours, demand, provider, site)
    current = columns.demands.current[demand]
    moved = (current >= 0) & (current != provider)
    once = one_off(x, moved)
    return PairTerms(own(x), distance(x), overlap(x), language(x), once * move_annuity(x), once, moved)


def build_pairs(columns: Columns, lines: Lines, km: Floats, hours: Overlap, allowed: Eligibility) -> Pairs:
    """Eligible pairs with their costs, sorted by demand then provider; see ``Pairs``."""
    eligible = allowed.refusals == 0
    demand, provider = (i.astype(np.int64, copy=False) for i in np.nonzero(eligible))
    start = np.concatenate([[0], np.cumsum(np.count_nonzero(eligible, axis=1))]).astype(np.int64)
    terms = _in_blocks(columns, lines, km, hours.hours, demand, provider)
    demands = columns.demands
    exempted = np.where(provider == demands.current[demand], allowed.kept[demand], np.uint32(0))
    exempted |= np.where(provider == demands.locked[demand], allowed.decided[demand], np.uint32(0))
    return Pairs(start=start, demand=demand, provider=provider, exempted=exempted, **vars(terms))


def _in_blocks(
    columns: Columns, lines: Lines, km: Floats, overlap_hours: Floats, demand: Ints, provider: Ints
) -> PairTerms:
    """Do ``pair_terms`` piece by piece, so that temporaries stay small."""
    n = len(demand)
    out: dict[str, Any] = {
        f.name: np.zeros(n, np.bool_ if f.name == "is_move" else np.float64) for f in fields(PairTerms)
    }
    for at in range(0, n, BLOCK_PAIRS):
        part = slice(at, at + BLOCK_PAIRS)
        for name, values in vars(pair_terms(columns, lines, km, overlap_hours, demand[part], provider[part])).items():
            out[name][part] = values
    return PairTerms(**out)


def price_pairs(case: Case, problem: Problem, demand: Ints, provider: Ints) -> PairTerms:
    """Cost terms of any pairs of a problem, eligible or not (a baseline that breaks rules).

    Parameters
    ----------
    case, problem : Case, Problem
    demand, provider : ndarray of shape (n,)
    """
    columns = read_columns(case)
    return pair_terms(columns, problem.lines, problem.distance_km, problem.overlap_hours, demand, provider)
