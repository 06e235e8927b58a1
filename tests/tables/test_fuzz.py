"""Whatever comes in: a case that reads back the same, or coded findings. Never another failure."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from optimizer.domain.case import Case
from optimizer.domain.errors import InputError
from optimizer.tables import case_from_bytes, case_from_tables
from optimizer.tables.checks.catalogue import CATALOGUE
from tests.effort import share
from tests.tables.cases import FILES

SCRAPS = st.sampled_from(
    [
        "",
        ",",
        ";",
        '"',
        "\n",
        "\r\n",
        "-",
        "0",
        "1e9",
        "1e-9",
        "NaN",
        "OWN",
        "*",
        "kind:rco",
        "|",
        "NA",
        "E1",
        "PAY",
        "é",
        "\0",
        "\ufeff",
        "Sat;Sun",
        "99999999999999999999",
        "yes",
        "=1",
        "  ",
        "[",
        "]",
        "{",
        "}",
        "'",
    ]
)


def outcome(data: bytes, file: str) -> Case | None:
    """The case, or ``None`` after checking that the refusal is well made."""
    try:
        case, issues = case_from_bytes(data, file)
    except InputError as error:
        issues = error.issues
        case = None
        assert any(i.severity == "error" for i in issues)
    assert all(i.code in CATALOGUE and i.message and i.remedy for i in issues)
    json.dumps([i.as_dict() for i in issues], ensure_ascii=False).encode()
    return case


def zipped(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


EDITS = st.lists(
    st.tuples(st.sampled_from(list(FILES)), st.integers(0, 400), st.integers(0, 12), SCRAPS | st.text(max_size=6)),
    min_size=1,
    max_size=3,
)


@settings(max_examples=share(60), deadline=None)
@given(EDITS)
def test_damaged_tables(edits: list[tuple[str, int, int, str]]) -> None:
    files = dict(FILES)
    for name, at, length, scrap in edits:
        start = at % (len(files[name]) + 1)
        files[name] = files[name][:start] + scrap + files[name][start + length :]
    try:
        data = zipped(files)
    except UnicodeEncodeError:
        return
    case = outcome(data, "case.zip")
    if case is not None:
        assert case_from_tables(case.tables)[0].case_hash == case.case_hash


@settings(max_examples=share(40), deadline=None)
@given(st.binary(max_size=60), st.sampled_from([".json", ".xlsx", ".zip"]))
@example(b"", ".json")
@example(b'{"entities": [{"id": "\\u0000"}]}', ".json")
def test_any_bytes(data: bytes, suffix: str) -> None:
    assert outcome(data, "case" + suffix) is None


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=2)
)


@settings(max_examples=share(60), deadline=None)
@given(
    st.dictionaries(st.sampled_from(["id", "name", "headcount", "city", "latitude", "languages", "weekend"]), VALUES)
)
def test_any_values(row: dict[str, object]) -> None:
    with pytest.raises(InputError):
        case_from_tables({"entities": [row], "policy": row})


NUMBERS = {"huge": 10**5000, "minus huge": -(10**5000), "float": 1e308, "minus zero": -0.0, "infinite": float("inf")}


@pytest.mark.parametrize("name", NUMBERS)
def test_extreme_numbers(name: str) -> None:
    row = {"id": "E", "name": "e", "city": "Nairobi", "country": "KE", "headcount": NUMBERS[name]}
    with pytest.raises(InputError) as caught:
        case_from_tables({"entities": [row]})
    found = {i.code for i in caught.value.issues if i.column == "headcount"}
    expected = {
        "huge": {"out_of_range"},
        "minus huge": {"negative_number"},
        "float": {"out_of_range"},
        "minus zero": set(),
    }
    assert found == expected.get(name, {"bad_number"})
