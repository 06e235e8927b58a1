"""``why``, ``curve`` and ``rule_price`` of cases with a horizon, against every path of small ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import optimizer as dg
from optimizer.domain.answer import Answer
from optimizer.pipeline import GroundOverTime
from optimizer.plan.time.plan import PlanOverTime
from optimizer.report.language import LANGUAGES, in_language
from optimizer.report.wording import humanise
from optimizer.solvers.accept.watch import Watch
from optimizer.solvers.pool import ChildPool
from optimizer.studies.over_time.curve import OVER
from optimizer.studies.over_time.rules_on import switches_over_time
from optimizer.studies.rules_on import locks_of
from optimizer.testing.random_time import random_dynamic_case
from optimizer.testing.time_paths import best_path
from tests.effort import share
from tests.studies.test_language import catalogue
from tests.studies.test_over_time import planned
from tests.time.cases import policy, read

PARAMS = dg.SolveParams(backend="highs")


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def asked(pool: ChildPool, kind: str, case: dg.Case, plan: Any = None, **question: Any) -> Answer:
    answer = dg.study(kind, case, plan, params=PARAMS, watch=Watch(pool=pool), **question)
    for language in LANGUAGES:
        said = [in_language(s, language) for s in answer.sentences]
        assert all("{" not in s for s in said)
        assert language == "en" or [s for s, e in zip(said, answer.sentences, strict=True) if s == e] == []
    assert all(p["verification"]["ok"] for p in answer.plans)
    known, tables = catalogue("fr"), answer.tables
    names = {*tables, *(column for rows in tables.values() for row in rows for column in row)}
    states = {row[c] for rows in tables.values() for row in rows for c in ("status", "verdict") if c in row}
    assert sorted(n for n in {*map(humanise, names), *states} if n not in known) == []
    return answer


def least(case: dg.Case) -> float | None:
    best = best_path(case)
    return None if best is None else best.objective


def why_is_right(seed: int, pool: ChildPool) -> int:
    """Sources whose extra cost was compared with the verifier's, and their rules."""
    case = random_dynamic_case(seed, feasible=True, max_paths=2000)
    plan, cost = planned(case)
    ground, compared = GroundOverTime.of(case), 0
    stretches = [(a.entity, a.service, a.from_period, a.until_period) for a in plan.assignments]
    for entity, service in dict.fromkeys(s[:2] for s in stretches):
        rows = asked(pool, "why", case, plan, entity=entity, service=service).tables["providers"]
        mine = [s for s in stretches if s[:2] == (entity, service)]
        assert list(dict.fromkeys((r["from_period"], r["until_period"]) for r in rows)) == [s[2:] for s in mine]
        for a in (a for a in plan.assignments if (a.entity, a.service) == (entity, service)):
            here = [r for r in rows if r["from_period"] == a.from_period]
            assert [r["provider"] for r in here if r["chosen"]] == [a.provider]
            for row in here:
                compared += _priced(ground, plan, row, (entity, service), cost)
    return compared


def _priced(ground: GroundOverTime, plan: PlanOverTime, row: Any, key: tuple[str, str], cost: float) -> int:
    if row["verdict"] == "refused":
        assert row["refusals"]
        assert row["why_not"]
        return 0
    rows = [
        (a.entity, a.service, t, *_at(a, t, row, key))
        for a in plan.assignments
        for t in range(a.from_period, a.until_period + 1)
    ]
    broken = {v.rule for v in ground.evaluator.violations(rows)}
    assert {b["rule"] for b in row["breaks"]} <= broken or row["verdict"] != "breaks"
    if row["verdict"] == "possible" and not any(a.backup for a in plan.assignments):
        assert broken == set(), row
        extra = float(ground.evaluator.cost(rows).objective) - cost
        assert row["extra_cost"] == pytest.approx(extra, abs=0.02), row
        return 1
    return 0


def _at(a: Any, t: int, row: Any, key: tuple[str, str]) -> tuple[str, str]:
    own = (a.entity, a.service) == key and row["from_period"] <= t <= row["until_period"]
    return (row["provider"] if own else a.provider or "", a.backup or "")


def test_why_prices_what_the_verifier_prices(pool: ChildPool) -> None:
    assert sum(why_is_right(seed, pool) for seed in range(share(12, 3)))


