"""A problem packed for the kernels: flat arrays, resources as whole numbers (see ``amounts``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from optimizer.solvers.engine.amounts import resourced

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.problem import Problem
    from optimizer.solvers.engine.amounts import Resourced, Whole
    from optimizer.solvers.engine.near import Near

Records = Any
"""Array of records; kernels reach a field as ``array[i].field``, Python as ``array["field"][i]``."""

__all__ = ["NO_LIMIT", "Data", "Records", "pack"]

NO_LIMIT = 1 << 40


_I, _F, _B = np.int64, np.float64, np.bool_
DEMAND = np.dtype(
    [
        ("entity", _I),
        ("service", _I),
        ("group", _I),
        ("locked", _I),
        ("start", _I),
        ("stop", _I),
        ("minutes", _F),
        ("critical", _B),
    ],
    align=True,
)
PAIR = np.dtype(
    [
        ("provider", _I),
        ("move", _I),
        ("cost", _F),
        ("one_off", _F),
        ("volume", _F),
        ("overlap", _F),
        ("distance", _F),
        ("lost_overlap", _F),
        ("lost_distance", _F),
    ],
    align=True,
)
LINE = np.dtype(
    [
        ("provider", _I),
        ("service", _I),
        ("tier_start", _I),
        ("tier_stop", _I),
        ("capacity", _F),
        ("minimum", _F),
        ("fixed", _F),
        ("weight", _F),
    ],
    align=True,
)
TIER = np.dtype([("start", _F), ("cost", _F)], align=True)
SITE = np.dtype(
    [
        ("country", _I),
        ("zone", _I),
        ("capacity", _F),
        ("minimum", _F),
        ("cost", _F),
        ("one_off", _F),
        ("required", _B),
        ("secretariat", _B),
        ("exposed", _B),
    ],
    align=True,
)
ENTITY = np.dtype([("start", _I), ("stop", _I), ("missing", _I)], align=True)
SLICE = np.dtype([("start", _I), ("stop", _I), ("reference", _F)], align=True)
RULES = np.dtype(
    [
        ("interface", _F),
        ("handover", _F),
        ("agency_limit", _F),
        ("budget", _F),
        ("exposure_limit", _F),
        ("share_limit", _F),
        ("overlap_unit", _F),
        ("distance_unit", _F),
        ("max_providers", _I),
        ("site_min", _I),
        ("site_max", _I),
        ("max_moves", _I),
        ("max_worse", _I),
        ("near", _B),
        ("together", _B),
        ("zones", _B),
        ("backup", _B),
    ],
    align=True,
)


class Data(NamedTuple):
    """What the kernels read and never write: few arrays of records, for few arguments of kernels.

    ``OWN`` is provider index ``n_providers``. ``entity``, ``service`` and ``group`` hold slices:
    of the demands themselves, of ``by_service`` and of ``by_group``. ``lacks`` has for each pair the
    languages of its entity that the provider lacks (``near``).
    """

    n_providers: int
    demand: Records
    pair: Records
    pair_of: NDArray[np.int32]
    line: Records
    line_of: Ints
    tier: Records
    site: Records
    loss: Floats
    rules: Records
    entity: Records
    service: Records
    group: Records
    by_service: Ints
    by_group: Ints
    lacks: NDArray[np.bool_]


def _records(kind: np.dtype[np.void], size: int, **columns: object) -> Records:
    out = np.zeros(size, dtype=kind)
    for name, values in columns.items():
        out[name] = values
    return out


def _slices(keys: Ints, n: int) -> tuple[Records, Ints]:
    """(slices, members) of the demands by key; negative keys are left out."""
    order = np.argsort(keys, kind="stable")
    order = order[keys[order] >= 0]
    start = np.searchsorted(keys[order], np.arange(n + 1))
    return _records(SLICE, n, start=start[:-1], stop=start[1:]), order.astype(np.int64)


def _pair_matrix(problem: Problem) -> NDArray[np.int32]:
    matrix = np.full((problem.n_demands, problem.n_providers + 1), -1, dtype=np.int32)
    matrix[problem.pairs.demand, problem.pairs.provider] = np.arange(problem.n_pairs, dtype=np.int32)
    return matrix


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


def _demands(problem: Problem, minutes: Floats) -> Records:
    return _records(
        DEMAND,
        problem.n_demands,
        entity=problem.demand_entity,
        service=problem.demand_service,
        group=problem.bundle,
        locked=problem.locked,
        start=problem.pairs.start[:-1],
        stop=problem.pairs.start[1:],
        minutes=minutes,
        critical=problem.critical & problem.scalars.backup,
    )


def _pairs(problem: Problem, volume: Floats, one_off: Floats, close: Near) -> Records:
    pairs = problem.pairs
    return _records(
        PAIR,
        problem.n_pairs,
        provider=pairs.provider,
        move=pairs.is_move,
        cost=pairs.linear,
        one_off=one_off,
        volume=volume,
        overlap=close.mean["overlap"],
        distance=close.mean["distance"],
        lost_overlap=close.loss["overlap"],
        lost_distance=close.loss["distance"],
    )


def _lines(problem: Problem, on_line: Whole) -> Records:
    lines = problem.lines
    return _records(
        LINE,
        len(lines.provider),
        provider=lines.provider,
        service=lines.service,
        tier_start=lines.tier_start[:-1],
        tier_stop=lines.tier_start[1:],
        capacity=on_line.most,
        minimum=on_line.least,
        fixed=lines.fixed_cost,
        weight=_line_weight(problem),
    )


def _sites(problem: Problem, on_site: Whole, one_off: Floats, close: Near) -> Records:
    sites = problem.sites
    return _records(
        SITE,
        problem.n_providers,
        country=sites.country,
        zone=sites.zone,
        capacity=on_site.most,
        minimum=on_site.least,
        cost=sites.fixed_cost + np.where(sites.is_candidate, sites.setup, 0.0),
        one_off=one_off,
        required=sites.is_required,
        secretariat=sites.is_secretariat,
        exposed=close.exposed,
    )


def _rules(problem: Problem, amounts: Resourced) -> Records:
    scalars, close = problem.scalars, amounts.close
    return _records(
        RULES,
        1,
        interface=scalars.interface_cost,
        handover=scalars.handover_cost,
        agency_limit=amounts.agency,
        budget=amounts.budget,
        exposure_limit=amounts.exposure,
        share_limit=amounts.share,
        overlap_unit=close.unit["overlap"],
        distance_unit=close.unit["distance"],
        max_providers=_limit(scalars.max_providers_per_entity, NO_LIMIT),
        site_min=_limit(scalars.site_min, 0),
        site_max=_limit(scalars.site_max, NO_LIMIT),
        max_moves=_limit(scalars.max_moves, NO_LIMIT),
        max_worse=_limit(scalars.worse_off_max, NO_LIMIT),
        near=scalars.near,
        together=scalars.bundle_together,
        zones=scalars.zones,
        backup=bool(problem.critical.any() and scalars.backup),
    )


def pack(problem: Problem, amounts: Resourced | None = None) -> Data:
    """Turn a problem into kernel arrays.

    Parameters
    ----------
    problem : Problem
    amounts : Resourced, optional
        From ``resourced``; rounded inwards when left out.

    Returns
    -------
    Data
    """
    lines, amounts = problem.lines, amounts or resourced(problem)
    close = amounts.close
    demand = _demands(problem, amounts.site.amount)
    group, by_group = _slices(problem.bundle, int(problem.bundle.max(initial=-1)) + 1)
    service, by_service = _slices(problem.demand_service, len(problem.service_ids))
    mine, _ = _slices(problem.demand_entity, len(problem.entity_ids))
    entity = _records(ENTITY, len(mine), start=mine["start"], stop=mine["stop"], missing=close.missing)
    service["reference"] = problem.reference
    return Data(
        n_providers=problem.n_providers,
        demand=demand,
        pair=_pairs(problem, amounts.line.amount, amounts.one_off, close),
        pair_of=_pair_matrix(problem),
        line=_lines(problem, amounts.line),
        line_of=np.array(lines.index, dtype=np.int64),  # a copy: kernels are compiled for arrays that may be written
        tier=_records(TIER, len(lines.tier_from), start=lines.tier_from, cost=lines.tier_cost),
        site=_sites(problem, amounts.site, amounts.setup, close),
        loss=_loss(problem),
        rules=_rules(problem, amounts),
        entity=entity,
        service=service,
        group=group,
        by_service=by_service,
        by_group=by_group,
        lacks=close.lacks,
    )
