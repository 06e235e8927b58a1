"""The page of why-not questions is made of the figures, and of nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks import studies_page
from benchmarks.studies import Asked, measure
from optimizer.domain.errors import UsageError


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    out = tmp_path_factory.mktemp("studies") / "studies.json"
    said: list[object] = []
    made = measure(
        Asked("tiny", questions=3, peers=1, solve_s=20, limit_s=20, threads=1), out, said.append, "in a test"
    )
    assert json.loads(out.read_text()) == made
    assert len(said) == 3
    return made


def test_the_page_shows_the_figures(found: dict[str, Any], tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text(f"before\n{studies_page.BEGIN}\nwhat was there\n{studies_page.END}\nafter\n")
    studies_page.publish(found, tmp_path, page)
    text = page.read_text()
    assert "what was there" not in text
    assert "in a test" in text
    proven = sum(r["status"] == "proven" for r in found["rows"])
    assert proven
    assert re.search(rf"3 random why-not questions: .*\b{proven} proven", text)
    ends = sorted(r["end_s"] for r in found["rows"])
    assert f"| End, s | {ends[1]:.1f} | {ends[2]:.1f} | median 5, worst 45 |" in text
    assert "HiGHS from cold on 1 of them, s; 1 with a plan" in text
    assert json.loads((tmp_path / "studies.json").read_text()) == found
    assert (tmp_path / "studies.md").read_text().endswith(studies_page.table(found))


def test_without_peers_nothing_is_said_of_them(found: dict[str, Any]) -> None:
    alone = {**found, "rows": found["rows"][1:]}
    assert "HiGHS" not in studies_page.table(alone)


def test_a_page_without_a_place_is_refused(found: dict[str, Any], tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("no marks")
    with pytest.raises(UsageError, match="no place"):
        studies_page.publish(found, tmp_path, page)


def test_the_page_of_the_repository_has_the_figures_that_are_kept() -> None:
    kept = json.loads((studies_page.RESULTS / "studies.json").read_text(encoding="utf-8"))
    assert studies_page.table(kept) in studies_page.PAGE.read_text(encoding="utf-8")
