"""Plans over time that leave: no stretch has a cheaper source."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from optimizer.domain.case import Case
from optimizer.model.time.joint import JointProblem, build_joint
from optimizer.model.time.moves.made import made
from optimizer.model.time.moves.scan import priced_stretches
from optimizer.model.time.program import Path
from optimizer.model.time.staying import staying_path
from optimizer.plan.time.alternatives import runner_ups_over_time
from optimizer.plan.time.given import path_from_rows
from optimizer.solvers.accept.over_time import path_rows
from optimizer.solvers.accept.polish_over_time import polish_over_time
from optimizer.testing import best_path, edited, random_dynamic_case
from optimizer.verify.time import TimeEvaluator
from tests.time.cases import read

HALF_A_CENT = 0.005


class Judged:
    """A case of time and paths of it, as the verifier sees them."""

    def __init__(self, case: Case) -> None:
        self.joint: JointProblem = build_joint(case)
        self._judge = TimeEvaluator(case)

    def cost(self, path: Path) -> float | None:
        rows = path_rows(self.joint, path)
        return None if self._judge.violations(rows) else float(self._judge.cost(rows).objective)


def repriced(case: Case, rng: random.Random) -> Case:
    """The same case, each offer dearer or cheaper than it was: what was best is now poor."""
    times: dict[tuple[str, str], float] = defaultdict(lambda: rng.choice([0.02, 1.0, 50.0]))
    tiers = tuple(replace(t, unit_cost=round(t.unit_cost * times[t.provider, t.service], 4)) for t in case.tiers)
    return edited(case, tiers=tiers)


def poor_paths(last: int) -> Iterator[tuple[Judged, Path, float]]:
    """Paths that keep every rule of a small case and were best at other prices."""
    for seed in range(last):
        case = random_dynamic_case(seed, feasible=True, max_paths=500)
        best = best_path(case)
        if best is None:
            continue
        judged = Judged(repriced(case, random.Random(seed)))
        path = path_from_rows(judged.joint, best.rows)
        cost = judged.cost(path)
        if cost is not None:
            yield judged, path, cost


@pytest.mark.parametrize("last", [20, pytest.param(1000, marks=pytest.mark.slow)])
def test_no_stretch_has_a_cheaper_source_and_every_rule_holds(last: int) -> None:
    saved = 0
    for judged, path, cost in poor_paths(last):
        after = polish_over_time(judged.joint, path, cost, judged.cost, lambda: False).path
        less = judged.cost(after)
        assert less is not None
        assert less <= cost
        assert all(extra > -HALF_A_CENT for _, extra in runner_ups_over_time(judged.joint, after).values())
        saved += less < cost - HALF_A_CENT
    assert saved > last / 10


def test_a_move_that_is_made_keeps_every_rule_and_changes_the_cost_by_what_was_said() -> None:
    compared = 0
    for judged, path, cost in poor_paths(20):
        found = priced_stretches(judged.joint, path)
        for k, extra in enumerate(found.extra.tolist()):
            after = judged.cost(made(found.moves.some(np.array([k]))))
            assert after is not None
            assert after - cost == pytest.approx(extra, abs=1e-6)
            compared += 1
    assert compared > 25


def test_a_path_is_left_as_it_is_by_who_stops_and_where_the_judge_refuses() -> None:
    judged, path, cost = next(poor_paths(40))
    assert polish_over_time(judged.joint, path, cost, judged.cost, lambda: True).path is path
    assert polish_over_time(judged.joint, path, cost, lambda _path: None, lambda: False).path is path


def test_a_move_that_is_refused_does_not_end_the_others() -> None:
    """Both would save by going to P2, the second client more: where the judge refuses that, the first goes alone."""
    judged = Judged(read())
    path = staying_path(judged.joint)
    assert path is not None
    cost = judged.cost(path)
    assert cost is not None
    first, second = (judged.joint.keys.index((e, "pay")) for e in ("E1", "E2"))

    def refuses(trial: Path) -> float | None:
        return None if (trial.provider[:, second] != path.provider[:, second]).any() else judged.cost(trial)

    after = polish_over_time(judged.joint, path, cost, refuses, lambda: False).path
    assert (after.provider[:, first] == judged.joint.source_index["P2"]).all()
    assert (after.provider[:, second] == judged.joint.source_index["P1"]).all()
