"""Cases, documents and finished pages, each made once."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from optimizer.domain.case import Case
from optimizer.report.html import render_report
from tests.report.fixtures.fake_case import make_case
from tests.report.fixtures.fake_plan import make_plan

KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "tiny": ({"entities": 1, "services": 1, "providers": 1}, "optimal"),
    "usual": ({"entities": 30, "services": 5, "providers": 9}, "feasible"),
    "infeasible": ({"entities": 20, "services": 4, "providers": 8}, "infeasible"),
    "nothing": ({"entities": 5, "services": 2, "providers": 3}, "no_solution"),
    "no_baseline": ({"entities": 20, "services": 4, "providers": 8, "baseline": False}, "optimal"),
    "hostile": ({"entities": 15, "services": 4, "providers": 9, "hostile": True}, "feasible"),
}


@cache
def _case(kind: str) -> Case:
    return make_case(**KINDS[kind][0])


@cache
def _page(kind: str) -> str:
    return render_report(make_plan(_case(kind), KINDS[kind][1]), _case(kind))


class Library:
    """Cases and pages by kind; a plan is made anew each time, so that a test may change it."""

    kinds = tuple(KINDS)

    def case(self, kind: str) -> Case:
        """Case of a kind."""
        return _case(kind)

    def plan(self, kind: str, seed: int = 0) -> dict[str, Any]:
        """Fresh plan document of a kind."""
        return make_plan(_case(kind), KINDS[kind][1], seed)

    def page(self, kind: str) -> str:
        """Finished HTML of a kind."""
        return _page(kind)


@pytest.fixture(scope="session")
def library() -> Library:
    """Everything the tests of this folder read."""
    return Library()
