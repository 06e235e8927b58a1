"""A PostgreSQL server of a test's own, to be killed, starved and started again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from benchmarks.drills import cluster as clusters
from benchmarks.drills.cluster import Cluster

__all__ = ["Cluster", "cluster"]


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """A running server of one's own; skips loudly where PostgreSQL is not installed."""
    try:
        clusters.binaries()
    except clusters.NoPostgres as error:
        pytest.skip(f"NOT TESTED: the loss of PostgreSQL itself; {error}")
    with clusters.cluster() as held:
        yield held
