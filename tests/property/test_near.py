"""Rules on means, worse-off entities, exposed places and shares: enumeration, verifier, model and backends agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from optimizer.domain.case import Case
from optimizer.model.build import build_problem
from optimizer.model.cuts import add_cuts
from optimizer.model.formulate import build_program
from optimizer.model.moves.single_moves import Counts, moves_of
from optimizer.model.parts import Choice
from optimizer.model.problem import Problem
from optimizer.model.program.program import Program
from optimizer.model.rules import RULES, check
from optimizer.solvers.pool import ChildPool
from optimizer.testing import best_plan, edited
from optimizer.testing.plans import random_plan
from optimizer.verify.checker import Evaluator
from optimizer.verify.nearness import Nearness
from tests.effort import share
from tests.plan.random_plans import any_rows
from tests.property.nearness import KEYS, near_case
from tests.property.test_exact import EXACT, agrees

QUICK, FULL, SLICES = 6, 240, 8
PLANS, MANY = 40, 600
RULES_NEAR = [rule for rule in RULES if rule.name in KEYS]


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def drawn(seed: int) -> Case:
    """Every second case has one of the rules alone, so that each comes to bind by itself."""
    return near_case(seed, only=KEYS[seed // 2 % len(KEYS)] if seed % 2 else "")


@pytest.mark.parametrize("backend", EXACT)
def test_backend_agrees_with_enumeration(backend: str, pool: ChildPool) -> None:
    for seed in range(share(QUICK)):
        agrees(drawn(seed), backend, pool)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLICES))
@pytest.mark.parametrize("backend", EXACT)
def test_backend_agrees_with_enumeration_on_many(backend: str, part: int, pool: ChildPool) -> None:
    size = FULL // SLICES
    for seed in range(part * size, (part + 1) * size):
        agrees(drawn(seed), backend, pool)


def test_each_of_them_binds_somewhere() -> None:
    """Else the tests above would try nothing."""
    binds: Counter[str] = Counter()
    for seed in range(1, 80, 2):
        case = drawn(seed)
        (key,) = (k for k in KEYS if getattr(case.policy, k) is not None)
        free = best_plan(edited(case, policy=replace(case.policy, **{key: None})))
        best = best_plan(case)
        binds[key] += free is not None and best is not None and best.cost > free.cost + 0.01
    assert all(binds[key] for key in KEYS), binds


def plans_of(seeds: range) -> Iterator[tuple[int, Case, Problem, Evaluator, Choice]]:
    """Plans of any kind: eligible ones, with demands left out, and by anybody for anything."""
    for seed in seeds:
        case = drawn(seed)
        problem, evaluator, rng = build_problem(case), Evaluator(case), Random(seed)
        for k in range(9):
            rows = any_rows(case, rng) if k % 3 == 0 else random_plan(case, rng, evaluator)
            kept = [r if k % 3 < 2 or rng.random() < 0.9 else (*r[:2], "", "") for r in rows]
            yield seed, case, problem, evaluator, problem.encode(kept)


def broken(problem: Problem, choice: Choice) -> dict[tuple[str, str], float]:
    """By rule and provider, FTE or the rule's own unit."""
    out = {}
    for b in check(problem, choice):
        if b.rule in KEYS:
            p = b.data.get("provider")
            per = (
                problem.minutes[0] / problem.effort_fte[0] if b.rule in ("exposure_max_fte", "site_share_max") else 1.0
            )
            out[b.rule, "" if p is None else problem.provider_name(p)] = b.amount / per
    return out


def agree_on_plans(seeds: range) -> Counter[str]:
    seen: Counter[str] = Counter()
    for seed, _, problem, evaluator, choice in plans_of(seeds):
        mine = broken(problem, choice)
        judged = [v for v in evaluator.violations(problem.decode(choice)) if v.rule in KEYS]
        theirs = {(v.rule, v.provider): float(v.amount) for v in judged}
        assert mine.keys() == theirs.keys(), seed
        assert all(mine[k] == pytest.approx(theirs[k], rel=1e-6, abs=2e-6) for k in mine), (seed, mine, theirs)
        seen.update({rule for rule, _ in mine} or {"kept"})
    return seen


