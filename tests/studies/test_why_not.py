"""``why_not``: both statements against every plan of small cases, refused pairs lifted, what else changes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

import optimizer as dg
from optimizer.cli.main import app
from optimizer.domain.answer import Answer
from optimizer.plan.given import choice_from_plan
from optimizer.report.language import LANGUAGES, in_language
from optimizer.session import Session
from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.pool import ChildPool
from optimizer.studies import placing
from optimizer.studies.lifting import lifted, withdrawn
from optimizer.studies.movers import others, put_back
from optimizer.studies.why_not_words import extra_sentence, not_answered, price_sentence
from optimizer.testing import enumerate_plans, random_case
from optimizer.verify.checker import Evaluator
from tests.effort import few
from tests.studies.brute import Drawn, drawn, holds, least, near, with_pair

QUICK = range(15)
MANY = range(15, 515)


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def wrong(seed: int, pool: ChildPool) -> list[str]:
    """What a case's answers say that is not so."""
    found = drawn(seed, pool)
    if found is None:
        return []
    demands = found.case.demands
    key = demands[seed % len(demands)].key
    answer = dg.study("why_not", found.session, found.plan, entity=key[0], service=key[1], time_limit=120)
    said = [f"{seed} all: {w}" for w in judged(found, answer, key)]
    for row in answer.tables["providers"][seed % 2 :: 2]:
        one = dg.study(
            "why_not", found.session, found.plan, entity=key[0], service=key[1], provider=row["provider"], time_limit=60
        )
        said += [f"{seed} {row['provider']}: {w}" for w in judged(found, one, key)]
    return said


def judged(found: Drawn, answer: Answer, key: tuple[str, str]) -> list[str]:
    said = []
    best = least(found.plans)
    for point, row in zip(answer.points, answer.tables["providers"], strict=True):
        who = row["provider"]
        plans, case = found.plans, found.case
        if row["verdict"] == "lifted":
            problem = found.session.problem
            case = lifted(found.session, problem.demand_index[key], problem.provider_index[who]).case
            plans = [p for p in enumerate_plans(case) if not p.unserved]
        true = with_pair(plans, key, who)
        if (point.status == "impossible") != math.isinf(true):
            said.append(f"{who} is {point.status}, {true}")
        if math.isinf(true):
            said += [f"{who} has a figure"] if row["least_extra"] is not None or row["most_extra"] is not None else []
            continue
        if point.status != "proven" or not near(point.upper, true) or not near(point.lower, true):
            said.append(f"{who}: {point} against {true}")
        if not holds(row["least_extra"], row["most_extra"], true - found.cost):
            said.append(f"{who}: extra {row} against {true - found.cost}")
        if not holds(row["least_price"], row["most_price"], true - best) or not near(row["most_price"], true - best):
            said.append(f"{who}: price {row} against {true - best}")
        if point.plan is not None:
            rows = [
                (a["entity"], a["service"], a["provider"], a["backup"] or "")
                for a in answer.plans[point.plan]["assignments"]
            ]
            seen = Evaluator(case).evaluate(rows)
            if not seen.ok or not near(seen.cost["total"], true) or {(e, s): p for e, s, p, _ in rows}[key] != who:
                said.append(f"{who}: the plan is not what is said of it")
    return said


@pytest.mark.parametrize("seed", few(QUICK, 4))
def test_both_statements_are_what_enumeration_finds(seed: int, pool: ChildPool) -> None:
    assert not wrong(seed, pool)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(MANY.start, MANY.stop, 50))
def test_both_statements_on_many(first: int, pool: ChildPool) -> None:
    assert not [w for seed in range(first, first + 50) for w in wrong(seed, pool)]


@pytest.mark.parametrize("seed", few(range(60), 12))
def test_lifting_changes_nothing_for_others(seed: int) -> None:
    case = random_case(seed, always=("lock", "forbid"))
    rows = [dict(r) for r in case.tables["decisions"]]
    if seed % 2:  # one that speaks of many, to be written out
        wide = {"action": "forbid", "entity": "*", "provider": case.providers[seed % len(case.providers)].id}
        rows = [r for r in rows if r["action"] == "forbid"] + [{**wide, "reason": "drawn"}]
    case = dg.replace(case, decisions=rows)
    with Session(case) as session:
        problem = session.problem
        for d in range(problem.n_demands):
            key = case.demands[d].key
            varied = lifted(session, d, seed % problem.n_providers).case
            assert varied.locks[key] == problem.provider_ids[seed % problem.n_providers]
            assert {k: v for k, v in varied.locks.items() if k != key} == {
                k: v for k, v in case.locks.items() if k != key
            }
            assert {f for f in varied.forbidden if f[:2] != key} == {f for f in case.forbidden if f[:2] != key}
            free = withdrawn(session, d).case
            assert {k: v for k, v in case.locks.items() if k != key} == free.locks


