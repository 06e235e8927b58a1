"""The page: structure, safety, and figures that are those of the document."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from optimizer.domain.names import RULES, RUNNING_TERMS
from optimizer.report import write_report
from optimizer.report.html import render_report, sections
from optimizer.report.money import comparable_changes
from optimizer.report.moves import move_matrix
from optimizer.report.numbers import count, decimal, money, percent, short
from optimizer.report.tiles import net_saving
from optimizer.report.wording import TERM_TITLES
from tests.report.conftest import KINDS, Library
from tests.report.fixtures.fake_case import HOSTILE, make_case
from tests.report.fixtures.fake_plan import make_plan
from tests.report.fixtures.markup import Page


@pytest.mark.parametrize("kind", KINDS)
def test_page_is_well_formed(library: Library, kind: str) -> None:
    """Every element is closed in order, ids are unique, headings and contents agree."""
    page = Page(library.page(kind))
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) - _titles_in_svg(page) == 1
    links = [a.attrs["href"] for a in page.all("a") if a.inside("nav")]
    assert links == [f"#{s.attrs['id']}" for s in page.all("section")]
    assert page.all("html")[0].attrs["lang"] == "en"


def _titles_in_svg(page: Page) -> int:
    return sum(1 for t in page.all("title") if t.inside("svg"))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_loaded_from_anywhere(library: Library, kind: str) -> None:
    """No address is loaded: no src, no link outside the page, no url() but to own ids, no import."""
    text = library.page(kind)
    page = Page(text)
    for element in page.elements:
        assert element.tag not in {"link", "img", "iframe", "object", "embed", "base", "image", "use", "form"}
        for name, value in element.attrs.items():
            assert name not in {"src", "srcset", "data", "action", "poster", "background", "xlink:href"}
            assert not name.startswith("on")
            if name == "href":
                assert value.startswith("#")
            assert all(ref.startswith("url(#") for ref in re.findall(r"url\([^)]*", value))
    style = page.all("style")[0].text
    assert "@import" not in style
    assert "url(" not in style
    assert "http" not in style + _script(page)
    if kind != "hostile":
        assert not re.search(r"https?:|//[a-z]", text)


@pytest.mark.parametrize("kind", KINDS)
def test_policy_of_the_page_allows_its_own_script_only(library: Library, kind: str) -> None:
    """The content security policy names the hash of the one script; nothing else may run or load."""
    page = Page(library.page(kind))
    assert {s.attrs.get("type") for s in page.all("script")} <= {None, "application/json"}
    digest = base64.b64encode(hashlib.sha256(_script(page).encode()).digest()).decode()
    policy = next(m.attrs["content"] for m in page.all("meta") if "http-equiv" in m.attrs)
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def _script(page: Page) -> str:
    """The one script that runs; rows are data."""
    (script,) = [s for s in page.all("script") if "type" not in s.attrs]
    return script.text


def test_hostile_names_stay_text(library: Library) -> None:
    """Names with markup, template code and control characters come back as the text they are."""
    text = library.page("hostile")
    page = Page(text)
    assert "<script>alert" not in text
    assert "49" not in page.all("h1")[0].text
    words = page.all("body")[0].text
    assert '<script>alert("x")</script>' in words
    assert "{{ 7*7 }}" in words
    assert "مكتب الأمم المتحدة" in words
    assert "\x07" not in text
    assert HOSTILE[4] in words
    assert len(page.all("img")) == 0
    assert page.all("bdi")


def test_names_in_drawings_carry_no_direction_marks(library: Library) -> None:
    """SVG text cannot isolate direction, so overrides are dropped there."""
    for svg in Page(library.page("hostile")).all("text"):
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", svg.text)


@pytest.mark.parametrize("kind", ["usual", "hostile"])
def test_headline_figures_are_those_of_the_document(library: Library, kind: str) -> None:
    """The five tiles and the sentence on proof."""
    plan = library.plan(kind)
    page = Page(library.page(kind))
    head = page.all("header")[0].text
    s = plan["savings"]
    assert short(abs(net_saving(plan))) in head
    assert short(abs(s["annual"])) in head
    assert percent(s["annual_rel"]) in head
    assert short(sum(s["one_off"].values())) in head
    assert short(s["npv"]) in head
    assert short(plan["baseline"]["running"]) in head
    assert f"at most USD {short(plan['bounds']['gap_abs'])} a year (0.8\u202f% of its cost)" in head
    assert f"Verified: {len(RULES)} rules" in head


def test_cost_table_is_the_documents(library: Library) -> None:
    """Each term today, in the plan, and the difference."""
    plan = library.plan("usual")
    rows = {r[0]: r[1:] for r in Page(library.page("usual")).rows("cost")}
    for term in (*RUNNING_TERMS, "running", "total"):
        if plan["cost"][term] or plan["baseline"][term]:
            today, then = plan["baseline"][term], plan["cost"][term]
            wanted = [money(today), money(then), money(round(then - today, 2), plus=True)]
            assert rows[TERM_TITLES[term]] == [w.replace("\u202f", "") for w in wanted]


def test_waterfall_adds_up_to_the_saving(library: Library) -> None:
    """The changes by term, new demands apart, sum to minus the yearly saving."""
    plan = library.plan("usual")
    changes = comparable_changes(plan, library.case("usual"))
    assert plan["savings"]["new_demand_cost"] > 0
    assert sum(changes.values()) == pytest.approx(-plan["savings"]["annual"], abs=0.05)


def test_tables_hold_every_row(library: Library) -> None:
    """Entities, assignments, savings, sites, rules: nothing is left out, whatever is folded."""
    plan = library.plan("usual")
    page = Page(library.page("usual"))
    body = 1
    assert len(page.rows("detail", 0)) - body == len(plan["entities"])
    assert len(page.rows("detail", 1)) - body == len(plan["assignments"])
    rules = page.rows("rules")
    assert len(rules) - body == len(RULES)
    assert [row[1] for row in rules[body:]] == [RULES[r["rule"]] for r in plan["verification"]["rules"]]
    busy = [s for s in plan["sites"] if s["effort_fte"] > 0]
    assert len(page.rows("centres", 0)) - body >= len(busy)
    assert len(busy) == len(plan["sites"])
    whole = page.rows("savings", 0)
    assert len(whole) == len(plan["savings"]["by_entity"]) + 2
    total = sum(r["saving"] for r in plan["savings"]["by_entity"])
    assert whole[-1][3] == money(total, plus=True).replace("\u202f", "")


def test_people_are_never_netted(library: Library) -> None:
    """In and out both stand in the table, for each of the three groupings."""
    plan = library.plan("usual")
    page = Page(library.page("usual"))
    largest = max(plan["people"]["by_place"], key=lambda r: r["fte_in"] + r["fte_out"])
    city = largest["id"].rpartition(", ")[0]
    row = next(r for r in page.rows("people") if r[0].rpartition(", ")[0] == city)
    assert row[2].lstrip("−") == decimal(largest["fte_out"]).replace("\u202f", "")
    assert row[3].lstrip("+") == decimal(largest["fte_in"]).replace("\u202f", "")


def test_move_matrix_counts_every_move(library: Library) -> None:
    """Counts and FTE of the matrix are those of the assignments; its corner shows the sum."""
    plan = library.plan("usual")
    moved = [a for a in plan["assignments"] if a["moved_from"]]
    matrix = move_matrix(plan)
    assert sum(n for n, _ in matrix.values()) == len(moved)
    assert sum(f for _, f in matrix.values()) == pytest.approx(sum(a["effort_fte"] for a in moved))
    corner = Page(library.page("usual")).rows("moves")[-1][-1]
    assert corner == decimal(sum(a["effort_fte"] for a in moved)).replace("\u202f", "")


def test_infeasible_report_begins_with_the_findings(library: Library) -> None:
    """Findings, what stays unserved, broken rules; then the rest; no saving is claimed."""
    page = Page(library.page("infeasible"))
    ids = [s.attrs["id"] for s in page.all("section")]
    assert ids[:3] == ["findings", "unserved", "rules"]
    assert "savings" not in ids
    assert "bound" not in ids
    head = page.all("header")[0].text
    assert "No plan keeps every rule" in head
    missing = [a for a in library.plan("infeasible")["assignments"] if a["provider"] is None]
    assert f"Demands not served{count(len(missing))}" in head
    assert "Saving a year" not in head


def test_unconfirmed_figures_are_listed(library: Library) -> None:
    """What the checker recomputed differently stands in the report, both figures side by side."""
    plan = library.plan("usual")
    plan["verification"] |= {"ok": False, "mismatches": [{"path": "cost.site", "stated": 1.5, "recomputed": 2.25}]}
    page = Page(render_report(plan, library.case("usual")))
    assert "1 figure could not be confirmed" in page.all("header")[0].text
    assert page.rows("rules")[1] == ["cost.site", "1.5", "2.25"]


def test_plan_given_by_hand_is_not_called_a_proof(library: Library) -> None:
    """A priced plan that breaks rules says nothing about other plans."""
    plan = library.plan("infeasible")
    plan["run"]["solver"]["reason"] = "no solve"
    head = Page(render_report(plan, library.case("infeasible"))).all("header")[0].text
    assert "breaks rules" in head
    assert "contradict" not in head


def test_without_today_nothing_is_compared(library: Library) -> None:
    """No waterfall, no moves, no people; costs stand alone."""
    plan = library.plan("no_baseline")
    ids = [s.id for s in sections(plan, library.case("no_baseline"))]
    assert not {"moves", "people", "worse", "savings", "today"} & set(ids)
    assert "No arrangement of today" in Page(library.page("no_baseline")).all("header")[0].text


def test_nothing_found_still_gives_a_page(library: Library) -> None:
    """No assignment at all: task, findings, provenance."""
    ids = [s.attrs["id"] for s in Page(library.page("nothing")).all("section")]
    assert ids[0] == "findings"
    assert ids[-1] == "provenance"
    assert "map" not in ids


def test_map_expresses_no_opinion(library: Library) -> None:
    """Credit and disclaimer stand under the map; candidates differ by shape."""
    figure = next(f for f in Page(library.page("usual")).all("figure") if f.attrs.get("class") == "map")
    assert "Natural Earth" in figure.text
    assert "no opinion" in figure.text
    assert "newly opened centre" in figure.text
    assert "borders" in figure.text


@pytest.mark.parametrize("kind", ["usual", "tiny", "no_baseline"])
def test_no_words_of_those_who_search(library: Library, kind: str) -> None:
    """A planner reads of distance and of proof, not of gaps and bounds; messages about the case are its own."""
    page = Page(library.page(kind))
    told = [s for s in page.all("section") if s.attrs["id"] != "findings"]
    words = " ".join([page.all("header")[0].text, *(s.text for s in told)]).lower()
    jargon = r"\b(gap|bound|incumbent|solver|backend|heuristic|objective|feasible|infeasible|relaxation)\b"
    assert re.findall(jargon, words) == []


def test_every_table_and_drawing_is_named(library: Library) -> None:
    """A caption on each table, roles that stay when rows become cards, figures in each drawing's label."""
    for kind in ("usual", "infeasible"):
        page = Page(library.page(kind))
        for table in page.all("table"):
            assert [c.text.strip() for c in table.children if c.tag == "caption"] != [""]
            assert table.attrs["role"] == "table"
        cells = [c for c in page.all("td") if c.parent and c.parent.parent and c.parent.parent.tag == "tbody"]
        assert all(c.attrs["role"] == "cell" and c.attrs["data-l"] for c in cells)
        drawings = [s for s in page.all("svg") if s.attrs.get("role") == "img"]
        assert all(re.search(r"\d", s.attrs["aria-label"]) for s in drawings)
        assert all(s.attrs.get("aria-hidden") == "true" for s in page.all("svg") if s not in drawings)


