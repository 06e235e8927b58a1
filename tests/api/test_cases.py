"""Cases in every form they may come in; revisions that never change."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

import data
from tests.api.serving import Api

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_files() -> list[tuple[str, tuple[str, bytes]]]:
    """The tiny case as the files of a form."""
    return [("files", (p.name, p.read_bytes())) for p in sorted(data.case_path("tiny").iterdir()) if p.is_file()]


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for _, (name, content) in csv_files():
            archive.writestr(name, content)
    return out.getvalue()


def test_one_content_however_it_comes(api: Api) -> None:
    first = api.case("tiny", name="Tiny", description="from the tests")
    assert (first["name"], first["latest_revision"]) == ("Tiny", 1)
    original = first["revision"]
    workbook = api.get(f"{original['links']['download']}?as=xlsx")
    assert workbook.headers["content-type"] == XLSX
    posts: list[dict[str, Any]] = [
        {"files": csv_files()},
        {"content": zipped(), "headers": {"Content-Type": "application/zip"}},
        {"content": workbook.content, "headers": {"Content-Type": XLSX}},
        {"files": [("files", ("plan.xlsx", workbook.content))]},
        {"content": api.get(original["links"]["document"]).content, "headers": {"Content-Type": "application/json"}},
        {"files": [("files", ("any.json", api.get(original["links"]["download"]).content))]},
        {
            "content": api.get(f"{original['links']['download']}?as=csv").content,
            "headers": {"Content-Type": "application/zip"},
        },
    ]
    for post in posts:
        made = api.post("/v1/cases", **post)
        assert made.status_code == 201, made.text
        assert made.json()["revision"]["content_hash"] == original["content_hash"]
        assert made.headers["location"] == f"/v1/cases/{made.json()['id']}"


def test_an_upload_comes_back_byte_for_byte(api: Api) -> None:
    body = zipped()
    made = api.post("/v1/cases", content=body, headers={"Content-Type": "application/zip"}).json()
    back = api.get(made["revision"]["links"]["download"])
    assert back.content == body
    assert back.headers["content-type"] == "application/zip"
    assert (
        api.get(made["revision"]["links"]["download"], headers={"If-None-Match": back.headers["etag"]}).status_code
        == 304
    )


def test_a_case_with_errors_is_refused_whole_and_all_is_told(api: Api) -> None:
    body = api.example("tiny")
    body["entities"][0]["headcount"] = "many"
    body["providers"][0]["country"] = "XX"
    body["tiers"][0]["colour"] = "red"
    before = api.get("/v1/cases").json()["items"][:1]
    answer = api.post("/v1/cases", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_input")
    assert answer.headers["content-type"] == "application/problem+json"
    places = {(i["table"], i["column"]) for i in answer.json()["issues"] if i["severity"] == "error"}
    assert places >= {("entities", "headcount"), ("providers", "country"), ("tiers", "colour")}
    assert all(i["code"] and i["message"] for i in answer.json()["issues"])
    assert api.get("/v1/cases").json()["items"][:1] == before


@pytest.mark.parametrize(
    ("body", "media_type", "status", "code"),
    [
        (b"a,b", "text/csv", 415, "unsupported_media_type"),
        (b"{", "application/json", 422, "bad_input"),
        (b"[" * 100_000, "application/json", 413, "nested_too_deep"),
        (b"no zip", "application/zip", 422, "bad_input"),
        (b"no book", XLSX, 422, "bad_input"),
        (b"--x--", "multipart/form-data; boundary=x", 422, "invalid_request"),
        (b"--x", "multipart/form-data", 400, "malformed_body"),
        (b"", "", 415, "unsupported_media_type"),
    ],
)
def test_every_error_has_its_own_answer(plain: Api, body: bytes, media_type: str, status: int, code: str) -> None:
    answer = plain.post("/v1/cases", content=body, headers={"Content-Type": media_type})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def test_what_is_too_large_is_told_with_the_limit(plain: Api) -> None:
    large = plain.post("/v1/cases", content=b" " * 65_000_000, headers={"Content-Type": "application/json"})
    assert (large.status_code, large.json()["code"], large.json()["limit"]) == (413, "body_too_large", 64_000_000)
    small = plain.post("/v1/plans", content=b" " * 1_000_001, headers={"Content-Type": "application/json"})
    assert (small.status_code, small.json()["limit"]) == (413, 1_000_000)


def test_a_body_without_a_length_is_stopped_at_the_limit(plain: Api) -> None:
    answer = plain.post("/v1/plans", content=iter([b" " * 500_000] * 3), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_a_bomb_is_not_unpacked(plain: Api) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("entities.csv", b"0" * 50_000_000)
    answer = plain.post("/v1/cases", content=out.getvalue(), headers={"Content-Type": "application/zip"})
    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (413, "archive_too_large", 200)


def test_a_patch_makes_the_next_revision(api: Api) -> None:
    case = api.case("tiny")
    entity = api.example("tiny")["entities"][0]["id"]
    patch = {
        "comment": "grows",
        "base_revision": 1,
        "operations": [
            {"op": "set", "table": "entities", "row": {"id": entity, "headcount": 777}},
            {"op": "set", "table": "policy", "row": {"interface_cost": 4321}},
        ],
    }
    made = api.post(f"/v1/cases/{case['id']}/patches", json=patch)
    assert made.status_code == 201, made.text
    second = made.json()
    assert (second["number"], second["parent"], second["origin"], second["comment"]) == (2, 1, "patch", "grows")
    tables = api.get(second["links"]["document"]).json()
    assert next(e for e in tables["entities"] if e["id"] == entity)["headcount"] == 777
    assert tables["policy"]["interface_cost"] == 4321
    old = api.get(case["revision"]["links"]["document"]).json()
    assert next(e for e in old["entities"] if e["id"] == entity)["headcount"] != 777
    late = api.post(f"/v1/cases/{case['id']}/patches", json=patch)
    assert (late.status_code, late.json()["code"]) == (409, "revision_conflict")
    same = api.post(f"/v1/cases/{case['id']}/patches", json={"operations": patch["operations"]})
    assert (same.status_code, same.json()["number"]) == (200, 2)
    assert [r["number"] for r in api.get(f"/v1/cases/{case['id']}/revisions").json()["items"]] == [2, 1]


def test_a_patch_that_does_not_fit_changes_nothing_and_tells_all(api: Api) -> None:
    case = api.case("tiny")
    answer = api.post(
        f"/v1/cases/{case['id']}/patches",
        json={
            "operations": [
                {"op": "remove", "table": "entities", "row": {"id": "nobody"}},
                {"op": "set", "table": "planets", "row": {"id": "mars"}},
                {"op": "set", "table": "tiers", "row": {"provider": "NBO"}},
            ]
        },
    )
    assert answer.status_code == 422
    assert [i["row"] for i in answer.json()["issues"]] == [1, 2, 3]
    broken = [{"op": "set", "table": "entities", "row": {"id": "ALPHA", "country": "XX"}}]
    assert api.post(f"/v1/cases/{case['id']}/patches", json={"operations": broken}).json()["code"] == "bad_input"
    assert api.get(f"/v1/cases/{case['id']}").json()["latest_revision"] == 1


def test_rows_are_removed_and_rows_without_a_key_added(api: Api) -> None:
    case = api.case("tiny")
    lock = {"action": "forbid", "entity": "*", "provider": "NBO", "reason": "under review"}
    add = api.post(
        f"/v1/cases/{case['id']}/patches", json={"operations": [{"op": "set", "table": "decisions", "row": lock}]}
    )
    assert add.json()["summary"]["tables"]["decisions"] == 1
    take = {"operations": [{"op": "remove", "table": "decisions", "row": {"reason": "under review"}}]}
    gone = api.post(f"/v1/cases/{case['id']}/patches", json=take).json()
    assert gone["number"] == 3
    assert gone["content_hash"] == case["revision"]["content_hash"]


def test_new_content_makes_a_revision_and_equal_content_none(api: Api) -> None:
    case = api.case("tiny")
    url = f"/v1/cases/{case['id']}/revisions"
    same = api.post(url, json=api.example("tiny"))
    assert (same.status_code, same.json()["number"]) == (200, 1)
    changed = api.example("tiny")
    changed["policy"]["interface_cost"] = 99
    made = api.post(url, json=changed, params={"base_revision": 1, "comment": "dearer"})
    assert (made.status_code, made.json()["number"]) == (201, 2)
    changed["policy"]["interface_cost"] = 98
    assert api.post(url, json=changed, params={"base_revision": 1}).json()["code"] == "revision_conflict"


def test_an_archived_case_takes_nothing_more(api: Api) -> None:
    case = api.case("tiny")
    assert api.post(f"/v1/cases/{case['id']}/archive").json()["archived"] is not None
    assert case["id"] not in {c["id"] for c in api.get("/v1/cases").json()["items"]}
    assert case["id"] in {c["id"] for c in api.get("/v1/cases", params={"archived": True}).json()["items"]}
    assert api.post("/v1/plans", json={"case": case["id"]}).json()["code"] == "conflict"
    changed = api.example("tiny")
    changed["policy"]["interface_cost"] = 1
    assert api.post(f"/v1/cases/{case['id']}/revisions", json=changed).json()["code"] == "conflict"


def test_pages_hold_everything_once(api: Api) -> None:
    made = {api.case("tiny")["id"] for _ in range(5)}
    seen: list[str] = []
    cursor = None
    while True:
        page = api.get("/v1/cases", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [c["id"] for c in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen))
    assert made <= set(seen)
    assert seen == sorted(seen, reverse=True)


def test_the_same_request_twice_has_one_effect(api: Api) -> None:
    headers = {"Idempotency-Key": "a-case-once"}
    first = api.post("/v1/cases", files=csv_files(), headers=headers)
    again = api.post("/v1/cases", files=csv_files(), headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    other = api.post("/v1/cases", json=api.example("rco"), headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_check_without_solving(api: Api) -> None:
    good = api.post("/v1/validations", json=api.example("tiny"))
    assert (good.status_code, good.json()["ok"]) == (201, True)
    assert good.json()["summary"]["tables"]["entities"] == 4
    bad = api.post("/v1/validations", json={"entities": []}).json()
    assert not bad["ok"]
    assert {i["code"] for i in bad["issues"] if i["severity"] == "error"}
    assert api.get(bad["links"]["self"]).json() == bad


@pytest.mark.slow
def test_examples_and_templates_are_ready_to_post(plain: Api) -> None:
    for example in plain.get("/v1/examples").json():
        body = plain.get(example["link"]).content
        answer = plain.post("/v1/validations", content=body, headers={"Content-Type": "application/json"})
        assert answer.json()["ok"], example
    for kind in ("json", "xlsx", "csv"):
        template = plain.get(f"/v1/templates/{kind}")
        answer = plain.post(
            "/v1/validations", content=template.content, headers={"Content-Type": template.headers["content-type"]}
        )
        assert answer.json()["ok"], kind


def test_unknown_fields_are_refused(plain: Api) -> None:
    answer = plain.post("/v1/plans", json={"case": "cas_" + "0" * 28, "optoins": {}})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["issues"][0]["column"] == "body.optoins"


def test_every_answer_has_a_request_id(plain: Api) -> None:
    assert plain.get("/v1/me", headers={"X-Request-ID": "mine-1"}).headers["x-request-id"] == "mine-1"
    odd = plain.get("/v1/nothing", headers={"X-Request-ID": "not\tsane"})
    assert odd.json()["request_id"] == odd.headers["x-request-id"] != "not\tsane"
    assert (odd.status_code, odd.json()["code"]) == (404, "not_found")
    assert plain.put("/v1/cases").json()["code"] == "method_not_allowed"
