"""A path made by hand: everyone stays; who is locked goes there, whoever else must leave or begins to the cheapest.

It looks at each demand by itself, so it may break rules about several; where it keeps them it is a plan to start from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.time.program import Path

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats
    from optimizer.model.time.joint import JointProblem, Stage

__all__ = ["staying_path"]


def staying_path(joint: JointProblem) -> Path | None:
    """The path, without backups; ``None`` when some demand has no source that it may go to."""
    provider = np.full((joint.n_periods, joint.n_demands), -1, np.int64)
    prices = [_prices(stage) for stage in joint.stages]
    for d, presence in enumerate(joint.presence):
        last = int(joint.current[d])
        for t in presence:
            locked = int(joint.stages[t].problem.locked[joint.local[t, d]])
            if locked >= 0:
                last = locked
            elif joint.pair(t, d, last) < 0:
                last = _cheapest(joint, prices[t], t, d)
            if last < 0 or joint.pair(t, d, last) < 0:
                return None
            provider[t, d] = last
    return Path(provider, np.full_like(provider, -1))


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
