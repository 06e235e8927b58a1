"""What ``keep_current`` and locks set aside, and what they cannot."""

from __future__ import annotations

import pytest

from optimizer.domain.names import OWN
from optimizer.domain.types import CurrentRow, Decision, Demand, Tier
from optimizer.model.build import build_problem
from optimizer.model.eligibility.pairs import codes_of, explain_exemptions

TODAY = (CurrentRow("E1", "S1", "P1"),)
LOCK = (Decision("lock", "E1", "agreed", "S1", "P1"),)


def bad_pair(make, **more):
    """P1 breaks six filters that keep_current sets aside and one that it does not."""
    rows = {
        "entities": [make.entity(languages=frozenset({"fr"}))],
        "services": [
            make.service(max_distance_km=10.0, language_rule="all", min_overlap_hours=5.0, min_service_level=1.0)
        ],
        "providers": [make.provider(country="US", kind="agency"), make.provider("P2", languages=frozenset({"fr"}))],
        "offers": [
            make.offer(regions_served=frozenset({"Americas"}), service_level=1.0),
            make.offer("P2", service_level=1.0),
        ],
        "tiers": [Tier("P1", "S1", 0.0, 9.5)],
        "policy": {"agency_min_saving": 0.1},
    }
    return make.case(**(rows | more))


def outcome(case, provider="P1"):
    """(codes that stand, codes set aside) of E1, S1 and a provider."""
    problem = build_problem(case)
    p = problem.provider_index[provider]
    pair = int(problem.pair_index(0, p))
    aside = codes_of(problem.pairs.exempted[pair]) if pair >= 0 else None
    if pair >= 0:
        assert [x["code"] for x in explain_exemptions(case, problem, 0, p)] == aside
    return codes_of(problem.refusals[0, p]), aside


ALL = ["region", "distance", "overlap", "language", "agency_saving"]


def test_without_exemption(make):
    """All five stand."""
    assert outcome(bad_pair(make)) == (ALL, None)
    assert outcome(bad_pair(make, current=TODAY, policy={"agency_min_saving": 0.1, "keep_current": False})) == (
        ALL,
        None,
    )


def test_keep_current(make):
    """Today's pair is let off and the reasons are remembered; others are not."""
    assert outcome(bad_pair(make, current=TODAY)) == ([], ALL)
    assert outcome(bad_pair(make, current=(CurrentRow("E1", "S1", "P2"),))) == (ALL, None)


def test_keep_current_does_not_cover_everything(make):
    """Client kind, location class, service level and forbid still stand; so does what is let off alone."""
    case = bad_pair(
        make,
        current=TODAY,
        services=[make.service(location_class="local", min_service_level=1.0)],
        offers=[make.offer(client_kinds=frozenset({"unct"})), make.offer("P2", service_level=1.0)],
        decisions=(Decision("forbid", "E1", "no", "S1", "P1"),),
        tiers=(),
    )
    assert outcome(case)[0] == ["client_kind", "location_class", "service_level", "forbid"]


def test_a_kept_secretariat_pair_is_a_rival_of_agencies(make):
    """Exemptions come before the agency filter looks for rivals."""
    rows = {
        "services": [make.service(max_distance_km=10.0)],
        "providers": [make.provider(country="US"), make.provider("P2", kind="agency")],
        "offers": [make.offer(), make.offer("P2")],
        "policy": {"agency_min_saving": 0.1},
    }
    assert outcome(make.case(**rows), "P2") == ([], 0 * [""])
    assert outcome(make.case(**rows, current=TODAY), "P2")[0] == ["agency_saving"]


def test_lock_overrides_all_but_three(make):
    """Every filter, also those that keep_current leaves."""
    case = bad_pair(
        make,
        decisions=LOCK,
        providers=[make.provider(country="US", kind="agency", status="closing"), make.provider("P2")],
        services=[make.service(location_class="fixed", max_distance_km=1.0, min_service_level=1.0)],
        offers=[make.offer(client_kinds=frozenset({"unct"})), make.offer("P2", service_level=1.0)],
    )
    assert outcome(case) == (
        [],
        ["client_kind", "location_class", "distance", "service_level", "agency_saving", "closing"],
    )
    problem = build_problem(case)
    assert problem.locked.tolist() == [0]


@pytest.mark.parametrize(("rows", "codes"), [({"offers": ()}, ["not_offered"]), ({"providers": "closed"}, ["closed"])])
def test_lock_cannot_override(make, rows, codes):
    """No offer, and closed."""
    if rows.get("providers") == "closed":
        rows = {"providers": [make.provider(status="closed")]}
    assert outcome(make.case(decisions=LOCK, **rows)) == (codes, None)


@pytest.mark.parametrize(("cost", "codes"), [(None, ["own_not_given", "own_headcount"]), (1.0, [])])
def test_lock_on_own_capacity(make, cost, codes):
    """A lock sets the headcount aside, not a cost that is not given."""
    case = make.case(
        demands=[Demand("E1", "S1", 1.0, own_unit_cost=cost)],
        policy={"own_min_headcount": 500.0},
        decisions=(Decision("lock", "E1", "agreed", "S1", OWN),),
    )
    assert outcome(case, OWN)[0] == [c for c in codes if c == "own_not_given"]


def test_keep_current_does_not_exempt_own_capacity(make):
    """An entity below the headcount loses its own capacity even if that is today's."""
    case = make.case(
        demands=[Demand("E1", "S1", 1.0, own_unit_cost=1.0)],
        policy={"own_min_headcount": 500.0},
        current=(CurrentRow("E1", "S1", OWN),),
    )
    assert outcome(case, OWN) == (["own_headcount"], None)
    assert build_problem(case).current.tolist() == [1]


def test_blank_lock_means_today(make):
    """And locks nothing where there is no today."""
    lock = (Decision("lock", "*", "freeze"),)
    problem = build_problem(make.two(decisions=lock))
    assert problem.locked.tolist() == [0, 0, -1, -1]
