"""Every demand is served, once."""

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
    """Every demand has exactly one provider: Σ_p x_dp = 1 (+ u_d when unserved demands are allowed).

    A demand without an eligible pair keeps its empty row: no plan exists.
    """
    demand = np.arange(layout.problem.n_demands)
    content = entries((layout.problem.pairs.demand, np.arange(layout.problem.n_pairs), 1.0), (demand, layout.u, 1.0))
    yield limit("assign_once", "d", keys(demand), content, lower=1.0, upper=1.0, unit="demands")


def excess(_: Problem, t: Tally) -> Found:
    """Every demand is served, by an eligible pair; amount 1 each."""
    bad = np.flatnonzero(t.pair < 0)
    return [Broken("assign_once", 1.0, {"demand": d, "provider": int(t.provider[d])}) for d in bad.tolist()]


RULE: Final = Rule("assign_once", rows, excess)
