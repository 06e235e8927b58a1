"""Every rule that ties periods together: just kept, then broken by an exact amount."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from optimizer.domain.case import Case
from optimizer.domain.names import OWN, TIME_RULES
from optimizer.domain.policy import SiteCount, Transition
from optimizer.domain.time.rows import Budget, Commitment, Freeze, PathRow, Precedence, ProfileRow
from optimizer.domain.types import CurrentRow, Decision, Demand
from optimizer.testing import edited
from optimizer.testing.hand import entity
from optimizer.verify.time import TIME_CHECKS, TimeEvaluator
from tests.verify.time.cases import HR, PAY, broken, changed, office, only, over_time, rows_of, rules_broken, with_third

Y1, Y2, Y3 = date(2026, 1, 1), date(2027, 1, 1), date(2028, 1, 1)
STAY = rows_of("P1 P1 P1")


def gone(c: Case, on: date = Y2) -> Case:
    """P1 serves nobody from a day on."""
    return changed(c, "providers", "P1", end=on)


def test_one_check_for_each_rule():
    assert tuple(f.__name__ for f in TIME_CHECKS) == tuple(TIME_RULES)


def test_every_rule_is_looked_at():
    results = TimeEvaluator(office()).results(STAY)
    assert not any(found for _, found in results.values())
    assert results["assign_once"][0] == 6
    assert set(TIME_RULES) <= set(results)
    assert "lock" in results


@pytest.mark.parametrize(
    ("rows", "message", "period"),
    [
        (STAY[:-1], "not served", 3),
        ([*STAY, STAY[0]], "assigned more than once", 1),
        ([*STAY, ("E1", "pay", 4, "P1", "")], "no such period", 4),
        ([*STAY, ("E9", "pay", 2, "P1", "")], "not present in the period", 2),
        (rows_of("P1 P1 P9"), "not_offered: no offer of pay", 3),
    ],
)
def test_assign_once(rows: list[Any], message: str, period: int):
    found = [v for v in broken(office(), rows) if v.rule == "assign_once"]
    assert (found[0].message, found[0].period) == (message, period)
    assert found[0].as_dict()["period"] == period


def test_unserved_demands_may_be_allowed():
    assert broken(office(allow_unserved=True), STAY[:-1]) == []
    assert broken(office(allow_unserved=True), [*STAY[:-1], (*HR, 3, "", "")]) == []


def test_a_demand_that_is_absent_has_no_row():
    c = office(paths=(PathRow("demands", "E1|pay", "volume", Y2, value=0.0),))
    assert broken(c, rows_of("P1 - -", "P1 P1 P1")) == []
    assert only(c, rows_of("P1 P1 -", "P1 P1 P1")).message == "not present in the period"


def test_one_switch():
    c = with_third(office())
    assert broken(c, rows_of("P1 P2 P2")) == []
    v = only(c, rows_of("P1 P2 P3", "P1 P1 P1"))
    assert (v.rule, v.amount, v.period, v.provider) == ("one_switch", 1, 3, "P3")
    assert broken(with_third(office(max_switches=2)), rows_of("P1 P2 P3")) == []


def test_a_switch_counts_over_a_gap_and_coming_back_to_the_same_is_none():
    c = office(
        paths=(
            PathRow("demands", "E1|pay", "volume", Y2, value=0.0),
            PathRow("demands", "E1|pay", "volume", Y3, value=9.0),
        )
    )
    c = over_time(c, max_switches=0)
    assert broken(c, rows_of("P1 - P1", "P1 P1 P1")) == []
    assert only(c, rows_of("P1 - P2", "P1 P1 P1")).period == 3


def test_beginning_is_no_switch():
    c = edited(over_time(office(), max_switches=0), current=())
    assert broken(c, rows_of("P2 P2 P2", "P1 P1 P1")) == []
    assert only(c, rows_of("P2 P2 P1", "P1 P1 P1")).rule == "one_switch"


def test_notice():
    c = edited(office(), current=(CurrentRow(*HR, "P1"), CurrentRow(*PAY, "P1", notice_until=date(2027, 1, 2))))
    assert broken(c, rows_of("P1 P1 P2", "P2 P2 P2")) == []
    v = only(c, rows_of("P1 P2 P2", "P1 P1 P1"))
    assert (v.rule, v.period, v.service) == ("notice", 2, "pay")
    until = edited(c, current=(CurrentRow(*HR, "P1"), CurrentRow(*PAY, "P1", notice_until=Y2)))
    assert broken(until, rows_of("P1 P2 P2", "P1 P1 P1")) == [], "on the day itself it is over"
    assert broken(gone(c), rows_of("P1 P2 P2")) == [], "forced switches have no notice"
    kept = edited(c, commitments=(Commitment(*PAY, Y2, "P2"),))
    assert broken(kept, rows_of("P1 P2 P2", "P1 P1 P1")) == [], "nor have committed ones"


@pytest.mark.parametrize(
    ("scope", "frozen"),
    [
        ({}, True),
        ({"entity": "*", "service": "*", "provider": "*"}, True),
        ({"entity": "kind:rco"}, True),
        ({"entity": "kind:mission"}, False),
        ({"entity": "E2"}, False),
        ({"service": "pay"}, True),
        ({"service": "hr"}, False),
        ({"provider": "P1"}, True),
        ({"provider": "P2"}, True),
        ({"provider": "P3"}, False),
    ],
)
def test_freeze_and_its_scope(scope: dict[str, str], frozen: bool):
    c = with_third(changed(office(), "entities", "E1", kind="rco"))
    c = edited(c, freezes=(Freeze(Y2, Y3, **scope),))
    assert rules_broken(c, rows_of("P1 P2 P2", "P1 P1 P1")) == ({"freeze"} if frozen else set())
    assert broken(c, rows_of("P1 P1 P2", "P1 P1 P1")) == [], "the last day is not in it"
    assert broken(c, rows_of("P2 P2 P2", "P1 P1 P1")) == []


@pytest.mark.parametrize(("scope", "frozen"), [("", False), ("P1", False), ("P2", True), ("P3", False)])
def test_a_freeze_binds_a_forced_switch_only_where_it_names_who_takes_it(scope: str, frozen: bool):
    c = edited(gone(with_third(office())), freezes=(Freeze(Y2, Y3, provider=scope),))
    assert rules_broken(c, rows_of("P1 P2 P2")) == ({"freeze"} if frozen else set())


def test_a_freeze_does_not_bind_what_is_committed():
    c = edited(office(), freezes=(Freeze(Y2, Y3),), commitments=(Commitment(*PAY, Y2, "P2"),))
    assert broken(c, rows_of("P1 P2 P2", "P1 P1 P1")) == []


@pytest.mark.parametrize(
    ("gap", "pay", "hr", "kept"),
    [
        (0, "P1 P2 P2", "P1 P2 P2", True),
        (0, "P2 P2 P2", "P1 P2 P2", False),
        (12, "P1 P1 P2", "P1 P2 P2", True),
        (13, "P1 P1 P2", "P1 P2 P2", False),
        (99, "P1 P1 P1", "P1 P2 P2", True),
        (99, "P2 P2 P2", "P1 P1 P1", True),
    ],
)
@pytest.mark.parametrize("first", ["*", "hr"])
def test_precedence(gap: int, pay: str, hr: str, kept: bool, first: str):
    c = edited(office(), precedence=(Precedence(first, "pay", gap),))
    assert rules_broken(c, rows_of(pay, hr)) == (set() if kept else {"precedence"})
    elsewhere = edited(c, precedence=(Precedence(first, "pay", gap, "kind:other"),))
    assert broken(elsewhere, rows_of(pay, hr)) == []


def test_precedence_is_between_free_switches_only():
    c = edited(office(), precedence=(Precedence("*", "pay"),))
    assert rules_broken(c, rows_of("P2 P2 P2", "P1 P2 P2")) == {"precedence"}
    forced = changed(c, "offers", ("P1", "hr"), end=Y2)
    assert broken(forced, rows_of("P2 P2 P2", "P1 P2 P2")) == []
    bound = edited(c, commitments=(Commitment(*PAY, Y1, "P2"),))
    assert broken(bound, rows_of("P2 P2 P2", "P1 P2 P2")) == []


def test_wave():
    later = rows_of("P1 P2 P2", "P1 P1 P2")
    assert broken(office(), later) == []
    v = only(office(wave_by="entity"), later)
    assert (v.rule, v.amount) == ("wave", 1)
    assert broken(office(wave_by="entity"), rows_of("P1 P2 P2", "P1 P1 P1")) == []
    assert broken(office(wave_by="service"), later) == []
    forced = changed(office(wave_by="entity"), "offers", ("P1", "hr"), end=Y3)
    assert broken(forced, later) == [], "forced switches go when they must"
    bound = office(wave_by="entity", commitments=(Commitment(*PAY, Y2, "P2"),))
    assert broken(bound, later) == []


def test_wave_of_a_service():
    c = office(wave_by="service")
    c = edited(c, entities=(*c.entities, entity("E2")), demands=(*c.demands, Demand("E2", "pay", 1000.0)))
    c = edited(c, current=(*c.current, CurrentRow("E2", "pay", "P1")))
    assert broken(c, rows_of("P1 P2 P2", "P2 P2 P2", E2_pay="P1 P2 P2")) == []
    assert only(c, rows_of("P1 P2 P2", "P2 P2 P2", E2_pay="P1 P1 P2")).rule == "wave"


def test_growth_limit_of_a_year():
    """pay is 1 FTE, hr 2."""
    c = changed(office(), "providers", "P2", absorb_fte=2.5)
    assert broken(c, rows_of("P1 P2 P2", "P1 P1 P2")) == []
    v = only(c, rows_of("P1 P2 P2", "P1 P2 P2"))
    assert (v.rule, v.amount, v.unit, v.provider, v.period) == ("growth_limit", Fraction(1, 2), "FTE", "P2", 2)


def test_growth_limit_slides_over_twelve_months_and_takes_the_last_figure():
    c = changed(office(6, "quarter"), "providers", "P2", absorb_fte=2.0)
    apart = rows_of("P1 P2 P2 P2 P2 P2", "P1 P1 P1 P1 P1 P2")
    near = rows_of("P1 P2 P2 P2 P2 P2", "P1 P1 P1 P1 P2 P2")
    assert broken(c, apart) == []
    assert only(c, near).period == 5
    later = edited(c, paths=(PathRow("providers", "P2", "absorb_fte", date(2027, 1, 1), value=3.0),))
    assert broken(later, near) == []


def test_growth_limit_of_a_short_horizon_is_one_window_and_beginnings_count():
    c = changed(edited(office(2, "month"), current=()), "providers", "P2", absorb_fte=2.999999)
    assert only(c, rows_of("P2 P2")).amount == Fraction(1, 10**6)
    assert broken(changed(c, "providers", "P2", absorb_fte=3.0), rows_of("P2 P2")) == []
    todays = edited(c, current=(CurrentRow(*HR, "P2"), CurrentRow(*PAY, "P2")))
    assert broken(todays, rows_of("P2 P2")) == [], "who is there takes nothing in"


ONE = Transition(training=1000.0)


def test_yearly_budget():
    """pay costs 1,000 to move, hr 2,000; years are four quarters from the start."""
    c = office(5, "quarter", transition=ONE, budgets=(Budget(1, 2999.0), Budget(2, 2000.0)))
    assert broken(c, rows_of("P1 P1 P1 P2 P2", "P1 P1 P1 P1 P2")) == []
    v = only(c, rows_of("P1 P1 P1 P2 P2", "P1 P1 P2 P2 P2"))
    assert (v.rule, v.amount, v.period) == ("yearly_budget", 1, 0)
    assert rules_broken(gone(c, date(2026, 4, 1)), rows_of("P1 P2 P2 P2 P2")) == {"yearly_budget"}, "forced ones count"


def test_budgets_leave_risk_aside():
    bang = {"transition_mode": "big_bang", "big_bang_probability": 1.0, "big_bang_failure_cost": 1e6}
    c = office(transition=ONE, one_off_budget=3000.0, budgets=(Budget(2, 3000.0),), **bang)
    assert broken(c, rows_of("P1 P2 P2")) == []


def test_one_off_budget():
    c = changed(office(transition=ONE, one_off_budget=3250.0), "providers", "P1", exit_cost=250.0)
    assert broken(c, rows_of("P1 P2 P2", "P1 P1 P2")) == []
    c = edited(c, policy=replace(c.policy, one_off_budget=3249.99))
    v = only(c, rows_of("P1 P2 P2", "P1 P1 P2"))
    assert (v.rule, v.amount) == ("one_off_budget", Fraction(1, 100))


def test_max_moves_per_period():
    c = office(max_moves_per_period=1)
    assert broken(c, rows_of("P1 P2 P2", "P1 P1 P2")) == []
    v = only(c, rows_of("P1 P2 P2"))
    assert (v.rule, v.amount, v.period) == ("max_moves_per_period", 1, 2)
    assert rules_broken(gone(c), rows_of("P1 P2 P2")) == {"max_moves_per_period"}


def test_max_moves_counts_demands_not_switches():
    c = with_third(office(max_moves=1, max_switches=2))
    assert broken(c, rows_of("P2 P3 P3", "P1 P1 P1")) == []
    assert only(c, rows_of("P2 P2 P2")).rule == "max_moves"


def test_committed():
    c = office(commitments=(Commitment(*PAY, date(2026, 7, 1), "P2"),))
    assert broken(c, rows_of("P1 P2 P2", "P1 P1 P1")) == []
    late = only(c, rows_of("P1 P1 P2", "P1 P1 P1"))
    assert (late.rule, late.period, late.provider) == ("committed", 2, "P1")
    early = only(c, rows_of("P2 P2 P2", "P1 P1 P1"))
    assert (early.rule, early.period) == ("committed", 1)
    after = over_time(with_third(c), max_switches=2)
    assert broken(after, rows_of("P1 P2 P3", "P1 P1 P1")) == [], "after it the demand is free"


def test_commitments_follow_each_other():
    two = (Commitment(*PAY, Y1, "P2"), Commitment(*PAY, Y3, "P1"))
    assert broken(office(commitments=two, max_switches=2), rows_of("P2 P2 P1", "P1 P1 P1")) == []
    assert rules_broken(office(commitments=two, max_switches=2), rows_of("P2 P1 P1", "P1 P1 P1")) == {"committed"}


def test_a_commitment_binds_where_the_demand_is_present():
    away = (
        PathRow("demands", "E1|pay", "volume", Y2, value=0.0),
        PathRow("demands", "E1|pay", "volume", Y3, value=9.0),
    )
    c = office(commitments=(Commitment(*PAY, Y2, "P2"),), paths=away)
    assert broken(c, rows_of("P1 - P2", "P1 P1 P1")) == []
    assert only(c, rows_of("P1 - P1", "P1 P1 P1")).period == 3


def test_a_commitment_overrides_filters_like_a_lock():
    c = changed(office(), "offers", ("P2", "pay"), client_kinds=frozenset({"other"}))
    assert rules_broken(c, rows_of("P1 P1 P2", "P1 P1 P1")) == {"assign_once"}
    assert broken(edited(c, commitments=(Commitment(*PAY, Y3, "P2"),)), rows_of("P1 P1 P2", "P1 P1 P1")) == []
    shut = changed(edited(c, commitments=(Commitment(*PAY, Y3, "P2"),)), "providers", "P2", end=Y3)
    assert "assign_once" in rules_broken(shut, rows_of("P1 P1 P2", "P1 P1 P1"))


def test_a_lock_and_a_commitment_that_disagree_are_both_rules():
    lock = Decision("lock", "E1", "x", "pay", "P1", from_=Y2, until=Y3)
    c = office(decisions=(lock,), commitments=(Commitment(*PAY, Y2, "P2"),))
    assert rules_broken(c, rows_of("P1 P2 P2", "P1 P1 P1")) == {"lock"}
    assert rules_broken(c, rows_of("P1 P1 P1")) == {"committed"}


def test_big_bang():
    c = office(transition_mode="big_bang")
    assert broken(c, rows_of("P1 P2 P2")) == []
    assert broken(c, rows_of("P1 P1 P2", "P1 P1 P1")) == []
    assert only(c, rows_of("P1 P2 P2", "P1 P1 P2")).rule == "big_bang"
    forced = changed(c, "offers", ("P1", "hr"), end=Y3)
    assert broken(forced, rows_of("P1 P2 P2", "P1 P1 P2")) == []
    named = office(transition_mode="big_bang", big_bang_period=3)
    assert broken(named, rows_of("P1 P1 P2")) == []
    assert [v.rule for v in broken(named, rows_of("P1 P2 P2"))] == ["big_bang"] * 2


def test_locks_by_date():
    c = office(decisions=(Decision("lock", "E1", "x", "pay", "P2", from_=Y2, until=Y3),), max_switches=2)
    assert broken(c, rows_of("P1 P2 P1", "P1 P1 P1")) == []
    v = only(c, rows_of("P1 P1 P2", "P1 P1 P1"))
    assert (v.rule, v.period) == ("lock", 2)


def test_forbids_by_date_force_a_switch():
    c = office(
        decisions=(Decision("forbid", "E1", "x", "pay", "P1", from_=Y2),), freezes=(Freeze(Y1, date(2029, 1, 1)),)
    )
    assert broken(c, rows_of("P1 P2 P2", "P1 P1 P1")) == []
    assert {(v.rule, v.period) for v in broken(c, rows_of("P1 P1 P1"))} == {("assign_once", 2), ("assign_once", 3)}


def agency(**more: Any) -> Case:
    """P2 is an agency, at 8 where the best Secretariat provider costs 10, and 10 from 2027 on."""
    dearer = PathRow("tiers", "P2", "unit_cost", Y2, value=10.0)
    return changed(office(agency_min_saving=0.1, paths=(dearer,), **more), "providers", "P2", kind="agency")


def test_agencies_are_tested_on_arrival_only():
    assert broken(agency(), rows_of("P2 P2 P2")) == [], "cheap enough when it came"
    found = broken(agency(), rows_of("P1 P2 P2", "P1 P1 P1"))
    assert [(v.rule, v.period, v.message.split(":")[0]) for v in found] == [("assign_once", 2, "agency_saving")]


def test_beginnings_at_an_agency_are_tested_and_todays_are_not():
    todays = edited(agency(keep_current=False), current=(CurrentRow(*HR, "P2"), CurrentRow(*PAY, "P2")))
    late = (
        Y2,
        PathRow("demands", "E1|pay", "volume", Y1, value=0.0),
        PathRow("demands", "E1|pay", "volume", Y2, value=5.0),
    )
    paused = edited(todays, paths=(*todays.paths, *late[1:]))
    assert broken(paused, rows_of("- P2 P2", "P2 P2 P2")) == [], "today's, over a gap"
    begins = edited(paused, current=(CurrentRow(*HR, "P2"),))
    assert [(v.rule, v.period) for v in broken(begins, rows_of("- P2 P2", "P2 P2 P2"))] == [("assign_once", 2)]


def test_own_capacity_serves_only_while_the_entity_is_there():
    c = changed(changed(office(), "demands", PAY, own_unit_cost=9.0), "entities", "E1", end=Y2, profile="m")
    c = edited(c, profiles=(ProfileRow("m", "*", "residual", 30, 0.5),))
    found = broken(c, rows_of(f"{OWN} {OWN} {OWN}", "P1 P1 P1"))
    assert {(v.rule, v.period) for v in found} == {("assign_once", 2), ("assign_once", 3)}
    back = over_time(c, max_switches=2)
    assert broken(back, rows_of(f"{OWN} P1 P1", "P1 P1 P1")) == []


def test_minimum_of_a_candidate_holds_while_it_is_open():
    c = changed(with_third(office(max_switches=2)), "providers", "P2", status="candidate", min_fte=1.0)
    assert broken(c, rows_of("P1 P2 P2", "P1 P1 P1")) == []
    v = only(c, rows_of("P1 P2 P3", "P1 P1 P1"))
    assert (v.rule, v.period, v.amount) == ("minimum_volume", 3, 1)
    ended = changed(c, "providers", "P2", end=Y3)
    assert broken(ended, rows_of("P1 P2 P3", "P1 P1 P1")) == []


def test_site_count_is_on_open_sites():
    c = office(site_count=SiteCount(1, 1))
    assert broken(c, STAY) == []
    assert only(c, rows_of("P1 P1 P1", "P1 P1 P2")).period == 3
    required = changed(c, "providers", "P2", status="required", end=Y2)
    v = only(required, STAY)
    assert (v.rule, v.period) == ("site_count", 1)


def test_target_rules_bind_from_their_date():
    c = office(site_count=SiteCount(1, 1), target_from=date(2027, 6, 1))
    assert broken(c, rows_of("P1 P1 P2", "P2 P2 P2")) == []
    assert only(c, rows_of("P1 P1 P1", "P2 P2 P2")).period == 3


def test_capacities_bind_in_every_period():
    c = changed(office(target_from=date(2030, 1, 1)), "offers", ("P1", "pay"), capacity=1000.0)
    c = edited(c, paths=(PathRow("demands", "*|pay", "volume", Y3, factor=1.5),))
    v = only(c, STAY)
    assert (v.rule, v.period, v.amount) == ("line_capacity", 3, 500)
