"""Every refusal alone: just allowed, just refused, and what sets it aside."""

from dataclasses import replace
from typing import Any

import pytest

from optimizer.domain.case import Case
from optimizer.domain.names import KEEP_CURRENT_EXEMPTS, LOCK_CANNOT_OVERRIDE, OWN, REFUSALS
from optimizer.domain.types import CurrentRow, Decision, Demand, Offer, Place, Tier
from optimizer.testing import edited
from optimizer.testing.hand import NAIROBI, VIENNA, case, changed, entity, provider, service, two_by_two, with_policy
from optimizer.verify.eligibility import OWN_TESTS, TESTS, Eligibility


def codes(c: Case, who: str = "P1", demand: tuple[str, str] = ("E1", "pay")) -> list[str]:
    return [r.code for r in Eligibility(c).verdict(c.demand[demand], who).refusals]


def exempted(c: Case, who: str = "P1", demand: tuple[str, str] = ("E1", "pay")) -> list[str]:
    return [r.code for r in Eligibility(c).verdict(c.demand[demand], who).exempted]


def one(current: str = "", lock: str = "", forbid: str = "", **policy: Any) -> Case:
    """E1 in Nairobi, payroll, P1 in Vienna."""
    decisions = []
    if lock:
        decisions.append(Decision("lock", "E1", "decided", "pay", lock))
    if forbid:
        decisions.append(Decision("forbid", "E1", "decided", "pay", forbid))
    return case(
        [entity()],
        [service()],
        [Demand("E1", "pay", 1000.0)],
        [provider()],
        [Offer("P1", "pay")],
        current=[CurrentRow("E1", "pay", current)] if current else [],
        decisions=decisions,
        **policy,
    )


def test_every_refusal_has_its_test():
    named = {t.__name__ for t in (*TESTS, *OWN_TESTS)} | {"not_offered", "forbid"}
    assert named == set(REFUSALS)


def test_plain_pair_is_eligible():
    assert codes(one()) == []


def test_not_offered():
    c = edited(one(), offers=(), tiers=())
    assert codes(c) == ["not_offered"]
    assert "P9" not in c.provider
    assert codes(c, "P9") == ["not_offered"]


def test_client_kind():
    c = changed(one(), "offers", ("P1", "pay"), client_kinds=frozenset({"rco"}))
    assert codes(c) == ["client_kind"]
    assert codes(changed(c, "entities", "E1", kind="rco")) == []


@pytest.mark.parametrize(
    ("served", "found"),
    [({"KE"}, []), ({"Eastern Africa"}, []), ({"World"}, []), ({"Europe"}, ["region"]), ({"AT", "CH"}, ["region"])],
)
def test_region(served: set[str], found: list[str]):
    c = changed(one(), "offers", ("P1", "pay"), regions_served=frozenset(served))
    assert codes(c) == found


def test_location_class_local():
    c = changed(one(), "services", "pay", location_class="local")
    assert codes(c) == ["location_class"]
    assert codes(changed(c, "providers", "P1", place=replace(VIENNA, country="KE"))) == []


@pytest.mark.parametrize(("degrees", "found"), [(0.2258, []), (0.2262, ["location_class"])])
def test_location_class_fixed_reaches_25_km(degrees: float, found: list[str]):
    """At the equator a degree of latitude is 110.574 km: 25 km is 0.22609 degrees."""
    c = changed(one(), "services", "pay", location_class="fixed")
    c = changed(c, "entities", "E1", place=Place(0.0, 30.0, "KE"))
    assert codes(changed(c, "providers", "P1", place=Place(degrees, 30.0, "KE"))) == found
    assert codes(changed(c, "providers", "P1", place=Place(degrees, 30.0, "UG"))) == ["location_class"]


def test_distance():
    km = Eligibility(one()).geography.km(NAIROBI, VIENNA)
    assert km == pytest.approx(5834, abs=15)
    assert codes(changed(one(), "services", "pay", max_distance_km=km)) == []
    assert codes(changed(one(), "services", "pay", max_distance_km=km - 0.001)) == ["distance"]


def test_overlap_is_that_of_the_worst_week():
    assert codes(changed(one(), "services", "pay", min_overlap_hours=6.0)) == []
    assert codes(changed(one(), "services", "pay", min_overlap_hours=6.000001)) == ["overlap"]


@pytest.mark.parametrize(
    ("rule", "offered", "found"),
    [
        ("all", {"en", "fr"}, []),
        ("all", {"en"}, ["language"]),
        ("any", {"en"}, []),
        ("any", {"es"}, ["language"]),
        ("none", set(), []),
    ],
)
def test_language(rule: str, offered: set[str], found: list[str]):
    c = changed(one(), "services", "pay", language_rule=rule) if rule != "none" else one()
    c = changed(c, "entities", "E1", languages=frozenset({"en", "fr"}))
    c = changed(c, "providers", "P1", languages=frozenset(offered)) if offered else c
    assert codes(c) == found
    assert codes(with_policy(c, language_mode="price")) == []


def test_language_asks_nothing_of_an_entity_without_languages():
    assert codes(changed(one(), "services", "pay", language_rule="any")) == []


