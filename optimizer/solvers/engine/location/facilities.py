"""Facility search: open, close and exchange facilities, customers repaired after each, restarts by shaking."""

from __future__ import annotations

import numpy as np

from optimizer.solvers.engine.draws import uniform
from optimizer.solvers.engine.jit import kernel
from optimizer.solvers.engine.location.site import Site, copy_into, descend, hold, put, settle

__all__ = ["search"]


@kernel
def _weight(st: Site, i: int, want_open: bool) -> float:
    """How likely a facility is drawn; one that the relaxation rules out (``like`` below 0) never opens."""
    if st.is_open[i] != want_open or (not want_open and st.like[i] < 0.0):
        return 0.0
    return float(0.03 + (1.0 - max(st.like[i], 0.0) if want_open else st.like[i]))


@kernel
def _draw(st: Site, want_open: bool) -> int:
    """A facility that is open (or closed), the likelier the more the relaxation wants the opposite; −1: none."""
    total = 0.0
    for i in range(len(st.fixed)):
        total += _weight(st, i, want_open)
    at, last = uniform(st.random) * total, -1
    for i in range(len(st.fixed)):
        weight = _weight(st, i, want_open)
        if weight > 0.0:
            at -= weight
            last = i
            if at <= 0.0:
                break
    return last


@kernel
def _open(st: Site, i: int) -> None:
    """Open facility i and draw in the customers that gain most by it."""
    st.is_open[i] = True
    n = 0
    for j in range(len(st.to)):
        gain = st.cost[j, st.to[j]] - st.cost[j, i]
        if gain > 0.0:
            st.key[n] = -gain / st.take[j]
            st.queue[n] = j
            n += 1
    while n > 0:  # few are taken: selection, not sorting
        best = 0
        for k in range(1, n):
            if st.key[k] < st.key[best]:
                best = k
        j = st.queue[best]
        if st.load[i] + st.take[j] <= st.room[i]:
            put(st, j, i)
        n -= 1
        st.key[best], st.queue[best] = st.key[n], st.queue[n]


@kernel
def _close(st: Site, a: int) -> bool:
    """Close facility a; whether its customers found a place."""
    n = 0
    st.is_open[a] = False
    for j in range(len(st.to)):
        if st.to[j] == a:
            st.queue[n] = j
            n += 1
    for k in range(n):
        put(st, st.queue[k], -1)
    return settle(st, n)


@kernel
def _shake(st: Site) -> bool:
    """Take out the customers of two open facilities and settle them anew."""
    a, b, n = _draw(st, True), _draw(st, True), 0
    for j in range(len(st.to)):
        if st.to[j] == a or st.to[j] == b or uniform(st.random) < 0.02:
            st.queue[n] = j
            n += 1
    for k in range(n):
        put(st, st.queue[k], -1)
    return settle(st, n)


@kernel
def _change(st: Site) -> bool:
    """One random change of the open set (or of two facilities' customers)."""
    u, a, b = uniform(st.random), -1, -1
    if u < 0.25 or 0.45 <= u < 0.85:
        b = _draw(st, False)
    if 0.25 <= u < 0.85:
        a = _draw(st, True)
    if b >= 0:
        _open(st, b)
    if a >= 0:
        return _close(st, a)
    if b < 0:
        return _shake(st)
    return True


@kernel
def _keep(st: Site) -> None:
    copy_into(st.old_to, st.to)
    copy_into(st.old_load, st.load)
    copy_into(st.old_count, st.number)
    copy_into(st.old_open, st.is_open)


@kernel
def _back(st: Site, cost: float, excess: float) -> None:
    copy_into(st.to, st.old_to)
    copy_into(st.load, st.old_load)
    copy_into(st.number, st.old_count)
    copy_into(st.is_open, st.old_open)
    st.dirty[:] = False
    st.totals[0] = cost
    st.totals[1] = excess


@kernel
def search(st: Site, changes: int, hot: float, cold: float) -> int:
    """Try ``changes`` changes; worse plans pass while it is hot. Returns looks made: the work done."""
    looks = 0
    for step in range(changes):
        heat = hot * (cold / hot) ** (step / changes)
        cost, excess = st.totals[0], st.totals[1]
        _keep(st)
        st.dirty[:] = False
        fits = _change(st)
        if fits:
            looks += 10 + descend(st)
            for i in range(len(st.fixed)):
                if st.number[i] == 0:
                    st.is_open[i] = False
        now, before = st.totals[0] + st.totals[2] * st.totals[1], cost + st.totals[2] * excess
        if not fits or now > before - heat * np.log(1.0 - uniform(st.random)):
            if fits:
                hold(st)
            _back(st, cost, excess)
        else:
            hold(st)
        st.totals[2] *= 1.05 if st.totals[1] > 0.0 else 0.98
    return looks
