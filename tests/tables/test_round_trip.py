"""The canonical case does not depend on format, order or spelling of the input."""

from __future__ import annotations

import csv
import io
import random
import re
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.domain.types import micro
from optimizer.tables import case_from_bytes, case_from_tables, read_case, write_case
from optimizer.tables.canonical import plain_number
from optimizer.tables.parse.cells import CellError, parse_decimal
from optimizer.tables.sources.escapes import escape_formula, unescape_formula, unescaped
from optimizer.tables.write import case_csv
from tests.effort import share
from tests.tables.cases import FILES, write_files


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("clean") / "case")


def test_every_format_reads_back_to_the_same_case(clean: Path, tmp_path: Path) -> None:
    case, _ = read_case(clean)
    for name in ("folder", "case.xlsx", "case.json"):
        write_case(case, tmp_path / name)
        again, _ = read_case(tmp_path / name)
        assert again.case_hash == case.case_hash
        assert (again.entities, again.providers, again.demands) == (case.entities, case.providers, case.demands)
        assert (again.offers, again.tiers, again.decisions) == (case.offers, case.tiers, case.decisions)
    again, issues = case_from_tables(case.tables)
    assert again.case_hash == case.case_hash
    assert issues == ()


@pytest.mark.parametrize("seed", range(5))
def test_order_of_rows_and_columns_does_not_matter(clean: Path, tmp_path: Path, seed: int) -> None:
    shuffle = random.Random(seed)
    edits = []
    for name, text in FILES.items():
        if not name.endswith(".csv"):
            continue
        header, *rows = csv.reader(io.StringIO(text))
        order = shuffle.sample(range(len(header)), len(header))
        shuffle.shuffle(rows)
        edits.append((name, "", "".join(",".join(r[i] for i in order) + "\n" for r in [header, *rows])))
    assert read_case(write_files(tmp_path / "case", tuple(edits)))[0].case_hash == read_case(clean)[0].case_hash


@pytest.mark.parametrize(
    "edit",
    [
        ("demands.csv", "480", "480.000"),
        ("demands.csv", "480", "+4.8E2"),
        ("demands.csv", "480", " 480 "),
        ("demands.csv", "E2,PAY,480,,", "E2,PAY,480,,0.0"),
        ("entities.csv", "en;fr", "fr; EN ;"),
        ("entities.csv", "16:30,,", "16:30,Sunday;sat,"),
        ("entities.csv", "08:00", "8:00"),
        ("entities.csv", "RW,,", "rw,Africa/Kigali,"),
        ("services.csv", "none,yes", "None,TRUE"),
        ("offers.csv", "Sub-Saharan Africa", "sub-saharan africa"),
        ("entities.csv", "Kigali", "KIGALI "),
        ("policy.toml", "{ min = 1, max = 3 }", "[1, 3]"),
        ("policy.toml", "calendar_year = 2026", 'as_of = "2026-01-01"'),
        ("policy.toml", "1000", "1000.00"),
    ],
)
def test_spellings_of_the_same_value(clean: Path, tmp_path: Path, edit: tuple[str, str, str]) -> None:
    case, other = read_case(clean)[0], read_case(write_files(tmp_path / "case", (edit,)))[0]
    if "KIGALI" in edit[2]:  # the label is as the user wrote it; the place is the same
        assert other.entity["E1"].place.latitude == case.entity["E1"].place.latitude
    else:
        assert other.case_hash == case.case_hash


@pytest.mark.parametrize(
    "edit",
    [
        ("demands.csv", "480", "481"),
        ("demands.csv", "480", ""),
        ("entities.csv", "16:30,,", "16:30,Fri;Sat,"),
        ("policy.toml", "1000", "1001"),
        ("decisions.csv", "contract", "law"),
    ],
)
def test_what_differs_has_another_hash(clean: Path, tmp_path: Path, edit: tuple[str, str, str]) -> None:
    assert read_case(write_files(tmp_path / "case", (edit,)))[0].case_hash != read_case(clean)[0].case_hash


def test_accents_in_either_normal_form_are_the_same_id() -> None:
    tables = {
        "entities": [{"id": "Bogota\u0301", "name": "x", "city": "Nairobi", "country": "KE", "headcount": 1}],
        "services": [{"id": "S", "name": "s", "location_class": "global", "minutes_per_unit": 1}],
        "demands": [{"entity": "Bogot\u00e1", "service": "S", "volume": 1, "own_unit_cost": 1}],
        "providers": [{"id": "P", "name": "p", "kind": "agency", "status": "open", "city": "Nairobi", "country": "KE"}],
    }
    assert case_from_tables(tables)[0].demands[0].entity == "Bogot\u00e1"


