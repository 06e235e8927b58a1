"""Ranges, re-planning, fair shares and the country model as pages of the service read them in French."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

import optimizer as dg
from api.further.answers import Given, answer_further
from optimizer.domain.params import SolveParams
from optimizer.report.study_page import render_study
from optimizer.report.wording import humanise
from optimizer.solvers.accept.solve import Watch
from tests.report.fixtures.french import english_left
from tests.studies.test_language import catalogue

TERMS: dict[str, Any] = dict.fromkeys(("price_list", "price_step", "idle_by", "max_price_change_rel", "players"))
QUESTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "range": ("mission-start", {"samples": 10, "reoptimise": 1}),
    "replan": ("mission-start", {"until": 1, "slip": None, "by": 1, "entity": None, "service": None}),
    "shares": ("tiny", {**TERMS, "samples": None}),
    "bos": ("bos-demo", {}),
    "bos_countries": ("", {"countries": ["UY"], "each_s": 5}),
}


class Nothing:
    """A book in which nothing stands."""

    def known(self, key: str) -> None:
        """Nothing is."""

    def answered(self, *_: Any) -> None:
        """Nothing is kept."""


@pytest.fixture(scope="module")
def answers(mission_start_plan: dg.PlanOverTime) -> dict[str, dict[str, Any]]:
    """Each answer as it is kept, after a way through JSON."""
    tiny = dg.example("tiny")
    plans: dict[str, Any] = {"mission-start": mission_start_plan, "tiny": dg.solve(tiny, backend="highs")}
    out = {}
    for kind, (name, question) in QUESTIONS.items():
        case = dg.example(name) if name else None
        plan = plans[name].document() if name in plans else None
        given = Given(case, plan, None, SolveParams(time_limit_s=20), 60.0, Watch(), Nothing())  # type: ignore[arg-type]
        out[kind] = json.loads(json.dumps(answer_further(kind, question, given)))
    return out


def names(kind: str) -> Iterator[str]:
    """What the case calls things."""
    if QUESTIONS[kind][0]:
        case = dg.example(QUESTIONS[kind][0])
        for row in (*case.entities, *case.providers, *case.services):
            yield row.name


@pytest.mark.parametrize("kind", QUESTIONS)
def test_no_word_of_the_page_stays_english(kind: str, answers: dict[str, dict[str, Any]]) -> None:
    answer = answers[kind]
    assert answer["sentences"]
    assert english_left(render_study({**answer, "plans": []}, "x", "fr"), names(kind)) == []
    assert english_left(render_study({**answer, "plans": []}, "x"), names(kind))


@pytest.mark.parametrize("kind", QUESTIONS)
def test_tables_and_columns_have_french_names(kind: str, answers: dict[str, dict[str, Any]]) -> None:
    tables = answers[kind]["tables"]
    found = {*tables, *(column for rows in tables.values() for row in rows for column in row), kind}
    assert sorted(n for n in map(humanise, found) if n not in catalogue("fr")) == []
