"""``designate reoptimise``: prints, writes, leaves; and ``diff`` with cases."""

from __future__ import annotations

import json

import pytest

from tests.cli.terminal import inside


@pytest.fixture(scope="module")
def again(solved, tmp_path_factory):
    """The packaged events on the solved case, everything asked for."""
    out = tmp_path_factory.mktemp("again")
    result = inside(
        "reoptimise",
        solved.case,
        solved.plan,
        "tiny",
        "--budgets",
        "0,1",
        "--out",
        out / "result.json",
        "--new-case",
        out / "case.json",
        "--new-plan",
        out / "plan.json",
        "--tables",
        out / "tables",
        "--report",
        out / "report.html",
    )
    return out, result


@pytest.fixture(scope="module")
def closed(solved, tmp_path_factory):
    """The agency closes, and with one move more GVA's prices would be left."""
    out = tmp_path_factory.mktemp("closed")
    rows = [{"id": "AGY", "status": "closed"}]
    event = {"type": "change", "date": "2026-06-01", "patch": {"tables": {"providers": {"change": rows}}}}
    (out / "events.json").write_text(json.dumps([event]), encoding="utf-8")
    report, tables = out / "new" / "report.html", out / "new" / "tables"
    result = inside(
        "reoptimise",
        solved.case,
        solved.plan,
        out / "events.json",
        "--out",
        out / "result.json",
        "--report",
        report,
        "--tables",
        tables,
    )
    return out, result


def test_each_move_has_a_reason_in_text_document_and_report(closed):
    out, result = closed
    assert (result.returncode, result.stderr) == (0, "")
    assert "What moves, with as few moves as possible: 1 (1 forced)" in result.stdout
    assert "• forced: AGY is closed" in result.stdout
    document = json.loads((out / "result.json").read_text(encoding="utf-8"))
    ((move,),) = document["moved"]
    assert (move["entity"], move["service"], move["kind"], move["codes"]) == (
        "CHARLIE",
        "payables",
        "forced",
        ["closed"],
    )
    page = (out / "new" / "report.html").read_text(encoding="utf-8")
    for words in ("forced: AGY is closed", "How little can move", "1 move is needed (proven)"):
        assert words in page
    moves = (out / "new" / "tables" / "moves.csv").read_text(encoding="utf-8")
    assert "CHARLIE" in moves


def test_tables_and_report_are_of_the_new_plan(again):
    out, _ = again
    plan = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    assert "ECHO" in (out / "tables" / "assignments.csv").read_text(encoding="utf-8")
    assert plan["run"]["case_hash"][:12] in (out / "report.html").read_text(encoding="utf-8")


def test_text(again):
    _, result = again
    assert (result.returncode, result.stderr) == (0, "")
    for words in ("Nothing has to move (proven)", "proven cheapest", "ECHO", "Why the total changes"):
        assert words in result.stdout


def test_files_belong_together(again):
    out, _ = again
    result = json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert result["schema"] == "designate.reoptimisation/1"
    assert json.loads((out / "case.json").read_text(encoding="utf-8")) == result["case"]
    assert json.loads((out / "plan.json").read_text(encoding="utf-8")) == result["plans"][0]
    assert inside("validate", out / "case.json").returncode == 0


def test_the_new_plan_can_be_the_applied_plan_of_the_new_case(again, tmp_path):
    out, _ = again
    events = tmp_path / "events.json"
    events.write_text(json.dumps([{"type": "close", "date": "2026-06-01", "entity": "ECHO"}]), encoding="utf-8")
    result = inside("reoptimise", out / "case.json", out / "plan.json", events, "--json")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.json["moves"]["upper"] == 0
    assert result.json["comparison"]["why"]["known"]


def test_same_events_again(again, tmp_path):
    out, _ = again
    result = inside("reoptimise", out / "case.json", out / "plan.json", "tiny")
    assert result.returncode == 0
    assert "Nothing changes" in result.stdout


def test_why_needs_both_cases(solved, again):
    out, _ = again
    assert inside("diff", solved.plan, out / "plan.json", "--case-a", solved.case).returncode == 2
    told = inside("diff", solved.plan, solved.plan, "--case-a", solved.case, "--case-b", solved.case, "--json")
    assert told.returncode == 0
    assert (told.json["why"]["known"], told.json["why"]["total"]) == (True, 0.0)
    assert told.json["inputs"] == {"tables": [], "policy": []}


def test_diff_lists_what_changed_in_the_input(solved, closed):
    out, _ = closed
    document = json.loads((out / "result.json").read_text(encoding="utf-8"))
    for name, content in (("case.json", document["case"]), ("plan.json", document["plans"][0])):
        (out / name).write_text(json.dumps(content), encoding="utf-8")
    cases = ("--case-a", solved.case, "--case-b", out / "case.json")
    told = inside("diff", solved.plan, out / "plan.json", *cases)
    assert told.returncode == 0
    for words in (
        "Input, A → B",
        "providers: 1 changed",
        "AGY: status open → closed",
        "as_of: 2026-01-01 → 2026-06-01",
        "forced: AGY is closed",
    ):
        assert words in told.stdout
    inputs = inside("diff", solved.plan, out / "plan.json", *cases, "--json").json["inputs"]
    (providers,) = (t for t in inputs["tables"] if t["table"] == "providers")
    assert providers["changed"] == [{"key": {"id": "AGY"}, "cells": [{"column": "status", "a": "open", "b": "closed"}]}]
    assert {"key": "as_of", "a": "2026-01-01", "b": "2026-06-01"} in inputs["policy"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("{", "malformed_json"),
        ("[]", "events_structure"),
        ('[{"type": "close", "date": "x", "entity": "Y"}]', "event_date"),
    ],
)
def test_bad_events(solved, tmp_path, content, code):
    file = tmp_path / "events.json"
    file.write_text(content, encoding="utf-8")
    result = inside("reoptimise", solved.case, solved.plan, file, "--json")
    assert result.returncode == 2
    assert code in {i["code"] for i in result.json["issues"]}


@pytest.mark.parametrize(
    "options",
    [["--budgets", "some"], ["--budgets", "-1"], ["--new-case", "case.csv"], ["--report", "a.json", "--out", "a.json"]],
)
def test_bad_options(solved, options):
    assert inside("reoptimise", solved.case, solved.plan, "tiny", *options).returncode == 2


def test_the_case_is_not_overwritten(again):
    out, _ = again
    before = (out / "case.json").read_bytes()
    result = inside("reoptimise", out / "case.json", out / "plan.json", "tiny", "--out", out / "case.json")
    assert result.returncode == 2
    assert (out / "case.json").read_bytes() == before
