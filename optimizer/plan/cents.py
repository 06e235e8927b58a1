"""Rounding money to cents so that the parts add up to the totals shown. All of it is exact."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from optimizer.model.costs.base import Charge

__all__ = ["Leaf", "leaves_of", "round_leaves", "to_cents"]

Leaf = tuple[int, int]
"""An exact amount of cents as numerator and denominator, not in lowest terms."""

_HALF = Fraction(1, 2)
_NEAR = 10**9
"""Remainders are compared in thousand-millionths of a cent, so that equal shares of measured amounts tie."""


def to_cents(amount: Fraction) -> int:
    """Money rounded half up to whole cents."""
    return (amount * 100 + _HALF).__floor__()


def leaves_of(charges: Iterable[Charge], n: int) -> list[Leaf]:
    """Each demand's part of the charges, in cents; a charge that nobody bears is a leaf of its own at the end.

    Parameters
    ----------
    charges : iterable of Charge
        No demand bears more than one of them.
    n : int
        Number of demands.
    """
    out: list[Leaf] = [(0, 1)] * n
    for amount, members, weights in charges:
        cents, below = amount.numerator * 100, amount.denominator
        if not members:
            out.append((cents, below))
            continue
        below *= sum(weights)
        for d, weight in zip(members, weights, strict=True):
            out[d] = (cents * weight, below)
    return out


def round_leaves(leaves: Sequence[Leaf], total: Fraction) -> list[int]:
    """Round leaves to cents by largest remainder, so that they sum to the rounded total.

    Parameters
    ----------
    leaves : sequence of Leaf
        Exact amounts of cents, in the order that settles ties (by id).
    total : Fraction
        Exact sum of the leaves, money; its rounding is what the leaves must sum to.

    Returns
    -------
    list of int
        Cents.
    """
    out = [top // below for top, below in leaves]
    missing = to_cents(total) - sum(out)
    if missing > 0:
        rest = [-((top % below) * _NEAR // below) for top, below in leaves]
        for at in sorted(range(len(leaves)), key=rest.__getitem__)[:missing]:
            out[at] += 1
    return out
