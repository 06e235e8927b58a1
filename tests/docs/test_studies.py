"""Pages of the studies: each runs as shown, and each kind it speaks of is one."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from optimizer.studies.ask import STUDIES
from tests.docs.pages import ROOT

PAGES = sorted((ROOT / "docs" / "studies").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_a_page_runs_as_shown(page: Path) -> None:
    failed, tried = doctest.testfile(str(page), module_relative=False)
    assert tried >= 4
    assert not failed
    assert page.stem in {q.kind for q in STUDIES}
