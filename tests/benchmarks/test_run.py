"""From the command to ``results.json``: rows, resuming, refusals, report."""

from __future__ import annotations

import json

import pytest

from benchmarks import measure as measuring
from benchmarks import run as running
from benchmarks.foreign import foreign_tasks, read_known
from benchmarks.measure import Limits
from benchmarks.report import render, write_report
from benchmarks.rows import FIELDS, finish
from benchmarks.run import Order, choose, run_tasks
from benchmarks.store import Store, read_results
from optimizer.errors import BackendFailed
from tests.benchmarks.conftest import BEST, FILES
from tests.cli.terminal import inside

REQUIRED = [
    "family",
    "instance",
    "backend",
    "objective",
    "best_bound",
    "gap_rel",
    "best_known",
    "distance_to_best_known",
    "time_to_first",
    "time_total",
    "peak_rss_mb",
    "stopped_by",
    "verified",
]


@pytest.fixture(autouse=True)
def shared_child(pool, monkeypatch):
    """Runs use the tests' children and compile nothing."""
    real = measuring.measure
    monkeypatch.setattr(running, "measure", lambda *given: real(*given, pool))
    monkeypatch.setattr(running, "prepare", lambda backend: None)


@pytest.fixture
def tasks(tiny):
    return foreign_tasks(tiny, read_known(tiny / "known.csv"), {"highs": 20.0})


def quiet(out, **given):
    return Order(out, tell=lambda line: None, threads=1, **given)


@pytest.fixture(scope="module")
def rows(tiny, pool, tmp_path_factory):
    """What the command makes of all tiny files."""
    out = tmp_path_factory.mktemp("out") / "results.json"
    words = ("--instances", tiny, "--known", tiny / "known.csv", "--limit", 20, "--threads", 1)
    with pytest.MonkeyPatch.context() as patch:
        real = measuring.measure
        patch.setattr(running, "measure", lambda *given: real(*given, pool))
        patch.setattr(running, "prepare", lambda backend: None)
        shown = inside("bench", "run", *words, "--backends", "highs,engine", "--out", out, "--json")
    assert shown.returncode == 0, shown.stderr
    assert shown.json == {"file": str(out), "rows": 18, "cells": 18}
    return json.loads(out.read_text())


class TestRows:
    """One row for each instance and backend."""

    def test_fields(self, rows):
        assert list(FIELDS[: len(REQUIRED)]) == REQUIRED
        assert all(tuple(r) == FIELDS for r in rows)
        assert [r["family"] for r in rows[::2]] == sorted(BEST)

    def test_values(self, rows):
        for r in (r for r in rows if r["backend"] == "highs"):
            value = BEST[r["family"]][2]
            assert (r["stopped_by"], r["verified"], r["bound_ok"]) == ("finished", True, True)
            assert r["objective"] == pytest.approx(value)
            assert (r["best_known"], r["best_known_status"]) == (value, "optimal")
            assert r["distance_to_best_known"] == pytest.approx(0.0, abs=1e-9)
            assert r["gap_rel"] == pytest.approx(0.0, abs=1e-9)
            assert r["gap_at_10"] == r["gap_at_300"] == pytest.approx(0.0, abs=1e-9)
            assert 0 <= r["time_to_first"] <= r["time_total"] < 20
            assert r["peak_rss_mb"] > 10
            assert 0 <= r["primal_integral"] <= 1
            assert (r["limit_s"], r["seed"], r["threads"]) == (20.0, 0, 1)
            assert r["versions"]["highspy"]
            assert r["machine"]["cores"] >= 1

    def test_engine_is_judged_or_refuses(self, rows):
        for r in (r for r in rows if r["backend"] == "engine"):
            if r["stopped_by"] == "refused":
                assert r["detail"].startswith("backend_refused")
                assert r["objective"] is r["gap_rel"] is r["verified"] is r["primal_integral"] is None
            else:
                assert (r["verified"], r["bound_ok"]) == (True, True)

    def test_report(self, rows, tmp_path):
        page, *plots = write_report(rows, [], tmp_path / "report")
        text = page.read_text()
        for words in (
            "HiGHS" if False else "highspy",
            "Limits | 20 s",
            "Seed | 0",
            "## gap_yagiura",
            "+0.000%, gap 0.00%",
        ):
            assert words in text
        assert {p.suffix for p in plots} == {".svg", ".png"}
        assert all(p.stat().st_size > 1000 for p in plots)
        assert all(p.name in text for p in plots if p.suffix == ".svg")


