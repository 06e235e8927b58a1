"""The service takes no case with a horizon: wherever one comes in, 422 ``horizon_not_taken``, and nothing is stored."""

from __future__ import annotations

import data
from optimizer.tables import read_case
from optimizer.tables.write import case_json
from tests.api.serving import Api

JSON = {"Content-Type": "application/json"}


def dynamic() -> str:
    return case_json(read_case(data.case_path("mission-start"))[0].tables)


def test_an_upload_is_refused(api: Api) -> None:
    before = api.get("/v1/cases").json()["items"]
    for path in ("/v1/cases", "/v1/validations"):
        answer = api.post(path, content=dynamic(), headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (422, "horizon_not_taken"), answer.text
        assert "the case has a horizon" in answer.json()["detail"]
        assert "[horizon]" in answer.json()["remedy"]
    assert api.get("/v1/cases").json()["items"] == before


def test_a_new_revision_is_refused(api: Api) -> None:
    case = api.case("tiny", name="steady")
    path = f"/v1/cases/{case['id']}/revisions"
    answer = api.post(path, content=dynamic(), headers={**JSON, "If-Match": '"1"'})
    assert (answer.status_code, answer.json()["code"]) == (422, "horizon_not_taken"), answer.text


def test_examples_are_those_that_can_be_posted(api: Api) -> None:
    names = {e["name"] for e in api.get("/v1/examples").json()}
    steady = {name for name in data.names() if read_case(data.case_path(name))[0].policy.horizon is None}
    assert names == steady
    assert "mission-start" not in names
    assert api.get("/v1/examples/mission-start").status_code == 404
