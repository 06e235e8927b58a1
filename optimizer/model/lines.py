"""Lines (offers) and sites (providers) as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.domain.names import ZONES
from optimizer.model.parts import Lines, Sites

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.model.aliases import Floats
    from optimizer.model.columns import Columns

    TierList = Sequence[tuple[float, float]]

__all__ = ["annuity_factor", "build_lines", "build_sites", "reference_cost", "shift_tiers"]


def annuity_factor(rate: float, years: int) -> float:
    """Yearly cost of a one-off cost of 1: r / (1 − (1 + r)^−n), or 1 / n when r = 0."""
    return rate / -np.expm1(-years * np.log1p(rate)).item() if rate > 0 else 1.0 / years


def shift_tiers(tiers: TierList, base: float) -> list[tuple[float, float]]:
    """Tiers seen by volume stacked on ``base``: those used up are gone, the rest starts earlier."""
    ends = [start for start, _ in tiers[1:]] + [np.inf]
    return [(max(0.0, start - base), cost) for (start, cost), end in zip(tiers, ends, strict=True) if end > base]


def build_lines(columns: Columns) -> Lines:
    """Lines of all offers, sorted by (provider, service); see ``Lines`` for shapes and units."""
    offers, tiers = columns.offers, columns.case.line_tiers
    p_at = {p.id: i for i, p in enumerate(columns.providers)}
    s_at = {s.id: i for i, s in enumerate(columns.services)}
    provider = np.array([p_at[o.provider] for o in offers], np.int64)
    service = np.array([s_at[o.service] for o in offers], np.int64)
    fee = np.array([1.0 + o.fee_rate for o in offers])
    shifted = [shift_tiers(tiers[o.key], o.base_volume) for o in offers]
    start = np.cumsum([0, *(len(t) for t in shifted)], dtype=np.int64)
    flat = np.array([t for ts in shifted for t in ts], np.float64).reshape(-1, 2)
    index = np.full((len(p_at), len(s_at)), -1, np.int64)
    index[provider, service] = np.arange(len(offers))
    return Lines(
        provider=provider,
        service=service,
        capacity=np.array([np.inf if o.capacity is None else o.capacity - o.base_volume for o in offers]),
        min_volume=np.array([o.min_volume for o in offers], np.float64),
        fixed_cost=np.array([o.fixed_cost for o in offers], np.float64) * fee,
        tier_start=start,
        tier_from=flat[:, 0].copy(),
        tier_cost=flat[:, 1] * np.repeat(fee, np.diff(start)),
        first_unit_cost=np.array([tiers[o.key][0][1] for o in offers], np.float64) * fee,
        index=index,
    )


def build_sites(columns: Columns) -> Sites:
    """Sites of all providers; see ``Sites`` for shapes and units."""
    rows, policy, countries = columns.providers, columns.case.policy, columns.case.countries
    candidate = np.array([p.status == "candidate" for p in rows], np.bool_)
    minutes = policy.minutes_per_fte_year
    setup = np.where(candidate, np.array([p.setup_cost for p in rows], np.float64), 0.0)
    names = sorted({p.place.country for p in rows})
    zone = {c: ZONES.index(countries[c].zone if c in countries else "rest") for c in names}
    return Sites(
        capacity_minutes=np.array(
            [np.inf if p.capacity_fte is None else (p.capacity_fte - p.base_fte) * minutes for p in rows], np.float64
        ),
        min_minutes=np.where(candidate, np.array([p.min_fte * minutes for p in rows], np.float64), 0.0),
        fixed_cost=np.array([float(p.site_cost(policy.as_of)) for p in rows], np.float64),
        setup=setup * annuity_factor(policy.discount_rate, policy.horizon_years),
        setup_one_off=setup,
        is_candidate=candidate,
        is_required=np.array([p.status == "required" for p in rows], np.bool_),
        is_secretariat=np.array([p.kind == "secretariat" for p in rows], np.bool_),
        is_closed=np.array([p.status == "closed" for p in rows], np.bool_),
        country=np.array([names.index(p.place.country) for p in rows], np.int64),
        zone=np.array([zone[p.place.country] for p in rows], np.int64),
    )


def reference_cost(columns: Columns) -> Floats:
    """reference_s of the dispersion term, money a year.

    All volume of the service times the mean first-tier unit cost, without fee, over the offers
    whose provider is not closed; 0 where there is none.

    Returns
    -------
    ndarray of shape (n_services,)
    """
    case = columns.case
    offers = [o for o in columns.offers if case.provider[o.provider].status != "closed"]
    at, n = {s.id: i for i, s in enumerate(columns.services)}, len(columns.services)
    service = np.array([at[o.service] for o in offers], np.int64)
    first = [case.line_tiers[o.key][0][1] for o in offers]
    mean = np.bincount(service, first, n) / np.maximum(np.bincount(service, minlength=n), 1)
    return np.asarray(np.bincount(columns.demands.service, columns.demands.volume, n) * mean, np.float64)
