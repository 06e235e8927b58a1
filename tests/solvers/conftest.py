"""Pools shared by the backend tests: children are reused, as in production."""

from __future__ import annotations

import pytest

from optimizer.solvers.pool import ChildPool
from tests.solvers import fakes


class SpyPool(ChildPool):
    """Remembers the child handed out last."""

    def take(self, family):
        self.last = super().take(family)
        return self.last


@pytest.fixture(scope="session")
def pool():
    """Real backends."""
    with ChildPool() as shared:
        yield shared


@pytest.fixture
def fake_pool():
    """Backends that misbehave."""
    with SpyPool(specs=fakes.SPECS) as own:
        yield own


@pytest.fixture
def spy_pool():
    """Real backends in children of this test alone."""
    with SpyPool() as own:
        yield own
