"""The packaged case of the whole Secretariat over twenty quarters: read, and a plan to be better than."""

from __future__ import annotations

from collections import Counter

import pytest

import optimizer as dg
from optimizer.domain.time.stills import stills_of
from optimizer.model.time.joint import build_joint
from optimizer.model.time.staying import staying_path
from optimizer.solvers.accept.over_time import path_rows
from optimizer.verify.time import TimeEvaluator


@pytest.fixture(scope="module")
def case() -> dg.Case:
    return dg.example("secretariat-5y")


def test_size(case: dg.Case) -> None:
    horizon = case.policy.horizon
    assert horizon is not None
    assert (horizon.count, horizon.unit) == (20, "quarter")
    assert (len(case.entities), len(case.services), len(case.demands)) == (233, 10, 2330)
    assert not [issue for issue in case.issues if issue.severity == "error"]


def test_missions_open_and_close(case: dg.Case) -> None:
    """The closing one is gone after its year of liquidation, the new one is there from its day on."""
    present = [Counter(d.entity for d in still.case.demands) for still in stills_of(case)]
    assert [t + 1 for t, who in enumerate(present) if who["UNIFIL"]] == list(range(1, 9))
    assert [t + 1 for t, who in enumerate(present) if who["MISSION"]] == list(range(7, 21))
    assert {"UNSOM", "UNAMI", "MINUSMA"}.isdisjoint(e.id for e in case.entities)


def test_pay_grows_by_place(case: dg.Case) -> None:
    """Nairobi's pay grows more than Geneva's: the gap of today closes a little."""
    first, *_, last = stills_of(case)
    growth = {}
    for name in ("UNON", "UNOG"):
        cost = [sum(t.unit_cost for t in still.figures.tiers if t.provider == name) for still in (first, last)]
        growth[name] = (cost[1] / cost[0]) ** 0.25 - 1
    assert 0.02 < growth["UNOG"] < growth["UNON"] < 0.04


@pytest.mark.slow
def test_everyone_staying_keeps_every_rule(case: dg.Case) -> None:
    joint = build_joint(case)
    path = staying_path(joint)
    assert path is not None
    rows = path_rows(joint, path)
    judge = TimeEvaluator(case)
    assert judge.violations(rows) == []
    assert judge.cost(rows).objective > 0
    moved = {(entity, who) for entity, _, _, who, _ in rows if entity in ("MISSION", "UNIFIL")}
    assert moved == {("MISSION", "RSCE"), ("UNIFIL", "KJSO"), ("UNIFIL", "OWN")}
