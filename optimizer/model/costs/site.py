"""Fixed cost of open sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.costs.base import (
    Charge,
    CostTerm,
    by_effort,
    opened_or_closed,
)
from optimizer.model.program.block import Term
from optimizer.model.program.links import on_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Floats
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.problem import Problem
    from optimizer.model.program.layout import Layout
    from optimizer.model.served import Served
    from optimizer.model.tally import Tally


def columns(layout: Layout) -> Term:
    """Site cost: Σ (site_fixed_cost_p + rent_p) o_p, rent once it is due; required sites pay whatever is decided."""
    sites = layout.problem.sites
    paid = np.where(sites.is_required, sites.fixed_cost, 0.0)
    cost = on_columns(layout, (layout.o, np.where(sites.is_required, 0.0, sites.fixed_cost)))
    return Term(cost, float(paid.sum()))


def amount(x: Problem, t: Tally) -> float:
    """Money a year of a plan."""
    return float(x.sites.fixed_cost[t.site_open].sum())


def charges(x: Served) -> Iterator[Charge]:
    """Fixed cost of each open site, by effort; empty required sites, in their order, fall on nobody."""
    for p, members in x.at_sites.items():
        yield by_effort(x, x.case.provider[x.problem.provider_ids[p]].site_cost(x.case.policy.as_of), members)
    for p in x.empty_required:
        yield Charge(x.case.provider[x.problem.provider_ids[p]].site_cost(x.case.policy.as_of), (), ())


def change(x: Moves) -> Floats:
    """Fixed cost of sites opened and closed; required sites pay it anyway."""
    sites = x.problem.sites
    return opened_or_closed(np.where(sites.is_required, 0.0, sites.fixed_cost), x)


TERM: Final = CostTerm("site", columns, amount, charges, change)
