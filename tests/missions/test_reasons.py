"""Why a demand moves: what cannot stay, what has no room to stay, what is cheaper elsewhere; by hand and by pricing."""

from __future__ import annotations

import pytest

from optimizer.domain.params import SolveParams
from optimizer.pipeline import solve_case
from optimizer.stating import price_case
from optimizer.studies.missions import compare, reoptimise
from optimizer.studies.missions.reasons import moves_of_plan, reasons_of
from optimizer.tables import apply_patch
from optimizer.testing import random_case
from tests.effort import share

EVENT = {"type": "change", "date": "2026-05-01"}


def changed(**tables) -> list[dict]:
    return [{**EVENT, "patch": {"tables": tables}}]


def told(result, point: int = 0) -> dict[tuple[str, str], tuple[str, list[str]]]:
    return {(m["entity"], m["service"]): (m["kind"], m["codes"]) for m in result["moved"][point]}


@pytest.mark.parametrize(
    ("tables", "code", "words"),
    [
        ({"providers": {"change": [{"id": "AGY", "status": "closed"}]}}, "closed", "AGY is closed"),
        (
            {
                "decisions": {
                    "add": [
                        {
                            "action": "forbid",
                            "entity": "CHARLIE",
                            "service": "payables",
                            "provider": "AGY",
                            "reason": "the host country asked",
                        }
                    ]
                }
            },
            "forbid",
            "the host country asked",
        ),
        (
            {
                "decisions": {
                    "add": [
                        {
                            "action": "lock",
                            "entity": "CHARLIE",
                            "service": "payables",
                            "provider": "GVA",
                            "reason": "agreed in May",
                        }
                    ]
                }
            },
            "lock",
            "a decision gives it to GVA: agreed in May",
        ),
        (
            {
                "offers": {"remove": [{"provider": "AGY", "service": "payables"}]},
                "tiers": {"remove": [{"provider": "AGY", "service": "payables", "from_volume": 0}]},
            },
            "not_offered",
            "AGY does not offer payables",
        ),
    ],
)
def test_what_cannot_stay_is_forced(tiny, applied, params, watch, tables, code, words):
    """CHARLIE's payables are at AGY; a candidate that keeps its clients would not be forced."""
    result = reoptimise(tiny, applied, changed(**tables), params, watch=watch)
    assert told(result) == {("CHARLIE", "payables"): ("forced", [code])}
    (move,) = result["moved"][0]
    assert words in move["reason"]
    assert (move["from"], move["amount"]) == ("AGY", None)
    (row,) = result["comparison"]["moved"]
    assert row["why"] == {k: move[k] for k in ("kind", "codes", "reason", "amount")}


def test_what_has_no_room_to_stay_is_needed(tiny, applied, params, watch):
    """NBO may do 200 invoices, ALPHA's 1,000 and DELTA's 200 are there: ALPHA's must go."""
    events = changed(offers={"change": [{"provider": "NBO", "service": "payables", "capacity": 200}]})
    result = reoptimise(tiny, applied, events, params, watch=watch)
    assert told(result) == {("ALPHA", "payables"): ("needed", ["line_capacity"])}
    assert "NBO has no capacity left for payables" in result["moved"][0][0]["reason"]


def test_what_is_cheaper_elsewhere_saves_what_staying_would_cost(tiny, applied, watch):
    """Of every move of the best plan: the plan with this demand back, priced, less the plan."""
    rows = {(a["entity"], a["service"]): a["provider"] for a in applied["assignments"]}
    found = reasons_of(tiny, applied)
    assert [(r["entity"], r["service"], r["from"]) for r in found] == moves_of_plan(applied)
    assert len(found) == 4
    for r in found:
        back = {**rows, (r["entity"], r["service"]): r["from"]}
        stayed = price_case(tiny, [(*k, p) for k, p in back.items()])
        extra = stayed["cost"]["total"] - applied["cost"]["total"]
        assert (r["kind"], r["amount"]) == ("saving", pytest.approx(extra, abs=0.02))


def test_a_plan_that_is_not_the_best_has_moves_that_nobody_needed(tiny):
    rows = [(c.entity, c.service, c.provider) for c in tiny.current]
    rows[0] = ("ALPHA", rows[0][1], "GVA")
    (reason,) = reasons_of(tiny, price_case(tiny, rows))
    assert reason["kind"] == "free"
    assert reason["amount"] < 0
    assert "not the cheapest" in reason["reason"]


