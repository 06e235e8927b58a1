"""Waves that are committed, a case that changes, and the plan begun again from the one that was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import optimizer as dg
from optimizer.domain.case import Case
from optimizer.domain.errors import InputError, UsageError
from optimizer.domain.params import SolveParams
from optimizer.domain.time_rows import Freeze
from optimizer.model.time.joint import build_joint
from optimizer.model.time.program import Path
from optimizer.pipeline import solve_over_time
from optimizer.plan.time.commit import commit
from optimizer.plan.time.given import path_from_plan, path_from_rows
from optimizer.plan.time.plan import PlanOverTime
from optimizer.solvers.accept.over_time import path_rows
from optimizer.solvers.accept.watch import Watch
from optimizer.solvers.over_time.backups import carried_over
from optimizer.solvers.over_time.mending import mend, put_back
from optimizer.solvers.over_time.search import Search
from optimizer.solvers.pool import ChildPool
from optimizer.stating import settle_case
from optimizer.studies.replanning.reasons import ALONE
from optimizer.studies.replanning.run import Asked, replan
from optimizer.studies.replanning.slip import Slip, slipped
from optimizer.testing.random_time import random_dynamic_case
from optimizer.testing.time_paths import best_path
from optimizer.verify.time import TimeEvaluator
from tests.effort import few, share
from tests.time.cases import policy, read, tables


def case_with(start: str, end: str) -> Case:
    """The second client comes and goes, and nobody serves it today."""
    first, second = tables()["entities"]
    mission = {**second, "start": start, "end": end}
    return read(entities=[first, mission], current=[{"entity": "E1", "service": "pay", "provider": "P1"}])


def later_by(case: Case, start: str, end: str) -> Case:
    return dg.replace(case, entities={"change": [{"id": "E2", "start": start, "end": end}]})


def solved(case: Case, **more: Any) -> PlanOverTime:
    return PlanOverTime.from_document(solve_over_time(case, SolveParams(), **more), case)


def sources(plan: PlanOverTime) -> dict[tuple[str, int], str | None]:
    return {(a.entity, t): a.provider for a in plan.assignments for t in range(a.from_period, a.until_period + 1)}


def test_a_plan_is_carried_over_to_the_dates_of_a_client_that_slipped() -> None:
    case = case_with("2027-01-01", "2027-10-01")
    before = solved(case)
    later = case_with("2027-04-01", "2028-01-01")
    joint = build_joint(later)
    given = path_from_plan(joint, before.document())
    d = joint.keys.index(("E2", "pay"))
    assert given.provider[3, d] == -1  # the plan knows nothing of the quarter that is new
    carried = carried_over(joint, given)
    assert carried is not None
    assert carried.provider[:, d].tolist() == [-1, *[joint.source_index["P2"]] * 3]
    again = solved(later, start=before.document())
    assert (again.ok, again.status.solution) == (True, "optimal")


def test_committed_waves_stay_when_a_client_slips() -> None:
    case = case_with("2027-01-01", "2027-10-01")
    before = solved(case)
    fixed = commit(case, before, 1)
    later = later_by(fixed, "2027-04-01", "2028-01-01")
    again = solved(later, start=before.document())
    assert again.ok
    assert sources(again)["E1", 1] == sources(before)["E1", 1]
    assert sources(again)["E2", 2] == sources(before)["E2", 1]


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def best_rows(seed: int) -> tuple[Case, list[Any]]:
    """A random case, and the rows of its best plan."""
    case = random_dynamic_case(seed, feasible=True)
    best = best_path(case)
    assert best is not None
    return case, list(best.rows)


def slower(case: Case, rows: list[Any]) -> Case | None:
    """The case in which one demand that switches may not do so when it did; ``None`` where none does."""
    judge = TimeEvaluator(case)
    switches = judge.plan(rows).course.switches
    if not switches or case.policy.horizon is None:
        return None
    s = switches[0]
    day = case.policy.horizon.periods[s.period - 1]
    row = Freeze(from_=day.begin, until=day.end, entity=s.key[0], service=s.key[1], provider="")
    return case.having(freezes=(*case.freezes, row))


@pytest.mark.parametrize("part", few(range(4), 1))
def test_a_mended_plan_keeps_what_may_stay_and_every_rule_about_one_demand(part: int) -> None:
    changed = 0
    for seed in range(part * 100, part * 100 + share(100, 12)):
        case, rows = best_rows(seed)
        later = slower(case, rows)
        if later is None:
            continue
        joint = build_joint(later)
        planned = path_from_rows(joint, rows)
        search = Search(joint)
        found = mend(search, planned.provider)
        if not found.placed:
            continue
        path = search.path()
        elsewhere = np.flatnonzero((path != planned.provider).any(axis=0)).tolist()
        assert set(elsewhere) <= set(found.changed), seed
        broken = TimeEvaluator(later).violations(path_rows(joint, Path(path, planned.backup)))
        assert not {v.rule for v in broken} & ALONE, seed
        before = search.value()
        put_back(search, planned.provider)
        assert search.value() <= before + 1e-6, seed
        changed += len(elsewhere)
    assert changed


def sources_of(plan: PlanOverTime) -> dict[tuple[str, str, int], str | None]:
    return {
        (a.entity, a.service, t): a.provider for a in plan.assignments for t in range(a.from_period, a.until_period + 1)
    }


def committed_stay(seed: int, pool: ChildPool) -> bool:
    """What is committed is never touched, whatever slips; and no plan is better than the best by enumeration."""
    case, rows = best_rows(seed)
    document = settle_case(case, rows, SolveParams(), stopped_by="time")
    plan = PlanOverTime.from_document(document, case)
    waves = [w.period for w in plan.waves if w.switches]
    horizon = case.policy.horizon
    assert horizon is not None
    if not plan.ok or not waves or waves[-1] == horizon.count:
        return False
    until = waves[-1] - 1
    params = SolveParams(backend="engine", time_limit_s=3, seed=seed)
    try:
        found = replan(case, plan, Asked(until, Slip(waves[-1])), params, Watch(pool=pool))
    except InputError:  # rows drawn at random are not always a case that the reader lets in
        return False
    best = best_path(found.case)
    if best is None or found.plan.cost is None:
        assert found.plan.cost is None or best is not None, seed
        return False
    assert found.plan.ok, seed
    assert found.plan.cost.discounted >= best.objective - 0.01, seed
    after = sources_of(found.plan)
    for a in plan.assignments:
        begins = a.moved_from is not None or (a.entity, a.service) not in case.current_of
        if begins and a.from_period <= until:
            assert after[a.entity, a.service, a.from_period] == a.provider, seed
    assert all(m["why"]["kind"] for m in found.changes["moved"]), seed
    return True


def test_committed_waves_are_never_touched(pool: ChildPool) -> None:
    assert sum(committed_stay(seed, pool) for seed in range(share(60, 12)))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(6))
def test_committed_waves_are_never_touched_in_many_cases(part: int, pool: ChildPool) -> None:
    assert sum(committed_stay(seed, pool) for seed in range(part * 40, part * 40 + 40)) > 4


def test_a_longer_horizon_tells_what_changes_early_with_its_reason(pool: ChildPool) -> None:
    """A move that does not come back in a year does so in six."""
    one = policy(transition={"travel": 6000}, horizon={"start": "2027-01-01", "unit": "quarter", "count": 4})
    case = read(policy=one)
    before = solved(case, watch=Watch(pool=pool))
    longer = dg.replace(case, policy={"horizon": {"start": "2027-01-01", "unit": "quarter", "count": 24}})
    found = dg.replan(case, before, to=longer, time_limit=20, backend="highs", watch=Watch(pool=pool))
    moved = found.changes["moved"]
    assert moved
    assert {m["why"]["kind"] for m in moved} == {"saving"}
    assert all(m["why"]["amount"] > 0 for m in moved)
    assert found.changes["periods"]["shared"] == ["2027-01-01", "2027-04-01", "2027-07-01", "2027-10-01"]


def test_a_wave_that_slips_moves_commitments_and_holds_the_rest() -> None:
    case = read(policy=policy(max_moves_per_period=1, transition={"travel": 1}))
    before = solved(case)
    held = slipped(commit(case, before, 1), before, Slip(1, 2))
    assert [(c.entity, c.from_.isoformat()) for c in held.commitments] == [("E2", "2027-07-01")]
    free = slipped(case, before, Slip(2))
    assert [(f.entity, f.service, f.until.isoformat()) for f in free.freezes] == [("E1", "pay", "2027-07-01")]
    again = solved(free, start=before.document())
    assert (sources(again)["E1", 2], sources(again)["E1", 3]) == ("P1", "P2")
    for slip, told in (
        (Slip(3), "nothing switches in period 3"),
        (Slip(1, 4), "the horizon ends"),
        (Slip(9), "no period 9"),
        (Slip(1, 0), "1 period or more"),
        (Slip(1, entity="E1"), "nothing E1 switches"),
    ):
        with pytest.raises(UsageError, match=told):
            slipped(case, before, slip)
