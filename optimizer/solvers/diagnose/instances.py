"""Rule instances of a case: what may be dropped, and the case's arrays without what was dropped.

A rule instance is a row or key of the input that stands against a plan: one capacity, one decision,
one policy key, one refused pair. Dropping it only ever allows more plans. What is no instance is a
hard fact: every demand is served, by a provider that offers the service or by own capacity that has a cost.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.names import ZONES
from optimizer.model.eligibility.pairs import BIT
from optimizer.model.pair_costs import price_pairs
from optimizer.model.parts import Pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Set

    from optimizer.domain.case import Case
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.parts import Scalars
    from optimizer.model.problem import Problem

__all__ = ["FACTS", "Ground", "Instance", "instances_of", "keep_demands", "prepare", "relaxed"]

FACTS: Final = BIT["not_offered"] | BIT["own_not_given"]
"""Refusals that nobody can lift by changing a rule: there is nothing to choose."""


_NAMED_AS_KEYS: Final = ("mean_overlap_min", "mean_distance_max", "worse_off_max", "exposure_max_fte", "site_share_max")
"""Rules that are one key of the policy, of the same name; ``site_share_max`` is one instance for all providers."""


@dataclass(frozen=True, slots=True, order=True)
class Instance:
    """One rule at one place.

    Parameters
    ----------
    rule : str
        Name out of ``RULES``, or ``refusal`` (a pair that filters refuse) or ``required`` (a site that
        must be open).
    key : tuple of int
        Indices of what it speaks of: (demand, provider) of a refusal, (decision,) of a lock (a position in
        ``Case.decisions``), (line,) or (provider,) of a capacity or minimum, (service,) of ``backup``,
        (zone,) of a zone, (provider,) of a required site (dropped: it may be open or not), nothing for a
        policy key.
    part : str
        ``line`` or ``site`` of ``minimum_volume``; ``least``, ``most`` or ``zone`` of ``site_count``.
    """

    rule: str
    key: tuple[int, ...] = ()
    part: str = ""


@dataclass(frozen=True, eq=False)
class Ground:
    """A case with every pair that could be allowed, so that instances can be dropped from it.

    Parameters
    ----------
    case : Case
    problem : Problem
        Arrays of the case as they are.
    full : Problem
        The same, with a pair wherever no hard fact forbids one.
    hopeless : ndarray of shape (n_demands,), bool
        Demands told elsewhere and left out here: those that hard facts alone leave without a provider, and
        those that the caller names.
    locks : tuple of (decision, demand, provider)
        Which decision holds which demand where; positions.
    """

    case: Case
    problem: Problem
    full: Problem
    hopeless: Bools
    locks: tuple[tuple[int, int, int], ...]


def prepare(case: Case, problem: Problem, told: Bools | None = None) -> Ground:
    """The ground on which instances are dropped; ``told``: demands to leave out, shape (n_demands,)."""
    possible = (problem.refusals & FACTS) == 0
    demand, provider = (i.astype(np.int64) for i in np.nonzero(possible))
    terms = price_pairs(case, problem, demand, provider)
    pairs = Pairs(
        start=_starts(demand, problem.n_demands),
        demand=demand,
        provider=provider,
        exempted=np.zeros(len(demand), np.uint32),
        **vars(terms),
    )
    full = dataclasses.replace(problem, pairs=pairs)
    alone = np.asarray(~possible.any(axis=1), np.bool_)
    return Ground(case, problem, full, alone if told is None else alone | told, tuple(_locks(case, problem)))


def keep_demands(ground: Ground, demands: Ints) -> Ground:
    """The ground with these demands alone; the others are left out, as the hopeless are."""
    kept = np.isin(np.arange(ground.full.n_demands), demands)
    pairs = _pairs_at(ground, np.flatnonzero(kept[ground.full.pairs.demand]))
    return dataclasses.replace(
        ground,
        full=dataclasses.replace(ground.full, pairs=pairs),
        hopeless=np.asarray(ground.hopeless | ~kept, np.bool_),
    )


def _starts(demand: Ints, n_demands: int) -> Ints:
    return np.searchsorted(demand, np.arange(n_demands + 1)).astype(np.int64)


def _locks(case: Case, problem: Problem) -> Iterator[tuple[int, int, int]]:
    """Every decision that holds a demand where the case says it is locked."""
    for row, decision in enumerate(case.decisions):
        if decision.action != "lock":
            continue
        for key in case.demands_named(decision.entity, decision.service):
            today = case.current_of.get(key)
            who = decision.provider or (today.provider if today else "")
            if who and case.locks.get(key) == who and key in problem.demand_index:
                yield row, problem.demand_index[key], problem.provider_index.get(who, -1)


def instances_of(ground: Ground) -> list[Instance]:
    """Every instance of a case; the first are the first to be dropped where there is a choice."""
    return [*_refusals(ground), *_minima(ground), *_policy(ground), *_capacities(ground), *_lock_rows(ground)]


def _refusals(ground: Ground) -> Iterator[Instance]:
    pairs, refusals = ground.full.pairs, ground.problem.refusals
    refused = np.flatnonzero((refusals[pairs.demand, pairs.provider] != 0) & ~ground.hopeless[pairs.demand])
    for d, p in zip(pairs.demand[refused].tolist(), pairs.provider[refused].tolist(), strict=True):
        yield Instance("refusal", (d, p))


def _minima(ground: Ground) -> Iterator[Instance]:
    lines, sites = ground.problem.lines, ground.problem.sites
    yield from (Instance("minimum_volume", (i,), "line") for i in np.flatnonzero(lines.min_volume > 0).tolist())
    least = sites.is_candidate & (sites.min_minutes > 0)
    yield from (Instance("minimum_volume", (p,), "site") for p in np.flatnonzero(least).tolist())


def _policy(ground: Ground) -> Iterator[Instance]:
    problem, rules = ground.problem, ground.problem.scalars
    critical = np.unique(problem.demand_service[problem.critical])
    yield from (Instance("backup", (s,)) for s in critical.tolist())
    if rules.site_max is not None:
        forced = problem.sites.is_required & problem.sites.is_secretariat
        yield from (Instance("required", (p,)) for p in np.flatnonzero(forced).tolist())
    yield from (Instance("site_count", (z,), "zone") for z in range(len(ZONES)) if rules.zones)
    on = {
        ("site_count", "least"): rules.site_min,
        ("site_count", "most"): rules.site_max,
        ("max_providers_per_entity", ""): rules.max_providers_per_entity,
        ("bundle_together", ""): rules.bundle_together or None,
        ("agency_share", ""): rules.agency_share_max,
        ("max_moves", ""): rules.max_moves,
        ("one_off_budget", ""): rules.one_off_budget,
        **{(name, ""): getattr(rules, name) for name in _NAMED_AS_KEYS},
    }
    yield from (Instance(rule, (), part) for (rule, part), value in on.items() if value is not None)


def _capacities(ground: Ground) -> Iterator[Instance]:
    lines, sites = ground.problem.lines, ground.problem.sites
    yield from (Instance("site_capacity", (p,)) for p in np.flatnonzero(np.isfinite(sites.capacity_minutes)).tolist())
    yield from (Instance("line_capacity", (i,)) for i in np.flatnonzero(np.isfinite(lines.capacity)).tolist())


def _lock_rows(ground: Ground) -> Iterator[Instance]:
    rows = {row for row, d, _ in ground.locks if not ground.hopeless[d]}
    yield from (Instance("lock", (row,)) for row in sorted(rows))


def relaxed(ground: Ground, kept: Set[Instance]) -> Problem:
    """Arrays of the case with the instances ``kept`` and no others.

    Zones and required sites have no array of their own: ``programs.program_of`` sees to them.
    """
    full = ground.full
    return dataclasses.replace(
        full,
        pairs=_allowed(ground, kept),
        locked=_locked(ground, kept),
        critical=np.asarray(full.critical & np.isin(full.demand_service, _keys(kept, "backup")), np.bool_),
        lines=dataclasses.replace(
            full.lines,
            capacity=_only(full.lines.capacity, _keys(kept, "line_capacity"), np.inf),
            min_volume=_only(full.lines.min_volume, _keys(kept, "minimum_volume", "line"), 0.0),
        ),
        sites=dataclasses.replace(
            full.sites,
            capacity_minutes=_only(full.sites.capacity_minutes, _keys(kept, "site_capacity"), np.inf),
            min_minutes=_only(full.sites.min_minutes, _keys(kept, "minimum_volume", "site"), 0.0),
        ),
        scalars=_scalars(ground, kept),
    )


def _keys(kept: Iterable[Instance], rule: str, part: str = "") -> list[int]:
    return [i.key[0] for i in kept if i.rule == rule and i.part == part]


def _only(values: Floats, at: list[int], off: float) -> Floats:
    """Values at the places named, ``off`` elsewhere."""
    out = np.full(len(values), off)
    out[at] = values[at]
    return out


def _allowed(ground: Ground, kept: Set[Instance]) -> Pairs:
    """Pairs that no refusal kept stands against."""
    pairs, n = ground.full.pairs, ground.full.n_providers + 1
    refused = [i.key[0] * n + i.key[1] for i in kept if i.rule == "refusal"]
    return _pairs_at(ground, np.flatnonzero(~np.isin(pairs.demand * n + pairs.provider, refused)))


def _pairs_at(ground: Ground, at: Ints) -> Pairs:
    """Pairs of the ground at positions in rising order."""
    pairs = ground.full.pairs
    arrays = {
        f.name: getattr(pairs, f.name)[at]
        for f in dataclasses.fields(pairs)
        if f.name != "start" and getattr(pairs, f.name) is not None
    }
    return Pairs(start=_starts(pairs.demand[at], ground.full.n_demands), **arrays)


def _locked(ground: Ground, kept: Set[Instance]) -> Ints:
    rows = set(_keys(kept, "lock"))
    out = np.full(ground.full.n_demands, -1, np.int64)
    for row, d, p in ground.locks:
        if row in rows and not ground.hopeless[d]:
            out[d] = p
    return out


def _scalars(ground: Ground, kept: Set[Instance]) -> Scalars:
    rules = ground.full.scalars
    on = {(i.rule, i.part) for i in kept}
    return dataclasses.replace(
        rules,
        site_min=rules.site_min if ("site_count", "least") in on else None,
        site_max=rules.site_max if ("site_count", "most") in on else None,
        zones=("site_count", "zone") in on,
        max_providers_per_entity=(rules.max_providers_per_entity if ("max_providers_per_entity", "") in on else None),
        bundle_together=rules.bundle_together and ("bundle_together", "") in on,
        agency_share_max=rules.agency_share_max if ("agency_share", "") in on else None,
        max_moves=rules.max_moves if ("max_moves", "") in on else None,
        one_off_budget=rules.one_off_budget if ("one_off_budget", "") in on else None,
        mean_overlap_min=rules.mean_overlap_min if ("mean_overlap_min", "") in on else None,
        mean_distance_max=rules.mean_distance_max if ("mean_distance_max", "") in on else None,
        worse_off_max=rules.worse_off_max if ("worse_off_max", "") in on else None,
        exposure_max_fte=rules.exposure_max_fte if ("exposure_max_fte", "") in on else None,
        site_share_max=rules.site_share_max if ("site_share_max", "") in on else None,
    )
