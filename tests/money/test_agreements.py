"""Service agreements: the score against a plain sum, the register by hand, what is refused."""

from __future__ import annotations

import csv
import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

import optimizer as dg
from optimizer.domain.agreements import Agreement, Indicator, Measurement, scores_of
from optimizer.domain.case import Case
from optimizer.model.build import build_problem
from optimizer.plan.plan import Plan
from optimizer.verify.checker import Evaluator
from tests.cli.terminal import inside

AS_OF = date(2026, 1, 1)
TARGET: dict[str, Any] = {"provider": "NBO", "service": "payroll", "from": "2025-01-01", "indicator": "on_time"}
VALUE: dict[str, Any] = {"period": "2025-12-01", "provider": "NBO", "service": "payroll", "indicator": "on_time"}


@pytest.fixture(scope="module")
def tiny() -> Case:
    return dg.example("tiny")


@pytest.fixture(scope="module")
def plan(tiny: Case) -> Plan:
    made = dg.solve(tiny, backend="highs")
    assert isinstance(made, Plan)
    return made


def with_agreements(tiny: Case, *, policy: dict[str, Any] | None = None, **tables: Any) -> Case:
    given: dict[str, Any] = {"indicators": [{"id": "on_time", "minimum_standard": 90}]}
    return dg.replace(tiny, policy=policy, **{**given, **tables})


def plan_of(case: Case, plan: Plan) -> Plan:
    """The same assignments priced in another case."""
    return dg.price(case, [(a.entity, a.service, a.provider) for a in plan.assignments])


def plainly(rows: list[tuple[Measurement, Fraction | None]], lower: set[str]) -> Fraction | None:
    """Mean over indicators of means of ratios."""
    means = []
    for name in sorted({m.indicator for m, t in rows if t is not None}):
        found = []
        for m, target in rows:
            if m.indicator == name and target is not None:
                value = Fraction(str(m.value))
                found.append(
                    min(Fraction(1), value / target)
                    if name not in lower
                    else min(Fraction(1), target / (value or target))
                )
        means.append(sum(found, Fraction(0)) / len(found))
    return sum(means, Fraction(0)) / len(means) if means else None


