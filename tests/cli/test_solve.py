"""``designate solve``: what it prints, what it writes, how it leaves."""

from __future__ import annotations

import csv
import json
import os

import openpyxl
import pytest

from optimizer.cli.main import app
from tests.cli.conftest import TINY_TOTAL
from tests.cli.terminal import designate, inside
from tests.effort import few

KEYS = [
    "schema",
    "run",
    "status",
    "bounds",
    "cost",
    "baseline",
    "savings",
    "people",
    "assignments",
    "unallocated",
    "lines",
    "sites",
    "entities",
    "verification",
    "issues",
]


class TestOutputs:
    """One solve in a pipe, everything asked for."""

    def test_leaves_with_0_and_summary_on_standard_output(self, solved):
        assert solved.result.returncode == 0
        assert "Optimal plan" in solved.result.stdout
        assert "Verified" in solved.result.stdout

    def test_no_progress_and_no_colour_in_a_pipe(self, solved):
        assert solved.result.stderr == ""
        assert "\x1b" not in solved.result.stdout

    def test_document(self, solved):
        document = solved.document
        assert list(document) == KEYS
        assert document["schema"] == "designate.plan/1"
        assert document["status"]["solution"] == "optimal"
        assert document["cost"]["total"] == TINY_TOTAL
        assert document["verification"]["ok"]
        assert document["verification"]["mismatches"] == []

    def test_tables(self, solved):
        names = {"assignments", "moves", "lines", "sites", "entities"}
        assert {f.name for f in solved.tables.iterdir()} == {f"{n}.csv" for n in names} | {"plan.xlsx"}
        with (solved.tables / "assignments.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        stated = [(a["entity"], a["service"], a["provider"]) for a in solved.document["assignments"]]
        assert [(r["entity"], r["service"], r["provider"]) for r in rows] == stated
        assert {"summary", "moves", "assignments"} <= set(
            openpyxl.load_workbook(solved.tables / "plan.xlsx").sheetnames
        )

    def test_report_is_one_file(self, solved):
        html = solved.report.read_text(encoding="utf-8")
        assert html.lstrip().lower().startswith("<!doctype html")
        assert 'src="http' not in html

    def test_nothing_else_is_left_behind(self, solved):
        assert {f.name for f in solved.plan.parent.iterdir()} == {"plan.json", "tables", "report.html"}

    def test_case_is_untouched(self, solved, tmp_path):
        inside("example", "tiny", tmp_path / "again")
        assert {f.name: f.read_bytes() for f in solved.case.iterdir()} == {
            f.name: f.read_bytes() for f in (tmp_path / "again").iterdir()
        }


class TestJson:
    """The document on standard output and nothing beside it."""

    def test_same_document_as_in_the_file(self, tiny, tmp_path):
        plan = tmp_path / "new" / "folder" / "plan.json"
        result = inside("solve", tiny, "--json", "--out", plan, "--name", "a label", "--seed", "7")
        assert (result.returncode, result.stderr) == (0, "")
        assert result.json == json.loads(plan.read_text(encoding="utf-8"))
        assert (result.json["run"]["name"], result.json["run"]["seed"]) == ("a label", 7)

    def test_other_encodings_of_standard_output(self, tiny):
        """ASCII out: letters are escaped, never lost."""
        result = designate("solve", tiny, "--json", "--name", "Bogotá → 東京", PYTHONIOENCODING="ascii")
        assert result.returncode == 0
        assert json.loads(result.stdout)["run"]["name"] == "Bogotá → 東京"


class TestStart:
    """A plan fed back."""

    def test_gives_the_same_cost(self, solved, tmp_path):
        again = inside("solve", solved.case, "--start", solved.plan, "--json")
        assert again.returncode == 0
        assert again.json["cost"] == solved.document["cost"]
        assert again.json["run"]["solver"]["start_used"] is True

    def test_is_the_answer_when_there_is_no_time(self, solved, tmp_path):
        again = inside("solve", solved.case, "--start", solved.plan, "--time-limit", "0", "--json")
        assert again.returncode == 0
        assert again.json["cost"] == solved.document["cost"]

    def test_plan_may_be_replaced_by_its_successor(self, solved, tmp_path):
        plan = tmp_path / "plan.json"
        plan.write_bytes(solved.plan.read_bytes())
        assert inside("solve", solved.case, "--start", plan, "--out", plan).returncode == 0
        assert json.loads(plan.read_text(encoding="utf-8"))["cost"] == solved.document["cost"]


class TestExitCodes:
    """0 plan · 2 bad input · 3 infeasible · 4 nothing within the limits; 1 and 5 have their own files."""

    @pytest.mark.parametrize("name", ["infeasible-capacity", "infeasible-language", "infeasible-lock"])
    def test_infeasible(self, name, tmp_path):
        plan = tmp_path / "plan.json"
        result = inside("solve", name, "--out", plan)
        document = json.loads(plan.read_text(encoding="utf-8"))
        assert result.returncode == 3
        assert list(document) == KEYS
        assert document["status"]["solution"] == "infeasible"
        assert document["verification"]["mismatches"] == []
        assert any(i["severity"] == "error" for i in document["issues"])
        assert "No plan keeps every rule" in result.stdout

    def test_no_plan_within_the_limits(self, tiny):
        result = inside("solve", tiny, "--backend", "scip", "--time-limit", "0", "--json")
        assert result.returncode == 4
        assert list(result.json) == KEYS
        assert result.json["status"]["solution"] == "no_solution"
        assert result.json["status"]["stopped_by"] == "time"
        assert result.json["verification"]["mismatches"] == []

    def test_internal_failure_is_one_line(self, tiny, monkeypatch):
        def fall(*_, **__):
            raise ZeroDivisionError("by design")

        monkeypatch.setattr("optimizer.pipeline.solve_case", fall)
        result = inside("solve", tiny)
        assert result.returncode == 1
        assert result.stderr == (
            "designate: internal failure: ZeroDivisionError: by design (set DESIGNATE_DEBUG=1 for the traceback)\n"
        )
        assert inside("solve", tiny, "--json").json["error"] == "internal_error"

    def test_internal_failure_with_traceback(self, tiny, monkeypatch):
        def fall(*_, **__):
            raise ZeroDivisionError("by design")

        monkeypatch.setattr("optimizer.pipeline.solve_case", fall)
        monkeypatch.setenv("DESIGNATE_DEBUG", "1")
        with pytest.raises(ZeroDivisionError):
            app(["solve", str(tiny)], standalone_mode=False)

    def test_plan_that_does_not_verify(self, tiny, monkeypatch):
        """Whatever made it wrong: it is shown and leaves with 5."""
        from optimizer import pipeline

        honest = pipeline.assemble

        def lie(*arguments, **named):
            plan = honest(*arguments, **named)
            plan["cost"]["total"] += 1
            return plan

        monkeypatch.setattr(pipeline, "assemble", lie)
        assert inside("solve", tiny).returncode == 5


class TestBadInput:
    """Exit 2, every problem at once, nothing written."""

    def test_all_problems_nothing_written(self, broken, tmp_path):
        out, tables, report = tmp_path / "new" / "plan.json", tmp_path / "tables", tmp_path / "r" / "report.html"
        before = {f.name: f.read_bytes() for f in broken.iterdir()}
        result = designate("solve", broken, "--out", out, "--tables", tables, "--report", report)
        assert (result.returncode, result.stdout) == (2, "")
        for code in ("negative_number", "duplicate_id", "policy_unknown_key"):
            assert code in result.stderr
        assert {p.name for p in tmp_path.iterdir()} == {"broken"}
        assert {f.name: f.read_bytes() for f in broken.iterdir()} == before

    def test_what_was_there_stays(self, broken, tmp_path):
        out = tmp_path / "plan.json"
        out.write_text("yesterday's plan")
        tables = tmp_path / "tables"
        tables.mkdir()
        (tables / "moves.csv").write_text("yesterday's moves")
        assert inside("solve", broken, "--out", out, "--tables", tables).returncode == 2
        assert out.read_text() == "yesterday's plan"
        assert [(f.name, f.read_text()) for f in tables.iterdir()] == [("moves.csv", "yesterday's moves")]

    def test_as_json(self, broken):
        result = inside("solve", broken, "--json")
        assert (result.returncode, result.stderr) == (2, "")
        assert result.json["error"] == "bad_input"
        found = {(i["code"], i["file"], i.get("row"), i.get("column")) for i in result.json["issues"]}
        assert ("negative_number", "demands.csv", 2, "volume") in found
        assert ("duplicate_id", "entities.csv", 5, "id") in found
        assert all(i["remedy"] for i in result.json["issues"])

    def test_start_that_is_no_plan(self, tiny, tmp_path):
        out, start = tmp_path / "plan.json", tmp_path / "start.json"
        start.write_text("{}")
        result = inside("solve", tiny, "--start", start, "--out", out)
        assert (result.returncode, out.exists()) == (2, False)
        assert "not_a_plan" in result.stderr


class TestHostilePaths:
    """Told before anything is solved, in a line; nothing is overwritten that is not a result."""

    @pytest.fixture(autouse=True)
    def _no_solve(self, monkeypatch):
        def never(*_, **__):
            raise AssertionError("solved although the target is impossible")

        monkeypatch.setattr("optimizer.pipeline.solve_case", never)

    @pytest.mark.parametrize("option", ["--out", "--report"])
    def test_folder_for_a_file(self, option, tiny, tmp_path):
        result = inside("solve", tiny, option, tmp_path)
        assert result.returncode == 2
        assert "is a folder" in result.stderr

    def test_file_for_a_folder(self, tiny, tmp_path):
        (tmp_path / "t").write_text("mine")
        assert inside("solve", tiny, "--tables", tmp_path / "t").returncode == 2
        assert (tmp_path / "t").read_text() == "mine"

    @pytest.mark.parametrize("option", ["--out", "--tables", "--report"])
    def test_below_a_file(self, option, tiny, tmp_path):
        (tmp_path / "file").write_text("mine")
        result = inside("solve", tiny, option, tmp_path / "file" / "x")
        assert result.returncode == 2
        assert "cannot write" in result.stderr

    @pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc")
    @pytest.mark.parametrize("option", ["--out", "--tables", "--report"])
    def test_where_nobody_can_write(self, option, tiny):
        assert inside("solve", tiny, option, "/proc/nowhere/x").returncode == 2

    @pytest.mark.parametrize("option", ["--out", "--tables", "--report"])
    def test_name_too_long(self, option, tiny, tmp_path):
        assert inside("solve", tiny, option, tmp_path / ("x" * 300)).returncode == 2

    def test_one_file_for_two(self, tiny, tmp_path):
        result = inside("solve", tiny, "--out", tmp_path / "x", "--report", tmp_path / "sub" / ".." / "x")
        assert result.returncode == 2

    def test_tables_into_the_case(self, tiny):
        """Both have a table ``entities``."""
        result = inside("solve", tiny, "--tables", tiny)
        assert result.returncode == 2
        assert "would be overwritten" in result.stderr

    @pytest.mark.parametrize("name", ["entities.csv", "policy.toml"])
    def test_plan_onto_the_case(self, name, tiny, tmp_path):
        link = tmp_path / "link"
        link.symlink_to(tiny)
        before = (tiny / name).read_bytes()
        assert inside("solve", link, "--out", tiny / name).returncode == 2
        assert (tiny / name).read_bytes() == before

    @pytest.mark.parametrize(
        "case", ["", "no such case", "../../etc/passwd", "/dev/null", "a\nb", "x" * 5000, "é\udcff"]
    )
    def test_case_that_is_none(self, case):
        result = inside("solve", case)
        assert result.returncode == 2
        assert "internal failure" not in result.stderr


class TestOddPaths:
    """Names that are allowed and often break programs."""

    @pytest.mark.parametrize(
        "name", ["with space", "ünïcödé 東京", "-dash", "$(touch x)", "a'b\"c", "[red]x[bold]", "%s%n"]
    )
    def test_written_and_read_back(self, name, tiny, tmp_path, monkeypatch):
        folder = tmp_path / name
        folder.mkdir()
        for file in tiny.iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
        result = inside("validate", folder)
        assert result.returncode == 0
        monkeypatch.chdir(tmp_path)
        told = inside("template", "--", f"{name} new")
        assert told.returncode == 0
        assert f"{name} new" in told.stdout
        assert inside("validate", tmp_path / f"{name} new").returncode == 0


@pytest.mark.parametrize(
    "environment", few([{"LC_ALL": "C"}, {"COLUMNS": "40"}, {"NO_COLOR": "1"}, {"TERM": "dumb"}], 2)
)
def test_environment(environment, broken):
    """Plain text in a pipe whatever the environment says."""
    result = designate("validate", broken, **environment)
    assert result.returncode == 2
    assert "\x1b" not in result.stdout + result.stderr
    assert "negative_number" in result.stdout


class TestStartInWords:
    def test_a_start_that_keeps_every_rule_is_said_to_be_used(self, tiny, solved):
        told = inside("solve", tiny, "--start", solved.plan)
        assert "Start: it keeps every rule of this case, so the plan is no worse" in told.stdout

    def test_a_start_that_breaks_a_rule_is_said_not_to_be_used(self, tiny, solved, tmp_path):
        plan = json.loads(solved.plan.read_text(encoding="utf-8"))
        plan["assignments"][0]["provider"] = "AGY"  # which offers no payroll
        plan["assignments"] = plan["assignments"][:-1]
        start = tmp_path / "start.json"
        start.write_text(json.dumps(plan), encoding="utf-8")
        told = inside("solve", tiny, "--start", start)
        assert told.returncode == 0
        assert "Start: not used as a plan, for it does not keep every rule of this case (assign_once" in told.stdout
        assert "Start:" not in inside("solve", tiny, "--start", start, "--json").stdout
