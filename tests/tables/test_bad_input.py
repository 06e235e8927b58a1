"""Every kind of bad input is refused with its code, place and remedy; nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.domain.errors import InputError
from optimizer.tables import read_case, validate_case
from tests.tables.cases import BAD, Bad, write_files


def snapshot(folder: Path) -> dict[Path, bytes]:
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_clean_case_has_no_findings_but_hints(tmp_path: Path) -> None:
    case, issues = read_case(write_files(tmp_path / "case"))
    assert issues == ()
    assert [d.key for d in case.demands] == [("E1", "PAY"), ("E1", "TRV"), ("E2", "PAY")]


@pytest.mark.parametrize("bad", BAD, ids=lambda b: f"{b.code}-{b.edits[0][0].split('.')[0]}-{b.column}")
def test_bad_input_is_refused_where_it_is(bad: Bad, tmp_path: Path) -> None:
    folder = write_files(tmp_path / "case", bad.edits, bad.drop)
    before = snapshot(tmp_path)
    with pytest.raises(InputError) as caught:
        read_case(folder)
    found = [i for i in caught.value.issues if i.code == bad.code and i.severity == "error"]
    places = {(i.file, i.row, i.column) for i in found}
    file = str(folder) if bad.file == "*" else bad.file
    assert (file, bad.row, bad.column) in places, caught.value.issues
    assert all(i.remedy.strip() and i.message.strip() for i in caught.value.issues)
    assert "{" not in "".join(i.remedy for i in found if bad.file != "policy.toml")
    assert snapshot(tmp_path) == before


def test_enough_kinds_are_covered() -> None:
    assert len({b.code for b in BAD}) >= 60


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    edits = (
        ("entities.csv", "RW", "Rwanda"),
        ("demands.csv", "480", "-480"),
        ("tiers.csv", "9.8", "11.3"),
        ("policy.toml", "= 2026", "= 2038"),
        ("current.csv", "NBO,12", "NBI,12"),
    )
    issues = validate_case(write_files(tmp_path / "case", edits))
    codes = {i.code for i in issues if i.severity == "error"}
    assert codes == {"bad_country", "negative_number", "tier_cost_rising", "policy_range", "dangling_reference"}
    assert [i.severity for i in issues] == sorted((i.severity for i in issues), key=["error", "warning", "info"].index)


def test_suggestions_name_the_nearest_word(tmp_path: Path) -> None:
    edits = (
        ("demands.csv", "own_unit_cost", "own_unitcost"),
        ("decisions.csv", "lock,E1", "lock,e1"),
        ("entities.csv", "RW", "Rwanda"),
        ("policy.toml", "interface_cost", "interface_costs"),
    )
    remedies = {i.code: i.remedy for i in validate_case(write_files(tmp_path / "case", edits))}
    assert "'own_unit_cost'" in remedies["unknown_column"]
    assert "'E1'" in remedies["dangling_reference"]
    assert "'RW'" in remedies["bad_country"]
    assert "'interface_cost'" in remedies["policy_unknown_key"]


def test_an_ambiguous_place_lists_its_candidates(tmp_path: Path) -> None:
    edits = (("entities.csv", "Kigali,,,RW", "Valencia,,,"),)
    issue = next(i for i in validate_case(write_files(tmp_path / "case", edits)) if i.code == "ambiguous_place")
    assert "Valencia ES (39.4739, -0.3797)" in issue.remedy
    assert "Valencia VE" in issue.remedy


def test_a_flood_of_findings_is_counted_not_listed(tmp_path: Path) -> None:
    rows = "".join(f"E{i},PAY,-1,,\n" for i in range(1500))
    edits = (("demands.csv", "", "entity,service,volume,own_unit_cost,own_fixed_cost\n" + rows),)
    issues = validate_case(write_files(tmp_path / "case", edits))
    assert sum(i.code == "negative_number" for i in issues) == 100
    assert any(i.code == "too_many_problems" and "1,400 more findings of negative_number" in i.message for i in issues)
