"""The range of a plan over time: every figure of it computed again, sample by sample, by the independent evaluator."""

from __future__ import annotations

import json
import pickle
from math import ceil
from typing import Any

import numpy as np
import pytest

import optimizer as dg
from optimizer.domain.types import Assumption
from optimizer.plan.ranges import MEASURES
from optimizer.studies.ranges.draws import uniforms
from optimizer.studies.ranges.figures import RangedFigures
from optimizer.studies.ranges.held import HeldPlan, Outcome, evaluated
from optimizer.studies.ranges.sampled import sampled_case

SAMPLES = 40


@pytest.fixture(scope="module")
def found(case: dg.Case, plan: dg.PlanOverTime) -> dg.RangeOfPlan:
    return dg.range_of(case, plan, samples=SAMPLES, seed=3)


@pytest.fixture(scope="module")
def samples(case: dg.Case, plan: dg.PlanOverTime) -> list[Outcome]:
    """The same samples, one case each."""
    figures, held = RangedFigures(case), HeldPlan(plan.document())
    draws = uniforms(SAMPLES, len(figures.rows), 3)
    return [evaluated(sampled_case(figures, figures.draw(u)), held) for u in draws]


def test_the_plan_as_it_is_stands_in_the_document_too(found: dg.RangeOfPlan, plan: dg.PlanOverTime) -> None:
    assert plan.cost is not None
    assert plan.savings is not None
    assert found.running.planned == pytest.approx(plan.cost.running, abs=2)  # its cents are rounded term by term
    assert found.one_off.planned == pytest.approx(plan.cost.one_off, abs=0.5)
    assert found.saving.planned == pytest.approx(plan.savings.total, abs=2)
    assert found.npv.planned == pytest.approx(plan.savings.npv, abs=2)
    assert found.break_even.planned == plan.savings.break_even


@pytest.mark.parametrize("name", ["running", "saving", "one_off", "npv"])
def test_quantiles_of_money(found: dg.RangeOfPlan, samples: list[Outcome], name: str) -> None:
    expected = np.quantile([getattr(s, name) for s in samples], [0.1, 0.5, 0.9])
    spread = getattr(found, name)
    assert (spread.p10, spread.p50, spread.p90) == pytest.approx(tuple(expected), abs=0.0101)


def test_quantiles_of_the_break_even_put_never_last(found: dg.RangeOfPlan, samples: list[Outcome]) -> None:
    months = sorted(s.break_even if s.break_even is not None else 10**9 for s in samples)
    expected = [months[ceil(p * (SAMPLES - 1))] for p in (0.1, 0.5, 0.9)]
    spread = found.break_even
    assert [10**9 if m is None else m for m in (spread.p10, spread.p50, spread.p90)] == expected


def test_shares_of_samples(found: dg.RangeOfPlan, samples: list[Outcome]) -> None:
    assert (found.samples, found.invalid, found.invalid_share) == (SAMPLES, 0, 0.0)
    broken = sum(bool(s.broken) for s in samples)
    assert 0 < broken < SAMPLES
    assert (found.broken, found.broken_share) == (broken, broken / SAMPLES)
    rules = {rule for s in samples for rule in s.broken}
    assert dict(found.broken_rules) == {r: sum(r in s.broken for s in samples) / SAMPLES for r in rules}


def test_the_cash_curve(found: dg.RangeOfPlan, samples: list[Outcome], plan: dg.PlanOverTime) -> None:
    assert len(found.cash) == len(plan.cash_flow)
    for t, (row, told) in enumerate(zip(found.cash, plan.cash_flow, strict=True)):
        assert (row.period, row.begin) == (told.period, told.begin)
        assert row.paid.planned == pytest.approx(told.cumulative, abs=2)
        assert row.discounted.planned == pytest.approx(told.cumulative_discounted, abs=2)
        curves = [s.cumulative for s in samples]
        expected = np.quantile([c[t] for c in curves if c is not None], [0.1, 0.5, 0.9])
        assert (row.paid.p10, row.paid.p50, row.paid.p90) == pytest.approx(tuple(expected), abs=0.0101)