def test_resume_runs_only_what_is_missing(tasks, tmp_path, monkeypatch):
    out, ran = tmp_path / "r.json", []
    run_tasks(tasks[:2], quiet(out))
    first = read_results(out)
    monkeypatch.setattr(running, "_run_task", spy(running._run_task, ran))
    run_tasks(tasks[:4], quiet(out, resume=True))
    assert ran == [t.family for t in tasks[2:4]]
    assert read_results(out)[:2] == first
    assert len(read_results(out)) == 4
    ran.clear()
    run_tasks(tasks[:4], quiet(out, resume=True))
    assert ran == []


def spy(real, ran):
    def work(task, *rest):
        ran.append(task.family)
        return real(task, *rest)

    return work


def test_another_limit_is_another_cell(tasks, tmp_path):
    out = tmp_path / "r.json"
    run_tasks(tasks[:1], quiet(out))
    run_tasks(choose(tasks[:1], seconds=7.0), quiet(out, resume=True))
    assert [r["limit_s"] for r in read_results(out)] == [20.0, 7.0]


def test_without_resume_the_old_rows_are_put_aside(tasks, tmp_path):
    out = tmp_path / "r.json"
    run_tasks(tasks[:1], quiet(out))
    run_tasks(tasks[1:2], quiet(out))
    assert len(read_results(out)) == 1
    assert len((tmp_path / "r.jsonl.old").read_text().splitlines()) == 1


def test_a_row_cut_off_is_run_again(tasks, tmp_path):
    out = tmp_path / "r.json"
    run_tasks(tasks[:2], quiet(out))
    lines = out.with_suffix(".jsonl")
    lines.write_text(lines.read_text()[:-300])
    rows = run_tasks(tasks[:2], quiet(out, resume=True))
    assert len(rows) == len(read_results(out)) == 2
    assert len(Store(out, resume=True).rows) == 2


def test_failed_cells_are_run_again(tasks, tmp_path, monkeypatch):
    out = tmp_path / "r.json"

    def fail(*_, **__):
        raise BackendFailed("the child is gone")

    with monkeypatch.context() as patch:
        patch.setattr(measuring, "_solve", fail)
        run_tasks(tasks[:1], quiet(out))
    (row,) = read_results(out)
    assert (row["stopped_by"], row["objective"]) == ("error", None)
    assert "the child is gone" in row["detail"]
    run_tasks(tasks[:1], quiet(out, resume=True))
    (row,) = read_results(out)
    assert row["stopped_by"] == "finished"


@pytest.mark.parametrize(
    ("text", "words"),
    [("2 3 5 10", "needs more"), ("", "needs more"), ("2 3 x", "could not convert"), (FILES["gap_orlib"], "layout")],
)
def test_a_file_that_cannot_be_read_is_a_row_that_says_so(tmp_path, text, words):
    """The others are run all the same, and the command says how the bad one came out."""
    for name, content in (("bad", text), ("good", FILES["sscflp_holmberg"])):
        (tmp_path / "sscflp_holmberg").mkdir(exist_ok=True)
        (tmp_path / "sscflp_holmberg" / f"{name}.txt").write_text(content)
    out = tmp_path / "r.json"
    shown = inside("bench", "run", "--instances", tmp_path, "--limit", 20, "--backends", "highs", "--out", out)
    assert shown.returncode == 0
    assert "sscflp_holmberg/bad sscflp highs: no plan (error" in shown.stderr
    bad, good = read_results(out)
    assert tuple(bad) == FIELDS
    assert (bad["instance"], bad["stopped_by"], bad["objective"], bad["verified"]) == ("bad", "error", None, None)
    assert words in bad["detail"]
    assert good["objective"] == pytest.approx(35)
    assert "| error |" in render(read_results(out))


