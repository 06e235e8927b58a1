"""A workbook with nine mistakes is mended on its page in a real browser, with and without scripts, also by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from api.uploads import XLSX
from tests.api.serving import Api
from tests.api.web.browsing import TAGS, Seen, heading, press, signed
from tests.api.web.conftest import CHROMIUM, Started
from tests.api.web.test_browser import Wire
from tests.api.web.test_mending import nine
from tests.api.worlds import tiny

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="NOT TESTED: no Chromium is installed (apt-get install chromium)"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        held = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield held
        held.close()


def cell(page: Page, row: int, column: str) -> Locator:
    return page.locator(f'[name="cell:{row}:{column}"]')


def left(page: Page, number: int) -> None:
    """Wait until so many mistakes are left, and check what is told."""
    told = {0: "No mistake is left", 1: "One mistake to mend"}.get(number, f"{number} mistakes to mend")
    page.locator("h1", has_text=told).wait_for(timeout=20_000)


def write(page: Page, row: int, column: str, text: str, *, scripts: bool) -> None:
    """Type into a cell and leave it; without scripts the form is sent by its button."""
    cell(page, row, column).fill(text)
    if scripts:
        cell(page, row, column).press("Tab")
    else:
        press(page, "Save and check again")


def at_table(page: Page, name: str) -> None:
    page.locator("main").get_by_role("link", name=name, exact=True).click()
    page.locator("h2#h-e", has_text=name).wait_for()


def started_draft(page: Page, started: Started) -> None:
    page.goto(f"{started.url}/cases/new")
    file = {"name": "nine.xlsx", "mimeType": XLSX, "buffer": nine()}
    page.locator("#files").set_input_files([file])  # type: ignore[list-item]
    press(page, "Upload and check")
    left(page, 9)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_workbook_with_nine_mistakes_is_mended_in_the_page(browser: Browser, started: Started, scripts: bool) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    seen, page = Seen(context, started.url, scripts=scripts), signed(context, started, started.key)
    started_draft(page, started)
    press(page, "Use Asia/Beirut")
    left(page, 8)
    if scripts:  # the button is gone; the reader is led to the next mistake
        assert page.evaluate("document.activeElement.name") == "cell:3:headcount"
    write(page, 3, "headcount", "12", scripts=scripts)
    left(page, 7)
    if scripts:  # the count is told, the field that the reader is in keeps the focus
        assert page.locator("#status").inner_text() == "Checked: 7 mistakes are left."
        assert page.evaluate("document.activeElement.id") == "e4"
    write(page, 4, "work_start", "quarter past", scripts=scripts)
    page.locator(".err", has_text="quarter past").wait_for()
    write(page, 4, "work_start", "09:00", scripts=scripts)
    left(page, 6)
    write(page, 5, "name", "Office Delta", scripts=scripts)
    left(page, 5)
    good = tiny()
    at_table(page, "demands")
    write(page, 2, "service", good["demands"][0]["service"], scripts=scripts)
    left(page, 4)
    write(page, 3, "volume", "7", scripts=scripts)
    left(page, 3)
    at_table(page, "providers")
    write(page, 2, "status", good["providers"][0]["status"], scripts=scripts)
    left(page, 2)
    at_table(page, "policy")
    write(page, 3, "value", "2026", scripts=scripts)
    left(page, 1)
    at_table(page, "tiers")
    assert page.get_by_label("Column").input_value() == "remark"
    press(page, "Change the column")
    left(page, 0)
    with page.expect_download() as handed:
        page.get_by_role("link", name="Download the workbook").click()
    assert handed.value.suggested_filename.endswith(".xlsx")
    page.locator("#name").fill("Mended in the page")
    press(page, "Make the case")
    page.locator("h1", has_text="Mended in the page").wait_for()
    seen.assert_clean(page, scripts=scripts)
    context.close()


def test_what_is_typed_while_an_answer_is_on_its_way_is_not_lost(browser: Browser, started: Started) -> None:
    context = browser.new_context()
    page = signed(context, started, started.key)
    started_draft(page, started)
    held: list[Any] = []
    page.route(re.compile(r"/drafts/\w+$"), lambda route: held.append(route))
    cell(page, 3, "headcount").fill("12")
    with page.expect_request(lambda r: r.method == "POST"):
        cell(page, 3, "headcount").press("Tab")
    cell(page, 4, "work_start").fill("08:")  # the first answer comes while this is being typed
    with page.expect_response(lambda r: r.request.method == "POST"):
        held[0].continue_()
    page.unroute_all()
    cell(page, 4, "work_start").press("End")
    cell(page, 4, "work_start").press_sequentially("30")
    cell(page, 4, "work_start").press("Tab")
    left(page, 7)
    api = Api(started.url, started.key)
    draft = page.url.rpartition("/")[2].partition("?")[0]
    rows = api.get(f"/v1/drafts/{draft}/rows", params={"table": "entities"}).json()["items"]
    api.close()
    cells = {r["row"]: r["cells"] for r in rows}
    assert (cells[3]["headcount"], cells[4]["work_start"]) == ("12", "08:30")
    context.close()


def test_two_tabs_and_a_draft_that_is_gone(browser: Browser, started: Started) -> None:
    context = browser.new_context()
    one = signed(context, started, started.key)
    started_draft(one, started)
    two = context.new_page()
    two.goto(one.url)
    write(two, 3, "headcount", "11", scripts=True)
    left(two, 8)
    write(one, 3, "headcount", "22", scripts=True)
    one.get_by_text("Somebody else has changed the same cells").wait_for()
    assert cell(one, 3, "headcount").input_value() == "22"
    assert one.get_by_text("Somebody has written here meanwhile: 11").is_visible()
    press(one, "Take theirs")
    left(one, 8)
    two.reload()
    two.get_by_text("Delete this draft").click()
    press(two, "Delete it")
    two.locator("h1", has_text="case").wait_for()
    cell(one, 4, "work_start").fill("4711")
    cell(one, 4, "work_start").press("Tab")
    one.locator("h1", has_text="This draft is not there any more").wait_for()
    assert one.get_by_text("4711").is_visible()
    context.close()


def test_a_session_that_ends_loses_no_cell(browser: Browser, started: Started) -> None:
    context = browser.new_context()
    page = signed(context, started, started.key)
    started_draft(page, started)
    context.clear_cookies()
    write(page, 3, "headcount", "12", scripts=True)
    page.locator("h1", has_text="Your session has ended").wait_for()
    page.get_by_label("Key", exact=True).fill(started.key)
    press(page, "Sign in")
    press(page, "Send it now")
    left(page, 8)
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_pages_of_drafts_have_no_fault_of_accessibility(
    browser: Browser, started: Started, scheme: Any, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    api = Api(started.url, started.key)
    faulty = api.post("/v1/drafts", content=nine(), headers={"Content-Type": XLSX}).json()["id"]
    clean = api.post("/v1/drafts/start", json={"example": "tiny"}).json()["id"]
    api.close()
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    seen, page = Seen(context, started.url, scripts=True), signed(context, started, started.key)
    places = [f"{faulty}{q}" for q in ("", "?table=entities&row=3", "?table=policy", "?table=tiers")]
    found = {}
    for place in (*places, clean):
        page.goto(f"{started.url}/drafts/{place}")
        page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
        wide, window = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        told = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]
        faults = [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in told]
        if faults or wide > window:
            found[place] = (faults, wide)
    assert found == {}
    seen.assert_clean(page, scripts=True)
    context.close()


def test_a_mistake_is_mended_by_the_keyboard_alone(browser: Browser, started: Started) -> None:
    context = browser.new_context()
    page = signed(context, started, started.key)
    started_draft(page, started)
    page.get_by_role("link", name="entities, row 3, headcount").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # from the place that the link led to into its cell, or past it
    for _ in range(6):
        if page.evaluate("document.activeElement.name") == "cell:3:headcount":
            break
        page.keyboard.press("Tab" if page.evaluate("document.activeElement.name") is None else "Shift+Tab")
    assert page.evaluate("document.activeElement.name") == "cell:3:headcount"
    page.keyboard.press("Control+a")
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    left(page, 8)
    assert heading(page).startswith("8 mistakes")
    context.close()


def test_a_large_draft_is_a_light_page(started: Started) -> None:
    api, wire = Api(started.url, started.key), Wire(started.url, started.key)
    draft = api.post("/v1/drafts/start", json={"example": "secretariat"}).json()["id"]
    api.close()
    wire.bytes_of("/cases")
    sizes = [
        wire.bytes_of(f"/drafts/{draft}{query}") for query in ("?table=entities", "?table=demands", "?table=policy")
    ]
    wire.client.close()
    assert max(sizes) <= 25_000
