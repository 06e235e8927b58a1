"""The ledger by hand: what adds up to what, what is found, what stays whole."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import optimizer as dg
from tests.ledger.worlds import folder, planned, table

JAN: dict[str, Any] = {"period": "2026-01", "entity": "E1", "service": "pay", "provider": "P1"}
FULL = (
    {**JAN, "volume": 100, "amount": 1000},
    {**JAN, "entity": "E2", "provider": "P2", "volume": 200, "amount": 2400},
    {**JAN, "entity": "E3", "volume": 300, "amount": 3000},
    {**JAN, "entity": "E3", "service": "trv", "provider": "OWN", "volume": 10, "amount": 70},
)


@pytest.fixture
def ledger(tmp_path: Path) -> dg.Ledger:
    """A plan frozen from January 2026 on, by month."""
    made = dg.Ledger(tmp_path / "ledger.jsonl", "Ann")
    made.freeze(*planned(), rates={"EUR": 1.1})
    return made


def recorded(ledger: dg.Ledger, tmp_path: Path, rows: Any, name: str = "in", **tables: Any) -> dg.LedgerReport:
    ledger.record(folder(tmp_path / name, actuals=rows, **tables))
    return ledger.report()


def parts(row: Any) -> dict[str, float]:
    return {n: v for n in type(row.variance).__dataclass_fields__ if (v := getattr(row.variance, n))}


def test_what_happens_as_planned_differs_in_nothing(ledger: dg.Ledger, tmp_path: Path) -> None:
    found = recorded(ledger, tmp_path, FULL)
    month, so_far = found.periods
    assert (month.planned, month.forecast, month.actual) == (6470.0, 6470.0, 6470.0)
    assert parts(month) == {}
    assert (month.baseline, month.saving_planned, month.saving_achieved) == (1270.0, 200.0, 200.0)
    assert so_far.cumulative
    assert [r.quality for r in found.variance] == ["derived"] * 4


@pytest.mark.parametrize(
    ("row", "right"),
    [
        ({"volume": 130, "amount": 1300}, {"volume": 300.0}),
        ({"provider": "P2", "volume": 100, "amount": 1200}, {"mix": 200.0}),
        ({"volume": 100, "amount": 1050.01}, {"other": 50.01}),
        ({"provider": "P2", "volume": 90, "amount": 1000}, {"volume": -100.0, "mix": 180.0, "other": -80.0}),
        ({"volume": 100, "amount": 1000, "currency": "EUR"}, {"exchange_rate": 100.0, "other": 100.0}),
        ({"volume": 0, "amount": 0}, {"volume": -1000.0}),
    ],
)
def test_each_cause_by_hand(row: dict[str, Any], right: dict[str, float], ledger: dg.Ledger, tmp_path: Path) -> None:
    rates = [{"period": "2026-01", "currency": "EUR", "rate": 1.2}]
    found = recorded(ledger, tmp_path, [{**JAN, "currency": "", **row}, *FULL[1:]], rates=rates)
    first = next(r for r in found.variance if r.entity == "E1")
    assert parts(first) == right
    assert first.actual - first.planned == pytest.approx(sum(right.values()))


def test_pay_and_staffing_of_a_site_are_spread_by_amount(ledger: dg.Ledger, tmp_path: Path) -> None:
    """P1 needs 0.4 FTE a year for 400 units in January: 4.8 FTE in the month; it has 6 at 54,000 instead of 50,000."""
    staff = [{"period": "2026-01", "provider": "P1", "category": "", "fte": 6, "cost_per_fte": 54000}]
    found = recorded(ledger, tmp_path, FULL, staff=staff)
    mine = {r.entity: parts(r) for r in found.variance if r.providers == ("P1",)}
    assert mine == {
        "E1": {"pay": 500.0, "staffing": 1250.0, "other": -1750.0},
        "E3": {"pay": 1500.0, "staffing": 3750.0, "other": -5250.0},
    }


def test_who_goes_out_and_who_comes_in_is_scope_alone(ledger: dg.Ledger, tmp_path: Path) -> None:
    ledger.scope("E2", "out", "2026-01")
    ledger.scope("E9", "in", "2026-01")
    rows = [FULL[0], *FULL[2:], {**JAN, "entity": "E9", "volume": 5, "amount": 77.77}]
    found = recorded(ledger, tmp_path, rows)
    assert {r.entity: parts(r) for r in found.variance if parts(r)} == {
        "E2": {"scope": -2400.0},
        "E9": {"scope": 77.77},
    }
    assert found.periods[0].forecast == 4070.0


def test_a_source_that_a_later_freeze_plans_is_timing(ledger: dg.Ledger, tmp_path: Path) -> None:
    case, _ = planned()
    moved = dg.price(case, [("E1", "pay", "P2"), ("E2", "pay", "P2"), ("E3", "pay", "P1"), ("E3", "trv", "OWN")])
    ledger.freeze(case, moved, begin="2026-03")
    early = {**JAN, "provider": "P2", "volume": 100, "amount": 1200}
    found = recorded(ledger, tmp_path, [early, *FULL[1:]])
    assert parts(next(r for r in found.variance if r.entity == "E1")) == {"timing": 200.0}
    march = [{**r, "period": p} for p in ("2026-02", "2026-03") for r in (early, *FULL[1:])]
    found = recorded(ledger, tmp_path, march, "later")
    assert [parts(r) for r in found.variance if r.entity == "E1"] == [{"timing": 200.0}, {"timing": 200.0}, {}]


def test_a_forecast_takes_the_place_of_the_plan(ledger: dg.Ledger, tmp_path: Path) -> None:
    row = {"period": "2026-01", "entity": "E1", "service": "pay", "volume": 50, "amount": 600}
    ledger.forecast(table(tmp_path / "f.csv", [row]))
    month = recorded(ledger, tmp_path, FULL).periods[0]
    assert (month.forecast, month.saving_forecast) == (6070.0, 0.0)


def test_one_offs_by_element_and_missing_periods(ledger: dg.Ledger, tmp_path: Path) -> None:
    rows = [{**r, "period": "2026-03"} for r in FULL]
    once = [{"period": "2026-03", "element": "training", "amount": 200, "currency": "EUR"}]
    rates = [{"period": "2026-03", "currency": "EUR", "rate": 1.25}]
    found = recorded(ledger, tmp_path, rows, one_offs=once, rates=rates)
    assert [(o.element, o.planned, o.actual) for o in found.one_offs] == [("training", 0.0, 250.0)]
    assert found.missing == ("2026-01", "2026-02")
    assert [i.code for i in found.issues] == ["ledger_period_missing"] * 2
    months = [p for p in found.periods if not p.cumulative]
    assert [p.recorded for p in months] == [False, False, True]
    missing, there, so_far = months[0], months[-1], found.periods[-1]
    assert (missing.planned, missing.actual, missing.saving_achieved) == (there.planned, None, None)
    assert set(asdict(missing.variance).values()) == {None}
    assert (so_far.planned, so_far.actual, so_far.variance) == (there.planned, there.actual, there.variance)


def test_a_period_is_recorded_once_and_corrected_by_name(ledger: dg.Ledger, tmp_path: Path) -> None:
    recorded(ledger, tmp_path, FULL)
    with pytest.raises(dg.InputError) as caught:
        ledger.record(tmp_path / "in")
    assert {i.code for i in caught.value.issues} == {"ledger_period_twice"}
    assert len(ledger.entries) == 2
    ledger.record(folder(tmp_path / "new", actuals=[{**FULL[0], "amount": 999.99}, *FULL[1:]]), replaces="L000002")
    assert ledger.report().periods[0].actual == 6469.99
    for wrong in ("L000002", "L000001", "L000009"):
        with pytest.raises(dg.InputError):
            ledger.record(folder(tmp_path / wrong, actuals=FULL), replaces=wrong)
    assert len(ledger.entries) == 3


BAD = [
    {**JAN, "volume": 1, "amount": 1},
    {**JAN, "volume": 2, "amount": 1},
    {**JAN, "entity": "E8", "volume": 1, "amount": 1},
    {**JAN, "service": "hr", "volume": 1, "amount": 1},
    {**JAN, "provider": "P8", "volume": 1, "amount": 1},
    {**JAN, "entity": "E2", "volume": -1, "amount": 1},
    {**JAN, "entity": "E3", "volume": "", "amount": 1},
    {**JAN, "entity": "E3", "service": "trv", "volume": "1,000", "amount": 1},
    {**JAN, "period": "2025-12", "volume": 1, "amount": 1},
    {**JAN, "period": "2026-Q1", "volume": 1, "amount": 1},
    {**JAN, "period": "2026-02", "volume": 1, "amount": 0.0000001},
]


def test_every_bad_row_is_named_and_nothing_is_taken(ledger: dg.Ledger, tmp_path: Path) -> None:
    before = ledger.path.read_bytes()
    with pytest.raises(dg.InputError) as caught:
        ledger.record(table(tmp_path / "bad.csv", BAD))
    assert [(i.row, i.column) for i in caught.value.issues] == [
        (3, "provider"),
        (4, "entity"),
        (5, "service"),
        (6, "provider"),
        (7, "volume"),
        (8, "volume"),
        (9, "volume"),
        (10, "period"),
        (11, "period"),
        (12, "amount"),
    ]
    assert [i.message for i in caught.value.issues if i.row == 7] == ["volume is below 0: -1"]
    assert all(i.remedy and i.file == "bad.csv" and i.table == "actuals" for i in caught.value.issues)
    assert ledger.path.read_bytes() == before


def test_a_currency_needs_a_rate_and_an_element_is_known(ledger: dg.Ledger, tmp_path: Path) -> None:
    rows = [{**FULL[0], "currency": "EUR"}, {**FULL[1], "currency": ""}]
    with pytest.raises(dg.InputError) as caught:
        ledger.record(folder(tmp_path / "a", actuals=rows))
    assert [(i.code, i.row) for i in caught.value.issues] == [("ledger_rate", 2)]
    once = [{"period": "2026-01", "element": "cake", "amount": 1}]
    with pytest.raises(dg.InputError) as caught:
        ledger.record(folder(tmp_path / "b", actuals=FULL, one_offs=once))
    assert [i.code for i in caught.value.issues] == ["ledger_element"]


def test_a_workbook_is_read_as_files_are(ledger: dg.Ledger, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "actuals"
    sheet.append(list(FULL[0]))
    for row in FULL:
        sheet.append(list(row.values()))
    book.save(tmp_path / "january.xlsx")
    ledger.record(tmp_path / "january.xlsx")
    assert ledger.report().periods[0].actual == 6470.0
    for name in ("none.csv", "january.pdf"):
        with pytest.raises(dg.InputError) as caught:
            ledger.record(tmp_path / name)
        assert caught.value.issues[0].code == "ledger_file"


@pytest.mark.parametrize("change", ["figure", "order", "gone", "cut", "hash", "kind"])
def test_tampering_is_found(change: str, ledger: dg.Ledger, tmp_path: Path) -> None:
    recorded(ledger, tmp_path, FULL)
    ledger.scope("E2", "out", "2026-02")
    lines = ledger.path.read_bytes().splitlines(keepends=True)
    if change == "figure":
        lines[1] = lines[1].replace(b"1000.0", b"1001.0", 1)
    elif change == "order":
        lines[1], lines[2] = lines[2], lines[1]
    elif change == "gone":
        del lines[1]
    elif change == "cut":
        lines[2] = lines[2][:-5]
    elif change == "hash":
        lines[2] = lines[2].replace(json.loads(lines[2])["before"].encode(), b"0" * 64)
    else:
        lines[0] = lines[0].replace(b'"kind":"freeze"', b'"kind":"thaw"')
    ledger.path.write_bytes(b"".join(lines))
    with pytest.raises(dg.InputError) as caught:
        ledger.report()
    assert {i.code for i in caught.value.issues} == {"ledger_broken"}


def test_the_hash_of_the_last_entry_tells_whether_one_is_missing_at_the_end(ledger: dg.Ledger, tmp_path: Path) -> None:
    head = recorded(ledger, tmp_path, FULL).head
    ledger.path.write_bytes(ledger.path.read_bytes().splitlines(keepends=True)[0])
    assert ledger.report().head != head


KILLED = """
import os, signal, sys
import optimizer.files as files
real = os.replace
def dying(a, b):
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[3] == "before":
    os.replace = dying
