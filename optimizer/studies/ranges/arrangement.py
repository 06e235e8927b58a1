"""Who serves whom in every period, as groups of cells: lines, sites, dealings, bundles; and what that costs to run.

A *cell* is a demand in a period in which a source serves it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.domain.names import OWN
from optimizer.studies.ranges.sums import added
from optimizer.verify.eligibility import languages_missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.studies.ranges.amounts import Amounts, Index
    from optimizer.verify.facts import DemandFacts
    from optimizer.verify.time.steady import PeriodTally

    Place = dict[tuple[int, tuple[str, str]], int]
    """Cell of a demand in a period."""
    Members = Iterable[tuple[tuple[Any, ...], list[int]]]
    """Groups by key, with their cells."""

__all__ = ["Arrangement", "Groups", "arrangement_of", "running"]


@dataclass(frozen=True, eq=False)
class Groups:
    """Cells that share something, by period.

    Parameters
    ----------
    keys : tuple
        What each group is, its period (from 0) first.
    t : ndarray of shape (n_groups,)
    cell, of : ndarray of shape (n_members,)
        Members: a cell and its group.
    """

    keys: tuple[tuple[Any, ...], ...]
    t: Ints
    cell: Ints
    of: Ints

    def sums(self, weight: Floats) -> Floats:
        """Weights of cells added up by group."""
        return added(self.of, weight[self.cell], len(self.keys))

    def exact(self, weight: Ints) -> Ints:
        """Whole weights of cells added up by group, exactly."""
        out = np.zeros(len(self.keys), np.int64)
        np.add.at(out, self.of, weight[self.cell])
        return out

    def column(self, part: int) -> Ints:
        """One part of the keys as numbers."""
        if part not in self._columns:
            self._columns[part] = np.array([key[part] for key in self.keys], np.int64)
        return self._columns[part]

    @cached_property
    def _columns(self) -> dict[int, Ints]:
        return {}


@dataclass(frozen=True, eq=False)
class Arrangement:
    """Cells and groups of one side: the plan, or today's path.

    Parameters
    ----------
    t, d, p, o : ndarray of shape (n_cells,)
        Period (from 0), demand, source (n_providers: own capacity) and offer (−1: own capacity, or none) of each cell.
    outside : ndarray of shape (n_cells,), bool
        The demand is on neither side of the saving.
    km, hours, missing : ndarray of shape (n_cells,)
        Distance, mean shared hours, languages that are priced; 0 for own capacity.
    lines, sites, dealings, bundles, services : Groups
        Keys (t, offer), (t, provider), (t, entity, provider), (t, entity, bundle, sources beyond the first),
        (t, service, providers).
    open_t, open_p : ndarray of shape (n_open,)
        Open sites by period.
    open_group : ndarray of shape (n_open,)
        Their group among ``sites``; −1 without work.
    """

    t: Ints
    d: Ints
    p: Ints
    o: Ints
    outside: Bools
    km: Floats
    hours: Floats
    missing: Floats
    lines: Groups
    sites: Groups
    dealings: Groups
    bundles: Groups
    services: Groups
    open_t: Ints
    open_p: Ints
    open_group: Ints

    @cached_property
    def _mixed(self) -> dict[int, tuple[Ints, Ints]]:
        """By group of groups: members outside the saving, and all members of the groups that have some."""
        return {}

    def part(self, groups: Groups, weight: Floats) -> Floats:
        """Part of each group's weight that lies outside the saving, shape (n_groups,)."""
        if id(groups) not in self._mixed:
            outside = self.outside[groups.cell]
            there = np.isin(groups.of, groups.of[outside])
            self._mixed[id(groups)] = np.flatnonzero(outside), np.flatnonzero(there)
        some, every = self._mixed[id(groups)]
        n = len(groups.keys)
        mine = added(groups.of[some], weight[groups.cell[some]], n)
        whole = added(groups.of[every], weight[groups.cell[every]], n)
        return np.divide(mine, whole, out=np.zeros(n), where=whole > 0)

    def of_cells(self, figures: Floats) -> Floats:
        """Figures by period and demand, at the cells; one row stands for every period."""
        return np.asarray(figures[self.t if len(figures) > 1 else 0, self.d])


