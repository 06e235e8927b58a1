"""From a case to arrays: the whole sequence on one screen."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.domain.names import TRANSITION_ELEMENTS
from optimizer.domain.policy import EXPOSED_CLASSES, SiteCount
from optimizer.domain.steady import only_steady
from optimizer.domain.types import MICRO, micro
from optimizer.model.columns import read_columns
from optimizer.model.eligibility.calendars import working_overlap
from optimizer.model.eligibility.distance import geodesic_km
from optimizer.model.eligibility.pairs import refusal_masks
from optimizer.model.lines import annuity_factor, build_lines, build_sites, reference_cost
from optimizer.model.pair_costs import build_pairs
from optimizer.model.parts import Quality, Scalars
from optimizer.model.problem import Problem
from optimizer.model.resources import Given

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.domain.case import Case
    from optimizer.domain.policy import Policy
    from optimizer.model.aliases import Bools, Ints
    from optimizer.model.columns import Columns
    from optimizer.model.eligibility.pairs import Eligibility

__all__ = ["build_problem", "scalars_of"]


def build_problem(case: Case) -> Problem:
    """Arrays of a case: index maps, eligibility with reasons, every cost term apart.

    Parameters
    ----------
    case : Case
        Checked by the reader; the order of its rows does not matter.

    Returns
    -------
    Problem
        All arrays are read-only.

    Raises
    ------
    HorizonNotTaken
        The case has a horizon: its periods are built one by one (``optimizer.model.time.joint``).
    """
    only_steady(case)  # whatever takes steady cases only comes through here
    columns = read_columns(case)
    lines = build_lines(columns)
    km = geodesic_km([e.place for e in columns.entities], [p.place for p in columns.providers])
    hours = working_overlap(
        [e.work for e in columns.entities], [p.work for p in columns.providers], case.policy.calendar_year
    )
    allowed = refusal_masks(columns, lines, km, hours)
    problem = Problem(
        entity_ids=tuple(e.id for e in columns.entities),
        service_ids=tuple(s.id for s in columns.services),
        provider_ids=tuple(p.id for p in columns.providers),
        demand_entity=columns.demands.entity,
        demand_service=columns.demands.service,
        volume=columns.demands.volume,
        minutes=columns.demands.minutes,
        effort_fte=columns.demands.effort_fte,
        critical=_critical(columns),
        bundle=_bundles(columns),
        current=columns.demands.current,
        locked=columns.demands.locked,
        reference=reference_cost(columns),
        refusals=allowed.refusals,
        today_refusals=_standing(columns.demands.current, columns, allowed),
        locked_refusals=_standing(columns.demands.locked, columns, allowed),
        distance_km=km,
        overlap_hours=hours.hours,
        overlap_hours_worst=hours.hours_worst,
        pairs=build_pairs(columns, lines, km, hours, allowed),
        lines=lines,
        sites=build_sites(columns),
        scalars=scalars_of(case.policy),
        given=_given(columns),
        quality=_quality(columns),
    )
    _freeze(problem)
    return problem


def _standing(provider: Ints, columns: Columns, allowed: Eligibility) -> NDArray[np.uint32]:
    """Refusals of each demand's pair with a provider, exemptions undone; 0 for none; shape (n_demands,)."""
    standing = allowed.refusals[np.arange(len(provider)), provider]
    standing |= np.where(columns.demands.current == provider, allowed.kept, np.uint32(0))
    standing |= np.where(columns.demands.locked == provider, allowed.decided, np.uint32(0))
    return np.where(provider >= 0, standing, np.uint32(0)).astype(np.uint32)


def _critical(columns: Columns) -> Bools:
    """Demands that need a backup: policy on and service critical; shape (n_demands,)."""
    needs = np.array([s.critical and columns.case.policy.backup for s in columns.services], np.bool_)
    return needs[columns.demands.service]