import optimizer
book = optimizer.Ledger(sys.argv[1])
book.record(sys.argv[2])
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("when", "entries"), [("before", 1), ("after", 2)])
def test_a_process_that_is_killed_leaves_all_or_nothing(
    when: str, entries: int, ledger: dg.Ledger, tmp_path: Path
) -> None:
    place = folder(tmp_path / "in", actuals=FULL)
    line = [sys.executable, "-c", KILLED, str(ledger.path), str(place), when]
    done = subprocess.run(line, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(ledger.entries) == entries
    if entries == 1:
        ledger.record(place)
    assert ledger.report().periods[0].actual == 6470.0


def test_what_makes_no_sense_is_refused(ledger: dg.Ledger, tmp_path: Path) -> None:
    case, plan = planned()
    with pytest.raises(dg.InputError) as caught:
        ledger.freeze(case, plan)
    assert caught.value.issues[0].code == "freeze_repeated"
    with pytest.raises(dg.InputError) as caught:
        ledger.freeze(case, plan, unit="year", begin="2027")
    assert caught.value.issues[0].code == "freeze_unit"
    with pytest.raises(dg.InputError) as caught:
        dg.Ledger(tmp_path / "none.jsonl").report()
    assert caught.value.issues[0].code == "ledger_not_there"
    with pytest.raises(dg.UsageError):
        ledger.scope("E1", "away", "2026-01")
    with pytest.raises(dg.UsageError):
        ledger.report("2026")
