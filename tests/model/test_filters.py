"""Each filter alone: below, at and above its limit, with the figure in its message."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.domain.names import OWN, REFUSALS
from optimizer.domain.types import CurrentRow, Decision, Demand, Place, Tier
from optimizer.model.build import build_problem
from optimizer.model.eligibility.filters import FILTERS
from optimizer.model.eligibility.pairs import codes_of, explain_refusals
from optimizer.model.eligibility.reasons import TELL
from optimizer.testing import edited

KM_PARIS_VIENNA = 1036.6


def refused(case, provider="P1", entity="E1", service="S1"):
    """Codes that stand against a pair."""
    problem = build_problem(case)
    d, p = problem.demand_index[entity, service], problem.provider_index[provider]
    found = codes_of(problem.refusals[d, p])
    told = explain_refusals(case, problem, d, p)
    assert [t["code"] for t in told] == found
    assert (int(problem.pair_index(d, p)) >= 0) == (not found)
    return found


def told(case, provider="P1", entity="E1", service="S1"):
    """The only refusal of a pair, explained."""
    problem = build_problem(case)
    (only,) = explain_refusals(case, problem, problem.demand_index[entity, service], problem.provider_index[provider])
    return only


def test_one_function_for_every_refusal():
    """Filters and explanations cover ``REFUSALS`` by name."""
    assert {f.__name__ for f, _ in FILTERS} == set(REFUSALS)
    assert list(TELL) == list(REFUSALS)


def test_nothing_stands_against_a_harmless_pair(make):
    """The base of all cases below."""
    assert refused(make.case()) == []


def test_not_offered(make):
    """No offer: only that is said, whatever else the services asks of offers."""
    case = make.case(providers=[make.provider(), make.provider("P2")], services=[make.service(min_service_level=0.9)])
    assert refused(case, "P2") == ["not_offered"]
    assert told(case, "P2")["message"] == "P2 does not offer S1"


@pytest.mark.parametrize(("cost", "codes"), [(None, ["own_not_given"]), (0.0, []), (5.0, [])])
def test_own_not_given(make, cost, codes):
    """A cost of 0 is given, a blank is not."""
    assert refused(make.case(demands=[Demand("E1", "S1", 10.0, own_unit_cost=cost)]), OWN) == codes


@pytest.mark.parametrize(("least", "codes"), [(99.0, []), (100.0, []), (100.5, ["own_headcount"])])
def test_own_headcount(make, least, codes):
    """An entity of 100."""
    case = make.case(demands=[Demand("E1", "S1", 10.0, own_unit_cost=1.0)], policy={"own_min_headcount": least})
    assert refused(case, OWN) == codes
    if codes:
        assert (told(case, OWN)["figure"], told(case, OWN)["limit"]) == (100.0, 100.5)


@pytest.mark.parametrize(
    ("kinds", "codes"), [((), []), (("rco",), []), (("rco", "unct"), []), (("unct",), ["client_kind"])]
)
def test_client_kind(make, kinds, codes):
    """Blank serves all; an entity of kind rco."""
    case = make.case(entities=[make.entity(kind="rco")], offers=[make.offer(client_kinds=frozenset(kinds))])
    assert refused(case) == codes


@pytest.mark.parametrize(
    ("regions", "codes"),
    [
        ((), []),
        (("FR",), []),
        (("Western Europe",), []),
        (("World",), []),
        (("Africa", "Europe"), []),
        (("Africa", "AT"), ["region"]),
    ],
)
@pytest.mark.parametrize("kind", ["global", "regional"])
def test_region(make, regions, codes, kind):
    """Country code, M49 name or the whole world; an entity in France."""
    case = make.case(
        services=[make.service(location_class=kind)], offers=[make.offer(regions_served=frozenset(regions))]
    )
    assert refused(case) == codes
    if codes:
        assert told(case)["limit"] == "AT, Africa"


def at_km(make, country, km):
    """A provider so far east of Paris (approximately), as a place of the country."""
    return make.provider(place=Place(48.8566, 2.3522 + km / 73.3, country))


@pytest.mark.parametrize(
    ("kind", "country", "km", "codes"),
    [
        ("global", "AT", 900, []),
        ("local", "FR", 900, []),
        ("local", "AT", 1, ["location_class"]),
        ("fixed", "FR", 24, []),
        ("fixed", "FR", 26, ["location_class"]),
        ("fixed", "AT", 1, ["location_class"]),
    ],
)
def test_location_class(make, kind, country, km, codes):
    """``fixed`` is the same country and 25 km, ``local`` the same country."""
    case = make.case(services=[make.service(location_class=kind)], providers=[at_km(make, country, km)])
    assert refused(case) == codes
    if codes == ["location_class"] and country == "FR":
        assert told(case)["figure"] == pytest.approx(km, rel=0.01)
        assert told(case)["limit"] == 25.0


def test_fixed_at_25_km_exactly_and_own_capacity(make):
    """The limit itself passes; own capacity is always in the right place."""
    problem = build_problem(make.case(providers=[make.provider(place=Place(0.0, 0.0, "FR"))]))
    km = float(problem.distance_km[0, 0])
    case = make.case(
        services=[make.service(location_class="fixed", max_distance_km=km)],
        providers=[make.provider(place=Place(0.0, 0.0, "FR"))],
        demands=[Demand("E1", "S1", 1.0, own_unit_cost=1.0)],
    )
    assert refused(case) == ["location_class"]  # but not distance: exactly at its limit
    assert refused(case, OWN) == []


@pytest.mark.parametrize(("limit", "codes"), [(1040.0, []), (1030.0, ["distance"]), (None, []), (0.0, ["distance"])])
def test_distance(make, limit, codes):
    """Paris and Vienna are 1,037 km apart."""
    case = make.case(services=[make.service(max_distance_km=limit)], providers=[make.provider(country="AT")])
    assert refused(case) == codes
    if limit == 1030.0:
        assert told(case)["figure"] == pytest.approx(KM_PARIS_VIENNA, abs=1)
        assert "1,030.0 km" in told(case)["message"]


@pytest.mark.parametrize(("least", "codes"), [(2.0, []), (1.999999, []), (2.000001, ["overlap"]), (None, [])])
def test_overlap(make, least, codes):
    """Paris and New York share two hours in the worst week, three in others."""
    case = make.case(services=[make.service(min_overlap_hours=least)], providers=[make.provider(country="US")])
    assert refused(case) == codes
    if codes:
        assert told(case)["figure"] == pytest.approx(2.0)


def test_overlap_counts_the_entitys_working_days(make):
    """Four shared days of five, eight hours each: 6.4 hours a day."""
    friday = make.entity(work=make.pattern(weekend=(4, 5)))
    for least, codes in ((6.4, []), (6.41, ["overlap"])):
        assert refused(make.case(entities=[friday], services=[make.service(min_overlap_hours=least)])) == codes


@pytest.mark.parametrize(
    ("rule", "wanted", "offered", "codes"),
    [
        ("all", "en fr", "en fr es", []),
        ("all", "en fr", "en", ["language"]),
        ("all", "", "", []),
        ("any", "en fr", "fr", []),
        ("any", "en fr", "es", ["language"]),
        ("any", "", "es", []),
        ("none", "en", "es", []),
    ],
)
def test_language(make, rule, wanted, offered, codes):
    """All, any or no language; an entity without languages is content."""
    rows = {
        "entities": [make.entity(languages=frozenset(wanted.split()))],
        "providers": [make.provider(languages=frozenset(offered.split()))],
        "services": [make.service(language_rule=rule)],
    }
    assert refused(make.case(**rows)) == codes
    assert refused(make.case(**rows, policy={"language_mode": "price"})) == []
    if codes:
        assert told(make.case(**rows))["figure"] == len(set(wanted.split()) - set(offered.split()))


@pytest.mark.parametrize(("place", "codes"), [("H", []), ("A", []), ("B", []), ("C", ["hardship"]), ("", [])])
def test_hardship(make, place, codes):
    """New work up to class B; a blank class passes."""
    rows = {
        "providers": [make.provider(hardship_class=place)],
        "policy": {"max_hardship_class": "B", "keep_current": False},
    }
    assert refused(make.case(**rows)) == codes
    assert refused(make.case(**rows, current=(CurrentRow("E1", "S1", "P1"),))) == []


@pytest.mark.parametrize(
    ("level", "codes"), [(0.95, []), (0.9, []), (0.89, ["service_level"]), (None, ["service_level"])]
)
def test_service_level(make, level, codes):
    """At least 0.9; a blank level is below."""
    case = make.case(services=[make.service(min_service_level=0.9)], offers=[make.offer(service_level=level)])
    assert refused(case) == codes


@pytest.mark.parametrize(("status", "codes"), [("closed", ["closed"]), ("closing", ["closing"]), ("candidate", [])])
def test_status(make, status, codes):
    """A closing provider keeps what it has, a closed one nothing."""
    rows = {"providers": [make.provider(status=status)]}
    assert refused(make.case(**rows)) == codes
    kept = codes if status == "closed" else []
    assert refused(make.case(**rows, current=(CurrentRow("E1", "S1", "P1"),))) == kept


@pytest.mark.parametrize(
    ("entity", "service", "hit"), [("E1", "S1", 1), ("*", "", 4), ("E1", "", 2), ("kind:rco", "S2", 1), ("E9", "", 0)]
)
@pytest.mark.parametrize("who", ["P2", OWN])
def test_forbid(make, entity, service, hit, who):
    """By id, kind or everybody; also own capacity."""
    base = make.two(demands=[Demand(e, s, 100.0, own_unit_cost=1.0) for e in ("E1", "E2") for s in ("S1", "S2")])
    entities = (replace(base.entities[0], kind="rco"), base.entities[1])
    decision = Decision("forbid", entity, "asked by the client", service, who)
    case = edited(base, entities=entities, decisions=(decision,))
    codes = [refused(case, who, *d.key) for d in case.demands]
    assert codes.count(["forbid"]) == hit
    assert codes.count([]) == 4 - hit


def agency_case(make, price, *, fee=0.0, **more):
    """P1 Secretariat at 10, P2 agency at ``price`` (plus fee) a unit; the agency must save 20 %."""
    rows = {
        "providers": [make.provider(), make.provider("P2", kind="agency")],
        "offers": [make.offer(), make.offer("P2", fee_rate=fee)],
        "tiers": [Tier("P2", "S1", 0.0, price), Tier("P2", "S1", 5.0, 0.01)],
        "policy": {"agency_min_saving": 0.2},
    }
    return make.case(**(rows | more))


@pytest.mark.parametrize(("price", "codes"), [(7.9, []), (8.0, []), (8.01, ["agency_saving"])])
def test_agency_saving(make, price, codes):
    """At most 8 a unit in the first tier."""
    assert refused(agency_case(make, price), "P2") == codes
    if codes:
        only = told(agency_case(make, price), "P2")
        assert (only["figure"], only["limit"]) == (pytest.approx(8.01), pytest.approx(8.0))
    assert refused(agency_case(make, price), "P1") == []


@pytest.mark.parametrize(("fee", "codes"), [(0.0, []), (0.25, []), (0.26, ["agency_saving"])])
def test_agency_saving_counts_the_fee(make, fee, codes):
    """6.4 and 25 % are 8."""
    assert refused(agency_case(make, 6.4, fee=fee), "P2") == codes


@pytest.mark.parametrize(
    ("price", "saving", "codes"),
    [
        (1000.0, 0.0, []),
        (1000.000001, 0.0, ["agency_saving"]),
        (999.999999, 0.000001, ["agency_saving"]),
        (999.999, 0.000001, []),
    ],
)
def test_agency_saving_is_compared_to_the_last_digit(make, price, saving, codes):
    """A millionth too dear at a price of 1,000 is too dear; what the message tells apart and what lifts it too."""
    tiers = [Tier("P1", "S1", 0.0, 1000.0), Tier("P2", "S1", 0.0, price), Tier("P2", "S1", 5.0, 0.01)]
    case = agency_case(make, price, tiers=tiers, policy={"agency_min_saving": saving})
    assert refused(case, "P2") == codes
    if codes:
        asked, allowed = told(case, "P2")["message"].split(" a unit, at most ")
        assert asked.split(" asks ")[1] != allowed.split(" allowed")[0]


def test_agency_is_compared_with_eligible_secretariat_providers_only(make):
    """A rival that another filter refuses does not count; without rivals the agency is allowed."""
    closed = [make.provider(status="closed"), make.provider("P2", kind="agency")]
    assert refused(agency_case(make, 99.0, providers=closed), "P2") == []
    forbidden = (Decision("forbid", "E1", "no", "S1", "P1"),)
    assert refused(agency_case(make, 99.0, decisions=forbidden), "P2") == []
    candidate = [make.provider(status="candidate"), make.provider("P2", kind="agency")]
    assert refused(agency_case(make, 99.0, providers=candidate), "P2") == ["agency_saving"]


def test_agency_alone_and_saving_of_everything(make):
    """No Secretariat provider at all; and a saving of 100 % allows only what costs nothing."""
    alone = [make.provider("P1", kind="agency"), make.provider("P2", kind="agency")]
    assert refused(agency_case(make, 99.0, providers=alone), "P2") == []
    policy = {"agency_min_saving": 1.0}
    assert refused(agency_case(make, 0.0, policy=policy), "P2") == []
    assert refused(agency_case(make, 0.1, policy=policy), "P2") == ["agency_saving"]


def test_own_capacity_is_no_rival_of_an_agency(make):
    """Cheap own capacity does not keep an agency out."""
    own = [Demand("E1", "S1", 1.0, own_unit_cost=0.01)]
    assert refused(agency_case(make, 8.0, demands=own), "P2") == []


def test_every_refusal_is_recorded(make):
    """Not only the first."""
    case = make.case(
        entities=[make.entity(languages=frozenset({"fr"}))],
        services=[
            make.service(location_class="local", max_distance_km=10.0, language_rule="all", min_overlap_hours=5.0)
        ],
        providers=[make.provider(country="US", status="closing", hardship_class="E")],
        offers=[make.offer(regions_served=frozenset({"Americas"}), client_kinds=frozenset({"unct"}))],
        policy={"max_hardship_class": "A"},
    )
    expected = ["client_kind", "region", "location_class", "distance", "overlap", "language", "hardship", "closing"]
    assert refused(case) == expected
