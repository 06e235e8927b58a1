"""Time and money in French: no sentence, title or word of ours stays English, figures and dates are French."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

import optimizer as dg
from optimizer.cli.main import app
from optimizer.domain.answer import Answer
from optimizer.domain.policy import POLICY_KEYS
from optimizer.report.country_console import print_countries, print_country
from optimizer.report.country_map import country_map
from optimizer.report.country_words import countries_words, country_words
from optimizer.report.html import render_report
from optimizer.report.ranges_console import print_range
from optimizer.report.ranges_words import range_words
from optimizer.report.shares_console import print_shares
from optimizer.report.shares_words import core_words, shapley_words
from optimizer.report.study_blocks import said
from optimizer.report.time.words import replanned_words
from tests.report.fixtures.french import english_left, english_words
from tests.report.fixtures.markup import Page
from tests.report.test_french import asked


def names(case: dg.Case) -> Iterator[str]:
    """What a case calls things, and what it says of them."""
    for row in (*case.entities, *case.providers, *case.services):
        yield from (row.name, row.id)
    for site in (*case.entities, *case.providers):
        yield site.place.city
    for stated in (*case.assumptions, *case.paths):
        yield from (stated.reason, stated.source, stated.key, stated.table, stated.column)
    yield from (case.name, case.policy.currency)


def codes(text: str) -> str:
    """A page without what is code in every language: ids of rules under their names, values of the policy."""
    return re.sub(r"<small><bdi>[a-z_]+</bdi></small>|<bdi>\{.*?\}</bdi>", "", text)


@pytest.fixture(scope="module")
def ranged(case: dg.Case, plan: dg.PlanOverTime) -> dict[str, Any]:
    return dg.range_of(case, plan, samples=20).as_dict()


@pytest.fixture(scope="module")
def shares() -> dict[str, Any]:
    tiny = dg.example("tiny")
    return dg.fair_shares(tiny, dg.solve(tiny, backend="highs")).document()


@pytest.fixture(scope="module")
def team() -> dict[str, Any]:
    return dg.bos(dg.example("bos-demo")).document()


def teams() -> dict[str, Any]:
    """Two countries, one with a plan."""
    known = {"country": "KE", "name": "Kenya", "city": "Nairobi", "latitude": -1.3, "longitude": 36.8, "offices": 21}
    known |= {"staff": 3641.0, "solution": "feasible", "gap_rel": 0.0012, "saving": 9.7e6, "one_off": 5.9e6}
    known |= {"npv": 3.94e7, "break_even": 8}
    none = {
        **known,
        "country": "ET",
        "solution": "not_reached",
        **dict.fromkeys(("gap_rel", "saving", "one_off", "npv")),
    }
    totals = {"countries": 2, "with_plan": 1, "saving": 9.7e6, "one_off": 5.9e6, "npv": 3.94e7}
    return {"currency": "USD", "countries": [known, none], "totals": totals}


def printed(show: Any, told: Any) -> str:
    out = io.StringIO()
    show(told, Console(file=out, width=200), "fr")
    return out.getvalue()


class TestReport:
    def test_no_text_of_ours_is_missing(
        self, document: dict[str, Any], case: dg.Case, ranged: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        missing = asked(monkeypatch)
        text = render_report(document, case, ranges=ranged, language="fr")
        known = {*names(case), *(k.name for k in POLICY_KEYS), "GS", "FS", "NPO"}
        assert sorted(missing - known) == []
        assert '<html lang="fr"' in text

    def test_no_sentence_stays_english(self, document: dict[str, Any], case: dg.Case, ranged: dict[str, Any]) -> None:
        """With what a plan may say that this one does not: broken rules, forced moves, nothing that pays back."""
        left = english_left(codes(render_report(document, case, ranges=ranged, language="fr")), names(case))
        assert left == []
        document["savings"] |= {"break_even": None, "npv": -5e5, "total": -3e5, "one_off_forced": 1.0}
        document["savings"] |= {"source_ended_cost": 1.0, "irr": None, "five_years": 1.0}
        document["status"]["solution"] = "feasible"
        document["bounds"] |= {"gap_abs": 1e5, "gap_rel": 0.004}
        for row in document["assignments"]:
            row.update(volume_basis="estimated", forced=True)
        for wave, state in zip(document["waves"], ("committed", "refined", "proposed"), strict=False):
            wave["state"] = state
        assert english_left(codes(render_report(document, case, language="fr")), names(case)) == []

    def test_english_would_be_found(self, document: dict[str, Any], case: dg.Case) -> None:
        assert len(english_left(render_report(document, case), names(case))) > 100

    def test_without_a_plan(self, document: dict[str, Any], case: dg.Case) -> None:
        rows = ("cash_flow", "waves", "staffing", "assignments", "unallocated", "lines", "sites", "entities")
        document |= {"cost": None, "baseline": None, "savings": None, **{name: [] for name in rows}}
        document["status"]["solution"] = "infeasible"
        assert english_left(codes(render_report(document, case, language="fr")), names(case)) == []

    def test_dates_and_figures_are_french(self, document: dict[str, Any], case: dg.Case) -> None:
        page = Page(render_report(document, case, language="fr"))
        head = page.all("header")[0].text
        assert "juin 2029" in head
        assert "juillet 2027" in head
        assert re.search(r"\d,\d\u202fM", head)
        main = page.all("main")[0].text
        assert "T1\u00a02027" in main
        assert "Ouganda" in main
        assert not re.search(r"\d\.\d\u202f?[M%k]", main)

    def test_the_command_writes_it(self, file: Path, tmp_path: Path) -> None:
        out = tmp_path / "report.html"
        told = CliRunner().invoke(
            app, ["range", "mission-start", str(file), "--samples", "5", "--report", str(out), "--language", "fr"]
        )
        assert told.exit_code == 0
        assert "tirages" in told.output
        assert "Qui change, et quand" in out.read_text("utf-8")


class TestTerminal:
    def test_ranges(self, ranged: dict[str, Any], case: dg.Case) -> None:
        again = {"solved": 2, "samples": 2, "compared": 1, "regret_mean": 1e3, "regret_max": 2e3, "decisions": []}
        again["decisions"] = [{"entity": "E", "service": "S", "provider": None, "stays": 0.5}]
        told = {**ranged, "reoptimised": again, "broken_rules": {"line_capacity": 0.25}, "invalid": 3}
        assert english_words(printed(print_range, told), names(case)) == []

    def test_fair_shares(self, shares: dict[str, Any]) -> None:
        case = dg.example("tiny")
        assert english_words(printed(print_shares, shares), names(case)) == []
        for method in ("sampled", "not_answered"):
            found = {"by": "regions", "method": method, "orders": 20, "seed": 3, "detail": "no plan for A, B in time"}
            assert english_words(printed(print_shares, {**shares, "shapley": found}), names(case)) == []
        for verdict in ("not_empty", "empty", "undecided"):
            told = {**shares, "core": {**shares["core"], "verdict": verdict, "every_group": False}}
            assert english_words(" ".join(said_in_french(core_words(told)))) == []

    def test_country_model(self, team: dict[str, Any]) -> None:
        assert english_words(printed(print_country, team), names(dg.example("bos-demo"))) == []
        assert (
            english_words(printed(print_country, {**team, "npv": None, "solution": "infeasible"}), [team["name"]]) == []
        )
        told = printed(print_countries, teams())
        assert english_words(told) == []
        assert "Éthiopie" in told
        assert "Kenya : 39" in country_map(teams(), "fr").replace("(KE) ", "")

    def test_eighty_columns_hold_the_countries(self) -> None:
        out = io.StringIO()
        print_countries(teams(), Console(file=out, width=80))
        assert "0.1 %" in out.getvalue()
        assert "No time was left" in out.getvalue()


def said_in_french(sentences: list[str]) -> list[str]:
    """As pages of the service say them: from the answer as it is kept."""
    answer = Answer("shares", {}, "", sentences=tuple(sentences))  # type: ignore[arg-type]
    return said(json.loads(json.dumps(answer.as_dict())), "fr")


class TestKept:
    """Sentences of an answer that is kept as JSON lose nothing."""

    def test_they_are_french(self, ranged: dict[str, Any], shares: dict[str, Any], team: dict[str, Any]) -> None:
        made = [range_words(ranged), *core_words(shares), shapley_words(shares), *country_words(team)]
        made += [*countries_words(teams()), *replanned_words(3, {"moved": [{"entity": "A", "service": "S"}]})]
        told = said_in_french(made)
        assert english_words(" ".join(told)) == []
        assert not [s for s in told if re.search(r"\d\.\d", s)]

    def test_a_number_of_things_is_plural(self) -> None:
        one, two = ({"moved": [{"entity": e, "service": "S"} for e in some]} for some in ("A", "AB"))
        assert said_in_french(replanned_words(0, one)) == ["1 demande du plan précédent change autrement."]
        assert said_in_french(replanned_words(0, two)) == ["2 demandes du plan précédent changent autrement."]
