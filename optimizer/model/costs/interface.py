"""Each relation of an entity with a provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.types import exact
from optimizer.model.costs.base import (
    Charge,
    CostTerm,
    by_effort,
    by_group,
)
from optimizer.model.program.block import Term
from optimizer.model.program.links import dealing_links, on_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Floats
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.problem import Problem
    from optimizer.model.program.layout import Layout
    from optimizer.model.served import Served
    from optimizer.model.tally import Tally


def columns(layout: Layout) -> Term:
    """Each relation of an entity with a provider: interface_cost · Σ z_ep, with x_dp ≤ z_ep, own capacity aside."""
    amount = layout.problem.scalars.interface_cost
    if not amount:
        return Term(np.zeros(layout.n_columns))
    shared = layout.problem.scalars.max_providers_per_entity is not None
    blocks = () if shared else tuple(dealing_links(layout, "cost:interface"))
    return Term(on_columns(layout, (np.unique(layout.z[layout.z >= 0]), amount)), blocks=blocks)


def amount(x: Problem, t: Tally) -> float:
    """Money a year of a plan."""
    return x.scalars.interface_cost * int(t.relations.sum())


def charges(x: Served) -> Iterator[Charge]:
    """interface_cost of each provider an entity deals with, by effort."""
    cost = exact(x.case.policy.interface_cost)
    if cost:
        at = x.at_site
        relation = x.problem.demand_entity[at] * max(x.problem.n_providers, 1) + x.provider[at]
        for members in by_group(relation.tolist(), at.tolist()).values():
            yield by_effort(x, cost, members)


def change(x: Moves) -> Floats:
    """Providers that the entity deals with."""
    return x.providers_more * np.float64(x.problem.scalars.interface_cost)


TERM: Final = CostTerm("interface", columns, amount, charges, change)
