"""The backup that a critical demand has after a single move: its own where that still suits, else another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Ints
    from optimizer.model.moves.single_moves import Moves

__all__ = ["needs_backup", "new_backups"]


def needs_backup(x: Moves) -> Bools:
    """Moves after which the demand must name a backup: critical, and not on own capacity."""
    return np.asarray(x.problem.critical[x.demand] & x.join.real, np.bool_)


def new_backups(x: Moves) -> Ints:
    """Backup named after each move, −1 where none is needed or none suits; shape (n_moves,).

    The one named before where it suits, else the first by provider index that does.
    """
    out = np.full(len(x.pair), -1, np.int64)
    named = x.counts.tally.backup[x.demand]
    move = np.flatnonzero(needs_backup(x) & (named >= 0))
    kept = move[_suits(x, move, named[move])]
    out[kept] = named[kept]
    open_moves = np.flatnonzero(needs_backup(x) & (out < 0))
    move, other = _candidates(x, open_moves)
    good = np.flatnonzero(_suits(x, move, other))
    first = good[np.unique(move[good], return_index=True)[1]]
    out[move[first]] = other[first]
    return out


def _candidates(x: Moves, moves: Ints) -> tuple[Ints, Ints]:
    """(move, provider) for every provider eligible for the demand of each move, own capacity left out."""
    problem, demand = x.problem, x.demand[moves]
    first = problem.pairs.start[demand]
    size = problem.pairs.start[demand + 1] - first
    member = np.repeat(np.arange(len(moves)), size)
    step = np.arange(len(member)) - np.repeat(np.cumsum(size) - size, size)
    other = problem.pairs.provider[first[member] + step]
    inside = other < problem.n_providers
    return moves[member[inside]], other[inside]


def _suits(x: Moves, move: Ints, other: Ints) -> Bools:
    """Whether ``other`` is abroad, runs the service after the move and has room for all that falls to it."""
    problem, counts, sites, exact = x.problem, x.counts, x.problem.sites, x.problem.exact
    new, old, demand = x.join.provider[move], x.old[move], x.demand[move]
    line = problem.lines.index[other, problem.demand_service[demand]]
    leaves = other == old
    runs = (line >= 0) & (counts.line[line] - leaves > 0)
    abroad = (other != new) & (sites.country[other] != sites.country[new])
    take, work = x.take[move], x.work[move]
    volume = counts.volume[line] + counts.fallback.lines.of(new, line) + np.where(leaves, take * 0, take)
    minutes = counts.minutes[other] + counts.fallback.sites.of(new, other) + np.where(leaves, work * 0, work)
    room = (volume <= exact.line.most[line]) & (minutes <= exact.site.most[other])
    return np.asarray(runs & abroad & room, np.bool_)
