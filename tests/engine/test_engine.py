"""The engine as a whole, in a child process: right on small cases, repeatable, obedient."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.layouts import Raw
from benchmarks.literature import to_problem
from optimizer.domain.params import SolveParams
from optimizer.model.evaluate import check, evaluate
from optimizer.model.formulate import build_program
from optimizer.model.parts import Choice
from optimizer.model.problem import Problem
from optimizer.solvers.base import Incumbent, Outcome, Request
from optimizer.solvers.pool import ChildPool
from optimizer.solvers.process import run
from tests.effort import few
from tests.engine.helpers import ALL_RULES, brute_force, oracle, random_problem, with_pair_volumes


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    """One child for all solves of this module."""
    with ChildPool() as children:
        yield children


def _solve(pool: ChildPool, problem: Problem, start: Choice | None = None, **limits) -> Outcome:
    return run("engine", Request(problem, None, SolveParams(backend="engine", **limits), start), pool=pool)


def _small(seed: int) -> Problem:
    rules = {
        **ALL_RULES,
        "backup": seed % 3 == 0,
        "bundle_together": seed % 4 == 1,
        "zones": seed % 5 == 2,
        "max_moves": 3 if seed % 2 else None,
        "one_off_budget": 4000.0 if seed % 7 == 3 else None,
        "locks": seed % 6 == 5,
    }
    return random_problem(seed, 3, 2, 3, slack=1.8, rules=rules)


@pytest.mark.parametrize("seed", few(range(24), 4))
def test_small_cases_are_solved_to_the_optimum(pool: ChildPool, seed: int) -> None:
    """Plan and bound meet at the brute-force optimum; no plan is held where there is none."""
    problem = _small(seed)
    best, _ = brute_force(problem)
    outcome = _solve(pool, problem, time_limit_s=30.0)
    if best == np.inf:
        assert outcome.choice is None
        assert outcome.infeasible
        return
    assert outcome.choice is not None
    total, bad = oracle(problem, outcome.choice)
    assert not bad
    assert total == pytest.approx(best, abs=0.01)
    assert outcome.objective == pytest.approx(total, abs=1e-4)
    assert outcome.bound is not None
    assert best - 0.011 <= outcome.bound <= best + 0.01
    assert outcome.stopped_by == "finished"


@pytest.mark.parametrize("seed", few(range(8), 2))
def test_volumes_by_pair_are_solved_to_the_optimum(pool: ChildPool, seed: int) -> None:
    """Engine and HiGHS agree with brute force where volumes depend on the provider."""
    rules = {**ALL_RULES, "backup": False, "bundle_together": seed % 4 == 1}
    problem = with_pair_volumes(random_problem(seed, 3, 2, 3, slack=1.8, rules=rules), seed)
    best, _ = brute_force(problem)
    mine = _solve(pool, problem, time_limit_s=30.0)
    program = build_program(problem)
    peer = run("highs", Request(problem, program, SolveParams(backend="highs", time_limit_s=30.0)), pool=pool)
    if best == np.inf:
        assert mine.choice is peer.choice is None
        assert mine.infeasible
        return
    for outcome in (mine, peer):
        assert outcome.choice is not None
        total, bad = oracle(problem, outcome.choice)
        assert not bad
        assert total == pytest.approx(best, abs=0.01)
        assert outcome.bound is not None
        assert outcome.bound <= best + 0.01
    assert mine.objective == pytest.approx(best, abs=0.01)
    assert mine.stopped_by == "finished"


@pytest.mark.parametrize("seed", few(range(4), 2))
def test_assignment_is_solved_as_highs_does(pool: ChildPool, seed: int) -> None:
    """Tight generalised assignment: one line each, no fixed cost, whole costs and volumes."""
    rng = np.random.default_rng(seed)
    raw_take = rng.integers(5, 26, (4, 14)).astype(float)
    raw = Raw(111.0 - raw_take + rng.integers(-10, 11, (4, 14)), raw_take, np.zeros(4), 0.8 * raw_take.sum(axis=1) / 4)
    problem = to_problem(raw)
    mine = _solve(pool, problem, time_limit_s=30.0, threads=1 + seed % 2)
    program = build_program(problem)
    peer = run("highs", Request(problem, program, SolveParams(backend="highs", time_limit_s=30.0)), pool=pool)
    assert mine.infeasible == peer.infeasible
    if peer.choice is None:
        return
    assert mine.choice is not None
    assert not check(problem, mine.choice)
    assert evaluate(problem, mine.choice).total == pytest.approx(mine.objective, abs=1e-6)
    assert mine.objective == pytest.approx(peer.objective, abs=0.01)
    assert (mine.stopped_by, peer.stopped_by) == ("finished", "finished")


def _medium(seed: int) -> Problem:
    return random_problem(seed, 40, 6, 16, slack=2.2, own=0.5, rules={"interface_cost": 60.0, "handover_cost": 20.0})


@pytest.mark.slow
def test_equal_work_and_seed_give_the_equal_plan(pool: ChildPool) -> None:
    """Under a work limit nothing depends on the clock."""
    problem = _medium(5)
    assert problem.n_pairs > 3000
    one, two = (_solve(pool, problem, work_limit=600, seed=11) for _ in range(2))
    assert one.choice is not None
    assert two.choice is not None
    np.testing.assert_array_equal(one.choice.provider, two.choice.provider)
    assert one.objective == two.objective
    assert one.bound == two.bound
    assert one.work == two.work
    assert one.stopped_by == "work"


def test_a_feasible_start_is_never_made_worse(pool: ChildPool) -> None:
    """With no time to speak of the start itself comes back; with time, something at least as good."""
    problem = _medium(6)
    first = _solve(pool, problem, work_limit=300)
    assert first.choice is not None
    assert first.objective is not None
    for limit in (1, 200):
        again = _solve(pool, problem, start=first.choice, work_limit=limit)
        assert again.start_used
        assert again.objective is not None
        assert again.objective <= first.objective + 1e-6


def test_a_broken_start_is_repaired(pool: ChildPool) -> None:
    """Ineligible and missing parts of a start are done anew."""
    problem = _medium(6)
    start = Choice(np.full(problem.n_demands, -1), np.full(problem.n_demands, -1))
    outcome = _solve(pool, problem, start=start, work_limit=200)
    assert outcome.start_used is False
    assert outcome.choice is not None
    assert not oracle(problem, outcome.choice)[1]


def test_cancel_keeps_the_best_plan(pool: ChildPool) -> None:
    """A cancel after the first plan ends the run with that plan or a better one."""
    problem, cancel, seen = _medium(7), threading.Event(), []

    def note(event: object) -> None:
        if isinstance(event, Incumbent):
            seen.append(event.objective)
            cancel.set()

    params = SolveParams(backend="engine", time_limit_s=60.0)
    outcome = run("engine", Request(problem, None, params), on_progress=note, cancelled=cancel, pool=pool)
    assert outcome.stopped_by == "user"
    assert outcome.choice is not None
    assert outcome.objective is not None
    assert outcome.objective <= seen[0] + 1e-6


@pytest.mark.slow
def test_two_threads_give_a_verified_plan_and_a_bound(pool: ChildPool) -> None:
    """Search beside bounds."""
    problem = _medium(8)
    outcome = _solve(pool, problem, time_limit_s=4.0, threads=2)
    assert outcome.choice is not None
    assert outcome.bound is not None
    total, bad = oracle(problem, outcome.choice)
    assert not bad
    assert outcome.bound <= total + 0.01


def test_a_demand_nobody_may_serve_is_infeasible(pool: ChildPool) -> None:
    """No pair, no plan."""
    problem = random_problem(1, 2, 1, 1, own=0.0)
    problem.pairs.start[1:] = problem.pairs.start[-1]
    assert _solve(pool, problem, time_limit_s=5.0).infeasible
