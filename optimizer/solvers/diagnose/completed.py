"""A plan of few demands made one of all: the others go where they are least in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.solvers.diagnose.instances import Instance, relaxed

if TYPE_CHECKING:
    from collections.abc import Set

    from optimizer.model.parts import Choice
    from optimizer.solvers.diagnose.instances import Ground

__all__ = ["completed"]


def completed(ground: Ground, kept: Set[Instance], choice: Choice) -> Choice | None:
    """The plan with every other demand somewhere it may be; ``None`` where one of them may be nowhere.

    Own capacity first, then providers that are no Secretariat site or have work already, those without a capacity
    that is kept before others. The result may break rules: it is judged by the caller.
    """
    problem = relaxed(ground, kept)
    pairs, n = problem.pairs, problem.n_providers
    who = np.array(choice.provider)
    open_ = np.flatnonzero((who < 0) & ~ground.hopeless)
    used = np.isin(np.arange(n), who)
    full = np.isfinite(problem.sites.capacity_minutes)
    full[problem.lines.provider[np.isfinite(problem.lines.capacity)]] = True
    score = np.append(1 + (problem.sites.is_secretariat & ~used) * 4 + full * 2 + ~used, 0)
    order = np.lexsort((score[pairs.provider], pairs.demand))
    demand, first = np.unique(pairs.demand[order], return_index=True)
    best = np.full(len(who), -1, np.int64)
    best[demand] = pairs.provider[order[first]]
    best = np.where(problem.locked >= 0, problem.locked, best)
    who[open_] = best[open_]
    return None if (who[open_] < 0).any() else type(choice)(who, np.array(choice.backup))
