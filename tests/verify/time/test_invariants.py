"""What must hold whatever the case: one period is the steady case, short periods add up to long ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random

import pytest

from optimizer.domain.case import Case
from optimizer.domain.names import RUNNING_TERMS
from optimizer.domain.time.horizon import Horizon
from optimizer.testing import best_path, edited, random_case, random_dynamic_case, random_plan
from optimizer.verify import Evaluator
from optimizer.verify.time import TimeEvaluator, TimeRow
from tests.verify.time.cases import office, over_time, rows_of, with_third

NEAR = 1e-6


@pytest.mark.parametrize("seed", range(40))
def test_one_period_of_a_year_is_the_steady_case(seed: int):
    """r = 0, one-off costs over one year: the same money by term, and the same rules broken.

    Agencies aside, which are tested on arrival only.
    """
    steady = random_case(seed, without=("agency_min_saving", "absent", "ends"))
    steady = edited(steady, policy=replace(steady.policy, horizon_years=1, discount_rate=0.0, as_of=date(2026, 1, 1)))
    whole = over_time(steady, 1, allow_unserved=steady.policy.allow_unserved)
    before, now = Evaluator(steady), TimeEvaluator(whole)
    for draw in range(5):
        rows = [r for r in random_plan(steady, Random(draw), before) if r[2]]
        dated = [(e, s, 1, p, q) for e, s, p, q in rows]
        told, cost = before.cost(rows), now.cost(dated)
        terms = {name: float(cost.terms[name]) for name in RUNNING_TERMS}
        assert terms == pytest.approx({name: told[name] for name in RUNNING_TERMS}, abs=NEAR)
        assert float(cost.one_offs["transition"]) == pytest.approx(told["transition_annualised"], abs=NEAR)
        assert float(cost.one_offs["setup"]) == pytest.approx(told["setup_annualised"], abs=NEAR)
        assert cost.objective == pytest.approx(told["total"], abs=NEAR)
        old = {(v.rule, v.entity, v.service, v.provider) for v in before.violations(rows)}
        new = {(v.rule, v.entity, v.service, v.provider) for v in now.violations(dated)}
        assert new == old


def test_a_constant_stream_discounts_to_the_closed_formula():
    for unit, length, count in (("year", 1.0, 7), ("quarter", 0.25, 30), ("month", 1 / 12, 100)):
        c = office(count, unit, discount_rate=0.07)
        rows = rows_of(" ".join(["P1"] * count))
        q = 1.07**-length
        closed = 30000 * length * q**0.5 * (1 - q**count) / (1 - q)
        assert TimeEvaluator(c).cost(rows).objective == pytest.approx(closed, rel=1e-12)


def on_years(seed: int) -> Case | None:
    """A random dynamic case of years whose dates all lie on first days of periods; demand is flat within each."""
    case = random_dynamic_case(seed)
    horizon = Horizon(date(2026, 1, 1), "year", len(case.policy.horizon.periods), date(2026, 1, 1))  # type: ignore[union-attr]
    draw = Random(seed)

    def day(given: date | None) -> date | None:
        return None if given is None else date(2026 + draw.randrange(horizon.count + 1), 1, 1)

    def dated(rows, *names: str):
        return tuple(replace(r, **{n: day(getattr(r, n)) for n in names}) for r in rows)

    def forward(rows):
        return tuple(replace(r, start=None) if r.start and r.end and r.end <= r.start else r for r in rows)

    target = day(horizon.start) or horizon.start
    case = edited(
        case,
        policy=replace(case.policy, horizon=replace(horizon, target_from=target), discount_rate=0.0),
        entities=forward(dated(case.entities, "start", "end")),
        providers=forward(dated(case.providers, "start", "end", "rent_free_until")),
        offers=forward(dated(case.offers, "start", "end")),
        paths=dated(case.paths, "from_"),
        decisions=(),
        commitments=(),
        profiles=(),
    )
    there = set(TimeEvaluator(case).facts.present)
    return edited(case, demands=tuple(d for d in case.demands if d.key in there)) if there else None


def split(rows: list[TimeRow], parts: int) -> list[TimeRow]:
    return [(e, s, (t - 1) * parts + k, p, q) for e, s, t, p, q in rows for k in range(1, parts + 1)]


def drawn(case: Case, seed: int) -> list[TimeRow]:
    """Any sources that have a price, good or not."""
    draw, facts = Random(seed), TimeEvaluator(case).facts
    out: list[TimeRow] = []
    for key, periods in facts.present.items():
        for t in periods:
            sources = facts.at(t).facts.eligibility.candidates(facts.at(t).demands[key].row)
            priced = [s for s in sources if facts.at(t).facts.has_price(facts.at(t).demands[key].row, s)]
            if priced:
                out.append((*key, t, draw.choice(priced), ""))
    return out


@pytest.mark.parametrize(
    ("unit", "parts", "seed"), [(*(("quarter", 4) if k % 4 else ("month", 12)), k) for k in range(60)]
)
def test_short_periods_add_up_to_long_ones(unit: str, parts: int, seed: int):
    case = on_years(seed)
    if case is None:
        return
    horizon = case.policy.horizon
    assert horizon is not None
    short = replace(horizon, unit=unit, count=horizon.count * parts)  # type: ignore[arg-type]
    long, fine = TimeEvaluator(case), TimeEvaluator(edited(case, policy=replace(case.policy, horizon=short)))
    rows = drawn(case, seed)
    whole, pieces = long.cost(rows), fine.cost(split(rows, parts))
    assert pieces.terms == whole.terms
    assert pieces.one_offs == whole.one_offs
    assert fine.baseline().cost.terms == long.baseline().cost.terms
    assert fine.baseline().cost.one_offs == long.baseline().cost.one_offs
    a, b = long.savings(rows), fine.savings(split(rows, parts))
    assert sum(b.saving) == sum(a.saving)
    assert (a.npv, a.run_rate, a.break_even) == (pytest.approx(b.npv), b.run_rate, b.break_even)
    assert sum(b.source_ended_cost) == sum(a.source_ended_cost)


@pytest.mark.parametrize("seed", range(40))
def test_the_saving_and_what_is_left_out_add_up_to_the_cost(seed: int):
    case = random_dynamic_case(seed)
    ev, rows = TimeEvaluator(case), drawn(case, seed)
    s, cost, base = ev.savings(rows), ev.cost(rows), ev.baseline().cost
    for t, p in enumerate(cost.periods):
        left = s.new_demand_cost[t] + s.source_ended_cost[t]
        assert base.periods[t].running - s.saving[t] + left == p.running
        assert base.periods[t].one_off + s.one_off[t] == p.one_off
        assert s.flow[t] == s.saving[t] - s.one_off[t]
        assert 0 <= p.forced <= p.one_off


@pytest.mark.parametrize("seed", range(30))
def test_the_order_of_rows_does_not_count(seed: int):
    case = random_dynamic_case(seed)
    rows = drawn(case, seed)
    shuffled = Random(seed).sample(rows, len(rows))
    draw = Random(seed)
    other = case.having(
        **{
            name: tuple(draw.sample(getattr(case, name), len(getattr(case, name))))
            for name in ("paths", "profiles", "freezes", "precedence", "budgets", "commitments", "staffing")
        }
    )
    a, b = TimeEvaluator(case), TimeEvaluator(other)
    assert a.cost(rows) == b.cost(shuffled)
    assert set(a.violations(rows)) == set(b.violations(shuffled))


@pytest.mark.parametrize("seed", range(12))
def test_the_best_path_keeps_every_rule(seed: int):
    found = best_path(random_dynamic_case(seed, feasible=True))
    assert found is not None
    assert TimeEvaluator(random_dynamic_case(seed, feasible=True)).violations(found.rows) == []


@pytest.mark.parametrize(("unit", "rate"), [("month", 0.03), ("quarter", 0.0), ("year", 0.123456)])
def test_discount_factors_are_those_of_the_horizon(unit: str, rate: float):
    case = office(9, unit, discount_rate=rate)
    horizon = case.policy.horizon
    assert horizon is not None
    assert list(TimeEvaluator(case).facts.discounts) == [horizon.discount(p, rate) for p in horizon.periods]


def test_a_longer_horizon_leaves_the_first_periods_as_they_are():
    c = with_third(office(3))
    longer = over_time(c, 5)
    rows = rows_of("P1 P2 P2")
    more = rows + [(e, s, t + 2, p, q) for e, s, t, p, q in rows if t > 1]
    assert TimeEvaluator(longer).cost(more).periods[:2] == TimeEvaluator(c).cost(rows).periods[:2]
