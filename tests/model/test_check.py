"""Every rule alone: just kept, then broken by a known amount."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.domain.policy import SiteCount, Transition
from optimizer.domain.types import Decision, Demand
from optimizer.model.build import build_problem
from optimizer.model.parts import Choice
from optimizer.model.rules import check
from optimizer.testing import edited


def broken(case, provider, backup=(-1, -1, -1, -1)):
    """[(rule, amount)] of a plan of (E1, S1), (E1, S2), (E2, S1), (E2, S2)."""
    found = check(build_problem(case), Choice(np.array(provider), np.array(backup)))
    return [(rule, pytest.approx(amount)) for rule, amount, _ in found]


def test_a_plan_that_keeps_all(make):
    """Nothing to report."""
    assert broken(make.two(), [0, 0, 1, 1]) == []


def test_assign_once(make):
    """Unserved and ineligible."""
    case = make.two(services=[make.service(max_distance_km=1.0), make.service("S2")])
    assert broken(case, [0, -1, 1, 1]) == [("assign_once", 1), ("assign_once", 1)]


def test_open_line_and_open_site(make):
    """A provider without the offer; a closed provider."""
    case = make.two(
        offers=[make.offer("P1", "S1"), make.offer("P1", "S2"), make.offer("P2", "S2")],
        providers=[make.provider(), make.provider("P2", status="closed")],
    )
    assert broken(case, [0, 0, 1, 0]) == [("assign_once", 1), ("open_line", 1), ("open_site", 6000)]


@pytest.mark.parametrize(
    ("capacity", "found"), [(250.0, []), (249.999999, [("line_capacity", 1e-6)]), (249.0, [("line_capacity", 1)])]
)
def test_line_capacity(make, capacity, found):
    """200 of the case and 50 from elsewhere; a millionth too much is too much."""
    offers = [make.offer("P1", "S1", capacity=capacity, base_volume=50.0), make.offer("P1", "S2")]
    assert broken(make.two(offers=offers), [0, 0, 0, 0]) == found


@pytest.mark.parametrize(("capacity", "found"), [(1.1875, []), (1.1865, [("site_capacity", 96.0)])])
def test_site_capacity(make, capacity, found):
    """18,000 minutes and one post of other work."""
    case = make.two(providers=[make.provider(capacity_fte=capacity, base_fte=1.0), make.provider("P2")])
    assert broken(case, [0, 0, 0, 0]) == found


@pytest.mark.parametrize(("most", "found"), [(2, []), (1, [("max_providers_per_entity", 1)])])
def test_max_providers(make, most, found):
    """E2 has two."""
    assert broken(make.two(policy={"max_providers_per_entity": most}), [0, 0, 0, 1]) == found


@pytest.mark.parametrize(("mode", "found"), [("price", []), ("together", [("bundle_together", 1)])])
def test_bundle_together(make, mode, found):
    """E2's bundle is split."""
    services = [make.service(bundle="b"), make.service("S2", bundle="b")]
    assert broken(make.two(services=services, policy={"bundle_mode": mode}), [0, 0, 0, 1]) == found


@pytest.mark.parametrize(
    ("share", "found"), [(0.333334, []), (0.333333, [("agency_share", 0.006)]), (0.3, [("agency_share", 600.0)])]
)
def test_agency_share(make, share, found):
    """6,000 of 18,000 minutes at the agency."""
    case = make.two(providers=[make.provider(), make.provider("P2", kind="agency")], policy={"agency_share_max": share})
    assert broken(case, [0, 0, 1, 0]) == found


@pytest.mark.parametrize(
    ("limits", "plan", "found"),
    [
        (SiteCount(1, 2), [0, 0, 1, 1], []),
        (SiteCount(None, 1), [0, 0, 1, 1], [("site_count", 1)]),
        (SiteCount(2, None), [0, 0, 0, 0], [("site_count", 1)]),
        (SiteCount(2, None), [0, 0, 2, 2], [("site_count", 1)]),
    ],
)
def test_site_count(make, limits, plan, found):
    """P3 is an agency and does not count."""
    case = make.two(
        providers=[make.provider(), make.provider("P2"), make.provider("P3", kind="agency")],
        offers=[make.offer(p, s) for p in ("P1", "P2", "P3") for s in ("S1", "S2")],
        policy={"site_count": limits},
    )
    assert broken(case, plan) == found


def test_zones(make):
    """France and Kenya are the rest, New York the Americas; nobody in Asia and the Pacific."""
    case = make.two(providers=[make.provider(), make.provider("P2", "US")], policy={"zones": True})
    problem = build_problem(case)
    found = check(problem, Choice(np.array([0, 0, 0, 0]), np.full(4, -1)))
    assert [b.data["zone"] for b in found] == ["americas", "asia_pacific"]
    assert broken(case, [0, 0, 1, 1]) == [("site_count", 1)]


@pytest.mark.parametrize(("least", "found"), [(100.0, []), (130.0, [("minimum_volume", 30)])])
def test_minimum_volume_of_a_line(make, least, found):
    """100 on the line; a line without volume has no minimum."""
    offers = [make.offer(p, s, min_volume=least if p == "P2" else 0.0) for p in ("P1", "P2") for s in ("S1", "S2")]
    assert broken(make.two(offers=offers), [0, 0, 0, 1]) == found


