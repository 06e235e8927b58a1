"""Studies of cases with a horizon, against every path of small ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import optimizer as dg
from optimizer.domain.answer import Answer
from optimizer.plan.time.plan import PlanOverTime
from optimizer.report.language import LANGUAGES, in_language
from optimizer.solvers.accept.watch import Watch
from optimizer.solvers.pool import ChildPool
from optimizer.stating import settle_case
from optimizer.testing.random_time import random_dynamic_case
from optimizer.testing.time_paths import best_path
from tests.cli.terminal import inside
from tests.effort import share
from tests.studies.test_book import Pages
from tests.time.cases import policy, read

PARAMS = dg.SolveParams(backend="highs")


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def planned(case: dg.Case) -> tuple[PlanOverTime, float]:
    """The best plan by enumeration, and its cost."""
    best = best_path(case)
    assert best is not None
    document = settle_case(case, best.rows, dg.SolveParams(), stopped_by="finished")
    return PlanOverTime.from_document(document, case), best.objective


def ending(case: dg.Case, key: tuple[str, str], source: str) -> float | None:
    """The least cost with a demand held at a source in its last period; a decision would set other rules aside."""
    best = best_path(case, ending={key: source})
    return None if best is None else best.objective


def why_not_is_right(seed: int, pool: ChildPool) -> int:
    """Rows that were compared with enumeration."""
    case = random_dynamic_case(seed, feasible=True, max_paths=2000)
    plan, cost = planned(case)
    last = plan.assignments[0]
    answer = dg.study(
        "why_not", case, plan, entity=last.entity, service=last.service, params=PARAMS, watch=Watch(pool=pool)
    )
    compared = 0
    for row in answer.tables["providers"]:
        if row["verdict"] != "possible":
            continue
        least = ending(case, (last.entity, last.service), row["provider"])
        assert (row["status"] == "impossible") == (least is None), (seed, row)
        if least is not None:
            assert row["status"] == "proven", (seed, row)
            assert row["most_extra"] == pytest.approx(least - cost, abs=0.02), (seed, row)
            assert row["least_extra"] <= least - cost + 0.02, (seed, row)
            assert row["most_price"] >= -0.02, (seed, row)
            compared += 1
    return compared


def test_why_not_says_what_enumeration_finds(pool: ChildPool) -> None:
    assert sum(why_not_is_right(seed, pool) for seed in range(share(12, 2)))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_why_not_says_what_enumeration_finds_in_many_cases(part: int, pool: ChildPool) -> None:
    assert sum(why_not_is_right(seed, pool) for seed in range(part * 25, part * 25 + 25)) > 5


def test_one_source_is_told_with_its_plan_and_who_else_moves(pool: ChildPool) -> None:
    case = read(policy=policy(max_moves_per_period=1, transition={"travel": 1}))
    plan = dg.solve(case, PARAMS, watch=Watch(pool=pool))
    assert isinstance(plan, PlanOverTime)
    answer = dg.study(
        "why_not", case, plan, entity="E1", service="pay", provider="P1", params=PARAMS, watch=Watch(pool=pool)
    )
    [row] = answer.tables["providers"]
    assert (row["verdict"], row["status"]) == ("possible", "proven")
    assert row["least_extra"] > 0
    [document] = answer.plans
    assert document["verification"]["ok"]
    told = [str(s) for s in answer.sentences]
    assert "discounted, over the horizon" in told[0]
    assert any("Other demands that go another way" in s for s in told)
    said_in_every_language(answer)


def said_in_every_language(answer: Answer) -> None:
    for language in LANGUAGES:
        assert all("{" not in in_language(s, language) for s in answer.sentences)


SCENARIOS = """
[[scenario]]
name = "dearer moves"
policy = { transition = { travel = 9000 } }

[[scenario]]
name = "closed"
patch = { tables = { providers = { change = [{ id = "P2", status = "closed" }] } } }
"""


def test_scenarios_say_what_enumeration_finds(pool: ChildPool) -> None:
    case = read()
    answer = dg.study("scenarios", case, text=SCENARIOS, params=PARAMS, watch=Watch(pool=pool))
    rows = {row["run"]: row for row in answer.tables["runs"]}
    changed = {
        "base": case,
        "dearer moves": dg.replace(case, policy={"transition": {"travel": 9000}}),
        "closed": dg.replace(case, providers={"change": [{"id": "P2", "status": "closed"}]}),
    }
    for name, of in changed.items():
        best = best_path(of)
        assert best is not None
        assert rows[name]["status"] == "proven"
        assert rows[name]["upper"] == pytest.approx(best.objective, abs=0.02)
    assert rows["closed"]["told_apart"]
    assert len(answer.plans) == 3
    assert all(plan["verification"]["ok"] for plan in answer.plans)
    said_in_every_language(answer)


def test_the_command_writes_an_answer_over_time(tmp_path: Path) -> None:
    case = read(policy=policy())
    plan = dg.solve(case, PARAMS)
    dg.write(case, tmp_path / "case.json")
    (tmp_path / "plan.json").write_text(json.dumps(plan.document()), encoding="utf-8")
    shown = inside(
        *("study", "why-not", tmp_path / "case.json", tmp_path / "plan.json", "--entity", "E1", "--service", "pay"),
        *("--backend", "highs", "--out", tmp_path / "out"),
    )
    assert shown.returncode == 0, shown.stderr
    assert (tmp_path / "out" / "providers.csv").exists()


def test_a_plan_of_another_case_and_kinds_that_stay_steady_are_refused() -> None:
    case = read()
    steady = dg.solve(dg.example("tiny"), backend="highs")
    with pytest.raises(dg.UsageError, match="another case"):
        dg.study("why_not", case, steady, entity="E1", service="pay")
    with pytest.raises(dg.HorizonNotTaken):
        dg.study("pareto", case)


@pytest.mark.parametrize("kind", ["why_not", "scenarios"])
def test_what_is_in_the_book_is_not_searched_again(kind: str, pool: ChildPool) -> None:
    case = read(policy=policy(transition={"travel": 1}))
    plan = dg.solve(case, PARAMS, watch=Watch(pool=pool))
    assert isinstance(plan, PlanOverTime)
    asked = {"text": SCENARIOS} if kind == "scenarios" else {"entity": "E1", "service": "pay"}
    book = Pages()
    first = dg.study(kind, case, plan, params=PARAMS, watch=Watch(pool=pool), book=book, **asked).as_dict()
    assert book.kept
    stopped = Watch(cancelled=lambda: True)
    again = dg.study(kind, case, plan, params=PARAMS, watch=stopped, book=book, time_limit=0, **asked).as_dict()
    for name in ("points", "tables", "sentences"):
        assert again[name] == first[name]
    nothing = dg.study(kind, case, plan, params=PARAMS, watch=stopped, time_limit=0, **asked).as_dict()
    assert nothing["points"] != first["points"]
