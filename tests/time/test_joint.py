"""The program of all periods against every path: same optimum, same money, no bound above it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from optimizer.domain.params import SolveParams
from optimizer.model.time.formulate import build_joint_program
from optimizer.model.time.joint import JointProblem, build_joint
from optimizer.model.time.program import Path
from optimizer.model.time.trace import Trace
from optimizer.plan.time.allocation import Ledger
from optimizer.plan.time.alternatives import runner_ups_over_time
from optimizer.solvers.accept.over_time import path_rows, solve_joint
from optimizer.solvers.accept.watch import Watch
from optimizer.solvers.pool import ChildPool
from optimizer.testing.random_time import random_dynamic_case
from optimizer.testing.time_paths import best_path
from optimizer.verify.time import TimeEvaluator
from tests.effort import share
from tests.time.cases import policy, read

BACKENDS = ("highs", "cpsat", "scip", "cbc", "pulp-highs")
CASES, SLICES = 500, 10


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def agrees(seed: int, backend: str, pool: ChildPool) -> None:
    """One case: the backend's answer is that of enumeration, and three ways of counting agree."""
    case = random_dynamic_case(seed)
    best, evaluator, joint = best_path(case), TimeEvaluator(case), build_joint(case)
    solved = solve_joint(joint, SolveParams(backend=backend, time_limit_s=30), evaluator, Watch(pool=pool))  # type: ignore[arg-type]
    if best is None:
        assert solved.solution in ("infeasible", "no_solution"), (seed, solved.detail)
        assert solved.path is None
        return
    assert solved.solution == "optimal", (seed, solved.detail)
    assert solved.objective == pytest.approx(best.objective, abs=0.01), seed
    assert solved.bound is not None
    assert solved.bound <= best.objective + 0.01, seed
    assert solved.path is not None
    rows = path_rows(joint, solved.path)
    assert not evaluator.violations(rows), seed
    ledger, program = Ledger(Trace(joint, solved.path.provider)), build_joint_program(joint)
    assert ledger.objective == pytest.approx(evaluator.cost(rows).objective, abs=1e-6), seed
    values = program.encode(solved.path)
    assert program.objective(values) == pytest.approx(ledger.objective, rel=1e-9, abs=1e-6), seed
    activity, room = program.a @ values, 1e-6 * (1 + abs(program.a) @ np.abs(values))
    assert (activity >= program.row_lower - room).all()
    assert (activity <= program.row_upper + room).all()
    back = program.decode(values)
    assert (back.provider == solved.path.provider).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_exact_backend_finds_what_enumeration_finds(backend: str, pool: ChildPool) -> None:
    for seed in range(share(6)):
        agrees(seed, backend, pool)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLICES))
@pytest.mark.parametrize("backend", BACKENDS)
def test_on_many_cases(backend: str, part: int, pool: ChildPool) -> None:
    size = CASES // SLICES
    for seed in range(part * size, (part + 1) * size):
        agrees(seed, backend, pool)


def test_names_of_rows_and_columns_say_period_and_rule() -> None:
    from optimizer.model.program.naming import column_name, row_name, rule_of_row

    program = build_joint_program(build_joint(read(policy=policy(max_moves=1))))
    assert column_name(program, 0) == "x[1,E1,pay,P1]"  # type: ignore[arg-type]
    names = {row_name(program, i) for i in range(program.n_rows)}  # type: ignore[arg-type]
    assert "one_switch[E1,pay]" in names
    assert {rule_of_row(program, i) for i in range(program.n_rows)} >= {"assign_once", "max_moves"}  # type: ignore[arg-type]


def test_a_path_that_is_cut_off_does_not_come_again(pool: ChildPool) -> None:
    joint = build_joint(read())
    program = build_joint_program(joint)
    evaluator = TimeEvaluator(joint.case)
    first = solve_joint(joint, SolveParams(backend="highs"), evaluator, Watch(pool=pool))
    assert first.path is not None
    values = program.encode(first.path)
    cut = program.without(first.path)
    assert (program.a @ values <= program.row_upper + 1e-9).all()
    assert not (cut.a @ values <= cut.row_upper + 1e-9).all()


def test_everyone_stays_until_they_must_go() -> None:
    from optimizer.model.time.staying import staying_path
    from tests.time.cases import provider

    ends = [provider("P1", 46, 6, "CH", end="2027-07-01"), provider("P2", -1.28, 36.81, "KE")]
    path = staying_path(build_joint(read(providers=ends)))
    assert path is not None
    assert path.provider.tolist() == [[0, 0], [0, 0], [1, 1], [1, 1]]


def test_without_time_what_is_held_is_no_dearer_than_that_everyone_stays(pool: ChildPool) -> None:
    joint, seen = build_joint(read()), list[float]()
    watch = Watch(pool=pool, on_incumbent=lambda cost, _rows: seen.append(cost))
    held = solve_joint(joint, SolveParams(backend="highs", time_limit_s=0.0), TimeEvaluator(joint.case), watch)
    assert held.solution == "feasible"
    assert held.path is not None
    assert held.objective is not None
    assert held.objective <= seen[0]
    assert not runner_ups_below_nothing(joint, held.path)


def runner_ups_below_nothing(joint: JointProblem, path: Path) -> list[float]:
    return [extra for _, extra in runner_ups_over_time(joint, path).values() if extra < -0.005]


def test_a_path_of_staying_that_holds_is_never_better_than_the_best() -> None:
    from optimizer.model.time.staying import staying_path

    held = 0
    for seed in range(share(40)):
        case = random_dynamic_case(seed)
        joint, evaluator = build_joint(case), TimeEvaluator(case)
        path = staying_path(joint)
        if path is None or evaluator.violations(path_rows(joint, path)):
            continue
        held, best = held + 1, best_path(case)
        assert best is not None, seed
        assert evaluator.cost(path_rows(joint, path)).objective >= best.objective - 1e-6, seed
    assert held >= share(8, 4)
