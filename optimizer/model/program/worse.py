"""Columns that say which entities are worse off than today, and which languages they miss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.losses import losses_of, reach_of

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.losses import Reach
    from optimizer.model.problem import Problem

__all__ = ["Worse", "tell_worse", "worse_reach"]


@dataclass(frozen=True, eq=False)
class Worse:
    """Columns of the rule ``worse_off_max``, −1 for none.

    Parameters
    ----------
    reach : Reach
        The worst that plans can do: what the rows are made of.
    entity : ndarray of shape (n_entities,)
        The entity is worse off.
    lacks : ndarray of shape (n_entities, n_languages)
        A provider of the entity lacks the language.
    lacked : ndarray of shape (n_entities, n_languages), optional
        Today's source of a demand that is served lacks it; ``None`` where all demands are served.
    """

    reach: Reach
    entity: Ints
    lacks: Ints
    lacked: Ints | None


def worse_reach(problem: Problem, *, unserved: bool) -> Reach | None:
    """The worst that plans can do, where that may be too much; else ``None``."""
    most = problem.scalars.worse_off_max
    if most is None or problem.quality is None:
        return None
    reach = reach_of(problem, unserved=unserved)
    return reach if int(reach.worse.sum()) > most else None


def tell_worse(problem: Problem, worse: Worse, chosen: Bools, values: Floats) -> None:
    """Set the columns as a plan, given by its pairs, makes them."""
    provider = np.full(problem.n_demands, -1, np.int64)
    provider[problem.pairs.demand[chosen]] = problem.pairs.provider[chosen]
    found = losses_of(problem, provider)
    columns = [(worse.entity, found.worse), (worse.lacks, found.then > 0)]
    if worse.lacked is not None:
        columns.append((worse.lacked, found.today > 0))
    for column, held in columns:
        values[column[column >= 0]] = held[column >= 0]
