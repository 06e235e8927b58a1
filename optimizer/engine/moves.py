"""Neighbour plans: proposals made of shifts, each noted on a trail so that it can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from optimizer.engine.data import Data
from optimizer.engine.jit import constant, kernel
from optimizer.engine.state import AUTO, NONE, State, may_serve, score, shift

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]

__all__ = ["Trail", "make_trail", "propose", "settle", "take_back", "uniform"]

_LEFT: Final = np.uint64(13)
_RIGHT: Final = np.uint64(7)
_LAST: Final = np.uint64(17)
_DROP: Final = np.uint64(11)
_LINK_TRIES: Final = constant(8)
_LIKELY: Final = 0.9
"""Share of proposals that keep to the pairs worth trying."""


class Trail(NamedTuple):
    """Shifts done since the last accepted plan, the random state and the demands that may move.

    ``likely`` lists the providers worth trying of each demand (``likely_start`` slices it).
    ``changed`` lists the demands that may differ from the best plan kept, ``n_changed`` how many there
    are (−1: any may), so that keeping a plan takes time by what changed and not by the case's size.
    """

    random: NDArray[np.uint64]
    done: Ints
    demand: Ints
    provider: Ints
    backup: Ints
    order: Ints
    free: Ints
    likely_start: Ints
    likely: Ints
    changed: Ints
    is_changed: Bools
    n_changed: Ints


def make_trail(data: Data, seed: int, free: Ints | None = None, strong: Bools | None = None) -> Trail:
    """Empty trail; ``free`` defaults to all demands that have a choice, ``strong`` to all pairs."""
    n = len(data.demand)
    if free is None:
        choices = data.demand["stop"] - data.demand["start"]
        free = np.flatnonzero((choices > 1) & (data.demand["locked"] < 0))
    start = np.random.SeedSequence(seed).generate_state(1, np.uint64) | np.uint64(1)
    room = 2 * n + 256
    strong = np.ones(len(data.pair), dtype=bool) if strong is None else strong
    counts = np.concatenate([[0], np.cumsum(strong)])
    return Trail(
        random=start,
        done=np.zeros(1, dtype=np.int64),
        demand=np.zeros(room, dtype=np.int64),
        provider=np.zeros(room, dtype=np.int64),
        backup=np.zeros(room, dtype=np.int64),
        order=np.zeros(n + 64, dtype=np.int64),
        free=free.astype(np.int64),
        likely_start=np.append(counts[data.demand["start"]], counts[-1]).astype(np.int64),
        likely=data.pair["provider"][strong].astype(np.int64),
        changed=np.zeros(n + 1, dtype=np.int64),
        is_changed=np.zeros(n, dtype=bool),
        n_changed=np.full(1, -1, dtype=np.int64),
    )


@kernel
def uniform(trail: Trail) -> float:
    """Next random number in [0, 1) (xorshift; the same on every machine)."""
    x = trail.random[0]
    x ^= x << _LEFT
    x ^= x >> _RIGHT
    x ^= x << _LAST
    trail.random[0] = x
    return float(x >> _DROP) * 2.0**-53


@kernel
def _below(trail: Trail, n: int) -> int:
    return min(int(uniform(trail) * n), n - 1)


@kernel
def _go(data: Data, st: State, trail: Trail, d: int, p: int, q: int) -> None:
    """Shift and note it."""
    i = trail.done[0]
    trail.demand[i], trail.provider[i], trail.backup[i] = d, st.provider[d], st.backup[d]
    trail.done[0] = i + 1
    shift(data, st, d, p, q)


@kernel
def take_back(data: Data, st: State, trail: Trail) -> None:
    """Undo all noted shifts, last first."""
    for i in range(trail.done[0] - 1, -1, -1):
        shift(data, st, trail.demand[i], trail.provider[i], trail.backup[i])
    trail.done[0] = 0


@kernel
def _pick(data: Data, trail: Trail, d: int) -> int:
    """Random provider that may serve a demand, mostly one of those worth trying."""
    first, last = trail.likely_start[d], trail.likely_start[d + 1]
    if last > first and uniform(trail) < _LIKELY:
        return int(trail.likely[first + _below(trail, last - first)])
    start, stop = data.demand[d].start, data.demand[d].stop
    return int(data.pair[start + _below(trail, stop - start)].provider)


@kernel
def _pick_near(data: Data, st: State, trail: Trail, d: int) -> int:
    """Provider of another demand of the same entity, when it may serve this one; else at random."""
    e = data.demand[d].entity
    start, stop = data.entity[e].start, data.entity[e].stop
    p = st.provider[start + _below(trail, stop - start)]
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
        other = data.by_service[start + _below(trail, stop - start)]
        at = st.provider[other]
        if at >= 0 and at != st.provider[d] and (p < 0 or at == p):
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
        _go(data, st, trail, d, r, AUTO)
        _go(data, st, trail, other, p, AUTO)


@kernel
def _eject(data: Data, st: State, trail: Trail, d: int) -> None:
    """Move a demand, then put one of those it meets where it fits best."""
    p = _pick(data, trail, d)
    other = _mate(data, st, trail, d, p)
    if p == st.provider[d] or not may_serve(data, d, p):
        return
    _go(data, st, trail, d, p, AUTO)
    if other >= 0:
        settle(data, st, trail, other, p)


@kernel
def _together(data: Data, st: State, trail: Trail, d: int, whole: bool) -> None:
    """Move what an entity has at one provider (or its whole bundle) to another provider."""
    a, p, g = st.provider[d], _pick_near(data, st, trail, d), data.demand[d].group
    if uniform(trail) < 0.5:
        p = _pick(data, trail, d)
    if p == a:
        return
    e = data.demand[d].entity
    for other in range(data.entity[e].start, data.entity[e].stop):
        mine = (g >= 0 and data.demand[other].group == g) if whole else st.provider[other] == a
        if mine and st.provider[other] != p and may_serve(data, other, p):
            _go(data, st, trail, other, p, AUTO)


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
        _go(data, st, trail, trail.order[i], NONE, NONE)
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
        if uniform(trail) < 0.4:
            other = data.entity[e].start + _below(trail, data.entity[e].stop - data.entity[e].start)
        else:
            start = data.service[s].start
            other = data.by_service[start + _below(trail, data.service[s].stop - start)]
        if data.demand[other].locked < 0 and st.provider[other] >= 0:
            trail.order[n] = other
            n += 1
            _go(data, st, trail, other, NONE, NONE)
    _go(data, st, trail, d, NONE, NONE)
    for i in range(n):
        j = i + _below(trail, n - i)
        trail.order[i], trail.order[j] = trail.order[j], trail.order[i]
        settle(data, st, trail, trail.order[i], NONE)


@kernel
def propose(data: Data, st: State, trail: Trail, size: int) -> None:
    """Change the plan a little; what was done is on the trail."""
    d = trail.free[_below(trail, len(trail.free))]
    u = uniform(trail)
    if u < 0.55:
        p = _pick_near(data, st, trail, d) if u < 0.25 else _pick(data, trail, d)
        if p != st.provider[d]:
            _go(data, st, trail, d, p, AUTO)
    elif u < 0.80:
        _swap(data, st, trail, d)
    elif u < 0.90:
        _together(data, st, trail, d, u > 0.87)
    elif u < 0.97:
        _eject(data, st, trail, d)
    elif u < 0.995:
        _ruin(data, st, trail, d, 2 + _below(trail, size))
    else:
        _empty(data, st, trail, d, 12 * size, u > 0.9995)
