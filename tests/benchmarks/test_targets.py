"""The table of targets on rows made by hand."""

from __future__ import annotations

import pytest

from benchmarks.rows import FIELDS
from benchmarks.targets import TARGETS, slope

BY_WANTED = {t.wanted: t for t in TARGETS}


def row(family, instance, backend="engine", **given):
    base = dict.fromkeys(FIELDS)
    base.update(
        family=family,
        instance=instance,
        backend=backend,
        problem="case",
        limit_s=300.0,
        time_total=300.0,
        stopped_by="time",
        trace=[],
        threads=2,
        seed=0,
    )
    return {**base, **given}


def reached(wanted, *rows):
    (target,) = (t for w, t in BY_WANTED.items() if wanted in w)
    return target.judge(list(rows))


def test_nothing_run():
    assert {t.judge([]).reached for t in TARGETS} == {"not run"}
    assert {t.judge([]).met for t in TARGETS} == {None}


@pytest.mark.parametrize(("cost", "met"), [(90.0, True), (110.0, False), (None, False)])
def test_secretariat_against_peers(cost, met):
    mine = row("secretariat", "secretariat", trace=[[50.0, cost, None], [70.0, 1.0, None]])
    peers = [row("secretariat", "secretariat", b, objective=c) for b, c in (("highs", 100.0), ("cpsat", None))]
    refused = row("secretariat", "secretariat", "cbc", stopped_by="refused")
    assert reached("cheaper than every peer", mine, *peers, refused).met is met


def test_secretariat_gap():
    rows = [row("secretariat", f"secretariat-{i}", gap_at_60=g) for i, g in enumerate((0.005, 0.011))]
    assert reached("at 60 s ≤ 1 %", rows[0]).met is True
    assert reached("at 60 s ≤ 1 %", *rows).met is False
    assert reached("at 60 s ≤ 1 %", rows[0], row("secretariat", "x")).reached == "no gap on 1 of 2 cases"


def test_assignment_refused_is_missed():
    refused = row("gap_orlib", "d10100", stopped_by="refused", best_known=5.0)
    assert reached("types D and E", refused).reached == "refused (1 instances)"
    assert reached("mean distance", refused).met is False


def test_assignment_never_worse_in_its_own_sense():
    mine = row("gap_orlib", "gap1-0", problem="gap-max", objective=335.0)
    peer = row("gap_orlib", "gap1-0", "highs", problem="gap-max", objective=336.0)
    assert reached("never worse", mine, peer).met is False
    assert reached("never worse", {**mine, "objective": 336.0}, peer).met is True


def test_location():
    good = {"best_known": 10.0, "distance_at_60": 0.0, "gap_rel": 0.0, "time_total": 2.0, "stopped_by": "finished"}
    mine = row("sscflp_holmberg", "p1", **good)
    peer = row("sscflp_holmberg", "p1", "highs", **{**good, "time_total": 3.0})
    assert reached("total time below", mine, peer).met is True
    assert reached("total time below", mine, {**peer, "time_total": 1.0}).met is False
    assert reached("total time below", {**mine, "distance_at_60": 0.1}, peer).met is False
    failed = {**mine, "stopped_by": "error", "time_total": 0.0, "gap_rel": None, "distance_at_60": None}
    assert "engine 300 s" in reached("total time below", failed, peer).reached


@pytest.mark.parametrize(
    ("cold", "warm", "met", "words"),
    [
        (20.0, 1.9, True, "9.5% of 20 s to 1.00%"),
        (20.0, 2.1, False, "10.5%"),
        (20.0, None, False, "gap not reached warm"),
        (None, None, False, "no cold plan with a bound"),
    ],
)
def test_resolve(cold, warm, met, words):
    rows = [
        row("resolve", "rco", cold_s=10.0, warm_s=0.5, target_gap=0.01),
        row("resolve", "secretariat", cold_s=cold, warm_s=warm, target_gap=0.01),
    ]
    verdict = reached("cold time", *rows)
    assert verdict.met is met
    assert "rco: 5.0% of 10 s" in verdict.reached
    assert words in verdict.reached


def test_large_and_growth():
    sizes = [
        row(
            "scaling",
            n,
            pairs=p,
            time_to_first=p / 1e4,
            peak_rss_mb=100 + p / 1e3,
            gap_rel=0.01,
            limit_s=600.0,
            trace=[[p / 1e4, 100.0, 90.0], [p / 5e3, 100.0, 96.0]],
        )
        for n, p in (("a", 10**4), ("10000x12x40", 10**6), ("b", 10**7))
    ]
    assert reached("10 minutes", *sizes).met is True
    assert reached("10 minutes", {**sizes[1], "peak_rss_mb": 5000.0}).met is False
    assert reached("pairs^1.15", *sizes).met is True
    told = reached("pairs^1.15", *sizes).reached
    assert "time to a gap of 5% pairs^1.00" in told
    assert "time to the first plan pairs^1.00" in told
    never = {**sizes[2], "trace": [[1.0, 100.0, 90.0]]}
    assert reached("pairs^1.15", *sizes[:2], never).met is False
    fourth = row("scaling", "c", pairs=10**5, time_to_first=10.0, peak_rss_mb=200.0, trace=[[1.0, 100.0, None]])
    judged = reached("pairs^1.15", *sizes, fourth)
    assert "1 of 4 sizes without" in judged.reached
    assert judged.met is False
    slow = [{**r, "trace": [[(r["pairs"] / 1e4) ** 1.3, 100.0, 99.0]]} for r in sizes]
    assert reached("pairs^1.15", *slow).met is False
    assert reached("pairs^1.15", *sizes[:2]).reached == "not run"
    assert slope([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]) == pytest.approx(2.0)
