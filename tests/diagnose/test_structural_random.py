"""An error that arithmetic finds is a proof: where it speaks, enumeration finds no plan at all."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from optimizer.model.build import build_problem
from optimizer.model.time.joint import build_joint
from optimizer.solvers.diagnose.over_time import findings_over_time
from optimizer.solvers.diagnose.structural import structural_findings
from optimizer.testing import best_plan, random_case, random_dynamic_case
from optimizer.testing.time_paths import best_path
from tests.effort import share

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.domain.issues import Issue


def errors(findings: Iterable[Issue]) -> set[str]:
    return {f.code for f in findings if f.severity == "error"}


def test_steady_cases():
    """Backups asked for in each: the finding that a demand can have none speaks in one of three."""
    number, seen = share(3000, 20), Counter[str]()
    for seed in range(number):
        case = random_case(seed, always=("backup",), max_plans=4000)
        found = errors(structural_findings(case, build_problem(case)))
        assert not found or best_plan(case) is None, (seed, found)
        seen.update(found)
    assert seen["demand_without_backup"] > number // 5
    assert seen["demand_without_provider"] > number // 10
    assert number < 1000 or {"lock_impossible", "capacity_short"} <= set(seen)


def test_cases_over_time():
    """A period that cannot be served has no path through it."""
    number, seen = share(1000, 20), Counter[str]()
    for seed in range(number):
        case = random_dynamic_case(seed, backup=True, max_paths=3000)
        found = errors(findings_over_time(build_joint(case)))
        assert not found or best_path(case) is None, (seed, found)
        seen.update(found)
    assert seen["demand_without_backup"] > number // 50
    assert seen["demand_without_provider"]
