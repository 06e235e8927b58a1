"""``flip``: the smallest change of one figure, against every plan of small cases on both sides of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest

import optimizer as dg
from optimizer.domain.case import Case
from optimizer.report.language import LANGUAGES, in_language
from optimizer.session import Session
from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.pool import ChildPool
from optimizer.studies.levers import CHANGES
from optimizer.studies.lifting import lifted, withdrawn
from optimizer.testing import enumerate_plans, random_case
from optimizer.verify.checker import Evaluator
from tests.effort import few
from tests.studies.brute import Drawn, of_case, with_pair

QUICK = range(15)
MANY = range(15, 515)
STEP = 1e-6

Key = tuple[str, str]


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def case_for(seed: int) -> Case:
    """Figures that bind, by the change that is asked about."""
    return random_case(seed, always=(("line_capacity", "site_capacity", "min_volume", "forbid", "lock")[seed % 5],))


def varied(case: Case, change: str, who: str, service: str, amount: float) -> Case:
    """The case after a change, made from its tables."""
    if change == "site_capacity":
        today = case.provider[who].capacity_fte
        assert today is not None
        return dg.replace(case, providers={"change": [{"id": who, "capacity_fte": round(today + amount, 6)}]})
    offer = case.offer[who, service]
    row: dict[str, Any] = {"provider": who, "service": service}
    if change == "line_capacity":
        assert offer.capacity is not None
        row["capacity"] = round(offer.capacity + amount, 6)
    else:
        row["min_volume"] = round(offer.min_volume - amount, 6)
    return dg.replace(case, offers={"change": [row]})


def least(case: Case, key: Key, who: str) -> float:
    return with_pair([p for p in enumerate_plans(case) if not p.unserved], key, who)


def wrong(seed: int, pool: ChildPool) -> list[str]:
    """What the answers about one demand of a case say that is not so."""
    found = of_case(case_for(seed), seed, pool)
    if found is None:
        return []
    demand = found.case.demands[seed % len(found.case.demands)]
    said, epsilon = [], (0.0, 0.01, 1000.0)[seed % 3]
    limit = found.cost + (epsilon * found.cost if epsilon < 1 else epsilon)
    for who in [*(p.id for p in found.case.providers), "OWN"]:
        for change in CHANGES:
            try:
                answer = dg.study(
                    "flip",
                    found.session,
                    found.plan,
                    entity=demand.entity,
                    service=demand.service,
                    provider=who,
                    change=change,
                    epsilon=epsilon,
                    time_limit=120,
                )
            except dg.UsageError:
                continue
            said += [f"{seed} {who} {change}: {w}" for w in judged(found, answer, demand.key, who, change, limit)]
    return said


def judged(found: Drawn, answer: Any, key: Key, who: str, change: str, limit: float) -> Iterator[str]:
    row = answer.tables["answer"][0]
    slack = 1e-4 + 1e-9 * limit
    if change in ("refusal", "lock"):
        problem = found.session.problem
        d = problem.demand_index[key]
        varied = (
            lifted(found.session, d, problem.provider_index[who])
            if change == "refusal"
            else withdrawn(found.session, d)
        )
        true = least(varied.case, key, who)
        if abs(true - limit) > slack and row["status"] != ("proven" if true < limit else "impossible"):
            yield f"{row} with {true} against {limit}"
        return
    base = with_pair(found.plans, key, who)
    if row["first_yes"] == 0.0:
        if base > limit + slack:
            yield f"{row} with {base} against {limit}"
        return
    if base < limit - slack:
        yield f"{row} with {base} against {limit}, no change"
    if change == "unit_cost":
        yield from priced(found, row, key, base, limit)
        return
    if row["status"] == "impossible":
        for amount in (0.0, 1.0, 1e4) if change != "minimum_volume" else (found_min(found, who, key[1]),):
            if can_vary(found.case, change, who, key[1]) and (
                least(varied_case(found, change, who, key, amount), key, who) < limit - slack
            ):
                yield f"{row}, but by {amount} it does"
        return
    if row["status"] != "proven":
        yield f"{row} is not answered"
        return
    at, before = (least(varied_case(found, change, who, key, row["first_yes"] - s), key, who) for s in (0.0, STEP))
    if at > limit + slack:
        yield f"{row}: {at} against {limit} at the first yes"
    if before < limit - slack:
        yield f"{row}: {before} against {limit} just before"
    plan = answer.plans[0]
    rows = [(a["entity"], a["service"], a["provider"], a["backup"] or "") for a in plan["assignments"]]
    seen = Evaluator(varied_case(found, change, who, key, row["first_yes"])).evaluate(rows)
    if not seen.ok or seen.cost["total"] > limit + slack:
        yield f"{row}: the plan does not hold"


def varied_case(found: Drawn, change: str, who: str, key: Key, amount: float) -> Case:
    return varied(found.case, change, who, key[1], amount)


def found_min(found: Drawn, who: str, service: str) -> float:
    return found.case.offer[who, service].min_volume


def can_vary(case: Case, change: str, who: str, service: str) -> bool:
    limit = case.provider[who].capacity_fte if change == "site_capacity" else case.offer[who, service].capacity
    return change == "minimum_volume" or limit is not None


def priced(found: Drawn, row: dict[str, Any], key: Key, base: float, limit: float) -> Iterator[str]:
    volume = found.case.demand[key].volume
    if math.isinf(base):
        if row["status"] != "impossible":
            yield f"{row} without a plan"
        return
    needed = (base - limit) / volume
    if needed > row["today"] + STEP:
        if row["status"] != "impossible":
            yield f"{row}, {needed} needed"
    elif abs(row["first_yes"] - needed) > 2 * STEP + 1e-4 / volume or row["last_no"] > needed:
        yield f"{row}, {needed} needed"


@pytest.mark.parametrize("seed", few(QUICK, 5))
def test_the_smallest_change_is_what_enumeration_finds(seed: int, pool: ChildPool) -> None:
    assert not wrong(seed, pool)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(MANY.start, MANY.stop, 50))
def test_the_smallest_change_on_many(first: int, pool: ChildPool) -> None:
    assert not [w for seed in range(first, first + 50) for w in wrong(seed, pool)]


@pytest.fixture(scope="module")
def tiny() -> Iterator[tuple[Session, dg.Plan]]:
    with Session(dg.example("tiny")) as session:
        yield session, session.solve()


def ask(tiny: tuple[Session, dg.Plan], **given: Any) -> Any:
    asked = {"entity": "CHARLIE", "service": "payroll", "provider": "GVA", "change": "unit_cost", "epsilon": 0.0}
    return dg.study("flip", *tiny, **(asked | {"time_limit": 60} | given))


def test_a_price_on_tiny(tiny: tuple[Session, dg.Plan]) -> None:
    row = ask(tiny, provider="OWN").tables["answer"][0]
    assert row["today"] == 55.0
    assert row["first_yes"] == pytest.approx(7964.61 / 720, abs=1e-4)
    assert row["first_yes"] - row["last_no"] == pytest.approx(1e-6, abs=1e-9)
    assert row["value_at_first_yes"] == pytest.approx(55 - 7964.61 / 720, abs=1e-4)


def test_where_nothing_has_to_change(tiny: tuple[Session, dg.Plan]) -> None:
    answer = ask(tiny, provider="NBO", change="line_capacity")
    assert answer.tables["answer"][0]["first_yes"] == 0.0
    assert "already: nothing has to change" in answer.sentences[0]


def test_a_plan_that_is_dearer_by_less_than_counts_is_told_with_its_price(tiny: tuple[Session, dg.Plan]) -> None:
    """It was said that nothing has to change, and not that the plan costs more."""
    answer = ask(tiny, provider="OWN", epsilon=10_000.0)
    assert "costs USD 7,965 a year more than the plan in hand, which counts as equal" in answer.sentences[0]


def test_a_figure_that_limits_nothing_is_told_as_such(tiny: tuple[Session, dg.Plan]) -> None:
    """It was called not answered, as if a longer search might find a change of it."""
    rows = [{"provider": "GVA", "service": "payroll", "min_volume": None}]
    with Session(dg.replace(dg.example("tiny"), offers={"change": rows})) as session:
        answer = ask((session, session.solve()), change="minimum_volume")
    assert "no change of that makes it cheaper" in answer.sentences[0]


def test_a_lock_and_a_refusal_on_tiny() -> None:
    lock = {"action": "lock", "entity": "CHARLIE", "service": "payroll", "provider": "GVA", "reason": "agreed"}
    forbid = {"action": "forbid", "entity": "CHARLIE", "service": "payroll", "provider": "NBO", "reason": "agreed"}
    for row, change in ((lock, "lock"), (forbid, "refusal")):
        with Session(dg.replace(dg.example("tiny"), decisions=[row])) as session:
            plan = session.solve()
            answer = ask((session, plan), provider="NBO", change=change)
            assert answer.tables["answer"][0]["first_yes"] == 1.0
            assert "it is worth it" in answer.sentences[0]
            with pytest.raises(dg.UsageError, match=f"ask for {change}"):
                ask((session, plan), provider="NBO", change="unit_cost")


def test_without_time_nothing_is_made_up(tiny: tuple[Session, dg.Plan]) -> None:
    for given in ({"time_limit": 0.0}, {"watch": Watch(cancelled=lambda: True)}):
        answer = ask(tiny, change="site_capacity", **given)
        row = answer.tables["answer"][0]
        assert (row["status"], row["last_no"], row["first_yes"]) == ("not answered", None, None)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"change": "unit_cost,line_capacity"}, "one figure, not unit_cost and line_capacity"),
        ({"change": "weather"}, "not 'weather'"),
        ({"provider": "AGY"}, "AGY does not offer payroll"),
        ({"change": "lock"}, "no decision locks"),
        ({"change": "refusal"}, "is not refused"),
        ({"provider": "OWN", "change": "site_capacity"}, "no line and no site"),
        ({"epsilon": -1.0}, "epsilon is a number"),
    ],
)
def test_what_makes_no_sense_is_refused(tiny: tuple[Session, dg.Plan], given: dict[str, Any], told: str) -> None:
    with pytest.raises(dg.UsageError, match=told):
        ask(tiny, **given)


def test_every_sentence_is_said_in_every_language(tiny: tuple[Session, dg.Plan]) -> None:
    for given in ({}, {"provider": "OWN"}, {"provider": "NBO"}, {"change": "line_capacity"}, {"time_limit": 0.0}):
        for sentence in ask(tiny, **given).sentences:
            for language in LANGUAGES:
                assert "{" not in in_language(sentence, language)
            assert in_language(sentence, "fr") != sentence
