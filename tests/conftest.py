"""Which set of tests is run."""

from __future__ import annotations

import pytest

import optimizer as dg
from optimizer.solvers.pool import end_common_pool
from tests import effort


def pytest_configure(config: pytest.Config) -> None:
    """Known before any test is read, in the processes of xdist too."""
    effort.set_level(config.option.markexpr)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of blocks of seeds the later ones are long; what is long is slow, so that ``-m "not slow"`` is the quick set."""
    for item in items:
        blocks = getattr(item, "callspec", None)
        if blocks is not None and item.get_closest_marker("slow") and effort.is_later_block(blocks.indices):
            item.add_marker("long")
        if item.get_closest_marker("long"):
            item.add_marker("slow")


def pytest_sessionfinish() -> None:
    """Processes of xdist leave without a goodbye."""
    end_common_pool()


@pytest.fixture(scope="session")
def mission_start() -> dg.Case:
    """The packaged case with a horizon."""
    return dg.example("mission-start")


@pytest.fixture(scope="session")
def mission_start_plan(mission_start: dg.Case) -> dg.PlanOverTime:
    """Its proven plan, solved once for all folders."""
    made = dg.solve(mission_start, backend="highs", time_limit=120)
    assert isinstance(made, dg.PlanOverTime)
    return made