def test_model_and_verifier_agree_on_any_plan() -> None:
    assert set(agree_on_plans(range(PLANS))) == {*KEYS, "kept"}


@pytest.mark.slow
def test_model_and_verifier_agree_on_many() -> None:
    agree_on_plans(range(PLANS, MANY))


def broken_rows(program: Program, choice: Choice) -> set[str]:
    values = program.encode(choice)
    activity = program.a @ values
    off = (activity < program.row_lower - 1e-9) | (activity > program.row_upper + 1e-9)
    return {b.rule for b in program.blocks if off[b.start : b.stop].any()}


def test_rows_hold_where_the_rules_do() -> None:
    """In the program of all demands, and in the one that may leave some unserved."""
    tried: Counter[bool] = Counter()
    for seed, _, problem, _, choice in plans_of(range(PLANS)):
        at = problem.pair_index(np.arange(problem.n_demands), choice.provider)
        for may_leave in (False, True):
            if (at >= 0).all() or (may_leave and ((at >= 0) | (choice.provider < 0)).all()):
                program = build_program(problem, relax_assign=may_leave)
                found = broken_rows(program, choice) & set(KEYS)
                assert found == {rule for rule, _ in broken(problem, choice)}, seed
                tried[may_leave] += 1
    assert min(tried.values()) > 100


def test_cuts_take_the_plan_and_none_that_keeps_the_rules() -> None:
    cut_off: Counter[str] = Counter()
    for seed in range(PLANS):
        case, rng = drawn(seed), Random(seed)
        problem, evaluator = build_problem(case), Evaluator(case)
        program = build_program(problem)
        whole = [problem.encode(random_plan(case, rng, evaluator)) for _ in range(30)]
        whole = [c for c in whole if (problem.pair_index(np.arange(problem.n_demands), c.provider) >= 0).all()]
        good = [program.encode(c) for c in whole if not broken(problem, c)]
        for choice in whole:
            for name in broken(problem, choice):
                cut = add_cuts(program, problem, choice, [(name[0], name[1], "")])
                row, most = cut.a[program.n_rows :], cut.row_upper[program.n_rows :]
                assert (row @ program.encode(choice) > most + 0.5).all(), (seed, name)
                assert all((row @ values <= most + 1e-9).all() for values in good), (seed, name)
                cut_off[name[0]] += 1
    assert set(cut_off) == set(KEYS)


def test_single_moves_are_judged_as_the_plans_they_lead_to() -> None:
    """By the model and by the verifier's neighbours."""
    seen: Counter[tuple[str, bool]] = Counter()
    for seed, _, problem, evaluator, choice in plans_of(range(PLANS)):
        at = problem.pair_index(np.arange(problem.n_demands), choice.provider)
        if (at < 0).any() or broken(problem, choice):
            continue
        moves = moves_of(Counts.of(problem, choice), np.arange(problem.n_pairs))
        verdicts = {rule.name: rule.keeps(moves) for rule in RULES_NEAR if rule.keeps is not None}
        near, rows = Nearness(evaluator.tally(problem.decode(choice))), problem.decode(choice)
        for i in range(len(moves.pair)):
            moved = choice.provider.copy()
            moved[moves.demand[i]] = moves.new[i]
            found = {rule for rule, _ in broken(problem, Choice(moved, choice.backup))}
            for name, verdict in verdicts.items():
                assert (verdict is None or bool(verdict[i])) == (name not in found), (seed, name)
                seen[name, name not in found] += verdict is not None
            demand = evaluator.facts.demands[rows[moves.demand[i]][:2]]
            here, there = problem.provider_name(moves.old[i]), problem.provider_name(moves.new[i])
            assert near.keeps(demand, here, there) == (not found), seed
    assert all(seen[name, kept] for name in KEYS for kept in (True, False)), seen