def test_the_tornado_has_each_row_at_its_ends(case: dg.Case, plan: dg.PlanOverTime, found: dg.RangeOfPlan) -> None:
    figures, held = RangedFigures(case), HeldPlan(plan.document())
    assert sorted(s.row for s in found.tornado) == [r.row for r in found.rows if r.figures]
    swings = [s.swing for s in found.tornado if s.swing is not None]
    assert swings == sorted(swings, reverse=True)
    for swing in found.tornado[:6]:
        for end, u in ((swing.low, 0.0), (swing.high, 1.0)):
            draws = figures.still()
            draws[swing.row - 1] = u
            alone = evaluated(sampled_case(figures, figures.draw(draws)), held)
            assert (end.npv, end.running) == pytest.approx((alone.npv, alone.running), abs=0.0101)
            assert (end.break_even, set(end.broken)) == (alone.break_even, alone.broken)


def dear(case: dg.Case, low: float = 0.0, high: float = 300_000.0) -> dg.Case:
    row = {
        "table": "policy",
        "key": "*",
        "column": "transition.separation",
        "basis": "assumed",
        "low": low,
        "high": high,
    }
    return dg.replace(case, assumptions=[row], paths=[{**r, "low": None, "high": None} for r in case.tables["paths"]])


@pytest.mark.slow
def test_a_threshold_is_where_the_sign_turns(case: dg.Case, plan: dg.PlanOverTime) -> None:
    changed = dear(case)
    solved = dg.solve(changed, backend="highs", time_limit=120)
    found = dg.range_of(changed, solved, samples=1)
    (at,) = found.thresholds
    assert at.becomes == "negative"
    assert at.figure is not None
    held = HeldPlan(solved.document())

    def npv(separation: float) -> float:
        worth = evaluated(dg.replace(changed, policy={"transition": {"separation": separation}}), held).npv
        assert worth is not None
        return worth

    assert 30_000 < at.figure < 300_000
    assert npv(at.figure - 0.001) > 0 > npv(at.figure + 0.001)
    assert abs(npv(at.figure)) < 0.01
    low, mode, high = 0.0, 30_000.0, 300_000.0
    assert at.figure == pytest.approx(high - ((1 - at.quantile) * (high - low) * (high - mode)) ** 0.5, abs=0.01)
    # just short of it there is none
    short = dear(case, high=np.floor(at.figure))
    again = dg.solve(short, backend="highs", time_limit=120)
    assert dg.range_of(short, again, samples=1).thresholds == ()


@pytest.mark.slow
def test_ranges_without_width_leave_the_plan_as_it_is(case: dg.Case, plan: dg.PlanOverTime) -> None:
    exact = {"table": "policy", "key": "*", "column": "discount_rate", "basis": "assumed", "low": 0.03, "high": 0.03}
    rows = [{**r, "low": None} for r in case.tables["assumptions"] if r["column"] != "discount_rate"]
    changed = dg.replace(case, assumptions=[*rows, exact], paths=[{**r, "low": None} for r in case.tables["paths"]])
    solved = dg.solve(changed, backend="highs", time_limit=120)
    found = dg.range_of(changed, solved, samples=5, reoptimise=1, backend="highs")
    for name in MEASURES:
        spread = getattr(found, name)
        assert spread.p10 == spread.p50 == spread.p90 == spread.planned
    assert (found.broken, found.tornado[0].swing, found.thresholds) == (0, 0.0, ())
    again = found.reoptimised
    assert again is not None
    assert (again.samples, again.solved, again.compared) == (1, 1, 1)
    assert again.regret_max == pytest.approx(0.0, abs=0.02)
    assert {(d.entity, d.service, d.from_period) for d in again.decisions} == {
        (a.entity, a.service, a.from_period)
        for a in solved.assignments  # type: ignore[union-attr]
    }


