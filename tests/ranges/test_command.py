"""``designate range`` and the section of the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import optimizer as dg
from tests.cli.terminal import inside


@pytest.fixture(scope="module")
def file(plan: dg.PlanOverTime, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    path.write_text(json.dumps(plan.document()), encoding="utf-8")
    return path


def test_the_screen_says_how_far_figures_may_lie_apart(case: dg.Case, plan: dg.PlanOverTime, file: Path) -> None:
    folder = file.parent
    told = inside(
        "range",
        "mission-start",
        file,
        "--samples",
        "30",
        "--seed",
        "2",
        "--out",
        folder / "r.json",
        "--report",
        folder / "r.html",
    )
    assert told.returncode == 0, told.stderr
    for word in ("Running cost", "P10", "P90", "at low", "services procurement", "Line capacity", "Thresholds"):
        assert word in told.stdout
    written = json.loads((folder / "r.json").read_text(encoding="utf-8"))
    assert written == dg.range_of(case, plan, samples=30, seed=2).as_dict()
    page = (folder / "r.html").read_text(encoding="utf-8")
    for word in ("If the assumptions are not right", "One assumption at a time", "c-band", "P10 to P90"):
        assert word in page


def test_json_is_the_document(file: Path) -> None:
    told = inside("range", "mission-start", file, "--samples", "5", "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["schema"] == "designate.range/1"


def test_bad_ranges_come_all_at_once(file: Path, tmp_path: Path) -> None:
    case = dg.example("mission-start")
    rows = [
        {**r, "low": 0.9} if r["column"] in ("transition.contingency_rate", "discount_rate") else r
        for r in case.tables["assumptions"]
    ]
    rows = [{**r, "high": 0.95} if r["table"] == "policy" and r.get("low") == 0.9 else r for r in rows]
    wrong = dg.replace(case, assumptions=rows)
    dg.write(wrong, tmp_path / "wrong")
    document = json.loads(file.read_text(encoding="utf-8"))
    document["run"]["case_hash"] = wrong.case_hash
    other = tmp_path / "plan.json"
    other.write_text(json.dumps(document), encoding="utf-8")
    told = inside("range", tmp_path / "wrong", other, "--json")
    assert told.returncode == 2
    issues = json.loads(told.stdout)["issues"]
    assert [i["code"] for i in issues] == ["range_outside"] * 2
    assert all(i["remedy"] and i["table"] == "assumptions" for i in issues)


def test_a_report_takes_the_range_of_its_own_plan_only(case: dg.Case, plan: dg.PlanOverTime, tmp_path: Path) -> None:
    found = dg.range_of(case, plan, samples=3)
    page = dg.write_report(plan, tmp_path / "r.html", case, ranges=found).read_text(encoding="utf-8")
    assert "If the assumptions are not right" in page
    document = found.as_dict() | {"plan": "another"}
    with pytest.raises(dg.UsageError, match="another plan"):
        dg.write_report(plan, tmp_path / "r.html", case, ranges=dg.RangeOfPlan.from_document(document))
