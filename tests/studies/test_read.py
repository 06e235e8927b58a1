"""Answers as somebody reads them who did not write them: one test for each thing that was misread."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from rich.console import Console

import optimizer as dg
from optimizer.domain.answer import Answer, told
from optimizer.report.console import plain
from optimizer.report.language import LANGUAGES, in_language, word
from optimizer.report.study_cells import cell_text
from optimizer.report.study_console import print_answer
from optimizer.report.wording import humanise
from optimizer.session import Session
from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.diagnose import wording_limits
from optimizer.studies.base import Budget, Setting
from optimizer.studies.changed import _of_part
from optimizer.studies.continuity_words import sentences as of_losses
from optimizer.studies.in_time import InTime
from optimizer.studies.pareto import _Front
from optimizer.studies.repair_large import Hitting
from optimizer.studies.scenarios.study import Beside
from optimizer.studies.scenarios.table import run_row
from optimizer.studies.scenarios.table import sentences as of_runs
from optimizer.studies.search import Ends
from optimizer.studies.words import money, say
from optimizer.verify.findings import apart

ONE = {"entity": "CHARLIE", "service": "payroll"}
NOTHING = {"largest": None, "largest_share": None}


@pytest.fixture(scope="module")
def tiny() -> Iterator[tuple[Session, dg.Plan]]:
    with Session(dg.example("tiny")) as session:
        yield session, session.solve()


def shown(answer: Answer, language: str) -> str:
    out = io.StringIO()
    print_answer(answer, Console(file=out, width=200), language)
    return out.getvalue()


def test_refusals_have_names_and_are_said_in_french(tiny: tuple[Session, dg.Plan]) -> None:
    forbid = {"action": "forbid", **ONE, "provider": "GVA", "reason": "agreed"}
    with Session(dg.replace(dg.example("tiny"), decisions=[forbid])) as session:
        plan = session.solve()
        answers = [dg.study("why", session, plan, **ONE), dg.study("why_not", session, plan, provider="GVA", **ONE)]
    rows = [
        r for a in answers for t in ("providers", "refusals") for r in a.tables.get(t, ()) if r["provider"] == "GVA"
    ]
    columns = ("why_not", "message", "what_lifts_it")
    cells = [[cell_text(n, row[n], lang) for lang in LANGUAGES] for row in rows for n in columns if row.get(n)]
    assert len(cells) == 4
    assert [english for english, french in cells if english == french] == []


def test_a_service_that_is_not_offered_is_told_by_names(tiny: tuple[Session, dg.Plan]) -> None:
    case = tiny[0].case
    offers = [o for o in case.tables["offers"] if (o["provider"], o["service"]) != ("GVA", "payroll")]
    tiers = [t for t in case.tables["tiers"] if (t["provider"], t["service"]) != ("GVA", "payroll")]
    answer = dg.study("why", dg.replace(case, offers=offers, tiers=tiers), **ONE)
    (row,) = (r for r in answer.tables["providers"] if r["provider"] == "GVA")
    assert row["why_not"] == "Service centre, Geneva does not offer Payroll"
    assert "n’offre pas" in in_language(row["why_not"], "fr")


def test_every_column_of_every_table_of_why_not_is_french(tiny: tuple[Session, dg.Plan]) -> None:
    """Small questions had no one else who moves and nothing that is full, so these stayed English."""
    names = {
        "moves": "entity service plan then effort_fte could_stay",
        "full": "rule unit before after for_backups capacity",
    }
    columns = {humanise(c) for text in names.values() for c in text.split()}
    assert sorted(c for c in columns - {"Plan", "Service"} if word(c, "fr") == c) == []
    assert cell_text("rule", "line capacity", "fr") == "capacité de ligne"
    assert cell_text("measure", "overlap", "fr") == "heures communes"
    assert cell_text("unit", "hours a day", "fr") == "heures par jour"


def test_a_figure_with_one_end_says_which(tiny: tuple[Session, dg.Plan]) -> None:
    row = {"provider": "P", "least_extra": None, "most_extra": 7.0, "least_price": -3.0, "most_price": None}
    answer = Answer("why_not", {}, "", tables={"providers": (row,)})
    english, french = (shown(answer, language) for language in LANGUAGES)
    assert "at most 7" in english
    assert "at least −3" in english
    assert "au plus 7" in french


def test_figures_of_a_full_site_are_short_and_never_look_alike() -> None:
    def both(amount: str, limit: str) -> tuple[str, str]:
        one, other = apart(Fraction(amount), Fraction(limit))
        return str(one), str(other)

    assert both("24.254125", "22.902") == ("24.25", "22.9")
    assert both("110.0002", "110") == ("110.0002", "110")
    assert both("280", "279.793") == ("280", "279.79")


def test_many_losses_without_an_answer_are_counted() -> None:
    """Thirty-five pairs of sites were named in one sentence."""
    rows = tuple({"lost": lost, "status": "not answered"} for lost in ["NBO", "GVA", "AGY"] * 2)
    said = of_losses(dg.example("tiny"), 4.0, {"losses": rows, "concentration": (NOTHING,)})
    assert said[1].startswith("Losses not answered in the time given: 6, which the table names")


def test_backups_for_all_may_cost_nothing_more() -> None:
    """It was said to cost USD -1,000,000 to 25,000,000 more."""
    cover = {"status": "bounded", "upper": 1.0, "least_extra": -337_667.0, "most_extra": 24_680_331.0}
    tables: dict[str, Any] = {"losses": (), "every_demand_backed_up": (cover,), "concentration": (NOTHING,)}
    said = of_losses(dg.example("tiny"), 4.0, tables)
    assert "costs USD 24,680,331 a year more than the plan in hand; the cheapest may cost up to" in said[-1]
    assert "-" not in said[-1]


def test_a_limit_of_one_is_singular() -> None:
    case = dg.replace(dg.example("tiny"), policy={"site_count": {"min": 1, "max": 1}, "keep_current": False})
    case = dg.replace(case, policy={"max_moves": 0})
    answer = dg.study("conflict", case, time_limit=60)
    assert [s for s in map(str, answer.sentences) if "site_count.max) is 1 site." in s]
    assert str(wording_limits.plain(Fraction(1), "sites")) == "1 site"


def test_a_run_that_only_restricts_is_never_read_as_cheaper() -> None:
    """With two gaps open a case without agencies was told to cost perhaps 1,750,288 less than one with them."""
    base, run = Ends("bounded", 90.0, 100.0), Ends("bounded", 90.0, 120.0)
    open_ = run_row("no agencies", {}, run, base, None)
    assert (open_["difference_lower"], open_["difference_upper"]) == (-10.0, 30.0)
    tight = run_row("no agencies", {}, run, base, None, Beside(tighter=True))
    assert (tight["difference_lower"], tight["difference_upper"], tight["told_apart"]) == (0.0, 30.0, False)
    more = run_row("more sites", {}, Ends("bounded", 80.0, 100.0), base, None, Beside(looser=True))
    assert (more["difference_lower"], more["difference_upper"]) == (-20.0, 0.0)
    same = run_row("as it is", {}, run, base, None, Beside(tighter=True, looser=True))
    rows = [run_row("base", {}, base, base, None), tight, same]
    assert [s.split(":")[0] for s in of_runs(rows, "USD")][1:] == ["no agencies", "as it is"]
    assert list(of_runs(rows, "USD"))[2] == "as it is: costs the same."


def test_scenarios_compare_the_arrays() -> None:
    text = '[[scenario]]\nname = "no agencies"\npolicy = { agency_share_max = 0 }\n'
    answer = dg.study("scenarios", dg.example("tiny"), text=text, time_limit=60)
    assert answer.tables["runs"][1]["difference_lower"] >= 0.0


def test_a_rule_is_asked_about_by_its_key_of_the_policy_too() -> None:
    answer = dg.study("rule_price", dg.example("tiny"), rule="agency_min_saving", time_limit=60)
    assert {row["rule"] for row in answer.tables["rules"]} == {"agency_saving"}


def test_plans_are_made_while_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 60 s the prices of all rules took 307: each plan was made whole after the time was over."""
    monkeypatch.setattr(Budget, "fits", lambda _self, _seconds: False)
    answer = dg.study("rule_price", dg.example("tiny"), time_limit=60)
    assert {row["status"] for row in answer.tables["rules"]} == {"proven"}
    assert [p.plan for p in answer.points] == [None] * len(answer.points)
    assert answer.sentences[-1].startswith("Plans known by their cost alone, the time being over:")
    one = dg.study("rule_price", dg.example("tiny"), rule="agency_saving", time_limit=60)
    assert [p.plan for p in one.points] == [0]
    curve = dg.study("curve", dg.example("tiny"), over="smallest_move", values=(0, 0.3, 1), time_limit=60)
    assert [p.upper is not None for p in curve.points] == [True, True, True]


