"""The runner-up of each stretch: the cheapest other source for it, its dates and all other decisions kept.

Every rule is kept, nothing else is re-optimised; only the demand's own backups may change. The extra cost is the
change of the discounted objective. ``optimizer.model.time.moves`` says what moves there are and what they cost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.time.moves.scan import priced_stretches

if TYPE_CHECKING:
    from optimizer.model.time.joint import JointProblem
    from optimizer.model.time.moves.scan import PricedStretches
    from optimizer.model.time.program import Path
    from optimizer.plan.alternatives import RunnerUp

__all__ = ["runner_ups_over_time"]


def runner_ups_over_time(joint: JointProblem, path: Path, scan: PricedStretches | None = None) -> dict[int, RunnerUp]:
    """Cheapest allowed other source by number of the stretch, ties (to the cent) by source; none where there is none.

    Parameters
    ----------
    joint : JointProblem
    path : Path
        Keeps every rule.
    scan : PricedStretches, optional
        All its single moves, where they are priced already.

    Returns
    -------
    dict of int to (source, money)
        Stretches counted from 0 as in ``stretches_of``; money worth at the start of the horizon.
    """
    found = scan or priced_stretches(joint, path)
    moves, cents = found.moves, np.round(found.extra, 2)
    order = np.lexsort((moves.source, cents, moves.number))
    best = order[np.unique(moves.number[order], return_index=True)[1]]
    number = moves.stretches.number[moves.number[best]]
    return {
        n: (p, extra)
        for n, p, extra in zip(number.tolist(), moves.source[best].tolist(), found.extra[best].tolist(), strict=True)
    }
