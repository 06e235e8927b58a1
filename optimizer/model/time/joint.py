"""A dynamic case as arrays: a steady problem for each period, and what ties them together.

Index conventions as in ``optimizer.model.problem``; entities, services and providers have the same index in every
period. ``d`` counts all demands of the case, whatever period they are present in; ``local[t, d]`` is the demand's
index in the problem of period ``t`` (0 … T−1), −1 where it is absent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from optimizer.domain.names import OWN
from optimizer.domain.time.staffing import crews
from optimizer.domain.time.stills import commitment_period, may_serve, stills_of
from optimizer.domain.types import exact
from optimizer.model.build import build_problem
from optimizer.model.eligibility.pairs import BIT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.domain.case import Case
    from optimizer.domain.horizon import Period
    from optimizer.domain.policy import Policy
    from optimizer.domain.time.stills import Still
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.problem import Problem

__all__ = ["JointProblem", "Stage", "build_joint"]

NO_PRICE: Final = np.nan
"""First-tier cost of a source that has no price."""


@dataclass(frozen=True, eq=False)
class Stage:
    """One period: its steady problem without what is one-off, and the figures that tie it to others.

    Parameters
    ----------
    period : Period
    case : Case
        What takes part in the period, as a steady case; ``problem`` is made of it.
    figures : Case
        Every row of the case with the figures of the period.
    problem : Problem
        Pairs are eligible but for the agency test, which asks on arrival only.
    arrives : ndarray of shape (n_pairs,), bool
        The pair may be a new one.
    weight : float
        L · δ: what a yearly cost of the period weighs in the objective.
    discount : float
        δ: what a one-off cost of the period weighs.
    demand : ndarray of shape (n_demands_of_the_period,)
        Which demand of the case each one is.
    effort : ndarray of shape (n_demands_of_the_case,)
        FTE, a year; 0 where absent.
    leaving : ndarray of shape (n_demands_of_the_case, n_providers + 1)
        First-tier cost a year of each source with the figures of the period; NaN without a price.
    per_fte : float
        One-off cost of moving one FTE.
    site_cost, setup, exit, absorb, min_fte : ndarray of shape (n_providers,)
        Fixed cost a year with rent, one-off costs, FTE that may arrive in twelve months (inf: unlimited), and the
        least effort of an open candidate (0 before the target rules bind).
    serves : ndarray of shape (n_providers,), bool
        The site may serve.
    compliance : ndarray of shape (n_providers + 1,)
        Money a year that the limit on national officers costs at each source, for one FTE.
    """

    period: Period
    case: Case
    figures: Case
    problem: Problem
    arrives: Bools
    weight: float
    discount: float
    demand: Ints
    effort: Floats
    leaving: Floats
    per_fte: float
    site_cost: Floats
    setup: Floats
    exit: Floats
    absorb: Floats
    min_fte: Floats
    serves: Bools
    compliance: Floats


@dataclass(frozen=True, eq=False)
class JointProblem:
    """All periods of a dynamic case.

    Parameters
    ----------
    case : Case
    keys : tuple of (entity, service)
        Demands of the case, sorted.
    entity_ids, service_ids, provider_ids : tuple of str
    stages : tuple of Stage
    local : ndarray of shape (n_periods, n_demands)
    current : ndarray of shape (n_demands,)
        Today's provider (n_providers = OWN), −1 for none.
    """

    case: Case
    keys: tuple[tuple[str, str], ...]
    entity_ids: tuple[str, ...]
    service_ids: tuple[str, ...]
    provider_ids: tuple[str, ...]
    stages: tuple[Stage, ...]
    local: Ints
    current: Ints

    @property
    def policy(self) -> Policy:
        """Policy of the case."""
        return self.case.policy

    @property
    def n_periods(self) -> int:
        """Number of periods."""
        return len(self.stages)

    @property
    def n_demands(self) -> int:
        """Demands of the case."""
        return len(self.keys)

    @property
    def n_providers(self) -> int:
        """Providers; as an index: own capacity."""
        return len(self.provider_ids)

    @cached_property
    def presence(self) -> tuple[tuple[int, ...], ...]:
        """Periods (from 0) in which each demand is present."""
        return tuple(tuple(np.flatnonzero(column >= 0).tolist()) for column in self.local.T)

    @cached_property
    def committed(self) -> Mapping[tuple[int, int], int]:
        """Source by (period, demand) of every commitment, in the period in which it binds."""
        index, out = {key: d for d, key in enumerate(self.keys)}, {}
        for row in self.case.commitments:
            at = commitment_period(row, self.stages)
            if at is not None:
                out[at, index[row.entity, row.service]] = self.source_index[row.provider]
        return out

    @cached_property
    def source_index(self) -> Mapping[str, int]:
        """Provider id (or ``OWN``) → index."""
        return {p: i for i, p in enumerate((*self.provider_ids, OWN))}

    def name(self, source: int) -> str:
        """Id of a source."""
        return OWN if source == self.n_providers else self.provider_ids[source]

    def pair(self, t: int, d: int, source: int) -> int:
        """Pair index of a demand and a source in a period, −1 where they are not eligible or the demand is absent."""
        at = int(self.local[t, d])
        return -1 if at < 0 or source < 0 else self.stages[t].problem.pair_of.get((at, source), -1)

    def sources(self, t: int, d: int) -> tuple[int, ...]:
        """Sources of a demand that are eligible in a period."""
        pairs, at = self.stages[t].problem.pairs, int(self.local[t, d])
        return tuple(pairs.provider[pairs.start[at] : pairs.start[at + 1]].tolist())


def build_joint(case: Case) -> JointProblem:
    """Arrays of a dynamic case.

    Parameters
    ----------
    case : Case
        With a horizon.
    """
    stills, keys = stills_of(case), tuple(d.key for d in case.demands)
    stages = tuple(_stage(case, still, keys) for still in stills)
    first, at = stages[0].problem, {key: d for d, key in enumerate(keys)}
    local = np.full((len(stages), len(keys)), -1, np.int64)
    for t, stage in enumerate(stages):
        local[t, stage.demand] = np.arange(len(stage.demand))
    source = {p: i for i, p in enumerate((*first.provider_ids, OWN))}
    current = np.full(len(keys), -1, np.int64)
    for key, row in case.current_of.items():
        current[at[key]] = source[row.provider]
    return JointProblem(case, keys, first.entity_ids, first.service_ids, first.provider_ids, stages, local, current)


_ONE_OFF: Final[dict[str, Any]] = {"setup_cost": 0.0, "site_fixed_cost": 0.0, "min_fte": 0.0}
"""What follows from how long a site is open: in the joint problem, not in a period's."""


