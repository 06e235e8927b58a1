"""Points of a curve told to have no plan have none among all plans of small cases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import optimizer as dg
from optimizer.domain.errors import InputError
from optimizer.session import Session
from optimizer.solvers.pool import ChildPool
from optimizer.studies import refuted
from optimizer.studies.refuted import refuted_points
from optimizer.testing import enumerate_plans, random_case
from tests.effort import share
from tests.studies.test_kernel import setting_of

POLICIES: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("site_count", ({"max": 0}, {"max": 1}, {"max": 2})),
    ("agency_share_max", (0, 0.2, 0.6)),
    ("max_providers_per_entity", (1, 2, 3)),
    ("exposure_max_fte", (0, 1, 5)),
)


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def points_of(session: Session, key: str, values: tuple[Any, ...]) -> list[Session] | None:
    try:
        return [session.vary(policy={key: v}) for v in values]
    except InputError:
        return None


def test_what_is_refuted_has_no_plan(pool: ChildPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refuted, "LARGE_PAIRS", -1)
    told = 0
    for seed in range(share(60)):
        session = Session(random_case(seed, always=("today",)), pool=pool)
        for key, values in POLICIES:
            nested = points_of(session, key, values)
            if nested is None or session.problem.scalars.allow_unserved:
                continue
            number = refuted_points(setting_of(session), nested)
            told += number
            for point in nested[:number]:
                assert not [p for p in enumerate_plans(point.case, backups="all") if not p.unserved], (seed, key)
    assert told


def test_a_curve_tells_so_without_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refuted, "LARGE_PAIRS", -1)
    case = dg.example("infeasible-capacity")
    answer = dg.study("curve", case, over="sites", values=(1, 2), time_limit=60)
    assert {(p.status, p.detail) for p in answer.points} == {("impossible", refuted.REFUTED)}
    assert "no plan keeps every rule (proven)" in answer.sentences[0]


def test_demands_that_may_stay_unserved_are_never_refuted(pool: ChildPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refuted, "LARGE_PAIRS", -1)
    case = dg.replace(dg.example("infeasible-capacity"), policy={"allow_unserved": True})
    session = Session(case, pool=pool)
    assert refuted_points(setting_of(session), [session]) == 0
