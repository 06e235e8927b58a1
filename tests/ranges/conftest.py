"""The packaged dynamic case and its plan, solved once."""

from __future__ import annotations

import pytest

import optimizer as dg


@pytest.fixture(scope="session")
def case(mission_start: dg.Case) -> dg.Case:
    return mission_start


@pytest.fixture(scope="session")
def plan(mission_start_plan: dg.PlanOverTime) -> dg.PlanOverTime:
    return mission_start_plan
