"""Cost of lines at given volumes, exact and as floats."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from optimizer.domain.types import MICRO, exact, micro

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.parts import Lines


def line_amount(case: Case, key: tuple[str, str], volume: int) -> Fraction:
    """Service cost a year of a line with so many millionths of a unit of this case, fee included."""
    offer, tiers = case.offer[key], case.line_prices[key]
    low = micro(offer.base_volume)
    high, variable = low + volume, Fraction(0)
    for k, (start, cost) in enumerate(tiers):
        end = tiers[k + 1][0] if k + 1 < len(tiers) else high
        variable += max(0, min(high, end) - max(low, start)) * cost
    return (exact(offer.fixed_cost) + variable / MICRO) * (1 + exact(offer.fee_rate))


def line_cost_at(lines: Lines, line: Ints, volume: Floats) -> Floats:
    """Service cost of given lines at given volumes, fixed cost included (also at volume 0).

    Parameters
    ----------
    lines : Lines
    line : ndarray of shape (n,)
    volume : ndarray of shape (n,)
        This case's volume.

    Returns
    -------
    ndarray of shape (n,)
        Money a year.
    """
    first, stop = lines.tier_start[line], lines.tier_start[line + 1]
    upper = np.append(lines.tier_from[1:], np.inf)
    upper[lines.tier_start[1:] - 1] = np.inf
    cost = lines.fixed_cost[line].astype(np.float64)
    for k in range(int((stop - first).max(initial=0))):
        tier = np.minimum(first + k, stop - 1)
        units = np.maximum(np.minimum(volume, upper[tier]) - lines.tier_from[tier], 0.0)
        cost += np.where(first + k < stop, units * lines.tier_cost[tier], 0.0)
    return cost
