"""A pool of solver processes for all tests here: children are reused, as in production."""

from __future__ import annotations

import pytest

from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.pool import ChildPool


@pytest.fixture(scope="session")
def watch():
    with ChildPool() as shared:
        yield Watch(pool=shared)
