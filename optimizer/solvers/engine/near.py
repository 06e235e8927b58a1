"""Rules on means, worse-off entities, exposed places and shares, packed for the kernels.

What pairs add to a mean, or to an entity's loss against today, are whole numbers of either sign whose sum may not
be above 0. Where sums could leave 2**53 they are counted in a power of two and rounded up: what the kernels accept
keeps the rules, and what they refuse by less than the rounding is looked at again (``Searcher.price``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.losses import KINDS, compared, lacking, losses_of, lost
from optimizer.model.rules import mean_distance_max, mean_overlap_min

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.losses import Kind
    from optimizer.model.problem import Problem
    from optimizer.model.resources import Wholes
    from optimizer.model.rules.means import Mean

__all__ = ["Near", "near"]

_MEANS: dict[Kind, Mean] = {"overlap": mean_overlap_min.MEAN, "distance": mean_distance_max.MEAN}


@dataclass(frozen=True, eq=False)
class Near:
    """What the kernels count; zeros where a rule is off.

    Parameters
    ----------
    mean, loss : dict of ndarray of shape (n_pairs,)
        By kind: what a pair adds to the sum over the plan, and over its entity.
    unit : dict of float
        Of a mean's sum in minutes, for what a breach weighs.
    lacks : ndarray of shape (n_pairs, most languages of an entity), bool
        Languages of the entity that the provider lacks, where the demand is compared with today.
    missing : ndarray of shape (n_entities,)
        Most missing languages up to which an entity is not worse off.
    exposed : ndarray of shape (n_providers,), bool
    rounded : bool
        Some amount is not what it stands for.
    """

    mean: dict[Kind, Floats]
    loss: dict[Kind, Floats]
    unit: dict[Kind, float]
    lacks: Bools
    missing: Ints
    exposed: Bools
    rounded: bool


def near(problem: Problem, *, outwards: bool = False) -> Near:
    """Count a problem; all demands are taken as served, for a plan that leaves one out is none.

    Rounded up where need be; with ``outwards`` down, as bounds want it.
    """
    pairs, n = problem.pairs, problem.n_pairs
    mean, loss, unit, rounded = {}, {}, {}, False
    for kind, rule in _MEANS.items():
        amount = rule.amounts(problem, pairs.demand, pairs.provider) if rule.on(problem) else np.zeros(n, np.int64)
        mean[kind], off = _floats(amount, problem.n_demands, outwards=outwards)
        most = float(np.abs(mean[kind]).max(initial=0.0)) * problem.n_demands
        unit[kind], rounded = float(problem.minutes.sum()) / most if most else 1.0, rounded or off
    on = problem.scalars.worse_off_max is not None
    mine = np.zeros(problem.n_demands, np.bool_)
    mine[compared(problem, problem.current)] = on
    at = np.flatnonzero(mine[pairs.demand])
    for kind in KINDS:
        loss[kind] = np.zeros(n)
        amount = lost(problem, kind, pairs.demand[at], pairs.provider[at])
        loss[kind][at], off = _floats(amount, problem.n_demands, outwards=outwards)
        rounded = rounded or off
    lacks, missing = _languages(problem, at)
    exposed = np.zeros(problem.n_providers, np.bool_) if problem.quality is None else problem.quality.exposed
    return Near(mean, loss, unit, lacks, missing, exposed, rounded)


def _floats(amount: Wholes, n_demands: int, *, outwards: bool = False) -> tuple[Floats, bool]:
    """Whole numbers as floats whose sums over all demands are exact, and whether some were rounded."""
    most = max((abs(int(a)) for a in (amount.min(initial=0), amount.max(initial=0))), default=0) * max(n_demands, 1)
    step = 2 ** max(0, most.bit_length() - 52)
    counted = amount // step if outwards else -(-amount // step)
    return counted.astype(np.float64), bool((counted * step != amount).any())


def _languages(problem: Problem, at: Ints) -> tuple[Bools, Ints]:
    """``lacks``, each entity's languages in places of its own, and ``missing``."""
    quality, n = problem.quality, len(problem.entity_ids)
    if quality is None or not len(at):
        return np.zeros((problem.n_pairs, 0), np.bool_), np.zeros(n, np.int64)
    wants = quality.wants
    places = np.argsort(~wants, axis=1, kind="stable")[:, : int(wants.sum(axis=1).max(initial=0))]
    entity = problem.demand_entity[problem.pairs.demand[at]]
    lacks = np.zeros((problem.n_pairs, places.shape[1]), np.bool_)
    lacks[at] = np.take_along_axis(lacking(problem, entity, problem.pairs.provider[at]), places[entity], axis=1)
    today = losses_of(problem, problem.current).today
    return lacks, np.asarray((today > 0).sum(axis=1) + problem.scalars.worse_languages, np.int64)
