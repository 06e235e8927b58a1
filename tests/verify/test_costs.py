"""Every cost term, worked out by hand."""

from dataclasses import replace

import pytest

from optimizer.domain.case import Case
from optimizer.domain.names import COST_TERMS, OWN
from optimizer.domain.policy import Transition
from optimizer.domain.types import CurrentRow, Demand, Offer, Tier
from optimizer.testing import edited
from optimizer.testing.hand import VIENNA, case, changed, entity, provider, service, two_by_two, with_policy
from optimizer.verify import Evaluator
from optimizer.verify.costs import TERMS
from tests.verify.cases import Rows

BOTH_P1: Rows = [("E1", "pay", "P1", ""), ("E2", "pay", "P1", "")]
SPLIT: Rows = [("E1", "pay", "P1", ""), ("E2", "pay", "P2", "")]


def cost(c: Case, rows: Rows, term: str) -> float:
    return Evaluator(c).cost(rows)[term]


def test_one_function_for_each_term():
    assert tuple(f.__name__ for f in TERMS) == COST_TERMS


def tiered(**offer) -> Case:
    c = edited(
        two_by_two(), tiers=(Tier("P1", "pay", 0.0, 10.0), Tier("P1", "pay", 2000.0, 8.0), Tier("P2", "pay", 0.0, 9.0))
    )
    return changed(c, "offers", ("P1", "pay"), **offer) if offer else c


@pytest.mark.parametrize(
    ("offer", "rows", "expected"),
    [
        ({}, SPLIT, 1000 * 10 + 3000 * 9),
        ({}, BOTH_P1, 2000 * 10 + 2000 * 8),
        ({"base_volume": 500.0}, BOTH_P1, 1500 * 10 + 2500 * 8),
        ({"base_volume": 2500.0}, BOTH_P1, 4000 * 8),
        ({"fixed_cost": 700.0, "fee_rate": 0.1}, BOTH_P1, (700 + 36000) * 1.1),
        ({"fixed_cost": 700.0}, [(e, s, "P2", "") for e, s, _, _ in SPLIT], 36000),
    ],
)
def test_service(offer: dict[str, float], rows: Rows, expected: float):
    assert cost(tiered(**offer), rows, "service") == pytest.approx(expected, abs=1e-9)


def test_a_line_without_tiers_costs_its_providers_staff():
    """1,000 units of 96 minutes are 1 FTE at 90,000."""
    c = edited(changed(two_by_two(), "providers", "P1", cost_per_fte=90000.0), tiers=(Tier("P2", "pay", 0.0, 9.0),))
    assert cost(c, SPLIT, "service") == pytest.approx(90000 + 27000)


def test_own():
    c = changed(two_by_two(), "demands", ("E1", "pay"), own_unit_cost=12.5, own_fixed_cost=99.0)
    assert cost(c, [("E1", "pay", OWN, ""), SPLIT[1]], "own") == 12500 + 99


def test_site():
    c = changed(two_by_two(), "providers", "P1", site_fixed_cost=1000.0)
    c = changed(c, "providers", "P2", site_fixed_cost=500.0)
    assert cost(c, SPLIT, "site") == 1500
    assert cost(c, BOTH_P1, "site") == 1000
    assert cost(changed(c, "providers", "P2", status="required"), BOTH_P1, "site") == 1500


def bundled(**policy) -> Case:
    """E1 needs pay, hire (bundle hr) and post (no bundle)."""
    names = ("pay", "hire", "post")
    return case(
        [entity()],
        [service(n, bundle="hr" if n != "post" else "") for n in names],
        [Demand("E1", n, 1000.0, own_unit_cost=11.0) for n in names],
        [provider(), provider("P2", VIENNA)],
        [Offer(p, n) for p in ("P1", "P2") for n in names],
        **policy,
    )


def plan(pay: str, hire: str, post: str) -> Rows:
    return [("E1", n, p, "") for n, p in (("pay", pay), ("hire", hire), ("post", post))]


@pytest.mark.parametrize(
    ("providers", "expected"), [(("P1", "P1", "P1"), 40), (("P1", "P2", OWN), 80), ((OWN, OWN, OWN), 0)]
)
def test_interface(providers: tuple[str, str, str], expected: float):
    assert cost(bundled(interface_cost=40.0), plan(*providers), "interface") == expected


@pytest.mark.parametrize(
    ("providers", "expected"),
    [(("P1", "P1", "P2"), 0), (("P1", "P2", "P1"), 25), ((OWN, "P2", "P1"), 25), ((OWN, OWN, "P1"), 0)],
)
def test_handover(providers: tuple[str, str, str], expected: float):
    assert cost(bundled(handover_cost=25.0), plan(*providers), "handover") == expected


