"""Plans side by side: which are shown and what of them stands in the address; what cannot be told apart is not."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from api.web.sidebyside import MEASURES, Side, SideBySide
from api.web.tongue import Tongue
from tests.api.serving import ADMIN
from tests.api.web.conftest import Filled
from tests.api.worlds import OPTIONS


@pytest.fixture(scope="module")
def three(filled: Filled) -> list[str]:
    """Two plans of one case, and one of the same case under another rule."""
    house, keys = filled.house, filled.world.keys
    document = house.ask(ADMIN, "GET", "/v1/examples/tiny").json()
    document["policy"] = {**document["policy"], "max_moves": 1}
    case = house.make(keys["planner"], "/v1/cases", document)["id"]
    made = []
    for of in (filled.world.ids["case"], filled.world.ids["case"], case):
        made.append(house.make(keys["planner"], "/v1/plans", {"case": of, "options": OPTIONS})["id"])
        house.run(made[-1])
    return made


def document(filled: Filled, plan: str) -> dict[str, Any]:
    found: dict[str, Any] = filled.house.ask(ADMIN, "GET", f"/v1/plans/{plan}/document").json()
    return found


def test_three_plans_stand_side_by_side(filled: Filled, three: list[str]) -> None:
    page = filled.reader("viewer").get("/compare?" + "&".join(f"plan={p}" for p in three))
    assert page.heading == "3 plans side by side"
    assert "the same case, the same figure" in page.text
    assert "Why they differ" not in page.text
    assert page.text.count('class="axis"') == 3
    assert "Mean distance, km</th>" not in page.text


def test_the_reader_chooses_measures_by_the_address(filled: Filled, three: list[str]) -> None:
    page = filled.reader("viewer").get(f"/compare?plan={three[0]}&plan={three[2]}&show=distance&show=nonsense")
    assert "Mean distance, km</th>" in page.text
    assert "One-off cost</th>" not in page.text
    assert page.text.count(' name="show"') == len(MEASURES)


def test_what_overlaps_is_not_told_apart(filled: Filled, three: list[str]) -> None:
    first = document(filled, three[0])
    other, far = copy.deepcopy(first), copy.deepcopy(first)
    other["run"]["case_hash"], far["run"]["case_hash"] = "other", "far"
    net = first["savings"]["annual"]
    other["savings"]["upper_limit"] = net + 5000.0  # its best may be as good as the first's, or better
    far["savings"]["annual"] -= 40_000.0
    far["savings"]["upper_limit"] = far["savings"]["annual"] + 1000.0
    sides = [Side(str(n), str(n), d) for n, d in enumerate((first, other, far))]
    told = [(b.told, b.kind) for b in SideBySide(sides, Tongue("en")).between()]
    assert told[1] == ("not distinguishable", "open")
    assert told[2][0].endswith(" a year less")
    assert told[2][1] == ""
    far["savings"]["upper_limit"] = None
    assert "has proven nothing" in SideBySide(sides, Tongue("en")).between()[2].told


def test_why_two_plans_differ_is_asked_and_shown(filled: Filled, three: list[str]) -> None:
    planner, ids = filled.reader("planner"), [three[0], three[2]]
    place = f"/compare?first={ids[0]}&second={ids[1]}"
    assert not [f for f in filled.reader("viewer").get(place).forms if f.action == "/compare/causes"]
    sent = planner.post(planner.get(place), "/compare/causes")
    study = sent.headers["location"].rpartition("/")[2]
    assert "The causes are being looked for." in planner.get(place).text
    filled.house.run(study)
    page = planner.get(place)
    answer = json.loads(filled.house.ask(ADMIN, "GET", f"/v1/studies/{study}/answer").content)
    rules = next(p for p in answer["tables"]["parts"] if p["part"] == "rules")
    assert rules["amount"] > 0
    assert Tongue("en").count(rules["amount"], plus=True) in page.text
    assert answer["sentences"][0]["text"].replace("'", "&#39;") in page.text


def test_a_plan_without_a_cost_is_left_out_and_named(filled: Filled, three: list[str]) -> None:
    house, planner = filled.house, filled.world.keys["planner"]
    case = house.make(planner, "/v1/cases", house.ask(ADMIN, "GET", "/v1/examples/infeasible-lock").json())["id"]
    none = house.make(planner, "/v1/plans", {"case": case, "options": OPTIONS, "name": "contradiction"})["id"]
    house.run(none)
    page = filled.reader("viewer").get(f"/compare?plan={three[0]}&plan={none}")
    assert page.status == 200
    assert "Left out, because they are over time or have no cost: <bdi>contradiction</bdi>" in " ".join(
        page.text.split()
    )
