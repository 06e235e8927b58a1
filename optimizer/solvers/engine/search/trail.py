"""Trail of a search: the shifts since the last accepted plan, the random state, and which demands may move."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from optimizer.solvers.engine.data import Data
from optimizer.solvers.engine.jit import kernel
from optimizer.solvers.engine.search.incremental import shift
from optimizer.solvers.engine.search.state import State

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.model.aliases import Bools, Ints

__all__ = ["Trail", "go", "make_trail", "take_back"]


class Trail(NamedTuple):
    """What a search keeps beside the plan.

    ``by_size`` lists the demands of each service from the largest down, ``rank`` their places in it.
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
    by_size: Ints
    rank: Ints


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
    service = data.demand["service"]
    by_size = np.lexsort((-data.demand["minutes"], service)).astype(np.int64)
    rank = np.empty(n, dtype=np.int64)
    rank[by_size] = np.arange(n)
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
        by_size=by_size,
        rank=rank,
    )


@kernel
def go(data: Data, st: State, trail: Trail, d: int, p: int, q: int) -> None:
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
