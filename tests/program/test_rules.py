"""Each rule once where it binds, against values worked out by hand.

Unless told otherwise: E1 and E2 need 10 units of A each, P1 (France) sells them at 1, P2 (United
States) at 2, so that the free optimum is 20, all at P1.
"""

from __future__ import annotations

import pytest

from optimizer.domain.names import OWN
from optimizer.domain.policy import SiteCount, Transition
from optimizer.domain.types import CurrentRow, Decision, Demand, Offer
from optimizer.model.build import build_problem
from optimizer.model.formulate import build_program
from optimizer.verify import Evaluator
from tests.program.cases import case, entity, provider, service, square


def optimum(highs, item):
    """Optimal value and plan {(entity, service): provider}; ``None`` when there is no plan."""
    program = build_program(build_problem(item))
    answer = highs.solve(program)
    if answer["status"] != "Optimal":
        assert answer["status"] == "Infeasible"
        return None, {}
    rows = program.problem.decode(program.decode(answer["values"]))
    judged = Evaluator(item).evaluate(rows)
    assert judged.ok, judged.violations
    assert judged.cost["total"] == pytest.approx(answer["objective"], abs=1e-6)
    return answer["objective"], {(e, s): p for e, s, p, _ in rows}


def test_free_optimum(highs):
    assert optimum(highs, square())[0] == pytest.approx(20)


def test_assign_once_without_any_eligible_pair(highs):
    """A demand nobody may serve keeps its empty row: no plan."""
    forbid = [Decision("forbid", "E1", "test", "A", p) for p in ("P1", "P2")]
    item = square(decisions=forbid)
    assert optimum(highs, item) == (None, {})
    program = build_program(build_problem(item))
    assert program.a[0].nnz == 0
    assert program.row_lower[0] == 1


@pytest.mark.parametrize(("capacity", "value"), [(19.999999, 30), (20, 20), (9, 40)])
def test_line_capacity(highs, capacity, value):
    """One demand must leave P1 below 20 units, both below 10."""
    item = square(offers={("P1", "A"): {"capacity": capacity}})
    assert optimum(highs, item)[0] == pytest.approx(value)


@pytest.mark.parametrize(("base", "value"), [(5, 20), (5.000001, 30)])
def test_line_capacity_counts_the_base_volume(highs, base, value):
    item = square(offers={("P1", "A"): {"capacity": 25, "base_volume": base}})
    assert optimum(highs, item)[0] == pytest.approx(value)


@pytest.mark.parametrize(
    ("capacity", "base", "value"), [(0.2, 0, 20), (0.199, 0, 30), (0.3, 0.1, 20), (0.3, 0.101, 30)]
)
def test_site_capacity(highs, capacity, base, value):
    """20 units · 10 minutes = 0.2 FTE of 1,000 minutes."""
    item = square(sites={"P1": {"capacity_fte": capacity, "base_fte": base}})
    assert optimum(highs, item)[0] == pytest.approx(value)


@pytest.mark.parametrize(("fixed", "value"), [(19, 39), (21, 40)])
def test_open_line(highs, fixed, value):
    """P1's line costs extra once it is open: worth 20 at most."""
    assert optimum(highs, square(offers={("P1", "A"): {"fixed_cost": fixed}}))[0] == pytest.approx(value)


@pytest.mark.parametrize(("fixed", "value"), [(19, 39), (21, 40)])
def test_open_site(highs, fixed, value):
    assert optimum(highs, square(sites={"P1": {"site_fixed_cost": fixed}}))[0] == pytest.approx(value)


def two_services(**more):
    """E1 needs A and B; P1 is better at A, P2 at B."""
    return square(
        volume=(10.0,),
        services=[service("A", bundle="G"), service("B", bundle="G")],
        price=((1.0, 3.0), (2.0, 1.0)),
        **more,
    )


@pytest.mark.parametrize(("most", "value"), [(2, 20), (1, 30)])
def test_max_providers_per_entity(highs, most, value):
    assert optimum(highs, two_services(policy={"max_providers_per_entity": most}))[0] == pytest.approx(value)


@pytest.mark.parametrize(("mode", "value"), [("price", 20), ("together", 30)])
def test_bundle_together(highs, mode, value):
    assert optimum(highs, two_services(policy={"bundle_mode": mode}))[0] == pytest.approx(value)


def test_bundle_together_counts_own_capacity_as_a_source(highs):
    """OWN would be cheapest for A alone, but B has none."""
    demands = [Demand("E1", "A", 10.0, own_unit_cost=0.1), Demand("E1", "B", 10.0)]
    assert optimum(highs, two_services(demands=demands))[0] == pytest.approx(11)
    assert optimum(highs, two_services(demands=demands, policy={"bundle_mode": "together"}))[0] == pytest.approx(30)


@pytest.mark.parametrize(("share", "value"), [(0.5, 30), (0.499999, 40), (1.0, 20)])
def test_agency_share(highs, share, value):
    """P1 is an agency; each demand is half of the effort."""
    item = square(sites={"P1": {"kind": "agency"}}, policy={"agency_share_max": share})
    assert optimum(highs, item)[0] == pytest.approx(value)


