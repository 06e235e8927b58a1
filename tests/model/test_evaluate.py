"""Cost terms of whole plans, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.domain.names import COST_TERMS
from optimizer.domain.policy import Transition
from optimizer.domain.types import Demand, Tier
from optimizer.model.build import build_problem
from optimizer.model.evaluate import dispersion_loss, evaluate
from optimizer.model.parts import Choice

NONE = [-1, -1, -1, -1]


def plan(provider, backup=None):
    """A choice of four demands: (E1, S1), (E1, S2), (E2, S1), (E2, S2)."""
    return Choice(np.array(provider, np.int64), np.array(backup or NONE, np.int64))


def cost(case, *provider):
    """Breakdown of a plan."""
    return evaluate(build_problem(case), plan(list(provider)))


def test_terms_have_their_names_and_sum(make):
    """All of COST_TERMS in order; total and running are sums of them."""
    case = make.two(policy={"interface_cost": 5.0, "transition": Transition(1000.0)})
    c = cost(case, 1, 0, 0, 0)
    assert tuple(c.terms) == COST_TERMS
    assert c.total == pytest.approx(4 * 1000.0 + 3 * 5.0 + c.terms["transition_annualised"])
    assert c.running == pytest.approx(4 * 1000.0 + 3 * 5.0)


def test_service_with_tiers_and_base(make):
    """P1, S1 carries 200 on top of 50: 100 at 10 then 100 at 4, a fee of 10 %, fixed 30."""
    case = make.two(
        offers=[make.offer("P1", "S1", base_volume=50.0, fixed_cost=30.0, fee_rate=0.1)]
        + [make.offer(*line) for line in (("P1", "S2"), ("P2", "S1"), ("P2", "S2"))],
        tiers=[Tier("P1", "S1", 0.0, 10.0), Tier("P1", "S1", 150.0, 4.0)],
    )
    c = cost(case, 0, 1, 0, 1)
    assert c.line_volume.tolist() == [200.0, 0.0, 0.0, 200.0]
    assert c.line_cost.tolist() == pytest.approx([(30.0 + 1000.0 + 400.0) * 1.1, 0.0, 0.0, 2000.0])
    assert c.terms["service"] == pytest.approx(c.line_cost.sum())
    assert cost(case, 1, 1, 1, 1).line_cost[0] == 0.0  # no volume, no fixed cost


def test_sites_and_setup(make):
    """Required sites are open without work; set-up only for candidates with work."""
    case = make.two(
        providers=[
            make.provider("P1", site_fixed_cost=100.0, status="required"),
            make.provider("P2", site_fixed_cost=70.0, status="candidate", setup_cost=600.0),
        ],
        policy={"discount_rate": 0.0, "horizon_years": 6},
    )
    stay, move = cost(case, 0, 0, 0, 0), cost(case, 1, 1, 1, 1)
    assert (stay.terms["site"], stay.terms["setup_annualised"], stay.one_off) == (100.0, 0.0, 0.0)
    assert (move.terms["site"], move.terms["setup_annualised"], move.one_off_setup) == (170.0, 100.0, 600.0)
    assert stay.site_open.tolist() == [True, False]
    assert move.site_open.tolist() == [True, True]
    assert move.site_minutes.tolist() == [0.0, 2 * 6000.0 + 2 * 3000.0]


def owned(make, **more):
    """Every demand has own capacity as well (index 2)."""
    demands = [Demand(e, s, 100.0, own_unit_cost=3.0, own_fixed_cost=1.0) for e in ("E1", "E2") for s in ("S1", "S2")]
    return make.two(demands=demands, **more)


def test_interface_counts_relations_but_not_own_capacity(make):
    """E1 with both, E2 with one of them and itself."""
    c = cost(owned(make, policy={"interface_cost": 5.0}), 0, 1, 1, 2)
    assert c.relations.tolist() == [[True, True], [False, True]]
    assert c.terms["interface"] == 15.0
    assert c.terms["own"] == 301.0


def test_handover_counts_own_capacity_as_a_source(make):
    """Sources beyond the first by entity and bundle."""
    bundled = {"services": [make.service(bundle="b"), make.service("S2", bundle="b")], "policy": {"handover_cost": 7.0}}
    c = cost(owned(make, **bundled), 0, 0, 1, 2)
    assert c.handovers.tolist() == [0, 1]
    assert c.terms["handover"] == 7.0
    assert cost(owned(make, **bundled), 2, 2, 0, 1).terms["handover"] == 7.0
    assert cost(owned(make, **bundled), 0, -1, 0, 0).handovers.tolist() == [0, 0]
    assert cost(owned(make, policy={"handover_cost": 7.0}), 0, 1, 0, 1).terms["handover"] == 0.0


@pytest.mark.parametrize(("n", "loss"), [(0, 0.0), (1, 0.0), (2, 0.125), (3, 0.25), (9, 0.25)])
def test_dispersion_loss(n, loss):
    """The last value holds beyond; nobody, no loss."""
    assert dispersion_loss((0.0, 0.125, 0.25), np.array([n])).tolist() == [loss]
    assert dispersion_loss((), np.array([n])).tolist() == [0.0]


def test_dispersion(make):
    """S1 by two providers loses 12.5 % of 2,000; S2 by one and own capacity nothing."""
    c = cost(owned(make, policy={"dispersion_loss": (0.0, 0.125)}), 0, 0, 1, 2)
    assert c.service_providers.tolist() == [2, 1]
    assert c.terms["dispersion"] == pytest.approx(0.125 * 2000.0)


def test_moves_and_one_off(make):
    """E1 has a provider today, E2 is new; the effort moved costs once."""
    case = owned(make, policy={"transition": Transition(separation=96000.0), "discount_rate": 0.0, "horizon_years": 4})
    c = cost(case, 1, 2, 1, 2)
    assert c.moves.tolist() == [True, True, False, False]
    assert c.one_off_transition == pytest.approx(6000.0 + 3000.0)
    assert c.terms["transition_annualised"] == pytest.approx(9000.0 / 4)
    assert cost(case, 0, 0, 1, 2).one_off == 0.0


def test_unserved_and_ineligible(make):
    """Unserved costs nothing; an ineligible pair uses its line but has no pair cost."""
    case = make.two(
        services=[make.service(max_distance_km=1.0), make.service("S2")],
        policy={"distance_cost_per_fte_1000km": 1000.0, "keep_current": False},
    )
    c = cost(case, 1, -1, -1, 0)
    assert c.unserved.tolist() == [False, True, True, False]
    assert c.unpriced.tolist() == [True, False, False, False]
    assert c.terms["service"] == 2000.0
    assert c.moves.tolist() == [True, False, False, False]
    assert c.terms["distance"] == pytest.approx(1000.0 * 6000.0 / 96000.0 * 6.47, rel=0.01)
