"""Geodesic distance against two other implementations."""

from __future__ import annotations

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from geopy.distance import geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.domain.types import Place
from optimizer.model.eligibility import distance
from optimizer.model.eligibility.distance import geodesic_km

point = st.builds(Place, st.floats(-90, 90), st.floats(-180, 180), st.just("FR"))


@given(point, point)
@settings(max_examples=200, deadline=None)
def test_matches_geographiclib(a, b):
    """Any two points, poles and antipodes included."""
    exact = Geodesic.WGS84.Inverse(a.latitude, a.longitude, b.latitude, b.longitude)["s12"] / 1000
    assert geodesic_km([a], [b])[0, 0] == pytest.approx(exact, abs=1e-6)


def test_matches_geopy():
    """Nairobi, Geneva, New York."""
    spots = [Place(-1.2921, 36.8219, "KE"), Place(46.2044, 6.1432, "CH"), Place(40.7128, -74.006, "US")]
    table = geodesic_km(spots, spots)
    assert np.array_equal(np.diag(table), np.zeros(3))
    for i, a in enumerate(spots):
        for j, b in enumerate(spots):
            far = geodesic((a.latitude, a.longitude), (b.latitude, b.longitude)).km
            assert table[i, j] == pytest.approx(far, abs=1e-6)


def test_a_degree_of_latitude_at_the_equator():
    """110.574 km on this ellipsoid."""
    assert geodesic_km([Place(0, 0, "GA")], [Place(1, 0, "GA")])[0, 0] == pytest.approx(110.574, abs=1e-3)


def test_blocks_and_repeats(monkeypatch):
    """Working in blocks of two places changes nothing; repeated places are found again."""
    spots = [Place(i, 2 * i, "FR") for i in (0, 1, 2, 3, 4, 1, 0)]
    whole = geodesic_km(spots, spots[:3])
    monkeypatch.setattr(distance, "BLOCK_ROWS", 2)
    assert np.array_equal(geodesic_km(spots, spots[:3]), whole)
    assert np.array_equal(whole[0], whole[6])
    assert whole.shape == (7, 3)


def test_nobody():
    """Empty sides give empty tables."""
    assert geodesic_km([], [Place(0, 0, "FR")]).shape == (0, 1)
    assert geodesic_km([Place(0, 0, "FR")], []).shape == (1, 0)
