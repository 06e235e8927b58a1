"""Difference of two plans over time."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

import optimizer as dg
from optimizer.cli.main import app
from optimizer.domain.case import Case
from optimizer.domain.params import SolveParams
from optimizer.report import diff
from optimizer.report.diff_console import print_diff
from optimizer.stating import settle_case
from optimizer.testing import best_path, edited, random_dynamic_case

Paths = dict[tuple[str, str], dict[str, str | None]]


def settled(case: Case) -> dict[str, Any] | None:
    """The document of the best path of a small case."""
    best = best_path(case)
    return None if best is None else settle_case(case, best.rows, SolveParams(), stopped_by="user")


def other_prices(case: Case) -> Case:
    """Every second offer ten times as dear."""
    dear = {offer.key for offer in case.offers[::2]}
    tiers = (replace(t, unit_cost=t.unit_cost * 10) if (t.provider, t.service) in dear else t for t in case.tiers)
    return edited(case, tiers=tuple(tiers))


def pairs(last: int) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    cases = (random_dynamic_case(seed, feasible=True, max_paths=500) for seed in range(last))
    both = ((settled(case), settled(other_prices(case))) for case in cases)
    return [(a, b) for a, b in both if a is not None and b is not None]


def paths(plan: dict[str, Any]) -> Paths:
    begins = [p["begin"] for p in plan["horizon"]["periods"]]
    out: Paths = defaultdict(dict)
    for x in plan["assignments"]:
        for t in range(x["from_period"] - 1, x["until_period"]):
            out[x["entity"], x["service"]][begins[t]] = x["provider"]
    return out


def test_what_moved_leads_from_one_plan_to_the_other_and_years_add_up_to_the_total() -> None:
    moved = 0
    for a, b in pairs(20):
        changes = diff(a, b)
        assert json.loads(json.dumps(changes)) == changes
        led, goal = paths(a), paths(b)
        for m in changes["moved"]:
            path = led[m["entity"], m["service"]]
            inside = [begin for begin in path if m["begin"] <= begin < m["end"]]
            assert inside
            assert {path[begin] for begin in inside} == {m["from"]}
            path |= dict.fromkeys(inside, m["to"])
        assert led == goal
        total = {r["term"]: r["change"] for r in changes["cost"]}["total"]
        assert sum(y["change"] for y in changes["years"]) == pytest.approx(total, abs=0.02)
        moved += len(changes["moved"])
    assert moved > 10


def test_a_plan_does_not_differ_from_itself(mission_start_plan: dg.PlanOverTime) -> None:
    changes = diff(mission_start_plan.document(), mission_start_plan.document())
    differing = ("moved", "only_in_a", "only_in_b", "waves", "years", "sites", "rules")
    assert [changes[key] for key in differing] == [[]] * len(differing)
    assert not any(row["change"] for row in (*changes["cost"], *changes["savings"]))
    assert "Both cost the same." in changes["notes"]


def test_the_same_sources_on_other_dates_are_told_as_dates(mission_start_plan: dg.PlanOverTime) -> None:
    a, b = mission_start_plan.document(), mission_start_plan.document()
    mine = [x for x in b["assignments"] if (x["entity"], x["service"]) == ("UNMISS", "procurement")]
    mine[0]["until_period"] += 1
    mine[1]["from_period"] += 1
    (row,) = diff(a, b)["moved"]
    assert (row["kind"], row["begin"], row["end"]) == ("dates", "2027-07-01", "2027-10-01")
    mine[1]["provider"] = "UNON"
    assert {row["kind"] for row in diff(a, b)["moved"]} == {"sources"}


def test_horizons_that_differ_are_compared_where_both_are(mission_start_plan: dg.PlanOverTime) -> None:
    a, b = mission_start_plan.document(), mission_start_plan.document()
    for period in b["horizon"]["periods"]:
        period["begin"], period["end"] = (f"{int(period[k][:4]) + 1}{period[k][4:]}" for k in ("begin", "end"))
    changes = diff(a, b)
    assert (len(changes["periods"]["shared"]), len(changes["periods"]["only_in_a"])) == (12, 4)
    assert any("12 periods are in both, 16 in A and 16 in B" in note for note in changes["notes"])
    assert all(m["begin"] >= "2028" for m in changes["moved"])


def test_a_steady_plan_and_one_over_time_are_not_compared(mission_start_plan: dg.PlanOverTime) -> None:
    steady = dg.solve(dg.example("tiny")).document()
    for a, b in ((steady, mission_start_plan.document()), (mission_start_plan.document(), steady)):
        with pytest.raises(dg.HorizonNotTaken):
            diff(a, b)


@pytest.mark.slow
def test_the_terminal_and_python_show_it(mission_start_plan: dg.PlanOverTime) -> None:
    a, b = next((a, b) for a, b in pairs(20) if diff(a, b)["moved"])
    out = io.StringIO()
    print_diff(diff(a, b), Console(file=out, width=110))
    for said in ("Cost of the whole time", "Services that are elsewhere for some time", "Discounted"):
        assert said in out.getvalue()
    compared = dg.compare(dg.PlanOverTime.from_document(a), dg.PlanOverTime.from_document(b))
    assert "over the horizon, discounted" in repr(compared)
    assert list(compared.moved) == ["entity", "service", "begin", "end", "from", "to", "kind"]


def test_the_command_compares_and_says_which_file_is_no_plan(
    tmp_path: Path, mission_start: dg.Case, mission_start_plan: dg.PlanOverTime
) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(mission_start_plan.document()))
    bad.write_text(json.dumps(mission_start_plan.document() | {"waves": 3}))
    both = ["diff", str(good), str(good), "--case-a", "mission-start", "--case-b", "mission-start", "--json"]
    told = CliRunner().invoke(app, both)
    assert told.exit_code == 0, told.output
    assert json.loads(told.output)["inputs"] == {"tables": [], "policy": []}
    refused = CliRunner().invoke(app, ["diff", str(good), str(bad)])
    assert isinstance(refused.exception, dg.InputError)
    assert [(i.code, i.file) for i in refused.exception.issues] == [("plan_not_readable", "bad.json")]
