"""Every rule alone: just satisfied, then violated by an exact amount."""

from dataclasses import replace
from fractions import Fraction

import pytest

from optimizer.domain.case import Case
from optimizer.domain.names import OWN, RULES
from optimizer.domain.policy import SiteCount, Transition
from optimizer.domain.types import CurrentRow, Decision, Demand, Offer, Tier
from optimizer.testing import edited
from optimizer.testing.hand import (
    BANGKOK,
    GENEVA,
    NAIROBI,
    case,
    changed,
    entity,
    provider,
    service,
    two_by_two,
    with_policy,
)
from optimizer.verify import Evaluator, Violation, evaluate
from optimizer.verify.rules import CHECKS
from tests.verify.cases import Rows

BOTH_P1: Rows = [("E1", "pay", "P1", ""), ("E2", "pay", "P1", "")]
SPLIT: Rows = [("E1", "pay", "P1", ""), ("E2", "pay", "P2", "")]


def broken(c: Case, rows: Rows) -> list[Violation]:
    return Evaluator(c).violations(rows)


def only(c: Case, rows: Rows) -> Violation:
    found = broken(c, rows)
    assert len(found) == 1, found
    return found[0]


def test_one_check_for_each_rule():
    assert tuple(f.__name__ for f in CHECKS) == tuple(RULES)


def test_a_good_plan_breaks_nothing():
    result = evaluate(two_by_two(), SPLIT)
    assert result.ok
    assert [r.rule for r in result.rules] == list(RULES)
    assert result.rules[0].checked == 2


@pytest.mark.parametrize(
    ("rows", "message", "who"),
    [
        (SPLIT[:1], "not served", ("E2", "pay", "")),
        ([*SPLIT, SPLIT[0]], "assigned more than once", ("E1", "pay", "P1")),
        ([*SPLIT, ("E3", "pay", "P1", "")], "no such demand in the case", ("E3", "pay", "P1")),
        ([("E1", "pay", "", ""), SPLIT[1]], "not served", ("E1", "pay", "")),
    ],
)
def test_assign_once(rows: Rows, message: str, who: tuple[str, str, str]):
    v = only(two_by_two(), rows)
    assert (v.rule, v.message, (v.entity, v.service, v.provider)) == ("assign_once", message, who)


def test_assign_once_names_the_refusal():
    v = only(changed(two_by_two(), "providers", "P2", status="closing"), SPLIT)
    assert (v.rule, v.message) == ("assign_once", "closing: status closing, not served there today")


def test_unserved_demands_may_be_allowed():
    assert broken(two_by_two(allow_unserved=True), SPLIT[:1]) == []


def test_line_capacity():
    c = changed(two_by_two(), "offers", ("P1", "pay"), capacity=4500.000001, base_volume=500.000001)
    assert broken(c, BOTH_P1) == []
    v = only(changed(c, "offers", ("P1", "pay"), capacity=4500.0), BOTH_P1)
    assert (v.rule, v.amount, v.provider, v.service) == ("line_capacity", Fraction(1, 10**6), "P1", "pay")


def test_site_capacity():
    """4,000 units of 96 minutes are 4 FTE."""
    c = changed(two_by_two(), "providers", "P1", capacity_fte=5.5, base_fte=1.5)
    assert broken(c, BOTH_P1) == []
    v = only(changed(c, "providers", "P1", capacity_fte=5.499999), BOTH_P1)
    assert (v.rule, v.amount, v.unit, v.provider) == ("site_capacity", Fraction(1, 10**6), "FTE", "P1")


def test_site_capacity_is_exact_where_floats_are_not():
    """Ten demands of 0.1 units fill one unit; the float sum of ten tenths is less than one."""
    c = case(
        [entity(f"E{k}") for k in range(10)],
        [service(minutes=96000.0)],
        [Demand(f"E{k}", "pay", 0.1) for k in range(10)],
        [provider(capacity_fte=1.0)],
        [Offer("P1", "pay", capacity=1.0)],
    )
    rows = [(f"E{k}", "pay", "P1", "") for k in range(10)]
    assert broken(c, rows) == []
    assert broken(changed(c, "providers", "P1", capacity_fte=0.999999), rows)[0].amount == Fraction(1, 10**6)


def test_open_line():
    c = two_by_two()
    c = edited(c, offers=tuple(o for o in c.offers if o.provider == "P1"))
    found = broken(c, SPLIT)
    assert {v.rule for v in found} == {"assign_once", "open_line"}
    assert [v.amount for v in found if v.rule == "open_line"] == [3000]


def test_open_site():
    found = broken(changed(two_by_two(), "providers", "P2", status="closed"), SPLIT)
    assert {v.rule for v in found} == {"assign_once", "open_site"}
    assert [v.amount for v in found if v.rule == "open_site"] == [3]


