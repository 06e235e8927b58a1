"""The baseline path, the saving against it, and what follows over time, by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from optimizer.domain.names import OWN
from optimizer.domain.policy import Transition
from optimizer.domain.time.rows import PathRow, ProfileRow
from optimizer.domain.types import CurrentRow
from optimizer.testing import edited
from optimizer.verify.time import TimeEvaluator, TimeSavings
from optimizer.verify.time.savings import break_even, internal_rate
from tests.verify.time.cases import HR, PAY, changed, office, rows_of, whole, with_third

Y2, Y3 = date(2027, 1, 1), date(2028, 1, 1)
STAY, GO, LATER = rows_of("P1 P1 P1"), rows_of("P2 P2 P2"), rows_of("P1 P2 P2")
MOVE = Transition(training=1650.0)
"""All to P2: saves 6,000 a year for 4,950 once."""


def saved(c, rows) -> TimeSavings:
    return TimeEvaluator(c).savings(rows)


def floats(amounts: tuple[Fraction, ...]) -> list[float]:
    return [float(a) for a in amounts]


def test_the_baseline_is_today_at_the_figures_of_each_period():
    c = office(paths=(PathRow("tiers", "P1|*", "unit_cost", Y2, factor=1.5),), transition=MOVE)
    base = TimeEvaluator(c).baseline()
    assert [whole(p.terms) for p in base.cost.periods] == [{"service": 30000.0}] + [{"service": 45000.0}] * 2
    assert base.cost.one_off == 0
    assert base.violations == ()
    assert base.counted == (frozenset({PAY, HR}),) * 3


def test_staying_saves_nothing():
    s = saved(office(), STAY)
    assert (floats(s.saving), floats(s.flow), s.npv) == ([0.0] * 3, [0.0] * 3, 0.0)
    assert (s.break_even, s.payback_years, s.irr) == (None, None, None)


def test_the_saving_and_what_it_costs_once():
    s = saved(office(transition=MOVE), LATER)
    assert floats(s.saving) == [0.0, 6000.0, 6000.0]
    assert floats(s.one_off) == [0.0, 4950.0, 0.0]
    assert floats(s.flow) == [0.0, 1050.0, 6000.0]
    assert s.npv == 7050.0
    assert s.run_rate == 6000
    assert s.break_even == 22, "nothing for 12 months, 4,950 at 500 a month take 9.9"
    assert s.payback_years == pytest.approx(22 / 12)
    assert (s.five_years, s.ten_years) == (None, None)


def test_present_value():
    s = saved(office(transition=MOVE, discount_rate=0.1), LATER)
    assert s.npv == pytest.approx(1050 / 1.1**1.5 + 6000 / 1.1**2.5, rel=1e-14)


def test_sums_over_five_and_ten_years():
    rows = rows_of(" ".join(["P2"] * 20))
    s = saved(office(20, "quarter", transition=MOVE), rows)
    assert s.five_years == 5 * 6000 - 4950
    assert s.ten_years is None
    assert s.run_rate == 6000
    decade = saved(office(10, transition=MOVE), rows_of(" ".join(["P2"] * 10)))
    assert (decade.five_years, decade.ten_years) == (30000 - 4950, 60000 - 4950)


def test_no_run_rate_without_twelve_months():
    assert saved(office(3, "quarter"), GO).run_rate is None


def test_new_demands_stand_on_neither_side():
    c = edited(office(), current=(CurrentRow(*HR, "P1"),))
    c = changed(c, "providers", "P2", site_fixed_cost=300.0)
    s = saved(c, GO)
    assert floats(s.new_demand_cost) == [8100.0] * 3, "8,000 and a third of the site by effort"
    assert floats(s.source_ended_cost) == [0.0] * 3
    assert floats(s.saving) == [20000.0 - 16000.0 - 200.0] * 3


def test_an_unpriced_source_of_today_is_like_new():
    c = edited(with_third(office(transition=MOVE)), current=(CurrentRow(*HR, "P1"), CurrentRow(*PAY, OWN)))
    s = saved(c, GO)
    assert floats(s.new_demand_cost) == [8000.0] * 3
    assert floats(s.one_off) == [3300.0, 0.0, 0.0]
    base = TimeEvaluator(c).baseline()
    assert [(v.rule, v.service, v.period) for v in base.violations] == [("assign_once", "pay", t) for t in (1, 2, 3)]


def test_sources_that_end_leave_both_sides():
    c = changed(changed(office(transition=MOVE), "providers", "P1", exit_cost=900.0), "offers", ("P1", "pay"), end=Y2)
    ev = TimeEvaluator(c)
    assert [float(p.running) for p in ev.baseline().cost.periods] == [30000.0, 20000.0, 20000.0]
    assert ev.baseline().counted == (frozenset({PAY, HR}), frozenset({HR}), frozenset({HR}))
    s = ev.savings(rows_of("P1 P2 P2", "P1 P1 P1"))
    assert floats(s.saving) == [0.0] * 3
    assert floats(s.source_ended_cost) == [0.0, 8000.0, 8000.0]
    assert floats(s.forced) == [0.0, 1650.0, 0.0]
    assert floats(s.flow) == [0.0, -1650.0, 0.0]


def test_the_baseline_pays_exits_of_sites_that_end():
    c = changed(office(), "providers", "P1", exit_cost=900.0, site_fixed_cost=100.0, end=Y3)
    base = TimeEvaluator(c).baseline()
    assert [whole(p.one_offs) for p in base.cost.periods] == [{}, {}, {"exit": 900.0}]
    assert [float(p.terms["site"]) for p in base.cost.periods] == [100.0, 100.0, 0.0]
    s = saved(c, rows_of("P1 P1 P2"))
    assert floats(s.one_off) == [0.0] * 3, "the plan pays it at the same time"
    early = saved(c, rows_of("P1 P2 P2"))
    assert floats(early.one_off) == [0.0, 900.0, -900.0]
    assert TimeEvaluator(office()).baseline().cost.one_off == 0


def test_the_baseline_pays_exits_of_required_sites_and_of_those_that_ended_before():
    required = changed(office(), "providers", "P2", status="required", exit_cost=800.0, end=Y2)
    base = TimeEvaluator(required).baseline()
    assert [whole(p.one_offs) for p in base.cost.periods] == [{}, {"exit": 800.0}, {}]
    ended = changed(office(), "providers", "P1", exit_cost=900.0, end=date(2026, 1, 1))
    base = TimeEvaluator(ended).baseline()
    assert [whole(p.one_offs) for p in base.cost.periods] == [{"exit": 900.0}, {}, {}]
    assert saved(ended, GO).flow == (0, 0, 0)
    elsewhere = changed(office(), "providers", "P2", exit_cost=800.0, end=Y2)
    assert TimeEvaluator(elsewhere).baseline().cost.one_off == 0, "it was never open"


def test_the_baseline_pays_no_exit_where_demand_ends():
    c = changed(changed(office(), "providers", "P1", exit_cost=900.0), "entities", "E1", end=Y3)
    assert TimeEvaluator(c).baseline().cost.one_off == 0
    assert saved(c, rows_of("P1 P1 -")).one_off == (0, 0, 900)


def test_own_capacity_of_today_ends_with_the_entity():
    c = changed(changed(office(), "demands", PAY, own_unit_cost=9.0), "entities", "E1", end=Y2, profile="m")
    c = edited(c, profiles=(ProfileRow("m", "*", "residual", 12, 0.5),))
    c = edited(c, current=(CurrentRow(*HR, "P1"), CurrentRow(*PAY, OWN)))
    ev = TimeEvaluator(c)
    assert [float(p.running) for p in ev.baseline().cost.periods] == [29000.0, 10000.0, 0.0]
    s = ev.savings(rows_of(f"{OWN} P1 -", "P1 P1 -"))
    assert floats(s.source_ended_cost) == [0.0, 5000.0, 0.0]


def test_the_baseline_shows_what_it_breaks():
    c = changed(office(max_providers_per_entity=0), "offers", ("P1", "hr"), client_kinds=frozenset({"other"}))
    found = {(v.rule, v.entity, v.service, v.period) for v in TimeEvaluator(c).baseline().violations}
    rules = (("max_providers_per_entity", ""), ("assign_once", "hr"))
    assert found == {(rule, "E1", s, t) for rule, s in rules for t in (1, 2, 3)}


def fractions(*amounts: float) -> list[Fraction]:
    return [Fraction(a) for a in amounts]


@pytest.mark.parametrize(
    ("saving", "one_off", "month"),
    [
        ((12, 12), (0, 0), 0),
        ((12, 12), (6, 0), 6),
        ((12, 12), (6.5, 0), 7),
        ((12, 12), (12, 0), 12),
        ((12, 12), (24, 0), None),
        ((12, 12), (0.5, 0), 1),
        ((12, 12), (6, 10), 16),
        ((12, 12), (6, 6), 6),
        ((0, 0), (0, 0), None),
        ((-12, 36), (0, 0), 16),
        ((12, -6), (1, 0), 1),
        ((12, 12), (-3, 0), 0),
    ],
)
def test_break_even(saving: tuple[float, ...], one_off: tuple[float, ...], month: int | None):
    assert break_even(fractions(*saving), fractions(*one_off), [1.0, 1.0], 12) == month


def test_break_even_is_discounted_by_the_period():
    args = fractions(12, 12), fractions(13, 0)
    assert break_even(*args, [1.0, 1.0], 12) == 13
    assert break_even(*args, [1.0, 0.4], 12) == 15


def test_internal_rate():
    assert internal_rate(fractions(-100, 110), 1.0) == pytest.approx(0.1, rel=1e-12)
    assert internal_rate(fractions(0, -100, 0, 121), 1.0) == pytest.approx(0.1, rel=1e-12)
    assert internal_rate(fractions(-100, 60), 1.0) == pytest.approx(-0.4, rel=1e-12)
    assert internal_rate(fractions(-100, 110), 0.25) == pytest.approx(1.1**4 - 1, rel=1e-12)
    rate = internal_rate(fractions(*[-1000] + [100] * 30), 1.0)
    assert rate is not None
    assert sum(f * (1 + rate) ** -t for t, f in enumerate([-1000] + [100] * 30, 1)) == pytest.approx(0, abs=1e-9)
    assert internal_rate(fractions(-1, 1e6), 1 / 12) == pytest.approx(1e72, rel=1e-9)


@pytest.mark.parametrize("flow", [(), (0, 0), (1, 2), (-1, -2), (1, -2), (-1, 2, -1), (-1, 2, -1, 5)])
def test_no_rate_where_the_flow_does_not_turn_once(flow: tuple[float, ...]):
    assert internal_rate(fractions(*flow), 1.0) is None


def test_savings_as_plain_numbers():
    told = saved(office(transition=MOVE), LATER).as_dict()
    assert told["flow"] == [0.0, 1050.0, 6000.0]
    assert told["run_rate"] == 6000.0
    assert told["irr"] is None
