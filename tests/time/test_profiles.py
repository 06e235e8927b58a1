"""Demand over the life of a client."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from optimizer.domain.time.horizon import Horizon
from optimizer.domain.time.profiles import Profiles
from optimizer.domain.time.rows import ProfileRow
from optimizer.domain.time.stills import stills_of
from tests.time.cases import read, tables

YEAR = Horizon(date(2027, 1, 1), "month", 24, date(2027, 1, 1))
LIFE = (
    ProfileRow("mission", "*", "start_up", 3, 1.5),
    ProfileRow("mission", "*", "drawdown", 2, 2.0),
    ProfileRow("mission", "*", "residual", 4, 0.25),
    ProfileRow("mission", "pay", "residual", 1, 0.5),
)


def means(start: date | None, end: date | None, service: str = "hr") -> list[Fraction]:
    from dataclasses import replace

    entity = replace(read().entities[0], start=start, end=end, profile="mission")
    return [Profiles(LIFE).mean(entity, service, p) for p in YEAR.periods]


def test_a_life_from_start_to_residual() -> None:
    found = means(date(2027, 3, 1), date(2028, 1, 1))
    assert found[:2] == [0, 0]
    assert found[2:5] == [Fraction(3, 2)] * 3
    assert found[5:10] == [1] * 5
    assert found[10:12] == [2, 2]
    assert found[12:16] == [Fraction(1, 4)] * 4
    assert found[16:] == [0] * 8


def test_a_service_that_is_named_replaces_all() -> None:
    assert means(None, date(2028, 1, 1), "pay")[12:15] == [Fraction(1, 2), 0, 0]


def test_where_start_up_and_drawdown_meet_the_larger_counts() -> None:
    assert means(date(2027, 1, 1), date(2027, 4, 1))[:3] == [Fraction(3, 2), 2, 2]


def test_days_are_counted() -> None:
    assert means(date(2027, 1, 17), None)[0] == Fraction(3, 2) * Fraction(15, 31)


@pytest.mark.parametrize(
    ("end", "there"), [("2027-03-31", [True, False]), ("2027-04-01", [True, False]), ("2027-04-02", [True, True])]
)
def test_own_capacity_serves_while_a_day_of_the_entity_is_in_the_period(end: str, there: list[bool]) -> None:
    entities = [{**tables()["entities"][0], "end": end, "profile": "long"}]
    demands = [{"entity": "E1", "service": "pay", "volume": 1, "own_unit_cost": 3}]
    profiles = [{"profile": "long", "phase": "residual", "months": 24, "factor": 1}]
    current = [{"entity": "E1", "service": "pay", "provider": "P1"}]
    case = read(entities=entities, demands=demands, profiles=profiles, current=current)
    assert [s.case.demands[0].own_unit_cost is not None for s in stills_of(case)[:2]] == there


def test_what_is_there_in_no_period_is_left_out_and_told() -> None:
    entities = [tables()["entities"][0], {**tables()["entities"][1], "end": "2026-06-01"}]
    case = read(entities=entities)
    assert [d.key for d in case.demands] == [("E1", "pay")]
    assert [e.id for e in case.absent_entities] == ["E2"]
    assert [i.message for i in case.issues if i.code == "demand_absent"] == ["E2 | pay is there in no period"]