def two_services(**policy) -> Case:
    """E1 needs pay (1,000) and hire (2,000), in one bundle; P1 and P2 offer both; own capacity for hire."""
    return case(
        [entity()],
        [service(bundle="hr"), service("hire", bundle="hr")],
        [Demand("E1", "pay", 1000.0), Demand("E1", "hire", 2000.0, own_unit_cost=11.0)],
        [provider(), provider("P2", GENEVA)],
        [Offer(p, s) for p in ("P1", "P2") for s in ("pay", "hire")],
        **policy,
    )


def rows_of(pay: str, hire: str) -> Rows:
    return [("E1", "pay", pay, ""), ("E1", "hire", hire, "")]


def test_max_providers_per_entity_leaves_own_capacity_aside():
    c = two_services(max_providers_per_entity=1)
    assert broken(c, rows_of("P1", "P1")) == []
    assert broken(c, rows_of("P1", OWN)) == []
    v = only(c, rows_of("P1", "P2"))
    assert (v.rule, v.amount, v.entity) == ("max_providers_per_entity", 1, "E1")


def test_bundle_together_counts_own_capacity():
    c = two_services(bundle_mode="together")
    assert broken(c, rows_of("P1", "P1")) == []
    v = only(c, rows_of("P1", OWN))
    assert (v.rule, v.amount, v.entity, v.service) == ("bundle_together", 1, "E1", "hr")


@pytest.mark.parametrize(("share", "over"), [(0.25, None), (0.249999, Fraction(4, 10**6))])
def test_agency_share(share: float, over: Fraction | None):
    """The agency has 1 of 4 FTE."""
    c = changed(two_by_two(agency_share_max=share), "providers", "P1", kind="agency")
    found = broken(c, SPLIT)
    assert [v.amount for v in found] == ([] if over is None else [over])
    assert all(v.rule == "agency_share" for v in found)


@pytest.mark.parametrize(
    ("limits", "rows", "amount"),
    [
        (SiteCount(2, 2), SPLIT, None),
        (SiteCount(max=1), SPLIT, 1),
        (SiteCount(min=3), BOTH_P1, 2),
        (SiteCount(max=1), BOTH_P1, None),
    ],
)
def test_site_count(limits: SiteCount, rows: Rows, amount: int | None):
    found = broken(two_by_two(site_count=limits), rows)
    assert [(v.rule, v.amount) for v in found] == ([] if amount is None else [("site_count", amount)])


def test_site_count_knows_required_sites_and_no_agencies():
    c = changed(two_by_two(site_count=SiteCount(2, 2)), "providers", "P2", status="required")
    assert broken(c, BOTH_P1) == []
    assert only(changed(c, "providers", "P2", kind="agency"), BOTH_P1).amount == 1


def test_zones():
    c = two_by_two(zones=True)
    assert only(c, SPLIT).message == "no Secretariat site in zone asia_pacific"
    third = provider("P3", BANGKOK, "Asia/Bangkok", status="required")
    assert broken(edited(c, providers=(*c.providers, third)), SPLIT) == []


def test_minimum_volume_of_a_line():
    c = changed(two_by_two(), "offers", ("P1", "pay"), min_volume=1000.0, base_volume=50.0)
    assert broken(c, SPLIT) == []
    v = only(changed(c, "offers", ("P1", "pay"), min_volume=1000.5), SPLIT)
    assert (v.rule, v.amount, v.provider, v.service) == ("minimum_volume", Fraction(1, 2), "P1", "pay")
    assert (
        broken(changed(c, "offers", ("P1", "pay"), min_volume=9999.0), [(e, s, "P2", "") for e, s, _, _ in SPLIT]) == []
    )


def test_minimum_effort_of_a_candidate():
    c = changed(two_by_two(), "providers", "P1", status="candidate", min_fte=1.0)
    assert broken(c, SPLIT) == []
    v = only(changed(c, "providers", "P1", min_fte=1.25), SPLIT)
    assert (v.rule, v.amount, v.unit) == ("minimum_volume", Fraction(1, 4), "FTE")
    assert broken(changed(c, "providers", "P1", status="open", min_fte=1.25), SPLIT) == []


def critical(**policy) -> Case:
    """Payroll is critical; E1 (1,000) and E2 (3,000); P1 in AT, P2 in US, P3 in CH."""
    c = changed(two_by_two(**policy), "services", "pay", critical=True)
    return edited(
        c,
        providers=(*c.providers, provider("P3", GENEVA)),
        offers=(*c.offers, Offer("P3", "pay")),
        tiers=(*c.tiers, Tier("P3", "pay", 0.0, 10.0)),
    )


CROSS: Rows = [("E1", "pay", "P1", "P2"), ("E2", "pay", "P2", "P1")]


