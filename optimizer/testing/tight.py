"""Small cases whose limits some set of demands meets exactly, or misses or passes by a last digit.

Volumes run from thousandths to thousands of millions in one case, minutes have six decimals too, and a year may be
one minute, so that site pools are compared far below a millionth of a minute.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from random import Random
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.policy import Transition
from optimizer.domain.types import CurrentRow, Demand, Offer, Provider, Tier
from optimizer.testing.hand import BANGKOK, NEW_YORK, VIENNA, case, entity, provider, service
from optimizer.testing.magnitudes import MICRO

if TYPE_CHECKING:
    from optimizer.domain.case import Case

__all__ = ["tight_case"]

Key = tuple[str, str]
LARGEST: Final = 999_999_999.0
"""What a reader lets through has nine digits before the point."""
PLACES: Final = (VIENNA, NEW_YORK, BANGKOK)
ZONES: Final = ("Europe/Vienna", "America/New_York", "Asia/Bangkok")


def tight_case(seed: int | str) -> Case:
    """The case of a seed: two to five demands, two or three providers, no critical services."""
    rng = Random(f"tight {seed}")
    low, high = rng.choice(((-3, 9), (-3, 9), (0, 3), (5, 9)))
    year = rng.choice((1.0, 60.0, 96_000.0, 96_000.0))
    minutes = {s: _figure(rng, -2, 2) for s in ("a", "b")[: rng.choice((1, 1, 2))]}
    names = [f"E{i}" for i in range(rng.choice((2, 3, 4, 5)) // len(minutes) + 1)]
    demands = [Demand(e, s, _figure(rng, low, high)) for e in names for s in minutes]
    volume = {d.key: Decimal(repr(d.volume)) for d in demands}
    work = {d.key: volume[d.key] * Decimal(repr(minutes[d.service])) for d in demands}
    ids = ["P1", "P2", "P3"][: rng.choice((2, 3))]
    offers = [_offer(rng, p, s, [volume[d.key] for d in demands if d.service == s]) for p in ids for s in minutes]
    price = 3.0 - max(0.0, float(max(volume.values()).log10()))
    tiers = [Tier(o.provider, o.service, 0.0, _figure(rng, price - 1, price + 1)) for o in offers]
    sites = [_site(rng, p, i, list(work.values()), Decimal(repr(year))) for i, p in enumerate(ids)]
    current = [CurrentRow(*d.key, rng.choice(ids)) for d in demands if rng.random() < 0.5]
    return case(
        [entity(e) for e in names],
        [service(s, m) for s, m in minutes.items()],
        demands,
        sites,
        offers,
        tiers,
        current,
        minutes_per_fte_year=year,
        **_totals(rng, work, {(c.entity, c.service) for c in current}, Decimal(repr(year))),
    )


def _figure(rng: Random, low: float, high: float) -> float:
    """10 to a random power, to few digits or to six decimals; never 0."""
    return float(min(LARGEST, max(1e-6, round(10 ** rng.uniform(low, high), rng.choice((0, 3, 6, 6))))))


def _met(rng: Random, amounts: list[Decimal], unit: Decimal = Decimal(1), near: int = 1) -> float:
    """Sum of some amounts in ``unit``, to six decimals up or down, and at times a last digit off."""
    some = sum((a for a in amounts if rng.random() < 0.6), Decimal(0)) or amounts[0]
    whole = (some / unit).quantize(MICRO, rounding=rng.choice((ROUND_CEILING, ROUND_FLOOR)))
    return min(LARGEST, float(max(MICRO, whole + rng.choice((0, 0, -near, near)) * MICRO)))


def _offer(rng: Random, p: str, s: str, amounts: list[Decimal]) -> Offer:
    capacity = _met(rng, amounts) if amounts and rng.random() < 0.5 else None
    least = _met(rng, amounts) if amounts and rng.random() < 0.2 else 0.0
    return Offer(p, s, capacity=capacity, min_volume=least, fixed_cost=rng.choice((0.0, 100.0)))


def _site(rng: Random, p: str, i: int, work: list[Decimal], year: Decimal) -> Provider:
    status = rng.choice(("open", "open", "candidate"))
    kind = rng.choice(("secretariat", "secretariat", "agency"))
    pool = _met(rng, work, year) if rng.random() < 0.5 else None
    least = _met(rng, work, year) if status == "candidate" and rng.random() < 0.5 else 0.0
    more: dict[str, Any] = {
        "capacity_fte": pool,
        "min_fte": least,
        "setup_cost": 50.0 if status == "candidate" else 0.0,
    }
    return provider(p, PLACES[i], ZONES[i], status=status, kind=kind, **more)


def _totals(
    rng: Random, work: dict[tuple[str, str], Decimal], moved: set[tuple[str, str]], year: Decimal
) -> dict[str, Any]:
    """Rules on totals, met by some set of demands as well."""
    out: dict[str, Any] = {"agency_min_saving": 0.0, "keep_current": False}
    if rng.random() < 0.3:
        out["agency_share_max"] = min(1.0, _met(rng, list(work.values()), sum(work.values(), Decimal(0))))
    if moved and rng.random() < 0.4:
        out["transition"] = Transition(training=rng.choice((1.0, 0.123457)), contingency_rate=rng.choice((0.0, 0.1)))
        each = Decimal(repr(out["transition"].training)) * (1 + Decimal(repr(out["transition"].contingency_rate)))
        out["one_off_budget"] = _met(rng, [work[k] * each / year for k in moved])
    return out
