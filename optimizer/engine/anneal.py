"""Simulated annealing over plans, in chunks of a given number of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.engine.data import Data
from optimizer.engine.jit import kernel
from optimizer.engine.moves import propose, settle
from optimizer.engine.state import COST, NONE, State, broken, score
from optimizer.engine.trail import Trail, take_back, uniform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["anneal", "fill"]


@kernel
def anneal(
    data: Data,
    st: State,
    trail: Trail,
    steps: int,
    hot: float,
    cold: float,
    size: int,
    best_provider: Ints,
    best_backup: Ints,
    best: Floats,
) -> int:
    """Run ``steps`` proposals while the temperature falls from ``hot`` to ``cold``.

    Parameters
    ----------
    size : int
        Most demands of a ruin-and-recreate proposal.
    best_provider, best_backup, best : ndarray
        Cheapest feasible plan so far and its cost ``best[0]`` (infinity: none); updated.

    Returns
    -------
    int
        Shifts evaluated: the work done.
    """
    current, work, better = score(st), 0, False
    cooling = (cold / hot) ** (1.0 / max(steps, 1)) if hot > 0.0 else 1.0
    temperature = hot
    for _ in range(steps):
        temperature *= cooling
        propose(data, st, trail, size)
        n = trail.done[0]
        work += n + 1
        if n == 0:
            continue
        value = score(st)
        limit = current - temperature * np.log(1.0 - uniform(trail)) if temperature > 0.0 else current
        if value > limit:
            take_back(data, st, trail)
            continue
        improves = st.totals[COST] < best[0] - 1e-7 and broken(st) == 0
        if better and not improves:
            _keep(st, trail, best_provider, best_backup)
        _note(trail)
        trail.done[0] = 0
        current, better = value, improves
        if improves:
            best[0] = st.totals[COST]
    if better:
        trail.done[0] = 0
        _keep(st, trail, best_provider, best_backup)
    return work


@kernel
def _note(trail: Trail) -> None:
    """Demands on the trail may now differ from the best plan kept."""
    if trail.n_changed[0] < 0:
        return
    for i in range(trail.done[0]):
        d = trail.demand[i]
        if not trail.is_changed[d]:
            trail.is_changed[d] = True
            trail.changed[trail.n_changed[0]] = d
            trail.n_changed[0] += 1


@kernel
def _keep(st: State, trail: Trail, best_provider: Ints, best_backup: Ints) -> None:
    """Copy the plan as it was before the shifts on the trail."""
    if trail.n_changed[0] < 0:
        for d in range(len(best_provider)):
            best_provider[d] = st.provider[d]
            best_backup[d] = st.backup[d]
            trail.is_changed[d] = False
    for i in range(trail.n_changed[0]):
        d = trail.changed[i]
        best_provider[d] = st.provider[d]
        best_backup[d] = st.backup[d]
        trail.is_changed[d] = False
    trail.n_changed[0] = 0
    for i in range(trail.done[0] - 1, -1, -1):
        best_provider[trail.demand[i]] = trail.provider[i]
        best_backup[trail.demand[i]] = trail.backup[i]


@kernel
def fill(data: Data, st: State, trail: Trail, order: Ints) -> None:
    """Serve the demands in ``order``, each where the plan's score is least."""
    for i in range(len(order)):
        settle(data, st, trail, order[i], NONE)
        trail.done[0] = 0