def test_when_the_time_is_over_no_other_case_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def vary(*_args: Any, **_given: Any) -> Session:
        raise AssertionError

    monkeypatch.setattr(Session, "vary", vary)
    answer = dg.study("rule_price", dg.example("tiny"), time_limit=0)
    assert {p.status for p in answer.points} == {"not_answered"}
    assert all("not answered (the time was over" in s for s in answer.sentences)


def test_one_plan_for_every_measure_is_made_once(tiny: tuple[Session, dg.Plan]) -> None:
    answer = dg.study("why_worse", *tiny, entity="CHARLIE", time_limit=60)
    documents = [p["assignments"] for p in answer.plans]
    assert all(one != other for i, one in enumerate(documents) for other in documents[:i])
    assert all(p.plan is not None for p in answer.points if p.upper is not None)


def test_time_ends_the_choice_of_sets_of_a_repair() -> None:
    """Of 30 s a repair took 1,154: four hundred choices make ten million sets of three."""

    class Over:
        over = True

    hitting = Hitting.__new__(Hitting)
    keys = [("refusal", (i,), "") for i in range(400)]
    hitting.conflicts = [frozenset([k]) for k in keys]
    hitting.taken, hitting.looking = [], Over()  # type: ignore[assignment]
    began = time.monotonic()
    assert hitting._next() is None
    assert time.monotonic() - began < 5


