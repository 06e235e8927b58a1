"""Single moves of stretches that save are made before a plan over time leaves, until none is left.

No runner-up of a plan that leaves then costs less than what was chosen; ``polish`` does the same in a steady case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.time.moves.made import made
from optimizer.model.time.moves.scan import priced_stretches
from optimizer.solvers.accept.polish import CENT, SHOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from optimizer.model.time.joint import JointProblem
    from optimizer.model.time.moves.ends import StretchMoves
    from optimizer.model.time.program import Path

__all__ = ["polish_over_time"]


def polish_over_time(
    joint: JointProblem, path: Path, cost: float, priced: Callable[[Path], float | None], stopped: Callable[[], bool]
) -> Path:
    """Make single moves that save at least half a cent, the largest first, until there are none.

    Parameters
    ----------
    joint : JointProblem
    path : Path
        Keeps every rule.
    cost : float
        Its objective.
    priced : callable
        The objective of a path by other code, ``None`` where that breaks a rule; such a path never leaves.
    stopped : callable
        Polled before each look at all moves; once true the path is left as it then is.

    Returns
    -------
    Path
        Keeps every rule and costs no more; ``path`` itself when no move saves.
    """
    while not stopped():
        moves = _saving(joint, path)
        while len(moves.source):  # together they may break what each one keeps: then half of them are tried
            trial = made(moves)
            less = priced(trial)
            if less is not None and less < cost:
                path, cost = trial, less
                break
            moves = moves.some(np.arange(len(moves.source) // 2))
        else:
            break
    return path


def _saving(joint: JointProblem, path: Path) -> StretchMoves:
    """Moves that save, the largest saving first, and have nothing to do with one another."""
    found = priced_stretches(joint, path)
    good = np.flatnonzero(found.extra <= SHOWN)
    order = np.lexsort((found.moves.source[good], found.moves.number[good], np.round(found.extra[good] / CENT)))
    moves = found.moves.some(good[order])
    taken: set[Hashable] = set()
    out = []
    for i, (d, here, there) in enumerate(zip(moves.demand, moves.here, moves.source, strict=True)):
        touched: set[Hashable] = {("entity", joint.keys[int(d)][0]), int(here), int(there)} - {joint.n_providers}
        if taken.isdisjoint(touched):
            taken |= touched
            out.append(i)
    return moves.some(np.array(out, np.int64))
