"""Simulated annealing over plans, in chunks of a given number of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.solvers.engine.data import Data
from optimizer.solvers.engine.draws import uniform
from optimizer.solvers.engine.jit import kernel
from optimizer.solvers.engine.search.incremental import may_serve
from optimizer.solvers.engine.search.moves import propose, settle
from optimizer.solvers.engine.search.state import AUTO, COST, NONE, State, broken, score
from optimizer.solvers.engine.search.trail import Trail, go, take_back

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats, Ints

__all__ = ["anneal", "draw_together", "fill", "relieve"]


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
        limit = current - temperature * np.log(1.0 - uniform(trail.random)) if temperature > 0.0 else current
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
def relieve(data: Data, st: State, trail: Trail, start: int, stop: int) -> None:
    """Put anew, where the score is least, those of ``trail.free[start:stop]`` that help to break a rule.

    They stand on a line or site with too much on it, alone at one provider too many of their entity, or
    have no backup with room for them.
    """
    for i in range(start, stop):
        d = trail.free[i]
        p, e = st.provider[d], data.demand[d].entity
        if p < 0 or p == data.n_providers:
            continue
        line = data.line_of[p, data.demand[d].service]
        breaks = st.line[line].volume > data.line[line].capacity or st.site[p].minutes > data.site[p].capacity
        breaks = breaks or (st.entity_count[e] > data.rules[0].max_providers and st.pair_count[e, p] == 1)
        breaks = breaks or (data.demand[d].critical and not _is_backed(data, st, d, p))
        if breaks:
            settle(data, st, trail, d, NONE)
            trail.done[0] = 0


@kernel
def _is_backed(data: Data, st: State, d: int, p: int) -> bool:
    """Whether the backup of a critical demand runs the service and has room for what falls to it when p is lost."""
    q = st.backup[d]
    if q < 0:
        return False
    line = data.line_of[q, data.demand[d].service]
    return bool(
        st.line[line].count > 0
        and st.line[line].volume + st.fall_volume[p, line] <= data.line[line].capacity
        and st.site[q].minutes + st.fall_minutes[p, q] <= data.site[q].capacity
    )


@kernel
def draw_together(data: Data, st: State, trail: Trail) -> None:
    """Entities with too many providers leave one of them altogether for another, where the score is least."""
    own = data.n_providers
    for e in range(len(data.entity)):
        if st.entity_count[e] <= data.rules[0].max_providers:
            continue
        best, left, taken = score(st), NONE, NONE
        for p in range(own):
            for r in range(own):
                if p != r and st.pair_count[e, p] > 0 and st.pair_count[e, r] > 0:
                    _follow(data, st, trail, e, p, r)
                    if st.pair_count[e, p] == 0 and score(st) < best:
                        best, left, taken = score(st), p, r
                    take_back(data, st, trail)
        if left >= 0:
            _follow(data, st, trail, e, left, taken)
            trail.done[0] = 0


@kernel
def _follow(data: Data, st: State, trail: Trail, e: int, p: int, r: int) -> None:
    """Move what an entity has at one provider to another, as far as that may serve it."""
    for d in range(data.entity[e].start, data.entity[e].stop):
        if st.provider[d] == p and may_serve(data, d, r):
            go(data, st, trail, d, r, AUTO)


@kernel
def fill(data: Data, st: State, trail: Trail, order: Ints) -> None:
    """Serve the demands in ``order``, each where the plan's score is least."""
    for i in range(len(order)):
        settle(data, st, trail, order[i], NONE)
        trail.done[0] = 0