def test_time_for_plans_is_what_the_slowest_took() -> None:
    budget = Budget(100.0)
    stated = InTime(budget)
    stated.took(20.0)
    stated.took(5.0)
    stated.keep(2)
    share = budget.share(1)
    assert share is not None
    assert 59.0 < share <= 60.0


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (58_040.97, 58_040.97, "USD 58,040.97 a year more."),
        (-20.0, -20.0, "USD 20.00 a year less."),
        (-1_750_920.0, 900_000.0, "between USD 1,800,000 a year less and USD 900,000 a year more."),
        (5.0, None, "at least USD 5 a year (below 0: less)."),
    ],
)
def test_a_part_of_a_difference_is_told_as_more_or_less(low: float, high: float | None, said: str) -> None:
    """It was told as ``the search did USD -1,800,000 to 100,000 (above 0: dearer)``."""
    sentence = _of_part(told("the data"), low, high, "USD")
    assert sentence == f"Of this, from the data: {said}"
    assert in_language(sentence, "fr") != sentence


def test_differences_are_told_in_french_and_a_blank_as_blank() -> None:
    case = dg.example("tiny")
    other = dg.replace(case, policy={"max_moves": 9})
    plan = dg.solve(other, time_limit=60)
    answer = dg.study("changed", case, dg.solve(case, time_limit=60), other=plan.document(), other_case=other.tables)
    changes = {r["what"]: r["change"] for r in answer.tables["differences"]}
    assert changes["policy max_moves"] == "blank to 9"
    assert in_language(changes["policy max_moves"], "fr") == "vide à 9"
    assert in_language(changes["assignments"], "fr").startswith("demandes servies par un autre prestataire")


def test_a_provider_is_no_city_of_the_packaged_scores() -> None:
    """``scores has no rows`` was all that was said of three ids of providers."""
    with pytest.raises(dg.InputError) as refused:
        dg.study("location", dg.example("tiny"), places=("NBO", "GVA"), cost=False)
    assert [i.code for i in refused.value.issues] == ["unknown_place"] * 2
    assert [i for i in refused.value.issues if "no scores of NBO, a provider in Nairobi: name the city" in i.message]


@pytest.mark.parametrize("width", range(30, 60))
def test_no_number_is_broken_over_two_lines(width: int) -> None:
    """``418 400,00 USD`` stood at the end of one line and the beginning of the next."""
    sentence = say("The other plan costs {amount} a year more.", {}, amount=money(1_418_400.0, "USD"))
    out = io.StringIO()
    print_answer(Answer("changed", {}, "", sentences=(sentence,)), Console(file=out, width=width), "fr")
    amount = in_language(sentence, "fr").split("par an ")[1].split("\N{NO-BREAK SPACE}USD")[0]
    assert [line for line in out.getvalue().splitlines() if plain(amount) in line]


def test_the_plan_that_tells_how_long_plans_take_is_not_made_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    real = Session.state

    def state(self: Session, *args: Any, **given: Any) -> dg.Plan:
        made.append(given["name"])
        return real(self, *args, **given)

    monkeypatch.setattr("optimizer.studies.pareto.is_large", lambda _problem: True)
    monkeypatch.setattr(Session, "state", state)
    answer = dg.study("pareto", dg.example("tiny"), over="cost,moves", points=3, time_limit=60)
    assert len(made) == len(answer.plans) >= 2
    assert made.count("no limit") == 1


def test_a_bound_of_a_looser_point_holds_at_every_tighter_one() -> None:
    """A point with more asked of it was told to need less: 149,083,839 under a limit, 151,419,484 without."""
    with Session(dg.example("tiny")) as session:
        tight = session.vary(policy={"max_moves": 1})
        front = _Front(Setting(session, None, dg.SolveParams(), Budget(60.0), Watch()), [], 1)
        front.found = [({}, Ends("bounded", 90.0, 100.0), session), ({}, Ends("bounded", 80.0, 120.0), tight)]
        front.pass_on()
    assert [ends.lower for _, ends, _ in front.found] == [90.0, 90.0]
