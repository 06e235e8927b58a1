"""The report as a browser shows it: what it weighs, on a telephone, filtered, printed, in the dark, without script."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from optimizer.report.html import render_report
from tests.report.conftest import Library
from tests.report.fixtures.fake_case import make_case
from tests.report.fixtures.fake_plan import make_plan

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
BROWSER = next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no browser is installed")

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1400, "height": 900}
COUNT = "document.querySelectorAll('*').length"
WIDE = """() => [...document.querySelectorAll('main *')]
  .filter(e => !e.closest('svg, .vh, thead, .tw.open, .ticks, .tag'))
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
  .map(e => e.outerHTML.slice(0, 120))"""
BROKEN = """() => {
  // a word is broken inside where a run of letters of one text node takes more than one line
  const out = [], walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode;
    if (!node.parentElement.checkVisibility() || node.parentElement.closest('.vh, thead, svg, dd')) continue;
    for (const m of node.data.matchAll(/\\p{L}{3,14}/gu)) {
      const range = document.createRange();
      range.setStart(node, m.index); range.setEnd(node, m.index + m[0].length);
      const lines = new Set([...range.getClientRects()].filter(r => r.width > 0).map(r => Math.round(r.top)));
      if (lines.size > 1) out.push(m[0]);
    }
  }
  return out;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same plan in both languages, and a large one."""
    folder, library = tmp_path_factory.mktemp("reports"), Library()
    case = make_case(237, 14, 20)
    texts = {
        "en": render_report(library.plan("usual"), library.case("usual")),
        "fr": render_report(library.plan("usual"), library.case("usual"), language="fr"),
        "large": render_report(make_plan(case), case),
        "hostile": library.page("hostile"),
        "infeasible": library.page("infeasible"),
    }
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, "utf-8")
    return {name: folder / f"{name}.html" for name in texts}


def opened(browser: Any, path: Path, **options: Any) -> Any:
    """The page in a window of its own; what its script complains of, or the policy forbids, fails the test."""
    page = browser.new_page(**{"viewport": DESK, **options})
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda told: page.faults.append(told.text) if told.type == "error" else None)
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize("name", ["en", "fr", "hostile", "infeasible", "large"])
def test_nothing_is_wider_than_a_telephone(browser: Any, files: dict[str, Path], name: str) -> None:
    """No sideways scroll, nothing sticks out, no word of common length is broken inside, and the script is content."""
    page = opened(browser, files[name], viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate(WIDE) == []
    assert name == "hostile" or page.evaluate(BROKEN) == []
    assert page.faults == []
    page.close()


def test_a_large_report_is_light_when_opened(browser: Any, files: dict[str, Path]) -> None:
    """237 entities by 14 services: 600 kB and 10,000 nodes at most, of any kind."""
    assert files["large"].stat().st_size <= 600_000
    page = opened(browser, files["large"])
    nodes = page.evaluate(
        "() => { let n = 0; const w = document.createTreeWalker(document); while (w.nextNode()) n++; return n; }"
    )
    assert nodes <= 10_000
    page.close()


def test_proof_and_losers_stand_on_the_first_screen(browser: Any, files: dict[str, Path]) -> None:
    """On a desk the section of losers begins there; on a telephone the first sentence says how many lose."""
    for viewport in (DESK, PHONE):
        page = opened(browser, files["large"], viewport=viewport)
        seen = [page.locator(".status li").first, page.locator("p.lead")]
        seen += [page.locator("#h-worse")] if viewport is DESK else []
        for element in seen:
            box = element.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= viewport["height"]
        assert "worse off" in page.locator("p.lead").inner_text()
        page.close()


def test_a_long_table_is_filtered_sorted_and_closed(browser: Any, files: dict[str, Path]) -> None:
    """By country, by name without its accents, down to nothing, which is said; then by figure; then as before."""
    page = opened(browser, files["large"])
    box = page.locator("[data-rows=detail-1]")
    before = page.evaluate(COUNT)
    box.get_by_role("button", name=re.compile("All 3.318")).click()
    find = page.get_by_role("searchbox")
    assert find.evaluate("e => e === document.activeElement")
    find.fill("KENYA nairobi")
    count = int(re.match(r"\d+", box.locator("[role=status]").inner_text().replace("\u202f", "")).group())  # type: ignore[union-attr]
    assert 0 < count < 3318
    assert all("Kenya" in row for row in box.locator("tbody tr").all_inner_texts())
    find.fill("no such office")
    assert box.locator("[role=status]").inner_text().startswith("0 rows")
    assert box.locator("tbody tr").count() == 0
    find.fill("")
    box.get_by_role("button", name="FTE").click()
    assert box.locator("th[aria-sort=descending]").inner_text() == "FTE"
    column = [h.strip() for h in box.locator("thead th").all_inner_texts()].index("FTE")
    shown = [float(t) for t in box.locator(f"tbody td:nth-child({column + 1})").all_inner_texts()]
    assert shown == sorted(shown, reverse=True)
    assert len(shown) < 200
    box.get_by_role("button", name="Close").click()
    assert page.evaluate(COUNT) == before
    assert page.faults == []
    page.close()


def test_rows_are_drawn_as_they_come_into_view(browser: Any, files: dict[str, Path]) -> None:
    page = opened(browser, files["large"])
    box = page.locator("[data-rows=detail-1]")
    box.get_by_role("button", name=re.compile("All 3.318")).click()
    first = box.locator("tbody tr").count()
    box.evaluate("e => { e.scrollTop = e.scrollHeight; }")
    page.wait_for_function("n => document.querySelectorAll('[data-rows=detail-1] tbody tr').length > n", arg=first)
    page.close()


def test_print_has_every_row_and_what_is_folded(browser: Any, files: dict[str, Path], library: Library) -> None:
    """Before print the rows are all drawn, after it the first ones again; paper is light."""
    page = opened(browser, files["en"], color_scheme="dark")
    rows = len(library.plan("usual")["assignments"])
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("[data-rows=detail-1] tbody tr").count() == rows
    assert page.locator("details:not(.toc) .tw").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("[data-rows=detail-1] tbody tr").count() < rows
    page.close()
    page = opened(browser, files["en"])
    assert len(page.pdf()) > 30_000
    page.close()


def test_without_script_what_matters_is_there(browser: Any, files: dict[str, Path]) -> None:
    """A note says what is missing; head, losers and the first rows of each table are read all the same."""
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto(files["large"].as_uri())
    assert "Scripts are off" in page.locator("noscript").inner_text()
    assert page.locator("#worse tbody tr").count() >= 5
    assert page.locator("#detail tbody tr").count() >= 8
    assert page.locator(".btn-s").count() == 0
    context.close()


def test_contents_open_on_a_telephone(browser: Any, files: dict[str, Path]) -> None:
    page = opened(browser, files["fr"], viewport=PHONE)
    link = page.locator("nav a").first
    assert not link.is_visible()
    page.locator("nav summary").click()
    assert link.is_visible()
    page.close()
    page = opened(browser, files["fr"])
    assert page.locator("nav a").first.is_visible()
    page.close()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "telephone"])
def test_nothing_stands_in_the_way_of_anybody(
    browser: Any, files: dict[str, Path], scheme: str, viewport: dict[str, int]
) -> None:
    """No violation of WCAG 2.2 AA as axe sees it, closed and with a long table open."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    page = browser.new_page(viewport=viewport, color_scheme=scheme, bypass_csp=True)
    page.goto(files["fr"].as_uri())
    for step in ("closed", "open"):
        if step == "open":
            page.locator("[data-rows=detail-1] button").last.click()
            page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        found = axe.run(page, options={"runOnly": {"type": "tag", "values": tags}}).response["violations"]
        assert [(v["id"], [n["html"][:200] for n in v["nodes"][:3]]) for v in found] == [], step
    page.close()
