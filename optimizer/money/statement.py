"""Statements of a year: a price list seen from each client."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.domain.names import OWN
from optimizer.model.eligibility.distance import geodesic_km
from optimizer.money.amounts import cents_of, half_up, six
from optimizer.money.changes import Change, Now, change_of
from optimizer.money.statement_values import (
    STATEMENTS_SCHEMA,
    Causes,
    Distance,
    Memo,
    PaidBefore,
    ServiceOnStatement,
    Statement,
    Statements,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from optimizer.domain.case import Case
    from optimizer.money.before import Paid
    from optimizer.money.leaves import Share
    from optimizer.money.price_list import Priced
    from optimizer.money.values import Charge

__all__ = ["statements_of"]


def statements_of(case: Case, priced: Priced) -> Statements:
    """The statement of every client that has a demand in the year, or paid for one before."""
    made = _Statements(case, priced)
    prices = priced.prices
    return Statements(
        schema=STATEMENTS_SCHEMA,
        case_hash=prices.case_hash,
        plan=prices.plan,
        name=prices.name,
        currency=prices.currency,
        year=prices.year,
        terms=prices.terms,
        statements=tuple(made.of(entity) for entity in made.entities),
        providers=prices.providers,
        issues=prices.issues,
    )


class _Statements:
    """What statements are made from, by client.

    Parameters
    ----------
    case : Case
    priced : Priced
    """

    def __init__(self, case: Case, priced: Priced) -> None:
        self.case, self.before = case, priced.before
        self.shares: dict[str, list[Share]] = defaultdict(list)
        self.charges: dict[str, list[Charge]] = defaultdict(list)
        self.stopped: dict[str, set[str]] = defaultdict(set)
        for share in priced.year.shares:
            self.shares[share.entity].append(share)
        for charge in priced.prices.charges:
            self.charges[charge.entity].append(charge)
        for (entity, service), paid in priced.before.paid.items():
            if paid.cents:  # of today's unit costs alone it is not known for how much
                self.stopped[entity].add(service)
        stopped = {e for e in self.stopped if e in case.entity}
        self.entities = sorted({*self.shares, *self.charges, *stopped})
        self.km = _Distances(case)

    def of(self, entity: str) -> Statement:
        """The statement of a client."""
        charges, shares = self.charges[entity], self.shares[entity]
        idle = tuple(c for c in charges if c.service is None)
        served = {s.service for s in shares}
        made = [self._service(entity, service) for service in sorted({*served, *self.stopped[entity]})]
        services = tuple(s for s, _ in made if s.lines or s.before is not None)
        changes = [c for _, c in made if c is not None]
        idle_change = self._idle_change(entity, idle)
        amount, own = sum(cents_of(c.amount) for c in charges), sum(cents_of(c.own_cost) for c in charges)
        known = bool(changes) or idle_change is not None
        memo = tuple(_memo(shares))
        before = sum(c.before for c in changes) + ((self.before.idle or {}).get(entity, 0))
        return Statement(
            entity=entity,
            name=self.case.entity[entity].name if entity in self.case.entity else entity,
            services=services,
            idle=idle,
            memo=memo,
            amount=amount / 100,
            before=before / 100 if known else None,
            change=(sum(c.total for c in changes) + (idle_change or 0)) / 100 if known else None,
            why=_causes(changes) if changes else None,
            idle_change=None if idle_change is None else idle_change / 100,
            unknown=tuple(s.service for s in services if s.before is None),
            memo_amount=sum(cents_of(m.amount) for m in memo) / 100,
            own_cost=own / 100,
            cross_subsidy=(amount - own) / 100,
        )

    def _idle_change(self, entity: str, idle: Iterable[Charge]) -> int | None:
        """Cents of idle cost more than in the year before; ``None`` where that is not known."""
        if self.before.idle is None:
            return None
        return sum(cents_of(c.amount) for c in idle) - self.before.idle.get(entity, 0)

    def _service(self, entity: str, service: str) -> tuple[ServiceOnStatement, Change | None]:
        shares = [s for s in self.shares[entity] if s.service == service]
        lines = tuple(c for c in self.charges[entity] if c.service == service)
        cents = {c.provider: cents_of(c.amount) for c in lines}
        now = Now([(s, cents[s.provider]) for s in shares if not s.is_own], [s for s in shares if s.is_own])
        paid = self.before.paid.get((entity, service))
        idle_own = paid is not None and not lines and set(paid.providers) == {OWN} and paid.cents is None
        change = None if paid is None or idle_own else change_of(now, paid)
        known = self.case.service.get(service)
        shown = ServiceOnStatement(
            service=service,
            unit=known.unit if known else "",
            providers=tuple(s.provider for s in shares),
            volume=float(now.volume),
            price=_price(lines, now),
            amount=now.cents / 100,
            providers_before=self._sources_before(entity, service, paid),
            before=None if change is None or paid is None else _before(paid, change),
            change=None if change is None else change.total / 100,
            why=None if change is None else _causes([change]),
            distance=self._distance(entity, shares, paid),
            lines=lines,
        )
        return shown, change

    def _sources_before(self, entity: str, service: str, paid: Paid | None) -> tuple[str, ...]:
        """Who served the demand before: as the list of the year before says, in a first year as today."""
        if paid is not None:
            return tuple(sorted(paid.providers))
        row = self.case.current_of.get((entity, service)) if self.before.idle is None else None
        return () if row is None else (row.provider,)

    def _distance(self, entity: str, shares: Sequence[Share], paid: Paid | None) -> Distance:
        cost = sum(s.cents.get("distance", 0) for s in shares)
        km = self.km.mean(entity, [(s.provider, s.effort) for s in shares])
        if paid is None or not shares:
            return Distance(km, None, cost / 100, None, None)
        km_before = self.km.mean(entity, [(p, Fraction(1)) for p in sorted(paid.providers)])
        if km_before is None:
            return Distance(km, None, cost / 100, None, None)
        rate = sum((s.per_1000km for s in shares), Fraction(0))
        stays = set(paid.providers) == {s.provider for s in shares}
        was = cost if stays else half_up(rate * Fraction(km_before) / 10)
        return Distance(km, km_before, cost / 100, was / 100, (cost - was) / 100)


def _memo(shares: Iterable[Share]) -> Iterator[Memo]:
    """What stays with the client, by service and term."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for share in shares:
        for term, cents in share.memo.items():
            sums[share.service, term] += cents
    return (Memo(*key, cents / 100) for key, cents in sums.items())


