"""Neighbour plans: proposals made of shifts, each noted on a trail so that it can be taken back."""

from __future__ import annotations

from typing import Final

import numpy as np

from optimizer.solvers.engine.data import Data
from optimizer.solvers.engine.draws import below, uniform
from optimizer.solvers.engine.jit import constant, kernel
from optimizer.solvers.engine.search.incremental import may_serve, shift
from optimizer.solvers.engine.search.state import AUTO, NONE, State, score
from optimizer.solvers.engine.search.trail import Trail, go

__all__ = ["propose", "settle"]

_LINK_TRIES: Final = constant(8)
_LIKELY: Final = 0.9
"""Share of proposals that keep to the pairs worth trying."""
_REACH: Final = constant(24)
"""How far in the order of size an exchange looks for a partner, to either side."""
_STRANGERS: Final = constant(4)
"""Partners of entities that are not known yet passed over at most."""
_CHAIN: Final = constant(6)
"""Demands sent away at most to make room for another."""


@kernel
def _pick(data: Data, trail: Trail, d: int) -> int:
    """Random provider that may serve a demand, mostly one of those worth trying."""
    first, last = trail.likely_start[d], trail.likely_start[d + 1]
    if last > first and uniform(trail.random) < _LIKELY:
        return int(trail.likely[first + below(trail.random, last - first)])
    start, stop = data.demand[d].start, data.demand[d].stop
    return int(data.pair[start + below(trail.random, stop - start)].provider)


@kernel
def _pick_near(data: Data, st: State, trail: Trail, d: int) -> int:
    """Provider of another demand of the same entity, when it may serve this one; else at random."""
    e = data.demand[d].entity
    start, stop = data.entity[e].start, data.entity[e].stop
    p = st.provider[start + below(trail.random, stop - start)]
    if p >= 0 and p != st.provider[d] and may_serve(data, d, p):
        return int(p)
    return _pick(data, trail, d)


@kernel
def settle(data: Data, st: State, trail: Trail, d: int, avoid: int) -> None:
    """Put a demand where the plan's score is least, leaving out provider ``avoid``."""
    best, best_score = st.provider[d], np.inf
    old_provider, old_backup = st.provider[d], st.backup[d]
    for k in range(data.demand[d].start, data.demand[d].stop):
        p = data.pair[k].provider
        if p == avoid or not may_serve(data, d, p):
            continue
        shift(data, st, d, p, AUTO)
        value = score(st)
        if value < best_score:
            best, best_score = p, value
    i = trail.done[0]
    trail.demand[i], trail.provider[i], trail.backup[i] = d, old_provider, old_backup
    trail.done[0] = i + 1
    if st.provider[d] != best:
        shift(data, st, d, best, AUTO)


@kernel
def _mate(data: Data, st: State, trail: Trail, d: int, p: int) -> int:
    """Random demand of the same service on provider ``p`` (any other provider when p = −1); −1: none found."""
    s = data.demand[d].service
    start, stop = data.service[s].start, data.service[s].stop
    for _ in range(_LINK_TRIES):
        other = data.by_service[start + below(trail.random, stop - start)]
        at = st.provider[other]
        if at >= 0 and other != d and (at != st.provider[d] or p >= 0) and (p < 0 or at == p):
            return int(other)
    return int(NONE)


@kernel
def _swap(data: Data, st: State, trail: Trail, d: int) -> None:
    """Two demands of one service exchange their providers."""
    other = _mate(data, st, trail, d, NONE)
    if other < 0:
        return
    p, r = st.provider[d], st.provider[other]
    if p >= 0 and may_serve(data, d, r) and may_serve(data, other, p):
        go(data, st, trail, d, r, AUTO)
        go(data, st, trail, other, p, AUTO)