@pytest.fixture(scope="module")
def tiny() -> Iterator[tuple[Session, dg.Plan]]:
    with Session(dg.example("tiny")) as session:
        yield session, session.solve()


def ask(tiny: tuple[Session, dg.Plan], **given: Any) -> Answer:
    return dg.study("why_not", *tiny, **({"entity": "CHARLIE", "service": "payroll", "time_limit": 60} | given))


def test_on_tiny(tiny: tuple[Session, dg.Plan]) -> None:
    answer = ask(tiny, provider="OWN")
    row = answer.tables["providers"][0]
    assert (row["verdict"], row["status"]) == ("possible", "proven")
    assert "moves" not in answer.tables
    assert row["most_extra"] == pytest.approx(7964.61, abs=0.01)
    assert row["least_price"] == pytest.approx(7964.61, abs=0.01)
    assert "costs USD 7,964.61 a year more than the plan in hand." in answer.sentences[0]
    assert answer.sentences[0].ids == {"entity": "CHARLIE", "service": "payroll", "provider": "OWN"}
    assert answer.points[0].plan == 0


def test_providers_that_are_told_together_have_their_names(tiny: tuple[Session, dg.Plan]) -> None:
    said = [str(s) for s in ask(tiny).sentences]
    assert "Impossible by a fact that no decision lifts: Agency centre, Geneva (AGY)." in said


def test_a_provider_that_the_plan_has_is_told_as_such(tiny: tuple[Session, dg.Plan]) -> None:
    """It was priced against itself, and other demands were said to move with it."""
    answer = ask(tiny, provider="NBO")
    assert [row["verdict"] for row in answer.tables["providers"]] == ["in plan"]
    assert "already: nothing has to change" in answer.sentences[0]
    assert set(answer.tables) <= {"providers"}


def test_a_wide_interval_is_said_without_cents_and_with_what_is_not_known() -> None:
    """A bound was told to the cent: ``may cost USD 2,652,637.68 less than it``."""
    told = str(extra_sentence("X", -2_652_637.68, 33_773.78, "USD", {}))
    assert told.startswith("A plan with X costs USD 33,774 a year more than the plan in hand;")
    assert told.endswith("up to USD 2,700,000 less than the plan in hand.")
    told = str(extra_sentence("X", -2_661_686.0, -23_146.4, "USD", {}))
    assert told.startswith(
        "A plan with X costs USD 23,146 a year less than the plan in hand; the cheapest may cost up to"
    )
    told = str(price_sentence({"least_price": 0.0, "most_price": 2_695_459.9}, "USD", {}, 0.017))
    assert "at most USD 2,700,000 a year, perhaps nothing" in told


def test_an_unanswered_provider_says_what_to_do_and_what_stands_in_the_way(tiny: tuple[Session, dg.Plan]) -> None:
    """It said ``not answered (engine: search)``."""
    case = dg.replace(dg.example("tiny"), offers={"change": [{"provider": "GVA", "service": "payroll", "capacity": 1}]})
    with Session(case) as session:
        answer = ask((session, session.solve()), provider="GVA")
    assert answer.points[0].status == "impossible"
    assert answer.sentences[1].template == "If this demand alone moved there, it would break: {breaks}."
    assert "Line capacity" in answer.sentences[1]
    late = not_answered("X", {})
    assert "give more time" in late


def test_what_could_stay_is_open_where_it_was_not_tried(tiny: tuple[Session, dg.Plan]) -> None:
    """Without time, none was said to be able to stay."""
    session, plan = tiny
    problem = session.problem
    here = choice_from_plan(problem, plan.document())
    with_all_own = session.vary(policy={"max_moves": 0}).solve()
    rows = [(a.entity, a.service, a.provider or "", a.backup or "") for a in with_all_own.assignments]
    other = problem.encode(rows)
    assert others(other, here, 0)
    assert put_back(problem, other, here, 0, math.inf, lambda: True) == (other, False)
    assert put_back(problem, other, here, 0, math.inf, lambda: False)[1]


def test_a_fact_is_told_and_no_plan_is_looked_for(tiny: tuple[Session, dg.Plan]) -> None:
    answer = ask(tiny, provider="AGY")
    assert answer.points[0].status == "impossible"
    assert answer.tables["refusals"][0]["code"] == "not_offered"
    assert "no decision can change that" in answer.sentences[0]