def test_backup_each_for_the_other():
    assert broken(critical(), CROSS) == []
    assert broken(critical(backup=False), SPLIT) == []


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ("", "no backup"),
        ("P1", "P1 cannot be the backup of P1"),
        (OWN, "OWN cannot be the backup of P1"),
        ("P9", "backup P9 is not in the case"),
        ("P3", "backup P3 does not run pay"),
    ],
)
def test_backup_that_is_none(second: str, message: str):
    v = only(critical(), [("E1", "pay", "P1", second), CROSS[1]])
    assert (v.rule, v.message, v.entity) == ("backup", message, "E1")


def test_backup_in_the_same_country():
    c = changed(critical(), "providers", "P2", place=replace(NAIROBI, country="AT"))
    assert {v.message for v in broken(c, CROSS)} == {
        "backup P2 is in the same country AT",
        "backup P1 is in the same country AT",
    }


def test_backup_must_be_eligible_for_the_demand():
    c = changed(critical(), "offers", ("P2", "pay"), regions_served=frozenset({"TH"}))
    v = only(c, CROSS)
    assert v.message == "backup P2 is not eligible: region: KE not in TH"


def test_backup_line_carries_what_falls_to_it():
    c = changed(critical(), "offers", ("P2", "pay"), capacity=4000.0)
    assert broken(c, CROSS) == []
    v = only(changed(c, "offers", ("P2", "pay"), capacity=3999.5), CROSS)
    assert (v.rule, v.amount, v.provider, v.service) == ("backup", Fraction(1, 2), "P2", "pay")


def test_backup_site_carries_what_falls_to_it():
    c = changed(critical(), "providers", "P1", capacity_fte=4.0)
    assert broken(c, CROSS) == []
    v = only(changed(c, "providers", "P1", capacity_fte=3.75), CROSS)
    assert (v.rule, v.amount, v.unit, v.provider) == ("backup", Fraction(1, 4), "FTE", "P1")


def test_only_one_provider_is_lost_at_a_time():
    """P3 stands in for P1 and for P2, one at a time: 1,000 of its own and 3,000 that fall to it."""
    c = critical()
    c = edited(c, entities=(*c.entities, entity("E3")), demands=(*c.demands, Demand("E3", "pay", 1000.0)))
    rows = [("E1", "pay", "P1", "P3"), ("E2", "pay", "P2", "P3"), ("E3", "pay", "P3", "P1")]
    c = changed(c, "offers", ("P3", "pay"), capacity=4000.0)
    assert broken(c, rows) == []
    assert only(changed(c, "offers", ("P3", "pay"), capacity=3999.0), rows).message.startswith("if P2 is lost")


def test_own_capacity_needs_no_backup():
    c = changed(critical(), "demands", ("E1", "pay"), own_unit_cost=1.0)
    c = changed(c, "demands", ("E2", "pay"), own_unit_cost=1.0)
    assert broken(c, [("E1", "pay", OWN, ""), ("E2", "pay", OWN, "")]) == []
    assert broken(c, [("E1", "pay", OWN, "P1"), ("E2", "pay", OWN, "")]) == []


def moving(**policy) -> Case:
    """Both are at P2 today."""
    today = (CurrentRow("E1", "pay", "P2"), CurrentRow("E2", "pay", "P2"))
    return edited(two_by_two(**policy), current=today)


def test_max_moves():
    assert broken(moving(max_moves=2), BOTH_P1) == []
    v = only(moving(max_moves=0), BOTH_P1)
    assert (v.rule, v.amount) == ("max_moves", 2)
    assert broken(two_by_two(max_moves=0), BOTH_P1) == []


def test_one_off_budget():
    """1 FTE moves at (100 + 20) · 1.1 = 132, and P1's set-up is 68."""
    money = Transition(separation=100.0, travel=20.0, contingency_rate=0.1)
    c = changed(moving(transition=money, one_off_budget=200.0), "providers", "P1", status="candidate", setup_cost=68.0)
    assert broken(c, SPLIT) == []
    v = only(with_policy(c, one_off_budget=199.99), SPLIT)
    assert (v.rule, v.amount, v.unit) == ("one_off_budget", Fraction(1, 100), "USD")


def test_lock():
    c = edited(two_by_two(), decisions=(Decision("lock", "E1", "decided", "", "P2"),))
    v = only(c, SPLIT)
    assert (v.rule, v.entity, v.message) == ("lock", "E1", "decided for P2, served by P1")
    assert broken(c, [("E1", "pay", "P2", ""), SPLIT[1]]) == []


def test_lock_without_provider_means_today():
    c = edited(moving(), decisions=(Decision("lock", "*", "stay"),))
    assert [v.rule for v in broken(c, BOTH_P1)] == ["lock", "lock"]
    assert broken(c, [(e, s, "P2", "") for e, s, _, _ in BOTH_P1]) == []
