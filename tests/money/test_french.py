"""Prices and statements in French: no word of ours stays English on pages and on the terminal."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

import optimizer as dg
from optimizer.cli.main import app
from optimizer.domain.charging import METHODS
from optimizer.report.charging import MEMO_WORDS
from optimizer.report.prices_console import print_prices, print_statements
from optimizer.report.prices_page import render_prices
from optimizer.report.statement_page import render_statement
from tests.report.fixtures.french import english_left, english_words
from tests.report.test_french import asked
from tests.studies.test_language import catalogue

TERMS: dict[str, Any] = {"max_price_change_rel": 0.02, "idle_by": "effort"}


@pytest.fixture(scope="module")
def years() -> tuple[dg.Case, dg.Plan, dg.PriceList]:
    """A second year: dearer, with a reserve, and a service that nobody knows the old price of."""
    case = dg.example("tiny")
    first = dg.price_list(case, dg.solve(case, backend="highs"))
    dearer = dg.replace(case, providers={"change": [{"id": "NBO", "site_fixed_cost": 10000}]})
    return dearer, dg.solve(dearer, backend="highs"), first


def names(case: dg.Case) -> Iterator[str]:
    """What the case calls things; units are its own too."""
    for row in (*case.entities, *case.providers, *case.services):
        yield from (row.name, row.id)
    for service in case.services:
        yield service.unit


@pytest.mark.parametrize("kind", ["provider", "universal", "own"])
def test_no_word_stays_english(
    years: tuple[dg.Case, dg.Plan, dg.PriceList], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, plan, first = years
    missing, known = asked(monkeypatch), list(names(case))
    prices = dg.price_list(case, plan, kind=kind, previous=first, **TERMS).document()
    prices["issues"] = []
    told = dg.statements(case, plan, kind=kind, previous=first, **TERMS).document()
    unknown = dg.statements(case, plan, kind=kind).document()
    pages = [render_prices(prices, case, "fr")]
    pages += [render_statement(d, s, case, "fr") for d in (told, unknown) for s in d["statements"]]
    assert [english_left(page, known) for page in pages] == [[]] * len(pages)
    assert all('<html lang="fr"' in page for page in pages)
    out = io.StringIO()
    print_prices(prices, Console(file=out, width=200), "fr")
    for statement in told["statements"]:
        print_statements({**told, "issues": [], "statements": [statement]}, Console(file=out, width=250), "fr")
    assert english_words(out.getvalue(), known) == []
    assert sorted(missing - set(known) - {p.place.city for p in case.providers} - {"USD"}) == []


def test_words_that_small_statements_do_not_need() -> None:
    known = catalogue("fr")
    wanted = {*METHODS.values(), *(words for pair in MEMO_WORDS.values() for words in pair)}
    assert sorted(wanted - set(known)) == []


def test_the_commands_write_it(years: tuple[dg.Case, dg.Plan, dg.PriceList], tmp_path: Path) -> None:
    import json

    case = dg.example("tiny")
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(dg.solve(case, backend="highs").document()), encoding="utf-8")
    for command, page in (("prices", "prices.html"), ("statements", "statement-BRAVO.html")):
        out = tmp_path / command
        done = CliRunner().invoke(app, [command, "tiny", str(plan), "--out", str(out), "--language", "fr"])
        assert done.exit_code == 0, done.output
        assert '<html lang="fr"' in (out / page).read_text("utf-8")
        assert "montants en" in done.output
    refused = CliRunner().invoke(app, ["prices", "tiny", str(plan), "--language", "tlh"])
    assert refused.exit_code != 0
