"""Figures of all periods side by side, as the search counts with them.

Arrays begin with the period. ``p`` counts providers with own capacity last, at which every price, limit and count of
sites is 0 or off. An *option* is a demand with a source that is eligible in some period; options are sorted by demand.
Money is discounted, whole periods.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.model.time.ways import Ways
from optimizer.solvers.over_time.prices import leaving_money

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.time.joint import JointProblem

__all__ = ["Figures", "Options", "Tiers"]


@dataclass(frozen=True, eq=False)
class Tiers:
    """Prices of lines, shape (n_periods, n_services, n_providers + 1, most tiers); unused tiers have no width."""

    start: Floats
    width: Floats
    cost: Floats
    fixed: Floats
    capacity: Floats
    least: Floats

    @classmethod
    def of(cls, joint: JointProblem) -> Tiers:
        """Lines of every period, put at their places."""
        shape = joint.n_periods, len(joint.service_ids), joint.n_providers + 1
        deep = max((int(np.diff(s.problem.lines.tier_start).max(initial=1)) for s in joint.stages), default=1)
        start, width, cost = (np.zeros((*shape, deep)) for _ in range(3))
        fixed, least = np.zeros(shape), np.zeros(shape)
        capacity = np.full(shape, np.inf)
        for t, stage in enumerate(joint.stages):
            lines = stage.problem.lines
            at = (t, lines.service, lines.provider)
            fixed[at], capacity[at], least[at] = lines.fixed_cost, lines.capacity, lines.min_volume
            owner = np.repeat(np.arange(len(lines.provider)), np.diff(lines.tier_start))
            rank = np.arange(len(owner)) - lines.tier_start[owner]
            where = (t, lines.service[owner], lines.provider[owner], rank)
            upper = np.append(lines.tier_from[1:], np.inf)
            upper[lines.tier_start[1:] - 1] = np.inf
            start[where], width[where], cost[where] = lines.tier_from, upper - lines.tier_from, lines.tier_cost
        weight = np.array([s.weight for s in joint.stages])
        cost, fixed = cost * weight[:, None, None, None], fixed * weight[:, None, None]
        return cls(start, width, cost, fixed, capacity, least)


@dataclass(frozen=True, eq=False)
class Options:
    """Options and what they cost alone; arrays of shape (n_periods, n_options).

    ``linear`` is infinite where the source may not serve; ``leave`` is one-off money of leaving it (0 without price),
    ``money`` the same undiscounted.
    """

    first: Ints
    source: Ints
    linear: Floats
    comes: Bools
    leaves: Bools
    forced: Bools
    leave: Floats
    money: Floats

    @classmethod
    def of(cls, joint: JointProblem, ways: Ways) -> Options:
        """All pairs that are eligible in some period, and today's source of each demand."""
        ever: Bools = np.asarray(ways.holds.any(axis=0))
        has = np.flatnonzero(joint.current >= 0)
        ever[has, joint.current[has]] = True
        demand, source = (i.astype(np.int64) for i in np.nonzero(ever))
        first = np.concatenate([[0], np.cumsum(ever.sum(axis=1))]).astype(np.int64)
        at = np.full(ever.shape, -1, np.int64)
        at[demand, source] = np.arange(len(demand))
        linear = np.full((joint.n_periods, len(demand)), np.inf)
        money = np.array([leaving_money(joint, t, demand, source) for t in range(joint.n_periods)])
        for t, stage in enumerate(joint.stages):
            problem, pairs = stage.problem, stage.problem.pairs
            who = stage.demand[pairs.demand]
            price = pairs.linear + stage.compliance[pairs.provider] * problem.effort_fte[pairs.demand]
            held = ways.holds[t, who, pairs.provider]
            linear[t, at[who, pairs.provider][held]] = (price * stage.weight)[held]
        discount = np.array([s.discount for s in joint.stages])[:, None]
        at_once = (slice(None), demand, source)
        comes, leaves, forced = ways.comes[at_once], ways.leaves[at_once], ~ways.pair[at_once]
        return cls(first, source, linear, comes, leaves, forced, money * discount, money)


