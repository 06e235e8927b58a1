"""Who bears what over time, by hand, and that nothing is lost on the way."""

from __future__ import annotations

from fractions import Fraction

import pytest

from optimizer.domain.policy import Transition
from optimizer.domain.types import CurrentRow
from optimizer.testing import edited, random_dynamic_case
from optimizer.verify.time import TimeEvaluator, in_cents
from tests.verify.time.cases import HR, PAY, changed, office, rows_of
from tests.verify.time.test_invariants import drawn

BOTH = (0, *PAY), (0, *HR)


def leaves(c, rows, term: str, period: int) -> dict[tuple[int, str, str], float]:
    return {who: float(x) for who, x in TimeEvaluator(c).leaves(rows)[period - 1][term].items() if x}


def test_running_terms_fall_as_in_a_steady_plan_for_the_length_of_the_period():
    c = changed(office(2, "quarter"), "providers", "P1", site_fixed_cost=300.0)
    rows = rows_of("P1 P1")
    assert leaves(c, rows, "site", 1) == {BOTH[0]: 25.0, BOTH[1]: 50.0}
    assert leaves(c, rows, "service", 2) == {BOTH[0]: 2500.0, BOTH[1]: 5000.0}


def test_switches_bear_transition_and_double_running():
    c = office(transition=Transition(training=1000.0), handover_months=3.0)
    rows = rows_of("P1 P2 P2", "P1 P1 P1")
    assert leaves(c, rows, "transition", 2) == {BOTH[0]: 1000.0}
    assert leaves(c, rows, "double_running", 2) == {BOTH[0]: 2500.0}


def test_a_set_up_falls_on_the_work_of_the_site_then():
    c = changed(office(), "providers", "P2", status="candidate", setup_cost=900.0)
    assert leaves(c, rows_of("P1 P2 P2"), "setup", 2) == {BOTH[0]: 300.0, BOTH[1]: 600.0}
    assert leaves(c, rows_of("P1 P2 P2", "P1 P1 P2"), "setup", 2) == {BOTH[0]: 900.0}


def test_an_exit_falls_on_those_that_leave():
    c = changed(office(), "providers", "P1", exit_cost=900.0)
    assert leaves(c, rows_of("P1 P1 P2"), "exit", 3) == {BOTH[0]: 300.0, BOTH[1]: 600.0}
    assert leaves(c, rows_of("P1 P2 P2", "P1 P1 P2"), "exit", 3) == {BOTH[1]: 900.0}
    never = edited(c, current=(CurrentRow(*HR, "P2"), CurrentRow(*PAY, "P2")))
    required = changed(never, "providers", "P1", status="required", end=never.policy.horizon.periods[1].begin)
    assert leaves(required, rows_of("P2 P2 P2"), "exit", 2) == {(1, "P1", ""): 900.0}


def test_a_risk_falls_on_the_switches():
    bang = {"transition_mode": "big_bang", "big_bang_probability": 0.5, "big_bang_failure_cost": 600.0}
    assert leaves(office(**bang), rows_of("P1 P2 P2"), "risk", 2) == {BOTH[0]: 100.0, BOTH[1]: 200.0}


@pytest.mark.parametrize("seed", range(40))
def test_leaves_add_up_to_what_each_period_costs(seed: int):
    case = random_dynamic_case(seed)
    ev, rows = TimeEvaluator(case), drawn(case, seed)
    for period, made in zip(ev.cost(rows).periods, ev.leaves(rows), strict=True):
        sums = {name: sum(parts.values(), Fraction(0)) for name, parts in made.items()}
        assert sums == {**period.terms, **period.one_offs}
        cents = in_cents(made)
        for name, parts in cents.items():
            assert abs(sum(parts.values()) - 100 * sums[name]) <= Fraction(1, 2)
