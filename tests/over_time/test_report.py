"""The report of a plan over time: its sentences, its pictures, whatever the plan is like."""

from __future__ import annotations

import copy
import io
import re
from typing import Any

import pytest
from rich.console import Console

import optimizer as dg
from optimizer.report.html import render_report
from optimizer.report.numbers import money, short
from optimizer.report.time.cash import curve_points, money_scale
from optimizer.report.time.console import print_over_time
from optimizer.report.time.people import place_years
from optimizer.report.time.periods import Periods
from optimizer.report.time.words import cost_words, move_words, people_words, proof_words, saving_words
from optimizer.testing.random_time import random_dynamic_case
from tests.report.fixtures.fake_case import HOSTILE
from tests.report.fixtures.markup import Page


def horizon(unit: str, count: int, start: str = "2027-01-01") -> dict[str, Any]:
    from datetime import date

    from optimizer.domain.horizon import Horizon

    day = date.fromisoformat(start)
    periods = [
        {"period": p.number, "begin": p.begin.isoformat(), "end": p.end.isoformat(), "planning_year": p.planning_year}
        for p in Horizon(day, unit, count, day).periods  # type: ignore[arg-type]
    ]
    return {"horizon": {"unit": unit, "periods": periods}}


def same(name: str) -> str:
    return name


def crowd(document: dict[str, Any], size: int) -> dict[str, Any]:
    """The plan with its entities many times over, in eight waves."""
    out = copy.deepcopy(document)
    rows, out["assignments"] = out["assignments"], []
    for wave in out["waves"]:
        wave.update(switches=0, entities=[])
    for k in range(size):
        for row in copy.deepcopy(rows):
            row["entity"] = f"{row['entity']}-{k}"
            if row["moved_from"] is not None:
                at = 2 + k % 8
                out["assignments"].append(
                    {**row, "provider": row["moved_from"], "moved_from": None, "from_period": 1, "until_period": at - 1}
                )
                row["from_period"] = at
                out["waves"][at - 1]["switches"] += 1
                out["waves"][at - 1]["entities"].append(row["entity"])
            out["assignments"].append(row)
    return out


class TestPage:
    def test_headline_and_sections(self, document: dict[str, Any], case: dg.Case) -> None:
        page = Page(render_report(document, case))
        words = page.all("main")[0].text
        assert short(document["savings"]["npv"], plus=True) in words
        assert "30 months" in words
        assert "in June 2029" in words
        ids = [s.attrs["id"] for s in page.all("section")]
        wanted = [
            "waves",
            "cash",
            "people",
            "load",
            "worse",
            "bound",
            "today",
            "rules",
            "findings",
            "data",
            "detail",
            "provenance",
        ]
        assert [i for i in ids if i != "decisions"] == wanted
        assert ids == [a.attrs["href"][1:] for a in page.all("a") if a.inside("nav")]

    def test_every_picture_says_what_it_shows(self, document: dict[str, Any], case: dg.Case) -> None:
        page = Page(render_report(document, case))
        pictures = [s for s in page.all("svg") if "over" in s.attrs.get("class", "")]
        assert len(pictures) >= 10
        assert all(s.attrs["role"] == "img" and s.attrs["aria-label"] for s in pictures)

    def test_money_of_every_year_is_there(self, document: dict[str, Any], case: dg.Case) -> None:
        words = Page(render_report(document, case)).all("main")[0].text
        years = Periods(document).by_year(document["cash_flow"], "running")
        assert all(money(value) in words for value in years.values())
        assert sum(years.values()) == pytest.approx(document["cost"]["running"])

    @pytest.mark.parametrize("name", HOSTILE)
    def test_names_stay_text(self, document: dict[str, Any], case: dg.Case, name: str) -> None:
        wild = case.having(
            entities=tuple(_named(e, name) for e in case.entities),
            providers=tuple(_named(p, name) for p in case.providers),
        )
        for row in document["staffing"]:
            row["place"] = name
        text = render_report(document, wild)
        assert "<script>alert" not in text
        assert "<img" not in text
        assert not [e for e in Page(text).elements if any(a.startswith("on") for a in e.attrs)]

    @pytest.mark.slow
    def test_two_hundred_entities_are_grouped_and_folded(self, document: dict[str, Any], case: dg.Case) -> None:
        text = render_report(crowd(document, 100), case)
        page = Page(text)
        assert text.count('class="row wave"') == 8
        shown = [
            e
            for e in page.all("span")
            if e.attrs.get("class") == "who" and e.inside("section") and not e.inside("details")
        ]
        assert len(shown) == 8
        assert len(text) < 3_000_000

    def test_without_a_plan(self, document: dict[str, Any], case: dg.Case) -> None:
        rows = ("cash_flow", "waves", "staffing", "assignments", "unallocated", "lines", "sites", "entities")
        document |= {"cost": None, "baseline": None, "savings": None, **{name: [] for name in rows}}
        document["status"]["solution"] = "infeasible"
        page = Page(render_report(document, case))
        assert [s.attrs["id"] for s in page.all("section")] == ["findings", "provenance"]
        assert "No plan keeps every rule" in page.all("main")[0].text

    def test_with_nothing_of_today(self, document: dict[str, Any], case: dg.Case) -> None:
        document |= {"baseline": None, "savings": None}
        assert "no arrangement of today" in Page(render_report(document, case)).all("main")[0].text


