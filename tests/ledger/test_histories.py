"""Random histories: corrections, missing periods, repeated files, tampering; all adds up, what is wrong is found."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

import optimizer as dg
from tests.effort import few
from tests.ledger.worlds import ROWS, folder, planned

PRICE = {("pay", "P1"): 10, ("pay", "P2"): 12, ("trv", "OWN"): 7}
VOLUME = {("E1", "pay"): 1200, ("E2", "pay"): 2400, ("E3", "pay"): 3600, ("E3", "trv"): 120}
PLANNED = {(e, s): p for e, s, p in ROWS}
PARTS = ("scope", "volume", "timing", "mix", "exchange_rate", "pay", "staffing", "other")


def cents(money: float) -> int:
    whole = round(money * 100)
    assert abs(whole - money * 100) < 1e-4
    return whole


def month(number: int) -> str:
    return f"{2026 + (number - 1) // 12}-{(number - 1) % 12 + 1:02d}"


def happened(draw: Random, period: str) -> dict[str, list[dict[str, Any]]]:
    """What a month may bring."""
    actuals, rate = [], round(draw.uniform(0.8, 1.4), 4)
    for (entity, service), year in VOLUME.items():
        if draw.random() < 0.1:
            continue
        sources = ["OWN"] if service == "trv" else draw.sample(["P1", "P2"], draw.choice((1, 1, 2)))
        for provider in sources:
            volume = round(year / 12 * draw.uniform(0, 1.6) / len(sources), draw.choice((0, 3, 6)))
            amount = round(volume * PRICE[service, provider] * draw.uniform(0.9, 1.2), 2)
            currency = draw.choice(("", "EUR", "USD"))
            row = {"period": period, "entity": entity, "service": service, "provider": provider}
            actuals.append({**row, "volume": volume, "amount": amount, "currency": currency})
    posts = {"period": period, "category": ""}
    staff = [
        {**posts, "provider": p, "fte": draw.randint(0, 90) / 10, "cost_per_fte": 1000 * draw.randint(40, 90)}
        for p in ("P1", "P2")
        if draw.random() < 0.6
    ]
    rates = [{"period": period, "currency": "EUR", "rate": rate}]
    return {"actuals": actuals, "staff": staff, "rates": rates}


def amount_of(tables: dict[str, list[dict[str, Any]]]) -> dict[tuple[str, str], Fraction]:
    rate = {r["currency"]: Fraction(str(r["rate"])) for r in tables["rates"]}
    out: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for row in tables["actuals"]:
        out[row["entity"], row["service"]] += Fraction(str(row["amount"])) * rate.get(row["currency"], Fraction(1))
    return out


@pytest.mark.parametrize("seed", few(range(200), 15))
def test_a_random_history_adds_up_and_what_is_wrong_is_found(seed: int, tmp_path: Path) -> None:
    draw = Random(seed)
    ledger = dg.Ledger(tmp_path / "ledger.jsonl", "Bob")
    ledger.freeze(*planned(), rates={"EUR": 1.1})
    truth: dict[str, dict[str, list[dict[str, Any]]]] = {}
    out: dict[str, int] = {}
    last = draw.randint(1, 9)
    for number in range(1, last + 1):
        period = month(number)
        if draw.random() < 0.15 and number < last:
            continue
        if draw.random() < 0.15:
            entity = draw.choice(("E1", "E2"))
            ledger.scope(entity, "out", period)
            out.setdefault(entity, number)
        truth[period] = happened(draw, period)
        entry = ledger.record(folder(tmp_path / f"{number}", **truth[period]))
        before = ledger.path.read_bytes()
        if draw.random() < 0.4:
            with pytest.raises(dg.InputError):
                ledger.record(tmp_path / f"{number}")
            assert ledger.path.read_bytes() == before
        while draw.random() < 0.3:
            truth[period] = happened(draw, period)
            place = folder(tmp_path / f"{number}-{len(ledger.entries)}", **truth[period])
            entry = ledger.record(place, replaces=entry.id)
    found = ledger.report()
    assert found.missing == tuple(month(n) for n in range(1, last + 1) if month(n) not in truth)
    judged(found, truth, out)
    tampered(ledger, draw)


def judged(found: dg.LedgerReport, truth: dict[str, Any], out: dict[str, int]) -> None:
    """Every cell, period and sum against the files."""
    so_far: dict[str, int] = defaultdict(int)
    for row in (r for r in found.periods if not r.cumulative):
        cells = [c for c in found.variance if c.period == row.period]
        assert bool(cells) == row.recorded == (row.period in truth)
        spent = amount_of(truth[row.period]) if row.recorded else {}
        for c in cells:
            key = (c.entity, c.service)
            assert abs(Fraction(cents(c.actual)) - spent.get(key, Fraction(0)) * 100) <= Fraction(1, 2)
            price = PRICE[c.service, PLANNED[key]]
            assert abs(Fraction(cents(c.planned)) - Fraction(VOLUME[key] * price, 12) * 100) <= Fraction(1, 2)
            assert sum(cents(getattr(c.variance, p)) for p in PARTS) == cents(c.actual) - cents(c.planned)
            gone = c.entity in out and month(out[c.entity]) <= row.period
            others = [p for p in PARTS if p != "scope" and getattr(c.variance, p)]
            assert not others if gone else not c.variance.scope
        if not row.recorded:  # what was planned is known, of what happened nothing
            assert (row.actual, row.planned > 0) == (None, True)
            continue
        for name in ("planned", "actual"):
            assert cents(getattr(row, name)) == sum(cents(getattr(c, name)) for c in cells)
            so_far[name] += cents(getattr(row, name))
        for part in PARTS:
            assert cents(getattr(row.variance, part)) == sum(cents(getattr(c.variance, part)) for c in cells)
            so_far[part] += cents(getattr(row.variance, part))
    last = found.periods[-1]
    assert last.cumulative
    assert {n: cents(getattr(last, n)) for n in ("planned", "actual")} == {n: so_far[n] for n in ("planned", "actual")}
    assert {p: cents(getattr(last.variance, p)) for p in PARTS} == {p: so_far[p] for p in PARTS}
    assert sum(so_far[p] for p in PARTS) == so_far["actual"] - so_far["planned"]


def tampered(ledger: dg.Ledger, draw: Random) -> None:
    """One digit of any entry changed to another one."""
    data = bytearray(ledger.path.read_bytes())
    at = draw.choice([i for i in range(len(data)) if chr(data[i]).isdigit()])
    data[at] = ord("1") if data[at] != ord("1") else ord("2")
    ledger.path.write_bytes(bytes(data))
    with pytest.raises(dg.InputError) as caught:
        ledger.report()
    assert {i.code for i in caught.value.issues} == {"ledger_broken"}
