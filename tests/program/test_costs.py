"""Each cost term where it decides, against values worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.domain.policy import Transition
from optimizer.domain.types import Demand, Tier
from optimizer.testing import edited
from tests.program.cases import service, square
from tests.program.test_rules import critical, moved, optimum, two_services


def priced(steps, **line):
    """E1 and E2 need 10 each; P1 sells by steps, P2 at 2."""
    item = square(offers={("P1", "A"): line})
    tiers = [Tier("P1", "A", start, cost) for start, cost in steps]
    return edited(item, tiers=(*tiers, *(t for t in item.tiers if t.provider == "P2")))


def test_service_tiers_reward_volume(highs):
    """10 · 4 + 10 · 0.5 = 45 exceeds 40; two units fewer at the high price turn it."""
    assert optimum(highs, priced([(0, 4), (10, 0.5)]))[0] == pytest.approx(40)
    assert optimum(highs, priced([(0, 4), (8, 0.5)]))[0] == pytest.approx(38)


def test_service_base_volume_shifts_the_tiers(highs):
    """With 4 units outside the case only 6 are left at the high price: 6 · 4 + 14 · 0.5."""
    assert optimum(highs, priced([(0, 4), (10, 0.5)], base_volume=4))[0] == pytest.approx(31)


def test_service_fee_and_fixed_cost(highs):
    """(8 + 20 · 1) · 1.1 = 30.8."""
    assert optimum(highs, priced([(0, 1)], fixed_cost=8, fee_rate=0.1))[0] == pytest.approx(30.8)
    assert optimum(highs, priced([(0, 1), (15, 0)], fixed_cost=8, fee_rate=0.1))[0] == pytest.approx(25.3)


def test_own(highs):
    demands = [Demand("E1", "A", 10.0, own_unit_cost=0.5, own_fixed_cost=4.0), Demand("E2", "A", 10.0)]
    assert optimum(highs, square(demands=demands))[0] == pytest.approx(19)


def test_site_of_a_required_provider_is_paid_without_work(highs):
    assert optimum(highs, square(sites={"P2": {"status": "required", "site_fixed_cost": 7}}))[0] == pytest.approx(27)


@pytest.mark.parametrize(("amount", "value"), [(9, 38), (11, 41)])
def test_interface(highs, amount, value):
    """Splitting E1 between P1 and P2 saves 10 and costs one relation more."""
    assert optimum(highs, two_services(policy={"interface_cost": amount}))[0] == pytest.approx(value)


@pytest.mark.parametrize(("amount", "value"), [(9, 29), (11, 30)])
def test_handover(highs, amount, value):
    assert optimum(highs, two_services(policy={"handover_cost": amount}))[0] == pytest.approx(value)


@pytest.mark.parametrize(("loss", "value"), [((0.0, 0.125), 33.75), ((0.5, 0.0), 30), ((0.0, 0.5), 45)])
def test_dispersion(highs, loss, value):
    """Reference 20 · 1.5 = 30; backups force two providers; where two are cheaper they must both work."""
    item = critical()
    policy = replace(item.policy, dispersion_loss=loss)
    assert optimum(highs, edited(item, policy=policy))[0] == pytest.approx(value)


def test_dispersion_that_falls_makes_two_providers_work(highs):
    """One provider: 20 + 15; two: 30 + 0."""
    assert optimum(highs, square(policy={"dispersion_loss": (0.5, 0.0)}))[0] == pytest.approx(30)
    assert optimum(highs, square(policy={"dispersion_loss": (0.0, 0.5)}))[0] == pytest.approx(20)


def test_distance(highs):
    """E1 and E2 sit at P1: price 1 there, 0.5 at P2 plus 0.2 FTE · about 5,850 km."""
    item = square(price=((1.0,), (0.5,)), policy={"distance_cost_per_fte_1000km": 5.0})
    assert optimum(highs, item)[0] == pytest.approx(10 + 0.2 * 5 * 5.8526, abs=0.01)
    item = square(price=((1.0,), (0.5,)), policy={"distance_cost_per_fte_1000km": 10.0})
    assert optimum(highs, item)[0] == pytest.approx(20)


def test_overlap(highs):
    """Everyone works the same eight hours; a target of nine lacks one: 0.2 FTE · 10."""
    item = square(services=[service("A", target_overlap_hours=9.0)], policy={"overlap_cost_per_fte_hour": 10.0})
    assert optimum(highs, item)[0] == pytest.approx(22)


def test_language(highs):
    """P1 lacks French: 20 units · 1 · 10 %."""
    policy = {"language_mode": "price", "language_cost_rate": 0.1}
    item = square(services=[service("A", language_rule="all")], policy=policy)
    spoken = tuple(replace(e, languages=frozenset({"fr"})) for e in item.entities)
    assert optimum(highs, edited(item, entities=spoken))[0] == pytest.approx(22)


def test_transition_annualised(highs):
    """A move costs 0.1 FTE · 500 once, 10 a year: as much as it saves; a little less and both move."""
    assert optimum(highs, moved(transition=Transition(501.0)))[0] == pytest.approx(40)
    assert optimum(highs, moved(transition=Transition(499.0)))[0] == pytest.approx(39.96)


def test_setup_annualised(highs):
    """Setting P1 up costs 100 once, 20 a year: as much as it saves."""
    assert optimum(highs, square(sites={"P1": {"status": "candidate", "setup_cost": 101}}))[0] == pytest.approx(40)
    assert optimum(highs, square(sites={"P1": {"status": "candidate", "setup_cost": 99}}))[0] == pytest.approx(39.8)
