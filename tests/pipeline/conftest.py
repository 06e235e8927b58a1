"""A pool of solver processes for all tests here: children are reused, as in production."""

from __future__ import annotations

import pytest

from optimizer.solvers.pool import ChildPool


@pytest.fixture(scope="session")
def pool():
    with ChildPool() as shared:
        yield shared