class TestAnyCase:
    """Cases drawn at random, of every unit: the page is whole, and the terminal says something."""

    @pytest.mark.parametrize("seed", range(6))
    def test_it_can_be_shown(self, seed: int) -> None:
        case = random_dynamic_case(seed, feasible=True)
        made = dg.solve(case, backend="highs", time_limit=30)
        assert made.ok
        Page(render_report(made.document(), case))
        out = io.StringIO()
        print_over_time(made.document(), Console(file=out, width=100))
        assert "Cost of the whole time" in out.getvalue()

    def test_many_periods_are_shown_by_year(self, document: dict[str, Any], case: dg.Case) -> None:
        """Sixteen quarters as forty-eight months: the table of loads has a column a year."""
        out = copy.deepcopy(document)
        out["horizon"] |= {**horizon("month", 48)["horizon"], "count": 48}
        for name in ("cash_flow", "sites", "staffing"):
            rows = [dict(r, period=3 * r["period"] - k) for r in out[name] for k in (2, 1, 0)]
            out[name] = sorted(rows, key=lambda r: r["period"])
        for row in out["assignments"]:
            row.update(from_period=3 * row["from_period"] - 2, until_period=3 * row["until_period"])
        for wave in out["waves"]:
            wave["period"] = 3 * wave["period"] - 2
        page = Page(render_report(out, case))
        table = next(s for s in page.all("section") if s.attrs["id"] == "load")
        assert "the fullest period of each year" in table.text


def _named(row: Any, name: str) -> Any:
    from dataclasses import replace

    return replace(row, name=name)


