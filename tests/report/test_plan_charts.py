"""Drawings of plans as values: whole for every kind of plan, and as files."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

import optimizer as dg
from optimizer.report.chart_file import chart_file
from optimizer.report.plan_charts import CHARTS, plan_charts
from optimizer.report.search_chart import Reading
from tests.report.conftest import KINDS, Library

COURSE = [Reading(1.0, 9.9e6, 8.0e6), Reading(2.0, 9.5e6, 8.5e6), Reading(3.0, 9.2e6, 8.9e6)]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_drawing_is_whole(library: Library, kind: str, language: str) -> None:
    plan = library.plan(kind)
    found = plan_charts(plan, library.case(kind), COURSE, language)
    assert bool(found) == (plan["cost"] is not None)
    assert set(found) <= set(CHARTS)
    for name, drawing in found.items():
        if name != "course":
            assert {"title", "lede", "table", "note", "keys"} <= set(drawing), name
            assert ("svg" in drawing) != ("bars" in drawing)
        for bar in drawing.get("bars", ()):
            assert all(0 <= start <= 100.01 and 0 <= size <= 100.01 for _, start, size in bar["spans"])


def flows_removed(plan: dict[str, Any]) -> dict[str, Any]:
    for a in plan["assignments"]:
        a["effort_fte"] = min(a["effort_fte"], 0.0001)
    return plan


def test_a_map_on_which_nothing_flows_has_no_table(library: Library) -> None:
    found = plan_charts(flows_removed(library.plan("usual")), library.case("usual"))
    assert found["map"]["table"] is None
    assert plan_charts(library.plan("usual"), library.case("usual"))["map"]["table"]["rows"]


@pytest.mark.parametrize("kind", ["usual", "hostile"])
def test_a_file_needs_nothing_beside_it(library: Library, kind: str) -> None:
    for drawing in plan_charts(library.plan(kind), library.case(kind), COURSE).values():
        text = chart_file(drawing)
        assert ElementTree.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"
        assert not re.search(r"<script|<style|\sstyle=|\sclass=|href=", text)


def test_the_course_ends_with_what_was_stated(library: Library) -> None:
    plan = library.plan("usual")
    rows = plan_charts(plan, library.case("usual"), COURSE)["course"]["course"]["rows"]
    assert (rows[-1]["best"], rows[-1]["bound"]) == (plan["bounds"]["objective"], plan["bounds"]["best_bound"])
    assert "course" not in plan_charts(plan, library.case("usual"))


def test_a_plan_over_time_has_none() -> None:
    case = dg.example("mission-start")
    assert plan_charts({"schema": "designate.plan/2", "horizon": {"count": 2}, "cost": {}}, case) == {}