def test_why_says_where_else_and_what_stands_against_it(pool: ChildPool) -> None:
    case = read(decisions=[{"action": "forbid", "entity": "E1", "service": "pay", "provider": "P2", "reason": "no"}])
    plan = dg.solve(case, PARAMS, watch=Watch(pool=pool))
    answer = asked(pool, "why", case, plan, entity="E1", service="pay")
    rows = {r["provider"]: r for r in answer.tables["providers"]}
    assert (rows["P1"]["verdict"], rows["P2"]["verdict"], rows["OWN"]["verdict"]) == ("in plan", "refused", "refused")
    assert "forbid" in {r["code"] for r in rows["P2"]["refusals"]}
    assert rows["P2"]["what_lifts_it"]
    with pytest.raises(dg.UsageError, match="about a plan"):
        dg.study("why", case, entity="E1", service="pay")


def varied(case: dg.Case, over: str, value: int) -> dg.Case:
    return dg.replace(case, policy={OVER[over]: {"max": value} if over == "sites" else value})


@pytest.mark.parametrize("over", ["moves", "sites", "providers", "budget"])
def test_a_curve_is_what_enumeration_finds(over: str, pool: ChildPool) -> None:
    compared = 0
    for seed in range(share(8, 2)):
        case = random_dynamic_case(seed, feasible=True, max_paths=2000)
        count = case.policy.site_count
        if over == "sites" and count is not None and count.min:
            continue
        answer = asked(pool, "curve", case, over=over, values=(1.0, 2.0, 3.0))
        for row in answer.tables["points"]:
            right = least(varied(case, over, int(row["limit"])))
            assert (row["status"] == "impossible") == (right is None), (seed, row)
            if right is not None:
                assert (row["status"], row["upper"]) == ("proven", pytest.approx(right, abs=0.02)), (seed, row)
                compared += 1
    assert compared


def test_a_curve_of_moves_begins_at_none_and_keeps_what_it_counts(pool: ChildPool) -> None:
    case = read(policy=policy(transition={"travel": 1}))
    answer = asked(pool, "curve", case, over="moves")
    rows = answer.tables["points"]
    assert [r["limit"] for r in rows] == [0, 1, 2]
    assert all(r["moves"] <= r["limit"] for r in rows)
    assert [r["upper"] for r in rows] == sorted((r["upper"] for r in rows), reverse=True)
    assert rows[0]["upper"] > rows[-1]["upper"]
    with pytest.raises(dg.UsageError, match="is over sites, moves, budget, providers"):
        dg.study("curve", case, over="mean_overlap", values=(1,))


def rules_are_right(seed: int, pool: ChildPool, *, step: bool) -> int:
    """Rules that were compared with enumeration."""
    case = random_dynamic_case(seed, feasible=True, max_paths=500)
    rows = asked(pool, "rule_price", case, step=step).tables["rules"]
    base, compared = least(case), 0
    assert base is not None
    switches = [*switches_over_time(case, steps=step), *(() if step else locks_of(case, 20))]
    assert len(rows) == len(switches)
    for switch in switches:
        ids = switch.ids or {}
        mine = [r for r in rows if (r["rule"], r["step"]) == (switch.rule, switch.step)]
        row = next(r for r in mine if (r["entity"], r["service"]) == (ids.get("entity"), ids.get("service")))
        try:
            other = dg.replace(case, policy=switch.policy, changes=switch.changes, **(switch.tables or {}))
        except dg.InputError:
            assert row["status"] == "not answered"
            continue
        best = best_path(other)
        if best is not None and row["status"] == "proven":
            assert row["saving_lower"] == pytest.approx(base - best.objective, abs=0.03), (seed, row)
            compared += 1
    return compared


@pytest.mark.parametrize("step", [False, True])
def test_a_rule_saves_what_enumeration_finds(step: bool, pool: ChildPool) -> None:
    assert sum(rules_are_right(seed, pool, step=step) for seed in range(share(8, 2)))


def test_one_rule_alone_and_one_that_is_not_on(pool: ChildPool) -> None:
    case = read(policy=policy(max_moves=0))
    [row] = asked(pool, "rule_price", case, rule="max_moves").tables["rules"]
    assert (row["status"], row["step"]) == ("proven", "off")
    assert row["saving_lower"] > 0
    with pytest.raises(dg.UsageError, match="no rule 'freeze' is on"):
        dg.study("rule_price", case, rule="freeze")
