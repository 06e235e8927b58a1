"""Sentences of studies made from figures alone: which one is said, singular and plural, in every language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import optimizer as dg
from optimizer.domain.answer import counted, told
from optimizer.model.build import build_problem
from optimizer.report.language import in_language
from optimizer.solvers.diagnose.instances import instances_of, prepare
from optimizer.studies import regret_words, safe_words
from optimizer.studies.reference import with_names
from optimizer.studies.repair_changes import Give
from optimizer.studies.repair_words import MOST_TOLD, set_sentence
from optimizer.studies.search import Ends
from optimizer.studies.why_words import broken_told

KNOWN = safe_words.Known(limit=100.0, gap=50.0, by_bound=None, searched=0, cut=False, saving=0.0, shown=0)


def safe(*states: str, **known: Any) -> list[str]:
    rows = [{"state": state, "effort_fte": 1.0} for state in states]
    said = list(safe_words.sentences(rows, replace(KNOWN, **known), "USD"))
    assert [s for s in said if in_language(s, "fr") == s] == []
    return [str(s) for s in said]


def test_safe_counts_what_is_proven_believed_and_open() -> None:
    said = safe("proven", "believed", "believed", "open")
    assert said[0].startswith(
        "Proven: 1 of 4 assignments (1 FTE, 25% of the effort) is in every plan that costs at most"
    )
    assert said[1] == "Believed: for 2 (2 FTE, 50%) no such plan without them was found, but that is no proof."
    assert said[2] == "Open: 1 (1 FTE, 25%) can be elsewhere within that cost."
    assert said[3:] == ["No other whole plan within the limit is given."]
    assert safe("proven", "proven")[0].startswith("Proven: 2 of 2 assignments (2 FTE, 100% of the effort) are in")


@pytest.mark.parametrize(
    ("known", "begins"),
    [
        ({"by_bound": 3, "searched": 2}, "Bounds alone prove 3. Plans without the others were searched for in 2 cases"),
        ({"by_bound": 3, "cut": True}, "Bounds alone prove 3; the time was over before"),
        ({"by_bound": 3}, "Bounds alone prove 3."),
        ({}, "Nothing can be proven safe while a plan cheaper by up to USD 50 a year"),
        ({"saving": 7.0}, "A plan was found that costs USD 7 a year less"),
        ({"shown": 1}, "One of the other plans within the limit is given."),
        ({"shown": 2}, "2 of the plans within the limit are given"),
    ],
)
def test_safe_says_how_far_it_came(known: dict[str, Any], begins: str) -> None:
    assert [s for s in safe("believed", **known) if s.startswith(begins)]


def test_safe_speaks_of_no_plans_where_the_bound_is_above_all_of_them() -> None:
    assert len(safe("proven", gap=-101.0)) == 1


def scenario(name: str, status: str = "proven", low: float | None = 0.0, high: float | None = 0.0) -> dict[str, Any]:
    found = {"regret_lower": low, "regret_upper": high, "moves_to_adapt": 1, "detail": ""}
    return {"scenario": name, "status": status, **found}


def test_regret_is_told_for_each_scenario_and_over_all() -> None:
    rows = [
        scenario("A", "impossible", None, None),
        scenario("B", "not answered", None, None),
        scenario("C"),
        scenario("D", "proven", 5.0, 5.0),
    ]
    rivals = [
        {"plan": told(regret_words.BEST_FOR, scenario="C"), "greatest_regret_lower": 5.0, "greatest_regret_upper": 5.0}
    ]
    said = list(regret_words.sentences(rows, rivals, "USD"))
    assert [str(s) for s in said] == [
        "A: the plan cannot be held, whatever is done with the rest (proven).",
        "B: not answered (the time was over before a plan was found; give more time).",
        "C: holding the plan costs nothing more.",
        "D: holding the plan costs USD 5.00 a year more than the best plan then, which moves 1 demand.",
        "Of the plans held, the best plan for C has the least greatest regret: USD 5.00 a year.",
    ]
    assert said[3].ids == {"scenario": "D"}
    assert [s for s in said if in_language(s, "fr") == s] == []


@pytest.mark.parametrize(("lower", "told"), [(6320.0, "costs USD 6,320.00 a year more than"), (0.0, "no plan cheaper")])
def test_a_regret_without_a_bound_is_told_from_below(lower: float, told: str) -> None:
    """It was told that the time was over before a plan was found, where both plans were held."""
    (said,) = regret_words.sentences([scenario("A", "bounded", lower, None)], [], "USD")
    assert told in said
    assert said.endswith("is open.")
    assert in_language(said, "fr") != said


def test_the_least_greatest_regret_may_be_unknown() -> None:
    rivals = [{"plan": "this plan", "greatest_regret_lower": None, "greatest_regret_upper": None}]
    assert "is not known" in next(iter(regret_words.sentences([], rivals, "USD")))


def test_numbers_take_the_form_of_each_language() -> None:
    """Nothing is plural in English and singular in French."""
    said = [counted("{n} move, at most {limit}", "{n} moves, at most {limit}", n, limit=0) for n in (0, 1, 2)]
    assert said == ["0 moves, at most 0", "1 move, at most 0", "2 moves, at most 0"]
    french = [in_language(s, "fr") for s in said]
    assert french == ["0 transfert, 0 au plus", "1 transfert, 0 au plus", "2 transferts, 0 au plus"]


def test_findings_have_names_for_ids_and_keep_the_ids() -> None:
    case = dg.example("tiny")
    inner = told("backup {other} does not run {service}", other="NBO", service="payroll")
    said = with_names(case, told("{what} (decision: {why})", what=inner, why="payroll"))
    assert said == "backup Service centre, Nairobi does not run Payroll (decision: payroll)"
    assert said.ids == {"other": "NBO", "service": "payroll"}  # type: ignore[attr-defined]
    twins = dg.replace(case, providers={"change": [{"id": "GVA", "name": "Service centre, Nairobi"}]})
    assert "Service centre, Nairobi (NBO)" in with_names(twins, inner)


def test_rules_that_a_move_would_break_are_told_in_french() -> None:
    rule = {"rule": "max_moves", "entity": "", "service": "", "provider": "NBO"}
    breaks = [{**rule, "message": counted("{n} move, at most {limit}", "{n} moves, at most {limit}", 2, limit=1)}] * 4
    said = broken_told(dg.example("tiny"), breaks)
    assert said.startswith("Max moves (Service centre, Nairobi (NBO)): 2 moves, at most 1; ")
    assert said.endswith("; 1 more")
    assert in_language(said, "fr").startswith(
        "Nombre de transferts (Service centre, Nairobi (NBO)) : 2 transferts, 1 au"
    )


def test_a_repair_of_thousands_of_choices_is_told() -> None:
    """One choice stood within the other, so that the sentence of a few hundred could not be made."""
    case = dg.example("infeasible-language")
    ground = prepare(case, build_problem(case))
    refusals = [i for i in instances_of(ground) if i.rule == "refusal"]
    said = set_sentence(ground, 1, [Give(refusals[0])] * 5000, Ends("not_answered"), "USD")
    assert f"and {5000 - MOST_TOLD:,} more, in the table" in said
    assert said.as_dict()["text"] == said
    assert in_language(said, "fr") != said
