"""A plan of facilities: who is served from where, and its repair by shifts and exchanges of customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from optimizer.engine.draws import uniform
from optimizer.engine.jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Site", "copy_into", "descend", "hold", "make_site", "put", "settle", "start_from"]

_PARTNERS: Final = 120
"""Customers looked at, at most, for an exchange."""


class Site(NamedTuple):
    """A plan and its like; m facilities, n customers.

    ``cost[j, i]`` is infinite where a customer may not go; ``take`` and ``room`` are whole numbers,
    so that loads are exact. ``like`` says how much a relaxation likes each facility open.
    ``totals`` hold the cost, the excess over rooms, the price of a unit of excess and the cost of
    the best plan that fits, which is ``best``.
    """

    cost: Floats
    fixed: Floats
    take: Floats
    room: Floats
    like: Floats
    random: NDArray[np.uint64]
    to: Ints
    load: Floats
    number: Ints
    is_open: NDArray[np.bool_]
    dirty: NDArray[np.bool_]
    old_to: Ints
    old_load: Floats
    old_count: Ints
    old_open: NDArray[np.bool_]
    queue: Ints
    key: Floats
    totals: Floats
    best: Ints


def make_site(cost: Floats, fixed: Floats, take: Floats, room: Floats, like: Floats, seed: int) -> Site:
    """Nothing assigned yet; ``cost`` by customer and facility."""
    n, m = cost.shape
    per_unit = float(np.min(cost, axis=1).sum() + fixed.sum() / max(m, 1)) / max(float(take.sum()), 1e-9)
    random = np.random.SeedSequence(seed).generate_state(1, np.uint64) | np.uint64(1)
    return Site(
        cost=cost,
        fixed=fixed,
        take=take,
        room=room,
        like=like,
        random=random,
        to=np.full(n, -1, dtype=np.int64),
        load=np.zeros(m),
        number=np.zeros(m, dtype=np.int64),
        is_open=np.zeros(m, dtype=np.bool_),
        dirty=np.zeros(m, dtype=np.bool_),
        old_to=np.zeros(n, dtype=np.int64),
        old_load=np.zeros(m),
        old_count=np.zeros(m, dtype=np.int64),
        old_open=np.zeros(m, dtype=np.bool_),
        queue=np.zeros(n, dtype=np.int64),
        key=np.zeros(n),
        totals=np.array([0.0, 0.0, 2.0 * per_unit, np.inf]),
        best=np.full(n, -1, dtype=np.int64),
    )


@kernel
def copy_into(into: NDArray[Any], new: NDArray[Any]) -> None:
    """Element by element: an assignment of slices would allocate."""
    for i in range(len(into)):
        into[i] = new[i]


@kernel
def _over(st: Site, i: int, more: float) -> float:
    """Excess of facility i with so much more on it."""
    return float(max(0.0, st.load[i] + more - st.room[i]))


@kernel
def put(st: Site, j: int, i: int) -> None:
    """Serve customer j from facility i (−1: from nowhere); all totals follow."""
    a, size = st.to[j], st.take[j]
    if a >= 0:
        st.totals[0] -= st.cost[j, a]
        st.totals[1] += _over(st, a, -size) - _over(st, a, 0.0)
        st.load[a] -= size
        st.number[a] -= 1
        st.dirty[a] = True
        if st.number[a] == 0:
            st.totals[0] -= st.fixed[a]
    if i >= 0:
        if st.number[i] == 0:
            st.totals[0] += st.fixed[i]
        st.totals[0] += st.cost[j, i]
        st.totals[1] += _over(st, i, size) - _over(st, i, 0.0)
        st.load[i] += size
        st.number[i] += 1
        st.dirty[i] = True
    st.to[j] = i


@kernel
def _cheapest(st: Site, j: int) -> int:
    """Open facility where customer j costs least, excess included; −1 when none takes it."""
    best, best_value, price = -1, np.inf, st.totals[2]
    for i in range(len(st.fixed)):
        if st.is_open[i] and i != st.to[j]:
            value = st.cost[j, i] + price * (_over(st, i, st.take[j]) - _over(st, i, 0.0))
            if st.number[i] == 0:
                value += st.fixed[i]
            if value < best_value:
                best, best_value = i, value
    return best


@kernel
def settle(st: Site, n: int) -> bool:
    """Serve the n customers in the queue, largest first; whether all found a place."""
    for k in range(n):
        st.key[k] = -st.take[st.queue[k]] * (0.7 + 0.6 * uniform(st.random))
    gap = n // 2
    while gap > 0:
        for k in range(gap, n):
            value, item, at = st.key[k], st.queue[k], k
            while at >= gap and st.key[at - gap] > value:
                st.key[at], st.queue[at] = st.key[at - gap], st.queue[at - gap]
                at -= gap
            st.key[at], st.queue[at] = value, item
        gap //= 2
    for k in range(n):
        i = _cheapest(st, st.queue[k])
        if i < 0:
            return False
        put(st, st.queue[k], i)
    return True


@kernel
def _shift(st: Site, j: int) -> bool:
    """Move customer j to where it costs less."""
    a, size, price = st.to[j], st.take[j], st.totals[2]
    i = _cheapest(st, j)
    if i < 0:
        return False
    gain = st.cost[j, a] - st.cost[j, i] + price * (_over(st, a, 0.0) - _over(st, a, -size))
    gain -= price * (_over(st, i, size) - _over(st, i, 0.0))
    if st.number[a] == 1:
        gain += st.fixed[a]
    if st.number[i] == 0:
        gain -= st.fixed[i]
    if gain > 1e-7:
        put(st, j, i)
        return True
    return False


@kernel
def _swap(st: Site, j: int) -> bool:
    """Exchange customer j with the best other one."""
    a, price, best, best_gain = st.to[j], st.totals[2], -1, 1e-7
    over_a, n = _over(st, a, 0.0), len(st.to)
    at = int(uniform(st.random) * n) if n > _PARTNERS else 0
    for _ in range(min(n, _PARTNERS)):
        k = at
        at = at + 1 if at + 1 < n else 0
        i = st.to[k]
        if i == a:
            continue
        gain = st.cost[j, a] + st.cost[k, i] - st.cost[j, i] - st.cost[k, a]
        if gain <= best_gain and over_a == 0.0 and st.load[i] <= st.room[i]:
            continue
        more = st.take[k] - st.take[j]
        gain += price * (over_a - _over(st, a, more) + _over(st, i, 0.0) - _over(st, i, -more))
        if gain > best_gain:
            best, best_gain = k, gain
    if best < 0:
        return False
    i = st.to[best]
    put(st, j, i)
    put(st, best, a)
    return True


@kernel
def descend(st: Site) -> int:
    """Shift and exchange until nothing on a changed facility gains; looks made."""
    n, looks, again = len(st.to), 0, True
    while again and looks < 20 * n:
        again = False
        start = int(uniform(st.random) * n)
        for k in range(n):
            j = (start + k) % n
            if not st.dirty[st.to[j]]:
                continue
            looks += 1
            if _shift(st, j) or _swap(st, j):
                again = True
        if not again:
            st.dirty[:] = False
    return looks


@kernel
def hold(st: Site) -> None:
    """Hold the plan when it fits and is the best so far; facilities without customers close."""
    if st.totals[1] == 0.0 and st.totals[0] < st.totals[3] - 1e-7:
        st.totals[3] = st.totals[0]
        copy_into(st.best, st.to)


@kernel
def start_from(st: Site, to: Ints) -> bool:
    """Begin with the facilities marked open and the customers' places in ``to`` (−1: none yet)."""
    st.load[:] = 0.0
    st.number[:] = 0
    st.totals[0] = 0.0
    st.totals[1] = 0.0
    st.to[:] = -1
    n = 0
    for j in range(len(to)):
        if to[j] >= 0:
            st.is_open[to[j]] = True
            put(st, j, to[j])
        else:
            st.queue[n] = j
            n += 1
    if not settle(st, n):
        return False
    st.dirty[:] = True
    descend(st)
    hold(st)
    return True
