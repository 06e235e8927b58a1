"""Studies of cases with a horizon, and those that are functions of their own, over HTTP: asked, answered, kept."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest

import optimizer as dg
from optimizer.stating import check_plan
from optimizer.tables import case_from_tables
from tests.api.deciding import OPTIONS, drafted
from tests.api.serving import Api
from tests.time.cases import policy, tables

UNSURE = [
    {"table": "tiers", "key": "P2|pay|0", "column": "unit_cost", "low": 4, "high": 9, "basis": "assumed"},
]
SCENARIOS = """
[[scenario]]
name = "dearer"
policy = { transition = { travel = 9000 } }
"""


@pytest.fixture(scope="module")
def asked(shared: Any) -> Iterator[tuple[Api, str, str]]:
    """A client, a small case with a horizon and an uncertain figure, and a plan of it."""
    with Api(shared.url) as api:
        given = tables(policy=policy(transition={"travel": 1}), assumptions=UNSURE)
        case = api.case(given, name="over time")["id"]
        yield api, case, drafted(api, case)["id"]


def answered(
    api: Api, kind: str, case: str, plan: str | None, **question: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A study that has succeeded, and its answer."""
    body = {"kind": kind, "case": case, "plan": plan, "question": question, "options": OPTIONS}
    made = api.post("/v1/studies", json=body)
    assert made.status_code == 202, made.text
    study = api.ended(made.json()["links"]["self"])
    assert (study["job_status"], study["error"]) == ("succeeded", None), study
    return study, api.get(study["links"]["answer"]).json()


def refused(api: Api, body: dict[str, Any]) -> tuple[int, str]:
    answer = api.post("/v1/studies", json=body)
    return answer.status_code, answer.json()["code"]


def test_why_not_over_time_is_answered_with_a_plan_that_can_be_kept(asked: tuple[Api, str, str]) -> None:
    api, case, plan = asked
    study, answer = answered(api, "why_not", case, plan, entity="E1", service="pay", provider="P1")
    assert (study["points"], answer["points"][0]["status"]) == ({"proven": 1}, "proven")
    [row] = api.get(f"{study['links']['self']}/rows/providers").json()["items"]
    assert (row["provider"], row["verdict"]) == ("P1", "possible")
    assert row["least_extra"] > 0
    document = api.get(f"{study['links']['self']}/plans/0").json()
    assert document["schema"] == "designate.plan/2"
    kept = api.post(f"{study['links']['self']}/plans/0/keep")
    assert kept.status_code == 201, kept.text
    assert (kept.json()["state"], kept.json()["verified"]) == ("draft", True)
    assert kept.json()["figures"]["objective"] == document["bounds"]["objective"]
    assert "in the end at" in api.get(study["links"]["report"]).text


def test_limits_over_time(asked: tuple[Api, str, str]) -> None:
    api, case, plan = asked
    study, answer = answered(api, "curve", case, plan, over="moves", values=[0, 1, 2])
    assert study["points"] == {"proven": 3}
    assert [r["moves"] for r in answer["tables"]["points"]] == [0, 1, 2]
    _, answer = answered(api, "rule_price", case, plan)
    assert {r["rule"] for r in answer["tables"]["rules"]} >= {"one_switch"}
    _, answer = answered(api, "why", case, plan, entity="E1", service="pay")
    assert {r["verdict"] for r in answer["tables"]["providers"]} >= {"in plan", "possible", "refused"}


def test_scenarios_over_time(asked: tuple[Api, str, str]) -> None:
    api, case, _ = asked
    study, answer = answered(api, "scenarios", case, None, text=SCENARIOS)
    rows = {r["run"]: r for r in answer["tables"]["runs"]}
    assert set(rows) == {"base", "dearer"}
    assert rows["dearer"]["upper"] >= rows["base"]["upper"]
    assert study["tables"] == {"runs": 2}
    number = next(p["plan"] for p in answer["points"] if p["at"]["run"] == "dearer")
    kept = api.post(f"{study['links']['self']}/plans/{number}/keep")
    assert kept.status_code == 201, kept.text  # priced and checked anew, without the change of its run
    document = api.get(f"/v1/plans/{kept.json()['id']}/document").json()
    stored, _ = case_from_tables(api.get(f"/v1/plans/{kept.json()['id']}/case").json(), name="over time")
    assert check_plan(stored, document).ok


