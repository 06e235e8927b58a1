"""Bounds hold: recomputed from any duals, and at any Lagrangian prices."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.model.formulate import build_program
from optimizer.solvers.engine.data import pack
from optimizer.solvers.engine.pricing.lagrange import ascend
from optimizer.solvers.engine.pricing.prices import make_prices
from optimizer.solvers.engine.programs.bound import dual_bound, fixable
from optimizer.solvers.engine.programs.restrict import as_model, restrict
from tests.effort import few
from tests.engine.helpers import ALL_RULES, brute_force, oracle, random_problem, with_pair_volumes

CASES = few(range(12), 4)


def _problem(seed: int):
    rules = {
        **ALL_RULES,
        "backup": seed % 3 == 0,
        "bundle_together": seed % 4 == 1,
        "max_moves": 3 if seed % 2 else None,
    }
    return random_problem(seed, 3, 2, 3, slack=1.8, rules=rules)


@pytest.mark.parametrize("seed", CASES)
def test_lagrangian_bound_is_below_the_optimum(seed: int) -> None:
    """At every set of prices on the way the value is a lower bound."""
    problem = _problem(seed)
    best, _ = brute_force(problem)
    data = pack(problem)
    prices, control = make_prices(problem, data), np.array([1.0, -np.inf, 0.0, 0.1])
    for _ in range(20):
        bound = ascend(data, prices, 10, 1.0e6 if best == np.inf else best * 1.1, control)
        assert bound <= best + 0.01


@pytest.mark.parametrize("seed", CASES)
def test_lagrangian_bound_with_volumes_by_pair(seed: int) -> None:
    """It holds where volumes depend on the provider, some pairs taking nothing at all."""
    problem = with_pair_volumes(random_problem(seed, 3, 2, 3, slack=1.8, rules={**ALL_RULES, "backup": False}), seed)
    assert problem.pairs.volume is not None
    if seed % 2:
        problem.pairs.volume[::5] = 0.0
        problem.lines.fixed_cost[:] = 0.0
        problem.lines.min_volume[:] = 0.0
    best, _ = brute_force(problem)
    data = pack(problem)
    prices, control = make_prices(problem, data), np.array([1.0, -np.inf, 0.0, 0.1])
    for _ in range(20):
        bound = ascend(data, prices, 10, 1.0e6 if best == np.inf else best * 1.1, control)
        assert np.isfinite(bound)
        assert bound <= best + 0.01


@pytest.mark.parametrize("seed", CASES)
def test_any_duals_give_a_bound(seed: int) -> None:
    """Random row duals of either sign give a number below the optimum, or none."""
    problem = _problem(seed)
    best, plan = brute_force(problem)
    model = as_model(build_program(problem))
    rng = np.random.default_rng(seed)
    for scale in (0.0, 1.0, 100.0):
        bound, reduced = dual_bound(model, scale * rng.standard_normal(len(model.row_lower)))
        assert bound <= best + 0.01
        if plan is not None and np.isfinite(bound):
            lower, upper = fixable(model, reduced, bound, best * 1.001)
            values = build_program(problem).encode(plan)
            assert (lower <= values + 1e-9).all()
            assert (values <= upper + 1e-9).all()


@pytest.mark.parametrize("seed", few(range(6), 2))
def test_restriction_keeps_plans_and_costs(seed: int) -> None:
    """A plan agreeing with the fixed columns satisfies what is left, at the same cost."""
    problem = _problem(seed)
    best, plan = brute_force(problem)
    if plan is None:
        pytest.skip("no plan in this case")
    program = build_program(problem)
    values = program.encode(plan)
    fixed = np.zeros(program.n_columns, dtype=bool)
    fixed[: program.n_pairs : 2] = True
    small = restrict(program, np.where(fixed, values, program.lower), np.where(fixed, values, program.upper))
    assert small is not None
    inside = values[small.columns]
    activity = small.model.a @ inside
    assert (activity >= small.model.row_lower - 1e-6).all()
    assert (activity <= small.model.row_upper + 1e-6).all()
    assert small.model.c @ inside + small.model.offset == pytest.approx(best, rel=1e-9)
    np.testing.assert_allclose(small.widen(inside), values, atol=1e-9)
    assert not oracle(problem, program.decode(small.widen(inside)))[1]
