"""Runner-ups against the exact evaluator: every other provider tried, everything else as it is."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.domain.case import Case
from optimizer.domain.names import OWN, RULES
from optimizer.model import rules, scan
from optimizer.model.build import build_problem
from optimizer.model.costs.lines import line_cost_at
from optimizer.model.parts import Choice
from optimizer.model.problem import Problem
from optimizer.model.tally import line_cost
from optimizer.plan.alternatives import runner_ups
from optimizer.testing import good_plan, random_plan, tightened
from optimizer.testing.hand import with_policy
from optimizer.verify.checker import Evaluator
from tests.effort import share
from tests.plan.random_plans import Row, larger, quick, rich_cases
from tests.plan.test_served import ALL_P1, PAY1, change, two_services

CENT = 0.01


def brute_force(case: Case, evaluator: Evaluator, rows: list[Row], d: int) -> dict[str, float]:
    """Extra cost of every allowed other provider of one demand."""
    entity, service, here, backup = rows[d]
    total, out = evaluator.cost(rows)["total"], {}
    for there in (*case.provider, OWN) if here else ():
        critical = case.policy.backup and case.service[service].critical and there != OWN
        seconds = (backup, *case.provider) if critical else ("" if there == OWN else backup,)
        plans = ([*rows[:d], (entity, service, there, second), *rows[d + 1 :]] for second in seconds)
        moved = next((p for p in plans if not evaluator.violations(p)), None)
        if there != here and moved is not None:
            out[there] = evaluator.cost(moved)["total"] - total
    return out


def agree(case: Case, evaluator: Evaluator, rows: list[Row]) -> int:
    """Compare every demand's runner-up; number of those that have one."""
    problem = build_problem(case)
    found = runner_ups(problem, problem.encode(rows))
    for d in range(len(rows)):
        options, second = brute_force(case, evaluator, rows, d), found[d]
        if second is None:
            assert not options, (rows[d], options)
            continue
        who, extra = problem.provider_name(second[0]), second[1]
        assert who in options, (rows[d], who, options)
        assert extra == pytest.approx(options[who], abs=1e-6)
        assert extra <= min(options.values()) + CENT
    return sum(s is not None for s in found)


@quick(150)
@given(case=rich_cases(), rng=st.randoms(use_true_random=False))
def test_runner_ups_of_random_plans(case: Case, rng: random.Random) -> None:
    evaluator = Evaluator(case)
    rows = good_plan(case, rng, evaluator)
    if rows is not None:
        agree(case, evaluator, rows)


@pytest.mark.parametrize("first", [0, pytest.param(1000, marks=pytest.mark.slow)])
def test_runner_ups_of_larger_plans(first: int) -> None:
    compared = 0
    for seed in range(first, first + (share(150) if first < 1000 else 2000)):
        rng = random.Random(seed)
        case = larger(seed, rng.randint(1, 4), rng.randint(1, 3), rng.randint(2, 6))
        evaluator = Evaluator(case)
        rows = good_plan(case, rng, evaluator)
        compared += agree(case, evaluator, rows) if rows else 0
    assert compared > share(20, 7)


@pytest.mark.parametrize("first", [0, pytest.param(1000, marks=pytest.mark.slow)])
def test_runner_ups_where_rules_bind(first: int) -> None:
    compared = 0
    for seed in range(first, first + (share(150) if first < 1000 else 2000)):
        rng = random.Random(seed)
        case = larger(seed, rng.randint(2, 4), rng.randint(1, 3), rng.randint(3, 6))
        rows = random_plan(case, rng)
        tight = tightened(case, rows, rng)
        rows = rows if tight.policy.backup else [(*r[:3], "") for r in rows]
        evaluator = Evaluator(tight)
        compared += 0 if evaluator.violations(rows) else agree(tight, evaluator, rows)
    assert compared > share(20, 7)


def problem_and_choice(case: Case, plan: dict[tuple[str, str], str]) -> tuple[Problem, Choice]:
    problem = build_problem(case)
    return problem, problem.encode([(*k, *(*who.split("/"), "")[:2]) for k, who in plan.items()])  # type: ignore[misc]


def names(case: Case, plan: dict[tuple[str, str], str]) -> list[tuple[str, float] | None]:
    problem, choice = problem_and_choice(case, plan)
    return [s and (problem.provider_name(s[0]), round(s[1], 2)) for s in runner_ups(problem, choice)]


