"""Incremental evaluation of a plan: every rule and every cost term of the model, kept up to date move by move.

They have their place here and in ``loads``, nowhere else in the engine. ``shift`` moves one demand in time
independent of the case's size; every larger move is a sequence of shifts, and is taken back by
shifting the other way. Resources are whole numbers (see ``optimizer.solvers.engine.amounts``), so ``broken``
is exact; cost and penalties are floats that ``load`` sets anew from time to time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.solvers.engine.data import NO_LIMIT, Data
from optimizer.solvers.engine.jit import kernel
from optimizer.solvers.engine.search.loads import _mark, _on_backup, _on_line, _on_site, _open_site, best_backup
from optimizer.solvers.engine.search.state import (
    ADD,
    AGENCY,
    AGENCY_MINUTES,
    AUTO,
    BUDGET,
    COST,
    DISTANCE,
    EXPOSED_MINUTES,
    EXPOSURE,
    HOURS,
    KM,
    MOVED,
    MOVES,
    NONE,
    ONE_OFF,
    OPEN,
    OVERLAP,
    PROVIDERS,
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

__all__ = ["load", "may_serve", "shift"]


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
def _on_means(data: Data, st: State, d: int, k: int, sign: int) -> None:
    """What pair ``k`` adds to the means of the plan, and to the losses of its entity where they count."""
    st.totals[HOURS] += sign * data.pair[k].overlap
    st.totals[KM] += sign * data.pair[k].distance
    if data.rules[0].max_worse < NO_LIMIT:
        _on_losses(data, st, data.demand[d].entity, k, sign)


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
    if data.rules[0].near:
        _on_means(data, st, d, k, sign)
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
    """Rules on totals: agency share, site count and zones, moves, one-off budget."""
    short = max(0.0, data.rules[0].site_min - st.totals[OPEN]) + max(0.0, st.totals[OPEN] - data.rules[0].site_max)
    if data.rules[0].zones:
        for zone in range(3):
            short += 1.0 if st.totals[ZONE + zone] < 0.5 else 0.0
    over = (
        (st.totals[AGENCY_MINUTES] - data.rules[0].agency_limit) / 1e6,
        short,
        st.totals[MOVED] - data.rules[0].max_moves,
        (st.totals[ONE_OFF] - data.rules[0].budget) / 1e6,
    )
    for i in range(4):
        kind = (AGENCY, SITES, MOVES, BUDGET)[i]
        st.rule[kind].amount = max(0.0, over[i])
        st.rule[kind].broken = 1 if over[i] > 0.0 else 0
    if data.rules[0].near:
        _near_rules(data, st)


@kernel
def _near_rules(data: Data, st: State) -> None:
    """More rules on totals: exposure, both means, entities worse off."""
    over = (
        (st.totals[EXPOSED_MINUTES] - data.rules[0].exposure_limit) / 1e6,
        st.totals[HOURS] * data.rules[0].overlap_unit,
        st.totals[KM] * data.rules[0].distance_unit,
        st.totals[WORSE_OFF] - data.rules[0].max_worse,
    )
    for i in range(4):
        kind = (EXPOSURE, OVERLAP, DISTANCE, WORSE)[i]
        st.rule[kind].amount = max(0.0, over[i])
        st.rule[kind].broken = 1 if over[i] > 0.0 else 0


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
