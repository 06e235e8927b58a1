"""What a rule costs, against enumeration with the rule and without it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest

import optimizer as dg
from optimizer.domain.errors import InputError
from optimizer.session import Session
from optimizer.solvers.pool import ChildPool
from optimizer.studies.rules_on import locks_of, switches
from optimizer.testing import random_case
from tests.effort import few
from tests.studies.brute import holds, least_cost


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def wrong_prices(seed: int, pool: ChildPool, *, step: bool) -> list[str]:
    """Prices of rules that do not hold the difference that enumeration finds."""
    case = random_case(seed)
    answer = dg.study("rule_price", Session(case, pool=pool), step=step, time_limit=60)
    base, found = least_cost(case), []
    asked = {(s.rule, s.step, *(s.ids or {}).values()): s for s in switches(case, steps=step)}
    if not step:
        asked |= {(s.rule, s.step, *(s.ids or {}).values()): s for s in locks_of(case, 20)}
    assert len(asked) == len(answer.points)
    for row in answer.tables["rules"]:
        ids = [row[k] for k in ("entity", "service") if row[k]]
        switch = asked[(row["rule"], row["step"], *ids)]
        try:
            made = dg.replace(case, policy=switch.policy, changes=switch.changes, **(switch.tables or {}))
        except InputError:
            assert row["status"] == "not answered"
            continue
        cost = least_cost(made)
        if math.isinf(base) or math.isinf(cost):
            if (row["upper"] is None) != math.isinf(cost):
                found.append(f"{seed}: {row} against {cost}")
        elif row["status"] != "proven" or not holds(row["saving_lower"], row["saving_upper"], base - cost):
            found.append(f"{seed}: {row} against {base - cost}")
    return found


@pytest.mark.parametrize("seed", few(range(8), 3))
@pytest.mark.parametrize("step", [False, True])
def test_prices_are_what_enumeration_finds(seed: int, step: bool, pool: ChildPool) -> None:
    assert not wrong_prices(seed, pool, step=step)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(8, 508, 50))
def test_prices_are_what_enumeration_finds_on_many(first: int, pool: ChildPool) -> None:
    seeds = range(first, first + 50)
    assert not [w for seed in seeds for w in wrong_prices(seed, pool, step=bool(seed % 2))]


def test_an_infeasible_case_has_plans_without_the_rule_that_binds() -> None:
    answer = dg.study("rule_price", dg.example("infeasible-capacity"), time_limit=60)
    capacity = next(p for p in answer.points if p.at["rule"] == "site_capacity")
    assert capacity.status == "proven"
    row = next(r for r in answer.tables["rules"] if r["rule"] == "site_capacity")
    assert row["saving_lower"] is None  # there is nothing to save against
    assert row["saving_upper"] is None


def test_one_rule_alone() -> None:
    answer = dg.study("rule_price", dg.example("tiny"), rule="agency_saving", time_limit=60)
    assert [p.at["rule"] for p in answer.points] == ["agency_saving"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"rule": "agency_savings"}, "Did you mean 'agency_saving'"),
        ({"rule": "agency_saving", "step": False}, None),
        ({"rule": "beauty"}, "no rule 'beauty' is on in this case. Rules to ask about: .*line_capacity"),
        ({"rule": "backup", "step": True}, "has a limit to move a step"),
    ],
)
def test_a_rule_that_is_not_on_is_refused(given: dict[str, Any], told: str | None) -> None:
    """It was answered with an empty table, after a solve."""
    if told is None:
        assert dg.study("rule_price", dg.example("tiny"), time_limit=60, **given).points
        return
    with pytest.raises(dg.UsageError, match=told):
        dg.study("rule_price", dg.example("tiny"), time_limit=60, **given)


def test_a_lock_to_today_is_withdrawn_where_another_demand_has_no_today() -> None:
    """The row for all demands is written out for the others; by name, a demand without a source would be an error."""
    case, wide = dg.example("tiny"), {"action": "lock", "entity": "*", "reason": "as it is"}
    case = dg.replace(case, current=case.tables["current"][1:], decisions=[wide])
    without = next(s for s in locks_of(case, 1) if s.step == "withdrawn")
    assert without.ids is not None
    left = dg.replace(case, **(without.tables or {})).locks
    assert set(left) == set(case.locks) - {(without.ids["entity"], without.ids["service"])}
    assert len(left) == len(case.demands) - 2
