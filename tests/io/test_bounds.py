"""Reading has a bound: far cells, wide headers, keys given again and again, findings without end."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter

import pytest
from openpyxl import Workbook

from optimizer.errors import InputError
from optimizer.io import Limits, case_from_bytes
from optimizer.validation.findings import LISTED_IN_ALL, Findings


def workbook(place: str, row: str | None = None) -> bytes:
    """A workbook with one cell far out; ``row``: the number that its XML names instead of 5."""
    book = Workbook()
    sheet = book.active
    sheet.title = "entities"
    sheet["A1"], sheet["B1"], sheet[place] = "id", "name", "x"
    made = io.BytesIO()
    book.save(made)
    if row is None:
        return made.getvalue()
    changed = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            content = old.read(member)
            if member.filename.endswith("sheet1.xml"):
                content = content.replace(b'r="5"', f'r="{row}"'.encode()).replace(b'"A5"', f'"A{row}"'.encode())
            new.writestr(member, content)
    return changed.getvalue()


def found(data: bytes, name: str) -> Counter[str]:
    with pytest.raises(InputError) as caught:
        case_from_bytes(data, name, limits=Limits())
    return Counter(i.code for i in caught.value.issues)


@pytest.mark.parametrize(
    "data",
    [
        workbook("A5", "1048577"),
        workbook("A5", "20000000"),
        workbook("A5", str(10**12)),
        workbook("IW2"),
        workbook("XFD5"),
    ],
    ids=["below the last row", "row 20 million", "row a million millions", "column 257", "the last column"],
)
def test_a_cell_far_out_is_refused_and_not_walked_to(data: bytes) -> None:
    assert found(data, "case.xlsx")["cell_too_far"] == 1


def test_the_last_cell_within_the_bounds_is_read() -> None:
    codes = found(workbook("IV2"), "case.xlsx")
    assert codes["cell_too_far"] == 0
    assert codes["blank_column"] == 1


def test_a_key_given_60000_times_is_one_finding() -> None:
    data = b"{" + b",".join([b'"entities":[]'] * 60_000) + b"}"
    assert found(data, "case.json")["json_duplicate_key"] == 1


def test_findings_of_20000_columns_are_capped_and_none_is_lost() -> None:
    data = json.dumps({"entities": [{f"c{n}": 1 for n in range(20_000)}]}).encode()
    with pytest.raises(InputError) as caught:
        case_from_bytes(data, "case.json", limits=Limits())
    issues = caught.value.issues
    assert len(issues) <= LISTED_IN_ALL + 20
    listed = sum(i.code == "unknown_column" for i in issues)
    (rest,) = (i for i in issues if i.code == "too_many_problems" and "unknown_column" in i.message)
    assert rest.message == f"{20_000 - listed:,} more findings of unknown_column"
    assert {"missing_table", "missing_column"} <= {i.code for i in issues}, "one flood hides no other kind"


def test_an_error_after_the_cap_is_an_error_all_the_same() -> None:
    findings = Findings()
    for number in range(LISTED_IN_ALL + 5):
        findings.add("unknown_column", "x", table="entities", column=f"c{number}")
    findings.add("missing_table", "the table demands is missing", table="demands")
    assert findings.has_errors()
    assert [i.code for i in findings.issues() if i.table == "demands"] == ["missing_table"]
