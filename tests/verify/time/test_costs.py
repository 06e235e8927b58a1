"""Money of a plan over time, term by term and one-off by one-off, by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from optimizer.domain.case import Case
from optimizer.domain.names import OWN, TIME_ONE_OFFS, TIME_TERMS
from optimizer.domain.policy import Transition
from optimizer.domain.time.rows import Commitment, PathRow, StaffingRow
from optimizer.domain.types import CurrentRow
from optimizer.testing import edited
from optimizer.verify.time import TimeEvaluator
from tests.verify.time.cases import HR, PAY, changed, office, over_time, paid, rows_of, whole, with_third

Y1, Y2, Y3 = date(2026, 1, 1), date(2027, 1, 1), date(2028, 1, 1)
STAY = rows_of("P1 P1 P1")
MOVE = Transition(training=1000.0, travel=500.0, contingency_rate=0.1)
"""1,650 an FTE."""


def absent(first: date, again: date) -> tuple[PathRow, ...]:
    """pay is paused from a day on."""
    return (
        PathRow("demands", "E1|pay", "volume", first, value=0.0),
        PathRow("demands", "E1|pay", "volume", again, value=1000.0),
    )


def test_names_are_those_of_the_design():
    cost = TimeEvaluator(office()).cost(STAY)
    assert tuple(cost.terms) == TIME_TERMS
    assert tuple(cost.one_offs) == TIME_ONE_OFFS
    assert set(cost.as_dict()) == {*TIME_TERMS, *TIME_ONE_OFFS, "running", "one_off", "total", "objective"}


@pytest.mark.parametrize(("unit", "each"), [("year", 30000.0), ("quarter", 7500.0), ("month", 2500.0)])
def test_a_period_costs_its_length(unit: str, each: float):
    assert paid(office(unit=unit), STAY, "service") == [each] * 3


def test_the_objective_is_discounted_to_the_middle_of_periods():
    cost = TimeEvaluator(office(discount_rate=0.1)).cost(STAY)
    assert cost.objective == pytest.approx(sum(30000 * 1.1**-t for t in (0.5, 1.5, 2.5)), rel=1e-15)
    quarters = TimeEvaluator(office(2, "quarter", discount_rate=0.1)).cost(rows_of("P1 P1"))
    assert quarters.objective == pytest.approx(7500 * (1.1**-0.125 + 1.1**-0.375), rel=1e-15)


def test_interfaces_and_hand_overs_count_the_demands_present():
    c = office(interface_cost=40.0, handover_cost=100.0, paths=absent(Y2, Y3))
    c = changed(changed(c, "services", "pay", bundle="B"), "services", "hr", bundle="B")
    rows = rows_of("P1 - P2", "P1 P1 P1")
    assert paid(c, rows, "interface") == [40.0, 40.0, 80.0]
    assert paid(c, rows, "handover") == [0.0, 0.0, 100.0]


def test_transition_has_the_figures_of_its_period():
    c = office(transition=MOVE, discount_rate=0.05)
    rows = rows_of("P1 P2 P2", "P1 P1 P1")
    assert paid(c, rows, "transition") == [0.0, 1650.0, 0.0]
    dearer = edited(c, paths=(PathRow("policy", "*", "transition.training", Y2, value=2000.0),))
    assert paid(dearer, rows, "transition") == [0.0, 2750.0, 0.0]
    more = edited(c, paths=(PathRow("demands", "*", "volume", Y2, factor=2.0),))
    assert paid(more, rows, "transition") == [0.0, 3300.0, 0.0]
    slower = edited(c, paths=(PathRow("services", "pay", "minutes_per_unit", Y2, value=48.0),))
    assert paid(slower, rows, "transition") == [0.0, 825.0, 0.0]


def test_transition_is_paid_for_every_switch_forced_ones_told_apart():
    c = changed(with_third(office(transition=MOVE, max_switches=2)), "offers", ("P1", "hr"), end=Y3)
    cost = TimeEvaluator(c).cost(rows_of("P2 P3 P3", "P1 P1 P2"))
    assert [whole(p.one_offs) for p in cost.periods] == [{"transition": 1650.0}] * 2 + [{"transition": 3300.0}]
    assert [float(p.forced) for p in cost.periods] == [0.0, 0.0, 3300.0]


def test_leaving_a_source_without_a_price_is_free():
    """P3 offers nothing, so that today's source has no price."""
    c = edited(office(transition=MOVE, handover_months=6.0), current=(CurrentRow(*HR, "P1"), CurrentRow(*PAY, "P3")))
    cost = TimeEvaluator(edited(c, providers=with_third(c).providers)).cost(rows_of("P2 P2 P2", "P1 P1 P1"))
    assert whole(cost.one_offs) == {}
    own = edited(c, current=(CurrentRow(*HR, "P1"), CurrentRow(*PAY, OWN)))
    assert whole(TimeEvaluator(own).cost(rows_of("P2 P2 P2", "P1 P1 P1")).one_offs) == {}


