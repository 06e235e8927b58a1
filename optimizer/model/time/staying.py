"""A path made by hand: everyone stays; who is locked goes there, whoever else must leave or begins to the cheapest.

It looks at each demand by itself, so it may break rules about several; where it keeps them it is a plan to start from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.time.program import Path

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.time.joint import JointProblem, Stage

__all__ = ["carried_path", "staying_path"]


def staying_path(joint: JointProblem) -> Path | None:
    """The path, without backups; ``None`` when some demand has no source that it may go to."""
    shape = joint.n_periods, joint.n_demands
    return carried_path(joint, Path(*(np.full(shape, -1, np.int64) for _ in range(2))))


def carried_path(joint: JointProblem, path: Path) -> Path | None:
    """A path made for other dates, carried over to those of the case: where it says nothing, or a source that may not
    serve, the demand stays with the last one it had, or begins with the next one that it has in the path.

    Its backups are kept where the source is; ``None`` as for ``staying_path``.
    """
    provider = np.full((joint.n_periods, joint.n_demands), -1, np.int64)
    prices = [_prices(stage) for stage in joint.stages]
    for d, presence in enumerate(joint.presence):
        last = int(joint.current[d])
        for t in presence:
            locked = int(joint.stages[t].problem.locked[joint.local[t, d]])
            planned = _planned(path.provider[t:, d], begins=last < 0)
            if locked >= 0:
                last = locked
            elif joint.pair(t, d, planned) >= 0:
                last = planned
            elif joint.pair(t, d, last) < 0:
                last = _cheapest(joint, prices[t], t, d)
            if last < 0 or joint.pair(t, d, last) < 0:
                return None
            provider[t, d] = last
    return Path(provider, np.where(provider == path.provider, path.backup, -1))


def _planned(later: Ints, *, begins: bool) -> int:
    """What a path has for a demand in the first of some periods; for one that begins, in the first that it knows."""
    known = later[later >= 0] if begins else later[:1]
    return int(known[0]) if len(known) else -1


def _prices(stage: Stage) -> Floats:
    """Cost a year of each pair by itself, first tier; infinite where it may not be a new one."""
    problem = stage.problem
    pairs, lines = problem.pairs, problem.lines
    remote = pairs.provider < problem.n_providers
    unit = np.zeros(problem.n_pairs)
    line = lines.index[pairs.provider[remote], problem.demand_service[pairs.demand[remote]]]
    unit[remote] = lines.first_unit_cost[line]
    cost = pairs.own + pairs.distance + pairs.overlap + pairs.language + unit * problem.volume[pairs.demand]
    cost = cost + stage.compliance[pairs.provider] * problem.effort_fte[pairs.demand]
    return np.where(stage.arrives, cost, np.inf)


def _cheapest(joint: JointProblem, price: Floats, t: int, d: int) -> int:
    """The source of least cost that takes a new demand in a period, −1 when there is none."""
    pairs, at = joint.stages[t].problem.pairs, int(joint.local[t, d])
    mine = slice(int(pairs.start[at]), int(pairs.start[at + 1]))
    if mine.start == mine.stop or not np.isfinite(price[mine]).any():
        return -1
    return int(pairs.provider[mine][int(np.argmin(price[mine]))])