@pytest.mark.parametrize(("there", "found"), [("", []), ("H", []), ("B", []), ("C", ["hardship"])])
def test_hardship(there: str, found: list[str]):
    c = changed(one(max_hardship_class="B"), "providers", "P1", hardship_class=there) if there else one()
    assert codes(c) == found


def test_hardship_binds_new_work_only():
    c = changed(one(current="P1", max_hardship_class="B", keep_current=False), "providers", "P1", hardship_class="E")
    assert codes(c) == []


@pytest.mark.parametrize(("level", "found"), [(0.9, []), (0.89, ["service_level"]), (None, ["service_level"])])
def test_service_level(level: float | None, found: list[str]):
    c = changed(one(), "services", "pay", min_service_level=0.9)
    assert codes(changed(c, "offers", ("P1", "pay"), service_level=level) if level else c) == found


def agency(price: float, fee: float = 0.0, **policy: Any) -> Case:
    """P1 (Secretariat) asks 10 a unit; the agency A its own price."""
    return case(
        [entity()],
        [service()],
        [Demand("E1", "pay", 1000.0)],
        [provider(), provider("A", kind="agency")],
        [Offer("P1", "pay"), Offer("A", "pay", fee_rate=fee)],
        [Tier("A", "pay", 0.0, price), Tier("A", "pay", 500.0, 0.0)],
        agency_min_saving=0.1,
        **policy,
    )


@pytest.mark.parametrize(
    ("price", "fee", "found"), [(9.0, 0.0, []), (9.000001, 0.0, ["agency_saving"]), (8.5, 0.08, ["agency_saving"])]
)
def test_agency_saving_compares_first_tiers_with_fees(price: float, fee: float, found: list[str]):
    assert codes(agency(price, fee), "A") == found


@pytest.mark.parametrize(("price", "found"), [(9_000_000.0, []), (9_000_000.000001, ["agency_saving"])])
def test_agency_saving_is_compared_to_the_last_digit(price: float, found: list[str]):
    """A tenth below 10,000,000 is 9,000,000, not a millionth more."""
    tiers = [Tier("A", "pay", 0.0, price), Tier("P1", "pay", 0.0, 10_000_000.0)]
    assert codes(edited(agency(price), tiers=tuple(tiers)), "A") == found


def test_agency_is_free_where_no_secretariat_provider_may_serve():
    c = changed(agency(50.0), "providers", "P1", status="closed")
    assert codes(c, "A") == []


def test_closing_keeps_what_it_has():
    c = changed(one(), "providers", "P1", status="closing")
    assert codes(c) == ["closing"]
    c = changed(one(current="P1"), "providers", "P1", status="closing")
    assert codes(c) == []


def test_closed_is_closed_even_today_and_under_a_lock():
    c = changed(one(current="P1", lock="P1"), "providers", "P1", status="closed")
    assert codes(c) == ["closed"]


def test_forbid():
    assert codes(one(forbid="P1")) == ["forbid"]
    assert codes(one(forbid=OWN), OWN) == ["own_not_given", "forbid"]


def test_own_capacity():
    assert codes(one(), OWN) == ["own_not_given"]
    c = changed(one(own_min_headcount=100.0), "demands", ("E1", "pay"), own_unit_cost=12.0)
    assert codes(c, OWN) == []
    assert codes(with_policy(c, own_min_headcount=100.5), OWN) == ["own_headcount"]


def breaking_everything(c: Case) -> Case:
    """The pair E1–P1 breaks every filter but closing, closed and agency."""
    c = changed(
        c,
        "services",
        "pay",
        location_class="local",
        max_distance_km=1.0,
        min_overlap_hours=8.0,
        language_rule="all",
        min_service_level=1.0,
    )
    c = changed(c, "entities", "E1", languages=frozenset({"fr"}))
    c = changed(c, "providers", "P1", hardship_class="E")
    c = changed(c, "offers", ("P1", "pay"), regions_served=frozenset({"AT"}), client_kinds=frozenset({"rco"}))
    return with_policy(c, max_hardship_class="A")


def test_every_filter_is_reported_at_once():
    expected = ["client_kind", "region", "location_class", "distance", "overlap", "language", "hardship"]
    assert codes(breaking_everything(one())) == [*expected, "service_level"]


def test_today_is_exempt_from_the_soft_filters_only():
    c = breaking_everything(one(current="P1"))
    assert codes(c) == ["client_kind", "location_class", "service_level"]
    assert set(exempted(c)) <= KEEP_CURRENT_EXEMPTS
    assert exempted(c) == ["region", "distance", "overlap", "language"]
    assert "distance" in codes(with_policy(c, keep_current=False))


def test_a_lock_sets_aside_all_but_what_cannot_be():
    c = breaking_everything(one(lock="P1"))
    assert codes(c) == []
    assert not LOCK_CANNOT_OVERRIDE & set(exempted(c))
    assert codes(edited(c, offers=(), tiers=())) == ["not_offered"]


def test_figures_are_given():
    c = changed(two_by_two(), "services", "pay", max_distance_km=5000.0)
    found = Eligibility(c).verdict(c.demand["E1", "pay"], "P1").refusals[0]
    assert found.code == "distance"
    assert "at most 5000 km" in found.figure
