"""Large cases by parts, tried on small ones: no bound above the optimum, plans that hold, money counted as it is."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from optimizer.domain.case import Case
from optimizer.domain.errors import BackendRefused
from optimizer.domain.params import SolveParams
from optimizer.model.evaluate import check, evaluate
from optimizer.model.parts import Choice
from optimizer.model.time.joint import JointProblem, build_joint
from optimizer.model.time.program import Path
from optimizer.solvers.accept.over_time import path_rows, solve_joint
from optimizer.solvers.accept.watch import Watch
from optimizer.solvers.base import Incumbent, Progress
from optimizer.solvers.over_time.backups import name_backups
from optimizer.solvers.over_time.beside import BoundsBeside
from optimizer.solvers.over_time.bounding import Bounds
from optimizer.solvers.over_time.paths import Terms, _by_switches, _one_switch
from optimizer.solvers.over_time.prices import LeavingCost, spread
from optimizer.solvers.over_time.reach import Reach
from optimizer.solvers.over_time.relaxed import Relaxed
from optimizer.solvers.over_time.run import Run
from optimizer.solvers.over_time.search import Search
from optimizer.solvers.pool import ChildPool
from optimizer.testing.random_time import random_dynamic_case
from optimizer.testing.time_paths import PathFound, best_path
from optimizer.verify.time import TimeEvaluator
from tests.effort import few, share
from tests.time.cases import policy, read

RELAXED, SLICES, SOLVED = 400, 8, 300


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def as_path(joint: JointProblem, found: PathFound) -> Path:
    """The path of enumeration as indices."""
    at = {key: d for d, key in enumerate(joint.keys)}
    out = Path(np.full(joint.local.shape, -1, np.int64), np.full(joint.local.shape, -1, np.int64))
    for entity, service, number, source, backup in found.rows:
        out.provider[number - 1, at[entity, service]] = joint.source_index[source]
        if backup:
            out.backup[number - 1, at[entity, service]] = joint.source_index[backup]
    return out


def relaxed_costs_no_more(case: Case, seed: int) -> bool:
    """The best path is a plan of every period's relaxed problem, and costs there no more than it does."""
    best = best_path(case)
    if best is None:
        return False
    joint = build_joint(case)
    reach, path = Reach.of(joint), as_path(joint, best)
    relaxed = Relaxed(joint, reach)
    today = (path.provider != joint.current) & (path.provider >= 0) & (joint.current >= 0)
    dates = np.where(today.any(axis=0), np.argmax(today, axis=0), -1)
    for bounds in (Bounds(relaxed), Bounds(relaxed, dates)):
        total = 0.0
        for t, stage in enumerate(joint.stages):
            for backups in (True, False) if relaxed.tightens(t) else (True,):
                problem = bounds.problem(t, backups=backups)
                choice = Choice(path.provider[t, stage.demand], path.backup[t, stage.demand])
                assert not check(problem, choice), (seed, t)
                cost = evaluate(problem, choice)
                assert not cost.unpriced.any(), (seed, t)
            total += stage.weight * cost.total
        assert total <= best.objective + 1e-7 * max(1.0, best.objective), seed
        assert bounds.total <= total + 1e-7 * max(1.0, total), seed
    return True