def test_a_range_is_told_with_the_report_of_its_plan(asked: tuple[Api, str, str]) -> None:
    api, case, plan = asked
    study, answer = answered(api, "range", case, plan, samples=50, reoptimise=2)
    assert (answer["document"]["schema"], answer["document"]["samples"]) == ("designate.range/1", 50)
    spread = {r["measure"]: r for r in answer["tables"]["spread"]}
    assert spread["running"]["p10"] < spread["running"]["p90"]
    assert answer["tables"]["decisions"]
    table = list(csv.DictReader(io.StringIO(api.get(f"{study['links']['self']}/tables/spread").text)))
    assert [r["measure"] for r in table] == ["running", "saving", "one_off", "npv", "break_even"]
    assert "The plan was priced in" in answer["sentences"][0]["text"]
    page = api.get(study["links"]["report"])
    assert page.status_code == 200
    assert "Who moves when" in page.text
    assert refused(api, {"kind": "range", "case": case, "plan": plan, "question": {"samples": 0}})[0] == 422


def test_a_range_without_uncertain_figures_fails_and_says_why(plain: Api) -> None:
    case = plain.case(tables(), name="sure")["id"]
    body = {"kind": "range", "case": case, "plan": drafted(plain, case)["id"], "options": OPTIONS}
    study = plain.ended(plain.post("/v1/studies", json=body).json()["links"]["self"])
    assert (study["job_status"], study["error"]["code"], study["attempts"]) == ("failed", "bad_input", 1)
    assert "no row of assumptions or paths has low and high (no_ranges)" in study["error"]["detail"]


def test_a_plan_is_planned_again_and_what_is_under_way_stays(asked: tuple[Api, str, str]) -> None:
    api, case, plan = asked
    document = api.get(f"/v1/plans/{plan}/document").json()
    first = min(w["period"] for w in document["waves"] if w["switches"])
    _, answer = answered(api, "replan", case, plan, until=first)
    assert answer["document"]["schema"] == "designate.diff/2"
    assert answer["tables"]["moved"] == []
    wave = next(w for w in document["waves"] if w["period"] == first)
    assert len(answer["tables"]["commitments"]) == wave["switches"]
    assert answer["sentences"][0]["text"] == f"What the plan does up to period {first} is committed and stays."
    late, told = answered(api, "replan", case, plan, slip=first, by=1, entity="E1")
    assert {(m["entity"], m["why"]) for m in told["tables"]["moved"]} <= {("E1", "forced"), ("E1", "needed")}
    assert told["tables"]["moved"]
    assert late["points"] == {"proven": 1}
    assert api.post(f"{late['links']['self']}/plans/0/keep").status_code == 201


def test_waves_that_are_under_way_are_committed(asked: tuple[Api, str, str]) -> None:
    api, _, _ = asked
    case = api.case(tables(policy=policy(transition={"travel": 1})), name="under way")["id"]
    plan = drafted(api, case)["id"]
    made = api.post(f"/v1/plans/{plan}/commitments", json={"until": 1})
    assert made.status_code == 201, made.text
    assert (made.json()["number"], made.json()["comment"]) == (2, f"plan {plan} up to period 1")
    rows = api.get(f"/v1/cases/{case}/revisions/2/document").json()["commitments"]
    document = api.get(f"/v1/plans/{plan}/document").json()
    begun = {a["entity"]: a["provider"] for a in document["assignments"] if a["from_period"] == 1}
    assert rows
    assert all(begun[r["entity"]] == r["provider"] for r in rows)
    again = api.post(f"/v1/plans/{plan}/commitments", json={"until": 1})
    assert (again.status_code, again.json()["number"]) == (200, 2)
    committed = api.get(f"/v1/plans/{drafted(api, case)['id']}/document").json()
    assert committed["waves"][0]["state"] == "committed"
    beyond = api.post(f"/v1/plans/{plan}/commitments", json={"until": 5})
    assert (beyond.status_code, beyond.json()["code"]) == (422, "invalid_options")
    steady = drafted(api, api.case("tiny")["id"])["id"]
    without = api.post(f"/v1/plans/{steady}/commitments", json={"until": 1})
    assert (without.status_code, without.json()["code"]) == (422, "horizon_needed")


def test_a_plan_is_planned_again_onto_another_revision(asked: tuple[Api, str, str]) -> None:
    api, _, _ = asked
    case = api.case(tables(), name="changes")["id"]
    plan = drafted(api, case)["id"]
    dearer = {"operations": [{"op": "set", "table": "policy", "row": {"transition.travel": 9000}}]}
    assert api.post(f"/v1/cases/{case}/patches", json=dearer).status_code == 201
    _, answer = answered(api, "replan", case, plan, onto_revision=2)
    assert answer["tables"]["moved"]
    missing = {"kind": "replan", "case": case, "plan": plan, "question": {"onto_revision": 3}}
    assert refused(api, missing) == (404, "not_found")
    alone = {"kind": "replan", "case": case, "plan": plan, "question": {"entity": "E1"}}
    assert refused(api, alone) == (422, "invalid_options")