@kernel
def _exchange(data: Data, st: State, trail: Trail, d: int) -> None:
    """A demand goes where its entity is known; one of like size that is there comes back.

    Of those within reach the nearest in size whose entity is known here, or after some the next one.
    """
    p, r = st.provider[d], _pick_near(data, st, trail, d)
    if p < 0 or r == p or p == data.n_providers or r == data.n_providers or not may_serve(data, d, r):
        return
    s = data.demand[d].service
    start, stop, skip = data.service[s].start, data.service[s].stop, below(trail.random, _STRANGERS)
    side = 1 if uniform(trail.random) < 0.5 else -1
    for i in range(2, 2 * _REACH + 2):
        at = trail.rank[d] + (side if i % 2 == 0 else -side) * (i // 2)
        if at < start or at >= stop:
            continue
        other = trail.by_size[at]
        if st.provider[other] != r or not may_serve(data, other, p):
            continue
        if skip == 0 or st.pair_count[data.demand[other].entity, p] > 0:
            go(data, st, trail, d, r, AUTO)
            go(data, st, trail, other, p, AUTO)
            return
        skip -= 1


@kernel
def _make_room(data: Data, st: State, trail: Trail, d: int) -> None:
    """Move a demand, then send others away until line and site have room for it."""
    p = _pick_near(data, st, trail, d)
    if p == st.provider[d] or p == data.n_providers or not may_serve(data, d, p):
        return
    line = data.line_of[p, data.demand[d].service]
    go(data, st, trail, d, p, AUTO)
    for _ in range(_CHAIN):
        if st.line[line].volume > data.line[line].capacity:
            other = _mate(data, st, trail, d, p)
        elif st.site[p].minutes > data.site[p].capacity:
            other = _guest(st, trail, p)
        else:
            return
        if other < 0 or other == d:
            return
        settle(data, st, trail, other, p)


@kernel
def _guest(st: State, trail: Trail, p: int) -> int:
    """Random demand of any service on provider ``p``; −1: none found."""
    for _ in range(4 * _LINK_TRIES):
        other = trail.free[below(trail.random, len(trail.free))]
        if st.provider[other] == p:
            return int(other)
    return int(NONE)


@kernel
def _any_size(data: Data, trail: Trail) -> int:
    """Demand to move; half of the time rather one of a service's larger ones."""
    d = trail.free[below(trail.random, len(trail.free))]
    if uniform(trail.random) < 0.5:
        s, u = data.demand[d].service, uniform(trail.random)
        start, stop = data.service[s].start, data.service[s].stop
        large = trail.by_size[start + min(int(u * u * (stop - start)), stop - start - 1)]
        if data.demand[large].locked < 0:
            return int(large)
    return int(d)


@kernel
def _eject(data: Data, st: State, trail: Trail, d: int) -> None:
    """Move a demand, then put one of those it meets where it fits best."""
    p = _pick(data, trail, d)
    other = _mate(data, st, trail, d, p)
    if p == st.provider[d] or not may_serve(data, d, p):
        return
    go(data, st, trail, d, p, AUTO)
    if other >= 0:
        settle(data, st, trail, other, p)


@kernel
def _together(data: Data, st: State, trail: Trail, d: int, whole: bool) -> None:
    """Move what an entity has at one provider (or its whole bundle) to another provider."""
    a, p, g = st.provider[d], _pick_near(data, st, trail, d), data.demand[d].group
    if uniform(trail.random) < 0.5:
        p = _pick(data, trail, d)
    if p == a:
        return
    e = data.demand[d].entity
    for other in range(data.entity[e].start, data.entity[e].stop):
        mine = (g >= 0 and data.demand[other].group == g) if whole else st.provider[other] == a
        if mine and st.provider[other] != p and may_serve(data, other, p):
            go(data, st, trail, other, p, AUTO)


@kernel
def _empty(data: Data, st: State, trail: Trail, d: int, most: int, whole_site: bool) -> None:
    """Close the line (or site) of a demand: everything on it settles elsewhere, largest gap first."""
    p, s, n = st.provider[d], data.demand[d].service, 0
    if p < 0 or p == data.n_providers:
        return
    if (st.site[p].count if whole_site else st.line[data.line_of[p, s]].count) > most:
        return
    for i in range(len(trail.free)):
        other = trail.free[i]
        if st.provider[other] == p and (whole_site or data.demand[other].service == s):
            trail.order[n] = other
            n += 1
    for i in range(n):
        go(data, st, trail, trail.order[i], NONE, NONE)
    for i in range(n):
        settle(data, st, trail, trail.order[i], p)


@kernel
def _ruin(data: Data, st: State, trail: Trail, d: int, size: int) -> None:
    """Take out a demand and a few related ones (entity, line, service), put them back greedily."""
    e, s, n = data.demand[d].entity, data.demand[d].service, 1
    trail.order[0] = d
    for _ in range(3 * size):
        if n >= size:
            break
        if uniform(trail.random) < 0.4:
            other = data.entity[e].start + below(trail.random, data.entity[e].stop - data.entity[e].start)
        else:
            start = data.service[s].start
            other = data.by_service[start + below(trail.random, data.service[s].stop - start)]
        if data.demand[other].locked < 0 and st.provider[other] >= 0:
            trail.order[n] = other
            n += 1
            go(data, st, trail, other, NONE, NONE)
    go(data, st, trail, d, NONE, NONE)
    for i in range(n):
        j = i + below(trail.random, n - i)
        trail.order[i], trail.order[j] = trail.order[j], trail.order[i]
        settle(data, st, trail, trail.order[i], NONE)


@kernel
def propose(data: Data, st: State, trail: Trail, size: int) -> None:
    """Change the plan a little; what was done is on the trail."""
    d = _any_size(data, trail)
    u = uniform(trail.random)
    if u < 0.40:
        p = _pick_near(data, st, trail, d) if u < 0.20 else _pick(data, trail, d)
        if p != st.provider[d]:
            go(data, st, trail, d, p, AUTO)
    elif u < 0.50:
        _swap(data, st, trail, d)
    elif u < 0.75:
        _exchange(data, st, trail, d)
    elif u < 0.82:
        _make_room(data, st, trail, d)
    elif u < 0.90:
        _together(data, st, trail, d, u > 0.87)
    elif u < 0.97:
        _eject(data, st, trail, d)
    elif u < 0.995:
        _ruin(data, st, trail, d, 2 + below(trail.random, size))
    else:
        _empty(data, st, trail, d, 12 * size, u > 0.9995)
