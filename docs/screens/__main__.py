"""Pictures of the pages, taken by Chromium.

Starts a service of its own, fills it with packaged cases, signs in and takes the pages that `docs/pages.md` shows.
With ``--all FOLDER`` it takes every page there instead: light and dark, on a desk and on a telephone.
"""

from __future__ import annotations

import argparse
import base64
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from docs.screens.palette import reduced
from docs.screens.world import KEY, served, shown
from optimizer.files import write_bytes_atomic

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from playwright.sync_api import Browser

    from docs.screens.world import Shown

__all__ = ["DESK", "PHONE", "main"]

FOLDER: Final = Path(__file__).parents[1] / "pictures" / "pages"
DESK: Final = 1400
PHONE: Final = 390
TALLEST: Final = 2600
"""Pixels of a page that a picture shows at the most."""

READ: Final = """async (png) => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height), paper = canvas.getContext("2d");
  paper.drawImage(image, 0, 0);
  const data = paper.getImageData(0, 0, image.width, image.height).data;
  const told = new FileReader();
  await new Promise((done) => { told.onload = done; told.readAsDataURL(new Blob([data])); });
  return told.result.split(",")[1];
}"""
"""What turns a PNG into its pixels: the browser that made it."""

Take = tuple[str, int, str, str]
"""Page, width, scheme, language."""

GUIDE: Final[tuple[Take, ...]] = (
    *((name, DESK, "light", "en") for name in ("start", "case", "solve", "plan", "compare", "time", "decide")),
    *((name, DESK, "light", "en") for name in ("why", "study-curve", "money", "no-plan")),
    *((name, PHONE, "light", "en") for name in ("start", "plan", "compare")),
    *((name, PHONE, "dark", "en") for name in ("plan", "time")),
    ("plan", DESK, "dark", "fr"),
)
"""What the guide shows."""


def main(words: Sequence[str] | None = None) -> int:
    """Take the pictures; 0 when all are there."""
    parser = argparse.ArgumentParser(prog="python -m docs.screens", description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="take every page, into another folder")
    parser.add_argument("--only", nargs="*", default=[], metavar="PAGE", help="of these, only such pages")
    given = parser.parse_args(words)
    program = next((p for name in ("chromium", "chromium-browser") if (p := shutil.which(name))), None)
    if program is None:
        print("there is no Chromium: apt-get install chromium", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as url:
        pages = shown(url)
        takes = GUIDE if given.all is None else tuple(_every(pages))
        wanted = [t for t in takes if not given.only or t[0] in given.only]
        total = _taken(program, url, pages, wanted, given.all or FOLDER)
    print(f"{len(wanted)} pictures, {total / 1e6:.2f} MB, in {given.all or FOLDER}")
    return 0


def _every(pages: Shown) -> Iterable[Take]:
    for name in pages:
        for width in (DESK, PHONE):
            for scheme in ("light", "dark"):
                yield name, width, scheme, "en"
        yield name, DESK, "light", "fr"
        yield name, PHONE, "light", "fr"


def file_of(take: Take) -> str:
    """Name of a picture."""
    name, width, scheme, language = take
    return f"{name}-{width}-{scheme}{'' if language == 'en' else '-' + language}.png"


def _taken(program: str, url: str, pages: Shown, takes: Sequence[Take], folder: Path) -> int:
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    total = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for look in dict.fromkeys(t[1:] for t in takes):
            total += _of_look(browser, url, pages, [t for t in takes if t[1:] == look], folder)
        browser.close()
    return total


def _of_look(browser: Browser, url: str, pages: Shown, takes: Sequence[Take], folder: Path) -> int:
    """All pictures of one width, scheme and language."""
    _, width, scheme, language = takes[0]
    dark: Any = scheme
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=dark, locale=language)
    page, reader = context.new_page(), context.new_page()
    page.goto(f"{url}/sign-in")
    page.locator("#key").fill(KEY)
    page.locator("main form button").first.click()
    page.wait_for_url(f"{url}/")
    total = 0
    for take in takes:
        page.goto(url + pages[take[0]])
        high = min(TALLEST, int(page.evaluate("document.documentElement.scrollHeight")))
        png = page.screenshot(clip={"x": 0, "y": 0, "width": width, "height": high}, full_page=True)
        pixels = base64.b64decode(reader.evaluate(READ, base64.b64encode(png).decode()))
        small = reduced(pixels, width, high)
        write_bytes_atomic(folder / file_of(take), small)
        total += len(small)
    context.close()
    return total


if __name__ == "__main__":
    raise SystemExit(main())