def test_range_and_net_saving_stand_beside_the_gross(library: Library) -> None:
    """With a range the tile says it, without one that it was not asked; what rests on assumptions is on the tile."""
    plan, case = library.plan("usual"), library.case("usual")
    plan["savings"]["on_assumptions_rel"] = 1.0
    first = next(d for d in Page(render_report(plan, case)).all("div") if d.attrs.get("class", "").startswith("tile"))
    assert "100\u202f% rests on assumptions" in first.text
    assert "was not asked" in first.text
    net, gross = net_saving(plan), plan["savings"]["annual"]
    spread = {"planned": gross, "p10": gross - 1e6, "p50": gross, "p90": gross + 2e6}
    told = dict.fromkeys(("running", "saving", "one_off", "npv"), spread)
    told |= {"break_even": {"planned": 1, "p10": 1, "p50": 1, "p90": None}, "currency": "USD", "cash": []}
    told |= {"samples": 10, "invalid": 0, "broken_share": 0.1, "broken_rules": {}, "tornado": [], "thresholds": []}
    text = render_report(plan, case, ranges={**told, "reoptimised": None})
    assert f"Range {short(net - 1e6)} to {short(net + 2e6)} in 8 of 10 draws" in text


@pytest.mark.slow
def test_large_report_stays_small() -> None:
    """237 entities by 14 services by 20 centres: at most 600 kB, and few elements until rows are asked for."""
    case = make_case(237, 14, 20)
    text = render_report(make_plan(case), case)
    assert len(text.encode()) <= 600_000
    assert len(Page(text).elements) < 5_000


def test_file_is_written_whole(tmp_path: Path, library: Library) -> None:
    """UTF-8, no leftovers, an existing file is replaced."""
    target = tmp_path / "ragport é.html"
    target.write_text("old")
    assert write_report(library.plan("tiny"), library.case("tiny"), target) == target
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [p.name for p in tmp_path.iterdir()] == [target.name]


def test_same_document_gives_the_same_page(library: Library) -> None:
    """Rendering is deterministic and leaves the document alone."""
    plan: dict[str, Any] = library.plan("usual")
    before = repr(plan)
    assert render_report(plan, library.case("usual")) == library.page("usual")
    assert repr(plan) == before