def test_site_count_least_and_most(highs):
    assert optimum(highs, square(policy={"site_count": SiteCount(2, None)}))[0] == pytest.approx(30)
    assert optimum(highs, square(policy={"site_count": SiteCount(None, 0)}))[0] is None
    cheap_apart = {"price": ((1.0,), (2.0,)), "offers": {("P1", "A"): {"capacity": 10}}}
    assert optimum(highs, square(**cheap_apart))[0] == pytest.approx(30)
    assert optimum(highs, square(**cheap_apart, policy={"site_count": SiteCount(None, 1)}))[0] == pytest.approx(40)


def test_site_count_takes_required_sites_as_open(highs):
    """P2 is required and counts without any work."""
    item = square(sites={"P2": {"status": "required", "site_fixed_cost": 7}}, policy={"site_count": SiteCount(2, None)})
    assert optimum(highs, item)[0] == pytest.approx(27)


def test_site_count_zones(highs):
    """Three zones make three sites work: 1 + 2 + 3 times 10, although P1 could do it all for 30."""
    places = {"P1": "FR", "P2": "US", "P3": "TH"}
    rows = (
        [entity(f"E{i}") for i in range(3)],
        [service("A")],
        [Demand(f"E{i}", "A", 10.0) for i in range(3)],
        [provider(p, c) for p, c in places.items()],
        [Offer(p, "A") for p in places],
        {(p, "A"): i + 1.0 for i, p in enumerate(places)},
    )
    assert optimum(highs, case(*rows))[0] == pytest.approx(30)
    assert optimum(highs, case(*rows, policy={"zones": True}))[0] == pytest.approx(60)
    assert optimum(highs, square(policy={"zones": True}))[0] is None


@pytest.mark.parametrize(("least", "value"), [(20, 40), (10, 20)])
def test_minimum_volume_of_a_line(highs, least, value):
    """P1 opens only with more than its capacity lets it carry."""
    item = square(offers={("P1", "A"): {"min_volume": least + 0.000001, "capacity": 20}})
    assert optimum(highs, item)[0] == pytest.approx(value)


@pytest.mark.parametrize(("least", "value"), [(0.2, 20), (0.200001, 40)])
def test_minimum_volume_of_a_candidate_site(highs, least, value):
    assert optimum(highs, square(sites={"P1": {"status": "candidate", "min_fte": least}}))[0] == pytest.approx(value)


def critical(**more):
    return square(services=[service("A", critical=True)], policy={"backup": True}, **more)


def test_backup_needs_a_running_survivor(highs):
    """Both centres must run A so that each can stand in for the other."""
    value, plan = optimum(highs, critical())
    assert value == pytest.approx(30)
    assert set(plan.values()) == {"P1", "P2"}


def test_backup_reserve_binds(highs):
    """Each line needs room for its own 10 and the other's 10."""
    assert optimum(highs, critical(offers={("P2", "A"): {"capacity": 20}}))[0] == pytest.approx(30)
    assert optimum(highs, critical(offers={("P2", "A"): {"capacity": 19.999999}}))[0] is None
    assert optimum(highs, critical(sites={"P2": {"capacity_fte": 0.2}}))[0] == pytest.approx(30)
    assert optimum(highs, critical(sites={"P2": {"capacity_fte": 0.199999}}))[0] is None


def test_backup_is_elsewhere_and_own_capacity_needs_none(highs):
    own = [Demand(f"E{i}", "A", 10.0, own_unit_cost=5.0) for i in (1, 2)]
    alone = [Decision("forbid", "*", "no", "A", "P2")]
    assert optimum(highs, critical(demands=own, decisions=alone))[0] == pytest.approx(100)


def moved(**policy):
    """Both demands are at P2 today."""
    today = [CurrentRow(e, "A", "P2") for e in ("E1", "E2")]
    return square(current=today, policy=policy)


@pytest.mark.parametrize(("most", "value"), [(2, 20), (1, 30), (0, 40)])
def test_max_moves(highs, most, value):
    assert optimum(highs, moved(max_moves=most))[0] == pytest.approx(value)


@pytest.mark.parametrize(("budget", "value"), [(4.0, 20.8), (3.99, 30.4), (1.99, 40)])
def test_one_off_budget_of_moves(highs, budget, value):
    """A move of 0.1 FTE costs 2 once, 0.4 a year over five years."""
    assert optimum(highs, moved(one_off_budget=budget, transition=Transition(20.0)))[0] == pytest.approx(value)


@pytest.mark.parametrize(("budget", "value"), [(50.0, 30.0), (49.99, 40)])
def test_one_off_budget_of_setup(highs, budget, value):
    item = square(sites={"P1": {"status": "candidate", "setup_cost": 50}}, policy={"one_off_budget": budget})
    assert optimum(highs, item)[0] == pytest.approx(value)


def test_lock(highs):
    lock = [Decision("lock", "E1", "asked", "A", "P2")]
    value, plan = optimum(highs, square(decisions=lock))
    assert value == pytest.approx(30)
    assert plan["E1", "A"] == "P2"


def test_lock_on_a_pair_that_cannot_be(highs):
    lock = [Decision("lock", "E1", "asked", "A", OWN)]
    assert optimum(highs, square(decisions=lock))[0] is None
