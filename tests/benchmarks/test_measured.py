"""What is measured from outside, with a backend whose every word is known."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from benchmarks import cases, resolve
from benchmarks.instance import Instance, Judgement
from benchmarks.measure import Limits, measure
from benchmarks.resolve import grown, measure_pair
from benchmarks.rows import FIELDS, finish, make_row
from benchmarks.run import Order, run_tasks
from benchmarks.task import Task
from benchmarks.trace import Point, gap, primal_integral, reached
from optimizer.solvers.pool import ChildPool
from optimizer.solvers.registry import SPECS
from tests.benchmarks.fakes import MEGABYTES, spec

LIMITS = Limits(30.0, threads=1)


@pytest.fixture
def scripted():
    """Children in which the engine's name means the scripted backend."""
    return lambda argument="": ChildPool({**SPECS, "engine": spec(argument)})


@pytest.fixture
def instance(by_hand):
    """Location by hand, where every plan counts as good and costs what the script says: the last told 45."""
    plain = by_hand("sscflp_holmberg")
    return Instance(plain.family, plain.name, plain.kind, plain.problem, lambda choice: Judgement(True, 45.0))


def row_of(instance, got):
    task = Task(instance.family, instance.name, instance.kind, lambda: instance, {"engine": LIMITS.seconds})
    return make_row(task, instance, "engine", LIMITS, got)


def test_figures_of_a_row(scripted, instance):
    with scripted() as pool:
        got = measure(instance, "engine", LIMITS, None, pool)
    told = [(p.incumbent, p.bound) for p in got.points]
    assert told == [(100.0, None), (100.0, 20.0), (45.0, 20.0), (45.0, 30.0), (45.0, 38.0)]
    assert [p.seconds for p in got.points] == sorted(p.seconds for p in got.points)
    (row,) = finish([row_of(instance, got)])
    assert tuple(row) == FIELDS
    assert (row["objective"], row["best_bound"], row["verified"], row["stopped_by"]) == (45.0, 38.0, True, "time")
    assert row["gap_rel"] == gap(45.0, 38.0)
    assert row["time_to_first"] == round(got.points[0].seconds, 3) <= row["time_total"]
    # nothing until the first plan, 55 % off until the second, the reference from then on, over the limit
    first, second = (round(got.points[i].seconds, 3) for i in (0, 2))
    by_hand = (first + (100 - 45) / 100 * (second - first)) / LIMITS.seconds
    assert row["primal_integral"] == pytest.approx(by_hand, abs=1e-5)
    assert row["primal_integral"] == pytest.approx(
        primal_integral([Point(*p) for p in row["trace"]], 45.0, LIMITS.seconds), abs=1e-6
    )


def test_peak_memory_is_the_child_s(scripted, instance):
    """What the child holds at its end is seen at least then; this process has nothing to do with it."""
    with scripted() as pool:
        lean = measure(instance, "engine", LIMITS, None, pool).peak_mb
    with scripted("fat") as pool:
        fat = measure(instance, "engine", LIMITS, None, pool).peak_mb
    assert lean is not None
    assert fat is not None
    assert MEGABYTES * 0.95 <= fat - lean <= MEGABYTES * 1.2


def test_nothing_told_is_nothing_measured(scripted, instance):
    with scripted("silent") as pool:
        (row,) = finish([row_of(instance, measure(instance, "engine", LIMITS, None, pool))])
    blank = ("objective", "best_bound", "gap_rel", "time_to_first", "verified", "primal_integral", "reference")
    assert [row[name] for name in blank] == [None] * len(blank)
    assert row["trace"] == []


def test_gap_reached():
    points = [Point(1.0, 100.0, None), Point(2.0, 100.0, 90.0), Point(3.0, 95.0, 94.05)]
    assert reached(points, 0.1) == 2.0
    assert reached(points, 0.0101) == 3.0
    assert reached(points, 0.001) is None
    assert reached([], 0.1) is None


class TestResolve:
    """Cold, then warm from the cold plan on the changed case, both timed to the gap that the cold run reached."""

    def test_times_are_to_the_gap_reached_cold(self, scripted, instance):
        with scripted() as pool:
            got, times = measure_pair(instance, instance, "engine", LIMITS, 0.01, None, pool)
        assert times["target_gap"] == pytest.approx((45 - 38) / 45, rel=1e-4)
        assert 0 <= times["cold_s"] <= LIMITS.seconds
        assert 0 <= times["warm_s"] <= LIMITS.seconds
        assert (got.stopped_by, got.bound) == ("gap", 38.5)

    def test_a_wider_gap_asked_for_is_the_one_timed(self, scripted, instance):
        with scripted() as pool:
            _, times = measure_pair(instance, instance, "engine", LIMITS, 0.5, None, pool)
        assert times["target_gap"] == 0.5

    def test_no_cold_plan(self, scripted, instance):
        with scripted("silent") as pool:
            got, times = measure_pair(instance, instance, "engine", LIMITS, 0.01, None, pool)
        assert times == {"target_gap": None, "cold_s": None, "warm_s": None}
        assert "cold run: no plan" in got.detail
        assert got.judged is None

    def test_a_cell_of_the_run(self, scripted, instance, tmp_path, monkeypatch):
        """Rows have the two times, are resumed, and count twice their limit against the budget."""
        with scripted() as pool:
            real = resolve.measure_pair
            monkeypatch.setattr("benchmarks.run.prepare", lambda backend: None)
            monkeypatch.setattr("benchmarks.run.measure_pair", lambda *given: real(*given, pool))
            task = Task("resolve", "t", "case", lambda: instance, {"engine": 30.0}, after=lambda: instance, gap=0.01)
            assert task.worst("engine") == 60.0
            order = Order(tmp_path / "r.json", threads=1, tell=lambda line: None)
            assert run_tasks([task], replace(order, budget_s=50.0)) == []
            (row,) = run_tasks([task], order)
            assert tuple(row) == FIELDS
            assert None not in (row["cold_s"], row["warm_s"], row["target_gap"])
            monkeypatch.setattr("benchmarks.run.measure_pair", None)  # not called again
            assert len(run_tasks([task], replace(order, resume=True))) == 1

    def test_one_entity_grows_by_a_fifth(self):
        case = cases.packaged("rco")
        after = grown(case, 1)
        assert grown(case, 1) == after
        ratios = {}
        for old, new in zip(case.demands, after.demands, strict=True):
            assert old.key == new.key
            ratios.setdefault(old.entity, set()).add(round(new.volume / old.volume, 4))
        changed = {e for e, found in ratios.items() if found != {1.0}}
        assert len(changed) == 1
        assert all(math.isclose(r, 1.2, abs_tol=1e-3) for e in changed for r in ratios[e])
        assert grown(case, 2).demands != after.demands

    def test_highs_warm_from_its_own_plan(self, pool):
        """With a real solver: the same demands, the old plan taken as start, both runs to the end."""
        case = cases.packaged("tiny")
        before, after = (cases.case_instance("resolve", "tiny", c) for c in (case, grown(case, 1)))
        got, times = measure_pair(before, after, "highs", LIMITS, 0.0, None, pool)
        assert got.judged.ok
        assert None not in times.values()
