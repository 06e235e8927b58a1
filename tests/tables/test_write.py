"""What is written: whole or not at all, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from optimizer.domain.errors import InputError, UsageError
from optimizer.files import new_folder, write_text_atomic
from optimizer.plan.tables import PLAN_TABLES, write_plan_tables
from optimizer.tables import case_from_tables, read_case, write_case, write_template
from optimizer.tables.schema import TABLES
from optimizer.tables.sources.escapes import escape_formula
from optimizer.tables.template import EXAMPLE
from tests.tables.cases import write_files

PLAN: dict[str, Any] = {
    "assignments": [
        {
            "entity": "=E1",
            "service": "PAY",
            "provider": "NBO",
            "backup": None,
            "volume": 10.5,
            "cost": {"service": -3.25, "own": 0.0},
            "languages_missing": ["en", "fr"],
            "moved_from": "OWN",
            "by_decision": True,
            "exempted": [],
            "runner_up": {"provider": "@GVA", "extra_cost": 7.0},
        },
        {
            "entity": "E2",
            "service": "PAY",
            "provider": "OWN",
            "moved_from": None,
            "by_decision": False,
            "runner_up": None,
        },
    ],
    "lines": [{"provider": "NBO", "service": "PAY", "volume": 10.5, "capacity": None}],
    "sites": [],
    "entities": [
        {"id": "E2", "providers": ["NBO", "GVA"], "worse_than_today": [{"kind": "price", "today": 1, "plan": 2}]}
    ],
}


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def test_plan_tables_flatten_the_document(tmp_path: Path) -> None:
    write_plan_tables(PLAN, tmp_path / "out")
    first, second = read_csv(tmp_path / "out" / "assignments.csv")
    assert (first["cost_service"], first["languages_missing"], first["by_decision"]) == ("-3.25", "en;fr", "yes")
    assert (first["runner_up_provider"], first["runner_up_extra_cost"]) == ("'@GVA", "7.0")
    assert (second["runner_up_provider"], second["moved_from"], second["cost_service"]) == ("", "", "")
    assert [m["entity"] for m in read_csv(tmp_path / "out" / "moves.csv")] == ["'=E1"]
    (entity,) = read_csv(tmp_path / "out" / "entities.csv")
    assert (entity["providers"], entity["worse_than_today"]) == ("NBO;GVA", "kind price, today 1, plan 2")
    header = (tmp_path / "out" / "sites.csv").read_text().strip()
    assert header == ",".join(PLAN_TABLES["sites"])


def test_the_workbook_holds_numbers_as_numbers_and_no_formulas(tmp_path: Path) -> None:
    write_plan_tables(PLAN, tmp_path / "out")
    book = load_workbook(tmp_path / "out" / "plan.xlsx")
    assert book.sheetnames == list(PLAN_TABLES)
    cells = [c for sheet in book for row in sheet for c in row]
    assert all(c.data_type != "f" for c in cells)
    assert (book["assignments"]["A2"].value, book["assignments"]["A2"].data_type) == ("=E1", "s")
    assert book["assignments"]["A2"].number_format == "@"
    assert 10.5 in [c.value for c in cells]


def test_writing_tables_again_replaces_them_and_leaves_the_rest(tmp_path: Path) -> None:
    write_plan_tables(PLAN, tmp_path / "out")
    (tmp_path / "out" / "mine.txt").write_text("mine")
    write_plan_tables({}, tmp_path / "out")
    assert read_csv(tmp_path / "out" / "assignments.csv") == []
    assert (tmp_path / "out" / "mine.txt").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20x"]
)
def test_formulas_are_escaped(text: str) -> None:
    assert escape_formula(text) == "'" + text
    assert escape_formula(-1.5) == -1.5
    assert escape_formula("a=1") == "a=1"


def test_the_template_is_a_case_that_shows_every_table(tmp_path: Path) -> None:
    write_template(tmp_path / "mine")
    case, issues = read_case(tmp_path / "mine")
    assert {i.code for i in issues} == {"volume_estimated"}
    assert set(EXAMPLE) == {t.name for t in TABLES}
    assert case_from_tables({**EXAMPLE, "policy": {}})[0].case_hash == case.case_hash
    for table in TABLES:
        header = (tmp_path / "mine" / f"{table.name}.csv").read_text(encoding="utf-8").splitlines()[0]
        assert header.split(",") == [c.name for c in table.columns]
    with pytest.raises(UsageError, match="not empty"):
        write_template(tmp_path / "mine")


@pytest.mark.parametrize("name", ["x.foo", "case.csv", "case.XLS"])
def test_a_name_that_ends_as_another_kind_of_file_is_refused(tmp_path: Path, name: str) -> None:
    case, _ = case_from_tables(EXAMPLE)
    with pytest.raises(InputError) as caught:
        write_case(case, tmp_path / name)
    (found,) = caught.value.issues
    assert found.code == "unwritable_format"
    assert ".xlsx or .json" in found.remedy
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["v1.2", "2026.05-draft", "plain"])
def test_a_dot_alone_is_no_ending(tmp_path: Path, name: str) -> None:
    case, _ = case_from_tables(EXAMPLE)
    write_case(case, tmp_path / name)
    assert (tmp_path / name).is_dir()


def test_a_case_is_not_overwritten_unless_asked(tmp_path: Path) -> None:
    case, _ = read_case(write_files(tmp_path / "case"))
    for name in ("new", "new.xlsx", "new.json"):
        write_case(case, tmp_path / name)
        with pytest.raises(UsageError):
            write_case(case, tmp_path / name)
        write_case(case, tmp_path / name, overwrite=True)


def test_nothing_half_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "plan.json"
    write_text_atomic(target, "old")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(OSError, match="disk full"):
            write_text_atomic(target, "new")

    def half() -> None:
        with new_folder(tmp_path / "folder") as draft:
            (draft / "a").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["plan.json"]


def test_a_pipe_is_written_into_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_text_atomic(pipe, "plan")
        assert os.read(reader, 100) == b"plan"
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    assert [p.name for p in tmp_path.iterdir()] == ["pipe"]


def test_a_link_stays_a_link_and_a_file_keeps_its_mode(tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text("old")
    kept.chmod(0o640)
    (tmp_path / "latest.json").symlink_to(kept)
    write_text_atomic(tmp_path / "latest.json", "new")
    assert (tmp_path / "latest.json").is_symlink()
    assert kept.read_text() == "new"
    assert kept.stat().st_mode & 0o777 == 0o640


def test_a_folder_cannot_replace_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="is a file"), new_folder(tmp_path / "file"):
        pass


def test_files_have_the_usual_permissions(tmp_path: Path) -> None:
    write_text_atomic(tmp_path / "a", "x")
    (tmp_path / "b").write_text("x")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_every_line_of_the_policy_template_can_be_used(tmp_path: Path) -> None:
    """A key that is off is a comment; without its mark it is a key of the policy, not of the table above it."""
    write_template(tmp_path / "mine")
    path = tmp_path / "mine" / "policy.toml"
    text = path.read_text(encoding="utf-8")
    assert '# horizon = { start = "2027-01-01", unit = "quarter", count = 12 }' in text
    on = text.replace("# horizon =", "horizon =").replace("# wave_by =", 'wave_by = "entity"')
    path.write_text(on.replace("# max_moves =", "max_moves = 3"), encoding="utf-8")
    policy = read_case(tmp_path / "mine")[0].policy
    assert policy.horizon is not None
    assert (policy.horizon.count, policy.wave_by, policy.max_moves) == (12, "entity", 3)