def test_beginning_costs_nothing_once():
    c = edited(office(transition=MOVE, handover_months=6.0), current=())
    assert TimeEvaluator(c).cost(rows_of("P2 P2 P2")).one_off == 0


def test_double_running_is_the_old_source_for_the_months_of_the_hand_over():
    c = office(handover_months=3.0)
    assert paid(c, rows_of("P1 P2 P2", "P1 P1 P1"), "double_running") == [0.0, 2500.0, 0.0]
    assert paid(c, rows_of("P2 P2 P2", "P1 P1 P1"), "double_running") == [2500.0, 0.0, 0.0]
    fee = changed(c, "offers", ("P1", "pay"), fee_rate=0.1, fixed_cost=777.0)
    assert paid(fee, rows_of("P1 P2 P2", "P1 P1 P1"), "double_running") == [0.0, 2750.0, 0.0]
    months = over_time(c, 3, "month")
    assert paid(months, rows_of("P1 P2 P2", "P1 P1 P1"), "double_running") == [0.0, 2500.0, 0.0], "whatever the unit"


def test_double_running_of_own_capacity_and_of_sources_that_ended():
    c = changed(office(handover_months=6.0), "demands", PAY, own_unit_cost=7.0, own_fixed_cost=600.0)
    c = edited(c, current=(CurrentRow(*HR, "P1"), CurrentRow(*PAY, OWN)))
    assert paid(c, rows_of(f"{OWN} P2 P2", "P1 P1 P1"), "double_running") == [0.0, 3800.0, 0.0]
    ended = changed(office(handover_months=6.0), "offers", ("P1", "pay"), end=Y2)
    ended = edited(ended, paths=(PathRow("tiers", "P1|pay", "unit_cost", Y2, value=12.0),))
    assert paid(ended, rows_of("P1 P2 P2", "P1 P1 P1"), "double_running") == [0.0, 6000.0, 0.0]


def test_no_double_running_after_a_pause():
    c = office(4, handover_months=6.0, transition=MOVE, paths=absent(Y2, Y3))
    cost = TimeEvaluator(c).cost(rows_of("P1 - P2 P2", "P1 P1 P1 P1"))
    assert [whole(p.one_offs) for p in cost.periods] == [{}, {}, {"transition": 1650.0}, {}]


def test_setup_in_the_first_period_that_a_candidate_serves():
    c = changed(office(), "providers", "P2", status="candidate", setup_cost=5000.0, site_fixed_cost=60.0)
    c = edited(c, paths=(PathRow("providers", "P2", "setup_cost", Y2, value=7000.0),))
    rows = rows_of("P1 P2 P2", "P1 P1 P2")
    assert paid(c, rows, "setup") == [0.0, 7000.0, 0.0]
    assert paid(c, rows, "site") == [0.0, 60.0, 60.0]
    assert paid(c, STAY, "setup") == paid(c, STAY, "site") == [0.0] * 3


