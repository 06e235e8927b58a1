"""A finished document says nothing that can be changed unseen, but for a few places that no case tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

import data
from optimizer.domain.case import Case
from optimizer.domain.params import SolveParams
from optimizer.domain.policy import SiteCount
from optimizer.domain.types import Decision
from optimizer.stating import check_plan, price_case, settle_case
from optimizer.tables import read_case
from optimizer.testing import edited
from optimizer.verify import Evaluator
from optimizer.verify.notices import says_no_runner_ups
from tests.effort import stride
from tests.verify.mutations import FREE, mutations
from tests.verify.test_document import RICH, ROWS

FEW = 300
"""A document of any kind has more places than this."""


TOGETHER = [(e, s, "P2" if e == "E2" else p, b) for e, s, p, b in ROWS]
"""One source for each entity."""


def every_rule() -> Case:
    """The rich case with every rule on, an entity that ends soon, and a lock."""
    ending = tuple(replace(e, end=date(2026, 9, 1)) if e.id == "E2" else e for e in RICH.entities)
    policy = replace(
        RICH.policy,
        max_providers_per_entity=2,
        agency_share_max=0.5,
        site_count=SiteCount(1, 3),
        max_moves=3,
        one_off_budget=1e6,
        mean_overlap_min=0.5,
        mean_distance_max=15000.0,
        worse_off_max=2,
        exposure_max_fte=10.0,
        site_share_max=0.9,
        bundle_mode="together",
    )
    lock = Decision("lock", "E1", "agreed", "hire", "P1")
    return edited(RICH, entities=ending, policy=policy, decisions=(lock,))


def documents() -> dict[str, tuple[Case, dict[str, Any]]]:
    tiny = read_case(data.case_path("tiny"))[0]
    cheap = [(d.entity, d.service, "NBO", "") for d in tiny.demands]
    total = settle_case(tiny, cheap, SolveParams(), stopped_by="time")["bounds"]["objective"]
    ended, params, rules = "time", SolveParams(), every_rule()
    nobody = edited(tiny, policy=replace(tiny.policy, allow_unserved=True))
    return {
        "optimal": (tiny, settle_case(tiny, cheap, params, stopped_by=ended, bound=total)),
        "feasible": (tiny, price_case(tiny, cheap)),
        "every rule": (rules, price_case(rules, TOGETHER)),
        "a part": (tiny, price_case(tiny, cheap[:-2])),
        "a part, accepted": (nobody, price_case(nobody, cheap[:-2])),
        "no plan": (tiny, settle_case(tiny, None, params, stopped_by=ended, bound=1.0)),
    }


DOCUMENTS = documents()


def test_the_documents_are_what_they_are_called() -> None:
    said = {name: plan["status"]["solution"] for name, (_, plan) in DOCUMENTS.items()}
    assert said == {
        "optimal": "optimal",
        "feasible": "feasible",
        "every rule": "feasible",
        "a part": "infeasible",
        "a part, accepted": "feasible",
        "no plan": "no_solution",
    }
    looked = {r["rule"]: r["checked"] for r in DOCUMENTS["every rule"][1]["verification"]["rules"]}
    assert all(looked.values()), looked
    assert {i["code"] for i in DOCUMENTS["every rule"][1]["issues"]} >= {"ends_soon"}
    assert {i["code"] for i in DOCUMENTS["a part"][1]["issues"]} >= {"unserved"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_as_it_was_made_has_no_mismatch(name: str) -> None:
    case, plan = DOCUMENTS[name]
    assert Evaluator(case).verify(plan, runner_ups=not says_no_runner_ups(plan), sealed=True).mismatches == ()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_change_of_meaning_is_seen(name: str) -> None:
    case, plan = DOCUMENTS[name]
    check, seen, unseen = Evaluator(case).verify, 0, []
    for what, changed in mutations(plan):
        seen += 1
        if seen % stride(1, 5):
            continue
        if not check(changed, runner_ups=not says_no_runner_ups(changed), sealed=True).mismatches:
            unseen.append(what)
    assert unseen == []
    assert seen > FEW


@pytest.mark.parametrize("path", FREE)
def test_a_free_place_must_still_be_there(path: tuple[str, str]) -> None:
    case, plan = DOCUMENTS["optimal"]
    block = {k: v for k, v in plan[path[0]].items() if k != path[1]}
    assert Evaluator(case).verify({**plan, path[0]: block}, sealed=True).mismatches


def test_a_forged_verdict_is_seen_where_a_rule_is_broken() -> None:
    case, plan = DOCUMENTS["a part"]
    found = plan["verification"]
    assert not found["ok"]
    clean = [{**r, "violations": []} for r in found["rules"]]
    forged = {**plan, "verification": {**found, "ok": True, "rules": clean}}
    paths = {m.path for m in Evaluator(case).verify(forged, sealed=True).mismatches}
    assert "verification.ok" in paths
    assert any(p.startswith("verification.rules") for p in paths)


def test_a_document_without_its_check_is_not_taken_for_a_finished_one() -> None:
    case, plan = DOCUMENTS["optimal"]
    bare = {k: v for k, v in plan.items() if k != "verification"}
    assert Evaluator(case).verify(bare, runner_ups=False).ok  # as a document is before its check
    assert [m.path for m in check_plan(case, bare).mismatches] == ["verification"]


def test_a_plan_of_another_case_is_one_mismatch_and_no_rule_is_looked_at() -> None:
    _, plan = DOCUMENTS["optimal"]
    report = Evaluator(every_rule()).verify(plan, sealed=True)
    assert [m.path for m in report.mismatches] == ["run.case_hash"]
    assert (report.ok, report.feasible, report.rules, report.cost_recomputed) == (False, False, (), None)