@pytest.mark.parametrize(
    ("status", "plan", "found"),
    [
        ("candidate", [0, 0, 0, 1], [("minimum_volume", 96000 - 3000)]),
        ("candidate", [0, 0, 0, 0], []),
        ("open", [0, 0, 0, 1], []),
    ],
)
def test_minimum_of_a_candidate(make, status, plan, found):
    """One post, only for candidates that open."""
    case = make.two(providers=[make.provider(), make.provider("P2", status=status, min_fte=1.0)])
    assert broken(case, plan) == found


def critical(make, **more):
    """S1 is critical; P1 (FR), P2 (AT), P3 (FR)."""
    rows = {
        "services": [make.service(critical=True), make.service("S2")],
        "providers": [make.provider(), make.provider("P2", "AT"), make.provider("P3")],
        "offers": [make.offer(p, s) for p in ("P1", "P2", "P3") for s in ("S1", "S2")],
    }
    return make.two(**(rows | more))


BAD = [("backup", 1)]


@pytest.mark.parametrize(
    ("plan", "backup", "found"),
    [
        ([0, 0, 1, 1], [1, -1, 0, -1], []),
        ([0, 0, 1, 1], [-1, -1, 0, -1], BAD),  # none
        ([0, 0, 1, 1], [0, -1, 0, -1], BAD),  # itself
        ([0, 2, 1, 2], [2, -1, 0, -1], BAD),  # same country, and does not run S1
        ([0, 0, 0, 1], [1, -1, 1, -1], BAD * 2),  # P2 runs only S2
        ([0, 0, 1, 1], [3, -1, 0, -1], BAD),  # own capacity is no backup
    ],
)
def test_backup(make, plan, backup, found):
    """Named, elsewhere, running the service."""
    assert broken(critical(make), plan, backup) == found


def test_backup_must_be_eligible(make):
    """A decision forbids the survivor."""
    case = critical(make, decisions=(Decision("forbid", "E1", "no", "S1", "P2"),))
    assert broken(case, [0, 0, 1, 1], [1, -1, 0, -1]) == BAD


def test_backup_off_and_own_capacity(make):
    """No backups when the policy is off; own capacity needs none."""
    assert broken(critical(make, policy={"backup": False}), [0, 0, 1, 1]) == []
    own = [Demand(e, s, 100.0, own_unit_cost=1.0) for e in ("E1", "E2") for s in ("S1", "S2")]
    assert broken(critical(make, demands=own), [3, 0, 3, 1]) == []


@pytest.mark.parametrize(("capacity", "found"), [(200.0, []), (150.0, [("backup", 50)])])
def test_backup_load_on_the_line(make, capacity, found):
    """P2 carries 100 and receives 100 when P1 is lost."""
    case = critical(make)
    offers = [replace(o, capacity=capacity) if o.key == ("P2", "S1") else o for o in case.offers]
    assert broken(critical(make, offers=offers), [0, 0, 1, 1], [1, -1, 0, -1]) == found


@pytest.mark.parametrize(("minutes", "found"), [(18000, []), (17000, [("backup", 1000)])])
def test_backup_load_on_the_site(make, minutes, found):
    """P2 works 12,000 minutes and receives 6,000 when P1 is lost."""
    providers = [make.provider(), make.provider("P2", "AT", capacity_fte=minutes / 96000), make.provider("P3")]
    assert broken(critical(make, providers=providers), [0, 0, 1, 1], [1, -1, 0, -1]) == found


def test_backup_loads_of_two_lost_sites_do_not_add(make):
    """Either P1 or P3 is lost, never both."""
    entities = [make.entity(), make.entity("E2"), make.entity("E3")]
    demands = [Demand(e, "S1", 100.0) for e in ("E1", "E2", "E3")]
    for capacity, n in ((200.0, 0), (199.0, 2)):
        case = critical(make, entities=entities, demands=demands, current=())
        offers = [replace(o, capacity=capacity) if o.key == ("P2", "S1") else o for o in case.offers]
        problem = build_problem(edited(case, offers=tuple(offers)))
        assert len(check(problem, Choice(np.array([0, 1, 2]), np.array([1, 0, 1])))) == n


@pytest.mark.parametrize(("most", "found"), [(2, []), (1, [("max_moves", 1)]), (0, [("max_moves", 2)])])
def test_max_moves(make, most, found):
    """Both demands of E1 move; E2 is new."""
    assert broken(make.two(policy={"max_moves": most}), [1, 1, 1, 1]) == found


@pytest.mark.parametrize(("budget", "found"), [(9500.0, []), (9000.0, [("one_off_budget", 500)])])
def test_one_off_budget(make, budget, found):
    """9,000 for moves and 500 for a set-up."""
    case = make.two(
        providers=[make.provider(), make.provider("P2", status="candidate", setup_cost=500.0)],
        policy={"one_off_budget": budget, "transition": Transition(separation=96000.0)},
    )
    assert broken(case, [1, 1, 1, 1]) == found


def test_lock(make):
    """Decided for P2, planned at P1 or unserved."""
    case = make.two(decisions=(Decision("lock", "E2", "agreed", "S1", "P2"),))
    assert broken(case, [0, 0, 1, 0]) == []
    assert broken(case, [0, 0, 0, 0]) == [("lock", 1)]
    assert broken(case, [0, 0, -1, 0]) == [("assign_once", 1), ("lock", 1)]
