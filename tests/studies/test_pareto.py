"""Pareto sets against enumeration: every point the least cost under its limits, ties broken, nothing dominated."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

import optimizer as dg
from optimizer.report.language import in_language
from optimizer.session import Session
from optimizer.solvers.pool import ChildPool
from optimizer.studies.measures import MEASURES
from optimizer.studies.pareto import _sentences
from optimizer.testing import enumerate_plans, random_case
from tests.effort import few
from tests.studies.brute import CENT

SETS = ("cost,mean_distance", "cost,moves", "cost,agency_share", "cost,site_share", "cost,mean_overlap", "moves,cost")


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def wrong_front(seed: int, pool: ChildPool, over: str, points: int) -> list[str]:
    case = random_case(seed)
    session = Session(case, pool=pool)
    answer = dg.study("pareto", session, over=over, points=points, time_limit=120)
    problem = session.problem
    measures = [MEASURES[n] for n in over.split(",") if n != "cost"]
    plans = []
    for p in (p for p in enumerate_plans(case) if not p.unserved):
        choice = problem.encode([(e, s, who, b or "") for e, s, who, b in p.rows])
        plans.append((float(p.cost), {m.name: m.of(problem, choice) for m in measures}))
    found = []
    for row in answer.tables["grid"]:
        fit = [(cost, at) for cost, at in plans if all(_keeps(m, at[m.name], row[f"limit_{m.name}"]) for m in measures)]
        least = min((cost for cost, _ in fit), default=math.inf)
        if math.isinf(least):
            if row["status"] != "impossible":
                found.append(f"{seed}: {row} has no plan")
        elif row["status"] != "proven" or abs(row["upper"] - least) > CENT:
            found.append(f"{seed}: {row} against {least}")
    for row in answer.tables["front"]:
        better = [at for cost, at in plans if _beats(cost, at, row, measures)]
        if better:
            found.append(f"{seed}: {row} is beaten by {better[0]}")
    return found


def _keeps(measure: object, value: float | None, limit: float | None) -> bool:
    assert hasattr(measure, "more")
    if limit is None or value is None:
        return True
    return value >= limit - 1e-9 if measure.more else value <= limit + 1e-9


def _beats(cost: float, at: dict[str, float | None], row: dict[str, object], measures: list[object]) -> bool:
    """As cheap and better in a measure, no worse in any; cheaper ones at the same limits are looked at elsewhere."""
    if cost > float(row["upper"]) + 1e-6:  # type: ignore[arg-type]
        return False
    ahead = False
    for m in measures:
        mine, theirs = at[m.name], row[m.name]  # type: ignore[attr-defined]
        if mine is None or theirs is None:
            return False
        if m.better(theirs, mine):  # type: ignore[attr-defined]
            return False
        ahead = ahead or m.better(mine, theirs)  # type: ignore[attr-defined]
    return ahead


@pytest.mark.parametrize("seed", few(range(10), 4))
def test_fronts_are_what_enumeration_finds(seed: int, pool: ChildPool) -> None:
    assert not wrong_front(seed, pool, SETS[seed % len(SETS)], 4)


@pytest.mark.parametrize("seed", few(range(2), 1))
def test_three_at_once(seed: int, pool: ChildPool) -> None:
    assert not wrong_front(seed, pool, "cost,mean_distance,moves", 3)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(10, 510, 50))
def test_fronts_are_what_enumeration_finds_on_many(first: int, pool: ChildPool) -> None:
    assert not [w for s in range(first, first + 50) for w in wrong_front(s, pool, SETS[s % len(SETS)], 4)]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"over": "moves,site_share"}, "cost and one or two"),
        ({"over": "cost"}, "cost and one or two"),
        ({"over": "cost,beauty"}, "cost and one or two"),
        ({"over": "cost,moves,moves"}, "cost and one or two"),
        ({"points": 1}, "from 2 to 100"),
        ({"over": "cost,moves,site_share", "points": 11}, "from 2 to 10"),
    ],
)
def test_what_makes_no_sense_is_refused(asked: dict[str, object], told: str) -> None:
    with pytest.raises(dg.UsageError, match=told):
        dg.study("pareto", dg.example("tiny"), **asked)


def test_holes_are_told() -> None:
    answer = dg.study("pareto", dg.example("tiny"), time_limit=0.0)
    assert not answer.answered
    assert not answer.tables["front"]
    assert any("not answered" in s for s in answer.sentences)


def test_what_a_plan_reaches_is_said_in_the_readers_language() -> None:
    """A bound is told as a bound, the plan's own cost beside it, and measures by their names."""
    measures = [MEASURES["mean_distance"], MEASURES["agency_share"]]
    row = {
        "point": 0,
        "status": "bounded",
        "lower": 900.0,
        "upper": 1000.0,
        "mean_distance": 5478.75,
        "agency_share": 0.25,
    }
    said = list(_sentences([row], [row], measures, "USD"))
    assert said[0] == "Plans that no other plan found betters in every respect: 1; limits tried: 1."
    assert said[1] == (
        "mean distance 5,479 km; share of agencies in the effort 25%: a plan costs USD 1,000.00 a year;"
        " at least USD 900 is needed in any case."
    )
    assert in_language(said[1], "fr").startswith("distance moyenne de 5\N{NARROW NO-BREAK SPACE}479 km")
    empty = {"point": 0, "status": "not answered", "lower": None, "upper": None}
    assert "No plan was found; limits tried: 1." in list(_sentences([], [empty], measures, "USD"))