class TestWords:
    def test_money(self, document: dict[str, Any]) -> None:
        assert "USD 40.4\u202fM to run and USD 616\u202fk once" in cost_words(document)
        assert "earned back after 30 months, in June 2029" in saving_words(document)

    def test_what_is_not_earned_back(self, document: dict[str, Any]) -> None:
        document["savings"] |= {"break_even": None, "npv": -5e5, "total": -3e5, "run_rate": None}
        told = saving_words(document)
        assert "costs more by USD 300\u202fk" in told
        assert "not earned back in this time" in told
        assert "USD 500\u202fk less than staying" in told

    def test_nothing_to_pay_back(self, document: dict[str, Any]) -> None:
        document["savings"]["break_even"] = 0
        assert "Nothing has to be paid back" in saving_words(document)

    def test_who_moves(self, document: dict[str, Any]) -> None:
        told = move_words(document, same)
        assert (
            told == "3 services of 2 entities move: UNISFA (2 services) in April 2027; UNMISS (1 service) in July 2027."
        )
        many = move_words(crowd(document, 50), same)
        assert "in 8 waves, from April 2027 to January 2029" in many
        for wave in document["waves"]:
            wave.update(switches=0, entities=[])
        assert move_words(document, same).startswith("Nobody moves")

    def test_people_are_never_told_net(self, document: dict[str, Any]) -> None:
        found = place_years(document)
        rows = [r for r in document["staffing"] if r["source"] is None]
        for name in ("created", "abolished", "redeployed", "separated"):
            assert sum(getattr(y, name) for y in found) == pytest.approx(sum(r[name] for r in rows))
        told = people_words(document)
        assert re.search(r"[\d.]+ are created and [\d.]+ abolished", told)
        document["staffing"] = []
        assert people_words(document) == "No post is created or abolished."

    def test_proof(self, document: dict[str, Any]) -> None:
        assert proof_words(document).startswith("Proven optimal")
        document["status"]["solution"] = "feasible"
        document["bounds"] |= {"gap_abs": 1e5, "gap_rel": 0.004}
        assert "USD 100\u202fk, 0.4\u202f% of the whole" in proof_words(document)


class TestPeriods:
    @pytest.mark.parametrize(
        ("unit", "count", "start", "labels", "years"),
        [
            ("quarter", 5, "2027-01-01", ("Q1 2027", "Q1 2028"), ["2027", "2028"]),
            ("quarter", 5, "2027-02-01", ("Feb 2027", "Feb 2028"), ["2027/28", "2028/29"]),
            ("month", 13, "2027-07-01", ("Jul 2027", "Jul 2028"), ["2027/28", "2028/29"]),
            ("year", 3, "2027-01-01", ("2027", "2029"), ["2027", "2028", "2029"]),
        ],
    )
    def test_names(self, unit: str, count: int, start: str, labels: tuple[str, str], years: list[str]) -> None:
        when = Periods(horizon(unit, count, start))
        assert (when.label(1), when.label(count)) == tuple(t.replace(" ", "\u00a0") for t in labels)
        assert [when.year_label(y) for y in when.years] == years

    def test_months_that_have_passed(self) -> None:
        when = Periods(horizon("quarter", 16))
        assert (when.months, when.span) == (48, "January 2027 to December 2030")
        assert [when.after_months(m) for m in (0, 1, 12, 30)] == [
            "January 2027",
            "January 2027",
            "December 2027",
            "June 2029",
        ]

    def test_few_marks_on_a_long_axis(self) -> None:
        assert len(Periods(horizon("year", 40)).ticks) <= 8


class TestCurve:
    def test_the_sums_are_those_of_the_document(self, document: dict[str, Any]) -> None:
        points = curve_points(document, discounted=False)
        assert len(points) == 2 * 16 + 1
        assert points[2::2] == [r["cumulative"] for r in document["cash_flow"]]
        assert points[3] - points[2] == pytest.approx(-document["cash_flow"][1]["one_off_total"])

    def test_it_crosses_zero_in_the_month_of_break_even(self, document: dict[str, Any]) -> None:
        points = curve_points(document, discounted=True)
        month = document["savings"]["break_even"]
        period = (month - 1) // 3

        def at(months: int) -> float:
            begin, end = points[2 * period + 1], points[2 * period + 2]
            return begin + (end - begin) * (months - 3 * period) / 3

        assert at(month) >= -0.01
        assert at(month - 1) < 0

    @pytest.mark.parametrize(("low", "high"), [(-580_000, 450_000), (0, 0), (-3, -1), (0, 12.5), (5, 7), (-1e9, 1)])
    def test_marks_hold_all(self, low: float, high: float) -> None:
        marks = money_scale(low, high)
        assert marks[0] <= min(low, 0)
        assert marks[-1] >= max(high, 0)
        assert 2 <= len(marks) <= 9
        assert 0 in marks
