"""Options of reading, through the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.cli.inputs import read_assignments
from optimizer.domain.errors import InputError
from optimizer.plan.tables import plan_table_csv
from tests.cli.terminal import inside
from tests.tables.cases import write_files


def test_a_code_page_is_named_with_an_option(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "case", (("entities.csv", "Office one", "Gen\udce8ve"),))
    refused = inside("validate", folder)
    assert refused.returncode == 2
    assert "--encoding" in refused.stdout
    assert "cp1252 (Genève)" in " ".join(refused.stdout.split())
    read = inside("validate", folder, "--encoding", "cp1252")
    assert read.returncode == 0, read.stdout
    assert "code_page" in read.stdout
    wrong = inside("validate", folder, "--encoding", "rot13")
    assert wrong.returncode == 2
    assert "no code page" in wrong.stderr


def test_a_volume_that_is_not_that_of_the_case_is_told(tmp_path: Path) -> None:
    rows = "ALPHA;payroll;NBO;5\nALPHA;payables;NBO;\nBRAVO;payroll;NBO;480,0\nDELTA;payroll;NBO;much\n"
    (tmp_path / "l.csv").write_text("entity;service;provider;volume\n" + rows)
    told = inside("price", "tiny", tmp_path / "l.csv", "--json")
    found = [(i["row"], i["severity"]) for i in told.json["issues"] if i["code"] == "volume_not_of_case"]
    assert found == [(2, "warning"), (5, "warning")]


def test_a_template_that_is_a_workbook_validates(tmp_path: Path) -> None:
    target = tmp_path / "new" / "mine.xlsx"
    made = inside("template", target)
    assert made.returncode == 0, made.stderr
    assert "mine.xlsx" in made.stdout
    assert inside("validate", target).returncode == 0
    again = inside("template", target)
    assert again.returncode == 2
    assert "exists" in again.stderr


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("entity;service;provider\nE1;PAY;NBO\n", "utf-8"),
        ("entity\tservice\tprovider\nE1\tPAY\tNBO\n", "utf-16"),
        ("sep=;\nentity;service;provider\nE1;PAY;NBO\n", "utf-8-sig"),
        ("entity,service,provider\nE1,PAY,NBO\n", "utf-8"),
    ],
)
def test_a_hand_made_list_is_read_as_a_table_is(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode(encoding))
    rows, lines, *_ = read_assignments(path)
    assert rows == [("E1", "PAY", "NBO")]
    assert lines == [text.count("\n")]


def test_a_hand_made_list_in_a_code_page(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("entity;service;provider\nGenève;PAY;NBO\n".encode("cp1252"))
    with pytest.raises(InputError, match="not UTF-8"):
        read_assignments(path)
    assert read_assignments(path, "cp1252")[0] == [("Genève", "PAY", "NBO")]


def test_a_list_from_the_tables_of_a_plan_reads_back_with_ids_like_formulas(tmp_path: Path) -> None:
    path = tmp_path / "assignments.csv"
    row = {"entity": "=E1", "service": "-S", "provider": "'@P", "backup": ""}
    path.write_bytes(plan_table_csv({"assignments": [row]}, "assignments"))
    assert "=E1" not in path.read_text().split(",")
    assert read_assignments(path)[0] == [("=E1", "-S", "'@P", "")]