def sites(**status: str) -> Case:
    """Four periods; sites cost 100, 20 and 3 a year, and 900, 800 and 700 to leave."""
    c = with_third(office(4, max_switches=3))
    for p, cost, out in (("P1", 100.0, 900.0), ("P2", 20.0, 800.0), ("P3", 3.0, 700.0)):
        c = changed(c, "providers", p, site_fixed_cost=cost, exit_cost=out, status=status.get(p, "open"))
    return c


@pytest.mark.parametrize(
    ("pay", "site", "exits"),
    [
        ("P1 P1 P1 P1", [100.0] * 4, [0.0] * 4),
        ("P1 P1 P2 P2", [100.0, 100.0, 20.0, 20.0], [0.0, 0.0, 900.0, 0.0]),
        ("P2 P2 P2 P2", [20.0] * 4, [900.0, 0.0, 0.0, 0.0]),
        ("P2 P2 P2 P1", [120.0, 120.0, 120.0, 100.0], [0.0, 0.0, 0.0, 800.0]),
        ("P2 P3 P2 P2", [20.0, 23.0, 20.0, 20.0], [900.0, 0.0, 700.0, 0.0]),
        ("P1 P2 P2 P3", [100.0, 20.0, 20.0, 3.0], [0.0, 900.0, 0.0, 800.0]),
    ],
)
def test_a_site_is_open_from_its_first_work_to_its_last_and_todays_from_the_start(
    pay: str, site: list[float], exits: list[float]
):
    assert paid(sites(), rows_of(pay), "site") == site
    assert paid(sites(), rows_of(pay), "exit") == exits


def test_a_candidate_stays_open_to_its_end_or_that_of_the_horizon():
    c = sites(P2="candidate")
    assert paid(c, rows_of("P1 P2 P1 P1"), "site") == [100.0, 120.0, 120.0, 120.0]
    assert paid(c, rows_of("P1 P2 P1 P1"), "exit") == [0.0] * 4
    ended = changed(c, "providers", "P2", end=Y3)
    assert paid(ended, rows_of("P1 P2 P1 P1"), "site") == [100.0, 120.0, 100.0, 100.0]
    assert paid(ended, rows_of("P1 P2 P1 P1"), "exit") == [0.0, 0.0, 800.0, 0.0]


def test_a_required_site_is_open_while_it_may_serve():
    c = changed(sites(P2="required"), "providers", "P2", start=Y2, end=Y3)
    assert paid(c, rows_of("P1 P1 P1 P1"), "site") == [100.0, 120.0, 100.0, 100.0]
    assert paid(c, rows_of("P1 P1 P1 P1"), "exit") == [0.0, 0.0, 800.0, 0.0]
    assert paid(sites(P2="required"), rows_of("P1 P1 P1 P1"), "exit") == [0.0] * 4


def test_sites_that_never_serve():
    assert paid(sites(P2="candidate"), rows_of("P1 P1 P1 P1"), "exit") == [0.0] * 4
    assert paid(sites(P1="closing"), rows_of("P2 P2 P2 P2"), "exit") == [900.0, 0.0, 0.0, 0.0]


def test_exits_have_the_figure_of_their_period():
    c = edited(sites(), paths=(PathRow("providers", "P1", "exit_cost", Y3, factor=2.0),))
    assert paid(c, rows_of("P1 P1 P2 P2"), "exit") == [0.0, 0.0, 1800.0, 0.0]


def test_rent_is_part_of_the_site_once_it_is_due():
    c = changed(
        office(unit="quarter"), "providers", "P1", site_fixed_cost=100.0, rent=40.0, rent_free_until=date(2026, 4, 1)
    )
    assert paid(c, STAY, "site") == [25.0, 35.0, 35.0]
    grown = edited(c, paths=(PathRow("providers", "P1", "rent", date(2026, 7, 1), factor=2.0),))
    assert paid(grown, STAY, "site") == [25.0, 35.0, 45.0]
    assert paid(changed(c, "providers", "P1", rent_free_until=None), STAY, "site") == [35.0] * 3


