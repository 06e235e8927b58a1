"""Registered specs: each one runs, suites are what they say, variations are fair."""

from __future__ import annotations

from collections import Counter
from statistics import mean

import pytest

from benchmarks import cases
from benchmarks.registry import DAILY_BUDGET_S, SCALING, SUITES, specs, suite
from benchmarks.task import PEERS
from optimizer.domain.errors import UsageError

ALL = specs()
QUICK_PAIRS = 2500
FIRST = {(s.family, s.kind): s for s in reversed(ALL)}


def label(spec):
    return f"{spec.family}/{spec.name}/{spec.kind}"


def smoke(spec):
    """Quick: the first of each family and kind."""
    first = FIRST[spec.family, spec.kind] is spec and spec.family != "sscflp_tbed1"
    return pytest.param(spec, id=label(spec), marks=[] if first else [pytest.mark.slow])


@pytest.mark.parametrize("spec", [smoke(s) for s in ALL])
def test_smoke(spec, solved):
    """Built in its small form and run for a moment: what comes back is judged, and the bound holds."""
    task = spec.task("smoke")
    instance = task.build()
    assert (instance.family, instance.kind) == (spec.family, spec.kind)
    got = solved(instance, 0.3)
    assert got.stopped_by in ("finished", "time")
    if got.judged is not None:
        assert got.judged.ok, got.detail
    if task.known is not None:
        sense, slack = instance.scale.sense, max(0.01, 1e-6 * abs(task.known.value))
        if got.bound is not None:
            assert sense * (instance.scale.own(got.bound) - task.known.value) <= slack
        if got.judged is not None:
            assert sense * (got.judged.objective - task.known.value) >= -slack


def test_names_are_unique():
    assert max(Counter(label(s) for s in ALL).values()) == 1


def test_every_spec_is_in_smoke_and_release():
    for spec in ALL:
        assert {"smoke", "release"} <= set(spec.suites) <= set(SUITES)
        assert set(spec.backends("release")) <= set(PEERS)
        assert "engine" in spec.backends("release")


def test_every_family_runs_daily_but_one():
    daily = {t.family for t in suite("daily")}
    assert {s.family for s in ALL} - daily == {"pmed"}


def test_the_daily_suite_fits_at_its_worst():
    """Every cell at its whole limit, with a minute for what is not limited: starting and judging."""
    tasks = suite("daily")
    worst = sum(t.worst(b) for t in tasks for b in t.limits)
    assert DAILY_BUDGET_S == 90 * 60
    assert worst <= DAILY_BUDGET_S - 60
    assert sum(t.worst("engine") for t in tasks) <= DAILY_BUDGET_S / 2


def test_the_daily_suite_answers_every_target_it_can():
    """Limits are those of the targets; 50,000 × 20 × 60 alone is left to a release."""
    daily = {(t.family, t.instance): t.limits for t in suite("daily")}
    assert set(daily["secretariat", "secretariat"]) == set(PEERS)
    assert {daily["secretariat", "secretariat"][b] for b in ("highs", "cpsat", "scip")} == {600.0}
    assert all(daily["secretariat", f"secretariat-{i}"]["engine"] == 60.0 for i in range(1, 6))
    assert daily["scaling", "10000x12x40"] == {"engine": 300.0}
    assert ("scaling", "50000x20x60") not in daily
    assert [t.gap for t in suite("daily") if t.after] == [0.01, 0.015]
    peers = [limits for (family, _), limits in daily.items() if family.startswith(("gap", "sscflp", "cflp"))]
    assert sum(set(limits) == set(PEERS) for limits in peers) == len(peers) - 1


def test_sizes_are_those_of_the_targets():
    names = {s.name for s in ALL if s.family == "scaling"}
    assert names == {"x".join(map(str, size)) for size in SCALING}
    assert {"10000x12x40", "50000x20x60"} <= names


def test_known_values_come_with_source_and_status():
    known = [s for s in ALL if s.best_known is not None]
    assert len(known) >= 30
    assert all(s.source and s.status in ("optimal", "best_known") for s in known)


def test_resolves_change_one_entity_and_keep_the_rest():
    """In their small form: the plan of the one can start the other."""
    resolves = [s for s in ALL if s.family == "resolve"]
    assert {s.name for s in resolves} == {"rco", "secretariat"}
    for spec in resolves:
        task = spec.task("smoke")
        before, after = task.build().problem, task.after().problem
        assert (before.entity_ids, before.provider_ids) == (after.entity_ids, after.provider_ids)
        assert before.demand_index == after.demand_index
        changed = {int(e) for e in before.demand_entity[before.volume != after.volume]}
        assert len(changed) == 1


def test_unknown_suite():
    with pytest.raises(UsageError, match="choose one of smoke, daily, release"):
        suite("weekly")


class TestVariation:
    """Volumes change, services' sums do not."""

    case = cases.packaged("tiny")

    def test_same_seed_same_case(self):
        assert cases.vary(self.case, 1) == cases.vary(self.case, 1)
        assert cases.vary(self.case, 1).demands != cases.vary(self.case, 2).demands

    def test_sums_stay_and_noise_is_bounded(self):
        case = cases.packaged("rco")
        varied = cases.vary(case, 3)
        before, after = Counter(), Counter()
        for old, new in zip(case.demands, varied.demands, strict=True):
            before[old.service] += old.volume
            after[new.service] += new.volume
            assert abs(new.volume / old.volume - 1) < 0.5 or old.volume < 0.1
        for service, total in before.items():
            assert after[service] == pytest.approx(total, rel=1e-3)
        ratios = [n.volume / o.volume for o, n in zip(case.demands, varied.demands, strict=True)]
        assert mean(abs(r - 1) for r in ratios) > 0.05

    def test_everything_else_stays(self):
        varied = cases.vary(self.case, 1)
        assert varied.name == f"{self.case.name}-1"
        assert (varied.entities, varied.offers, varied.current) == (
            self.case.entities,
            self.case.offers,
            self.case.current,
        )
        assert [d.key for d in varied.demands] == [d.key for d in self.case.demands]

    def test_part_of_a_case(self):
        part = cases.every(cases.packaged("rco"), 24)
        assert 0 < len(part.entities) < 20
        assert {d.entity for d in part.demands} <= {e.id for e in part.entities}


def test_case_is_judged_by_the_verifier(solved):
    instance = cases.case_instance("tiny", "tiny", cases.packaged("tiny"))
    got = solved(instance)
    assert got.stopped_by == "finished"
    assert got.judged.ok
    assert got.judged.objective == pytest.approx(262958.976503, abs=0.01)
    assert got.bound == pytest.approx(got.judged.objective, abs=0.01)
