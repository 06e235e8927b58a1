"""Lagrangian relaxation of single-source location with whole knapsacks.

Every customer has a price λ for being served; what is left is one 0/1 knapsack a facility and the
choice of facilities whose rooms together cover all customers. Both are solved exactly, over cells of
the customers' common measure: customers rounded down and rooms rounded so that no plan is cut off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from optimizer.engine.jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Work", "bound_at", "climb", "make_work", "penalties"]


_TINY: Final = 1e-9


class Work(NamedTuple):
    """What the ascent reads and writes; m facilities, n customers.

    ``cost`` is infinite where a customer may not go; ``shut`` and ``forced`` mark facilities that
    are decided. ``now`` are the prices tried, ``centre`` the best so far; ``x`` and ``is_open`` the
    solution at ``now``, the means those of all solutions. ``least[i, c]`` is the least price that
    facility i can collect in c cells, ``value`` that of its whole room with the fixed cost.
    """

    cost: Floats
    fixed: Floats
    take: Ints
    room: Ints
    cover: Ints
    need: int
    shut: NDArray[np.bool_]
    forced: NDArray[np.bool_]
    now: Floats
    centre: Floats
    slope: Floats
    scale: Floats
    x: NDArray[np.uint8]
    is_open: NDArray[np.bool_]
    mean_x: Floats
    mean_open: Floats
    least: Floats
    value: Floats
    forward: Floats
    backward: Floats
    rows: Floats
    item: Ints


def make_work(cost: Floats, fixed: Floats, take: Ints, room: Ints, cover: Ints, need: int, first: Floats) -> Work:
    """Room for the ascent from prices ``first``."""
    m, n = cost.shape
    cells = int(room.max(initial=0)) + 1
    return Work(
        cost=cost,
        fixed=fixed,
        take=take,
        room=room,
        cover=cover,
        need=need,
        shut=np.zeros(m, dtype=np.bool_),
        forced=np.zeros(m, dtype=np.bool_),
        now=first.copy(),
        centre=first.copy(),
        slope=np.zeros(n),
        scale=np.maximum(np.abs(first), 1e-3 * float(np.abs(first).mean()) + 1e-9),
        x=np.zeros((m, n), dtype=np.uint8),
        is_open=np.zeros(m, dtype=np.bool_),
        mean_x=np.zeros((m, n)),
        mean_open=np.zeros(m),
        least=np.zeros((m, cells)),
        value=np.zeros(m),
        forward=np.zeros((m + 1, need + 1)),
        backward=np.zeros((m + 1, need + 1)),
        rows=np.zeros((n + 1, cells)),
        item=np.zeros(n, dtype=np.int64),
    )


@kernel
def copy_into(into: Floats, new: Floats) -> None:
    """Copy element by element: an assignment of slices would allocate."""
    for i in range(len(into)):
        into[i] = new[i]


@kernel
def _add_item(before: Floats, after: Floats, size: int, price: float) -> None:
    """One item more: two rows, no branch, so that the loop runs on vectors."""
    n = len(before)
    for c in range(size):
        after[c] = before[c]
    old, new, base = before[: n - size], after[size:], before[size:]
    for c in range(n - size):
        other = old[c] + price
        new[c] = other if other < base[c] else base[c]


@kernel
def _pack(wk: Work, i: int, whole: bool) -> float:
    """Least sum of cost less price over what fits into facility i; sets its x.

    ``whole``: ``least`` is wanted in full, also where everything that pays fits.
    """
    n, total, take = 0, 0, 0.0
    for j in range(len(wk.take)):
        wk.x[i, j] = 0
        if wk.cost[i, j] < wk.now[j] and wk.take[j] <= wk.room[i]:
            wk.item[n] = j
            n += 1
            total += wk.take[j]
            take += wk.cost[i, j] - wk.now[j]
    if total <= wk.room[i] and not whole:
        for k in range(n):
            wk.x[i, wk.item[k]] = 1
        return take
    room, rows = wk.room[i], wk.rows
    for c in range(room + 1):
        rows[0, c] = 0.0
    for k in range(n):
        j = wk.item[k]
        _add_item(rows[k, : room + 1], rows[k + 1, : room + 1], wk.take[j], wk.cost[i, j] - wk.now[j])
    for c in range(room + 1):
        wk.least[i, c] = rows[n, c]
    c = room
    for k in range(n - 1, -1, -1):
        j = wk.item[k]
        if rows[k + 1, c] < rows[k, c]:
            wk.x[i, j] = 1
            c -= wk.take[j]
    return float(rows[n, room])


@kernel
def _cover(wk: Work) -> float:
    """Cheapest choice of facilities that covers ``need``; infinite when none does. Sets ``is_open``."""
    m, f = len(wk.fixed), wk.forward
    f[0, :] = np.inf
    f[0, 0] = 0.0
    for i in range(m):
        size, value = wk.cover[i], wk.value[i]
        for s in range(wk.need + 1):
            best = np.inf if wk.forced[i] else f[i, s]
            if not wk.shut[i]:
                best = min(best, f[i, max(0, s - size)] + value)
            f[i + 1, s] = best
    s = wk.need
    if f[m, s] == np.inf:
        return np.inf
    for i in range(m - 1, -1, -1):
        wk.is_open[i] = wk.forced[i] or (not wk.shut[i] and f[i, max(0, s - wk.cover[i])] + wk.value[i] < f[i, s])
        if wk.is_open[i]:
            s = max(0, s - wk.cover[i])
    return float(f[m, wk.need])


@kernel
def bound_at(wk: Work, whole: bool) -> float:
    """Lower bound at the prices ``now`` on every plan that keeps what is decided, with room for rounding."""
    size, total = 0.0, 0.0
    for i in range(len(wk.fixed)):
        wk.value[i] = 0.0
        if not wk.shut[i]:
            wk.value[i] = wk.fixed[i] + _pack(wk, i, whole)
            size += abs(wk.value[i]) + 2.0 * wk.fixed[i]
    total = _cover(wk)
    for j in range(len(wk.now)):
        total += wk.now[j]
        size += abs(wk.now[j])
    return float(total - (1e-11 + 1e-16 * (len(wk.fixed) + len(wk.now))) * size)


@kernel
def _step(wk: Work, factor: float, rise: float) -> bool:
    """Prices at a step from the centre that aims at ``rise``; whether there is a direction at all."""
    m, n = wk.cost.shape
    length = 0.0
    wk.slope[:] = 1.0
    for i in range(m):
        if wk.mean_open[i] > _TINY:
            for j in range(n):
                wk.slope[j] -= wk.mean_x[i, j]
    for j in range(n):
        length += wk.slope[j] * wk.slope[j] * wk.scale[j]
    if length <= _TINY:
        return False
    for j in range(n):
        wk.now[j] = wk.centre[j] + factor * rise / length * wk.slope[j] * wk.scale[j]
    return True


@kernel
def _mix(wk: Work, part: float) -> None:
    """Move the means towards the solution by ``part``."""
    m, n = wk.cost.shape
    for i in range(m):
        here = 1.0 if wk.is_open[i] else 0.0
        wk.mean_open[i] += part * (here - wk.mean_open[i])
        if wk.is_open[i] or wk.mean_open[i] > _TINY or part == 1.0:
            for j in range(n):
                wk.mean_x[i, j] += part * (here * wk.x[i, j] - wk.mean_x[i, j])


@kernel
def climb(wk: Work, steps: int, target: float, control: Floats) -> float:
    """Volume algorithm: ``steps`` steps from the centre along the mean solution's subgradient.

    ``control`` holds step factor, best bound (−inf before the first step), steps since it rose,
    weight of a new solution in the mean; updated. Returns the best bound, valid whatever the prices are.
    """
    for _ in range(steps):
        first = control[1] == -np.inf
        if not first and not _step(wk, control[0], max(target - control[1], 1e-6 * abs(control[1]))):
            control[0] = 0.0
            break
        value = bound_at(wk, False)
        _mix(wk, 1.0 if first else control[3])
        if value > control[1]:
            control[0] = min(2.0, 1.1 * control[0])
            control[2] = 0.0 if value > control[1] + 1e-6 * abs(value) else control[2] + 1.0
            control[1] = value
            copy_into(wk.centre, wk.now)
            if value == np.inf:
                break
        else:
            control[2] += 1.0
        if control[2] >= 10.0:
            control[0] *= 0.65
            control[3] = max(0.8 * control[3], 0.02 if control[0] > 0.01 else 0.005)
            control[2] = 0.0
    return float(control[1])


@kernel
def penalties(wk: Work, opened: Floats, closed: Floats, pair: Floats) -> float:
    """Bounds on the plans that open a facility, close it, or serve a customer from it.

    At the prices ``centre``. A customer that pays takes its part of the room, and of what is left
    the facility collects no more than ``least`` says.

    Returns
    -------
    float
        Bound on all plans.
    """
    m, n = wk.cost.shape
    copy_into(wk.now, wk.centre)
    bound = bound_at(wk, True)
    f, b = wk.forward, wk.backward
    base = bound - f[m, wk.need]
    b[m, :] = np.inf
    b[m, 0] = 0.0
    for i in range(m - 1, -1, -1):
        for s in range(wk.need + 1):
            best = np.inf if wk.forced[i] else b[i + 1, s]
            if not wk.shut[i]:
                best = min(best, b[i + 1, max(0, s - wk.cover[i])] + wk.value[i])
            b[i, s] = best
    for i in range(m):
        left = max(0, wk.need - wk.cover[i])
        without, with_it = np.inf, np.inf
        for s in range(wk.need + 1):
            without = min(without, f[i, s] + b[i + 1, wk.need - s])
            if s <= left:
                with_it = min(with_it, f[i, s] + b[i + 1, left - s])
        opened[i] = np.inf if wk.shut[i] else base + with_it + wk.value[i]
        closed[i] = np.inf if wk.forced[i] else base + without
        for j in range(n):
            room = wk.room[i] - wk.take[j]
            if wk.shut[i] or room < 0 or wk.cost[i, j] == np.inf:
                pair[i, j] = np.inf
            else:
                value = max(wk.value[i], wk.fixed[i] + wk.cost[i, j] - wk.now[j] + wk.least[i, room])
                pair[i, j] = base + with_it + value
    return bound
