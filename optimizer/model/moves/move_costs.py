"""Change of the total, money a year, by single moves: one function per part, all in ``PARTS``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.tally import dispersion_loss

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.moves.single_moves import Moves, Side
    from optimizer.model.parts import Lines

__all__ = ["PARTS", "extra_cost", "line_cost_at"]


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


def pair(x: Moves) -> Floats:
    """Own, distance, overlap, language and transition cost of the pair."""
    linear = x.problem.pairs.linear
    return linear[x.pair] - linear[x.chosen]


def service(x: Moves) -> Floats:
    """Cost of the line joined and of the line left."""
    return _line(x, x.join, 1) + _line(x, x.leave, -1)


def _line(x: Moves, side: Side, sign: int) -> Floats:
    """Change of a line's cost when the demand comes (sign 1) or goes (−1); an empty line costs nothing."""
    before, after = (line_cost_at(x.problem.lines, side.line, side.volume + step * x.volume) for step in (0, sign))
    more = np.where(side.on_line + sign > 0, after, 0.0) - np.where(side.on_line > 0, before, 0.0)
    return np.where(side.real, more, 0.0)


def site(x: Moves) -> Floats:
    """Fixed cost (required sites pay it anyway) and set-up of sites opened and closed."""
    sites = x.problem.sites
    cost = np.where(sites.is_required, 0.0, sites.fixed_cost) + sites.setup
    return np.where(x.opens, cost[x.join.provider], 0.0) - np.where(x.closes, cost[x.leave.provider], 0.0)


def interface(x: Moves) -> Floats:
    """Providers that the entity deals with."""
    return x.providers_more * np.float64(x.problem.scalars.interface_cost)


def handover(x: Moves) -> Floats:
    """Sources of the bundle."""
    return x.sources_more * np.float64(x.problem.scalars.handover_cost)


def dispersion(x: Moves) -> Floats:
    """Providers that run the service."""
    which = x.problem.demand_service[x.demand]
    before, table = x.counts.tally.service_providers[which], x.problem.scalars.dispersion_loss
    more = dispersion_loss(table, before + x.running_more) - dispersion_loss(table, before)
    return np.asarray(more * x.problem.reference[which], np.float64)


PARTS: Final[tuple[Callable[[Moves], Floats], ...]] = (pair, service, site, interface, handover, dispersion)
"""All that a move can change."""


def extra_cost(x: Moves) -> Floats:
    """Change of the total by each move, money a year; shape (n_moves,)."""
    return np.asarray(np.sum([part(x) for part in PARTS], axis=0), np.float64)