@settings(max_examples=share(200), deadline=None)
@given(st.integers(0, 10**15), st.integers(0, 6))
def test_numbers_keep_every_millionth(units: int, places: int) -> None:
    text = f"{Decimal(units).scaleb(-6):f}"
    assert micro(float(parse_decimal(text))) == units
    padded = text + "0" * places if "." in text else text
    assert parse_decimal(padded) == parse_decimal(text)
    assert Decimal(str(plain_number(float(parse_decimal(text))))) == Decimal(text)


@settings(max_examples=share(200), deadline=None)
@given(st.text(max_size=20))
def test_any_text_is_a_number_or_a_coded_error(text: str) -> None:
    code = ""
    try:
        number = parse_decimal(text)
    except CellError as error:
        code = error.code
    assert code in ("bad_number", "too_many_decimals") or number.is_finite()


LETTERS = st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff\ufffd")
NAMES = st.text(LETTERS, min_size=1, max_size=30)


@settings(max_examples=share(40), deadline=None)
@given(st.lists(NAMES.filter(lambda t: t.strip()), min_size=2, max_size=2), st.integers(1, 10**15))
def test_any_name_survives_every_format(names: list[str], units: int) -> None:
    tables = {
        "entities": [
            {
                "id": "E",
                "name": names[0],
                "organisation": names[1],
                "city": "Nairobi",
                "country": "KE",
                "headcount": units / 1e6,
            }
        ],
        "services": [{"id": "S", "name": "=1+1", "location_class": "global", "minutes_per_unit": 1}],
        "demands": [{"entity": "E", "service": "S", "volume": 1, "own_unit_cost": 1}],
        "providers": [{"id": "P", "name": "p", "kind": "agency", "status": "open", "city": "Nairobi", "country": "KE"}],
        "policy": {},
    }
    case, _ = case_from_tables(tables)
    assert case_from_tables(case.tables)[0].case_hash == case.case_hash
    header, row = csv.reader(io.StringIO(case_csv(case.tables)["entities.csv"], newline=""))
    read = dict(zip(header, unescaped(row), strict=True))
    assert case_from_tables({**case.tables, "entities": [read]})[0].tables == case.tables


RISKY = st.text(st.sampled_from("=+-@'\t\r;|,x 1\""), min_size=1, max_size=6)


@settings(max_examples=share(300), deadline=None)
@given(RISKY | st.text(max_size=10))
def test_an_escape_is_taken_back_and_nothing_else_is(text: str) -> None:
    written = escape_formula(text)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unescape_formula(written) == text
    assert list(unescaped(["a", written])) == ["a", text]


@settings(max_examples=share(60), deadline=None)
@given(RISKY, st.sampled_from(["=", "+", "-", "@", "'=", "''@"]), st.floats(-90, 90).map(lambda d: round(d, 4)))
def test_no_cell_of_a_written_csv_is_a_formula_and_all_come_back(tail: str, sign: str, latitude: float) -> None:
    name, label = sign + tail, sign + "".join(c for c in tail if c not in ';|\t\r,"').strip()
    tables = {
        "entities": [
            {
                "id": label + "x",
                "name": name,
                "organisation": tail,
                "city": "Nairobi",
                "country": "KE",
                "latitude": latitude,
                "longitude": -5,
                "time_zone": "Africa/Nairobi",
                "headcount": 1,
            }
        ],
        "services": [{"id": "S", "name": name, "location_class": "global", "minutes_per_unit": 1}],
        "demands": [{"entity": label + "x", "service": "S", "volume": 1, "own_unit_cost": 1}],
        "providers": [{"id": "P", "name": "p", "kind": "agency", "status": "open", "city": "Nairobi", "country": "KE"}],
        "policy": {},
    }
    case, _ = case_from_tables(tables)
    files = case_csv(case.tables)
    rows = {n: list(csv.reader(io.StringIO(t, newline=""))) for n, t in files.items() if n.endswith(".csv")}
    cells = [cell for table in rows.values() for row in table for cell in row]
    numbers = {"-5", *(c for c in cells if re.fullmatch(r"-?[\d.e-]+", c))}
    assert not [c for c in cells if c.startswith(("=", "+", "-", "@", "\t", "\r")) and c not in numbers]
    assert ("-5" in cells, f"'{sign}" in files["entities.csv"]) == (True, True)
    again, _ = case_from_bytes(packed(files), "case.zip")
    assert again.case_hash == case.case_hash


def packed(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()
