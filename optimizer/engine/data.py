"""A problem packed for the kernels: flat arrays, resources as whole numbers.

Volumes are held in millionths of a unit and minutes in millionths of a minute, as floats with
whole values: sums of them are exact (below 2**53), so that "within capacity" is decided without
any tolerance and moves can be undone without drift.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.arrays.problem import Problem

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["MICRO", "NO_LIMIT", "Data", "pack"]

MICRO = 1e6
NO_LIMIT = 1 << 40


class Data(NamedTuple):
    """What the kernels read and never write. ``OWN`` is provider index ``n_providers``."""

    n_providers: int
    entity: Ints
    service: Ints
    volume: Floats
    minutes: Floats
    critical: NDArray[np.bool_]
    group: Ints
    locked: Ints
    pair_start: Ints
    pair_provider: Ints
    pair_cost: Floats
    pair_one_off: Floats
    pair_move: Ints
    pair_of: NDArray[np.int32]
    line_of: Ints
    line_provider: Ints
    line_service: Ints
    line_capacity: Floats
    line_minimum: Floats
    line_fixed: Floats
    line_weight: Floats
    tier_start: Ints
    tier_from: Floats
    tier_cost: Floats
    site_capacity: Floats
    site_minimum: Floats
    site_cost: Floats
    site_one_off: Floats
    site_required: NDArray[np.bool_]
    site_secretariat: NDArray[np.bool_]
    country: Ints
    zone: Ints
    reference: Floats
    loss: Floats
    interface: float
    handover: float
    max_providers: int
    together: bool
    agency_limit: float
    site_min: int
    site_max: int
    zones: bool
    backup: bool
    max_moves: int
    budget: float
    service_start: Ints
    service_demand: Ints
    entity_start: Ints
    group_start: Ints
    group_demand: Ints


def _whole_up(values: Floats) -> Floats:
    """Millionths, rounded to the nearest when that is what was meant, else upwards."""
    scaled = np.asarray(values, dtype=np.float64) * MICRO
    near = np.round(scaled)
    with np.errstate(invalid="ignore"):  # infinity less itself
        meant = np.abs(scaled - near) <= 1e-9 * np.abs(scaled) + 1e-7
    return np.where(meant, near, np.ceil(scaled))


def _whole_down(values: Floats) -> Floats:
    """Millionths, rounded downwards; infinity stays."""
    return -_whole_up(-np.asarray(values, dtype=np.float64))


def _csr(keys: Ints, n: int) -> tuple[Ints, Ints]:
    """(start, members) of the demands by key; negative keys are left out."""
    order = np.argsort(keys, kind="stable")
    order = order[keys[order] >= 0]
    start = np.searchsorted(keys[order], np.arange(n + 1)).astype(np.int64)
    return start, order.astype(np.int64)


def _pair_matrix(problem: Problem) -> NDArray[np.int32]:
    matrix = np.full((problem.n_demands, problem.n_providers + 1), -1, dtype=np.int32)
    matrix[problem.pairs.demand, problem.pairs.provider] = np.arange(problem.n_pairs, dtype=np.int32)
    return matrix


def _agency_limit(problem: Problem, minutes: Floats) -> float:
    share = problem.scalars.agency_share_max
    if share is None:
        return np.inf
    return float(round(share * MICRO) * int(minutes.sum()) // int(MICRO))


def _loss(problem: Problem) -> Floats:
    """Loss by number of providers, index 0 … n_providers."""
    given = problem.scalars.dispersion_loss
    n = problem.n_providers + 1
    if not given:
        return np.zeros(n)
    return np.array([0.0, *(given[min(i, len(given) - 1)] for i in range(n - 1))])


def _line_weight(problem: Problem) -> Floats:
    """Minutes per unit of each line's service: makes excess volumes comparable."""
    per_unit = np.zeros(len(problem.service_ids))
    per_unit[problem.demand_service] = problem.minutes / problem.volume
    return per_unit[problem.lines.service]


def _limit(value: int | None, default: int) -> int:
    return default if value is None else int(value)


def pack(problem: Problem) -> Data:
    """Turn a problem into kernel arrays.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    Data
    """
    scalars, lines, sites, pairs = problem.scalars, problem.lines, problem.sites, problem.pairs
    minutes = _whole_up(problem.minutes)
    group_start, group_demand = _csr(problem.bundle, int(problem.bundle.max(initial=-1)) + 1)
    service_start, service_demand = _csr(problem.demand_service, len(problem.service_ids))
    budget = scalars.one_off_budget
    return Data(
        n_providers=problem.n_providers,
        entity=problem.demand_entity,
        service=problem.demand_service,
        volume=_whole_up(problem.volume),
        minutes=minutes,
        critical=problem.critical & scalars.backup,
        group=problem.bundle,
        locked=problem.locked,
        pair_start=pairs.start,
        pair_provider=pairs.provider,
        pair_cost=pairs.linear,
        pair_one_off=_whole_up(pairs.one_off),
        pair_move=pairs.is_move.astype(np.int64),
        pair_of=_pair_matrix(problem),
        line_of=lines.index,
        line_provider=lines.provider,
        line_service=lines.service,
        line_capacity=_whole_down(lines.capacity),
        line_minimum=_whole_up(lines.min_volume),
        line_fixed=lines.fixed_cost,
        line_weight=_line_weight(problem),
        tier_start=lines.tier_start,
        tier_from=lines.tier_from,
        tier_cost=lines.tier_cost,
        site_capacity=_whole_down(sites.capacity_minutes),
        site_minimum=np.where(sites.is_candidate, _whole_up(sites.min_minutes), 0.0),
        site_cost=sites.fixed_cost + np.where(sites.is_candidate, sites.setup, 0.0),
        site_one_off=np.where(sites.is_candidate, _whole_up(sites.setup_one_off), 0.0),
        site_required=sites.is_required,
        site_secretariat=sites.is_secretariat,
        country=sites.country,
        zone=sites.zone,
        reference=problem.reference,
        loss=_loss(problem),
        interface=float(scalars.interface_cost),
        handover=float(scalars.handover_cost),
        max_providers=_limit(scalars.max_providers_per_entity, NO_LIMIT),
        together=bool(scalars.bundle_together),
        agency_limit=_agency_limit(problem, minutes),
        site_min=_limit(scalars.site_min, 0),
        site_max=_limit(scalars.site_max, NO_LIMIT),
        zones=bool(scalars.zones),
        backup=bool(problem.critical.any() and scalars.backup),
        max_moves=_limit(scalars.max_moves, NO_LIMIT),
        budget=np.inf if budget is None else float(_whole_down(np.array([budget]))[0]),
        service_start=service_start,
        service_demand=service_demand,
        entity_start=np.searchsorted(problem.demand_entity, np.arange(len(problem.entity_ids) + 1)).astype(np.int64),
        group_start=group_start,
        group_demand=group_demand,
    )
