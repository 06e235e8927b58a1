"""The report in French: every text of ours is in the catalogue, figures and countries are written the French way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import optimizer as dg
from optimizer.cli.main import app
from optimizer.domain.policy import POLICY_KEYS
from optimizer.report import language as languages
from optimizer.report.html import render_report
from optimizer.report.workbook import plan_book
from tests.ranges.cases import with_ranges
from tests.report.conftest import KINDS, Library
from tests.report.fixtures.markup import Page


def asked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Texts that pages look up from now on and that the catalogue does not have."""
    missing: set[str] = set()
    real = languages._translated

    def spy(template: str, values: Any, language: str) -> str:
        letters = re.search(r"[^\W\d_]{2,}", re.sub(r"\{\w+\}", "", template))
        if language != "en" and letters and template not in languages._catalogue(language):
            missing.add(template)
        return real(template, values, language)

    monkeypatch.setattr(languages, "_translated", spy)
    return missing


def names_of(value: Any) -> Iterator[str]:
    """Every text of a document or a case."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from (str(key), *names_of(inner))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from names_of(inner)


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_of_ours_is_missing(library: Library, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is looked up in vain is a name of the case, or a key of its policy."""
    plan, case = library.plan(kind), library.case(kind)
    missing = asked(monkeypatch)
    render_report(plan, case, language="fr")
    plan_book(plan, case, "fr")
    known = {k.name for k in POLICY_KEYS} | set(names_of(plan))
    known |= {p.place.city for p in case.providers} | {e.place.city for e in case.entities} | {case.name}
    known |= {x.name for x in (*case.entities, *case.providers, *case.services)}
    assert sorted(missing - known) == []


def test_a_range_is_told_in_french_too(monkeypatch: pytest.MonkeyPatch) -> None:
    case = with_ranges(dg.example("tiny"), 1)
    plan = dg.solve(case)
    told = dg.range_of(case, plan, samples=20).as_dict()
    missing = asked(monkeypatch)
    text = render_report(plan.document(), case, ranges=told, language="fr")
    known = {k.name for k in POLICY_KEYS} | set(names_of(plan.document())) | {p.place.city for p in case.providers}
    assert sorted(missing - known) == []
    assert "tirages" in text


def test_a_reoptimisation_is_told_in_french_too(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """How little can move, what more moves bring, and the kinds of reasons."""
    plan, case = library.plan("usual"), library.case("usual")
    first = next(a for a in plan["assignments"] if a["moved_from"])
    why = {"entity": first["entity"], "service": first["service"], "kind": "forced", "reason": "X-9", "amount": None}
    point = {"budget": 0, "moves": 1, "total": 1e6, "saving": 5e4, "one_off": 1e3, "gap_rel": 0.0}
    point |= {"solution": "optimal", "verified": True}
    moves = {"reason": "", "lower": 1, "upper": 1, "infeasible": False, "proven": True}
    told = {"points": [point, {**point, "budget": None, "total": None}], "moves": moves, "moved": [[why]]}
    missing = asked(monkeypatch)
    text = render_report(plan, case, told, language="fr")
    known = {k.name for k in POLICY_KEYS} | set(names_of(plan)) | {p.place.city for p in case.providers}
    english = {t for t in missing - known if not re.search("transfert|Transfert", t)}  # made in French beforehand
    assert sorted(english) == []
    assert "Each reason" not in text
    assert "X-9" in text


def test_figures_days_and_countries_are_french(library: Library) -> None:
    page = Page(render_report(library.plan("usual"), library.case("usual"), language="fr"))
    head = page.all("header")[0].text
    assert re.search(r"\d,\d\u202fM", head)
    assert not re.search(r"\d\.\d\u202f?[M%]", head)
    assert "Suisse" in page.all("main")[0].text
    assert page.data()["mark"] == ","
    assert page.all("html")[0].attrs["lang"] == "fr"
    english = [e for e in page.elements if e.attrs.get("lang") == "en"]
    assert english
    assert all(e.inside("table") for e in english)


def test_the_command_takes_a_language(tmp_path: Path) -> None:
    """Report and workbook in French; a language that nothing is said in is refused before any work."""
    case = dg.example("tiny")
    lines = [f"{e},{s},{row.provider}" for (e, s), row in sorted(case.current_of.items())]
    (tmp_path / "list.csv").write_text("\n".join(["entity,service,provider", *lines]), "utf-8")
    asked = ["price", "tiny", str(tmp_path / "list.csv"), "--report", str(tmp_path / "report.html"), "--language"]
    CliRunner().invoke(app, [*asked, "fr"])
    assert '<html lang="fr"' in (tmp_path / "report.html").read_text("utf-8")
    refused = CliRunner().invoke(app, [*asked, "tlh"])
    assert refused.exit_code != 0
    with pytest.raises(dg.UsageError, match="tlh"):
        dg.write_report(dg.price(case, [line.split(",") for line in lines]), tmp_path / "r.html", language="tlh")