@pytest.mark.slow
def test_regret_is_what_the_plan_of_the_sample_would_save(case: dg.Case) -> None:
    """Moves that cost next to nothing in a sample: a plan made for them moves more, and the held one regrets it."""
    changed = dear(case, low=0.0, high=31_000.0)
    solved = dg.solve(changed, backend="highs", time_limit=120)
    found = dg.range_of(changed, solved, samples=2, seed=1, reoptimise=1, backend="highs")
    again, figures = found.reoptimised, RangedFigures(changed)
    assert again is not None
    one = sampled_case(figures, figures.draw(uniforms(2, 1, 1)[0]))
    best = dg.solve(dg.replace(changed, policy={"transition": {"separation": one.policy.transition.separation}}))
    held = evaluated(one, HeldPlan(solved.document()))
    assert best.cost is not None
    expected = held.discounted - best.cost.discounted  # type: ignore[union-attr]
    assert again.regret_mean == again.regret.p50 == pytest.approx(expected, abs=1.0)
    assert expected > -0.01


def test_the_order_of_rows_does_not_count(case: dg.Case, plan: dg.PlanOverTime, found: dg.RangeOfPlan) -> None:
    turned = dg.replace(case, **{t: [*reversed(rows)] for t, rows in case.tables.items() if isinstance(rows, list)})
    assert dg.range_of(turned, plan, samples=SAMPLES, seed=3) == found


def test_seeds(case: dg.Case, plan: dg.PlanOverTime, found: dg.RangeOfPlan) -> None:
    assert dg.range_of(case, plan, samples=SAMPLES, seed=4).npv.p50 != found.npv.p50


def test_the_document_holds_it_all(found: dg.RangeOfPlan) -> None:
    document = json.loads(json.dumps(found.as_dict()))
    assert document["schema"] == "designate.range/1"
    assert dg.RangeOfPlan.from_document(document) == found == pickle.loads(pickle.dumps(found))
    with pytest.raises(dg.InputError, match="npv"):
        dg.RangeOfPlan.from_document({k: v for k, v in document.items() if k != "npv"})


def test_it_shows_itself(found: dg.RangeOfPlan) -> None:
    assert f"{SAMPLES} samples" not in repr(found)
    assert "net present value USD" in repr(found)
    assert "<caption>Range of mission-start</caption>" in found._repr_html_()
    assert found.frame().loc["npv", "p50"] == found.npv.p50
    assert list(found.frame("tornado")["row"]) == [s.row for s in found.tornado]
    assert found.frame("decisions").empty
    assert found.row(3).row == 3
    with pytest.raises(KeyError, match="thresholds"):
        found.frame("nothing")


@pytest.mark.parametrize("wrong", [{"samples": 0}, {"seed": -1}, {"samples": 2, "reoptimise": 3}])
def test_numbers_that_make_no_sense(case: dg.Case, plan: dg.PlanOverTime, wrong: dict[str, Any]) -> None:
    with pytest.raises(dg.UsageError):
        dg.range_of(case, plan, **wrong)


def test_plans_that_do_not_answer_the_case(case: dg.Case, plan: dg.PlanOverTime) -> None:
    other = dg.replace(case, policy={"discount_rate": 0.02})
    with pytest.raises(dg.InputError, match="plan_of_another_case"):
        dg.range_of(other, plan)
    with pytest.raises(dg.InputError, match="plan_of_another_case"):
        dg.range_of(dg.example("tiny"), plan)
    document = plan.document()
    document["verification"]["ok"] = False
    with pytest.raises(dg.InputError, match="plan_not_ok"):
        dg.range_of(case, dg.PlanOverTime.from_document(document))


def test_invalid_samples_are_left_out(case: dg.Case, plan: dg.PlanOverTime) -> None:
    rows = [Assumption("policy", "*", "discount_rate", "assumed", 0.0, 3.0)]
    changed = case.having(assumptions=tuple(rows), paths=tuple(case.paths))
    found = dg.range_of(changed, plan, samples=50, seed=2)
    figures = RangedFigures(changed)
    rates = [figures.draw(u)["policy", "discount_rate"][0] for u in uniforms(50, len(figures.rows), 2)]
    assert found.invalid == sum(rate > 1 for rate in rates) > 0
    high = next(s.high for s in found.tornado if found.row(s.row).column == "discount_rate")
    assert not high.valid
    assert high.npv is None