@dataclass(frozen=True, eq=False)
class Figures:
    """All that the search needs to know of a joint problem.

    Parameters
    ----------
    tiers, options : Tiers, Options
    volume, minutes, effort : ndarray of shape (n_periods, n_demands)
        A year; 0 where absent.
    present : ndarray of shape (n_periods, n_demands), bool
    entity, service, bundle : ndarray of shape (n_demands,)
        ``bundle``: group of demands of an entity with hand-overs, −1 for none.
    interface, handover : ndarray of shape (n_periods,)
    loss : ndarray of shape (n_periods, n_services, n_providers + 2)
        Dispersion when so many providers run the service.
    site, setup, exit : ndarray of shape (n_periods, n_providers + 1)
        ``site`` is 0 for required sites; set-up and exit as one-offs.
    room : ndarray of shape (n_periods, n_providers + 1)
        Minutes a year.
    absorb : ndarray of shape (n_periods, n_providers + 1)
        FTE in the twelve months that end with the period.
    most_providers : ndarray of shape (n_periods,)
    together : ndarray of shape (n_periods,), bool
        Bundles have one source.
    """

    joint: JointProblem
    tiers: Tiers
    options: Options
    volume: Floats
    minutes: Floats
    effort: Floats
    present: Bools
    entity: Ints
    service: Ints
    bundle: Ints
    interface: Floats
    handover: Floats
    loss: Floats
    site: Floats
    setup: Floats
    exit: Floats
    room: Floats
    absorb: Floats
    most_providers: Floats
    together: Bools
    money_setup: Floats
    money_exit: Floats

    @classmethod
    def of(cls, joint: JointProblem) -> Figures:
        """Put the figures of all periods side by side."""
        stages = joint.stages
        weight = np.array([s.weight for s in stages])
        entity, service = _places(joint)
        required = np.array([p.status == "required" for p in joint.case.providers], np.bool_)
        by_site: dict[str, Any] = {
            "site": _own_last([np.where(required, 0.0, s.site_cost) * s.weight for s in stages], 0.0),
            "setup": _own_last([s.setup * s.discount for s in stages], 0.0),
            "exit": _own_last([s.exit * s.discount for s in stages], 0.0),
            "money_setup": _own_last([s.setup for s in stages], 0.0),
            "money_exit": _own_last([s.exit for s in stages], 0.0),
            "room": _own_last([s.problem.sites.capacity_minutes for s in stages], np.inf),
            "absorb": _own_last([s.absorb for s in stages], np.inf),
        }
        by_demand = {n: np.zeros((joint.n_periods, joint.n_demands)) for n in ("volume", "minutes", "effort")}
        for t, stage in enumerate(stages):
            for name, values in (("volume", stage.problem.volume), ("minutes", stage.problem.minutes)):
                by_demand[name][t, stage.demand] = values
            by_demand["effort"][t] = stage.effort
        scalars = [s.problem.scalars for s in stages]
        most = [x.max_providers_per_entity for x in scalars]
        return cls(
            joint=joint,
            tiers=Tiers.of(joint),
            options=Options.of(joint, Ways(joint)),
            present=joint.local >= 0,
            entity=entity,
            service=service,
            bundle=_bundles(joint, entity, service),
            interface=np.array([x.interface_cost for x in scalars]) * weight,
            handover=np.array([x.handover_cost for x in scalars]) * weight,
            loss=_losses(joint) * weight[:, None, None],
            most_providers=np.array([np.inf if m is None else m for m in most], np.float64),
            together=np.array([x.bundle_together for x in scalars], np.bool_),
            **by_demand,
            **by_site,
        )


def _own_last(rows: list[Floats], own: float) -> Floats:
    return np.array([np.append(row, own) for row in rows], np.float64)


def _places(joint: JointProblem) -> tuple[Ints, Ints]:
    e_at, s_at = ({name: i for i, name in enumerate(ids)} for ids in (joint.entity_ids, joint.service_ids))
    entity = np.array([e_at[e] for e, _ in joint.keys], np.int64)
    return entity, np.array([s_at[s] for _, s in joint.keys], np.int64)


def _bundles(joint: JointProblem, entity: Ints, service: Ints) -> Ints:
    """Groups of the demands of an entity in a bundle, numbered from 0; −1 where it has but one."""
    names = {s.id: s.bundle for s in joint.case.services}
    groups: dict[tuple[int, str], list[int]] = {}
    for d, (e, s) in enumerate(zip(entity.tolist(), service.tolist(), strict=True)):
        if names[joint.service_ids[s]]:
            groups.setdefault((e, names[joint.service_ids[s]]), []).append(d)
    out = np.full(len(entity), -1, np.int64)
    for number, members in enumerate(m for m in groups.values() if len(m) > 1):
        out[members] = number
    return out


def _losses(joint: JointProblem) -> Floats:
    """Money a year of each service by the number of its providers."""
    n = joint.n_providers + 2
    out = np.zeros((joint.n_periods, len(joint.service_ids), n))
    for t, stage in enumerate(joint.stages):
        loss = stage.problem.scalars.dispersion_loss
        table = np.array([0.0, *(loss or (0.0,))])
        out[t] = table[np.minimum(np.arange(n), len(table) - 1)] * stage.problem.reference[:, None]
    return out
