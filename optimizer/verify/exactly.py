"""Sums and parts of many exact amounts, with the arithmetic of whole numbers where fractions share a denominator.

``Fraction`` finds a greatest common divisor at every addition; amounts of one term have few denominators, so that
whole numbers are added for each, and fractions only once for each denominator. Results are the same, digit by digit.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["exact_sum", "remainder_of", "scaled"]


def exact_sum(amounts: Iterable[Fraction]) -> Fraction:
    """Sum of exact amounts; 0 of none."""
    whole: dict[int, int] = {}
    for amount in amounts:
        below = amount.denominator
        whole[below] = whole.get(below, 0) + amount.numerator
    return sum((Fraction(above, below) for below, above in whole.items()), Fraction(0))


def scaled(amount: Fraction, part: int, whole: int) -> Fraction:
    """``amount`` · ``part`` / ``whole``, brought to lowest terms once."""
    return Fraction(amount.numerator * part, amount.denominator * whole)


def remainder_of(amount: Fraction) -> tuple[int, float]:
    """The whole number at or below an amount, and what is above it: from 0 to below 1, to the nearest float."""
    low, rest = divmod(amount.numerator, amount.denominator)
    return low, rest / amount.denominator