def arrangement_of(index: Index, tallies: Sequence[PeriodTally], counted: Sequence[frozenset[Any]]) -> Arrangement:
    """Cells and groups of the periods of a plan.

    Parameters
    ----------
    index : Index
    tallies : sequence of PeriodTally
    counted : sequence of frozenset of (entity, service)
        Demands on both sides of the saving, by period.
    """
    cells: list[tuple[int, int, int, int, bool]] = []
    measured: list[tuple[float, float, float]] = []
    place: dict[tuple[int, Any], int] = {}
    for t, tally in enumerate(tallies):
        for demand, source in tally.served:
            place[t, demand.key] = len(cells)
            offered = (source, demand.key[1]) in tally.facts.lines
            o = index.offer[source, demand.key[1]] if offered else -1
            p = index.provider.get(source, -1)
            cells.append((t, index.demand[demand.key], p, o, demand.key not in counted[t]))
            measured.append(_measured(tally, demand, source, priced=offered))
    at = np.array(cells, np.int64).reshape(-1, 5)
    km, hours, missing = np.array(measured, np.float64).reshape(-1, 3).T
    sites = _groups(_sites(index, place, tallies))
    at_site = {key: g for g, key in enumerate(sites.keys)}
    opened = [(t, index.provider[p]) for t, x in enumerate(tallies) for p in x.open_sites()]
    return Arrangement(
        t=at[:, 0],
        d=at[:, 1],
        p=at[:, 2],
        o=at[:, 3],
        outside=at[:, 4].astype(np.bool_),
        km=km,
        hours=hours,
        missing=missing,
        lines=_groups(_lines_of(index, place, tallies)),
        sites=sites,
        dealings=_groups(_dealings_of(place, tallies)),
        bundles=_groups(_bundles(place, tallies)),
        services=_groups(_services(index, place, tallies)),
        open_t=np.array([t for t, _ in opened], np.int64),
        open_p=np.array([p for _, p in opened], np.int64),
        open_group=np.array([at_site.get(key, -1) for key in opened], np.int64),
    )


def _lines_of(index: Index, place: Place, tallies: Sequence[PeriodTally]) -> Members:
    """Lines that are offered."""
    for t, tally in enumerate(tallies):
        for key, demands in tally.on_line.items():
            if key in tally.facts.lines:
                yield (t, index.offer[key]), _cells(place, t, demands)


def _sites(index: Index, place: Place, tallies: Sequence[PeriodTally]) -> Members:
    for t, tally in enumerate(tallies):
        for provider, demands in tally.on_site.items():
            if provider in index.provider:
                yield (t, index.provider[provider]), _cells(place, t, demands)


def _dealings_of(place: Place, tallies: Sequence[PeriodTally]) -> Members:
    """Entities with each provider that they deal with."""
    for t, tally in enumerate(tallies):
        for key, demands in tally.dealings.items():
            yield (t, *key), _cells(place, t, demands)


def _cells(place: Place, t: int, demands: Sequence[DemandFacts]) -> list[int]:
    return [place[t, d.key] for d in demands]


def _groups(members: Members) -> Groups:
    found = list(members)
    keys = tuple(key for key, _ in found)
    cell = [c for _, cells in found for c in cells]
    of = [g for g, (_, cells) in enumerate(found) for _ in cells]
    t = np.array([key[0] for key in keys], np.int64)
    return Groups(keys, t, np.array(cell, np.int64), np.array(of, np.int64))


def _bundles(place: Place, tallies: Sequence[PeriodTally]) -> Members:
    """Bundles with more than one source: extra sources last in the key."""
    for t, tally in enumerate(tallies):
        for key, members in tally.bundles.items():
            extra = len({source for _, source in members}) - 1
            if extra > 0:
                yield (t, *key, extra), [place[t, d.key] for d, _ in members]


def _services(index: Index, place: Place, tallies: Sequence[PeriodTally]) -> Members:
    """What providers do of each service: how many of them last in the key."""
    for t, tally in enumerate(tallies):
        members: dict[str, list[int]] = {}
        for (_, service), demands in tally.on_line.items():
            members.setdefault(service, []).extend(_cells(place, t, demands))
        for service, n in tally.running().items():
            yield (t, index.service[service], n), members[service]


def _measured(tally: PeriodTally, demand: DemandFacts, source: str, *, priced: bool) -> tuple[float, float, float]:
    """Kilometres, mean shared hours, and languages that are priced."""
    facts = tally.facts
    site = facts.case.provider.get(source)
    if source == OWN or site is None:
        return 0.0, 0.0, 0.0
    hours = facts.calendar.overlap(demand.entity.work, site.work).mean_hours
    rule, missing = demand.service.language_rule, len(languages_missing(demand.entity, site))
    if rule == "none" or not priced or facts.policy.language_mode != "price":
        missing = 0
    elif rule == "any":
        missing = int(bool(demand.entity.languages) and missing == len(demand.entity.languages))
    return facts.km(demand, source), hours, float(missing)


