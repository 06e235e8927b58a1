"""What lines and sites carry: resources in the incremental evaluation, and the backups kept on them.

Resources are whole numbers (see ``optimizer.solvers.engine.amounts``), so what is broken is exact.
"""

from __future__ import annotations

import numpy as np

from optimizer.solvers.engine.amounts import MICRO
from optimizer.solvers.engine.data import Data
from optimizer.solvers.engine.jit import kernel
from optimizer.solvers.engine.search.state import (
    ADD,
    AGENCY_MINUTES,
    BACKUP,
    COST,
    EXPOSED_MINUTES,
    LINE,
    MINIMUM,
    NONE,
    ONE_OFF,
    OPEN,
    RESERVE,
    SHARE,
    SITE,
    TAKE,
    ZONE,
    State,
)

__all__ = ["best_backup"]


@kernel
def _mark(st: State, kind: int, excess: float, unit: float, sign: int) -> None:
    if excess > 0.0:
        st.rule[kind].amount += sign * excess * unit
        st.rule[kind].broken += sign


@kernel
def _line_cost(data: Data, line: int, volume: float) -> float:
    """Fixed cost and tiers of a line that carries ``volume`` millionths."""
    units = volume / 1e6
    total = float(data.line[line].fixed)
    stop = data.line[line].tier_stop
    for k in range(data.line[line].tier_start, stop):
        low = data.tier[k].start
        if units <= low:
            break
        high = units if k + 1 == stop else min(units, data.tier[k + 1].start)
        total += data.tier[k].cost * (high - low)
    return total


@kernel
def _line_marks(data: Data, st: State, line: int, sign: int) -> None:
    """Add (or take away) all that a line contributes to cost and broken rules."""
    volume, unit = st.line[line].volume, data.line[line].weight / 1e6
    capacity = data.line[line].capacity
    if st.line[line].count > 0:
        st.totals[COST] += sign * _line_cost(data, line, volume)
        _mark(st, LINE, volume - capacity, unit, sign)
        _mark(st, MINIMUM, data.line[line].minimum - volume, unit, sign)
    if st.line[line].backups > 0:
        if st.line[line].count == 0:
            _mark(st, BACKUP, st.line[line].backups, 1.0, sign)
        for lost in range(data.n_providers):
            if st.fall_volume[lost, line] > 0.0:
                _mark(st, RESERVE, volume + st.fall_volume[lost, line] - capacity, unit, sign)


@kernel
def _site_marks(data: Data, st: State, site: int, sign: int) -> None:
    """The same for a site."""
    minutes, capacity = st.site[site].minutes, data.site[site].capacity
    if st.site[site].count > 0:
        _mark(st, SITE, minutes - capacity, 1e-6, sign)
        _mark(st, MINIMUM, data.site[site].minimum - minutes, 1e-6, sign)
        if data.rules[0].near:
            _mark(st, SHARE, minutes - data.rules[0].share_limit, 1e-6, sign)
    if data.rules[0].backup and capacity < np.inf:
        for lost in range(data.n_providers):
            if st.fall_minutes[lost, site] > 0.0:
                _mark(st, RESERVE, minutes + st.fall_minutes[lost, site] - capacity, 1e-6, sign)


@kernel
def _open_site(data: Data, st: State, site: int, sign: int) -> None:
    st.totals[COST] += sign * data.site[site].cost
    st.totals[ONE_OFF] += sign * data.site[site].one_off
    if data.site[site].secretariat:
        st.totals[OPEN] += sign
        st.totals[ZONE + data.site[site].zone] += sign


@kernel
def _on_line(data: Data, st: State, d: int, p: int, sign: int) -> None:
    service = data.demand[d].service
    line = data.line_of[p, service]
    _line_marks(data, st, line, TAKE)
    st.line[line].volume += sign * data.pair[data.pair_of[d, p]].volume
    st.line[line].count += sign
    _line_marks(data, st, line, ADD)
    if (sign > 0 and st.line[line].count == 1) or (sign < 0 and st.line[line].count == 0):
        old = st.service_count[service]
        st.service_count[service] = old + sign
        st.totals[COST] += (data.loss[old + sign] - data.loss[old]) * data.service[service].reference


@kernel
def _on_site(data: Data, st: State, d: int, p: int, sign: int) -> None:
    _site_marks(data, st, p, TAKE)
    st.site[p].minutes += sign * data.demand[d].minutes
    st.site[p].count += sign
    _site_marks(data, st, p, ADD)
    if not data.site[p].required and ((sign > 0 and st.site[p].count == 1) or (sign < 0 and st.site[p].count == 0)):
        _open_site(data, st, p, sign)
    if not data.site[p].secretariat:
        st.totals[AGENCY_MINUTES] += sign * data.demand[d].minutes
    if data.rules[0].near and data.site[p].exposed:
        st.totals[EXPOSED_MINUTES] += sign * data.demand[d].minutes


@kernel
def _on_backup(data: Data, st: State, d: int, p: int, q: int, sign: int) -> None:
    if q < 0:
        _mark(st, BACKUP, 1.0, 1.0, sign)
        return
    line = data.line_of[q, data.demand[d].service]
    _line_marks(data, st, line, TAKE)
    st.fall_volume[p, line] += sign * data.pair[data.pair_of[d, q]].volume
    st.line[line].backups += sign
    _line_marks(data, st, line, ADD)
    _site_marks(data, st, q, TAKE)
    st.fall_minutes[p, q] += sign * data.demand[d].minutes
    _site_marks(data, st, q, ADD)


@kernel
def best_backup(data: Data, st: State, d: int, p: int) -> int:
    """Backup for a critical demand on ``p`` that overloads least, then leaves most room; −1: none."""
    service, best, best_value = data.demand[d].service, NONE, np.inf
    for k in range(data.demand[d].start, data.demand[d].stop):
        q = data.pair[k].provider
        if q == data.n_providers or q == p or data.site[q].country == data.site[p].country:
            continue
        line = data.line_of[q, service]
        if st.line[line].count == 0:
            continue
        room = data.line[line].capacity - st.line[line].volume - st.fall_volume[p, line] - data.pair[k].volume
        room *= data.line[line].weight
        room = min(room, data.site[q].capacity - st.site[q].minutes - st.fall_minutes[p, q] - data.demand[d].minutes)
        if -room < best_value or best < 0:
            best, best_value = q, -room
    return best


assert MICRO == 1e6, "the kernels divide by 1e6"
