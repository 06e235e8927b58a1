"""Runner-ups of stretches against the verifier: every other source tried, with every naming of backups."""

from __future__ import annotations

from itertools import product

import pytest

from optimizer.domain.case import Case
from optimizer.domain.names import OWN
from optimizer.model.time.joint import build_joint
from optimizer.model.time.stretches import Stretch, stretches_of
from optimizer.plan.time.alternatives import runner_ups_over_time
from optimizer.plan.time.given import path_from_rows
from optimizer.testing import best_path, random_dynamic_case
from optimizer.verify.time import TimeEvaluator, TimeRow

CENT = 0.01


def brute_force(case: Case, judge: TimeEvaluator, rows: list[TimeRow], stretch: Stretch) -> dict[str, float]:
    """Extra cost of every allowed other source of one stretch."""
    key = build_keys(case)[stretch.d]
    mine = [k for k, row in enumerate(rows) if row[:2] == key and row[2] - 1 in stretch.periods]
    here, before, out = rows[mine[0]][3], judge.cost(rows).discounted, dict[str, float]()
    for there in (*case.provider, OWN):
        if there == here:
            continue
        named = [{rows[k][4], "", *(case.provider if there != OWN else ())} for k in mine]
        for backups in product(*(sorted(names) for names in named)):
            changed = list(rows)
            for k, backup in zip(mine, backups, strict=True):
                changed[k] = (*rows[k][:3], there, backup)
            if not judge.violations(changed):
                out[there] = float(judge.cost(changed).discounted - before)
                break
    return out


def build_keys(case: Case) -> list[tuple[str, str]]:
    return [d.key for d in case.demands]


def agree(case: Case, rows: list[TimeRow]) -> int:
    """Compare the runner-up of every stretch; number of those that have one."""
    judge, joint = TimeEvaluator(case), build_joint(case)
    path = path_from_rows(joint, rows)
    found = runner_ups_over_time(joint, path)
    for number, stretch in enumerate(stretches_of(joint, path.provider, path.backup)):
        options = brute_force(case, judge, rows, stretch) if stretch.source >= 0 else {}
        if number not in found:
            assert not options, (stretch, options)
            continue
        who, extra = joint.name(found[number][0]), found[number][1]
        assert who in options, (stretch, who, options)
        assert extra == pytest.approx(options[who], abs=1e-6)
        assert extra <= min(options.values()) + CENT
    return len(found)


@pytest.mark.parametrize("first", [0, pytest.param(1000, marks=pytest.mark.slow)])
def test_runner_ups_of_best_paths(first: int) -> None:
    compared = 0
    for seed in range(first, first + (25 if first < 1000 else 1000)):
        case = random_dynamic_case(seed, max_paths=500)
        best = best_path(case)
        compared += agree(case, list(best.rows)) if best is not None else 0
    assert compared > 10
