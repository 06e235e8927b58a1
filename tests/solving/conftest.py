"""A pool of solver processes for all tests here: children are reused, as in production."""

from __future__ import annotations

import pytest

from optimizer.backends.process import ChildPool
from optimizer.solving.solve import Watch


@pytest.fixture(scope="session")
def watch():
    with ChildPool() as shared:
        yield Watch(pool=shared)