@pytest.mark.parametrize("seed", range(20))
def test_a_score_is_the_mean_over_indicators_of_means_of_what_is_met(seed: int) -> None:
    draw = Random(seed)
    indicators = [Indicator("up"), Indicator("down", direction="lower")]
    targets = {
        (i, c): Fraction(draw.randint(1, 40), 4) for i in ("up", "down") for c in ("*", "E1") if draw.random() < 0.7
    }
    agreements = [
        Agreement("P", c, "s", date(2025, 1, 1), date(2026, 1, 1), indicator=i, target=float(t))
        for (i, c), t in targets.items()
    ]
    rows = []
    for _ in range(30):
        month, i, c = draw.randint(0, 23), draw.choice(["up", "down"]), draw.choice(["*", "E1", "E2"])
        m = Measurement(date(2024 + month // 12, month % 12 + 1, 1), "P", "s", c, i, draw.randint(0, 40) / 4)
        rows.append((m, targets.get((i, c), targets.get((i, "*"))) if month >= 12 else None))
    found = scores_of(agreements, indicators, [m for m, _ in rows], AS_OF)
    right = plainly(rows, {"down"})
    assert (found["P", "s"].score if found else None) == right


def test_just_in_and_just_out_of_the_twelve_months() -> None:
    on = Agreement("P", "*", "s", date(2020, 1, 1), indicator="i", target=10.0)
    for period, counts in (("2024-12-31", 0), ("2025-01-01", 1), ("2025-12-31", 1), ("2026-01-01", 0)):
        m = Measurement(date.fromisoformat(period), "P", "s", "*", "i", 5.0)
        assert len(scores_of([on], [Indicator("i")], [m], AS_OF)) == counts


def test_the_measured_level_takes_the_place_of_the_stated_one_and_decides_who_may_serve(tiny: Case) -> None:
    tables: dict[str, Any] = {"agreements": [{**TARGET, "target": 100}], "measurements": [{**VALUE, "value": 80}]}
    stated = {"change": [{"provider": "NBO", "service": "payroll", "service_level": 0.99}]}
    least = {"change": [{"id": "payroll", "min_service_level": 0.9}]}
    for source, level, refused in (("offers", 0.99, False), ("measurements", 0.8, True)):
        policy = {"service_level_from": source, "keep_current": False}
        case = with_agreements(tiny, policy=policy, offers=stated, services=least, **tables)
        assert case.offer["NBO", "payroll"].service_level == level
        assert ("service_level_derived" in {i.code for i in case.issues}) is refused
        problem = build_problem(case)
        there = problem.pair_index(problem.demand_index["ALPHA", "payroll"], problem.provider_index["NBO"]) >= 0
        assert bool(there) is not refused
        found = Evaluator(case).violations([("ALPHA", "payroll", "NBO", "")])
        assert ("ALPHA" in {v.entity for v in found if v.service == "payroll"}) is refused


def test_a_case_without_agreements_keeps_its_hash_and_one_with_them_has_another(tiny: Case) -> None:
    assert not {"agreements", "indicators", "measurements", "surveys"} & set(tiny.tables)
    case = with_agreements(tiny, agreements=[{**TARGET, "target": 95}])
    assert case.case_hash != tiny.case_hash
    assert dg.replace(case, agreements=[], indicators=[]).case_hash == tiny.case_hash


def kinds(case: Case, plan: Plan) -> dict[tuple[str, str, str], tuple[str, str | None]]:
    """What is said of NBO's payroll, by client."""
    found = dg.agreements(case, plan_of(case, plan)).findings
    return {(f.provider, f.service, f.client): (f.kind, f.day) for f in found if f.service == "payroll"}


def test_what_is_missing_ends_early_or_is_taken_over(tiny: Case, plan: Plan) -> None:
    first = {"provider": "NBO", "service": "payroll", "from": "2025-01-01", "until": "2027-01-01"}
    end = f"{AS_OF.year + tiny.policy.horizon_years}-01-01"
    before = f"{AS_OF.year + tiny.policy.horizon_years - 1}-12-31"
    cases: tuple[tuple[list[dict[str, Any]], tuple[str, str] | None], ...] = (
        ([], ("missing", "2026-01-01")),
        ([{**first, "from": "2026-01-02"}], ("missing", "2026-01-01")),
        ([first], ("ends_early", "2027-01-01")),
        ([first, {**first, "from": "2027-01-02", "until": end}], ("ends_early", "2027-01-01")),
        ([first, {**first, "from": "2027-01-01", "until": before}], ("ends_early", before)),
        ([first, {**first, "from": "2027-01-01", "until": end}], None),
        ([first, {"provider": "NBO", "service": "payroll", "from": "2026-06-01"}], None),
    )
    for rows, said in cases:
        found = kinds(dg.replace(tiny, agreements=rows), plan)
        assert found.get(("NBO", "payroll", "ALPHA")) == said, rows


def test_an_agreement_with_one_client_covers_no_other(tiny: Case, plan: Plan) -> None:
    rows = [{"provider": "NBO", "service": "payroll", "client": "ALPHA", "from": "2025-01-01"}]
    case = dg.replace(tiny, agreements=rows)
    found = kinds(case, plan)
    assert ("NBO", "payroll", "ALPHA") not in found
    assert found["NBO", "payroll", "BRAVO"][0] == "missing"
    assert [a.clients for a in dg.agreements(case, plan_of(case, plan)).agreements] == [1]


@pytest.mark.parametrize(("value", "missed"), [(89.999999, True), (90.0, False), (90.000001, False)])
def test_a_standard_just_missed_and_just_met(value: float, missed: bool, tiny: Case, plan: Plan) -> None:
    case = with_agreements(tiny, measurements=[{**VALUE, "value": value}])
    found = dg.agreements(case, plan_of(case, plan))
    assert [r.missed for r in found.indicators] == [missed]
    assert ("standard_missed" in {f.kind for f in found.findings}) is missed
    assert "nothing_promised" in {f.kind for f in found.findings}


def test_surveys_are_means_by_answers(tiny: Case, plan: Plan) -> None:
    rows = [
        {"period": "2025-06-01", "client": "ALPHA", "provider": "NBO", "score": 5, "n": 3},
        {"period": "2025-07-01", "client": "BRAVO", "provider": "NBO", "score": 1},
        {"period": "2024-07-01", "client": "BRAVO", "provider": "NBO", "score": 1, "n": 99},
    ]
    case = dg.replace(tiny, surveys=rows)
    (found,) = dg.agreements(case, plan_of(case, plan)).surveys
    assert (found.score, found.answers, found.clients) == (4.0, 4, 2)


@pytest.mark.parametrize(
    ("tables", "code", "column"),
    [
        ({"agreements": [TARGET]}, "agreement_target", "target"),
        ({"agreements": [{**TARGET, "indicator": "", "target": 3}]}, "agreement_target", "indicator"),
        ({"agreements": [{**TARGET, "target": 0}]}, "not_positive", "target"),
        ({"agreements": [{**TARGET, "target": 3, "until": "2025-01-01"}]}, "until_before_from", "until"),
        ({"agreements": [{**TARGET, "target": 3, "client": "NOBODY"}]}, "dangling_reference", "client"),
        ({"measurements": [{**VALUE, "value": 1, "indicator": "none"}]}, "dangling_reference", "indicator"),
        ({"measurements": [{**VALUE, "value": 1}, {**VALUE, "value": 2}]}, "duplicate_key", "indicator"),
        (
            {"surveys": [{"period": "2025-06-01", "client": "ALPHA", "provider": "NBO", "score": 5.5}]},
            "out_of_range",
            "score",
        ),
    ],
)
def test_what_is_refused(tables: dict[str, Any], code: str, column: str, tiny: Case) -> None:
    with pytest.raises(dg.InputError) as caught:
        with_agreements(tiny, **tables)
    assert [(i.code, i.column) for i in caught.value.issues if i.severity == "error"] == [(code, column)]


def test_the_command_writes_document_and_tables(tiny: Case, plan: Plan, tmp_path: Path) -> None:
    case = with_agreements(tiny, agreements=[{**TARGET, "target": 95}], measurements=[{**VALUE, "value": 80}])
    dg.write(case, tmp_path / "case")
    (tmp_path / "plan.json").write_text(json.dumps(plan_of(case, plan).document()), encoding="utf-8")
    told = inside("agreements", tmp_path / "case", tmp_path / "plan.json", "--out", tmp_path / "out")
    assert told.returncode == 0
    assert "standard missed: on_time of payroll at NBO for all clients: 80" in told.stdout
    names = {"agreements.json", "agreements.xlsx", *(f"{t}.csv" for t in dg.AgreementRegister.TABLES)}
    assert {p.name for p in (tmp_path / "out").iterdir()} == names
    with (tmp_path / "out" / "levels.csv").open(encoding="utf-8") as file:
        levels = {(r["provider"], r["service"]): r["score"] for r in csv.DictReader(file)}
    assert levels["NBO", "payroll"] == "0.842105"
    written = json.loads((tmp_path / "out" / "agreements.json").read_text("utf-8"))
    assert dg.AgreementRegister.from_document(written).document() == written
