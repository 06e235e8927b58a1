"""How many providers an entity deals with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.program.block import entries, keys, limit
from optimizer.model.program.links import dealing_links
from optimizer.model.rules.base import Rule, over

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Bools
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.problem import Problem
    from optimizer.model.program.block import Block
    from optimizer.model.program.layout import Layout
    from optimizer.model.rules.base import Found
    from optimizer.model.tally import Tally


def rows(layout: Layout) -> Iterator[Block]:
    """An entity deals with at most so many providers, own capacity aside: Σ_p z_ep ≤ most.

    With x_dp ≤ z_ep. Entities with no more demands than that have no row.
    """
    most, problem = layout.problem.scalars.max_providers_per_entity, layout.problem
    if most is None:
        return
    yield from dealing_links(layout, "max_providers_per_entity")
    column, first = np.unique(layout.z[layout.z >= 0], return_index=True)
    entity = problem.demand_entity[problem.pairs.demand[np.flatnonzero(layout.z >= 0)[first]]]
    busy = np.bincount(problem.demand_entity, minlength=len(problem.entity_ids))[entity] > most
    names, row = np.unique(entity[busy], return_inverse=True)
    content = entries((row, column[busy], 1.0))
    yield limit("max_providers_per_entity", "e", keys(names), content, upper=most, unit="providers")


def excess(x: Problem, t: Tally) -> Found:
    """Relations of an entity, own capacity aside; amount in providers."""
    most = x.scalars.max_providers_per_entity
    if most is None:
        return []
    number = t.relations.sum(axis=1).astype(np.float64)
    limit = np.full(len(number), float(most))
    return over("max_providers_per_entity", "entity", number, limit, number, limit)


def keeps(x: Moves) -> Bools | None:
    """Providers of the entity within their number."""
    most = x.problem.scalars.max_providers_per_entity
    if most is None:
        return None
    number = x.counts.tally.relations.sum(axis=1)[x.problem.demand_entity[x.demand]]
    return np.asarray(number + x.providers_more <= most, np.bool_)


RULE: Final = Rule("max_providers_per_entity", rows, excess, keeps)
