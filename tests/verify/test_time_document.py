"""A document over time is recomputed whole: plan builder and verifier agree on random paths, no change is unseen."""

from __future__ import annotations

import copy
import random
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import Any

import pytest

from optimizer.domain.case import Case
from optimizer.domain.names import RULES, TIME_ONE_OFFS, TIME_RULES
from optimizer.testing import random_dynamic_case
from optimizer.testing.time_paths import best_path, journeys
from optimizer.verify import VerificationReport
from optimizer.verify.time import TimeEvaluator
from optimizer.verify.time.leaves import one_off_charges
from tests.effort import few, stride
from tests.verify.mutations import mutations
from tests.verify.time_documents import TimeRow, document_of, without_plan

SEEDS = few(range(60), 8)
STRIDE = 9
"""Of the changes to most documents one in so many is looked at; in the quick set one in fourteen of these."""


@cache
def solved(seed: int) -> tuple[Case, tuple[TimeRow, ...], float]:
    case = random_dynamic_case(seed, feasible=True)
    found = best_path(case)
    assert found is not None
    return case, found.rows, found.objective


def sealed(seed: int) -> tuple[TimeEvaluator, dict[str, Any]]:
    """The document of the best path, its check in it."""
    case, rows, bound = solved(seed)
    evaluator, document = TimeEvaluator(case), document_of(case, rows, bound, "optimal")
    document["verification"] = evaluator.verify(document).as_dict()
    return evaluator, document


def paths_of(report: VerificationReport) -> set[str]:
    return {m.path for m in report.mismatches}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_document_of_the_best_path_is_what_the_verifier_finds(seed: int) -> None:
    evaluator, document = sealed(seed)
    report = evaluator.verify(document, sealed=True)
    assert report.mismatches == ()
    assert report.ok


@pytest.mark.parametrize("seed", SEEDS)
def test_so_is_that_of_any_path_whatever_rules_it_breaks(seed: int) -> None:
    case, _, _ = solved(seed)
    case = case.having(policy=replace(case.policy, allow_unserved=seed % 3 == 0, max_switches=2))
    evaluator, draw = TimeEvaluator(case), random.Random(seed)
    rows: list[TimeRow] = []
    for key, found in journeys(evaluator).items():
        some = [*islice(found, 500)]
        sources = draw.choice(some).sources if some else ()
        kept = [(t, s) for t, s in enumerate(sources, 1) if s and (seed % 3 or draw.random() < 0.8)]
        rows += [(*key, t, s, "") for t, s in kept]
    keeps = not evaluator.plan(rows).violations()
    report = evaluator.verify(document_of(case, rows, runner_ups=keeps))
    assert paths_of(report) - {"status.solution"} == set()


@pytest.mark.parametrize("seed", SEEDS[::4])
def test_charges_of_one_off_costs_add_up_to_them(seed: int) -> None:
    case, rows, _ = solved(seed)
    plan = TimeEvaluator(case).plan(rows)
    made = one_off_charges(plan.course, plan.tallies)
    for charged, period in zip(made, plan.cost().periods, strict=True):
        assert {name: sum(c.amount for c in charged[name]) for name in TIME_ONE_OFFS} == period.one_offs


@pytest.mark.parametrize(("seed", "step"), [(4, 1), (0, STRIDE), (5, STRIDE), (13, STRIDE), (16, 3 * STRIDE)])
def test_every_change_of_meaning_is_seen(seed: int, step: int) -> None:
    evaluator, document = sealed(seed)
    step = stride(step, 14)
    unseen = [
        what
        for k, (what, changed) in enumerate(mutations(document))
        if k % step == 0 and not evaluator.verify(changed, sealed=True).mismatches
    ]
    assert unseen == []


@pytest.mark.parametrize("junk", few([None, "x", 10**400, {"a": []}, [], {}, True, float("nan"), -1e308, [None]], 4))
def test_junk_is_a_mismatch_and_no_exception(junk: Any) -> None:
    evaluator, document = sealed(4)
    assert not evaluator.verify(junk).ok
    for name, block in document.items():
        report = evaluator.verify({**document, name: junk}, sealed=True)
        assert report.mismatches or block == junk or name == "issues"
        if isinstance(block, list) and block and isinstance(block[0], dict):
            for key in block[0]:
                changed = [{**block[0], key: junk}, *block[1:]]
                assert evaluator.verify({**document, name: changed}).mismatches or block[0][key] == junk