def test_fair_shares_are_a_study(plain: Api) -> None:
    case = plain.case("tiny")["id"]
    plan = drafted(plain, case)["id"]
    study, answer = answered(plain, "shares", case, plan, price_list="own")
    assert answer["document"]["schema"] == "designate.shares/1"
    assert study["tables"]["clients"] == len(answer["document"]["clients"]) == 4
    known = dg.example("tiny")
    wanted = dg.fair_shares(known, dg.solve(known, backend="highs"), kind="own").document()
    assert [c["charge"] for c in answer["document"]["clients"]] == [c["charge"] for c in wanted["clients"]]
    assert answer["document"]["core"]["verdict"] == wanted["core"]["verdict"]
    assert [r["alone"] for r in answer["tables"]["clients"]] == [c["alone"] for c in wanted["clients"]]
    assert "Shapley values of entities" in plain.get(study["links"]["report"]).text
    bad = {"kind": "shares", "case": case, "plan": plan, "question": {"price_list": "mine", "samples": "few"}}
    answer = plain.post("/v1/studies", json=bad).json()
    assert (answer["code"], len(answer["issues"])) == ("invalid_request", 2)


def test_the_country_model_of_one_country_is_a_study(plain: Api) -> None:
    case = plain.case("bos-demo")["id"]
    study, answer = answered(plain, "bos", case, None)
    assert (answer["document"]["schema"], study["points"]) == ("designate.bos/1", {"proven": 1})
    wanted = dg.bos(dg.example("bos-demo"), params=dg.SolveParams(backend="highs")).document()
    assert answer["document"]["npv"] == wanted["npv"]
    assert [r["net"] for r in answer["tables"]["years"]] == [y["net"] for y in wanted["years"]]
    kept = plain.post(f"{study['links']['self']}/plans/0/keep").json()
    _, again = answered(plain, "bos", case, kept["id"])
    assert again["document"]["npv"] == wanted["npv"]


def test_countries_are_solved_one_after_the_other_as_one_study(plain: Api) -> None:
    body = {"kind": "bos_countries", "question": {"countries": ["BT", "BB"], "each_s": 10}, "name": "islands"}
    made = plain.post("/v1/studies", json=body)
    assert made.status_code == 202, made.text
    study = plain.ended(made.json()["links"]["self"])
    assert (study["job_status"], study["case"], study["revision"]) == ("succeeded", None, None), study
    rows = plain.get(f"{study['links']['self']}/rows/countries").json()["items"]
    assert [r["country"] for r in rows] == ["BB", "BT"]
    answer = plain.get(study["links"]["answer"]).json()
    assert answer["document"]["schema"] == "designate.bos-countries/1"
    assert answer["document"]["totals"]["with_plan"] == sum(r["npv"] is not None for r in rows) > 0
    assert sum(study["points"].values()) == 2
    assert "<svg" in plain.get(f"{study['links']['self']}/map").text
    assert "country teams have a plan" in plain.get(study["links"]["report"]).text
    assert plain.get(study["links"]["job"]).json()["case"] is None
    bad = {**body, "question": {"countries": ["XX"], "each_s": 0}}
    told = plain.post("/v1/studies", json=bad).json()
    assert (told["code"], "XX" in told["detail"], "each_s" in told["detail"]) == ("invalid_options", True, True)
    of_a_case = {**body, "case": plain.case("tiny")["id"]}
    assert refused(plain, of_a_case) == (422, "invalid_request")


def test_each_kind_says_which_cases_it_takes(asked: tuple[Api, str, str]) -> None:
    api, case, plan = asked
    steady = api.case("tiny")["id"]
    other = drafted(api, steady)["id"]
    assert refused(api, {"kind": "shares", "case": case, "plan": plan}) == (422, "horizon_not_taken")
    assert refused(api, {"kind": "safe", "case": case, "plan": plan}) == (422, "horizon_not_taken")
    assert refused(api, {"kind": "replan", "case": steady, "plan": other}) == (422, "horizon_needed")
    assert refused(api, {"kind": "bos", "case": steady}) == (422, "horizon_needed")
    assert refused(api, {"kind": "range", "case": case, "plan": other}) == (409, "plan_of_another_case")
    small = api.ended(api.post("/v1/studies", json={"kind": "bos", "case": case}).json()["links"]["self"])
    assert (small["job_status"], small["error"]["code"]) == ("failed", "bad_input")
    assert "planned over years" in small["error"]["detail"]


def test_options_that_make_no_sense_are_told_at_once(asked: tuple[Api, str, str]) -> None:
    """Each with its code, its place and a way out."""
    api, case, plan = asked
    question = {"samples": 0, "reoptimise": -1}
    body = {"kind": "range", "case": case, "plan": plan, "question": question, "options": OPTIONS}
    answer = api.post("/v1/studies", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_options")
    issues = answer.json()["issues"]
    assert [(i["code"], i["column"]) for i in issues] == [
        ("option_out_of_range", "samples"),
        ("option_out_of_range", "reoptimise"),
    ]
    assert all(i["remedy"] for i in issues)