def _price(lines: Sequence[Charge], now: Now) -> float | None:
    """What a unit costs; the mean by volume where there are several prices."""
    prices = {c.price for c in lines}
    if len(prices) == 1:
        return prices.pop()
    return float(six(now.cents / (now.volume * 100))) if now.volume else None


def _before(paid: Paid, change: Change) -> PaidBefore:
    return PaidBefore(
        tuple(sorted(paid.providers)), float(paid.price), float(change.volume_before), change.before / 100
    )


def _causes(changes: Iterable[Change]) -> Causes:
    held = list(changes)
    return Causes(*(sum(getattr(c, part) for c in held) / 100 for part in ("volume", "provider", "price")))


class _Distances:
    """Kilometres between clients and providers, each pair once.

    Parameters
    ----------
    case : Case
    """

    def __init__(self, case: Case) -> None:
        self.entity = {e.id: at for at, e in enumerate(case.entities)}
        self.provider = {p.id: at for at, p in enumerate(case.providers)}
        places = [e.place for e in case.entities], [p.place for p in case.providers]
        self.km = geodesic_km(*places) if all(places) else None

    def mean(self, entity: str, sources: Sequence[tuple[str, Fraction]]) -> float | None:
        """Mean over sources by weight; own capacity is at 0 km; ``None`` where a source is not known."""
        known = entity in self.entity and all(p == OWN or p in self.provider for p, _ in sources)
        weight = sum((w for _, w in sources), Fraction(0))
        if self.km is None or not known or not weight:
            return None
        far = ((0.0 if p == OWN else float(self.km[self.entity[entity], self.provider[p]]), w) for p, w in sources)
        return round(sum(km * float(w / weight) for km, w in far), 6)
