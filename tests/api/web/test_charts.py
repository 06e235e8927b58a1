"""Drawings of plans: there when the search has ended, in both languages; made by a job where they are not."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from sqlalchemy import delete

import optimizer as dg
from api.jobs.drawings import Draughtsman, file_name, page_name
from api.jobs.queue import CHARTS_WORKFLOW
from api.store.models import Artifact, PlanResult
from api.web.names import Names
from api.web.told import Told
from api.web.tongue import Tongue
from optimizer.report.headline import headline
from optimizer.report.plan_charts import CHARTS
from tests.api.serving import ADMIN
from tests.api.web.conftest import Filled

LANGUAGES = ("en", "fr")


def kept(filled: Filled, plan: str, name: str) -> bytes | None:
    """What is in the store beside a plan."""
    with filled.house.store.read() as session:
        found = session.get(Artifact, (plan, name))
        return None if found is None else found.content


def drawn(filled: Filled, plan: str, language: str) -> dict[str, Any]:
    content = kept(filled, plan, page_name(language))
    assert content is not None
    told = json.loads(content)
    assert not told["failed"]
    found: dict[str, Any] = told["drawings"]
    return found


def document(filled: Filled, plan: str) -> dict[str, Any]:
    found: dict[str, Any] = filled.house.ask(ADMIN, "GET", f"/v1/plans/{plan}/document").json()
    return found


def number(text: str) -> float:
    return float(re.sub(r"[\s\u202f\u00a0]", "", text).replace("−", "-").replace(",", "."))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_search_leaves_its_drawings_in_every_language(filled: Filled, language: str) -> None:
    plan = filled.world.ids["plan"]
    found = drawn(filled, plan, language)
    assert {"map", "centres", "saving"} <= set(found) <= set(CHARTS)
    words = {"en": "Where the work is done", "fr": "Où le travail est fait"}
    assert found["map"]["title"] == words[language]
    for name in found:
        content = kept(filled, plan, file_name(name, language))
        assert content is not None
        assert ElementTree.fromstring(content).get("role") == "img"


def test_figures_beneath_a_drawing_are_those_of_the_plan(filled: Filled) -> None:
    plan = filled.world.ids["plan"]
    found, stated = drawn(filled, plan, "en"), document(filled, plan)
    flows: dict[str, float] = {}
    for a in stated["assignments"]:
        flows[a["provider"]] = flows.get(a["provider"], 0.0) + a["effort_fte"]
    rows = found["centres"]["table"]["rows"]
    sites = sorted((s for s in stated["sites"] if s["effort_fte"] > 0), key=lambda s: (-s["effort_fte"], s["provider"]))
    columns = [c[0] for c in found["centres"]["table"]["columns"]]
    at = columns.index("Work, FTE")
    assert [number(r[at][0]) for r in rows[: len(sites)]] == [round(s["effort_fte"], 1) for s in sites]
    assert [s["effort_fte"] for s in sites] == [pytest.approx(flows[s["provider"]]) for s in sites]
    total = next(r for r in found["saving"]["table"]["rows"] if r[0][0].startswith("Running"))
    assert number(total[2][0]) == round(stated["cost"]["running"])
    assert number(total[1][0]) == round(stated["baseline"]["running"])


def test_drawings_hold_no_style_and_no_script(filled: Filled) -> None:
    reader = filled.reader("viewer")
    plan = filled.world.ids["plan"]
    page = reader.get(f"/plans/{plan}")
    assert '<svg class="map"' in page.text
    assert [a for a in page.attributes if a[1] == "style" or a[1].startswith("on")] == []
    for name in drawn(filled, plan, "en"):
        answer = reader.ask("GET", f"/plans/{plan}/charts/{name}")
        assert answer.headers["content-type"] == "image/svg+xml"
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(r"<script|<style|style=|class=|\son\w+=|href=", answer.text)
    assert reader.ask("GET", f"/plans/{plan}/charts/nothing").status_code == 404


def test_an_older_plan_is_drawn_when_it_is_first_asked_for(filled: Filled) -> None:
    reader, plan, house = filled.reader("viewer"), filled.world.ids["second"], filled.house
    with house.store.write() as session:
        session.execute(delete(Artifact).where(Artifact.plan_id == plan))
        result = session.get(PlanResult, plan)
        assert result is not None
        digest = result.content_hash
    for _ in range(2):  # asked twice, made once
        page = reader.get(f"/plans/{plan}")
        assert "The drawings of this plan are being made." in page.text
    services = house.app.state.services
    asked = services.queue.status([f"charts-1.{plan}.{digest[:16]}"])
    assert [w.name for w in asked.values()] == [CHARTS_WORKFLOW]
    draughtsman = Draughtsman(house.store, house.settings)
    assert draughtsman.draw(plan, "0" * 64) == "not valid any more"
    assert draughtsman.draw(plan, digest) == "done"
    page = reader.get(f"/plans/{plan}")
    assert "are being made" not in page.text
    assert '<svg class="map"' in page.text
    assert set(drawn(filled, plan, "fr")) >= {"map", "centres", "saving"}


def test_the_head_of_a_plan_is_that_of_its_report(filled: Filled) -> None:
    """One sentence, one proof, the same figures; where the case says nothing of them, the defaults of the policy."""
    plan = filled.world.ids["plan"]
    stated = document(filled, plan)
    told = Told(stated, Names(), Tongue("en"))
    head = headline(stated, dg.example("tiny"))
    page = filled.reader("viewer").get(f"/plans/{plan}")
    assert page.heading == told.heading()
    assert [t.label for t in told.tiles()] == [t.label for t in head.tiles]
    assert told.proven() == head.proven.partition(" The search ended")[0]
    assert told.heading().split(" for USD")[0] == head.answer.split(" for USD")[0]
    ranges = {"saving": {"p10": stated["savings"]["annual"] - 1e4, "p90": stated["savings"]["annual"] + 1e4}}
    ranged = Told(stated, Names(), Tongue("fr"), {"discount_rate": 0.05}, ranges).tiles()[0]
    assert ranged.interval is not None
    assert ranged.interval.band is not None
    assert "8 tirages sur 10" in Tongue("fr").told(ranged.sub)


def test_drawings_of_another_workspace_are_not_there(filled: Filled) -> None:
    assert filled.reader("viewer").ask("GET", "/plans/pln_nothing/charts/map").status_code == 404
