"""Plans that leave: no single move saves, whatever found them and however soon it was stopped."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from optimizer.domain.case import Case
from optimizer.domain.params import SolveParams
from optimizer.domain.types import Demand, Offer, Tier
from optimizer.model.build import build_problem
from optimizer.model.evaluate import evaluate
from optimizer.pipeline import solve_case
from optimizer.plan import document
from optimizer.solvers import registry
from optimizer.solvers.accept import polish as module
from optimizer.solvers.accept.polish import polish
from optimizer.stating import price_case, settle_case
from optimizer.testing import edited, random_plan, tightened
from optimizer.testing.hand import BANGKOK, NEW_YORK, VIENNA, case, entity, provider, service
from optimizer.verify.checker import Evaluator
from optimizer.verify.neighbours import Neighbourhood
from tests.plan.random_plans import Row, larger

HALF_A_CENT = 0.005
BACKENDS = ("highs", "cpsat", "scip", "cbc", "pulp-highs", "engine")


def poor_plan(seed: int) -> tuple[Case, list[Row]] | None:
    """A case whose rules bind and some plan that keeps them all; ``None`` where the draw broke one."""
    rng = random.Random(seed)
    drawn = larger(seed, rng.randint(2, 5), rng.randint(1, 3), rng.randint(3, 6))
    rows = random_plan(drawn, rng)
    tight = tightened(drawn, rows, rng)
    rows = rows if tight.policy.backup else [(*r[:3], "") for r in rows]
    return None if Evaluator(tight).violations(rows) else (tight, rows)


def least_extra(evaluator: Evaluator, rows: list[Row]) -> float:
    """Extra cost of the best single move, as the verifier sees it."""
    near = Neighbourhood(evaluator.tally(rows))
    ranked = (near.ranked(d) for d in evaluator.facts.demands.values())
    return min((moves[0].extra_cost for moves in ranked if moves), default=0.0)


def test_a_sum_beyond_64_bits_meets_moves_that_are_within() -> None:
    """Seed 1291: the mean is missed by a product of large decimals, and no move is left to compare with it."""
    found = poor_plan(1291)
    assert found is not None
    problem = build_problem(found[0])
    choice = problem.encode(found[1])
    assert evaluate(problem, polish(problem, choice, lambda _plan: True)).total <= evaluate(problem, choice).total


@pytest.mark.parametrize("last", [80, pytest.param(2000, marks=pytest.mark.slow)])
def test_no_single_move_saves_and_every_rule_holds(last: int) -> None:
    saved = 0
    for found in filter(None, map(poor_plan, range(last))):
        drawn, rows = found
        problem, evaluator = build_problem(drawn), Evaluator(drawn)
        choice = problem.encode(rows)
        before = evaluate(problem, choice).total
        better = polish(problem, choice, lambda _plan: True)
        after = problem.decode(better)
        assert not evaluator.violations(after)
        assert evaluate(problem, better).total <= before
        assert least_extra(evaluator, after) > -HALF_A_CENT
        saved += least_extra(evaluator, rows) <= -HALF_A_CENT
    assert saved > last // 20


def backed_plan(seed: int) -> tuple[Case, list[Row]] | None:
    """Critical demands on four centres with tight lines, and some plan with backups that keeps the rules."""
    rng = random.Random(f"backed {seed}")
    n, ids = rng.randint(3, 5), ["P1", "P2", "P3"]
    c = centres([float(rng.randint(8, 14)) for _ in ids], n, backup=True)
    offers = tuple(replace(o, capacity=rng.choice((None, 2000.0, 3000.0, 3999.999999))) for o in c.offers)
    c = edited(c, offers=offers)
    evaluator = Evaluator(c)
    for _ in range(30):
        rows = [(f"E{i}", "pay", *rng.sample(ids, 2)) for i in range(n)]
        if not evaluator.violations(rows):
            return c, rows
    return None


@pytest.mark.parametrize("last", [60, pytest.param(1500, marks=pytest.mark.slow)])
def test_backups_may_change_and_hold(last: int) -> None:
    """Every single move with every backup is tried by the verifier: none that is allowed saves."""
    changed = 0
    for drawn, rows in filter(None, map(backed_plan, range(last))):
        problem, evaluator = build_problem(drawn), Evaluator(drawn)
        choice = problem.encode(rows)
        better = polish(problem, choice, lambda _plan: True)
        after = problem.decode(better)
        assert not evaluator.violations(after)
        total = evaluator.cost(after)["total"]
        for i, (e, s, _, _) in enumerate(after):
            for p, q in permutations(("P1", "P2", "P3"), 2):
                moved = [*after[:i], (e, s, p, q), *after[i + 1 :]]
                saves = evaluator.cost(moved)["total"] <= total - HALF_A_CENT
                assert not (saves and not evaluator.violations(moved)), (after, moved)
        changed += bool((better.backup != choice.backup).any())
    assert changed > last // 20


def centres(prices: list[float], n: int = 2, **more: object) -> Case:
    """``n`` entities of 1,000 units each and a centre for each price of a unit."""
    places, zones = (VIENNA, NEW_YORK, BANGKOK), ("Europe/Vienna", "America/New_York", "Asia/Bangkok")
    ids = [f"P{i + 1}" for i in range(len(prices))]
    return case(
        [entity(f"E{i}") for i in range(n)],
        [service(critical=bool(more.get("backup")))],
        [Demand(f"E{i}", "pay", 1000.0) for i in range(n)],
        [provider(p, places[i], zones[i]) for i, p in enumerate(ids)],
        [Offer(p, "pay") for p in ids],
        [Tier(p, "pay", 0.0, price) for p, price in zip(ids, prices, strict=True)],
        **more,
    )


def test_a_backup_changes_with_the_move() -> None:
    """E0 leaves the dear P3 for P2, which was its backup: P1 backs it up from now on."""
    c = centres([10.0, 10.0, 30.0], 3, backup=True)
    problem, evaluator = build_problem(c), Evaluator(c)
    rows = [("E0", "pay", "P3", "P2"), ("E1", "pay", "P1", "P2"), ("E2", "pay", "P2", "P1")]
    better = polish(problem, problem.encode(rows), lambda plan: not evaluator.violations(problem.decode(plan)))
    after = problem.decode(better)
    assert after[0] in [("E0", "pay", "P1", "P2"), ("E0", "pay", "P2", "P1")]
    assert evaluate(problem, better).total == 30_000.0


def test_ties_and_less_than_half_a_cent_stay() -> None:
    c = centres([10.000004, 10.0])
    problem = build_problem(c)
    choice = problem.encode([("E0", "pay", "P1", ""), ("E1", "pay", "P1", "")])
    assert polish(problem, choice, lambda _plan: True) is choice
    dearer = build_problem(centres([10.000005, 10.0]))
    assert polish(dearer, choice, lambda _plan: True).provider.tolist() == [1, 1]


def test_a_plan_that_the_exact_check_refuses_never_leaves() -> None:
    problem = build_problem(centres([20.0, 10.0]))
    choice = problem.encode([("E0", "pay", "P1", ""), ("E1", "pay", "P1", "")])
    assert polish(problem, choice, lambda _plan: False) is choice


def test_done_wherever_runner_ups_are_told() -> None:
    assert module.MOST_PAIRS == document.MAX_PAIRS_FOR_RUNNER_UPS


def _told(plan: dict) -> list[float]:
    return [a["runner_up"]["extra_cost"] for a in plan["assignments"] if a["runner_up"]]


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_runner_up_is_below_zero_after_no_time_at_all(backend: str, watch) -> None:
    if backend not in registry.available():
        pytest.skip(f"{backend} is not installed")
    told = 0
    for seed in range(30):
        found = poor_plan(seed)
        if found is None:
            continue
        drawn, rows = found
        start = price_case(drawn, rows)
        if not told and min(_told(start), default=0.0) >= 0.0:
            continue  # the first one has something to save
        plan = solve_case(drawn, SolveParams(backend=backend, time_limit_s=0.0), start=start, watch=watch)
        assert plan["verification"]["ok"], plan["verification"]["mismatches"]
        assert plan["bounds"]["objective"] <= start["bounds"]["objective"]
        assert min(_told(plan), default=0.0) >= 0.0
        told += len(_told(plan))
        if told > 10:
            break
    assert told > 10


def test_a_solve_that_was_cut_short_leaves_polished_too() -> None:
    c = centres([20.0, 10.0])
    rows = [("E0", "pay", "P1", ""), ("E1", "pay", "P1", "")]
    plan = settle_case(c, rows, SolveParams(), stopped_by="user", bound=20_000.0)
    assert {a["provider"] for a in plan["assignments"]} == {"P2"}
    assert plan["bounds"]["objective"] == 20_000.0
    assert plan["status"]["solution"] == "optimal"


def test_moves_of_one_round_have_nothing_to_do_with_one_another() -> None:
    """Two demands that each fit the cheap line alone: one moves, the other stays."""
    c = centres([20.0, 10.0])
    c = edited(c, offers=(c.offers[0], replace(c.offers[1], capacity=1999.999999)))
    problem = build_problem(c)
    better = polish(problem, problem.encode([("E0", "pay", "P1", ""), ("E1", "pay", "P1", "")]), lambda _plan: True)
    assert np.bincount(better.provider).tolist() == [1, 1]
