"""The range of a plan without a horizon: each sample as a case of its own, priced by the model."""

from __future__ import annotations

import numpy as np
import pytest

import optimizer as dg
from optimizer.studies.ranges.draws import uniforms
from optimizer.studies.ranges.figures import RangedFigures

ROWS = [
    {"table": "services", "key": "*", "column": "minutes_per_unit", "basis": "assumed", "low": 1, "high": 900},
    {"table": "policy", "key": "*", "column": "discount_rate", "basis": "assumed", "low": 0.0, "high": 0.06},
    {"table": "demands", "key": "*", "column": "own_unit_cost", "basis": "assumed", "low": 0, "high": 9000},
]


@pytest.fixture(scope="module")
def steady() -> dg.Case:
    return dg.replace(dg.example("tiny"), assumptions=ROWS)


@pytest.fixture(scope="module")
def solved(steady: dg.Case) -> dg.Plan:
    made = dg.solve(steady, backend="highs")
    assert isinstance(made, dg.Plan)
    return made


def test_each_sample_is_the_plan_on_its_case(steady: dg.Case, solved: dg.Plan) -> None:
    found = dg.range_of(steady, solved, samples=12, seed=5)
    figures = RangedFigures(steady)
    rows = [(a.entity, a.service, a.provider, a.backup or "") for a in solved.assignments]
    running, saving, npv, once, broken = [], [], [], [], 0
    for u in uniforms(12, len(figures.rows), 5):
        values = figures.draw(u)
        minutes = values["services", "minutes_per_unit"].tolist()
        own = values["demands", "own_unit_cost"].tolist()
        case = dg.replace(
            steady,
            policy={"discount_rate": float(values["policy", "discount_rate"][0])},
            services={"change": [{"id": s.id, "minutes_per_unit": minutes[k]} for k, s in enumerate(steady.services)]},
            demands={
                "change": [
                    {"entity": d.entity, "service": d.service, "own_unit_cost": c}
                    for d, c in zip(steady.demands, own, strict=True)
                    if not np.isnan(c)
                ]
            },
            assumptions=[],
        )
        priced = dg.price(case, rows)
        assert priced.cost is not None
        assert priced.savings is not None
        running.append(priced.cost.running)
        saving.append(priced.savings.annual)
        npv.append(priced.savings.npv)
        once.append(priced.savings.one_off.transition + priced.savings.one_off.setup)
        broken += not priced.ok
    for spread, values_ in ((found.running, running), (found.saving, saving), (found.npv, npv), (found.one_off, once)):
        expected = np.quantile(np.array(values_, np.float64), [0.1, 0.5, 0.9])
        assert (spread.p10, spread.p50, spread.p90) == pytest.approx(tuple(expected), abs=0.2)  # cents of each term
    assert found.broken == broken
    assert (found.over, found.cash) == ("year", ())


def test_the_plan_as_it_is(steady: dg.Case, solved: dg.Plan) -> None:
    found = dg.range_of(steady, solved, samples=1, reoptimise=1, backend="highs")
    assert solved.cost is not None
    assert solved.savings is not None
    assert found.running.planned == pytest.approx(solved.cost.running, abs=0.05)
    assert found.npv.planned == pytest.approx(solved.savings.npv, abs=0.5)
    years = solved.savings.payback_years
    assert years is not None
    assert found.break_even.planned is not None
    assert found.break_even.planned - 1 < 12 * years <= found.break_even.planned + 1e-6
    assert found.reoptimised is not None
    assert found.reoptimised.solved == 1
    assert all(d.from_period is None and d.stays in (0.0, 1.0) for d in found.reoptimised.decisions)
