"""Single moves of stretches that save are made before a plan over time leaves, until none is left.

No runner-up of a plan that leaves then costs less than what was chosen; ``polish`` does the same in a steady case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from optimizer.model.time.moves.made import made
from optimizer.model.time.moves.scan import priced_stretches
from optimizer.solvers.accept.polish import CENT, MOST_PAIRS, SHOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from optimizer.model.time.joint import JointProblem
    from optimizer.model.time.moves.ends import StretchMoves
    from optimizer.model.time.moves.scan import PricedStretches
    from optimizer.model.time.program import Path

__all__ = ["Polished", "polish_over_time"]

Move = tuple[int, int]
"""A demand and the source that it goes to."""

MOST_REFUSED: Final = 20
"""Single moves that the judge may refuse before no more are tried."""


class Polished(NamedTuple):
    """A path without a single move that saves; ``scan``: all its moves as they were last priced, where they were."""

    path: Path
    scan: PricedStretches | None = None


def polish_over_time(
    joint: JointProblem, path: Path, cost: float, priced: Callable[[Path], float | None], stopped: Callable[[], bool]
) -> Polished:
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
    Polished
        Its path keeps every rule and costs no more; ``path`` itself when no move saves, or the case is too large.
    """
    scan: PricedStretches | None = None
    refused: set[Move] = set()
    if max(stage.problem.n_pairs for stage in joint.stages) > MOST_PAIRS:
        return Polished(path)
    while not stopped() and len(refused) < MOST_REFUSED:
        scan = scan or priced_stretches(joint, path)
        moves = _saving(scan, refused)
        if not len(moves.source):
            break
        found = _made(moves, cost, priced)
        if found is None:  # the judge sees more than the scan: others may save all the same
            refused.add((int(moves.demand[0]), int(moves.source[0])))
        else:
            (path, cost), scan = found, None
    return Polished(path, scan)


def _made(moves: StretchMoves, cost: float, priced: Callable[[Path], float | None]) -> tuple[Path, float] | None:
    """The path after as many of the moves, the first ones, as the judge takes; ``None``: not even one."""
    while len(moves.source):  # together they may break what each one keeps: then half of them are tried
        trial = made(moves)
        less = priced(trial)
        if less is not None and less < cost:
            return trial, less
        moves = moves.some(np.arange(len(moves.source) // 2))
    return None


def _saving(found: PricedStretches, refused: set[Move]) -> StretchMoves:
    """Moves that save and are not refused, the largest saving first, that have nothing to do with one another."""
    joint = found.moves.walk.joint
    good = np.flatnonzero(found.extra <= SHOWN)
    order = np.lexsort((found.moves.source[good], found.moves.number[good], np.round(found.extra[good] / CENT)))
    moves = found.moves.some(good[order])
    taken: set[Hashable] = set()
    out = []
    for i, (d, here, there) in enumerate(zip(moves.demand, moves.here, moves.source, strict=True)):
        if (int(d), int(there)) in refused:
            continue
        touched: set[Hashable] = {("entity", joint.keys[int(d)][0]), int(here), int(there)} - {joint.n_providers}
        if taken.isdisjoint(touched):
            taken |= touched
            out.append(i)
    return moves.some(np.array(out, np.int64))
