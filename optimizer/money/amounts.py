"""Rounding of money and prices. Everything is exact; money is whole cents, prices are fractions of the currency."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, Final

from optimizer.plan.cents import round_leaves

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FINEST", "amount_of", "cents_of", "half_up", "six", "spread", "spread_by", "to_step", "within"]

FINEST: Final = Fraction(1, 10**6)
"""The finest step of a price, and of a volume."""

_HALF: Final = Fraction(1, 2)


def half_up(value: Fraction) -> int:
    """The nearest whole number, halves upwards."""
    return floor(value + _HALF)


def cents_of(money: float) -> int:
    """Cents of an amount that a document states."""
    return round(money * 100)


def to_step(price: Fraction, step: Fraction) -> Fraction:
    """The nearest whole multiple of a step, halves upwards."""
    return half_up(price / step) * step


def six(value: Fraction) -> Fraction:
    """Half-even to six decimals, as documents state volumes."""
    return Fraction(round(value * 10**6), 10**6)


def amount_of(price: Fraction, volume: Fraction) -> int:
    """Price times volume in whole cents, halves upwards."""
    return half_up(price * volume * 100)


def within(price: Fraction, low: Fraction, high: Fraction, step: Fraction) -> Fraction:
    """The price itself between two ends; else the multiple of the step that lies nearest to it within them.

    Where no multiple lies within, the nearest one of ``FINEST``.
    """
    if low <= price <= high:
        return price
    if price > high:
        found = floor(high / step) * step
        return found if found >= low else floor(high / FINEST) * FINEST
    found = ceil(low / step) * step
    return found if found <= high else ceil(low / FINEST) * FINEST


def spread(exact: Sequence[Fraction]) -> list[int]:
    """Exact parts, in cents, as whole cents by largest remainder; they add up to their rounded sum."""
    total = sum(exact, Fraction(0))
    return round_leaves([(part.numerator, part.denominator) for part in exact], total / 100)


def spread_by(cents: int, weights: Sequence[Fraction]) -> list[int]:
    """Cents by weights, by largest remainder; in equal parts where all weights are 0."""
    whole = sum(weights, Fraction(0))
    if not whole:
        weights, whole = [Fraction(1)] * len(weights), Fraction(len(weights))
    return spread([cents * weight / whole for weight in weights])
