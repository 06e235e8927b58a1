"""Nothing of a request is dropped or chosen for the sender: bodies, queries, names, periods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.serving import Api
from tests.api.waiting import until
from tests.time.cases import tables

JSON = {"content-type": "application/json"}
ODD = ("\x7f", "\x9b", "\x85", "\u2028", "\u202e", "\x00", "\u200b", "\ufeff", "\u2060", "\xad")


def refused(answer: httpx.Response, code: str, column: str) -> dict[str, Any]:
    """The issue for which a request was refused before anything was done."""
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), answer.text
    (issue,) = answer.json()["issues"]
    assert (issue["code"], issue["column"]) == (code, column)
    out: dict[str, Any] = issue
    return out


@pytest.fixture(scope="module")
def case(shared: Any) -> Iterator[str]:
    """A case of the service on SQLite."""
    with Api(shared.url) as api:
        yield api.case("tiny")["id"]


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ('{"case": "CASE", "case": "cas_0000000000000000000000000000"}', "duplicate_key", "body"),
        ('{"case": "CASE", "options": {"seed": 1, "seed": 2}}', "duplicate_key", "body"),
        ('{"case": "CASE", "options": {"time_limit_s": NaN}}', "not_a_number", "body"),
        ('{"case": "CASE", "options": {"time_limit_s": 1e400}}', "number_too_large", "body"),
        ('{"case": "CASE", "name": "\\ud800"}', "odd_character", "body.name"),
        ('{"case": "CASE", "name": "a\\u0000"}', "odd_character", "body.name"),
        ('{"case": "CASE", "\\ud800": 1}', "odd_character", "body"),
    ],
)
def test_json_is_read_to_the_letter(plain: Api, case: str, text: str, code: str, column: str) -> None:
    body = text.replace("CASE", case)
    for sent in (body, body[:-1] + " " * 120_000 + "}"):  # large ones are read by a thread
        assert refused(plain.post("/v1/plans", content=sent, headers=JSON), code, column)["remedy"]
    assert not plain.get("/v1/plans", params={"case": case, "limit": 1}).json()["items"]


@pytest.mark.parametrize("value", ["NaN", "-Infinity", "1e400", '"\\ud800"', '"a\\u0000"', '{"k": 1, "k": 2}'])
def test_documents_within_a_question_are_no_way_around_it(plain: Api, case: str, value: str) -> None:
    asked = f'{{"tables": {{"scores": [{{"value": {value}}}]}}}}'
    body = f'{{"kind": "location", "case": "{case}", "question": {asked}}}'
    answer = plain.post("/v1/studies", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), answer.text


def test_escapes_that_stand_for_characters_are_taken(plain: Api, case: str) -> None:
    body = f'{{"case": "{case}", "name": "\\ud83d\\ude00 \\\\u0000", "options": {{"time_limit_s": 5}}}}'
    made = plain.post("/v1/plans", content=body, headers=JSON)
    assert made.status_code == 202, made.text
    assert made.json()["name"] == "\U0001f600 \\u0000"
    plain.post(made.json()["links"]["cancel"])


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "text/plain", "", "application/jsonx"])
def test_what_does_not_say_that_it_is_json_is_not_taken_for_it(plain: Api, case: str, media_type: str) -> None:
    headers = {"content-type": media_type} if media_type else {}
    answer = plain.post("/v1/plans", content=f'{{"case": "{case}"}}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type"), answer.text
    assert answer.json()["accepted"] == ["application/json"]


def test_a_slip_in_the_name_of_a_filter_does_not_filter_nothing(plain: Api, case: str) -> None:
    issue = refused(plain.get("/v1/audit", params={"since": "2026-01-01"}), "unknown_parameter", "query.since")
    assert "subject" in issue["remedy"]
    plan = plain.submit(case, options={"time_limit_s": 5})
    refused(plain.get(plan["links"]["self"], params={"wait": "1"}), "unknown_parameter", "query.wait")
    refused(plain.get("/v1/plans?limit=1&limit=2"), "repeated_parameter", "query.limit")
    answer = plain.post("/v1/cases", params={"nam": "x"}, json=plain.example("tiny"))
    refused(answer, "unknown_parameter", "query.nam")
    assert plain.get("/health/ready", params={"probe": "1"}).status_code == 200
    stranger = plain.get("/v1/plans", params={"x": "1"}, headers={"Authorization": "Bearer none"})
    assert stranger.status_code == 401  # who may not ask is not told what could be asked


@pytest.mark.parametrize("text", ["1_0", "+1", "1.0", " 1", "\u0661"])
def test_numbers_of_a_query_are_digits(plain: Api, text: str) -> None:
    issue = refused(plain.get("/v1/plans", params={"limit": text}), "whole_number", "query.limit")
    assert issue["message"] == "a whole number is asked for"


@pytest.mark.parametrize("odd", ODD)
def test_names_have_no_character_that_poses_or_moves_a_cursor(plain: Api, case: str, odd: str) -> None:
    name, decision = f"a{odd}b", {"action": "lock", "service": "payroll", "reason": "r"}
    for path, body in (
        ("/v1/plans", {"case": case, "name": name}),
        ("/v1/plans", {"case": case, "tags": [name]}),
        ("/v1/schedules", {"name": name}),
        ("/v1/baselines", {"case": case, "name": name}),
        ("/v1/keys", {"name": name, "role": "viewer"}),
        ("/v1/workspaces", {"name": name}),
        (f"/v1/cases/{case}/decisions", {**decision, "entity": name}),
    ):
        answer = plain.post(path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), (path, answer.text)
        assert "match pattern" not in answer.text
        assert "Value error" not in answer.text


@pytest.mark.slow
def test_a_period_that_the_plan_does_not_have(plain: Api) -> None:
    over_time = plain.until(plain.submit(plain.case(tables())["id"], options={"time_limit_s": 60})["id"])
    steady = plain.until(plain.submit(plain.case("tiny")["id"], options={"time_limit_s": 60})["id"])
    count = plain.get(over_time["links"]["document"]).json()["horizon"]["count"]
    for plan, period, told in (
        (over_time, count + 1, f"the plan has {count} periods"),
        (steady, 1, "the plan has no periods: its case has no horizon"),
    ):
        for part in ("assignments", "lines"):
            answer = plain.get(plan["links"][part], params={"period": period})
            assert refused(answer, "no_such_period", "query.period")["message"] == told
    assert plain.get(over_time["links"]["lines"], params={"period": count}).json()["items"]


@pytest.mark.parametrize(
    ("kind", "question"),
    [
        ("continuity", {"weeks": 1e308}),
        ("continuity", {"weeks": 0}),
        ("pareto", {"points": 10**15}),
        ("pareto", {"over": "cost"}),
        ("scenarios", {}),
        ("scenarios", {"name": "volume-20", "text": "[[scenario]]"}),
        ("regret", {"limit": 1}),
        ("regret", {"name": "volume-20", "limit": 10**9}),
    ],
)
def test_a_question_that_makes_no_sense_does_not_stand_in_the_queue(
    plain: Api, case: str, kind: str, question: dict[str, Any]
) -> None:
    about = {"plan": f"pln_{'0' * 28}"} if kind in ("continuity", "regret") else {}
    answer = plain.post("/v1/studies", json={"kind": kind, "case": case, "question": question, **about})
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] in ("invalid_options", "study_too_large")


@pytest.mark.parametrize(
    ("horizon", "code"),
    [
        ({"start": "9999-12-01", "unit": "month", "count": 1}, "horizon_years"),
        ({"start": "9999-01-01", "unit": "year", "count": 120}, "horizon_years"),
        ({"start": "0027-01-01", "unit": "quarter", "count": 4}, "horizon_years"),
    ],
)
def test_a_horizon_beyond_the_calendar(plain: Api, horizon: dict[str, Any], code: str) -> None:
    document = plain.example("mission-start")
    document["policy"]["horizon"] = horizon
    checked = plain.post("/v1/validations", json=document)
    assert checked.status_code == 201, checked.text
    assert code in {i["code"] for i in checked.json()["issues"]}
    assert not checked.json()["ok"]


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_phase_beyond_the_calendar(plain: Api, day: str) -> None:
    document = plain.example("mission-start")
    mission = next(e for e in document["entities"] if e.get("profile"))
    mission["end"] = day
    mission.pop("start")  # else a day before it is wrong for that alone
    checked = plain.post("/v1/validations", json=document)
    assert checked.status_code == 201, checked.text
    found = [i for i in checked.json()["issues"] if i["code"] == "phase_beyond_calendar"]
    assert {(i["table"], i["column"], i["value"]) for i in found} == {("entities", "end", day)}
    del mission["profile"]  # a day that stands for no end is none of a phase
    assert "phase_beyond_calendar" not in plain.post("/v1/validations", json=document).text


def test_a_finding_quotes_the_beginning_of_what_is_long(plain: Api) -> None:
    document = plain.example("tiny")
    document["entities"][0]["start"] = "x" * 500_000
    checked = plain.post("/v1/validations", json=document)
    assert checked.status_code == 201
    assert "bad_date" in checked.text
    assert len(checked.text) < 10_000


def test_a_long_path_fills_neither_answers_nor_logs(shared: Any) -> None:
    mark = "z" * 9_000
    answer = httpx.get(f"{shared.url}/v1/{mark}")
    assert answer.status_code == 404
    assert len(answer.json()["instance"]) == 301
    assert until(lambda: "z" * 290 in shared.log.read_text(), 30)  # the line follows the answer
    assert "z" * 301 not in shared.log.read_text()