def test_distance():
    """Along the equator a degree is 111.3195 km; 10 degrees for 1 FTE at 1,000 each 1,000 km."""
    c = two_by_two(distance_cost_per_fte_1000km=1000.0)
    c = changed(c, "entities", "E1", place=replace(VIENNA, latitude=0.0, longitude=10.0))
    c = changed(c, "providers", "P1", place=replace(VIENNA, latitude=0.0, longitude=20.0))
    only_e1 = edited(c, demands=c.demands[:1])
    assert cost(only_e1, SPLIT[:1], "distance") == pytest.approx(1113.194908, abs=1e-5)


def test_overlap():
    """Nairobi and Vienna share 6 h in 23 weeks of 2026 and 7 h in 30; target 7.5 h; 1 FTE."""
    c = changed(two_by_two(overlap_cost_per_fte_hour=100.0), "services", "pay", target_overlap_hours=7.5)
    c = edited(c, demands=c.demands[:1])
    assert cost(c, SPLIT[:1], "overlap") == pytest.approx(100 * (7.5 - (23 * 6 + 30 * 7) / 53))
    assert cost(changed(c, "services", "pay", target_overlap_hours=6.0), SPLIT[:1], "overlap") == 0


@pytest.mark.parametrize(
    ("rule", "offered", "missing"),
    [("all", {"en"}, 2), ("all", {"en", "fr", "es"}, 0), ("any", {"en"}, 0), ("any", {"ar"}, 1), ("none", {"ar"}, 0)],
)
def test_language(rule: str, offered: set[str], missing: int):
    """Rate 0.05 on 1,000 units at 10 with a fee of 8 per cent, for each missing language."""
    c = two_by_two(language_mode="price", language_cost_rate=0.05)
    c = edited(c, demands=c.demands[:1], services=(service(language_rule=rule),))
    c = changed(c, "entities", "E1", languages=frozenset({"en", "fr", "es"}))
    c = changed(c, "providers", "P1", languages=frozenset(offered))
    c = changed(c, "offers", ("P1", "pay"), fee_rate=0.08)
    assert cost(c, SPLIT[:1], "language") == pytest.approx(0.05 * 1000 * 10.8 * missing)
    assert cost(with_policy(c, language_mode="forbid"), SPLIT[:1], "language") == 0


def test_dispersion():
    """Reference: 4,000 units at a mean of (10 + 9) / 2, closed providers and fees left out."""
    c = edited(tiered(fee_rate=0.5), providers=(*two_by_two().providers, provider("P3", status="closed")))
    c = edited(c, offers=(*c.offers, Offer("P3", "pay")), tiers=(*c.tiers, Tier("P3", "pay", 0.0, 99.0)))
    c = with_policy(c, dispersion_loss=(0.0, 0.125, 0.25))
    c = changed(c, "demands", ("E1", "pay"), own_unit_cost=1.0)
    assert cost(c, BOTH_P1, "dispersion") == 0
    assert cost(c, SPLIT, "dispersion") == pytest.approx(0.125 * 4000 * 9.5)
    assert cost(c, [("E1", "pay", OWN, ""), SPLIT[1]], "dispersion") == 0
    assert cost(with_policy(c, dispersion_loss=(0.1,)), SPLIT, "dispersion") == pytest.approx(0.1 * 4000 * 9.5)


@pytest.mark.parametrize(("rate", "factor"), [(0.0, 1 / 5), (0.03, 0.03 / (1 - 1.03**-5))])
def test_one_off_costs_are_annualised(rate: float, factor: float):
    """E2's 3 FTE move at 120 · 1.1; E1 is new; P1 is a candidate with set-up 500."""
    money = Transition(separation=100.0, knowledge_transfer=20.0, contingency_rate=0.1)
    c = edited(two_by_two(transition=money, discount_rate=rate), current=(CurrentRow("E2", "pay", "P2"),))
    c = changed(c, "providers", "P1", status="candidate", setup_cost=500.0)
    found = Evaluator(c).cost(BOTH_P1)
    assert found["transition_annualised"] == pytest.approx(3 * 132 * factor)
    assert found["setup_annualised"] == pytest.approx(500 * factor)
    assert found["total"] == pytest.approx(40000 + (396 + 500) * factor)
    assert found["running"] == 40000
    assert cost(c, [(e, s, "P2", "") for e, s, _, _ in SPLIT], "setup_annualised") == 0


def test_work_that_nobody_offers_costs_nothing_and_is_a_violation():
    c = two_by_two()
    c = edited(c, offers=c.offers[:1], tiers=c.tiers[:1])
    assert cost(c, SPLIT, "total") == 10000
    assert not Evaluator(c).evaluate(SPLIT).ok