def test_a_big_bang_has_its_own_factor_and_a_risk():
    bang = {"big_bang_cost_factor": 0.8, "big_bang_probability": 0.25, "big_bang_failure_cost": 40000.0}
    c = office(transition=MOVE, transition_mode="big_bang", **bang)
    cost = TimeEvaluator(c).cost(rows_of("P1 P2 P2", "P1 P1 P1"))
    assert [whole(p.one_offs) for p in cost.periods] == [{}, {"transition": 1320.0, "risk": 10000.0}, {}]
    assert TimeEvaluator(c).cost(STAY).one_off == 0, "no switch, no risk"
    forced = changed(c, "offers", ("P1", "pay"), end=Y2)
    assert whole(TimeEvaluator(forced).cost(rows_of("P1 P2 P2", "P1 P1 P1")).one_offs) == {"transition": 1320.0}
    assert whole(TimeEvaluator(over_time(c, transition_mode="phased")).cost(rows_of("P1 P2 P2")).one_offs) == {
        "transition": 4950.0
    }


def staffed(share_max: float | None, local: float = 0.5, cost: float = 90000.0) -> Case:
    rows = [
        StaffingRow("P1", "GS", 0.2, 1.0),
        StaffingRow("P1", "NPO", local, cost),
        StaffingRow("P1", "P", round(0.8 - local, 6), 190000.0),
    ]
    return office(staffing=tuple(rows), npo_share_max=share_max)


def test_npo_compliance():
    """e = 0.5 − 0.25 · 0.8 = 0.3 of 3 FTE, at 100,000 more."""
    assert paid(staffed(0.25), STAY, "npo_compliance") == pytest.approx([90000.0] * 3)
    assert TimeEvaluator(staffed(0.25)).cost(STAY).terms["npo_compliance"] == 270000
    assert paid(staffed(0.25), rows_of("P1 P1 P2", "P2 P2 P2"), "npo_compliance") == [30000.0, 30000.0, 0.0]
    assert paid(staffed(None), STAY, "npo_compliance") == [0.0] * 3
    assert paid(staffed(0.625), STAY, "npo_compliance") == [0.0] * 3
    assert paid(staffed(0.0, cost=190000.5), STAY, "npo_compliance") == [0.0] * 3


def test_npo_compliance_changes_with_its_figures_and_holds_for_own_capacity():
    c = edited(staffed(0.25), paths=(PathRow("policy", "*", "npo_share_max", Y2, value=0.0),))
    assert paid(c, STAY, "npo_compliance") == [90000.0, 150000.0, 150000.0]
    own = tuple(StaffingRow(OWN, r.category, r.share, r.cost_per_fte) for r in c.staffing)
    c = changed(edited(c, staffing=own, paths=()), "demands", PAY, own_unit_cost=1.0)
    assert paid(c, rows_of(f"{OWN} {OWN} P1", "P1 P1 P1"), "npo_compliance") == [30000.0, 30000.0, 0.0]


def test_money_is_exact():
    c = office(3, "month", transition=Transition(training=0.1))
    cost = TimeEvaluator(c).cost(rows_of("P1 P2 P2", "P1 P1 P1"))
    assert cost.one_off == Fraction(1, 10)
    assert cost.running == Fraction(30000, 12) + 2 * Fraction(28000, 12)
    assert cost.total == cost.running + cost.one_off


def test_what_cannot_be_priced_is_broken_and_not_a_fault():
    c = office(commitments=(Commitment(*PAY, Y1, "P9"),))
    plan = TimeEvaluator(c)
    rows = rows_of("P9 P9 P9", "P1 P1 P1")
    assert plan.cost(rows).running == 60000
    assert {v.rule for v in plan.violations(rows)} == {"assign_once", "open_line", "open_site"}
