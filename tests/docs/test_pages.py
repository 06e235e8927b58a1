"""Documentation executes, and leads to files that exist."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, pages

LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "data/cases/README.md",
        "docs/testing.md",
        "docs/time.md",
        "docs/money.md",
        "docs/shares.md",
        "docs/country.md",
        "docs/agreements.md",
        "docs/ledger.md",
    ],
)
def test_code_runs_as_shown(page: str) -> None:
    failed, tried = doctest.testfile(str(ROOT / page), module_relative=False)
    assert tried >= 4
    assert not failed


@pytest.mark.parametrize("page", pages(), ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    dead = [t for t in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / t).exists()]
    assert not dead


def test_the_index_leads_to_every_page() -> None:
    """To those beside it at once; to others at once, or to the page of their folder that does."""
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / target).resolve() for target in LINK.findall(index.read_text(encoding="utf-8"))}
    folders = {page.parent for page in linked} - {index.parent}
    apart = [p for p in pages() if p not in linked and p != index and p.parent not in folders]
    assert [str(p.relative_to(ROOT)) for p in apart if p.name != "README.md"] == []
