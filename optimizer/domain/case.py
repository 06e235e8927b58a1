"""A case: tables and policy, checked, sorted by key, hashed."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, NoReturn

from optimizer.domain.names import OWN
from optimizer.domain.types import exact, micro

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.domain.agreements import Agreement, Indicator, Measurement, Survey
    from optimizer.domain.issues import Issue
    from optimizer.domain.policy import Policy
    from optimizer.domain.time_rows import (
        Budget,
        Commitment,
        Freeze,
        PathRow,
        Precedence,
        ProfileRow,
        StaffingRow,
    )
    from optimizer.domain.types import (
        Assumption,
        Country,
        CurrentRow,
        Decision,
        Demand,
        Entity,
        Offer,
        Provider,
        Service,
        Tier,
    )

__all__ = ["Case", "canonical_bytes"]


class Case:
    """Everything a solve may know. Built by the reader; never changed, only replaced (``optimizer.replace``).

    Every tuple is sorted by its key, whatever the order of the input rows. Cases are equal when their
    canonical tables and names are.

    Parameters
    ----------
    policy : Policy
    entities, services, providers, offers, tiers, current, decisions, assumptions : tuple
        Rows of the tables; ``entities`` are those present at ``policy.as_of``.
    demands : tuple of Demand
        Those with volume > 0 of entities that are present.
    countries : mapping of str to Country
        Packaged facts about the countries that occur.
    absent_entities : tuple of Entity
        Entities that have not begun or have ended.
    tables : mapping
        The canonical input (blanks omitted, decimals normalised), of which ``case_hash`` is the SHA-256.
    name : str
    issues : tuple of Issue
        What the reader had to say: warnings and information. No part of what the case is.
    paths, profiles, freezes, precedence, budgets, commitments : tuple
        Rows of planning over time; they count in cases with a horizon.
    staffing : tuple of StaffingRow
        Who does the work at a provider, by category.
    agreements, indicators, measurements, surveys : tuple
        What providers promised and how they do; offers have their measured service level where the policy says so.
    """

    policy: Policy
    entities: tuple[Entity, ...]
    services: tuple[Service, ...]
    demands: tuple[Demand, ...]
    providers: tuple[Provider, ...]
    offers: tuple[Offer, ...]
    tiers: tuple[Tier, ...]
    current: tuple[CurrentRow, ...]
    decisions: tuple[Decision, ...]
    assumptions: tuple[Assumption, ...]
    countries: Mapping[str, Country]
    absent_entities: tuple[Entity, ...]
    tables: Mapping[str, Any]
    name: str
    issues: tuple[Issue, ...]
    paths: tuple[PathRow, ...]
    profiles: tuple[ProfileRow, ...]
    staffing: tuple[StaffingRow, ...]
    freezes: tuple[Freeze, ...]
    precedence: tuple[Precedence, ...]
    budgets: tuple[Budget, ...]
    commitments: tuple[Commitment, ...]
    agreements: tuple[Agreement, ...]
    indicators: tuple[Indicator, ...]
    measurements: tuple[Measurement, ...]
    surveys: tuple[Survey, ...]

    def __init__(
        self,
        *,
        policy: Policy,
        entities: tuple[Entity, ...],
        services: tuple[Service, ...],
        demands: tuple[Demand, ...],
        providers: tuple[Provider, ...],
        offers: tuple[Offer, ...],
        tiers: tuple[Tier, ...],
        tables: Mapping[str, Any],
        current: tuple[CurrentRow, ...] = (),
        decisions: tuple[Decision, ...] = (),
        assumptions: tuple[Assumption, ...] = (),
        countries: Mapping[str, Country] | None = None,
        absent_entities: tuple[Entity, ...] = (),
        name: str = "",
        issues: tuple[Issue, ...] = (),
        paths: tuple[PathRow, ...] = (),
        profiles: tuple[ProfileRow, ...] = (),
        staffing: tuple[StaffingRow, ...] = (),
        freezes: tuple[Freeze, ...] = (),
        precedence: tuple[Precedence, ...] = (),
        budgets: tuple[Budget, ...] = (),
        commitments: tuple[Commitment, ...] = (),
        agreements: tuple[Agreement, ...] = (),
        indicators: tuple[Indicator, ...] = (),
        measurements: tuple[Measurement, ...] = (),
        surveys: tuple[Survey, ...] = (),
    ) -> None:
        given = {k: v for k, v in locals().items() if k != "self"}
        vars(self).update(given, countries=countries or {})

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a case does not change; optimizer.replace makes another one")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a case does not change; optimizer.replace makes another one")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Case):
            return NotImplemented
        return (self.name, self.case_hash) == (other.name, other.case_hash)

    def __hash__(self) -> int:
        return hash(self.case_hash)

    def __repr__(self) -> str:
        return (
            f"<Case {self.name or 'without a name'}: {', '.join(f'{n:,} {what}' for what, n in self.counts.items())}>"
        )

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{what}</th><td>{n:,}</td></tr>" for what, n in self.counts.items())
        told = "".join(f"<li>{escape(str(issue))}</li>" for issue in self.issues)
        title = escape(self.name or "without a name")
        return f"<table><caption>Case {title}</caption>{rows}</table>" + (f"<ul>{told}</ul>" if told else "")

    def with_issues(self, issues: tuple[Issue, ...]) -> Case:
        """The same case with other things said about it."""
        return self.having(issues=tuple(issues))

    def having(self, **rows: Any) -> Case:
        """The case with other rows and the same tables: for what follows from the tables alone."""
        return Case(**{name: vars(self)[name] for name in Case.__annotations__} | rows)

    @property
    def counts(self) -> dict[str, int]:
        """Rows of each table that takes part."""
        tables = ("entities", "services", "providers", "offers", "demands", "current", "decisions")
        return {name: len(getattr(self, name)) for name in tables}

    @cached_property
    def entity(self) -> dict[str, Entity]:
        """Entities of the case by id, the absent ones included."""
        return {e.id: e for e in (*self.entities, *self.absent_entities)}

    @cached_property
    def service(self) -> dict[str, Service]:
        """Services by id."""
        return {s.id: s for s in self.services}

    @cached_property
    def provider(self) -> dict[str, Provider]:
        """Providers by id."""
        return {p.id: p for p in self.providers}

    @cached_property
    def demand(self) -> dict[tuple[str, str], Demand]:
        """Demands by (entity, service)."""
        return {d.key: d for d in self.demands}

    @cached_property
    def offer(self) -> dict[tuple[str, str], Offer]:
        """Offers by (provider, service)."""
        return {o.key: o for o in self.offers}

    @cached_property
    def line_tiers(self) -> dict[tuple[str, str], tuple[tuple[float, float], ...]]:
        """(from_volume, unit_cost) by line, rising; offers without tier rows get their one tier.

        That tier costs ``cost_per_fte · minutes_per_unit / minutes_per_fte_year`` (design 2).
        """
        out: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for t in self.tiers:
            out.setdefault((t.provider, t.service), []).append((t.from_volume, t.unit_cost))
        done = {k: tuple(sorted(v)) for k, v in out.items()}
        for o in self.offers:
            if o.key not in done:
                rate = self.provider[o.provider].cost_per_fte
                if rate is None:  # the reader refuses this
                    raise ValueError(f"line {o.key} has neither tiers nor cost_per_fte")
                minutes = self.service[o.service].minutes_per_unit
                done[o.key] = ((0.0, rate * minutes / self.policy.minutes_per_fte_year),)
        return done

    @cached_property
    def line_prices(self) -> dict[tuple[str, str], tuple[tuple[int, Fraction], ...]]:
        """``line_tiers`` without rounding: (from_volume in millionths, unit cost), rising."""
        out: dict[tuple[str, str], list[tuple[int, Fraction]]] = {}
        for t in self.tiers:
            out.setdefault((t.provider, t.service), []).append((micro(t.from_volume), exact(t.unit_cost)))
        done = {k: tuple(sorted(v)) for k, v in out.items()}
        year = exact(self.policy.minutes_per_fte_year)
        for o in self.offers:
            rate = self.provider[o.provider].cost_per_fte
            if o.key not in done and rate is not None:
                minutes = exact(self.service[o.service].minutes_per_unit)
                done[o.key] = ((0, exact(rate) * minutes / year),)
        return done

    def unit_price(self, provider: str, service: str) -> Fraction:
        """u_ps: what a unit costs in the line's first tier, fee included; exact."""
        key = provider, service
        return self.line_prices[key][0][1] * (1 + exact(self.offer[key].fee_rate))

    @cached_property
    def first_prices(self) -> dict[tuple[str, str], Fraction]:
        """Unit cost of the first tier with its fee, by line, exact; lines without a price are not here."""
        priced = (o for o in self.offers if o.key in self.line_prices)
        return {o.key: self.line_prices[o.key][0][1] * (1 + exact(o.fee_rate)) for o in priced}

    @cached_property
    def current_of(self) -> dict[tuple[str, str], CurrentRow]:
        """Today's row by demand key; rows without a demand are not here."""
        return {(c.entity, c.service): c for c in self.current if (c.entity, c.service) in self.demand}

    def priced_today(self, demand: Demand) -> bool:
        """Whether the model can price today's source: the line is offered, or own capacity has a unit cost."""
        row = self.current_of.get(demand.key)
        return row is not None and self.has_price(demand, row.provider)

    def has_price(self, demand: Demand, provider: str) -> bool:
        """Whether the model can price a demand at a provider, eligible or not, or on own capacity (``OWN``)."""
        if provider == OWN:
            return demand.own_unit_cost is not None
        return (provider, demand.service) in self.offer

    @cached_property
    def stopped(self) -> tuple[CurrentRow, ...]:
        """Today's rows without a demand: outside the case, listed."""
        return tuple(c for c in self.current if (c.entity, c.service) not in self.demand)

    @cached_property
    def locks(self) -> dict[tuple[str, str], str]:
        """Provider (or ``OWN``) decided for a demand; a blank provider means today's."""
        out: dict[tuple[str, str], str] = {}
        for d in self.decisions:
            if d.action != "lock":
                continue
            for key in self.demands_named(d.entity, d.service):
                row = self.current_of.get(key)
                who = d.provider or (row.provider if row else "")
                if who:
                    out[key] = who
        return out

    @cached_property
    def forbidden(self) -> frozenset[tuple[str, str, str]]:
        """(entity, service, provider) that a decision rules out."""
        return frozenset(
            (*key, d.provider)
            for d in self.decisions
            if d.action == "forbid"
            for key in self.demands_named(d.entity, d.service)
        )

    def demands_named(self, entity: str, service: str) -> list[tuple[str, str]]:
        """Keys of the demands a decision speaks of (id, ``kind:x`` or ``*``; blank service = all)."""
        if entity != "*" and not entity.startswith("kind:") and service:
            return [(entity, service)] if (entity, service) in self.demand else []
        kind = entity.removeprefix("kind:")
        return [
            d.key
            for d in self.demands
            if (not service or d.service == service)
            and (entity == "*" or d.entity == entity or (entity != kind and self.entity[d.entity].kind == kind))
        ]

    def effort_fte(self, demand: Demand) -> float:
        """Effort of a demand in FTE: volume · minutes_per_unit / minutes_per_fte_year."""
        return demand.volume * self.service[demand.service].minutes_per_unit / self.policy.minutes_per_fte_year

    @cached_property
    def case_hash(self) -> str:
        """SHA-256 of the canonical case."""
        return hashlib.sha256(canonical_bytes(self.tables)).hexdigest()


def canonical_bytes(tables: Mapping[str, Any]) -> bytes:
    """UTF-8 JSON with sorted keys and no white space: equal cases give equal bytes."""
    return json.dumps(tables, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
