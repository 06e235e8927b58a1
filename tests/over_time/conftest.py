"""One solve of the packaged dynamic case, shared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import optimizer as dg


@pytest.fixture(scope="session")
def case(mission_start: dg.Case) -> dg.Case:
    return mission_start


@pytest.fixture(scope="session")
def plan(mission_start_plan: dg.PlanOverTime) -> dg.PlanOverTime:
    return mission_start_plan


@pytest.fixture
def document(plan: dg.PlanOverTime) -> dict[str, Any]:
    """A copy that a test may change."""
    return plan.document()


@pytest.fixture(scope="session")
def file(plan: dg.PlanOverTime, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    path.write_text(json.dumps(plan.document()), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def steady_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("steady") / "plan.json"
    path.write_text(json.dumps(dg.solve(dg.example("tiny"), backend="highs").document()), encoding="utf-8")
    return path