def _bundles(columns: Columns) -> Ints:
    """Group id of (entity, bundle) where an entity has at least two such demands, else −1."""
    names = sorted({s.bundle for s in columns.services} - {""})
    position = np.array([names.index(s.bundle) if s.bundle else -1 for s in columns.services], np.int64)
    which = position[columns.demands.service]
    inside = np.flatnonzero(which >= 0)
    key = columns.demands.entity[inside] * max(len(names), 1) + which[inside]
    _, group, size = np.unique(key, return_inverse=True, return_counts=True)
    number = np.where(size > 1, np.cumsum(size > 1) - 1, -1)
    out = np.full(len(which), -1, np.int64)
    out[inside] = number[group]
    return out


def _given(columns: Columns) -> Given:
    """Products of decimals that rules compare, as whole numbers."""
    policy, rows = columns.case.policy, columns.providers
    year, move = micro(policy.minutes_per_fte_year), policy.transition
    rate = sum(micro(getattr(move, name)) for name in TRANSITION_ELEMENTS) * (MICRO + micro(move.contingency_rate))
    room = (None if p.capacity_fte is None else micro(p.capacity_fte) - micro(p.base_fte) for p in rows)
    return Given(
        minutes_per_unit=tuple(micro(s.minutes_per_unit) for s in columns.services),
        room=tuple(None if free is None else free * year for free in room),
        least=tuple(micro(p.min_fte) * year if p.status == "candidate" else 0 for p in rows),
        minutes_per_fte_year=year,
        one_off_per_fte=rate,
    )


def _quality(columns: Columns) -> Quality:
    """Working days, languages, what can be compared with today, and which places are exposed."""
    entities, providers = columns.entities, columns.providers
    names = tuple(sorted(set().union(*(e.languages for e in entities))))
    wants = [[name in e.languages for name in names] for e in entities]
    speaks = [*([name in p.languages for name in names] for p in providers), [True] * len(names)]
    day = (e.work for e in entities)
    return Quality(
        own_minutes=np.array([60 * (w.end.hour - w.start.hour) + w.end.minute - w.start.minute for w in day], np.int64),
        wants=np.array(wants, np.bool_).reshape(len(entities), len(names)),
        speaks=np.array(speaks, np.bool_).reshape(len(providers) + 1, len(names)),
        priced_today=columns.demands.priced_today,
        exposed=np.array([p.hardship_class in EXPOSED_CLASSES for p in providers], np.bool_),
        languages=names,
    )


def scalars_of(policy: Policy) -> Scalars:
    """Rules of the policy in solver terms."""
    sites = policy.site_count or SiteCount()
    return Scalars(
        interface_cost=policy.interface_cost,
        handover_cost=policy.handover_cost,
        max_providers_per_entity=policy.max_providers_per_entity,
        bundle_together=policy.bundle_mode == "together",
        agency_share_max=policy.agency_share_max,
        site_min=sites.min,
        site_max=sites.max,
        zones=policy.zones,
        backup=policy.backup,
        max_moves=policy.max_moves,
        one_off_budget=policy.one_off_budget,
        dispersion_loss=policy.dispersion_loss,
        annuity=annuity_factor(policy.discount_rate, policy.horizon_years),
        allow_unserved=policy.allow_unserved,
        mean_overlap_min=policy.mean_overlap_min,
        mean_distance_max=policy.mean_distance_max,
        worse_off_max=policy.worse_off_max,
        exposure_max_fte=policy.exposure_max_fte,
        site_share_max=policy.site_share_max,
        worse_overlap_hours=policy.worse_overlap_hours,
        worse_distance_km=policy.worse_distance_km,
        worse_languages=policy.worse_languages,
    )


def _freeze(value: Any) -> None:
    """Clear the write flag of every array in a dataclass, also of nested ones."""
    for field in fields(value):
        inner = getattr(value, field.name)
        if isinstance(inner, np.ndarray):
            inner.setflags(write=False)
        elif is_dataclass(inner):
            _freeze(inner)