def test_unreadable_folders_are_told(tiny, tmp_path):
    (tmp_path / "made_up").mkdir()
    (tmp_path / "pmed").symlink_to(tiny / "pmed")
    words = ("--instances", tmp_path, "--limit", 20, "--backends", "highs", "--out", tmp_path / "r.json")
    shown = inside("bench", "run", *words)
    assert shown.returncode == 0
    assert "made_up: left out, no layout reads it" in shown.stderr


def test_a_cancelled_run_keeps_what_is_whole(tasks, tmp_path):
    out, asked = tmp_path / "r.json", []

    def cancelled():
        asked.append(1)
        return len(asked) > 4

    run_tasks(tasks, quiet(out, cancelled=cancelled))
    assert len(read_results(out)) < len(tasks)
    run_tasks(tasks, quiet(out, resume=True))
    assert len(read_results(out)) == len(tasks)


def test_what_does_not_fit_the_budget_is_not_run(tasks, tmp_path):
    told = []
    rows = run_tasks(tasks[:2], Order(tmp_path / "r.json", budget_s=10.0, tell=told.append))
    assert rows == []
    assert all("not run, 20 s do not fit" in line for line in told)
    page = render([], tasks[:2])
    assert page.count("| not run |") >= 2


def test_a_plan_the_judge_refuses_is_no_plan(tasks, pool):
    """The last plan is broken here; an earlier one holds and is taken instead."""
    instance = tasks[0].build()
    good, seen = instance.judge, []

    def judge(choice):
        seen.append(choice)
        found = good(choice)
        return found if len(seen) > 1 else type(found)(False, found.objective, "refused by the test")

    object.__setattr__(instance, "judge", judge)
    got = measuring.measure(instance, "highs", Limits(20.0, threads=1), None, pool)
    assert "refused by the test" in got.detail
    assert got.judged.ok == (len(seen) > 1)


def test_bound_above_a_plan_is_marked():
    row = dict.fromkeys(FIELDS)
    row.update(
        family="f",
        instance="i",
        problem="sscflp",
        backend="a",
        objective=10.0,
        verified=True,
        best_bound=11.0,
        trace=[],
        limit_s=1.0,
        stopped_by="time",
        time_total=1.0,
    )
    other = {**row, "backend": "b", "objective": None, "verified": None, "best_bound": 9.0}
    a, b = finish([row, other])
    assert (a["bound_ok"], b["bound_ok"], b["reference"]) == (False, True, 10.0)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "give either --suite or --instances"),
        (("--suite", "daily", "--instances", "."), "give either --suite or --instances"),
        (("--suite", "weekly"), "unknown suite"),
        (("--suite", "smoke", "--backends", "gurobi"), "unknown backend 'gurobi'"),
        (("--suite", "smoke", "--only", "nothing"), "nothing to run"),
        (("--instances", "/nowhere/at/all"), "is not a folder"),
        (("--suite", "smoke", "--known", "known.csv"), "--known goes with --instances"),
        (("--instances", ".", "--known", "/nowhere/known.csv"), "cannot read /nowhere/known.csv"),
    ],
)
def test_requests_that_make_no_sense(words, told, tmp_path):
    result = inside("bench", "run", *words, "--out", tmp_path / "r.json")
    assert result.returncode == 2
    assert told in result.stderr


def test_list():
    shown = inside("bench", "list", "--suite", "daily", "--json").json
    assert {"secretariat", "100x8x16"} <= {s["instance"] for s in shown}
    assert all(s["limits"]["daily"] for s in shown)
    assert "secretariat" in inside("bench", "list").stdout


def test_report_of_something_else(tmp_path):
    (tmp_path / "x.json").write_text("{}")
    told = inside("bench", "report", tmp_path / "x.json", "--out", tmp_path / "out")
    assert told.returncode == 2
    assert "not a results file" in told.stderr


def test_wheel_only_is_said_plainly(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    told = inside("bench", "list")
    assert told.returncode == 2
    assert "part of the source tree" in told.stderr