def _stage(case: Case, still: Still, keys: tuple[tuple[str, str], ...]) -> Stage:
    policy, horizon = still.figures.policy, case.policy.horizon
    assert horizon is not None
    bare = _bare(still.case, agency_min_saving=None)
    problem = build_problem(bare)
    index = {key: d for d, key in enumerate(keys)}
    demand = np.array([index[d.key] for d in still.case.demands], np.int64)
    effort = np.zeros(len(keys))
    effort[demand] = problem.effort_fte
    discount = horizon.discount(still.period, case.policy.discount_rate)
    rows = still.figures.providers
    return Stage(
        period=still.period,
        case=bare,
        figures=still.figures,
        problem=problem,
        arrives=_arrives(still, problem),
        weight=discount * float(still.period.years),
        discount=discount,
        demand=demand,
        effort=effort,
        leaving=_leaving(still, keys),
        per_fte=float(policy.switch_cost_per_fte),
        site_cost=np.array([float(p.site_cost(still.period.begin)) for p in rows], np.float64),
        setup=np.array([p.setup_cost if p.status == "candidate" else 0.0 for p in rows], np.float64),
        exit=np.array([p.exit_cost for p in rows], np.float64),
        absorb=np.array([np.inf if p.absorb_fte is None else p.absorb_fte for p in rows], np.float64),
        min_fte=np.array([p.min_fte if p.status == "candidate" else 0.0 for p in still.case.providers], np.float64),
        compliance=_compliance(still.figures),
        serves=np.array([may_serve(p, still.period) and p.status != "closed" for p in rows], np.bool_),
    )


def _compliance(figures: Case) -> Floats:
    """Cost of the limit on national officers at each source, OWN last."""
    found = crews(figures.staffing, figures.policy.npo_share_max)
    names = (*(p.id for p in figures.providers), OWN)
    return np.array([float(found[n].compliance) if n in found else 0.0 for n in names], np.float64)


def _arrives(still: Still, problem: Problem) -> Bools:
    """Pairs that may be new ones: those the agency test lets in; shape (n_pairs,)."""
    saving = still.case.policy.agency_min_saving
    if saving is None:
        return np.ones(problem.n_pairs, np.bool_)
    asked = build_problem(_bare(still.case, agency_min_saving=saving))
    refused = asked.refusals[problem.pairs.demand, problem.pairs.provider] & BIT["agency_saving"]
    return np.asarray(refused == 0, np.bool_)


def _bare(case: Case, *, agency_min_saving: float | None) -> Case:
    """A still without costs and rules that the joint problem states for all periods together."""
    policy = replace(case.policy, site_count=None, zones=False, agency_min_saving=agency_min_saving)
    sites = (replace(p, status="open" if p.status == "required" else p.status, **_ONE_OFF) for p in case.providers)
    return case.having(policy=policy, providers=tuple(sites))


def _leaving(still: Still, keys: tuple[tuple[str, str], ...]) -> Floats:
    """``first_tier_cost`` of every demand at every source, whether or not the source may serve."""
    providers, figures = [p.id for p in still.figures.providers], still.figures
    present, prices = still.case.demand, _first_prices(still, providers)
    out = np.full((len(keys), len(providers) + 1), NO_PRICE)
    for d, key in enumerate(keys):
        row = present.get(key)
        volume = Fraction(0) if row is None else exact(row.volume)
        n, below = volume.numerator, volume.denominator
        for p, top, bottom in prices.get(key[1], ()):
            out[d, p] = n * top / (below * bottom)  # whole numbers: the nearest float, as of the fraction
        own = figures.demand[key].own_cost(volume)
        if own is not None:
            out[d, len(providers)] = float(own)
    return out


def _first_prices(still: Still, providers: list[str]) -> dict[str, list[tuple[int, int, int]]]:
    """Providers that have a price for each service, with that as a fraction."""
    at, out = {p: i for i, p in enumerate(providers)}, dict[str, list[tuple[int, int, int]]]()
    for (provider, service), price in still.figures.first_prices.items():
        out.setdefault(service, []).append((at[provider], price.numerator, price.denominator))
    return out
