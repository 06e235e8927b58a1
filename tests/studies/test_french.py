"""Answers in French: of each kind no sentence, no name of a table or column, and no word of ours stays English."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import Console

import optimizer as dg
from optimizer.domain.answer import Answer
from optimizer.report.compare_page import render_comparison
from optimizer.report.language import in_language, word
from optimizer.report.study_console import print_answer
from optimizer.report.study_page import render_study
from optimizer.report.wording import humanise
from optimizer.session import Session
from optimizer.studies.ask import STUDIES
from tests.studies.test_language import catalogue

LATER = {"interface_cost": 1500}
ONE = {"entity": "CHARLIE", "service": "payroll"}
ASKED: dict[str, dict[str, Any]] = {
    "why": ONE,
    "why_not": {**ONE, "provider": "GVA"},
    "why_worse": {"entity": "CHARLIE"},
    "flip": {**ONE, "provider": "GVA", "change": "unit_cost"},
    "safe": {},
    "rule_price": {"rule": "agency_saving"},
    "conflict": {},
    "repair": {},
    "continuity": {"weeks": 1},
    "location": {"places": ("Nairobi", "Pristina"), "impute": True},
    "curve": {"over": "moves", "values": (0, 4)},
    "pareto": {"points": 2},
    "scenarios": {"name": "agencies"},
    "regret": {"name": "one-or-two-centres"},
    "changed": {},
}


@pytest.fixture(scope="module")
def tiny() -> Iterator[tuple[Session, dg.Plan]]:
    with Session(dg.example("tiny")) as session:
        yield session, session.solve()


@pytest.fixture(scope="module")
def answers(tiny: tuple[Session, dg.Plan]) -> dict[str, Answer]:
    """One answer of each kind, on the smallest cases."""
    session, plan = tiny
    other = session.vary(policy=LATER)
    ASKED["changed"] = {"other": other.solve().document(), "other_case": dict(other.case.tables)}
    mended = {"conflict": "infeasible-lock", "repair": "infeasible-lock"}
    out = {}
    for kind, question in ASKED.items():
        if kind in mended:
            out[kind] = dg.study(kind, dg.example(mended[kind]), time_limit=60, **question)
        else:
            out[kind] = dg.study(kind, session, plan, time_limit=60, **question)
    return out


def test_every_kind_is_asked() -> None:
    assert {q.kind for q in STUDIES} == set(ASKED)


@pytest.mark.parametrize("kind", ASKED)
def test_no_sentence_stays_english(kind: str, answers: dict[str, Answer]) -> None:
    said = answers[kind].sentences
    assert said
    assert [s for s in said if in_language(s, "fr") == s] == []


@pytest.mark.parametrize("kind", ASKED)
def test_tables_and_columns_have_french_names(kind: str, answers: dict[str, Answer]) -> None:
    known = catalogue("fr")
    tables = answers[kind].tables
    names = {*tables, *(column for rows in tables.values() for row in rows for column in row), kind}
    assert sorted(n for n in map(humanise, names) if n not in known) == []
    states = {row[c] for rows in tables.values() for row in rows for c in ("status", "state", "verdict") if c in row}
    assert sorted(s for s in states if s not in known) == []


def test_the_terminal_speaks_french(answers: dict[str, Answer]) -> None:
    out = io.StringIO()
    print_answer(answers["safe"], Console(file=out, width=200), "fr")
    assert "Affectations" in out.getvalue()
    assert re.search(r"\bprouvé\b", out.getvalue())
    assert not re.search(r"\b(Assignments|proven|effort FTE|provider)\b", out.getvalue())


def test_pages_speak_french(tiny: tuple[Session, dg.Plan], answers: dict[str, Answer]) -> None:
    case = tiny[0].case
    page = render_comparison(answers["scenarios"], case, "fr")
    assert '<html lang="fr"' in page
    assert "Sans organismes" in page
    shown = re.sub(r"<(style|script)>.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    assert not re.search(r"\b(Difference|Moves|Status|proven|the case|agencies|Columns|more|less)\b", shown)
    other = render_study(answers["curve"].as_dict(), case.name, "fr")
    assert word("Points", "fr") in other
    assert "Le coût" not in render_study(answers["curve"].as_dict(), case.name)