def test_what_a_decision_forbids_is_lifted_for_this_demand_alone(tiny: tuple[Session, dg.Plan]) -> None:
    rows = [{"action": "forbid", "entity": "*", "provider": "GVA", "reason": "the site is being rebuilt"}]
    case = dg.replace(dg.example("tiny"), decisions=rows)
    with Session(case) as session:
        plan = session.solve()
        answer = dg.study("why_not", session, plan, entity="CHARLIE", service="payroll", provider="GVA")
    assert answer.tables["providers"][0]["verdict"] == "lifted"
    assert "the site is being rebuilt" in answer.sentences[0]
    others = {a["provider"] for a in answer.plans[0]["assignments"] if a["entity"] != "CHARLIE"}
    assert "GVA" not in others


def test_a_cheaper_plan_is_offered(tiny: tuple[Session, dg.Plan]) -> None:
    session = tiny[0]
    still = session.vary(policy={"max_moves": 0}).solve()
    choice = session.problem.encode([(a.entity, a.service, a.provider or "", "") for a in still.assignments])
    answer = ask((session, session.state(choice, None)), provider="GVA")
    assert any("is cheaper than the one in hand" in s for s in answer.sentences)
    assert answer.plans[-1]["cost"]["total"] == pytest.approx(tiny[1].cost.total if tiny[1].cost else 0)


def test_without_time_everything_is_said_and_nothing_made_up(tiny: tuple[Session, dg.Plan]) -> None:
    answer = ask(tiny, time_limit=0.0)
    assert len(answer.points) == 4
    for point, row in zip(answer.points, answer.tables["providers"], strict=True):
        assert point.status != "proven"
        assert row["least_extra"] is None
    stopped = dg.study("why_not", *tiny, entity="CHARLIE", service="payroll", watch=Watch(cancelled=lambda: True))
    assert len(stopped.points) == 4


def test_a_large_case_has_the_refused_lifted_for_all_while_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """They were left out, to be asked about by name."""
    forbid = {"action": "forbid", "entity": "CHARLIE", "service": "payroll", "provider": "GVA", "reason": "drawn"}
    case = dg.example("tiny")
    case = dg.replace(case, decisions=[*case.tables.get("decisions", ()), forbid])
    with Session(case) as session:
        held = (session, session.solve())
        monkeypatch.setattr(placing, "SMALL_PAIRS", -1)
        rows = {r["provider"]: r for r in ask(held).tables["providers"]}
        assert rows["GVA"]["verdict"] == "lifted"
        assert rows["GVA"]["most_extra"] is not None
        late = ask(held, time_limit=0.0)
        verdicts = {r["provider"]: r["verdict"] for r in late.tables["providers"]}
        told = {p.at["provider"]: p.detail for p in late.points}
        assert verdicts["GVA"] == "refused"
        assert told["GVA"].startswith("refused (forbid) and not lifted: the time for that was over")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"entity": "CHARLY"}, "no entity 'CHARLY'"),
        ({"provider": "GENEVA"}, "no provider 'GENEVA'"),
        ({"entity": "X", "service": "Y", "provider": "Z"}, "3 problem"),
        ({"entity": "BRAVO", "service": "payables"}, "BRAVO has no demand for payables"),
    ],
)
def test_names_that_are_not_there(tiny: tuple[Session, dg.Plan], given: dict[str, Any], told: str) -> None:
    with pytest.raises(dg.InputError, match=told):
        ask(tiny, **given)


@pytest.mark.parametrize("epsilon", [-1.0, math.nan, math.inf])
def test_an_epsilon_that_is_none(tiny: tuple[Session, dg.Plan], epsilon: float) -> None:
    with pytest.raises(dg.UsageError, match="epsilon is a number"):
        ask(tiny, epsilon=epsilon)


def test_a_plan_that_serves_a_part_is_refused() -> None:
    case = dg.replace(dg.example("infeasible-capacity"), policy={"allow_unserved": True})
    with Session(case) as session:
        plan = session.solve()
        demand = case.demands[0]
        with pytest.raises(dg.UsageError, match="unserved"):
            dg.study("why_not", session, plan, entity=demand.entity, service=demand.service)


def test_every_sentence_is_said_in_every_language(tiny: tuple[Session, dg.Plan]) -> None:
    for given in ({}, {"provider": "OWN"}, {"provider": "AGY"}, {"time_limit": 0.0}):
        for sentence in ask(tiny, **given).sentences:
            for language in LANGUAGES:
                assert "{" not in in_language(sentence, language)
            assert in_language(sentence, "fr") != sentence


def test_as_a_command(tiny: tuple[Session, dg.Plan], tmp_path: Any) -> None:
    import json

    path = tmp_path / "plan.json"
    path.write_text(json.dumps(tiny[1].document()))
    words = ["study", "why-not", "tiny", str(path), "--entity", "CHARLIE", "--service", "payroll"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "never" in done.stdout
