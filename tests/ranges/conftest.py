"""The packaged dynamic case and its plan, solved once."""

from __future__ import annotations

import pytest

import optimizer as dg


@pytest.fixture(scope="session")
def case() -> dg.Case:
    return dg.example("mission-start")


@pytest.fixture(scope="session")
def plan(case: dg.Case) -> dg.PlanOverTime:
    made = dg.solve(case, backend="highs", time_limit=120)
    assert isinstance(made, dg.PlanOverTime)
    return made
