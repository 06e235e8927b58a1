"""``designate submit``, ``status`` and ``fetch`` against a real service."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.api.serving import ADMIN, Api
from tests.cli.terminal import Result, inside


def run(plain: Api, *words: object, key: str = ADMIN) -> Result:
    """The command, in this process."""
    return inside(*words, DESIGNATE_URL=plain.url, DESIGNATE_KEY=key)


def test_from_a_case_to_files(plain: Api, tmp_path: Path) -> None:
    words = ("submit", "tiny", "--name", "From the command", "--wait", "--json")
    sent = run(plain, *words)
    assert (sent.returncode, sent.stderr) == (0, "")
    plan = json.loads(sent.stdout)
    assert (plan["job_status"], plan["solution"]) == ("succeeded", "optimal")
    told = run(plain, "status", plan["id"])
    assert told.returncode == 0
    assert "succeeded, optimal, cost 262,958.98 a year, at most 0.00 above the best" in told.stdout
    out, tables, report, book = (tmp_path / n for n in ("plan.json", "tables", "report.html", "plan.xlsx"))
    got = run(plain, "fetch", plan["id"], "--out", out, "--tables", tables, "--report", report, "--workbook", book)
    assert got.returncode == 0, got.stderr
    assert json.loads(out.read_text())["cost"]["total"] == 262958.98
    assert {f.name for f in tables.iterdir()} == {
        f"{n}.csv" for n in ("assignments", "moves", "lines", "sites", "entities")
    }
    assert report.read_text().startswith("<!")
    assert book.read_bytes().startswith(b"PK")
    assert run(plain, "verify", "tiny", out).returncode == 0


@pytest.mark.slow
def test_an_infeasible_case_leaves_with_3(plain: Api) -> None:
    case = plain.case("infeasible-language")
    assert run(plain, "submit", case["id"], "--wait").returncode == 3


def test_what_is_wrong_leaves_with_2(plain: Api, tmp_path: Path) -> None:
    document = plain.example("tiny")
    document["demands"][0]["volume"] = -1
    (tmp_path / "bad.json").write_text(json.dumps(document))
    bad = run(plain, "submit", tmp_path / "bad.json", "--json")
    assert (bad.returncode, json.loads(bad.stdout)["error"]) == (2, "bad_input")
    absent = run(plain, "status", "pln_" + "0" * 28, "--json")
    assert (absent.returncode, json.loads(absent.stdout)["error"]) == (2, "not_found")
    assert run(plain, "status", "pln_x", key="").returncode == 2
    assert run(plain, "status", "pln_x", key="wrong").returncode == 2


@pytest.mark.slow
def test_nobody_there_leaves_with_2_and_says_what_to_look_at(plain: Api) -> None:
    gone = run(plain, "status", "pln_x", "--url", "http://127.0.0.1:9", "--json")
    told = json.loads(gone.stdout)
    assert (gone.returncode, told["error"]) == (2, "service_unreachable")
    assert "no service answers at http://127.0.0.1:9; is it running?" in told["message"]
    assert "DESIGNATE_URL" in told["message"]


def test_a_key_that_is_not_accepted_is_told_in_words_of_the_command(plain: Api) -> None:
    refused = run(plain, "status", "pln_x", key="wrong")
    assert refused.returncode == 2
    assert "the key is not accepted; check DESIGNATE_KEY or --key-file" in refused.stderr
    assert "Bearer" not in refused.stderr


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [("--gap", "nan", "gap_rel"), ("--time-limit", "inf", "time_limit_s"), ("--backend", "banana", "choose one of")],
)
def test_options_that_solve_refuses_are_refused_before_anything_is_sent(
    plain: Api, option: str, value: str, told: str
) -> None:
    refused = run(plain, "submit", "tiny", option, value, "--url", "http://127.0.0.1:9")
    assert refused.returncode == 2
    assert told in refused.stderr


def test_the_key_may_stand_in_a_file(plain: Api, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(ADMIN + "\n")
    found = run(plain, "status", "pln_" + "0" * 28, "--key-file", tmp_path / "key", "--json", key="")
    assert json.loads(found.stdout)["error"] == "not_found"
    assert run(plain, "status", "x", "--key-file", tmp_path / "none", key="").returncode == 2


@pytest.mark.parametrize("command", ["submit", "status", "fetch"])
def test_every_command_explains_itself(plain: Api, command: str) -> None:
    assert "--json" in run(plain, command, "--help").stdout
