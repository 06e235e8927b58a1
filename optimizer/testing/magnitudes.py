"""Figures of mixed magnitudes, where capacities are hit, missed or passed by a millionth.

Volumes (1e-3 to 1e9), unit costs (1e-6 to 1e6) and limits are drawn anew; rules and relations stay. Limits are sums of
demands, to six decimals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from random import Random
from typing import Any, Final

from optimizer.domain.types import Demand, Offer, Provider, Service, Tier

__all__ = ["MAX_MONEY", "MICRO", "mix"]

MAX_MONEY: Final = 1e11
"""Largest volume · unit cost, so that a cent stays far above the rounding of a float."""

MICRO: Final = Decimal("0.000001")
VOLUMES: Final = {"wide": (-3.0, 9.0), "large": (5.0, 9.0), "small": (-3.0, 1.0), "usual": (1.0, 5.0)}
COSTS: Final = {"wide": (-6.0, 6.0), "large": (3.0, 6.0), "small": (-6.0, 0.0), "usual": (0.0, 2.0)}
MINUTES: Final = (1e-6, 0.25, 30.0, 45.5, 60.0, 60.0)


def mix(rows: dict[str, Any], rng: Random) -> None:
    """Draw the figures of typed rows anew."""
    low, high = VOLUMES[rng.choice(sorted(VOLUMES))]
    services = tuple(replace(s, minutes_per_unit=rng.choice(MINUTES)) for s in rows["services"])
    demands = tuple(replace(d, volume=max(1e-3, _figure(rng, low, high))) for d in rows["demands"])
    prices = {s.id: _prices(rng, _total(demands, s.id)) for s in services}
    offers = tuple(_offer(rng, o, demands) for o in rows["offers"])
    tiers = tuple(t for o in offers for t in _tiers(rng, o, demands, prices[o.service]))
    year = rows["policy"].minutes_per_fte_year
    rows["services"] = services
    rows["demands"] = tuple(_own(rng, d, prices[d.service]) for d in demands)
    rows["providers"] = tuple(_site(rng, p, demands, services, year) for p in rows["providers"])
    rows["offers"], rows["tiers"] = offers, tiers


def _figure(rng: Random, low: float, high: float) -> float:
    """10 to a random power, to a random number of digits, at most six behind the point and never 0."""
    value = 10 ** rng.uniform(low, high)
    return float(max(1e-6, round(value, rng.choice((0, 2, 6, 6)))))


def _total(demands: Sequence[Demand], service: str) -> float:
    return sum(d.volume for d in demands if d.service == service)


def _prices(rng: Random, volume: float) -> tuple[float, float]:
    """Powers of ten between which the unit costs of a service lie."""
    low, high = COSTS[rng.choice(sorted(COSTS))]
    if rng.random() < 0.6:  # providers that compete
        low = rng.uniform(low, high)
        high = low + 0.5
    while 10**high * max(volume, 1.0) > MAX_MONEY:
        low, high = low - 1.0, high - 1.0
    return low, high


def _sum_of_some(rng: Random, amounts: Sequence[Decimal]) -> Decimal:
    """Sum of some of the amounts, met, missed or passed by a millionth."""
    some = [a for a in amounts if rng.random() < 0.6] or list(amounts[:1])
    return max(MICRO, sum(some, Decimal(0)) + rng.choice((0, 0, 0, -1, 1)) * MICRO)


def _offer(rng: Random, offer: Offer, demands: Sequence[Demand]) -> Offer:
    volumes = [Decimal(repr(d.volume)) for d in demands if d.service == offer.service]
    capacity = float(_sum_of_some(rng, volumes)) if volumes and rng.random() < 0.5 else None
    least = float(_sum_of_some(rng, volumes)) if volumes and rng.random() < 0.15 else 0.0
    base = offer.base_volume if capacity is None else 0.0
    fixed = _figure(rng, 0.0, 6.0) if rng.random() < 0.4 else 0.0
    return replace(offer, capacity=capacity, min_volume=least, base_volume=base, fixed_cost=fixed)


def _tiers(rng: Random, offer: Offer, demands: Sequence[Demand], prices: tuple[float, float]) -> list[Tier]:
    """Up to three tiers; the later ones start at a share of the volume, or at a sum of demands."""
    volumes = [Decimal(repr(d.volume)) for d in demands if d.service == offer.service] or [Decimal(1)]
    start, cost, out = 0.0, _figure(rng, *prices), list[Tier]()
    for _ in range(rng.choice((1, 1, 2, 3))):
        out.append(Tier(offer.provider, offer.service, start, cost))
        share = float(sum(volumes)) * rng.uniform(0.1, 0.6)
        step = share if rng.random() < 0.6 else float(_sum_of_some(rng, volumes))
        start, cost = round(start + max(step, 1e-6), 6), round(cost * rng.choice((0.5, 0.75, 0.9)), 6)
    return out


def _own(rng: Random, demand: Demand, prices: tuple[float, float]) -> Demand:
    if demand.own_unit_cost is None:
        return demand
    return replace(demand, own_unit_cost=_figure(rng, *prices), own_fixed_cost=rng.choice((0.0, _figure(rng, 0, 5))))


def _site(rng: Random, site: Provider, demands: Sequence[Demand], services: Sequence[Service], year: float) -> Provider:
    """A pool that some of the demands fill, rounded up or down to a millionth of a post."""
    minutes = {s.id: Decimal(repr(s.minutes_per_unit)) for s in services}
    efforts = [Decimal(repr(d.volume)) * minutes[d.service] / Decimal(repr(year)) for d in demands]
    some = sum((a for a in efforts if rng.random() < 0.6), Decimal(0))
    way = rng.choice((ROUND_CEILING, ROUND_FLOOR))
    pool = some.quantize(MICRO, rounding=way)
    capacity = None if site.capacity_fte is None else float(pool) + site.base_fte
    least = float(pool) if site.min_fte and rng.random() < 0.3 else 0.0
    fixed = _figure(rng, 0.0, 6.0) if site.site_fixed_cost else 0.0
    return replace(site, capacity_fte=capacity and round(capacity, 6), min_fte=least, site_fixed_cost=fixed)
