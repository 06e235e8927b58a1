"""``why_worse``: what an entity loses and what it costs to make that good, against every plan of small cases."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import optimizer as dg
from optimizer.domain.case import Case
from optimizer.model.conditions import beside, within
from optimizer.model.side import Side
from optimizer.model.tighter import as_tight
from optimizer.report.language import LANGUAGES, in_language
from optimizer.report.study_console import print_answer
from optimizer.session import Session
from optimizer.solvers import registry
from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.pool import ChildPool
from optimizer.studies.nearness import MEASURES, Nearness
from optimizer.studies.restoring import restored
from optimizer.testing import random_case
from optimizer.verify.checker import Evaluator
from optimizer.verify.facts import Facts
from tests.effort import few
from tests.studies.brute import Drawn, holds, least, near, of_case
from tests.studies.test_kernel import setting_of

QUICK = range(15)
MANY = range(15, 515)
MICRO = 10**6


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def case_for(seed: int) -> Case:
    return random_case(seed, always=("today", *(("languages",) if seed % 2 else ())))


class Judge:
    """Measures of an entity from the verifier's own facts."""

    def __init__(self, case: Case, entity: str) -> None:
        self.case, self.entity, self.facts = case, entity, Facts(case)
        self.keys = [
            d.key for d in case.demands if d.entity == entity and d.key in case.current_of and case.priced_today(d)
        ]

    def of(self, who: dict[tuple[str, str], str]) -> dict[str, Fraction]:
        work = weight = far = Fraction(0)
        missing: set[str] = set()
        demands = {(d.entity.id, d.service.id): d for d in self.facts.demands.values()}
        for key in self.keys:
            d, p = demands[key], who[key]
            weight += d.minutes
            hours = d.entity.work.end.hour - d.entity.work.start.hour
            minutes = d.entity.work.end.minute - d.entity.work.start.minute
            if p == "OWN":
                work += d.minutes * Fraction(60 * hours + minutes, 60)
                continue
            site = self.case.provider[p]
            shared = self.facts.calendar.overlap(d.entity.work, site.work).mean_hours
            work += d.minutes * Fraction(math.floor(shared * MICRO + 0.5), MICRO)
            far += d.minutes * Fraction(math.floor(self.facts.km(d, p) * MICRO + 0.5), MICRO)
            missing |= d.entity.languages - site.languages
        return {"overlap": work / weight, "distance": far / weight, "languages": Fraction(len(missing))}

    def losses(self, who: dict[tuple[str, str], str]) -> dict[str, Fraction]:
        today, then = self.of({k: self.case.current_of[k].provider for k in self.keys}), self.of(who)
        return {m: today[m] - then[m] if m == "overlap" else then[m] - today[m] for m in MEASURES}


def wrong(seed: int, pool: ChildPool) -> list[str]:
    """What a case's answers say that is not so."""
    found = of_case(case_for(seed), seed, pool)
    if found is None:
        return []
    said = []
    for entity in sorted({d.entity for d in found.case.demands}):
        answer = dg.study(
            "why_worse", found.session, found.plan, entity=entity, thresholds=seed % 3 == 1, time_limit=120
        )
        said += [f"{seed} {entity}: {w}" for w in judged(found, answer, entity, thresholds=seed % 3 == 1)]
    return said


def judged(found: Drawn, answer: Any, entity: str, *, thresholds: bool) -> Iterator[str]:
    judge = Judge(found.case, entity)
    if not judge.keys:
        if answer.points or answer.tables:
            yield "nothing to compare"
        return
    policy = found.case.policy
    most = {m: Fraction(0) for m in MEASURES}
    if thresholds:
        limits = policy.worse_overlap_hours, policy.worse_distance_km, policy.worse_languages
        most = {m: Fraction(str(v)) for m, v in zip(MEASURES, limits, strict=True)}
    mine = {(a.entity, a.service): str(a.provider) for a in found.plan.assignments}
    losses = judge.losses(mine)
    lost = [m for m in MEASURES if losses[m] > most[m]]
    rows = {r["measure"]: r for r in answer.tables["measures"]}
    for m in MEASURES:
        if abs(rows[m]["loss"] - float(losses[m])) > 1e-5:
            yield f"{m} {rows[m]} against {losses[m]}"
    told = {p.at["measure"]: p for p in answer.points}
    if set(told) != {*lost, *(["all"] if lost else [])}:
        yield f"{set(told)} against {lost}"
        return
    best = least(found.plans)
    kept = [(p, judge.losses(p.choice)) for p in found.plans] if lost else []
    whole = {r["measure"]: r for r in answer.tables.get("whole", ())}
    for name, point in told.items():
        measures = MEASURES if name == "all" else (name,)
        true = min((float(p.cost) for p, loss in kept if all(loss[m] <= most[m] for m in measures)), default=math.inf)
        if (point.status == "impossible") != math.isinf(true):
            yield f"{name} {point} against {true}"
        elif not math.isinf(true):
            row = whole[name]
            if point.status != "proven" or not near(point.upper, true) or not near(point.lower, true):
                yield f"{name} {point} against {true}"
            if not holds(row["least_extra"], row["most_extra"], true - found.cost):
                yield f"{name} {row} against {true - found.cost}"
            if not holds(row["least_price"], row["most_price"], true - best):
                yield f"{name} {row} against {true - best}"
            rows_of = [
                (a["entity"], a["service"], a["provider"], a["backup"] or "")
                for a in answer.plans[point.plan]["assignments"]
            ]
            if not Evaluator(found.case).evaluate(rows_of).ok:
                yield f"{name}: the plan does not hold"


