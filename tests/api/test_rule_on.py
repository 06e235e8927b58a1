"""The price of a rule that is not on is refused when it is asked for; a scheme that is no bearer's is told what is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.serving import ADMIN
from tests.api.worlds import House, house_at, tiny


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    held = house_at(tmp_path_factory.mktemp("rules"))
    yield held
    held.close()


def studies(house: House) -> int:
    return len(house.ask(ADMIN, "GET", "/v1/studies").json()["items"])


@pytest.mark.parametrize("question", [{"rule": "max_moves"}, {"rule": "lock"}, {"rule": "capacit", "step": True}])
def test_the_price_of_a_rule_that_is_not_on_is_refused_at_the_request(house: House, question: dict[str, Any]) -> None:
    case = house.make(ADMIN, "/v1/cases", tiny())["id"]
    before = studies(house)
    body = {"kind": "rule_price", "case": case, "question": question}
    answer = house.ask(ADMIN, "POST", "/v1/studies", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_options"), answer.text
    assert f"no rule '{question['rule']}' is on in this case" in answer.json()["detail"]
    assert "Rules to ask about: " in answer.json()["detail"]
    assert studies(house) == before


def test_the_price_of_a_rule_that_is_on_is_asked_for(house: House) -> None:
    case = house.make(ADMIN, "/v1/cases", tiny())["id"]
    for question in ({"rule": "agency_saving"}, {}):
        body = {"kind": "rule_price", "case": case, "question": question}
        answer = house.ask(ADMIN, "POST", "/v1/studies", json=body)
        assert answer.status_code == 202, answer.text
    unknown = {"kind": "rule_price", "case": f"cas_{'0' * 28}", "question": {"rule": "agency_saving"}}
    assert house.ask(ADMIN, "POST", "/v1/studies", json=unknown).status_code == 404


@pytest.mark.parametrize("given", [f"ApiKey {ADMIN}", f"apikey={ADMIN}", ADMIN, "Basic YTpi", "Bearer", "Bearer nope"])
def test_what_is_no_key_as_a_bearer_shows_it_is_told_how_to_show_one(house: House, given: str) -> None:
    answer = house.ask(None, "GET", "/v1/me", headers={"Authorization": given})
    told = answer.json()
    assert (answer.status_code, told["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "Authorization: Bearer" in told["remedy"]
    assert ADMIN not in answer.text
