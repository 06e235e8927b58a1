"""Every cost term of a pair, lines with tiers and base volumes, sites, all computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.domain.names import OWN
from optimizer.domain.policy import Transition
from optimizer.domain.types import CurrentRow, Demand, Tier
from optimizer.model.build import build_problem
from optimizer.model.evaluate import line_cost
from optimizer.model.lines import annuity_factor, shift_tiers
from optimizer.model.pair_costs import price_pairs
from optimizer.model.parts import Lines

FTE = 100.0 * 60.0 / 96000.0


def pair(case, provider="P1", entity="E1", service="S1"):
    """Problem and index of a pair."""
    problem = build_problem(case)
    at = int(problem.pair_index(problem.demand_index[entity, service], problem.provider_index[provider]))
    assert at >= 0
    return problem, at


def test_effort(make):
    """100 units of an hour in a year of 96,000 minutes."""
    problem = build_problem(make.case())
    assert (problem.minutes[0], problem.effort_fte[0]) == (6000.0, FTE)


def test_own(make):
    """Fixed cost and 100 units at 7; all that comes from a site is 0."""
    case = make.case(
        demands=[Demand("E1", "S1", 100.0, own_unit_cost=7.0, own_fixed_cost=50.0)],
        entities=[make.entity(languages=frozenset({"fr"}))],
        services=[make.service(language_rule="all", target_overlap_hours=9.0)],
        policy={"language_mode": "price", "language_cost_rate": 1.0, "overlap_cost_per_fte_hour": 5.0},
    )
    problem, own = pair(case, OWN)
    pairs = problem.pairs
    assert pairs.own[own] == 750.0
    assert pairs.linear[own] == 750.0
    assert pairs.own[problem.pair_index(0, 0)] == 0.0
    assert pairs.linear[problem.pair_index(0, 0)] == FTE * 5.0 * 1.0 + 100.0 * 10.0


def test_distance(make):
    """2,000 a year for one FTE 1,000 km away."""
    case = make.case(providers=[make.provider(country="AT")], policy={"distance_cost_per_fte_1000km": 2000.0})
    problem, at = pair(case)
    assert problem.pairs.distance[at] == pytest.approx(2000.0 * FTE * problem.distance_km[0, 0] / 1000.0)
    assert problem.pairs.distance[at] == pytest.approx(129.57, abs=0.01)


@pytest.mark.parametrize(("target", "lack"), [(None, 0.0), (7.0, 0.0), (8.0, 0.0), (8.5, 0.5), (10.0, 2.0)])
def test_overlap(make, target, lack):
    """Eight hours shared; 300 a year for one FTE and hour that lacks."""
    case = make.case(services=[make.service(target_overlap_hours=target)], policy={"overlap_cost_per_fte_hour": 300.0})
    problem, at = pair(case)
    assert problem.pairs.overlap[at] == pytest.approx(300.0 * FTE * lack)


def test_overlap_uses_the_mean_not_the_worst_week(make):
    """Paris and New York: 2 + 4/53 hours in the mean of 2026."""
    case = make.case(
        providers=[make.provider(country="US")],
        services=[make.service(target_overlap_hours=4.0)],
        policy={"overlap_cost_per_fte_hour": 1.0},
    )
    problem, at = pair(case)
    assert problem.overlap_hours_worst[0, 0] == 2.0
    assert problem.pairs.overlap[at] == pytest.approx(FTE * (2.0 - 4.0 / 53.0))


@pytest.mark.parametrize(
    ("rule", "offered", "m"),
    [("all", "", 2), ("all", "fr", 1), ("all", "en fr", 0), ("any", "", 1), ("any", "fr", 0), ("none", "", 0)],
)
def test_language(make, rule, offered, m):
    """Rate 0.1 of volume at u_ps (first tier with fee, not shifted by the base volume)."""
    case = make.case(
        entities=[make.entity(languages=frozenset({"en", "fr"}))],
        services=[make.service(language_rule=rule)],
        providers=[make.provider(languages=frozenset(offered.split()))],
        offers=[make.offer(fee_rate=0.5, base_volume=1000.0)],
        tiers=[Tier("P1", "S1", 0.0, 10.0), Tier("P1", "S1", 500.0, 1.0)],
        policy={"language_mode": "price", "language_cost_rate": 0.1},
    )
    problem, at = pair(case)
    assert problem.pairs.language[at] == pytest.approx(0.1 * 100.0 * 15.0 * m)


def test_transition(make):
    """Half an FTE-year priced element by element, contingency on the sum, annualised."""
    elements = Transition(1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, contingency_rate=0.5)
    case = make.two(policy={"transition": elements, "discount_rate": 0.1, "horizon_years": 2})
    problem, move = pair(case, "P2")
    once = FTE * 127.0 * 1.5
    assert problem.pairs.is_move[move]
    assert problem.pairs.one_off[move] == pytest.approx(once)
    assert problem.pairs.transition[move] == pytest.approx(once * 0.1 / (1 - 1.1**-2))
    stay, new = problem.pair_index(0, 0), problem.pair_index(problem.demand_index["E2", "S1"], 1)
    for at in (stay, new):
        assert not problem.pairs.is_move[at]
        assert problem.pairs.one_off[at] == problem.pairs.transition[at] == 0.0


def test_leaving_own_capacity_is_a_move(make):
    """And going back to it as well."""
    own = [Demand("E1", "S1", 100.0, own_unit_cost=1.0)]
    for today, moves in (("OWN", [True, False]), ("P1", [False, True])):
        case = make.case(demands=own, current=(CurrentRow("E1", "S1", today),))
        assert build_problem(case).pairs.is_move.tolist() == moves


@pytest.mark.parametrize(
    ("rate", "years", "factor"), [(0.0, 5, 0.2), (0.05, 1, 1.05), (0.03, 5, 0.218355), (1e-6, 4, 0.25)]
)
def test_annuity(rate, years, factor):
    """r = 0 is the plain mean, and very small rates come near to it."""
    assert annuity_factor(rate, years) == pytest.approx(factor, rel=3e-6)


@pytest.mark.parametrize(
    ("base", "tiers"),
    [
        (0.0, [(0.0, 10.0), (100.0, 8.0), (300.0, 5.0)]),
        (40.0, [(0.0, 10.0), (60.0, 8.0), (260.0, 5.0)]),
        (100.0, [(0.0, 8.0), (200.0, 5.0)]),
        (299.0, [(0.0, 8.0), (1.0, 5.0)]),
        (5000.0, [(0.0, 5.0)]),
    ],
)
def test_base_volume_shifts_tiers(base, tiers):
    """The base volume uses up the first tiers."""
    assert shift_tiers([(0.0, 10.0), (100.0, 8.0), (300.0, 5.0)], base) == tiers


def test_lines(make):
    """Fee on fixed cost and tiers, capacity above the base volume, index both ways."""
    case = make.two(
        offers=[
            make.offer("P1", "S1", capacity=500.0, base_volume=120.0, fixed_cost=100.0, fee_rate=0.1, min_volume=30.0),
            make.offer("P2", "S2"),
        ],
        tiers=[Tier("P1", "S1", 0.0, 10.0), Tier("P1", "S1", 150.0, 8.0)],
    )
    lines = build_problem(case).lines
    assert lines.capacity.tolist() == [380.0, np.inf]
    assert lines.fixed_cost.tolist() == pytest.approx([110.0, 0.0])
    assert lines.tier_start.tolist() == [0, 2, 3]
    assert lines.tier_from.tolist() == [0.0, 30.0, 0.0]
    assert lines.tier_cost.tolist() == pytest.approx([11.0, 8.8, 10.0])
    assert lines.first_unit_cost.tolist() == pytest.approx([11.0, 10.0])
    assert lines.min_volume.tolist() == [30.0, 0.0]
    assert lines.index.tolist() == [[0, -1], [-1, 1]]


def test_line_without_tiers_costs_its_staff(make):
    """48,000 a post-year of 96,000 minutes is 30 for an hour."""
    case = make.case(providers=[make.provider(cost_per_fte=48000.0)])
    object.__setattr__(case, "tiers", ())
    assert build_problem(case).lines.first_unit_cost.tolist() == [30.0]


def test_sites(make):
    """Base load, candidates' set-up and minimum, zones and countries."""
    case = make.two(
        providers=[
            make.provider("P1", capacity_fte=10.0, base_fte=4.0, setup_cost=900.0, min_fte=1.0, site_fixed_cost=7.0),
            make.provider("P2", "US", status="candidate", setup_cost=900.0, min_fte=1.0, kind="agency"),
        ],
        policy={"discount_rate": 0.0, "horizon_years": 3},
    )
    sites = build_problem(case).sites
    assert sites.capacity_minutes.tolist() == [6.0 * 96000.0, np.inf]
    assert sites.min_minutes.tolist() == [0.0, 96000.0]
    assert sites.fixed_cost.tolist() == [7.0, 0.0]
    assert sites.setup.tolist() == [0.0, 300.0]
    assert sites.setup_one_off.tolist() == [0.0, 900.0]
    assert sites.is_candidate.tolist() == [False, True]
    assert sites.is_secretariat.tolist() == [True, False]
    assert sites.zone.tolist() == [2, 0]
    assert sites.country[0] != sites.country[1]