@pytest.mark.parametrize("seed", few(QUICK, 4))
def test_what_is_lost_and_what_it_costs(seed: int, pool: ChildPool) -> None:
    assert not wrong(seed, pool)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(MANY.start, MANY.stop, 50))
def test_what_is_lost_on_many(first: int, pool: ChildPool) -> None:
    assert not [w for seed in range(first, first + 50) for w in wrong(seed, pool)]


@pytest.mark.parametrize("seed", few(range(20), 5))
def test_plans_restored_step_by_step_are_no_worse_than_today(seed: int, pool: ChildPool) -> None:
    """What a large case uses, on small ones: plans in hand afterwards keep every measure, or there are none."""
    found = of_case(case_for(seed), seed, pool)
    if found is None:
        return
    session, setting = found.session, setting_of(found.session)
    for entity in sorted({d.entity for d in found.case.demands}):
        measure = Nearness(session.case, session.problem, entity)
        if not measure.demands:
            continue
        options = list(measure.held(session.problem, MEASURES, 1e9, thresholds=False))
        choice = session.problem.encode(
            [(a.entity, a.service, a.provider or "", a.backup or "") for a in found.plan.assignments]
        )
        restored(setting, session, measure, choice, options, 1)
        true = Judge(session.case, entity)
        for option in options:
            held = session.held(option)
            if held is not None:
                who = {(e, s): p for e, s, p, _ in session.problem.decode(held.choice)}
                assert all(loss <= 0 for loss in true.losses(who).values())


def test_a_side_condition_is_a_row_for_some_and_unknown_to_the_engine(pool: ChildPool) -> None:
    session = Session(dg.example("tiny"), pool=pool)
    problem = session.problem
    d, p = problem.demand_index["CHARLIE", "payroll"], problem.provider_index["GVA"]
    side = Side(np.array([d]), np.array([p]), (3,), 2)
    held = beside(problem, side)
    assert as_tight(held, problem)
    assert not as_tight(problem, held)
    assert "side conditions" in registry.unknown(registry.spec("engine"), held)
    assert not registry.unknown(registry.spec("highs"), held)
    from optimizer.studies.search import least as both_ends

    ends = both_ends(setting_of(session), session, held)
    assert ends.status == "proven"
    assert ends.choice is not None
    assert int(ends.choice.provider[d]) == p
    assert within(held, ends.choice)
    never = beside(problem, Side(np.array([d]), np.array([p]), (3,), 4))
    assert both_ends(setting_of(session), session, never).status == "impossible"


@pytest.fixture(scope="module")
def tiny() -> Iterator[tuple[Session, dg.Plan]]:
    with Session(dg.example("tiny")) as session:
        yield session, session.solve()


def test_on_tiny(tiny: tuple[Session, dg.Plan]) -> None:
    entities = sorted({a.entity for a in tiny[1].assignments})
    answers = {e: dg.study("why_worse", *tiny, entity=e, time_limit=60) for e in entities}
    lost = [e for e, a in answers.items() if a.points]
    assert lost
    for e in lost:
        assert answers[e].points[-1].at["measure"] == "all"
        assert answers[e].tables["whole"][-1]["most_extra"] >= max(
            r["most_extra"] for r in answers[e].tables["whole"][:-1]
        )
    kept = [e for e, a in answers.items() if not a.points]
    assert all(answers[e].answered for e in kept)


def test_without_time_nothing_is_made_up(tiny: tuple[Session, dg.Plan]) -> None:
    session = tiny[0]
    with Session(session.case) as fresh:
        for e in sorted({a.entity for a in tiny[1].assignments}):
            for given in ({"time_limit": 0.0}, {"watch": Watch(cancelled=lambda: True)}):
                answer: Any = dg.study("why_worse", fresh, tiny[1], entity=e, **given)
                assert {p.status for p in answer.points} <= {"not_answered"}


def test_names_that_are_not_there(tiny: tuple[Session, dg.Plan]) -> None:
    with pytest.raises(dg.InputError, match="no entity 'CHARLY'"):
        dg.study("why_worse", *tiny, entity="CHARLY")


def test_every_sentence_is_said_in_every_language(tiny: tuple[Session, dg.Plan]) -> None:
    for entity in sorted({a.entity for a in tiny[1].assignments}):
        for thresholds in (False, True):
            for sentence in dg.study("why_worse", *tiny, entity=entity, thresholds=thresholds).sentences:
                for language in LANGUAGES:
                    assert "{" not in in_language(sentence, language)
                assert in_language(sentence, "fr") != sentence


def test_an_answer_is_plain_values(tiny: tuple[Session, dg.Plan]) -> None:
    """Counts of moved demands were no Python numbers: neither JSON nor the terminal could show them."""
    answer = dg.study("why_worse", *tiny, entity="DELTA", time_limit=60)
    assert any(row["own_moved"] for row in answer.tables["whole"])
    assert json.loads(json.dumps(answer.as_dict()))["tables"]["whole"]
    print_answer(answer, Console(file=io.StringIO()))
