"""Means weighted by effort, as sums of whole numbers: a mean keeps its limit where a sum is not above 0.

Distances count in millionths of a kilometre, shared hours in millionths of an hour, both rounded half up: what
a plan document shows of a pair. Σ a_d f_dp / Σ a_d ≤ most is Σ a_d (f_dp − most) ≤ 0, without any rounding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.domain.types import MICRO
from optimizer.model.resources import millionths

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.problem import Problem
    from optimizer.model.resources import Wholes

__all__ = ["distances", "half_up", "hours", "limit_of", "weighed"]

_ROOM = 2.0**61


def half_up(values: Floats) -> Ints:
    """Millionths of measured figures, rounded half up."""
    return np.floor(np.asarray(values, np.float64) * MICRO + 0.5).astype(np.int64)


def distances(x: Problem) -> Ints:
    """Millionths of a kilometre, shape (n_entities, n_providers + 1); own capacity, last, is at no distance."""
    return np.pad(half_up(x.distance_km), ((0, 0), (0, 1)))


def hours(x: Problem) -> Ints:
    """Millionths of an hour that are shared, shape (n_entities, n_providers + 1); own capacity: the working day."""
    own = x.quality.own_minutes if x.quality is not None else np.zeros(len(x.entity_ids), np.int64)
    day = (2 * own * MICRO + 60) // 120
    return np.concatenate([half_up(x.overlap_hours), day[:, None]], axis=1)


def weighed(x: Problem, demand: Ints, figure: Ints) -> Wholes:
    """Effort of the demands times a figure of each, exactly; sums over all demands have room in it."""
    minutes = x.exact.site.amount
    most = float(np.abs(figure).max(initial=0)) * float(minutes.sum())
    if minutes.dtype == object or most >= _ROOM:
        return np.asarray(minutes[demand].astype(object) * figure.astype(object))
    return np.asarray(minutes[demand] * figure)


def limit_of(value: float) -> int:
    """Millionths of a limit of the policy."""
    return int(millionths([value])[0])
