"""The hand-worked case and its plan, solved once; a pool of children for all tests here."""

from __future__ import annotations

import pytest

import data
from optimizer.domain.params import SolveParams
from optimizer.pipeline import solve_case
from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.pool import ChildPool
from optimizer.tables.read import read_case


@pytest.fixture(scope="session")
def pool():
    with ChildPool() as shared:
        yield shared


@pytest.fixture(scope="session")
def watch(pool):
    return Watch(pool=pool)


@pytest.fixture(scope="session")
def params():
    return SolveParams(backend="highs", time_limit_s=60)


@pytest.fixture(scope="session")
def tiny():
    return read_case(data.case_path("tiny"))[0]


@pytest.fixture(scope="session")
def applied(tiny, params, watch):
    """The optimal plan of the case."""
    return solve_case(tiny, params, watch=watch)