@pytest.mark.parametrize("part", few(range(SLICES), 2))
def test_relaxed_periods_cost_no_more_than_the_best_path(part: int) -> None:
    size = share(RELAXED // SLICES, 5)
    tried = [relaxed_costs_no_more(random_dynamic_case(seed), seed) for seed in range(part * 1000, part * 1000 + size)]
    assert sum(tried) >= size // 4


@pytest.mark.parametrize("part", few(range(4), 2))
def test_what_leaving_costs_is_never_charged_in_full_twice(part: int) -> None:
    """Σ of the prices from any date on is at most what leaving at that date costs."""
    for seed in range(part * 10, part * 10 + share(10)):
        joint = build_joint(random_dynamic_case(seed))
        reach, leaving = Reach.of(joint), LeavingCost.of(joint)
        discount = np.array([s.discount for s in joint.stages])[:, None]
        for dates in (None, np.full(joint.n_demands, joint.n_periods - 1)):
            prices = spread(joint, reach, leaving, dates)
            rest = np.cumsum(prices[::-1], axis=0)[::-1]
            assert (prices >= 0).all()
            charged = np.where(reach.departs, rest - leaving.money * discount, -1.0)
            assert (charged <= 1e-9 * (1 + leaving.money)).all(), seed


@pytest.mark.parametrize("part", few(range(4), 2))
def test_the_search_counts_money_as_the_verifier_does(part: int) -> None:
    counted = 0
    for seed in range(part * 50, part * 50 + share(50)):
        case = random_dynamic_case(seed)
        best, joint = best_path(case), build_joint(case)
        if best is None:
            continue
        search = Search(joint)
        assert search.begin(as_path(joint, best).provider)
        assert search.value() == pytest.approx(best.objective, rel=1e-9, abs=1e-6), seed
        counted += 1
    assert counted


def test_committed_moves_of_a_big_bang_bear_its_risk() -> None:
    """The only move that is not forced is committed: the risk is paid all the same."""
    case = random_dynamic_case(85)
    best, joint = best_path(case), build_joint(case)
    assert best is not None
    assert case.policy.transition_mode == "big_bang"
    assert joint.committed
    search = Search(joint)
    assert search.begin(as_path(joint, best).provider)
    assert search.value() == pytest.approx(best.objective, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(("switches", "dates"), [(1, [0, 1]), (2, [0, 1]), (3, [0, 1, 3]), (4, [0, 1, 3])])
def test_leaving_after_a_return_is_a_date_of_leaving_too(switches: int, dates: list[int]) -> None:
    """Today's source is forbidden in the second quarter: who came back in the third may leave again in the fourth."""
    gone = {"action": "forbid", "entity": "E1", "service": "pay", "provider": "P1", "reason": "closed for works"}
    rows = [{**gone, "from": "2027-04-01", "until": "2027-07-01"}]
    reach = Reach.of(build_joint(read(policy=policy(max_switches=switches), decisions=rows)))
    assert np.flatnonzero(reach.departs[:, 0]).tolist() == dates


def test_what_is_put_back_costs_what_it_did() -> None:
    for seed in range(share(30, 5)):
        search = Search(build_joint(random_dynamic_case(seed, feasible=True)))
        if not search.begin():
            continue
        value, before = search.value(), search.path()
        _, courses = search.again(list(range(search.joint.n_demands)), 0.3)
        search.undo(courses)
        assert search.value() == pytest.approx(value, rel=1e-9, abs=1e-6)
        assert (search.path() == before).all()


def test_backups_that_are_named_keep_the_rule() -> None:
    named = 0
    for seed in range(share(240, 3)):
        case = random_dynamic_case(seed, backup=True)
        if not any(s.critical for s in case.services):
            continue
        best, joint = best_path(case), build_joint(case)
        if best is None:
            continue
        path = as_path(joint, best)
        for t, stage in enumerate(joint.stages):
            provider = path.provider[t, stage.demand]
            backup, missing = name_backups(stage.problem, provider, np.full(len(provider), -1, np.int64))
            broken = [b for b in check(stage.problem, Choice(provider, backup)) if b.rule == "backup"]
            assert bool(broken) == bool(missing), (seed, t)
            named += int((backup >= 0).sum())
    assert named


def by_parts(seed: int, pool: ChildPool) -> None:
    """The plan holds and the bound does; neither is better than what enumeration finds."""
    case = random_dynamic_case(seed)
    best, joint, judge = best_path(case), build_joint(case), TimeEvaluator(case)
    solved = solve_joint(joint, SolveParams(backend="engine", time_limit_s=4, seed=seed), judge, Watch(pool=pool))
    if best is None:
        assert solved.path is None, seed
        return
    assert solved.bound is None or solved.bound <= best.objective + 0.01, seed
    if solved.path is not None:
        rows = path_rows(joint, solved.path)
        assert not judge.violations(rows), seed
        assert solved.objective == pytest.approx(float(judge.cost(rows).objective), abs=1e-6)
        assert solved.objective >= best.objective - 0.01, seed


@pytest.mark.parametrize("seed", few(range(4), 2))
def test_a_case_by_parts(seed: int, pool: ChildPool) -> None:
    by_parts(seed, pool)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_many_cases_by_parts(part: int, pool: ChildPool) -> None:
    for seed in range(part * SOLVED // 10, (part + 1) * SOLVED // 10):
        by_parts(seed, pool)


def test_a_cancel_keeps_the_plan_and_the_bound(pool: ChildPool) -> None:
    seen: list[Progress | Incumbent] = []
    joint = build_joint(read())
    watch = Watch(pool=pool, on_progress=seen.append, cancelled=lambda: any(isinstance(s, Progress) for s in seen))
    solved = solve_joint(joint, SolveParams(backend="engine", time_limit_s=60), TimeEvaluator(joint.case), watch)
    assert solved.stopped_by == "user"
    assert seen


def test_a_gap_closes_nothing_while_there_is_no_plan() -> None:
    run = Run(SolveParams(backend="engine", gap_rel=0.05, time_limit_s=60), Watch(), time.monotonic())
    run.raise_bound(100.0)
    assert not run.closed()
    run.best = 104.0
    assert run.closed()


def test_an_error_beside_the_search_is_told_with_the_plan(pool: ChildPool, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_self: BoundsBeside) -> None:
        raise ValueError("a fault of ours")

    monkeypatch.setattr(BoundsBeside, "raise_all", fails)
    joint = build_joint(read())
    params = SolveParams(backend="engine", time_limit_s=2, threads=2)
    solved = solve_joint(joint, params, TimeEvaluator(joint.case), Watch(pool=pool))
    assert solved.path is not None
    assert "bounds failed: ValueError('a fault of ours')" in solved.detail


def test_a_demand_that_nobody_may_ever_serve_leaves_no_plan(pool: ChildPool) -> None:
    joint = build_joint(read(offers=[], tiers=[], current=[]))
    params = SolveParams(backend="engine", time_limit_s=2)
    solved = solve_joint(joint, params, TimeEvaluator(joint.case), Watch(pool=pool))
    assert (solved.path, solved.bound, solved.solution) == (None, None, "no_solution")


def test_a_work_limit_is_refused_with_the_names_of_those_that_have_one() -> None:
    joint = build_joint(read(policy=policy()))
    params = SolveParams(backend="engine", work_limit=5)
    with pytest.raises(BackendRefused, match="cpsat"):
        solve_joint(joint, params, TimeEvaluator(joint.case), Watch())


def test_a_start_is_never_lost(pool: ChildPool) -> None:
    joint = build_joint(read())
    judge = TimeEvaluator(joint.case)
    first = solve_joint(joint, SolveParams(backend="highs"), judge, Watch(pool=pool))
    again = solve_joint(joint, SolveParams(backend="engine", time_limit_s=3), judge, Watch(pool=pool), start=first.path)
    assert again.objective is not None
    assert first.objective is not None
    assert again.objective <= first.objective + 1e-6


def test_one_switch_at_once_is_what_periods_and_switches_say() -> None:
    random = np.random.default_rng(0)
    for _ in range(share(200)):
        periods, k = int(random.integers(1, 6)), int(random.integers(1, 4))
        running, leave, come = random.random((3, periods, k))
        running[random.random((periods, k)) < 0.2] = np.inf
        leave[random.random((periods, k)) < 0.3] = np.inf
        come[random.random((periods, k)) < 0.3] = np.inf
        present = np.flatnonzero(random.random(periods) < 0.8)
        terms, today = Terms(running, leave, come, come), int(random.integers(k))
        once, slowly = _one_switch(terms, present, today), _by_switches(terms, present, today, 1)
        assert once[1] == pytest.approx(slowly[1])
        assert (once[0] == slowly[0]).all()
