"""Whether every rule still holds after a single move, for a plan that keeps them all.

One function per rule, named as in ``RULES``; each gives True where the rule holds, or ``None`` when
it is off. ``assign_once``, ``open_line``, ``open_site`` and ``lock`` need none: moves go to eligible
providers, and locked demands do not move. Resources are compared in whole numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from optimizer.domain.names import ZONES
from optimizer.model.moves.new_backups import needs_backup, new_backups

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.aliases import Bools, Ints
    from optimizer.model.moves.single_moves import Moves, Side
    from optimizer.model.resources import Wholes

__all__ = ["MOVE_RULES", "allowed"]


def line_capacity(x: Moves) -> Bools | None:
    """The line joined takes the volume, the worst that may fall to it included."""
    return _takes(x, x.join.load + x.take, x.join.line, "lines")


def site_capacity(x: Moves) -> Bools | None:
    """The site joined takes the work, the worst that may fall to it included."""
    return _takes(x, x.join.work + x.work, x.join.provider, "sites")


def _takes(x: Moves, load: Wholes, where: Ints, kind: Literal["lines", "sites"]) -> Bools:
    """Whether loads fit with the worst that may fall there, which no longer comes from the demand itself."""
    exact, falls = x.problem.exact, x.counts.fallback
    most, fall, mine = (
        (exact.line.most, falls.lines, x.take) if kind == "lines" else (exact.site.most, falls.sites, x.work)
    )
    backed = x.problem.critical[x.demand] & x.leave.real & (x.counts.tally.backup[x.demand] == x.join.provider)
    worst = fall.worst_without(x.leave.provider, where, np.where(backed, mine, mine * 0))
    return np.asarray(~x.join.real | (load + worst <= most[where]), np.bool_)


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
    exact = x.problem.exact.agency
    if exact is None:
        return None
    agency = ~x.problem.sites.is_secretariat
    given = x.counts.minutes[agency].sum()
    more = x.join.real & agency[x.join.provider] & ~(x.leave.real & agency[x.leave.provider])
    return np.asarray(~more | (given + x.work <= exact.most[0]), np.bool_)


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
    exact = x.problem.exact
    line = empty_line | (side.load + sign * x.take >= exact.line.least[side.line])
    site = empty_site | (side.work + sign * x.work >= exact.site.least[side.provider])
    return np.asarray(~side.real | (line & site), np.bool_)


def backup(x: Moves) -> Bools | None:
    """The demand has a backup that suits its new provider and can carry it; nobody relies on a line that ends."""
    if not x.problem.scalars.backup:
        return None
    falls = x.counts.fallback
    ends = x.leave.real & (x.leave.on_line == 1) & (falls.relying[x.leave.line] > 0)
    return np.asarray(~ends & (~needs_backup(x) | (new_backups(x) >= 0)), np.bool_)


def max_moves(x: Moves) -> Bools | None:
    """Number of moves, where it grows."""
    most, is_move = x.problem.scalars.max_moves, x.problem.pairs.is_move
    if most is None:
        return None
    more = is_move[x.pair].astype(np.int64) - is_move[x.chosen]
    return np.asarray(int(x.counts.tally.moves.sum()) + more <= most, np.bool_)


def one_off_budget(x: Moves) -> Bools | None:
    """One-off cost of moves and set-ups."""
    exact, counts = x.problem.exact.budget, x.counts
    if exact is None:
        return None
    pair = counts.tally.pair
    spent = exact.amount[pair[pair >= 0]].sum() + exact.extra[counts.site > 0].sum()
    setup = exact.extra[x.join.provider] * x.opens - exact.extra[x.leave.provider] * x.closes
    return np.asarray(spent + exact.amount[x.pair] - exact.amount[x.chosen] + setup <= exact.most[0], np.bool_)


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
