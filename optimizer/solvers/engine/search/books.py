"""The books of a plan: every rule and every cost term of the model, kept up to date move by move.

They have their place here and nowhere else in the engine. ``shift`` moves one demand in time
independent of the case's size; every larger move is a sequence of shifts, and is taken back by
shifting the other way. Resources are whole numbers (see ``optimizer.solvers.engine.data``), so ``broken``
is exact; cost and penalties are floats that ``load`` sets anew from time to time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.solvers.engine.data import MICRO, NO_LIMIT, Data
from optimizer.solvers.engine.jit import kernel
from optimizer.solvers.engine.search.state import (
    ADD,
    AGENCY,
    AGENCY_MINUTES,
    AUTO,
    BACKUP,
    BUDGET,
    COST,
    DISTANCE,
    EXPOSED_MINUTES,
    EXPOSURE,
    HOURS,
    KM,
    LINE,
    MINIMUM,
    MOVED,
    MOVES,
    NONE,
    ONE_OFF,
    OPEN,
    OVERLAP,
    PROVIDERS,
    RESERVE,
    SHARE,
    SITE,
    SITES,
    TAKE,
    TOGETHER,
    UNSERVED,
    WORSE,
    WORSE_OFF,
    ZONE,
    State,
)

if TYPE_CHECKING:
    from optimizer.model.aliases import Ints

__all__ = ["best_backup", "load", "may_serve", "shift"]


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
    if data.site[p].exposed:
        st.totals[EXPOSED_MINUTES] += sign * data.demand[d].minutes


@kernel
def _on_entity(data: Data, st: State, d: int, p: int, sign: int) -> None:
    e = data.demand[d].entity
    st.pair_count[e, p] += sign
    if (sign > 0 and st.pair_count[e, p] == 1) or (sign < 0 and st.pair_count[e, p] == 0):
        _mark(st, PROVIDERS, st.entity_count[e] - data.rules[0].max_providers, 1.0, TAKE)
        st.entity_count[e] += sign
        _mark(st, PROVIDERS, st.entity_count[e] - data.rules[0].max_providers, 1.0, ADD)
        st.totals[COST] += sign * data.rules[0].interface


@kernel
def _on_group(data: Data, st: State, d: int, p: int, sign: int) -> None:
    g = data.demand[d].group
    if g < 0:
        return
    st.group_source[g, p] += sign
    if (sign > 0 and st.group_source[g, p] == 1) or (sign < 0 and st.group_source[g, p] == 0):
        old = max(0, st.group_count[g] - 1)
        st.group_count[g] += sign
        new = max(0, st.group_count[g] - 1)
        st.totals[COST] += (new - old) * data.rules[0].handover
        if data.rules[0].together:
            _mark(st, TOGETHER, old, 1.0, TAKE)
            _mark(st, TOGETHER, new, 1.0, ADD)


@kernel
def _is_worse(data: Data, st: State, e: int) -> int:
    """1 when an entity is worse off than today by overlap, distance or languages, else 0."""
    more = st.loss[e].missing > data.entity[e].missing
    return 1 if more or st.loss[e].overlap > 0.0 or st.loss[e].distance > 0.0 else 0


@kernel
def _on_losses(data: Data, st: State, e: int, k: int, sign: int) -> None:
    """What an entity loses against today by pair ``k``."""
    st.totals[WORSE_OFF] -= _is_worse(data, st, e)
    st.loss[e].overlap += sign * data.pair[k].lost_overlap
    st.loss[e].distance += sign * data.pair[k].lost_distance
    for i in range(data.lacks.shape[1]):
        if data.lacks[k, i]:
            st.lacks[e, i] += sign
            if (sign > 0 and st.lacks[e, i] == 1) or (sign < 0 and st.lacks[e, i] == 0):
                st.loss[e].missing += sign
    st.totals[WORSE_OFF] += _is_worse(data, st, e)


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
def _toggle(data: Data, st: State, d: int, p: int, q: int, sign: int) -> None:
    """Put a demand on a provider with a backup (sign 1) or take it off (sign −1)."""
    if p < 0:
        _mark(st, UNSERVED, data.demand[d].minutes, 1e-6, sign)
        return
    k = data.pair_of[d, p]
    st.totals[COST] += sign * data.pair[k].cost
    st.totals[MOVED] += sign * data.pair[k].move
    st.totals[ONE_OFF] += sign * data.pair[k].one_off
    st.totals[HOURS] += sign * data.pair[k].overlap
    st.totals[KM] += sign * data.pair[k].distance
    if data.rules[0].max_worse < NO_LIMIT:
        _on_losses(data, st, data.demand[d].entity, k, sign)
    _on_group(data, st, d, p, sign)
    if p == data.n_providers:
        return
    _on_line(data, st, d, p, sign)
    _on_site(data, st, d, p, sign)
    _on_entity(data, st, d, p, sign)
    if data.demand[d].critical:
        _on_backup(data, st, d, p, q, sign)


@kernel
def _whole_plan_rules(data: Data, st: State) -> None:
    """Rules on totals: agency share, site count and zones, moves, one-off budget, exposure, means, worse off."""
    short = max(0.0, data.rules[0].site_min - st.totals[OPEN]) + max(0.0, st.totals[OPEN] - data.rules[0].site_max)
    if data.rules[0].zones:
        for zone in range(3):
            short += 1.0 if st.totals[ZONE + zone] < 0.5 else 0.0
    over = (
        (st.totals[AGENCY_MINUTES] - data.rules[0].agency_limit) / 1e6,
        short,
        st.totals[MOVED] - data.rules[0].max_moves,
        (st.totals[ONE_OFF] - data.rules[0].budget) / 1e6,
        (st.totals[EXPOSED_MINUTES] - data.rules[0].exposure_limit) / 1e6,
        st.totals[HOURS] * data.rules[0].overlap_unit,
        st.totals[KM] * data.rules[0].distance_unit,
        st.totals[WORSE_OFF] - data.rules[0].max_worse,
    )
    for i in range(8):
        kind = (AGENCY, SITES, MOVES, BUDGET, EXPOSURE, OVERLAP, DISTANCE, WORSE)[i]
        st.rule[kind].amount = max(0.0, over[i])
        st.rule[kind].broken = 1 if over[i] > 0.0 else 0


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


@kernel
def may_serve(data: Data, d: int, p: int) -> bool:
    """Whether a shift to ``p`` is allowed at all: an eligible pair that no lock contradicts."""
    return bool(data.pair_of[d, p] >= 0 and (data.demand[d].locked < 0 or data.demand[d].locked == p))


@kernel
def shift(data: Data, st: State, d: int, p: int, q: int) -> None:
    """Move a demand to provider ``p`` (−1: unserved) with backup ``q`` (−2: choose one)."""
    _toggle(data, st, d, st.provider[d], st.backup[d], TAKE)
    st.provider[d] = NONE
    if q == AUTO:
        q = NONE
        if 0 <= p < data.n_providers and data.demand[d].critical:
            q = best_backup(data, st, d, p)
    _toggle(data, st, d, p, q, ADD)
    st.provider[d], st.backup[d] = p, q
    _whole_plan_rules(data, st)


@kernel
def load(data: Data, st: State, provider: Ints, backup: Ints) -> None:
    """Set the state to a plan from nothing; backups given as −2 are chosen once all lines are known."""
    for i in range(len(st.line)):
        st.line[i].volume = 0.0
        st.line[i].count = 0
        st.line[i].backups = 0
    for i in range(len(st.site)):
        st.site[i].minutes = 0.0
        st.site[i].count = 0
    for i in range(len(st.rule)):
        st.rule[i].amount = 0.0
        st.rule[i].broken = 0
    for i in range(len(st.loss)):
        st.loss[i].overlap = 0.0
        st.loss[i].distance = 0.0
        st.loss[i].missing = 0
    st.lacks[:] = 0
    st.totals[:] = 0.0
    for counts in (st.entity_count, st.group_count, st.service_count):
        counts[:] = 0
    st.pair_count[:] = 0
    st.group_source[:] = 0
    st.fall_volume[:] = 0.0
    st.fall_minutes[:] = 0.0
    for site in range(data.n_providers):
        if data.site[site].required:
            _open_site(data, st, site, ADD)
    for d in range(len(provider)):
        p = provider[d]
        q = backup[d] if data.demand[d].critical and 0 <= p < data.n_providers else -1
        st.provider[d], st.backup[d] = p, max(q, NONE)
        _toggle(data, st, d, p, st.backup[d], ADD)
    _whole_plan_rules(data, st)
    for d in range(len(provider)):
        p = provider[d]
        if data.demand[d].critical and 0 <= p < data.n_providers and backup[d] == AUTO:
            shift(data, st, d, p, AUTO)


assert MICRO == 1e6, "the kernels divide by 1e6"
