"""What entities lose against today: less overlap, more distance, more missing languages.

Only demands count that are served and whose source today has a price. Whether a mean got worse by more than its
threshold is a sum of whole numbers over the pairs chosen, above 0 or not: Σ a_d (today's − plan's − threshold) for
hours, the other way round for kilometres. Price, the fourth kind a document tells of, is not meant here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from optimizer.model.measured import distances, hours, limit_of, weighed
from optimizer.model.resources import added

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Ints
    from optimizer.model.problem import Problem
    from optimizer.model.resources import Wholes

__all__ = ["KINDS", "Losses", "Reach", "compared", "lacking", "losses_of", "lost", "reach_of"]

Kind = Literal["overlap", "distance"]
KINDS: tuple[Kind, ...] = ("overlap", "distance")


@dataclass(frozen=True, eq=False)
class Losses:
    """Losses of each entity.

    Parameters
    ----------
    means : dict of arrays of whole numbers, shape (n_entities,)
        By kind; above 0: worse by more than the threshold.
    then, today : ndarray of shape (n_entities, n_languages), int64
        How many of its demands are with a provider that lacks the language.
    most : int
        More missing languages up to which an entity is not worse off.
    """

    means: dict[Kind, Wholes]
    then: Ints
    today: Ints
    most: int

    @property
    def languages(self) -> Bools:
        """Entities that miss more languages, by more than the threshold."""
        more = (self.then > 0).sum(axis=1) - (self.today > 0).sum(axis=1)
        return np.asarray(more > self.most, np.bool_)

    @property
    def worse(self) -> Bools:
        """Entities that are worse off, shape (n_entities,)."""
        return np.asarray((self.means["overlap"] > 0) | (self.means["distance"] > 0) | self.languages, np.bool_)


def lost(x: Problem, kind: Kind, demand: Ints, provider: Ints) -> Wholes:
    """What demands, which have a price today, add to the sum of their entity at a provider."""
    entity, today = x.demand_entity[demand], x.current[demand]
    if kind == "overlap":
        figure, most = hours(x), limit_of(x.scalars.worse_overlap_hours)
        return weighed(x, demand, figure[entity, today] - figure[entity, provider] - most)
    figure, most = distances(x), limit_of(x.scalars.worse_distance_km)
    return weighed(x, demand, figure[entity, provider] - figure[entity, today] - most)


def lacking(x: Problem, entity: Ints, provider: Ints) -> Bools:
    """Languages of an entity that a provider lacks, shape (n, n_languages)."""
    quality = x.quality
    if quality is None:
        return np.zeros((len(entity), 0), np.bool_)
    return np.asarray(quality.wants[entity] & ~quality.speaks[provider], np.bool_)


def compared(x: Problem, provider: Ints) -> Ints:
    """Demands that are served and have a price today; ``provider`` as in ``Choice``."""
    if x.quality is None:
        return np.zeros(0, np.int64)
    return np.flatnonzero((provider >= 0) & x.quality.priced_today & (x.current >= 0))


def losses_of(x: Problem, provider: Ints) -> Losses:
    """Losses of every entity under a plan."""
    at = compared(x, provider)
    entity, size = x.demand_entity[at], len(x.entity_ids)
    return Losses(
        {kind: added(entity, lost(x, kind, at, provider[at]), size) for kind in KINDS},
        _counts(entity, lacking(x, entity, provider[at]), size),
        _counts(entity, lacking(x, entity, x.current[at]), size),
        x.scalars.worse_languages,
    )


def _counts(entity: Ints, lacks: Bools, size: int) -> Ints:
    out = np.zeros((size, lacks.shape[1]), np.int64)
    np.add.at(out, entity, lacks.astype(np.int64))
    return out


@dataclass(frozen=True, eq=False)
class Reach:
    """The worst that plans can do to each entity.

    Parameters
    ----------
    pair : ndarray
        Eligible pairs of demands that have a price today.
    means : dict of arrays of whole numbers, shape (n_entities,)
        Largest sum of each kind.
    then, today : ndarray of shape (n_entities, n_languages), bool
        Languages that some of these pairs lacks, and that today's sources lack.
    languages : ndarray of shape (n_entities,)
        By how many an entity can miss more than it may.
    """

    pair: Ints
    means: dict[Kind, Wholes]
    then: Bools
    today: Bools
    languages: Ints

    @property
    def worse(self) -> Bools:
        """Entities that some plan may leave worse off."""
        means = (self.means["overlap"] > 0) | (self.means["distance"] > 0)
        return np.asarray(means | (self.languages > 0), np.bool_)


def reach_of(x: Problem, *, unserved: bool) -> Reach:
    """The worst that plans can do; ``unserved``: demands may be left out, and no longer compared with today."""
    pairs, size = x.pairs, len(x.entity_ids)
    mine = np.zeros(x.n_demands, np.bool_)
    mine[compared(x, x.current)] = True
    pair, at = np.flatnonzero(mine[pairs.demand]), np.flatnonzero(mine)
    demand, provider = pairs.demand[pair], pairs.provider[pair]
    means = {
        kind: _largest(x, at, demand, lost(x, kind, demand, provider), unserved=unserved, size=size) for kind in KINDS
    }
    then = _counts(x.demand_entity[demand], lacking(x, x.demand_entity[demand], provider), size) > 0
    today = _counts(x.demand_entity[at], lacking(x, x.demand_entity[at], x.current[at]), size) > 0
    missed = 0 if unserved else today.sum(axis=1)
    more = then.sum(axis=1) - missed - x.scalars.worse_languages
    return Reach(pair, means, then, today, np.asarray(more, np.int64))


def _largest(x: Problem, at: Ints, demand: Ints, amount: Wholes, *, unserved: bool, size: int) -> Wholes:
    """Sum over an entity's demands of the most that each can add."""
    lowest = min(amount.min(initial=0), 0)
    best = np.full(x.n_demands, lowest, amount.dtype)
    np.maximum.at(best, demand, amount)
    absent = np.ones(x.n_demands, np.bool_)
    absent[demand] = False
    best[absent] = 0
    if unserved:
        best = np.maximum(best, 0)
    return added(x.demand_entity[at], best[at], size)
