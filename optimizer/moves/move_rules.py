"""Whether every rule still holds after a single move, for a plan that keeps them all.

One function per rule, named as in ``RULES``; each gives True where the rule holds, or ``None`` when
it is off. ``assign_once``, ``open_line``, ``open_site`` and ``lock`` need none: moves go to eligible
providers, and locked demands do not move.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.names import ZONES

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.arrays.problem import Bools, Floats
    from optimizer.moves.single_moves import Moves, Side

__all__ = ["MOVE_RULES", "allowed"]

_NOISE: Final = 1e-11
"""Relative noise of sums of floats; the exact check works on integers."""


def _fits(amount: Floats, limit: Floats | float) -> Bools:
    return np.asarray(amount <= limit + _NOISE * np.maximum(1.0, np.abs(amount)), np.bool_)


def _fits_units(volume: Floats, limit: Floats) -> Bools:
    """The same for volumes, which are whole millionths: noise is far below half of one."""
    return np.asarray(np.rint(volume * 1e6) <= np.rint(limit * 1e6), np.bool_)


def line_capacity(x: Moves) -> Bools | None:
    """The line joined takes the volume, the worst that may fall to it included."""
    line, fall = x.join.line, x.counts.fallback.lines.worst
    load = x.join.volume + x.volume + fall[line]
    return ~x.join.real | _fits_units(load, x.problem.lines.capacity[line])


def site_capacity(x: Moves) -> Bools | None:
    """The site joined takes the work, the worst that may fall to it included."""
    p, fall = x.join.provider, x.counts.fallback.sites.worst
    load = x.join.minutes + x.minutes + fall[p]
    return ~x.join.real | _fits(load, x.problem.sites.capacity_minutes[p])


def max_providers_per_entity(x: Moves) -> Bools | None:
    """Providers of the entity within their number."""
    most = x.problem.scalars.max_providers_per_entity
    if most is None:
        return None
    number = x.counts.tally.relations.sum(axis=1)[x.problem.demand_entity[x.demand]]
    return np.asarray(number + x.providers_more <= most, np.bool_)


def bundle_together(x: Moves) -> Bools | None:
    """The bundle still has one source."""
    if not x.problem.scalars.bundle_together:
        return None
    return x.sources_more <= 0


def agency_share(x: Moves) -> Bools | None:
    """Work given to agencies within its share, where a move gives them more."""
    share = x.problem.scalars.agency_share_max
    if share is None:
        return None
    agency = ~x.problem.sites.is_secretariat
    given = x.counts.tally.site_minutes[agency].sum()
    more = x.join.real & agency[x.join.provider] & ~(x.leave.real & agency[x.leave.provider])
    return ~more | _fits(given + x.minutes, share * float(x.problem.minutes.sum()))


def site_count(x: Moves) -> Bools | None:
    """Open Secretariat sites within limits, and one in each zone."""
    rules, sites, opened = x.problem.scalars, x.problem.sites, x.counts.opened
    opens = x.opens & sites.is_secretariat[x.join.provider] & ~sites.is_required[x.join.provider]
    closes = x.closes & sites.is_secretariat[x.leave.provider] & ~sites.is_required[x.leave.provider]
    number = int(opened.sum()) + opens.astype(np.int64) - closes
    holds = np.ones(len(number), np.bool_)
    if rules.site_min is not None:
        holds &= number >= rules.site_min
    if rules.site_max is not None:
        holds &= number <= rules.site_max
    for zone in range(len(ZONES)) if rules.zones else ():
        here = sites.zone == zone
        more = (opens & here[x.join.provider]).astype(np.int64) - (closes & here[x.leave.provider])
        holds &= int((opened & here).sum()) + more > 0
    return holds


def minimum_volume(x: Moves) -> Bools | None:
    """Lines and candidate sites on both sides carry nothing or at least their minimum."""
    return _reaches(x, x.join, 1) & _reaches(x, x.leave, -1)


def _reaches(x: Moves, side: Side, sign: int) -> Bools:
    """Whether a side still reaches its minima when the demand comes (sign 1) or goes (−1)."""
    empty_line, empty_site = side.on_line + sign == 0, side.on_site + sign == 0
    line = empty_line | _fits_units(x.problem.lines.min_volume[side.line], side.volume + sign * x.volume)
    site = empty_site | _fits(x.problem.sites.min_minutes[side.provider], side.minutes + sign * x.minutes)
    return np.asarray(~side.real | (line & site), np.bool_)


def backup(x: Moves) -> Bools | None:
    """The demand's backup suits its new provider and can carry it; nobody relies on a line that ends."""
    if not x.problem.scalars.backup:
        return None
    falls = x.counts.fallback
    ends = x.leave.real & (x.leave.on_line == 1) & (falls.relying[x.leave.line] > 0)
    free = ~x.problem.critical[x.demand] | ~x.join.real
    return np.asarray(~ends & (free | _carried(x)), np.bool_)


def _carried(x: Moves) -> Bools:
    """The backup named is another provider, abroad, with room for all that falls from the new provider."""
    problem, tally, falls, new = x.problem, x.counts.tally, x.counts.fallback, x.join.provider
    named = tally.backup[x.demand]
    second = np.maximum(named, 0)
    line = problem.lines.index[second, problem.demand_service[x.demand]]
    suits = (named >= 0) & (second != new) & (problem.sites.country[second] != problem.sites.country[new])
    volume = tally.line_volume[line] + falls.lines.of(new, line) + x.volume
    minutes = tally.site_minutes[second] + falls.sites.of(new, second) + x.minutes
    room = _fits_units(volume, problem.lines.capacity[line]) & _fits(minutes, problem.sites.capacity_minutes[second])
    return np.asarray(suits & room, np.bool_)


def max_moves(x: Moves) -> Bools | None:
    """Number of moves, where it grows."""
    most, is_move = x.problem.scalars.max_moves, x.problem.pairs.is_move
    if most is None:
        return None
    more = is_move[x.pair].astype(np.int64) - is_move[x.chosen]
    return np.asarray(int(x.counts.tally.moves.sum()) + more <= most, np.bool_)


def one_off_budget(x: Moves) -> Bools | None:
    """One-off cost of moves and set-ups."""
    budget, once, sites = x.problem.scalars.one_off_budget, x.problem.pairs.one_off, x.problem.sites
    if budget is None:
        return None
    pair = x.counts.tally.pair
    spent = once[pair[pair >= 0]].sum() + sites.setup_one_off[x.counts.site > 0].sum()
    setup = sites.setup_one_off[x.join.provider] * x.opens - sites.setup_one_off[x.leave.provider] * x.closes
    return _fits(spent + once[x.pair] - once[x.chosen] + setup, budget)


MOVE_RULES: Final[tuple[Callable[[Moves], Bools | None], ...]] = (
    line_capacity,
    site_capacity,
    max_providers_per_entity,
    bundle_together,
    agency_share,
    site_count,
    minimum_volume,
    backup,
    max_moves,
    one_off_budget,
)
"""Rules that a move can break, in the order of ``RULES``."""


def allowed(x: Moves) -> Bools:
    """Whether every rule holds after each move; shape (n_moves,)."""
    holds = np.ones(len(x.pair), np.bool_)
    for rule in MOVE_RULES:
        verdict = rule(x)
        if verdict is not None:
            holds &= verdict
    return holds
