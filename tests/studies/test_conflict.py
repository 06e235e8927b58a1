"""Conflicts as a study, against every plan of small cases: infeasible together, each rule needed, facts kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import optimizer as dg
from optimizer.domain.case import Case
from optimizer.session import Session
from optimizer.solvers.diagnose import finding
from optimizer.solvers.pool import ChildPool
from optimizer.testing import Sizes, random_case
from optimizer.verify.checker import Evaluator
from tests.effort import share
from tests.property.instances import Label, broken_sets

SMALL = Sizes(entities=(1, 2, 2, 3), services=(1, 2), providers=(2, 3))
FACTS: tuple[tuple[str, ...], ...] = (
    (),
    ("site_capacity", "line_capacity"),
    ("refusal",),
    ("minimum_volume", "max_moves", "one_off_budget", "lock"),
    ("backup", "agency_share", "site_count", "bundle_together", "max_providers_per_entity"),
)
QUICK, FULL = 15, 500


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def infeasible_cases(number: int) -> Iterator[tuple[int, Case, set[frozenset[Label]]]]:
    """Cases in which every plan breaks something, by enumeration, and no demand is left to hard facts alone."""
    seed = 1000
    while number:
        seed += 1
        case = random_case(seed, max_plans=256, sizes=SMALL)
        plans = broken_sets(case)
        if plans and frozenset() not in plans:
            number -= 1
            yield seed, case, plans


def label(case: Case, row: dict[str, Any]) -> Label:
    """The label of a row of the answer."""
    rule, where = row["rule"], row["where"] or ""
    parts = tuple(where.split("|")) if where else ()
    if rule == "lock":
        keys = [(d.entity, d.service, d.provider) for d in case.decisions]
        return rule, str(next(i for i, key in enumerate(keys) if key == parts and case.decisions[i].action == "lock"))
    if rule == "site_count":
        return (rule, {"min": "least", "max": "most"}[where]) if where in ("min", "max") else (rule, "zone", where)
    if rule == "minimum_volume":
        return (rule, *parts, "") if len(parts) == 1 else (rule, *parts)
    return (rule, *parts)


def is_fact(case: Case, evaluator: Evaluator, facts: tuple[str, ...], one: Label) -> bool:
    if one[0] in facts:
        return True
    if one[0] != "refusal":
        return False
    codes = {r.code for r in evaluator.facts.eligibility.verdict(case.demand[one[1], one[2]], one[3]).refusals}
    return "closed" in codes


def wrong(seed: int, case: Case, plans: set[frozenset[Label]], pool: ChildPool) -> list[str]:
    facts, evaluator = FACTS[seed % len(FACTS)], Evaluator(case)
    answer = dg.study("conflict", Session(case, pool=pool), facts=facts, time_limit=120)
    rows = [dict(r) for r in answer.tables["rules"]]
    named = {label(case, r) for r in rows}
    out = [] if answer.points[0].status == "impossible" else [f"{seed}: {answer.points[0]}"]
    if not answer.tables["conflict"][0]["proven_minimal"]:
        out.append(f"{seed}: not proven minimal")
    if not all(plan & named for plan in plans):
        out.append(f"{seed}: a plan keeps all of {named}")
    every_fact = {one for plan in plans for one in plan if is_fact(case, evaluator, facts, one)}
    for row in rows:
        one = label(case, row)
        fact = is_fact(case, evaluator, facts, one)
        if (row["class"] == "hard fact") != fact:
            out.append(f"{seed}: {one} is {row['class']}")
        kept = named if fact else named | every_fact
        if not any(plan & kept <= {one} for plan in plans):
            out.append(f"{seed}: {one} is idle in {named}")
    return out


def test_sets_are_infeasible_together_and_feasible_without_any_one(pool: ChildPool) -> None:
    assert not [w for seed, case, plans in infeasible_cases(share(QUICK)) for w in wrong(seed, case, plans, pool)]


def test_sets_found_on_the_few_demands_that_a_proof_names(pool: ChildPool, monkeypatch: pytest.MonkeyPatch) -> None:
    """As large cases are asked about, on small ones where every plan is known."""
    monkeypatch.setattr(finding, "LARGE_PAIRS", -1)
    assert not [w for seed, case, plans in infeasible_cases(share(QUICK)) for w in wrong(seed, case, plans, pool)]


@pytest.mark.slow
def test_a_large_case_is_answered_in_time_and_proven() -> None:
    """One site for all of the Secretariat: gave no answer in 90 s."""
    case = dg.replace(dg.example("secretariat"), policy={"site_count": {"max": 1}})
    answer = dg.study("conflict", case, time_limit=90)
    (told,) = answer.tables["conflict"]
    assert (told["infeasible_together"], told["proven_minimal"]) == ("proven", True)
    assert "site_count" in {r["rule"] for r in answer.tables["rules"]}


@pytest.mark.slow
def test_time_that_ends_on_the_way_claims_nothing_that_was_not_shown() -> None:
    case = dg.replace(dg.example("secretariat"), policy={"site_count": {"max": 1}})
    answer = dg.study("conflict", case, time_limit=4)
    for told in answer.tables.get("conflict", ()):
        shown = all(r["needed"] for r in answer.tables["rules"])
        assert shown or not told["proven_minimal"]
        assert (answer.points[0].status == "impossible") == (told["infeasible_together"] == "proven")


@pytest.mark.slow
def test_sets_on_many(pool: ChildPool) -> None:
    assert not [w for seed, case, plans in infeasible_cases(FULL) for w in wrong(seed, case, plans, pool)]


def test_a_case_with_a_plan_has_no_conflict_and_shows_the_plan() -> None:
    answer = dg.study("conflict", dg.example("tiny"), time_limit=60)
    assert answer.points[0].status in ("bounded", "proven")
    assert answer.plans[0]["verification"]["ok"]
    assert "do not conflict" in answer.sentences[0]


def test_what_nobody_offers_is_a_hard_fact() -> None:
    tiny = dg.example("tiny")
    gone = dg.replace(
        tiny,
        offers=[o for o in tiny.tables["offers"] if o["service"] != "payroll"],
        tiers=[t for t in tiny.tables["tiers"] if t["service"] != "payroll"],
        demands=[{k: v for k, v in d.items() if not k.startswith("own_")} for d in tiny.tables["demands"]],
        current=[],
        decisions=[],
    )
    answer = dg.study("conflict", gone, time_limit=60)
    assert answer.points[0].status == "impossible"
    (row,) = answer.tables["rules"]
    assert (row["rule"], row["class"], row["where"].endswith("|payroll")) == ("assign_once", "hard fact", True)
    assert len(answer.tables["others"]) == sum(d.service == "payroll" for d in tiny.demands) - 1


def test_time_that_is_over_is_no_conflict() -> None:
    answer = dg.study("conflict", dg.example("infeasible-lock"), time_limit=0.0)
    assert answer.points[0].status == "not_answered"
    assert not answer.answered


def test_choices_are_stronger_than_facts_and_places_than_rules() -> None:
    case = dg.example("infeasible-capacity")
    ask = {"facts": ("site_capacity",), "choices": ("site_capacity:NBO",), "time_limit": 60}
    rows = dg.study("conflict", case, **ask).tables["rules"]
    assert {(r["where"], r["class"]) for r in rows} == {("ADD", "hard fact"), ("NBO", "policy choice")}
    assert {r["where"]: r["told"]["ends_this_conflict"] is None for r in rows} == {"ADD": True, "NBO": False}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"facts": ("beauty",), "choices": ("truth",)}, "beauty, truth"),
        ({"facts": ("not_offered",)}, "not_offered"),
        ({"facts": ("lock",), "choices": ("lock",)}, "lock cannot be"),
        ({"facts": "lock"}, "a list of words"),
        ({"facts": (1,)}, "a list of words"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(dg.UsageError, match=told):
        dg.study("conflict", dg.example("infeasible-lock"), **given)