def test_reference(make):
    """All volume of a service at the mean first-tier cost, no fee, closed providers left out."""
    case = make.two(
        providers=[make.provider(), make.provider("P2"), make.provider("P3", status="closed")],
        offers=[make.offer("P1", "S1", fee_rate=9.0), make.offer("P2", "S1"), make.offer("P3", "S1")],
        tiers=[Tier("P1", "S1", 0.0, 4.0), Tier("P1", "S1", 9.0, 1.0), Tier("P3", "S1", 0.0, 99.0)],
        current=(),
    )
    assert build_problem(case).reference.tolist() == [200.0 * 7.0, 0.0]


def test_price_pairs_speaks_of_ineligible_pairs_too(make):
    """A baseline may break a rule and is priced all the same."""
    case = make.case(
        services=[make.service(max_distance_km=1.0)],
        providers=[make.provider(country="AT")],
        demands=[Demand("E1", "S1", 100.0)],
        policy={"distance_cost_per_fte_1000km": 2000.0},
    )
    problem = build_problem(case)
    assert problem.n_pairs == 0
    terms = price_pairs(case, problem, np.array([0, 0]), np.array([0, 1]))
    assert terms.distance.tolist() == pytest.approx([2000.0 * FTE * problem.distance_km[0, 0] / 1000.0, 0.0])
    assert np.isnan(terms.own[1])


tier_lists = st.lists(st.tuples(st.integers(1, 500), st.integers(0, 50)), max_size=4, unique_by=lambda t: t[0])


@given(tier_lists, st.integers(0, 700), st.integers(0, 700), st.integers(0, 30))
def test_stacked_cost_is_a_difference(steps, base, volume, fixed):
    """fixed + C(base + V) − C(base), unit by unit."""
    tiers = [(0.0, 60.0), *sorted((float(f), float(c)) for f, c in steps)]
    shifted = np.array(shift_tiers(tiers, float(base)))
    one = np.ones(1)
    zero = np.zeros(1, np.int64)
    start = np.array([0, len(shifted)])
    lines = Lines(zero, zero, one, one, fixed * one, start, shifted[:, 0], shifted[:, 1], one, zero.reshape(1, 1))
    unit = [max((t for t in tiers if t[0] <= u), key=lambda t: t[0])[1] for u in range(base, base + volume)]
    assert line_cost(lines, np.array([float(volume)]))[0] == pytest.approx(sum(unit) + (fixed if volume else 0))
