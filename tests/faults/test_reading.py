"""Nothing of an input is dropped or guessed: each fault by command, Python and over HTTP as it was met."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from api.settings import Settings
from api.uploads import Bounds, assemble, is_readable, read
from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue
from optimizer.pipeline import solve_case
from optimizer.tables import read_case, validate_case
from tests.faults import case_path
from tests.faults.zips import zip_of


def told(path: Path) -> set[tuple[str, str, str]]:
    """Code, severity and file of every finding."""
    return {(i.code, i.severity, i.file) for i in validate_case(path)}


def one(issues: tuple[Issue, ...], code: str) -> Issue:
    """The only finding of a code."""
    (found,) = [i for i in issues if i.code == code]
    return found


def command(*words: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "optimizer", *words]
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=120, encoding="utf-8")


# ---- a demand that comes to nothing


@pytest.mark.parametrize(
    ("name", "why"),
    [("headcount_zero", "headcount 0 × 2 units_per_head"), ("volume_below_micro", "less than half a millionth")],
)
def test_a_demand_whose_volume_comes_to_nothing_is_told(name: str, why: str) -> None:
    case, issues = read_case(case_path(name))
    found = one(issues, "zero_volume")
    assert (found.severity, found.file, found.row, found.column) == ("warning", "demands.csv", 2, "volume")
    assert "E0 | S0" in found.message
    assert why in found.message
    assert [d.key for d in case.demands] == [("E1", "S0")]


# ---- files that are not read

STRAYS = {
    "case-txt": "decisions.txt",
    "case-tsv": "decisions.tsv",
    "case-csv-txt": "decisions.csv.txt",
    "case-json": "decisions.json",
    "case-subfolder": "sub/decisions.csv",
}


@pytest.mark.parametrize("name", STRAYS)
def test_a_table_of_another_ending_or_folder_is_told(name: str) -> None:
    folder = case_path("table-with-another-ending") / name
    issues = validate_case(folder)
    assert [(i.code, i.severity, i.file, i.table) for i in issues] == [
        ("file_not_read", "warning", STRAYS[name], "decisions")
    ]
    assert "decisions.csv" in issues[0].remedy


@pytest.mark.parametrize("name", STRAYS)
@pytest.mark.parametrize("inside", ["", "my case/"])
def test_in_an_archive_as_well(name: str, inside: str, tmp_path: Path) -> None:
    path = zip_of(case_path("table-with-another-ending") / name, tmp_path / "case.zip", inside)
    assert told(path) == {("file_not_read", "warning", STRAYS[name])}


@pytest.mark.parametrize(("name", "stray"), [("case", "policy.toml.txt"), ("case-json", "policy.json")])
def test_a_policy_of_another_ending_is_named_once(name: str, stray: str) -> None:
    (found,) = validate_case(case_path("policy-toml-txt") / name)
    assert (found.code, found.severity, found.file, found.table) == ("file_not_read", "warning", stray, "policy")
    assert "defaults hold" in found.message
    assert "policy.toml" in found.remedy


# ---- the policy as CSV

AS_CSV = [case_path("policy-as-csv") / "case", case_path("policy-as-csv") / "case.zip"]


@pytest.mark.parametrize("path", AS_CSV, ids=lambda p: p.name)
def test_a_policy_as_csv_is_refused_and_both_names_told(path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_case(path)
    (found,) = caught.value.issues
    assert (found.code, found.file) == ("policy_as_csv", "policy.csv")
    assert "policy.toml" in found.message
    assert "policy.toml" in found.remedy


@pytest.mark.parametrize("verb", ["validate", "solve"])
def test_the_command_leaves_with_2(verb: str) -> None:
    done = command(verb, str(AS_CSV[0]))
    assert done.returncode == 2, done.stderr
    assert "policy.csv" in done.stdout + done.stderr
    assert "policy.toml" in done.stdout + done.stderr


def test_an_upload_of_it_is_bad_input_and_no_failure(tmp_path: Path) -> None:
    upload = assemble("application/zip", AS_CSV[1].read_bytes(), [])
    with pytest.raises(InputError) as caught:  # 422 on /v1/cases
        read(upload, "", Bounds.of(Settings(data_dir=tmp_path)))
    assert [i.code for i in caught.value.issues] == ["policy_as_csv"]
    assert is_readable(upload)  # on /v1/validations an answer: ok is false


# ---- points

POINTS = {
    "null-island": "often stands for coordinates that are not known",
    "swapped": "Latitude and longitude look swapped: -12.05, -77.05 lies in PE",
    "wrong-sign": "sign of longitude looks wrong (west is negative): -12.05, -77.05 lies in PE",
    "mid-ocean": "Check latitude, longitude and country",
}


@pytest.mark.parametrize("name", POINTS)
def test_a_point_far_from_its_country_is_told_with_what_may_have_happened(name: str) -> None:
    found = one(validate_case(case_path("point-in-the-sea") / f"{name}.json"), "point_far_from_country")
    assert (found.severity, found.table, found.row, found.column) == ("warning", "entities", 1, "latitude")
    assert POINTS[name] in found.remedy
    kilometres = int(found.message.split(" is ")[1].split(" km")[0].replace(",", ""))
    assert kilometres > 3_000


# ---- separators


def test_a_line_that_names_the_separator_is_read() -> None:
    case, issues = read_case(case_path("sep-line") / "case")
    assert issues == ()
    assert {"LIMA", "ACCRA"} <= set(case.entity)
    plan = solve_case(case)
    assert plan["status"]["solution"] == "optimal"


# ---- where a finding is


@pytest.mark.parametrize("name", ["case.xlsx", "case.json"])
def test_every_finding_names_its_table(name: str) -> None:
    path = case_path("xlsx-message-without-sheet") / name
    issues = validate_case(path)
    assert issues
    assert all(str(i).startswith(f"{name} {i.table}") for i in issues)
    shown = " ".join(command("validate", str(path)).stdout.split())
    assert all(i.place in shown for i in issues)


def test_the_places_in_the_workbook_and_the_document() -> None:
    folder = case_path("xlsx-message-without-sheet")
    workbook = {i.place for i in validate_case(folder / "case.xlsx")}
    assert {"case.xlsx demands:2 [volume]", "case.xlsx tiers:3 [unit_cost]"} <= workbook
    issues = validate_case(folder / "case.json")
    assert {i.place for i in issues} == {"case.json entities:1 [id]", "case.json providers:1 [id]"}
    assert {i.code for i in issues} == {"required_value"}


def test_the_inputs_are_what_they_claim() -> None:
    with zipfile.ZipFile(AS_CSV[1]) as archive:
        assert "policy.csv" in archive.namelist()
    assert (case_path("sep-line") / "case" / "entities.csv").read_text().startswith("sep=,")
