"""Drawings of answers: what is drawn is what the tables say."""

from __future__ import annotations

from typing import Any

import pytest

import optimizer as dg
from optimizer.report.study_charts import study_chart


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, Any]]:
    case = dg.example("tiny")
    return {
        "curve": dg.study("curve", case, over="moves", values=(0, 1, 2, 4)).as_dict(),
        "pareto": dg.study("pareto", case, over="cost,mean_distance", points=4).as_dict(),
        "rule_price": dg.study("rule_price", case, dg.solve(case)).as_dict(),
    }


def test_a_curve_has_a_dot_at_each_limit(answers: dict[str, dict[str, Any]]) -> None:
    drawn = study_chart(answers["curve"])
    assert drawn is not None
    rows = answers["curve"]["tables"]["points"]
    assert [x for x, _ in drawn["dots"]] == [0.0, 250.0, 500.0, 1000.0]
    heights = [drawn["top"] - y * (drawn["top"] - drawn["bottom"]) / 300 for _, y in drawn["dots"]]
    assert heights == [pytest.approx(r["upper"], rel=2e-3) for r in rows]
    assert drawn["ends"] == ["0", "4"]


def test_a_front_is_drawn_over_its_measure(answers: dict[str, dict[str, Any]]) -> None:
    drawn = study_chart(answers["pareto"], "fr")
    assert drawn is not None
    assert len(drawn["dots"]) == len(answers["pareto"]["tables"]["front"])
    assert [x for x, _ in drawn["dots"]] == sorted(x for x, _ in drawn["dots"])
    assert drawn["title"] == "Moindre coût par an"


def test_a_rule_has_a_bar_as_long_as_its_price(answers: dict[str, dict[str, Any]]) -> None:
    drawn = study_chart(answers["rule_price"])
    assert drawn is not None
    rows = [r for r in answers["rule_price"]["tables"]["rules"] if r["saving_lower"] is not None]
    most = max(r["saving_upper"] for r in rows)
    for bar, row in zip(drawn["bars"], rows, strict=True):
        assert bar["spans"][0][2] == pytest.approx(100 * row["saving_lower"] / most, abs=0.01)


def test_what_says_too_little_has_no_drawing(answers: dict[str, dict[str, Any]]) -> None:
    one = {**answers["curve"], "tables": {"points": answers["curve"]["tables"]["points"][:1]}}
    assert study_chart(one) is None
    assert study_chart({"kind": "safe", "question": {}, "tables": {}}) is None
