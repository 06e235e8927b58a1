"""The packaged case in which country offices give up their own transactions, cluster by cluster."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

import optimizer as dg

GLOBAL = {"UNDP-CPH", "UNDP-KUL"}


@pytest.fixture(scope="module")
def case() -> dg.Case:
    return dg.example("undp-cluster")


def cluster_days(case: dg.Case) -> dict[str, str]:
    return {d.entity.removeprefix("kind:"): str(d.from_) for d in case.decisions if d.action == "forbid"}


def test_every_office_is_in_one_compulsory_cluster(case: dg.Case) -> None:
    """Published number of offices; a day for each cluster, until which today is locked; small ones first."""
    sizes = Counter(e.kind for e in case.entities)
    assert len(case.entities) == 131
    days = cluster_days(case)
    assert set(days) == set(sizes)
    until = {d.entity.removeprefix("kind:"): str(d.until) for d in case.decisions if d.action == "lock"}
    assert until == days
    in_order = [sizes[kind] for kind in sorted(days, key=days.__getitem__)]
    assert in_order == sorted(in_order)
    assert min(in_order) >= 3


@pytest.mark.slow
def test_sets_stay_together_and_everybody_moves_on_the_day(case: dg.Case) -> None:
    plan = dg.solve(case, backend="highs", time_limit=500)
    assert isinstance(plan, dg.PlanOverTime)
    assert plan.ok
    kind, days = {e.id: e.kind for e in case.entities}, cluster_days(case)
    begin = {row.period: str(row.begin) for row in plan.cash_flow}
    where: dict[tuple[str, str], set[str]] = defaultdict(set)
    bundle = {s.id: s.bundle for s in case.services}
    for move in plan.moves:
        assert begin[move.from_period] == days[kind[move.entity]]
        where[move.entity, bundle[move.service]].add(move.provider)
    assert len(plan.moves) == len(case.demands)
    assert all(len(sources) == 1 for sources in where.values())
    taking = {move.provider for move in plan.moves}
    assert taking > GLOBAL
