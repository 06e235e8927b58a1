"""The report of the largest packaged case, as it is made: what it weighs in each language."""

from __future__ import annotations

import pytest

import optimizer as dg
from tests.report.fixtures.markup import Page


@pytest.mark.slow
def test_the_report_of_the_secretariat_is_light(tmp_path_factory: pytest.TempPathFactory) -> None:
    """600 kB and 10,000 elements at most in both languages; moves say before, after, saving and why."""
    folder = tmp_path_factory.mktemp("secretariat")
    plan = dg.solve(dg.example("secretariat"), time_limit=30, threads=1)
    assert plan.ok
    for language in ("en", "fr"):
        path = dg.write_report(plan, folder / f"{language}.html", language=language)
        assert path.stat().st_size <= 600_000
        page = Page(path.read_text("utf-8"))
        assert len(page.elements) <= 10_000
    english = Page((folder / "en.html").read_text("utf-8"))
    moves = english.data_rows("moves-1")
    titles = [c["title"] for c in english.data()["tables"]["moves-1"]["columns"]]
    before, after, saving = (titles.index(t) for t in ("Before", "After", "Saving"))
    assert titles[-1] == "Reason, and what it costs the entity"
    for row in moves:
        amounts = [int(row[k].replace("−", "-")) for k in (before, after, saving)]
        assert abs(amounts[0] - amounts[1] - amounts[2]) <= 1
        assert row[-1]
    assert "opens " in " ".join(row[8] for row in english.data_rows("detail-1"))
