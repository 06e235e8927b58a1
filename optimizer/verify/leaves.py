"""Who bears what, to the cent.

Definition (``optimizer/model/README.md``, *allocation*): a leaf is one assignment's part of
one cost term. Leaves are rounded to cents by largest remainder to the rounded total of the term,
ties by (entity, service), what nobody bears last. Every other money figure is a sum of leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import floor, ulp
from typing import TYPE_CHECKING, Final

from optimizer.domain.names import COST_TERMS, ONE_OFF_TERMS, RUNNING_TERMS
from optimizer.verify.costs import TERMS
from optimizer.verify.exactly import exact_sum, remainder_of, scaled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from optimizer.verify.costs import Charge
    from optimizer.verify.facts import DemandFacts
    from optimizer.verify.tally import Tally

__all__ = [
    "Bearer",
    "Leaves",
    "apportion",
    "bearer",
    "empty_site",
    "exact_leaves",
    "fairly_rounded",
    "noise_of",
    "right_total",
    "rounded_cents",
    "spread",
]

Bearer = tuple[int, str, str]
"""(0, entity, service), or (1, provider, "") for an empty required site; sorts as ties are broken."""

_NOISE: Final = 1e-4
"""Cents that another correct computation may differ by, with room to spare."""

_MEASURED: Final = {"distance": 1e-12, "overlap": 1e-12}
"""Terms that rest on measured figures, and the share by which two right measurements may differ."""


def bearer(demand: DemandFacts) -> Bearer:
    """The bearer that stands for a demand."""
    return (0, *demand.key)


def empty_site(provider: str) -> Bearer:
    """The bearer that stands for an empty required site."""
    return (1, provider, "")


def rounded_cents(amount: Fraction) -> int:
    """Whole cents of an exact amount of cents, half up."""
    return floor(amount + Fraction(1, 2))


def noise_of(term: str, exact: Mapping[Bearer, Fraction]) -> float:
    """Cents by which another right computation of a term's leaves may differ."""
    share = _MEASURED.get(term)
    return _NOISE if share is None else _NOISE + share * float(exact_sum(exact.values()))


def right_total(exact: Mapping[Bearer, Fraction], stated: float, noise: float = _NOISE) -> bool:
    """Whether a stated number of cents is the rounded total, whichever way noise tips a half."""
    whole = round(stated)
    return abs(stated - whole) <= 1e-3 + ulp(stated) and float(abs(whole - exact_sum(exact.values()))) <= 0.5 + noise


def exact_leaves(tally: Tally, skip: frozenset[str] = frozenset()) -> dict[str, dict[Bearer, Fraction]]:
    """Unrounded leaves in cents by term; terms in ``skip`` are left empty."""
    return {name: {} if name in skip else spread(term(tally)) for name, term in zip(COST_TERMS, TERMS, strict=True)}


def spread(charges: Iterable[Charge], years: Fraction = Fraction(1)) -> dict[Bearer, Fraction]:
    """Unrounded leaves of charges in cents, for so many years; what falls on one bearer is added up."""
    out: dict[Bearer, Fraction] = {}
    for amount, bearers, weight, provider in charges:
        cents = scaled(amount, 100 * years.numerator, years.denominator)
        if len(bearers) <= 1:
            who = bearer(bearers[0]) if bearers else empty_site(provider)
            out[who] = out[who] + cents if who in out else cents
            continue
        parts = [d.volume if weight == "volume" else d.minutes for d in bearers]
        whole = sum(parts)
        for demand, part in zip(bearers, parts, strict=True):
            who, share = bearer(demand), scaled(cents, part, whole)
            out[who] = out[who] + share if who in out else share
    return out


def apportion(exact: Mapping[Bearer, Fraction], total: int | None = None) -> dict[Bearer, int]:
    """Round leaves to whole cents by largest remainder to ``total``, by default their rounded sum."""
    low, rest = dict[Bearer, int](), dict[Bearer, float]()
    for who, cents in exact.items():
        low[who], above = remainder_of(cents)
        rest[who] = round(above, 9)
    whole = rounded_cents(exact_sum(exact.values())) if total is None else total
    lacking = whole - sum(low.values())
    for who in sorted(exact, key=lambda w: (-rest[w], w))[: max(0, lacking)]:
        low[who] += 1
    return low


def fairly_rounded(exact: Mapping[Bearer, Fraction], stated: Mapping[Bearer, int], noise: float = _NOISE) -> bool:
    """Whether ``stated`` is a largest-remainder rounding of ``exact``, whichever way noise breaks ties.

    It is one when the total is right and no leaf was rounded up with a smaller remainder than a
    leaf that was rounded down: the rounding errors then lie within one cent of each other.
    """
    if stated.keys() != exact.keys():
        return False
    if not right_total(exact, sum(stated.values()), noise):
        return False
    errors = [(stated[who] * c.denominator - c.numerator) / c.denominator for who, c in exact.items()]
    return not errors or max(errors) - min(errors) <= 1.0 + noise


@dataclass(frozen=True)
class Leaves:
    """Leaves of one plan in whole cents, by term and bearer."""

    cents: dict[str, dict[Bearer, int]]

    def term(self, name: str) -> int:
        """Total of a term, what nobody bears included."""
        return sum(self.cents[name].values())

    def terms(self) -> dict[str, int]:
        """All terms, then ``total`` and ``running``."""
        out = {name: self.term(name) for name in COST_TERMS}
        total = sum(out.values())
        return {**out, "total": total, "running": total - sum(out[k] for k in ONE_OFF_TERMS)}

    def of(self, who: Bearer) -> dict[str, int]:
        """One bearer's part of every term."""
        return {name: self.cents[name].get(who, 0) for name in COST_TERMS}

    @cached_property
    def _running(self) -> dict[Bearer, int]:
        out: dict[Bearer, int] = {}
        for name in RUNNING_TERMS:
            for who, cents in self.cents[name].items():
                out[who] = out.get(who, 0) + cents
        return out

    def running(self, who: Bearer) -> int:
        """One bearer's running cost."""
        return self._running.get(who, 0)