def running(x: Arrangement, a: Amounts) -> tuple[Floats, Floats]:
    """Running cost of each period, and of it what demands outside the saving bear.

    Returns
    -------
    tuple of ndarray of shape (n_periods,)
        Money of the periods, for their length.
    """
    whole, outside = np.zeros(a.figures.n_periods), np.zeros(a.figures.n_periods)
    volume, effort = x.of_cells(a.volume), x.of_cells(a.effort)
    for groups, amount, weight in (
        (x.lines, _lines(x, a, volume), volume),
        (x.dealings, _dealings(x, a), effort),
        (x.bundles, _split(x, a), effort),
        (x.services, _dispersion(x, a), volume),
    ):
        whole += added(groups.t, amount, len(whole))
        outside += added(groups.t, amount * x.part(groups, weight), len(whole))
    cells = _cell_costs(x, a, volume, effort)
    whole += added(x.t, cells, len(whole))
    outside += added(x.t, np.where(x.outside, cells, 0.0), len(whole))
    sites = a.whole(a.site_cost)[x.open_t, x.open_p]
    whole += added(x.open_t, sites, len(whole))
    part = np.append(x.part(x.sites, effort), 0.0)[x.open_group]
    outside += added(x.open_t, sites * part, len(whole))
    return whole * a.index.years, outside * a.index.years


def _lines(x: Arrangement, a: Amounts, volume: Floats) -> Floats:
    """(fixed + variable cost stacked on the base volume) · (1 + fee) of each line, a year."""
    t, o = x.lines.t, x.lines.column(1)
    start, _ = a.index.tiers
    base = a.whole(a.figures("offers", "base_volume"))[t, o]
    top = base + x.lines.sums(volume)
    end = np.append(start[:, 1:], np.full((len(start), 1), np.inf), axis=1)
    width = np.minimum(top[:, None], end[o]) - np.maximum(base[:, None], start[o])
    cost = a.tier_cost[t if len(a.tier_cost) > 1 else 0, o]
    variable = (np.maximum(width, 0.0) * cost).sum(axis=1)
    return np.asarray((a.whole(a.figures("offers", "fixed_cost"))[t, o] + variable) * a.fee[t, o])


def _dealings(x: Arrangement, a: Amounts) -> Floats:
    return np.asarray(a.figures.policy("interface_cost")[x.dealings.t])


def _split(x: Arrangement, a: Amounts) -> Floats:
    return np.asarray(a.figures.policy("handover_cost")[x.bundles.t] * x.bundles.column(-1))


def _dispersion(x: Arrangement, a: Amounts) -> Floats:
    """Loss at the number of providers · what the service costs at the mean of its lines, a year."""
    rates = np.array(a.index.case.policy.dispersion_loss, np.float64)
    if not rates.any():
        return np.zeros(len(x.services.keys))
    t, s, n = x.services.t, x.services.column(1), x.services.column(2)
    return np.asarray(rates[np.minimum(n, len(rates)) - 1] * _reference(a)[t, s])


def _reference(a: Amounts) -> Floats:
    """Volume of each service at the mean first price, without fee, of the lines that may serve; by period."""
    index = a.index
    shape = a.figures.n_periods, len(index.service)
    price, many, volume = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    first = a.whole(a.tier_cost[:, :, 0])
    for t in range(shape[0]):
        there = index.serving[t]
        price[t] = added(index.offer_service[there], first[t, there], shape[1])
        many[t] = added(index.offer_service[there], np.ones(int(there.sum())), shape[1])
        volume[t] = added(index.service_of, a.volume[t], shape[1])
    return np.divide(price * volume, many, out=np.zeros(shape), where=many > 0)


def _cell_costs(x: Arrangement, a: Amounts, volume: Floats, effort: Floats) -> Floats:
    """Own capacity, distance, overlap, languages and the limit on national officers, of each cell, a year."""
    n, cost = len(a.index.provider) - 1, np.zeros(len(x.t))
    own, away = np.flatnonzero(x.p == n), np.flatnonzero((x.p >= 0) & (x.p < n))
    t, d = x.t[own], x.d[own]
    unit = np.where(a.index.own_there[t, d], np.nan_to_num(a.own_unit[t, d]), 0.0)
    cost[own] = a.own_fixed[t, d] + volume[own] * unit
    if a.compliance.any():
        cost += np.where(x.p >= 0, a.compliance[x.t, x.p] * effort, 0.0)
    cost[away] += _nearness(x, a, away) * effort[away]
    if x.missing.any():
        price = a.first_price[x.t, np.maximum(x.o, 0)]
        cost += a.figures.policy("language_cost_rate")[x.t] * volume * price * x.missing
    return cost


def _nearness(x: Arrangement, a: Amounts, away: Ints) -> Floats:
    """Price of distance and of hours that overlap lacks, for one FTE of cells at providers, a year."""
    t, out = x.t[away], np.zeros(len(away))
    far, apart = (a.figures.policy(name) for name in ("distance_cost_per_fte_1000km", "overlap_cost_per_fte_hour"))
    if far.any():
        out += far[t] * x.km[away] / 1000.0
    if apart.any():
        target = a.whole(a.figures("services", "target_overlap_hours"))[t, a.index.service_of[x.d[away]]]
        out += apart[t] * np.maximum(0.0, np.nan_to_num(target - x.hours[away]))
    return out
