"""A browser that signs in, presses, reads, and notes what breaks the policy of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.api.web.conftest import Started

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

__all__ = ["TAGS", "WATCH", "Seen", "heading", "press", "signed", "until"]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (e) => {
  window.violations.push(`${e.violatedDirective} ${e.blockedURI}`);
});
"""


class Seen:
    """What a browser met on its way: policy violations, requests to other hosts, failures of scripts."""

    def __init__(self, context: BrowserContext, url: str, *, scripts: bool) -> None:
        self.wrong: list[str] = []
        if scripts:
            context.add_init_script(WATCH)
        context.on("request", lambda r: r.url.startswith((url, "data:")) or self.wrong.append(r.url))
        context.on("weberror", lambda e: self.wrong.append(str(e.error)))
        context.on("console", lambda m: "Content Security" in m.text and self.wrong.append(m.text))

    def assert_clean(self, page: Page, *, scripts: bool) -> None:
        """Nothing of that happened."""
        if scripts:
            self.wrong += page.evaluate("window.violations")
        assert self.wrong == []


def signed(context: BrowserContext, started: Started, key: str) -> Page:
    page = context.new_page()
    page.goto(f"{started.url}/sign-in")
    page.get_by_label("Key", exact=True).fill(key)
    page.get_by_role("button", name="Sign in").click()
    return page


def heading(page: Page) -> str:
    assert page.locator("h1").count() == 1
    return page.locator("h1").inner_text()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def until(page: Page, text: str, *, scripts: bool) -> None:
    """Wait until the page shows it: by itself, or looked at again."""
    if scripts:
        page.get_by_text(text).first.wait_for(timeout=60_000)
        return
    for _ in range(120):
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(500)
        page.get_by_role("link", name="Look again").first.click()
    raise AssertionError(f"{text!r} never came: {page.locator('main').inner_text()}")
