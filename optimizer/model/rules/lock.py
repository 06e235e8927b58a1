"""Decided demands are served as decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.program.block import entries, keys, limit
from optimizer.model.rules.base import Broken, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.problem import Problem
    from optimizer.model.program.block import Block
    from optimizer.model.program.layout import Layout
    from optimizer.model.rules.base import Found
    from optimizer.model.tally import Tally


def rows(layout: Layout) -> Iterator[Block]:
    """A locked demand is served as decided: x_d,locked ≥ 1; an empty row when that pair is not eligible."""
    problem = layout.problem
    demand = np.flatnonzero(problem.locked >= 0)
    row = np.full(problem.n_demands, -1, dtype=np.int64)
    row[demand] = np.arange(len(demand))
    at = np.flatnonzero(problem.pairs.provider == problem.locked[problem.pairs.demand])
    at = at[row[problem.pairs.demand[at]] >= 0]
    content = entries((row[problem.pairs.demand[at]], at, 1.0))
    yield limit("lock", "dp", keys(demand, problem.locked[demand]), content, lower=1.0, unit="demands")


def excess(x: Problem, t: Tally) -> Found:
    """Locked demands are where they were decided to be; amount 1 each."""
    bad = np.flatnonzero((x.locked >= 0) & (x.locked != t.provider))
    return [
        Broken("lock", 1.0, {"demand": d, "provider": int(t.provider[d]), "locked": int(x.locked[d])})
        for d in bad.tolist()
    ]


RULE: Final = Rule("lock", rows, excess)
