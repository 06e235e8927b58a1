"""Resources as whole numbers against fractions."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from optimizer.domain.policy import Transition
from optimizer.domain.types import Demand, Offer
from optimizer.model.build import build_problem
from optimizer.model.resources import added
from optimizer.testing import edited, random_case
from optimizer.testing.hand import case, entity, provider, service, with_policy
from tests.engine.helpers import random_problem, with_pair_volumes


def dec(value: float) -> Fraction:
    """The number as it was written."""
    return Fraction(repr(value))


@pytest.mark.parametrize("seed", range(60))
def test_amounts_and_limits_are_those_of_the_case(seed: int) -> None:
    """Amounts exactly; limits at most one unit, in which all amounts are whole, from what was written."""
    c = random_case(seed, figures="tight")
    problem, year = build_problem(c), dec(c.policy.minutes_per_fte_year)
    site, line = problem.exact.site, problem.exact.line
    demands = sorted(c.demands, key=lambda d: d.key)
    assert [int(n) * line.unit for n in problem.exact.volume] == [dec(d.volume) for d in demands]
    minutes = [dec(d.volume) * dec(c.service[d.service].minutes_per_unit) for d in demands]
    assert [int(n) * site.unit for n in site.amount] == minutes
    for n, low, p in zip(site.most.tolist(), site.least.tolist(), sorted(c.providers, key=lambda p: p.id), strict=True):
        if p.capacity_fte is None:
            assert n * site.unit > sum(minutes)
        else:
            room = (dec(p.capacity_fte) - dec(p.base_fte)) * year
            assert n * site.unit <= room < (n + 1) * site.unit or n * site.unit > sum(minutes)
        least = dec(p.min_fte) * year if p.status == "candidate" else 0
        assert low * site.unit >= least or low * site.unit > sum(minutes)
        assert low == 0 or (low - 1) * site.unit < least


def test_a_share_is_of_all_minutes_and_rounded_down() -> None:
    c = with_policy(random_case(3, figures="tight"), agency_share_max=0.123457)
    exact = build_problem(c).exact
    assert exact.agency is not None
    whole = sum(int(n) for n in exact.site.amount)
    assert int(exact.agency.most[0]) == whole * 123457 // 10**6


def test_one_off_costs_are_exact_products() -> None:
    """volume · minutes · training · 1.1 / year, against a budget."""
    c = random_case(4, figures="tight")
    once = Transition(training=0.123457, contingency_rate=0.1)
    c = edited(c, policy=replace(c.policy, transition=once, one_off_budget=1.5))
    problem = build_problem(c)
    budget, demands = problem.exact.budget, sorted(c.demands, key=lambda d: d.key)
    assert budget is not None
    for k, d in enumerate(problem.pairs.demand.tolist()):
        row = demands[d]
        minutes = dec(row.volume) * dec(c.service[row.service].minutes_per_unit)
        cost = minutes * dec(0.123457) * dec(1.1) / dec(c.policy.minutes_per_fte_year)
        assert int(budget.amount[k]) * budget.unit == (cost if problem.pairs.is_move[k] else 0)
    assert problem.pairs.is_move.any()
    most = int(budget.most[0])
    assert most * budget.unit <= Fraction(3, 2) < (most + 1) * budget.unit or most * budget.unit > 100


def test_a_problem_without_a_case_counts_millionths() -> None:
    problem = with_pair_volumes(random_problem(5, 4, 2, 3), 5)
    exact = problem.exact
    volumes = [round(float(n * exact.line.unit), 6) for n in exact.line.amount]
    assert volumes == pytest.approx(problem.pair_volume.tolist(), abs=1.1e-6)
    minutes = [float(n * exact.site.unit) for n in exact.site.amount]
    assert minutes == pytest.approx(problem.minutes.tolist(), abs=1.1e-6)


def test_a_measure_beyond_64_bits() -> None:
    """Three equal demands of 86,400,000 minutes and a little: each is the unit."""
    names = ["E0", "E1", "E2"]
    c = case(
        [entity(e) for e in names],
        [service()],
        [Demand(e, "pay", 900_000.000001) for e in names],
        [provider(capacity_fte=1800.0)],
        [Offer("P1", "pay", capacity=2_700_000.000002)],
        agency_share_max=0.4,
        one_off_budget=10.0,
    )
    exact = build_problem(c).exact
    assert exact.site.amount.tolist() == exact.volume.tolist() == [1, 1, 1]
    assert (exact.site.most.tolist(), exact.line.most.tolist()) == ([1], [2])
    assert exact.agency is not None
    assert exact.agency.most.tolist() == [1]


def test_sums_beyond_64_bits_are_python_integers() -> None:
    huge = np.array([2**62, 2**62, 5], object)
    assert added(np.array([0, 0, 1]), huge, 3).tolist() == [2**63, 5, 0]
    assert added(np.array([0, 0, 1]), np.array([1, 2, 5]), 3).dtype == np.int64