def test_a_provider_that_is_gone_is_forced(tiny, applied):
    (reason,) = reasons_of(tiny, applied, [("ALPHA", "payroll", "VIE")])
    assert (reason["kind"], reason["codes"]) == ("forced", ["provider_gone"])
    assert reasons_of(tiny, applied, [("NOBODY", "payroll", "NBO")]) == []


def test_without_a_plan_there_are_no_reasons(tiny, applied, params, watch):
    gone = [{"id": p, "status": "closed"} for p in ("NBO", "GVA", "AGY")]
    result = reoptimise(tiny, applied, changed(providers={"change": gone}), params, watch=watch)
    assert result["points"][0]["solution"] == "infeasible"
    assert result["moved"] == [[]]


def test_each_reason_agrees_with_the_verifier_on_random_cases(pool, watch):
    """Needed: with the demand back some rule of that name is broken; saving: none is."""
    seen = {"needed": 0, "saving": 0, "forced": 0, "free": 0}
    for seed in range(share(25)):
        case = random_case(seed)
        plan = solve_case(case, SolveParams(backend="highs", time_limit_s=20), watch=watch)
        if plan["status"]["solution"] not in ("optimal", "feasible"):
            continue
        rows = {(a["entity"], a["service"]): (a["provider"], a["backup"] or "") for a in plan["assignments"]}
        for r in reasons_of(case, plan):
            seen[r["kind"]] += 1
            if r["kind"] == "forced":
                continue
            back = {**rows, (r["entity"], r["service"]): (r["from"], "")}
            stayed = price_case(case, [(*k, *p) for k, p in back.items()])
            broken = {x["rule"] for x in stayed["verification"]["rules"] if x["violations"]}
            if r["kind"] == "needed":
                assert set(r["codes"]) & broken or r["codes"] == ["backup"], (seed, r, broken)
            else:
                assert not broken, (seed, r)
                extra = stayed["cost"]["total"] - plan["cost"]["total"]
                assert r["amount"] == pytest.approx(extra, abs=0.02), (seed, r)
    assert seen["saving"] >= share(4)
    assert seen["needed"] >= share(3)


def test_moves_of_a_comparison_without_cases_have_no_reason(tiny, applied):
    other = price_case(tiny, [(c.entity, c.service, c.provider) for c in tiny.current])
    plain = compare(other, applied)
    assert plain["inputs"] is None
    assert not [m for m in plain["moved"] if "why" in m]
    known = compare(other, applied, case_a=tiny, case_b=tiny)
    assert {m["why"]["kind"] for m in known["moved"]} == {"saving"}
    assert known["inputs"] == {"tables": [], "policy": []}


def test_what_changed_in_the_input_row_by_row(tiny, applied, watch):
    case, _ = apply_patch(
        tiny,
        {
            "tables": {
                "demands": {
                    "change": [{"entity": "BRAVO", "service": "payroll", "volume": 580}],
                    "remove": [{"entity": "DELTA", "service": "payables"}],
                },
                "decisions": {"add": [{"action": "forbid", "entity": "ALPHA", "provider": "GVA", "reason": "far"}]},
                "current": {"remove": [{"entity": "DELTA", "service": "payables"}]},
            },
            "policy": {"interface_cost": 1100, "transition": {"training": 5}},
        },
    )
    plan = solve_case(case, SolveParams(backend="highs"), watch=watch)
    inputs = compare(applied, plan, case_a=tiny, case_b=case)["inputs"]
    tables = {t["table"]: t for t in inputs["tables"]}
    assert set(tables) == {"demands", "decisions", "current"}
    (change,) = tables["demands"]["changed"]
    assert change == {
        "key": {"entity": "BRAVO", "service": "payroll"},
        "cells": [{"column": "volume", "a": 480, "b": 580}],
    }
    assert [(r["entity"], r["service"]) for r in tables["demands"]["removed"]] == [("DELTA", "payables")]
    assert [r["reason"] for r in tables["decisions"]["added"]] == ["far"]
    assert tables["decisions"]["changed"] == []
    policy = {c["key"]: (c["a"], c["b"]) for c in inputs["policy"]}
    assert policy["interface_cost"] == (1000, 1100)
    assert policy["transition.training"][1] == 5
    back = compare(plan, applied, case_a=case, case_b=tiny)["inputs"]
    assert {t["table"]: (len(t["added"]), len(t["removed"])) for t in back["tables"]}["decisions"] == (0, 1)
