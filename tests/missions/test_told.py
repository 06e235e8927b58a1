"""What a re-optimisation says: which entities its events name, what is wrong with a date."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console

import data
from optimizer.domain.errors import InputError
from optimizer.pipeline import solve_case
from optimizer.report.replan_console import print_reoptimisation
from optimizer.studies.missions.event import read_events
from optimizer.studies.missions.kinds import REPLAN_CATALOGUE
from optimizer.studies.missions.run import reoptimise
from optimizer.tables import read_case
from optimizer.tables.checks.problems import Problems


def finding(event: dict[str, Any]) -> Any:
    problems = Problems(REPLAN_CATALOGUE)
    read_events([event], problems)
    (issue,) = problems.found
    return issue


@pytest.mark.parametrize(
    ("date", "remedy"),
    [
        ("31/03/2026", "2026-03-31"),
        ("01/03/2026", "2026-03-01 or 2026-01-03"),
        ("soon", "YYYY-MM-DD"),
    ],
)
def test_a_date_of_another_form_is_shown_as_it_should_be_written(date: str, remedy: str) -> None:
    issue = finding({"type": "close", "date": date, "entity": "DELTA"})
    assert issue.code == "event_date"
    assert remedy in issue.remedy


def test_an_unknown_key_of_events_is_named() -> None:
    problems = Problems(REPLAN_CATALOGUE)
    read_events({"a": 1, "events": [{"type": "close", "date": "2026-03-01", "entity": "DELTA"}]}, problems)
    with pytest.raises(InputError, match="unknown key 'a'"):
        problems.raise_errors()


def test_events_are_told_with_their_entities() -> None:
    case, _ = read_case(data.case_path("tiny"))
    closes = [{"type": "close", "date": "2026-03-01", "entity": e} for e in ("BRAVO", "DELTA")]
    result = reoptimise(case, solve_case(case), closes)
    assert [e["entity"] for e in result["events"]] == ["BRAVO", "DELTA"]
    out = io.StringIO()
    print_reoptimisation(result, Console(file=out, width=200))
    assert "2 events: close BRAVO 2026-03-01, close DELTA 2026-03-01" in out.getvalue()
    assert "Nothing has to move (proven)" in out.getvalue()
    french = io.StringIO()
    print_reoptimisation(result, Console(file=french, width=200), "fr")
    assert "2 événements : fin BRAVO 2026-03-01, fin DELTA 2026-03-01" in french.getvalue()
    assert "Rien n’a à être transféré (prouvé)" in french.getvalue()
    assert "En tout" in french.getvalue()
    said = french.getvalue().partition("Findings")[0]
    assert not re.search(r"\b(moves?|saving|total a year|nothing|plan found|proven|Options: other)\b", said)


def test_reasons_of_moves_are_told_in_french() -> None:
    case, _ = read_case(data.case_path("tiny"))
    plan = solve_case(case)
    gone = {"tables": {"providers": {"change": [{"id": "AGY", "status": "closed"}]}}}
    result = reoptimise(case, plan, [{"type": "change", "date": "2026-06-01", "patch": gone}])
    assert [r["kind"] for r in result["moved"][0]] == ["forced"]
    out = io.StringIO()
    print_reoptimisation(result, Console(file=out, width=200), "fr")
    assert "• forcé : AGY est fermé" in out.getvalue()
    assert "1 transfert est nécessaire (prouvé)" in out.getvalue()
