"""Whatever takes steady cases only refuses a case with a horizon, and a plan of one, with one code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import optimizer as dg
from benchmarks.cases import case_instance
from optimizer.domain.steady import NOT_TAKEN, is_over_time, only_steady
from optimizer.pipeline import Ground, solve_any
from optimizer.studies.missions import apply_events, apply_to_current, reoptimise
from optimizer.studies.missions.comparison import compare
from optimizer.verify import evaluate
from tests.cli.terminal import inside

STEADY = {"schema": "designate.plan/1", "assignments": []}
EVENTS = {"schema": "designate.events/1", "events": []}


def with_case() -> dict[str, Callable[[dg.Case], Any]]:
    """Everything that takes a case."""
    return {
        "solve_case": dg.solve_case,
        "price": lambda case: dg.price(case, []),
        "why": lambda case: dg.why(case, "MISSION", "payroll"),
        "session": dg.Session,
        "study": lambda case: dg.study("conflict", case),
        "ground": Ground.of,
        "evaluate": lambda case: evaluate(case, []),
        "reoptimise": lambda case: reoptimise(case, STEADY, EVENTS),
        "bench": lambda case: case_instance("case", "mission-start", case),
        "events": lambda case: apply_to_current(case, EVENTS),
    }


@pytest.mark.parametrize("name", with_case())
def test_a_case_with_a_horizon_is_refused(name: str, case: dg.Case) -> None:
    with pytest.raises(dg.HorizonNotTaken) as refused:
        with_case()[name](case)
    assert refused.value.code == "horizon_not_taken"
    assert str(refused.value) == NOT_TAKEN.format(what="the case has a horizon")


def test_a_plan_without_a_horizon_is_no_start_over_time(case: dg.Case) -> None:
    with pytest.raises(dg.HorizonNotTaken, match=r"the plan to start from is of one without: give a designate\.plan/2"):
        solve_any(case, start=STEADY)


def test_a_plan_over_time_is_refused(plan: dg.PlanOverTime) -> None:
    tiny, document = dg.example("tiny"), plan.document()
    steady = dg.solve(tiny, backend="highs")
    refused: list[Callable[[], Any]] = [
        lambda: dg.solve(tiny, start=plan),
        lambda: dg.compare(steady, plan),
        lambda: dg.compare(plan, steady),
        lambda: dg.diff(steady.document(), document),
        lambda: compare(steady.document(), document),
        lambda: apply_events(tiny, document, EVENTS),
        lambda: dg.Plan.from_document(document),
        lambda: dg.study("changed", tiny, steady, other=document, other_case=plan.case.tables),  # type: ignore[union-attr]
    ]
    for call in refused:
        with pytest.raises(dg.HorizonNotTaken, match=r"designate\.plan/2"):
            call()


@pytest.mark.slow
def test_the_command_leaves_with_2_and_says_it_once(file: Path, steady_file: Path, tmp_path: Path) -> None:
    events, rows = tmp_path / "events.json", tmp_path / "rows.csv"
    events.write_text(json.dumps(EVENTS), encoding="utf-8")
    rows.write_text("entity,service,provider\nMISSION,payroll,RSCE\n", encoding="utf-8")
    for words in (
        ("price", "mission-start", rows),
        ("why", "mission-start", "MISSION", "payroll"),
        ("why", "tiny", "ALPHA", "payroll", "--plan", file),
        ("diff", file, steady_file),
        ("diff", steady_file, file),
        ("solve", "tiny", "--start", file),
        ("solve", "mission-start", "--start", steady_file),
        ("study", "conflict", "mission-start"),
        ("reoptimise", "mission-start", steady_file, events),
        ("reoptimise", "tiny", file, events),
        ("export", "mission-start", tmp_path / "program.lp"),
    ):
        told = inside(*words)
        assert (told.returncode, told.stdout) == (2, ""), words
        assert told.stderr.count("(horizon_not_taken)") == 1, (words, told.stderr)
        assert told.stderr.count("\n") == 1
        assert file.name in told.stderr or "the case has a horizon" in told.stderr
        as_json = inside(*words, "--json")
        assert (as_json.returncode, as_json.json["error"]) == (2, "horizon_not_taken"), words


def test_what_is_neither_is_left_to_others(case: dg.Case) -> None:
    only_steady(None, {}, STEADY, dg.example("tiny"), "text")
    assert is_over_time(case)
    assert not is_over_time({"schema": "designate.plan/1"})
