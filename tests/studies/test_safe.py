"""``safe``: what is in every plan within a limit, against every plan of small cases."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any

import pytest

import optimizer as dg
from optimizer.domain.params import SolveParams
from optimizer.report.language import LANGUAGES, in_language
from optimizer.session import Session
from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.pool import ChildPool
from optimizer.studies import placing
from optimizer.studies.differ import farthest
from optimizer.verify.checker import Evaluator
from tests.effort import few
from tests.studies.brute import CENT, drawn

QUICK = range(15)
MANY = range(15, 515)


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def wrong(seed: int, pool: ChildPool) -> list[str]:
    """What a case's answer says that is not so."""
    found = drawn(seed, pool, nth=seed % 3)
    if found is None:
        return []
    epsilon = (0.0, 0.02, 0.2, 500.0, 20_000.0)[seed % 5]
    answer = dg.study("safe", found.session, found.plan, epsilon=epsilon, time_limit=120)
    limit = found.cost + (epsilon * found.cost if epsilon < 1 else epsilon)
    said = []
    states = {(r["entity"], r["service"]): r for r in answer.tables["assignments"]}
    for point in answer.points:
        key, who = (point.at["entity"], point.at["service"]), point.at["provider"]
        true = min((float(p.cost) for p in found.plans if p.choice[key] != who), default=math.inf)
        state = states[key]["state"]
        if abs(true - limit) > CENT and state != ("open" if true < limit else "proven"):
            said.append(f"{seed}: {key} is {state}, {true} against {limit}")
        if (state == "proven") != (point.status == "impossible"):
            said.append(f"{seed}: {key} {point}")
        low, high = states[key]["least_extra"], states[key]["most_extra"]
        if low is not None and low + found.cost > true + CENT:
            said.append(f"{seed}: {key} {low + found.cost} above {true}")
        if high is not None and high + found.cost < true - CENT:
            said.append(f"{seed}: {key} {high + found.cost} below {true}")
    for plan in answer.plans:
        rows = [(a["entity"], a["service"], a["provider"], a["backup"] or "") for a in plan["assignments"]]
        seen = Evaluator(found.case).evaluate(rows)
        if not seen.ok or seen.cost["total"] > limit + CENT:
            said.append(f"{seed}: a plan beyond the limit")
    if any(r["state"] == "open" for r in states.values()) != bool(answer.plans):
        said.append(f"{seed}: {len(answer.plans)} plans")
    return said


@pytest.mark.parametrize("seed", few(QUICK, 5))
def test_states_are_what_enumeration_finds(seed: int, pool: ChildPool) -> None:
    assert not wrong(seed, pool)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(MANY.start, MANY.stop, 50))
def test_states_on_many(first: int, pool: ChildPool) -> None:
    assert not [w for seed in range(first, first + 50) for w in wrong(seed, pool)]


@pytest.fixture(scope="module")
def tiny() -> Iterator[tuple[Session, dg.Plan]]:
    with Session(dg.example("tiny")) as session:
        yield session, session.solve()


def test_on_tiny(tiny: tuple[Session, dg.Plan]) -> None:
    none = dg.study("safe", *tiny, epsilon=0.0, time_limit=60)
    assert {r["state"] for r in none.tables["assignments"]} == {"proven"}
    assert "plans" not in none.tables
    assert none.sentences[0].startswith("Proven: 7 of 7 assignments")
    some = dg.study("safe", *tiny, epsilon=8_000.0, time_limit=60)
    state = {(r["entity"], r["service"]): r["state"] for r in some.tables["assignments"]}
    assert state["CHARLIE", "payroll"] == "open"
    assert "proven" in state.values()
    assert 1 <= len(some.plans) <= 5
    assert all(r["extra_cost"] <= 8_000 for r in some.tables["plans"])


def test_without_time_nothing_is_called_proven(tiny: tuple[Session, dg.Plan]) -> None:
    for given in ({"time_limit": 0.0}, {"watch": Watch(cancelled=lambda: True)}):
        answer: Any = dg.study("safe", *tiny, epsilon=0.0, **given)
        assert len(answer.points) == 7
        assert {p.status for p in answer.points} == {"not_answered"}
        assert {r["state"] for r in answer.tables["assignments"]} == {"believed"}


def test_plans_that_differ_most_come_first(tiny: tuple[Session, dg.Plan]) -> None:
    session, plan = tiny
    problem = session.problem
    choice = problem.encode([(a.entity, a.service, a.provider or "", "") for a in plan.assignments])

    def moved(*demands: int) -> Any:
        who = choice.provider.copy()
        who[list(demands)] = (who[list(demands)] + 1) % 2
        return type(choice)(who, choice.backup)

    options = [choice, moved(0), moved(0, 1), moved(2)]
    found = farthest(problem, choice, options, 5)
    effort = problem.effort_fte
    assert found[0] == max(range(4), key=lambda i: effort[options[i].provider != choice.provider].sum())
    assert 0 not in found
    assert len(found) == 3


def test_a_large_case_first_tells_what_bounds_prove(
    tiny: tuple[Session, dg.Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "SMALL_PAIRS", -1)
    told: list[str] = []
    watch = Watch(on_progress=lambda news: told.append(getattr(news, "phase", "")))
    answer = dg.study("safe", *tiny, epsilon=0.0, time_limit=60, watch=watch)
    assert [t for t in told if t.startswith("bounds prove ") and t.endswith(" of 7")]
    assert [s for s in answer.sentences if s.startswith("Bounds alone prove ")]
    for sentence in answer.sentences:
        assert in_language(sentence, "fr") != sentence


@pytest.mark.slow
def test_a_large_case_keeps_its_time() -> None:
    """It took 72 s of 40: plans were written out when the time was over."""
    case = dg.example("secretariat")
    with Session(case) as session:
        plan = session.solve(SolveParams(time_limit_s=20))
        began = time.monotonic()
        answer = dg.study("safe", session, plan, time_limit=40)
        assert time.monotonic() - began < 60
    assert len(answer.points) == len(case.demands)
    assert [p for p in answer.points if "time was over" in p.detail]


@pytest.mark.parametrize("epsilon", [-0.1, math.inf, math.nan])
def test_an_epsilon_that_is_none(tiny: tuple[Session, dg.Plan], epsilon: float) -> None:
    with pytest.raises(dg.UsageError, match="epsilon is a number"):
        dg.study("safe", *tiny, epsilon=epsilon)


def test_every_sentence_is_said_in_every_language(tiny: tuple[Session, dg.Plan]) -> None:
    for epsilon in (0.0, 8_000.0):
        for sentence in dg.study("safe", *tiny, epsilon=epsilon).sentences:
            for language in LANGUAGES:
                assert "{" not in in_language(sentence, language)
            assert in_language(sentence, "fr") != sentence
