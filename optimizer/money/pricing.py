"""Prices of a year and what clients are charged by them, in whole cents that add up by provider.

``full cost + idle = service charges + idle charges + reserve + equalisation + carried over + unshared idle``.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.domain.types import exact
from optimizer.money.amounts import amount_of, spread, spread_by, to_step, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from optimizer.money.before import Before
    from optimizer.money.full_cost import FullCost
    from optimizer.money.leaves import Share, YearCosts
    from optimizer.money.terms import Terms

__all__ = ["IdleCharge", "PricedLine", "ServiceCharge", "idle_charges", "priced_lines"]


@dataclass(frozen=True, slots=True)
class ServiceCharge:
    """What a client pays for a service of one provider.

    Parameters
    ----------
    share : Share
    own : int
        Cents that it causes: its leaves and its part of the provision.
    list_price, price : Fraction
        Money a unit: of the list, and what this client pays.
    list_cents, cents : int
    """

    share: Share
    own: int
    list_price: Fraction
    price: Fraction
    list_cents: int
    cents: int

    @property
    def reserve(self) -> int:
        """Cents that the provider's reserve gives."""
        return self.list_cents - self.cents


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One provider's service with its price.

    Parameters
    ----------
    full : FullCost
    price : Fraction, optional
        Of the list; ``None`` without volume, and where each client pays its own cost.
    equalisation : int
        Cents that other providers of the service give.
    charges : tuple of ServiceCharge
        By client.
    """

    full: FullCost
    price: Fraction | None
    equalisation: int
    charges: tuple[ServiceCharge, ...]

    @property
    def charged(self) -> int:
        """Cents that clients pay."""
        return sum(c.cents for c in self.charges)

    @property
    def reserve(self) -> int:
        """Cents that the reserve gives."""
        return sum(c.reserve for c in self.charges)

    @property
    def carried_over(self) -> int:
        """Cents that rounding leaves."""
        return self.full.total - self.equalisation - sum(c.list_cents for c in self.charges)


@dataclass(frozen=True, slots=True)
class IdleCharge:
    """What a client pays of the cost of a site that was open without work, cents."""

    entity: str
    provider: str
    effort: Fraction
    cents: int


def priced_lines(full: Sequence[FullCost], terms: Terms, before: Before) -> tuple[PricedLine, ...]:
    """Every line with its price under the terms, in the order given."""
    if terms.price_list != "universal":
        return tuple(_line(f, _price(f, terms), 0, terms, before) for f in full)
    services: dict[str, list[FullCost]] = defaultdict(list)
    for f in full:
        services[f.line[1]].append(f)
    made = {p.full.line: p for lines in services.values() for p in _pooled(lines, terms, before)}
    return tuple(made[f.line] for f in full)


def _price(full: FullCost, terms: Terms) -> Fraction | None:
    """The list price of one line by itself; ``None`` where there is none."""
    if terms.price_list == "own" or not full.volume:
        return None
    return _listed(full.total / (full.volume * 100), terms)


def _listed(unit_cost: Fraction, terms: Terms) -> Fraction:
    """On the step, and never below 0: what was brought too much before stays carried over."""
    return max(Fraction(0), to_step(unit_cost, exact(terms.price_step)))


def _pooled(lines: Sequence[FullCost], terms: Terms, before: Before) -> Iterable[PricedLine]:
    """One price for all providers of a service; what that moves between them adds up to 0."""
    volume = sum((f.volume for f in lines), Fraction(0))
    if not volume:
        return [_line(f, None, 0, terms, before) for f in lines]
    cents = Fraction(sum(f.total for f in lines)) / volume
    moved = spread([f.total - cents * f.volume for f in lines])
    price = _listed(cents / 100, terms)
    return [_line(f, price if f.volume else None, m, terms, before) for f, m in zip(lines, moved, strict=True)]


def _line(full: FullCost, price: Fraction | None, moved: int, terms: Terms, before: Before) -> PricedLine:
    charges = (_charge(share, own, price, terms, before) for share, own in zip(full.shares, full.own, strict=True))
    return PricedLine(full, price, moved, tuple(charges))


def _charge(share: Share, own: int, listed: Fraction | None, terms: Terms, before: Before) -> ServiceCharge:
    price = own / (share.volume * 100) if listed is None else listed
    list_cents = own if listed is None else amount_of(listed, share.volume)
    steady = _steady(price, share, terms, before)
    cents = list_cents if steady == price else amount_of(steady, share.volume)
    return ServiceCharge(share, own, price, steady, list_cents, cents)


def _steady(price: Fraction, share: Share, terms: Terms, before: Before) -> Fraction:
    """The client's price: near that of the year before, as far as one is known."""
    paid = before.paid.get((share.entity, share.service))
    if terms.max_price_change_rel is None or paid is None:
        return price
    most = exact(terms.max_price_change_rel)
    low, high = max(Fraction(0), paid.price * (1 - most)), paid.price * (1 + most)
    return within(price, low, high, exact(terms.price_step))


def idle_charges(year: YearCosts, lines: Iterable[PricedLine], terms: Terms) -> tuple[IdleCharge, ...]:
    """Idle cost by client: those that have a provider bear it, by the weights that the terms name.

    Nothing where it is not shared, or where no client has a provider.
    """
    effort: dict[str, Fraction] = defaultdict(Fraction)
    amount: dict[str, int] = defaultdict(int)
    for charge in (c for line in lines for c in line.charges):
        effort[charge.share.entity] += charge.share.effort
        amount[charge.share.entity] += charge.cents
    clients = sorted(effort)
    weights: Mapping[str, list[Fraction]] = {
        "effort": [effort[e] for e in clients],
        "amount": [Fraction(amount[e]) for e in clients],
        "equal": [Fraction(1) for _ in clients],
    }
    if terms.idle_by == "unshared" or not clients:
        return ()
    return tuple(
        IdleCharge(entity, provider, effort[entity], cents)
        for provider, idle in sorted(year.idle.items())
        for entity, cents in zip(clients, spread_by(idle, weights[terms.idle_by]), strict=True)
        if cents
    )
