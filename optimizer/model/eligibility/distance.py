"""Geodesic distance on the WGS 84 ellipsoid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pyproj import Geod

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.domain.types import Place
    from optimizer.model.aliases import Floats, Ints

__all__ = ["geodesic_km"]

BLOCK_ROWS = 4096
"""Distinct places handled at once, so that temporaries stay small."""


def _distinct(places: Sequence[Place]) -> tuple[Floats, Ints]:
    """Distinct (longitude, latitude) of shape (n, 2), and each place's position among them."""
    seen: dict[tuple[float, float], int] = {}
    member = np.array([seen.setdefault((p.longitude, p.latitude), len(seen)) for p in places], np.int64)
    return np.array(list(seen), np.float64).reshape(len(seen), 2), member


def geodesic_km(entities: Sequence[Place], providers: Sequence[Place]) -> Floats:
    """Length of the shortest path between every entity and every provider.

    Parameters
    ----------
    entities, providers : sequence of Place
        Degrees, WGS 84.

    Returns
    -------
    ndarray of shape (n_entities, n_providers)
        Kilometres. Computed once per pair of distinct places (Karney's method, nanometres).
    """
    geod = Geod(ellps="WGS84")
    origin, row = _distinct(entities)
    target, column = _distinct(providers)
    km = np.empty((len(origin), len(target)))
    for at in range(0, len(origin), BLOCK_ROWS):
        block = origin[at : at + BLOCK_ROWS]
        shape = (len(block), len(target))
        lon, lat = (np.broadcast_to(block[:, i, None], shape).ravel() for i in (0, 1))
        to_lon, to_lat = (np.broadcast_to(target[None, :, i], shape).ravel() for i in (0, 1))
        metres = geod.inv(lon, lat, to_lon, to_lat)[2]
        km[at : at + BLOCK_ROWS] = np.asarray(metres, np.float64).reshape(shape) / 1000.0
    return km[np.ix_(row, column)]