def test_a_document_of_another_case_is_one_mismatch_and_nothing_else() -> None:
    _, document = sealed(4)
    report = TimeEvaluator(solved(0)[0]).verify(document, sealed=True)
    assert [m.path for m in report.mismatches] == ["run.case_hash"]
    assert (report.ok, report.rules, report.cost_recomputed) == (False, (), None)


def test_a_forged_verdict_is_seen() -> None:
    evaluator, document = sealed(4)
    gone = {**document, "assignments": document["assignments"][1:]}
    gone["verification"] = evaluator.verify({**gone, "verification": None}).as_dict()
    assert not gone["verification"]["ok"]
    forged = {**gone, "verification": document["verification"]}
    assert "verification.ok" in paths_of(evaluator.verify(forged, sealed=True))
    bare = {k: v for k, v in document.items() if k != "verification"}
    assert evaluator.verify(bare).ok
    assert paths_of(evaluator.verify(bare, sealed=True)) == {"verification"}


def test_rules_stand_in_a_fixed_order_each_once() -> None:
    _, document = sealed(4)
    named = [r["rule"] for r in document["verification"]["rules"]]
    assert named == [*RULES, *(n for n in TIME_RULES if n not in RULES)]


def test_what_is_broken_names_its_period() -> None:
    evaluator, document = next(found for found in map(sealed, range(4, 40)) if found[1]["savings"] is not None)
    held = copy.deepcopy(document)
    last = held["assignments"].pop()
    report = evaluator.verify(held)
    (rule,) = [r for r in report.rules if r.rule == "assign_once"]
    assert rule.violations[0].message == f"period {last['from_period']}: not served"
    assert report.cost_recomputed is None
    assert {"cost", "savings", "bounds.objective", "status.solution"} <= paths_of(report)


def _with(document: dict[str, Any], at: int, *rows: dict[str, Any]) -> dict[str, Any]:
    """The document with some rows in the place of one assignment."""
    listed = document["assignments"]
    return {**document, "assignments": [*listed[:at], *rows, *listed[at + 1 :]]}


def test_stretches_that_overlap_are_told() -> None:
    evaluator, document = sealed(4)
    row = document["assignments"][0]
    found = evaluator.verify(_with(document, 0, row, row))
    place = f"assignments[{row['entity']}|{row['service']}|{row['from_period']}]"
    assert any(m.path == place and m.recomputed == "each period in one stretch" for m in found.mismatches)
    assert any(v.message.endswith("assigned more than once") for r in found.rules for v in r.violations)


def test_one_stretch_is_not_told_as_two() -> None:
    evaluator, document = sealed(6)
    at = next(k for k, a in enumerate(document["assignments"]) if a["until_period"] > a["from_period"])
    row = document["assignments"][at]
    parts = {**row, "until_period": row["from_period"]}, {**row, "from_period": row["from_period"] + 1}
    report = evaluator.verify(_with(document, at, *parts))
    assert not any(r.violations for r in report.rules)
    assert any(m.path.endswith("until_period") for m in report.mismatches)


@pytest.mark.parametrize("word", ["infeasible", "no_solution"])
def test_a_search_without_a_plan_says_nothing_in_money(word: str) -> None:
    case, _, _ = solved(4)
    document = without_plan(case, word)
    report = TimeEvaluator(case).verify(document)
    assert report.mismatches == ()
    assert report.cost_recomputed is None
    for name in ("cost", "baseline", "savings"):
        assert paths_of(TimeEvaluator(case).verify({**document, name: {}})) == {name}
    wrong = {**document, "status": {**document["status"], "solution": "optimal"}}
    assert paths_of(TimeEvaluator(case).verify(wrong)) == {"status.solution"}


def test_a_bound_above_the_cost_and_a_word_beyond_the_gap_are_seen() -> None:
    case, rows, objective = solved(4)
    evaluator = TimeEvaluator(case)
    above = document_of(case, rows, objective + 1.0, "optimal")
    assert "bounds.best_bound" in paths_of(evaluator.verify(above))
    open_gap = document_of(case, rows, objective - 0.02, "optimal")
    assert paths_of(evaluator.verify(open_gap)) == {"status.solution"}
    assert evaluator.verify(document_of(case, rows, objective - 0.02, "feasible")).ok
    assert evaluator.verify(document_of(case, rows, None, "feasible")).ok
