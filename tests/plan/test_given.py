"""Plans from outside: documents to start from, lists made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.domain.case import Case
from optimizer.domain.errors import InputError
from optimizer.domain.names import OWN
from optimizer.model.build import build_problem
from optimizer.plan.given import choice_from_plan, choice_from_rows
from optimizer.testing import edited
from optimizer.testing.hand import provider
from tests.plan.test_served import change, two_services

HEAD = {"schema": "designate.plan/1"}


def codes(rows: list[tuple[str, ...]]) -> list[tuple[str, str | None, int | None]]:
    c = two_services()
    with pytest.raises(InputError) as caught:
        choice_from_rows(c, build_problem(c), rows)
    return [(i.code, i.column, i.row) for i in caught.value.issues]


@pytest.mark.parametrize("plan", [{}, {"schema": "designate.plan/9", "assignments": []}, {**HEAD, "assignments": None}])
def test_other_documents_are_refused(plan: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        choice_from_plan(build_problem(two_services()), plan)
    assert [i.code for i in caught.value.issues] == ["not_a_plan"]


def test_a_start_is_taken_as_far_as_the_case_has_it() -> None:
    rows: list[Any] = [
        {"entity": "E1", "service": "it", "provider": "P2", "backup": "P1"},
        {"entity": "E1", "service": "pay", "provider": "P9"},
        {"entity": "E7", "service": "pay", "provider": "P1"},
        {"entity": "E2", "service": "pay", "provider": None, "backup": None},
        {"provider": "P1"},
        "no row",
    ]
    found = choice_from_plan(build_problem(two_services()), {**HEAD, "assignments": rows})
    assert found.provider.tolist() == [1, -1, -1]
    assert found.backup.tolist() == [0, -1, -1]


def test_rows_by_hand() -> None:
    c = two_services()
    found = choice_from_rows(c, build_problem(c), [("E1", "pay", OWN), ("E2", "pay", "P1", "P2")])
    assert found.provider.tolist() == [-1, 2, 0]
    assert found.backup.tolist() == [-1, -1, 1]


def test_all_problems_are_told_at_once() -> None:
    assert codes([("E9", "pay", "P1"), ("E1", "tax", "P9", OWN), ("E2", "it", "P1"), ("E1", "it")]) == [
        ("unknown_id", "entity", 2),
        ("unknown_id", "service", 3),
        ("unknown_id", "provider", 3),
        ("unknown_id", "backup", 3),
        ("no_demand", "service", 4),
        ("unknown_id", "provider", 5),
    ]
    assert codes([("E1", "it", "P1"), ("E1", "it", "P2")]) == [("duplicate_key", "entity", 3)]


def three_sites() -> Case:
    c = change(two_services(backup=True), "services", "pay", critical=True)
    c = change(c, "providers", "P2", capacity_fte=10.0)
    third = provider("P3", c.providers[0].place)  # in P1's country
    extra = tuple(o.__class__("P3", s) for o, s in zip(c.offers, ("it", "pay"), strict=False))
    tiers = tuple(t.__class__("P3", s, 0.0, 10.0) for t, s in zip(c.tiers, ("it", "pay"), strict=False))
    more = {"providers": (*c.providers, third), "offers": (*c.offers, *extra), "tiers": (*c.tiers, *tiers)}
    return edited(c, **more)


def test_missing_backups_are_named_abroad_where_the_service_runs() -> None:
    c = three_sites()
    problem = build_problem(c)
    found = choice_from_rows(c, problem, [("E1", "pay", "P1"), ("E2", "pay", "P2")])
    assert found.backup.tolist() == [-1, 1, 0]
    alone = choice_from_rows(c, problem, [("E1", "pay", "P1"), ("E2", "pay", "P3")])
    assert alone.backup.tolist() == [-1, -1, -1]  # both in one country
    kept = choice_from_rows(c, problem, [("E1", "pay", "P1", "P3"), ("E2", "pay", "P2")])
    assert kept.backup.tolist() == [-1, 2, 0]
