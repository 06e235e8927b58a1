"""The path after some moves, with the backups that they bring."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.moves.new_backups import new_backups
from optimizer.model.moves.single_moves import Counts, Moves
from optimizer.model.parts import Choice
from optimizer.model.time.moves.within import arriving
from optimizer.model.time.program import Path

if TYPE_CHECKING:
    from optimizer.model.aliases import Ints
    from optimizer.model.time.moves.ends import StretchMoves
    from optimizer.model.time.moves.walk import Walk

__all__ = ["made"]


def made(moves: StretchMoves) -> Path:
    """All the moves at once, of different demands; each keeps every rule by itself, not always all together."""
    walk = moves.walk
    provider, backup = walk.path.provider.copy(), walk.path.backup.copy()
    for t in np.flatnonzero(moves.covers.any(axis=0)).tolist():
        there = moves.covers[:, t]
        demand, source = moves.demand[there], moves.source[there]
        provider[t, demand], backup[t, demand] = source, _backups(walk, t, demand, source)
    return Path(provider, backup)


def _backups(walk: Walk, t: int, demand: Ints, source: Ints) -> Ints:
    """Backup of each demand in one period when it alone goes to the source, −1 where none is needed."""
    stage = walk.joint.stages[t]
    here, backup = walk.path.provider[t, stage.demand], walk.path.backup[t, stage.demand]
    counts = Counts.of(stage.problem, Choice(here, backup))
    own = walk.joint.local[t, demand]
    pair = np.asarray(stage.problem.pair_index(own, source), np.int64)
    moves = Moves(counts, pair, counts.tally.pair[own], own, here[own], source)
    return new_backups(replace(moves, counts=arriving(stage, counts)))
