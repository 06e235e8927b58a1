"""What a year begins with: prices paid before, what rounding left, reserves."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.domain.types import exact
from optimizer.money.amounts import FINEST, cents_of, to_step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from optimizer.domain.case import Case
    from optimizer.money.values import Charge, PriceList

__all__ = ["Before", "Paid", "after", "first_year"]


@dataclass(frozen=True, slots=True)
class Paid:
    """What a client paid for a service before.

    Parameters
    ----------
    providers : frozenset of str
    price : Fraction
        Money a unit, at most six decimals.
    volume : Fraction, optional
        Units; ``None``: not known, taken to be the same as now.
    cents : int, optional
    """

    providers: frozenset[str]
    price: Fraction
    volume: Fraction | None = None
    cents: int | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """What comes from the year before.

    Parameters
    ----------
    paid : mapping of (entity, service) to Paid
        Those that are known.
    carried : mapping of (provider, service) to int
        Cents that rounding left.
    reserve : mapping of str to int
        Cents in each provider's reserve.
    idle : mapping of str to int, optional
        Cents of idle cost by entity; ``None``: not known.
    """

    paid: Mapping[tuple[str, str], Paid]
    carried: Mapping[tuple[str, str], int]
    reserve: Mapping[str, int]
    idle: Mapping[str, int] | None = None


def first_year(case: Case) -> Before:
    """Before the first list: today's unit costs, the reserves as they are opened, nothing carried over."""
    paid = {
        key: Paid(frozenset({row.provider}), exact(row.unit_cost))
        for key, row in case.current_of.items()
        if row.unit_cost is not None
    }
    return Before(paid, {}, {p.id: cents_of(p.reserve_opening) for p in case.providers})


@dataclass(slots=True)
class _Sum:
    providers: set[str] = field(default_factory=set)
    prices: set[Fraction] = field(default_factory=set)
    volume: Fraction = Fraction(0)
    cents: int = 0


def after(case: Case, before: PriceList) -> Before:
    """After a list of prices; reserves of providers that it does not name are as they are opened."""
    idle: dict[str, int] = defaultdict(int)
    for charge in before.charges:
        if charge.service is None:
            idle[charge.entity] += cents_of(charge.amount)
    reserve = {p.id: cents_of(p.reserve_opening) for p in case.providers}
    reserve |= {p.provider: cents_of(p.reserve_balance) for p in before.providers}
    carried = {(p.provider, p.service): cents_of(p.carried_over) for p in before.prices}
    return Before(_paid(before.charges), carried, reserve, dict(idle))


def _paid(charges: Iterable[Charge]) -> dict[tuple[str, str], Paid]:
    sums: dict[tuple[str, str], _Sum] = defaultdict(_Sum)
    for charge in charges:
        if charge.service is None or charge.volume is None or charge.price is None:
            continue
        at = sums[charge.entity, charge.service]
        at.providers.add(charge.provider)
        at.prices.add(exact(charge.price))
        at.volume += exact(charge.volume)
        at.cents += cents_of(charge.amount)
    return {key: Paid(frozenset(at.providers), _price(at), at.volume, at.cents) for key, at in sums.items()}


def _price(at: _Sum) -> Fraction:
    """The price, or the mean of several by volume."""
    return next(iter(at.prices)) if len(at.prices) == 1 else to_step(at.cents / (at.volume * 100), FINEST)
