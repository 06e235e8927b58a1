"""``designate solve`` of several cases: each with its own files, none lost by another, the worst code at the end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from optimizer.cli import batch
from optimizer.cli.batch import Targets, jobs_of
from optimizer.cli.exits import worst
from optimizer.cli.interrupts import Interrupted
from optimizer.cli.options import Reading
from optimizer.domain.errors import UsageError
from optimizer.domain.params import SolveParams
from optimizer.solvers.handle import Child
from optimizer.solvers.pool import end_common_pool
from tests.cli.conftest import TINY_TOTAL
from tests.cli.terminal import inside

BACKEND = ("--backend", "highs")


@pytest.fixture(scope="module")
def several(tiny, tmp_path_factory):
    """Two cases of one name that can be solved, one that cannot, one that is none; everything asked for."""
    folder = tmp_path_factory.mktemp("several")
    shutil.copytree(tiny, folder / "other" / "tiny")
    cases = (tiny, "infeasible-language", folder / "missing", folder / "other" / "tiny")
    targets = ("--out", folder / "plans", "--tables", folder / "tables", "--report", folder / "reports")
    result = inside("solve", *cases, *BACKEND, *targets)
    return folder, result


def test_a_failing_case_does_not_lose_the_others(several):
    folder, result = several
    assert result.returncode == 2  # bad input is worse than infeasible
    plans = {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in (folder / "plans").iterdir()}
    assert sorted(p["status"]["solution"] for p in plans.values()) == ["infeasible", "optimal", "optimal"]
    assert {"infeasible-language", "other-tiny"} < set(plans)
    assert len(plans) == 3
    totals = [p["cost"]["total"] for p in plans.values() if p["status"]["solution"] == "optimal"]
    assert totals == [TINY_TOTAL] * 2
    assert {p.name for p in (folder / "tables").iterdir()} == set(plans)
    assert {p.stem for p in (folder / "reports").iterdir()} == set(plans)


def test_the_table_has_a_line_for_each_and_says_what_was_wrong(several):
    _, result = several
    assert result.stderr == ""
    for words in ("262 959", "infeasible", "bad_input", "case_not_found", "demand_without_provider"):
        assert words in result.stdout


def test_as_json_the_plans_are_in_it():
    told = inside("solve", "tiny", "tiny", *BACKEND, "--json")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.json["schema"] == "designate.batch/1"
    assert [r["label"] for r in told.json["runs"]] != [told.json["runs"][0]["label"]] * 2
    assert [r["plan"]["cost"]["total"] for r in told.json["runs"]] == [TINY_TOTAL] * 2
    assert [r["exit_code"] for r in told.json["runs"]] == [0, 0]
    assert all(r["plan"]["assignments"] for r in told.json["runs"])


def test_one_pool_of_processes_serves_all(monkeypatch):
    end_common_pool()
    made = []
    take = Child.__init__

    def count(self, family, *more):
        made.append(family)
        take(self, family, *more)

    monkeypatch.setattr(Child, "__init__", count)
    assert inside("solve", "tiny", "tiny", "tiny", *BACKEND).returncode == 0
    assert len(made) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--out", "plan.json"), "name a folder"),
        (("--report", "report.html"), "name a folder"),
        (("--start", "plan.json"), "--start belongs to one case"),
        (("--backend", "gurobi"), "unknown backend"),
    ],
)
def test_what_makes_no_sense_for_several_is_refused_before_anything_is_solved(options, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = inside("solve", "tiny", "infeasible-lock", *options)
    assert (told.returncode, told.stdout) == (2, "")
    assert words in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_keeps_what_was_done(monkeypatch):
    """The second of three cases is interrupted for good: the first has its plan, no other is begun."""
    real, begun = batch._solved, []

    def solved(job, *rest):
        begun.append(job.label)
        if len(begun) == 2:
            raise Interrupted
        return real(job, *rest)

    monkeypatch.setattr(batch, "_solved", solved)
    jobs = jobs_of([Path(n) for n in ("tiny", "rco", "secretariat")], Targets(None, None, None))
    result = batch.run(jobs, SolveParams(backend="highs"), name="", how=Reading(), quiet=True)
    assert begun == ["tiny", "rco"]
    assert [(r["label"], r["exit_code"]) for r in result["runs"]] == [("tiny", 0), ("rco", 4), ("secretariat", 4)]
    assert result["exit_code"] == 4


def test_an_internal_failure_of_one_is_told_in_its_line(monkeypatch):
    import optimizer.pipeline

    real, calls = optimizer.pipeline.solve_case, []

    def broken(case, *rest, **more):
        calls.append(case.name)
        if len(calls) == 1:
            raise RuntimeError("a spring broke")
        return real(case, *rest, **more)

    monkeypatch.delenv("DESIGNATE_DEBUG", raising=False)
    monkeypatch.setattr(optimizer.pipeline, "solve_case", broken)
    told = inside("solve", "tiny", "tiny", *BACKEND)
    assert told.returncode == 1
    assert "a spring broke" in told.stdout
    assert "optimal" in told.stdout


def test_the_worst_code():
    assert [worst(c) for c in ([0, 3], [3, 4], [4, 2], [2, 5], [5, 1], [])] == [3, 4, 2, 5, 1, 0]


def test_names_are_told_apart(tmp_path):
    paths = [tmp_path / p for p in ("a/case.json", "b/case.json", "b/CASE.json", "c/other.xlsx")]
    assert [j.label for j in jobs_of(paths, Targets(None, None, None))] == ["a-case", "b-case", "b-CASE-2", "other"]
    with pytest.raises(UsageError):
        jobs_of(paths, Targets(None, None, tmp_path / "x.html"))
