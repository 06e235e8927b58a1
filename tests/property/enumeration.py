"""Enumeration of a small case in whole numbers, all plans at once.

Written from the rules alone: it shares eligibility and prices of pairs with the verifier, and the
plan it answers with is judged and priced by the verifier.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from optimizer.domain.case import Case
from optimizer.domain.names import OWN, ZONES
from optimizer.domain.types import MICRO, micro
from optimizer.model.aliases import Bools, Floats, Ints
from optimizer.verify.checker import Evaluator
from optimizer.verify.facts import DemandFacts, Facts
from tests.property.brute_force import Row, _with_backups

__all__ = ["Best", "best_plan"]


@dataclass(frozen=True)
class Best:
    """A cheapest plan that keeps every rule."""

    cost: float
    rows: list[Row]


def best_plan(case: Case, evaluator: Evaluator | None = None) -> Best | None:
    """A cheapest plan that keeps every rule; ``None``: there is none."""
    evaluator = evaluator or Evaluator(case)
    plans = _Plans(evaluator.facts)
    kept = np.flatnonzero(plans.keeps())
    for i in kept[np.argsort(plans.cost()[kept], kind="stable")].tolist():
        for rows in _with_backups(case, plans.names(i)):
            broken = evaluator.violations(rows)
            if not broken:
                return Best(evaluator.cost(rows)["total"], rows)
            assert {v.rule for v in broken} <= {"backup"}, broken
    return None


class _Plans:
    """Every assignment of eligible providers, one a line of ``who`` (plans × demands, places in ``names_``)."""

    def __init__(self, facts: Facts) -> None:
        self.facts, self.demands = facts, list(facts.demands.values())
        self.sites = list(facts.sites)
        self.names_ = [*self.sites, OWN]
        options = [np.array(self._options(d), np.int64) for d in self.demands]
        grid = np.meshgrid(*options, indexing="ij") if options else []
        self.who: Ints = np.stack([g.ravel() for g in grid], axis=1) if grid else np.zeros((1, 0), np.int64)
        self.at: Bools = self.who[:, :, None] == np.arange(len(self.names_))

    def names(self, i: int) -> tuple[str, ...]:
        return tuple(self.names_[k] for k in self.who[i].tolist())

    def _options(self, d: DemandFacts) -> list[int]:
        verdict = self.facts.eligibility.verdict
        good = [k for k, p in enumerate(self.names_) if self._offered(d, p) and not verdict(d.row, p).refusals]
        return [k for k in good if d.lock in ("", self.names_[k])]

    def _offered(self, d: DemandFacts, provider: str) -> bool:
        if provider == OWN:
            return True
        return (provider, d.key[1]) in self.facts.lines and self.facts.sites[provider].row.status != "closed"

    def _sum(self, mask: Bools, amounts: list[int]) -> NDArray[np.object_] | Ints:
        """Exact sum over the demands of the amounts where the mask holds."""
        if sum(amounts) < 2**62:
            return np.asarray(mask.astype(np.int64) @ np.array(amounts, np.int64), np.int64)
        return mask.astype(np.int64).astype(object) @ np.array(amounts, object)

    def keeps(self) -> Bools:
        """Plans that keep every rule but ``backup``."""
        ok = np.ones(len(self.who), np.bool_)
        for part in (self._lines_hold, self._sites_hold, self._entities_hold, self._moves_hold, self._quality_holds):
            ok &= part()
        return ok

    def _of(self, service: str) -> list[int]:
        return [d.volume if d.key[1] == service else 0 for d in self.demands]

    def _mine(self, provider: int, service: str) -> Bools:
        return np.asarray(self.at[:, :, provider] & np.array([d.key[1] == service for d in self.demands]), np.bool_)

    def _lines_hold(self) -> Bools:
        ok = np.ones(len(self.who), np.bool_)
        for (provider, service), line in self.facts.lines.items():
            volume = self._sum(self.at[:, :, self.sites.index(provider)], self._of(service))
            if line.capacity is not None:
                ok &= (volume == 0) | (line.base + volume <= line.capacity)
            ok &= (volume == 0) | (volume >= line.least)
        return ok

    def _sites_hold(self) -> Bools:
        ok, minutes = np.ones(len(self.who), np.bool_), [d.minutes for d in self.demands]
        policy, agencies = self.facts.policy, np.zeros((len(self.who), len(self.demands)), np.bool_)
        for k, site in enumerate(self.facts.sites.values()):
            load = self._sum(self.at[:, :, k], minutes)
            if site.room is not None:
                ok &= (load == 0) | (load <= site.room)
            ok &= (load == 0) | (load >= site.least)
            if not site.is_secretariat:
                agencies |= self.at[:, :, k]
        if policy.agency_share_max is not None:
            given = self._sum(agencies, minutes).astype(object) * MICRO  # beyond 64 bits
            ok &= given <= micro(policy.agency_share_max) * self.facts.all_minutes
        return np.asarray(ok & self._sites_counted(), np.bool_)

    def open(self) -> Bools:
        """Sites with work and required ones, plans × sites."""
        required = np.array([s.is_required for s in self.facts.sites.values()], np.bool_)
        return np.asarray(self.at[:, :, :-1].any(axis=1) | required, np.bool_)

    def _sites_counted(self) -> Bools:
        policy, ok = self.facts.policy, np.ones(len(self.who), np.bool_)
        mine = np.array([s.is_secretariat for s in self.facts.sites.values()], np.bool_)
        opened = self.open() & mine
        number = opened.sum(axis=1)
        if policy.site_count is not None:
            low, high = policy.site_count.min, policy.site_count.max
            ok &= (number >= (low or 0)) & (number <= (len(mine) if high is None else high))
        if policy.zones:
            zones = [self.facts.geography.zone(s.row.place) for s in self.facts.sites.values()]
            for zone in ZONES:
                ok &= (opened & np.array([z == zone for z in zones])).any(axis=1)
        return ok

    def relations(self) -> Ints:
        """Distinct providers of each entity, own capacity aside: plans × entities."""
        entities = sorted({d.key[0] for d in self.demands})
        out = [self.at[:, [d.key[0] == e for d in self.demands], :-1].any(axis=1).sum(axis=1) for e in entities]
        return np.stack(out, axis=1) if out else np.zeros((len(self.who), 0), np.int64)

    def extra_sources(self) -> Ints:
        """Sources beyond the first of each bundle of an entity: plans × bundles."""
        bundles = sorted({d.bundle for d in self.demands if d.bundle is not None})
        out = [self.at[:, [d.bundle == b for d in self.demands]].any(axis=1).sum(axis=1) - 1 for b in bundles]
        return np.stack(out, axis=1) if out else np.zeros((len(self.who), 0), np.int64)

    def _entities_hold(self) -> Bools:
        policy, ok = self.facts.policy, np.ones(len(self.who), np.bool_)
        if policy.max_providers_per_entity is not None:
            ok &= (self.relations() <= policy.max_providers_per_entity).all(axis=1)
        if policy.bundle_mode == "together":
            ok &= (self.extra_sources() <= 0).all(axis=1)
        return ok

    def moved(self) -> Bools:
        """Demands that change provider, plans × demands."""
        place = {p: k for k, p in enumerate(self.names_)}
        today = np.array([place.get(d.today, -1) for d in self.demands], np.int64)
        return np.asarray((today >= 0) & (self.who != today), np.bool_)

    def opened_candidates(self) -> Bools:
        candidate = np.array([s.is_candidate for s in self.facts.sites.values()], np.bool_)
        return np.asarray(self.at[:, :, :-1].any(axis=1) & candidate, np.bool_)

    def _moves_hold(self) -> Bools:
        policy, ok, moved = self.facts.policy, np.ones(len(self.who), np.bool_), self.moved()
        if policy.max_moves is not None:
            ok &= moved.sum(axis=1) <= policy.max_moves
        if policy.one_off_budget is not None:
            paid = [d.minutes if d.priced_today else 0 for d in self.demands]
            minutes = self._sum(moved, paid).tolist()
            setups = [micro(s.row.setup_cost) for s in self.facts.sites.values()]
            setup = self._sum(self.opened_candidates(), setups).tolist()
            spent = [self.facts.one_off(m, s) for m, s in zip(minutes, setup, strict=True)]
            ok &= np.array([a * MICRO <= micro(policy.one_off_budget) * below for a, below in spent], np.bool_)
        return ok

    def _quality_holds(self) -> Bools:
        """Rules on means, exposed places, shares and entities worse off, plan by plan."""
        policy = self.facts.policy
        keys = ("mean_overlap_min", "mean_distance_max", "worse_off_max", "exposure_max_fte", "site_share_max")
        if all(getattr(policy, key) is None for key in keys):
            return np.ones(len(self.who), np.bool_)
        return np.array([self._is_good([self.names_[k] for k in row]) for row in self.who.tolist()], np.bool_)

    def _figures(self, d: DemandFacts, provider: str) -> tuple[Fraction, Fraction, frozenset[str]]:
        """Kilometres and shared hours to six decimals, and the entity's languages that the provider lacks."""
        work = d.entity.work
        if provider == OWN:
            day = Fraction(work.end.hour * 60 + work.end.minute - work.start.hour * 60 - work.start.minute, 60)
            return Fraction(0), _six(day), frozenset()
        site = self.facts.case.provider[provider]
        hours = self.facts.calendar.overlap(work, site.work).mean_hours
        km = self.facts.geography.km(d.entity.place, site.place)
        return _six(Fraction(km)), _six(Fraction(hours)), d.entity.languages - site.languages

    def _is_good(self, who: list[str]) -> bool:
        policy, minutes = self.facts.policy, [d.minutes for d in self.demands]
        rows = [(d, p, *self._figures(d, p)[:2]) for d, p in zip(self.demands, who, strict=True) if p != OWN]
        work = sum(d.minutes for d, *_ in rows)
        ok = True
        if policy.mean_overlap_min is not None and work:
            ok &= sum(d.minutes * h for d, _, _, h in rows) / work >= _six(Fraction(policy.mean_overlap_min))
        if policy.mean_distance_max is not None and work:
            ok &= sum(d.minutes * km for d, _, km, _ in rows) / work <= _six(Fraction(policy.mean_distance_max))
        if policy.site_share_max is not None:
            most = _six(Fraction(policy.site_share_max)) * sum(minutes)
            ok &= all(sum(d.minutes for d, q, *_ in rows if q == p) <= most for p in who)
        if policy.exposure_max_fte is not None:
            hard = {p.id for p in self.facts.case.providers if p.hardship_class in ("D", "E")}
            there = Fraction(sum(d.minutes for d, p, *_ in rows if p in hard), MICRO**2)
            most = _six(Fraction(policy.exposure_max_fte)) * _six(Fraction(policy.minutes_per_fte_year))
            ok &= there <= most
        return bool(ok) and (policy.worse_off_max is None or self._worse_off(who) <= policy.worse_off_max)

    def _worse_off(self, who: list[str]) -> int:
        """Entities that lost more than a threshold against today, price aside."""
        policy, out = self.facts.policy, 0
        for entity in sorted({d.key[0] for d in self.demands}):
            mine = [(d, p) for d, p in zip(self.demands, who, strict=True) if d.key[0] == entity and d.priced_today]
            work = sum(d.minutes for d, _ in mine)
            if not work:
                continue
            today = [(d.minutes, *self._figures(d, d.today)) for d, _ in mine]
            then = [(d.minutes, *self._figures(d, p)) for d, p in mine]
            km, hours = (
                sum(m * Fraction(row[i]) for m, *row in then) / work
                - sum(m * Fraction(row[i]) for m, *row in today) / work
                for i in (0, 1)
            )
            lacking = [len(frozenset().union(*(row[3] for row in side))) for side in (today, then)]
            out += (
                km > _six(Fraction(policy.worse_distance_km))
                or -hours > _six(Fraction(policy.worse_overlap_hours))
                or lacking[1] - lacking[0] > policy.worse_languages
            )
        return out

    def cost(self) -> Floats:
        """Total of each plan, to order them; the verifier prices the one that is taken."""
        facts, policy, total = self.facts, self.facts.policy, np.zeros(len(self.who))
        for d, demand in enumerate(self.demands):
            pair = np.zeros(len(self.names_))
            for k in np.unique(self.who[:, d]).tolist():
                p = facts.pair(demand, self.names_[k])
                pair[k] = float(sum(p))
            total += pair[self.who[:, d]]
        running: dict[str, Ints] = {}
        for (provider, service), line in facts.lines.items():
            mine = self._mine(self.sites.index(provider), service)
            volume, back = np.unique(self._sum(mine, self._of(service)), return_inverse=True)
            total += np.array([float(line.amount(int(v))) for v in volume.tolist()])[back]
            running[service] = running.get(service, np.zeros(len(self.who), np.int64)) + mine.any(axis=1)
        for service, number in running.items():
            total += np.array([float(facts.loss(service, n)) for n in range(int(number.max(initial=0)) + 1)])[number]
        total += self.open() @ np.array([s.row.site_fixed_cost for s in facts.sites.values()])
        setups = [s.row.setup_cost * float(facts.annuity) for s in facts.sites.values()]
        total += self.opened_candidates() @ np.array(setups)
        total += policy.interface_cost * self.relations().sum(axis=1)
        total += policy.handover_cost * np.maximum(self.extra_sources(), 0).sum(axis=1)
        assert all(map(math.isfinite, total.tolist()))
        return total


def _six(value: Fraction) -> Fraction:
    """To six decimals, half up."""
    return Fraction(math.floor(value * MICRO + Fraction(1, 2)), MICRO)
