"""Multipliers refute only what has no solution, whatever a solver says of them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from optimizer.model.build import build_problem
from optimizer.model.formulate import build_program
from optimizer.model.program.program import Program
from optimizer.solvers.diagnose.refutation import refutes
from optimizer.testing import enumerate_plans, random_case
from tests.effort import few


def program_for(seed: int) -> Program | None:
    """A program that has a plan; none where the case has none."""
    case = random_case(seed)
    if not any(not p.unserved for p in enumerate_plans(case)):
        return None
    return build_program(build_problem(case))


@pytest.mark.parametrize("seed", few(range(40), 12))
def test_a_program_with_a_plan_is_never_refuted(seed: int) -> None:
    program = program_for(seed)
    if program is None:
        return
    random = np.random.default_rng(seed)
    for _ in range(50):
        multipliers = random.normal(size=program.n_rows) * (random.random(program.n_rows) < random.random())
        assert not refutes(program, multipliers)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_row_that_asks_for_more_than_its_columns_give_is_refuted_with_either_sign(sign: float) -> None:
    program = next(p for p in map(program_for, range(40)) if p is not None)
    row = next(b for b in program.blocks if b.rule == "assign_once").start
    needs = program.row_lower.copy()
    needs[row] = program.a[row].nnz + 1.0
    asked = dataclasses.replace(program, row_lower=needs, row_upper=np.maximum(program.row_upper, needs))
    multipliers = np.zeros(program.n_rows)
    multipliers[row] = sign
    assert refutes(asked, multipliers)
    assert not refutes(program, multipliers)


@pytest.mark.parametrize("value", [0.0, np.inf, np.nan])
def test_multipliers_that_say_nothing_refute_nothing(value: float) -> None:
    program = next(p for p in map(program_for, range(40)) if p is not None)
    assert not refutes(program, np.full(program.n_rows, value))
