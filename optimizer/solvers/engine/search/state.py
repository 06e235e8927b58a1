"""State of a plan: loads, counts, cost and broken rules; ``incremental`` keeps it up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from optimizer.solvers.engine.data import Data, Records
from optimizer.solvers.engine.jit import constant, kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.model.aliases import Floats, Ints

__all__ = ["AUTO", "NONE", "N_KINDS", "State", "broken", "cost", "empty_state", "score"]

COST: Final = constant(0)
AGENCY_MINUTES: Final = constant(1)
MOVED: Final = constant(2)
ONE_OFF: Final = constant(3)
OPEN: Final = constant(4)
ZONE: Final = constant(5)
"""The first of three."""
EXPOSED_MINUTES: Final = constant(8)
HOURS: Final = constant(9)
KM: Final = constant(10)
WORSE_OFF: Final = constant(11)
N_TOTALS: Final = 12

UNSERVED: Final = constant(0)
LINE: Final = constant(1)
SITE: Final = constant(2)
PROVIDERS: Final = constant(3)
TOGETHER: Final = constant(4)
AGENCY: Final = constant(5)
SITES: Final = constant(6)
MINIMUM: Final = constant(7)
BACKUP: Final = constant(8)
RESERVE: Final = constant(9)
MOVES: Final = constant(10)
BUDGET: Final = constant(11)
SHARE: Final = constant(12)
EXPOSURE: Final = constant(13)
OVERLAP: Final = constant(14)
DISTANCE: Final = constant(15)
WORSE: Final = constant(16)
N_KINDS: Final = 17
"""Kinds of broken rule; ``amount`` is in minutes, counts or money, see ``optimizer.solvers.engine.search.weights``."""

AUTO: Final = constant(-2)
"""As a backup: choose one."""
NONE: Final = constant(-1)
ADD: Final = constant(1)
TAKE: Final = constant(-1)


_LINE_LOAD = np.dtype([("volume", np.float64), ("count", np.int64), ("backups", np.int64)], align=True)
_SITE_LOAD = np.dtype([("minutes", np.float64), ("count", np.int64)], align=True)
_LOSS = np.dtype([("overlap", np.float64), ("distance", np.float64), ("missing", np.int64)], align=True)
_RULE = np.dtype([("amount", np.float64), ("weight", np.float64), ("broken", np.int64)], align=True)


class State(NamedTuple):
    """Mutable arrays of one plan. ``-1`` in ``provider`` is unserved.

    ``pair_count`` counts an entity's demands by provider, ``group_source`` a bundle's by source;
    the ``*_count`` beside them count the distinct ones. ``fall_volume[p, l]`` and
    ``fall_minutes[p, q]`` is what line l and site q take over when p is lost. ``loss`` has what an
    entity loses against today, ``lacks`` how many of its demands miss each of its languages.
    """

    provider: Ints
    backup: Ints
    line: Records
    site: Records
    rule: Records
    pair_count: NDArray[np.int32]
    entity_count: Ints
    group_source: NDArray[np.int32]
    group_count: Ints
    service_count: Ints
    fall_volume: Floats
    fall_minutes: Floats
    loss: Records
    lacks: NDArray[np.int32]
    totals: Floats


def empty_state(data: Data, weight: Floats) -> State:
    """State in which nothing is served; call ``load`` before use."""
    n, p, lines = len(data.demand), data.n_providers, len(data.line)
    reserve = p if data.rules["backup"][0] else 0
    rule = np.zeros(N_KINDS, dtype=_RULE)
    rule["weight"] = weight
    return State(
        provider=np.full(n, -1, dtype=np.int64),
        backup=np.full(n, -1, dtype=np.int64),
        line=np.zeros(lines, dtype=_LINE_LOAD),
        site=np.zeros(p, dtype=_SITE_LOAD),
        rule=rule,
        pair_count=np.zeros((len(data.entity), p), dtype=np.int32),
        entity_count=np.zeros(len(data.entity), dtype=np.int64),
        group_source=np.zeros((len(data.group), p + 1), dtype=np.int32),
        group_count=np.zeros(len(data.group), dtype=np.int64),
        service_count=np.zeros(len(data.service), dtype=np.int64),
        fall_volume=np.zeros((reserve, lines)),
        fall_minutes=np.zeros((reserve, p)),
        loss=np.zeros(len(data.entity), dtype=_LOSS),
        lacks=np.zeros((len(data.entity), data.lacks.shape[1]), dtype=np.int32),
        totals=np.zeros(N_TOTALS),
    )


@kernel
def score(st: State) -> float:
    """Cost plus weighted amounts of broken rules."""
    total = float(st.totals[COST])
    for k in range(len(st.rule)):
        total += st.rule[k].amount * st.rule[k].weight
    return total


@kernel
def broken(st: State) -> int:
    """Number of broken rules; 0 = feasible."""
    total = 0
    for k in range(len(st.rule)):
        total += st.rule[k].broken
    return total


def cost(st: State) -> float:
    """Cost of the plan as held."""
    return float(st.totals[COST])
