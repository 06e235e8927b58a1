"""The report of a plan over time as a browser shows it: first screen, telephone, print, dark, nobody shut out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import optimizer as dg
from optimizer.report.html import render_report
from tests.report.test_opened import BROKEN, BROWSER, DESK, PHONE, WIDE, browser, opened

__all__ = ["browser"]

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no browser is installed")


@pytest.fixture(scope="module")
def files(case: dg.Case, plan: dg.PlanOverTime, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The plan in both languages with its range, and without any."""
    folder, ranged = tmp_path_factory.mktemp("over-time"), dg.range_of(case, plan, samples=20).as_dict()
    document = plan.document()
    texts = {
        "en": render_report(document, case, ranges=ranged),
        "fr": render_report(document, case, ranges=ranged, language="fr"),
        "plain": render_report(document, case),
    }
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, "utf-8")
    return {name: folder / f"{name}.html" for name in texts}


@pytest.mark.parametrize("name", ["en", "fr", "plain"])
def test_nothing_is_wider_than_a_telephone(browser: Any, files: dict[str, Path], name: str) -> None:
    page = opened(browser, files[name], viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate(WIDE) == []
    assert page.evaluate(BROKEN) == []
    assert page.faults == []
    assert page.evaluate("getComputedStyle(document.querySelector('#waves tbody tr')).display") == "block"
    page.close()


@pytest.mark.parametrize("name", ["en", "fr"])
def test_the_first_screen_answers(browser: Any, files: dict[str, Path], name: str) -> None:
    """The answer, who moves when, the proof, payback and what each year costs, without a scroll."""
    page = opened(browser, files[name])
    for wanted in ("h1", "p.lead", ".points li", ".status li", ".tiles", ".bars ol li >> nth=3"):
        box = page.locator(wanted).first.bounding_box()
        assert box is not None, wanted
        assert box["y"] + box["height"] <= DESK["height"], wanted
    head = page.locator("header").inner_text()
    for words in {"en": ("July 2027", "June 2029", "30"), "fr": ("juillet 2027", "juin 2029", "30")}[name]:
        assert words in head
    assert page.locator("h1").inner_text() != "mission-start"
    assert page.title().startswith("mission-start, ")
    page.close()


def test_no_table_scrolls_sideways_on_a_desk(browser: Any, files: dict[str, Path]) -> None:
    page = opened(browser, files["fr"])
    wide = "[...document.querySelectorAll('.tw')].filter(e => e.scrollWidth > e.clientWidth).length"
    assert page.evaluate(wide) == 0
    page.close()


def test_print_has_every_row_on_light_paper(browser: Any, files: dict[str, Path], plan: dg.PlanOverTime) -> None:
    page = opened(browser, files["en"], color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("#detail tbody tr").count() == len(plan.assignments)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.close()
    page = opened(browser, files["en"])
    assert len(page.pdf()) > 30_000
    page.close()


def test_it_is_light(files: dict[str, Path]) -> None:
    assert files["en"].stat().st_size <= 200_000


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "telephone"])
def test_nothing_stands_in_the_way_of_anybody(
    browser: Any, files: dict[str, Path], scheme: str, viewport: dict[str, int]
) -> None:
    """No violation of WCAG 2.2 AA as axe sees it, closed and with all that is folded open."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    page = browser.new_page(viewport=viewport, color_scheme=scheme, bypass_csp=True)
    page.goto(files["fr"].as_uri())
    for step in ("closed", "open"):
        if step == "open":
            page.locator("[data-rows^=detail] button").last.click()
            page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        found = axe.run(page, options={"runOnly": {"type": "tag", "values": tags}}).response["violations"]
        assert [(v["id"], [n["html"][:200] for n in v["nodes"][:3]]) for v in found] == [], step
    page.close()
