"""Move by move: before, after and saving of each add up to what the plan document says of its entities."""

from __future__ import annotations

import json
import re

import pytest

from api.access import Caller, scopes_of
from api.services import results
from tests.api.serving import ADMIN
from tests.api.web.conftest import Filled


def test_costs_before_add_up_to_those_of_the_document(filled: Filled) -> None:
    plan, held = filled.world.ids["plan"], filled.house.app.state.services
    caller = Caller("key_configured", "default", "admin", scopes_of("admin", None), True)
    before = results.before(held, caller, plan)
    assert results.before(held, caller, plan) == before
    document = json.loads(filled.house.ask(ADMIN, "GET", f"/v1/plans/{plan}/document").content)
    for row in document["savings"]["by_entity"]:
        mine = sum(cost for (entity, _), cost in before.items() if entity == row["id"])
        assert mine == pytest.approx(row["baseline"], abs=0.01)


def test_each_move_is_shown_with_before_after_and_saving(filled: Filled) -> None:
    reader, plan = filled.reader("viewer"), filled.world.ids["plan"]
    page = reader.get(f"/plans/{plan}/moves")
    assert page.heading == "4 services move"
    document = json.loads(filled.house.ask(ADMIN, "GET", f"/v1/plans/{plan}/document").content)
    moved = [a for a in document["assignments"] if a["moved_from"] is not None]
    assert page.text.count("/why?entity=") == len(moved) == 4
    assert "Ask again" not in page.text
    savings = [
        s.replace("−", "-").replace(",", "") for s in re.findall(r'data-l="Saving">(?:<[^>]*>)?([^<]+)<', page.text)
    ]
    told = {r["id"]: r["saving"] for r in document["savings"]["by_entity"]}
    entities = {a["entity"] for a in moved}
    assert sum(map(float, savings)) == pytest.approx(sum(told[e] for e in entities), abs=4)
    assert "0 rows" in reader.get(f"/plans/{plan}/moves?q=nobody").text
    assert reader.get(f"/plans/{plan}/moves?size=small").status == 200