def test_by_hand() -> None:
    c = change(two_services(interface_cost=60.0), "providers", "P2", site_fixed_cost=500.0)
    assert names(c, ALL_P1) == [("P2", 560.0), (OWN, -1_000.0), ("P2", 500.0)]


def test_ties_go_to_the_first_provider() -> None:
    c = change(two_services(), "demands", PAY1, own_unit_cost=10.0)
    assert names(c, ALL_P1)[1] == ("P2", 0.0)


def test_exactly_full_lines_may_be_filled_and_not_overfilled() -> None:
    c = change(two_services(), "demands", PAY1, own_unit_cost=11.0)
    c = change(c, "offers", ("P2", "pay"), capacity=1000.0)
    assert names(c, ALL_P1) == [("P2", 0.0), ("P2", 0.0), None]
    tight = change(c, "offers", ("P2", "pay"), capacity=999.999999)
    assert names(tight, ALL_P1)[1] == (OWN, 1_000.0)


@pytest.mark.parametrize("service_is_critical", [True, False])
def test_no_backup_is_left_where_both_sides_rely_on_each_other(service_is_critical: bool) -> None:
    c = change(two_services(backup=True), "demands", PAY1, own_unit_cost=11.0)
    c = change(c, "services", "pay", critical=service_is_critical)
    plan = {**ALL_P1, PAY1: "P1/P2" if service_is_critical else "P1"}
    plan["E2", "pay"] = "P2/P1" if service_is_critical else "P2"
    found = names(c, plan)
    if service_is_critical:  # P2 cannot back itself up, and E1 relies on P2's line
        assert found[1:] == [None, None]
    else:
        assert found[1:] == [("P2", 0.0), ("P1", 0.0)]


def test_backups_named_without_need_are_no_reserve() -> None:
    c = two_services(backup=False)
    plan = {**ALL_P1, PAY1: "P1/P2", ("E2", "pay"): "P2"}
    assert names(c, plan)[2] == ("P1", 0.0)


def test_bundles_stay_together_and_entities_within_their_providers() -> None:
    c = change(change(two_services(), "services", "pay", bundle="hr"), "services", "it", bundle="hr")
    assert names(with_policy(c, bundle_mode="together"), ALL_P1) == [None, None, ("P2", 0.0)]
    assert names(with_policy(c, max_providers_per_entity=1), ALL_P1) == [None, (OWN, -1_000.0), ("P2", 0.0)]
    split = {**ALL_P1, PAY1: "P2"}
    assert names(with_policy(c, max_providers_per_entity=2), split)[0] == ("P2", 0.0)


def test_locked_and_unserved_demands_have_none() -> None:
    c = two_services(allow_unserved=True)
    problem, choice = problem_and_choice(c, {PAY1: "P1"})
    assert [s is not None for s in runner_ups(problem, choice)] == [False, True, False]
    locked = replace(problem, locked=np.where(np.arange(3) == 1, 0, -1))
    assert runner_ups(locked, choice) == [None, None, None]


def test_blocks_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    case = larger(16, 6, 3, 5)
    problem = build_problem(case)
    first = [
        problem.pairs.provider[a] if b > a else -1
        for a, b in zip(problem.pairs.start[:-1], problem.pairs.start[1:], strict=True)
    ]
    choice = Choice(np.array(first, np.int64), np.full(problem.n_demands, -1, np.int64))
    whole = runner_ups(problem, choice)
    monkeypatch.setattr(scan, "_BLOCK_PAIRS", 3)
    assert runner_ups(problem, choice) == whole


@quick(60)
@given(case=rich_cases(), rng=st.randoms(use_true_random=False))
def test_line_cost_at_agrees_with_line_cost(case: Case, rng: random.Random) -> None:
    lines = build_problem(case).lines
    n = len(lines.provider)
    volume = np.array([rng.choice([500.0, 1200.5, rng.uniform(1, 9000)]) for _ in range(n)])
    assert line_cost_at(lines, np.arange(n), volume) == pytest.approx(line_cost(lines, volume))


def test_every_rule_a_move_can_break_has_its_function() -> None:
    never = {"assign_once", "open_line", "open_site", "lock"}
    assert [rule.name for rule in rules.RULES if rule.keeps is not None] == [
        rule for rule in RULES if rule not in never
    ]
