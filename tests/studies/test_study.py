"""Studies: one question class each, from which command and Python follow; curves that hold at every point."""

from __future__ import annotations

import dataclasses
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest
from typer.testing import CliRunner

import optimizer as dg
from optimizer.cli.main import app
from optimizer.domain.answer import Answer, Point
from optimizer.report.language import span, step_of
from optimizer.session import Session
from optimizer.studies import ask
from optimizer.studies.base import Budget, Setting, fields_of
from optimizer.studies.curve import Curve, passed_on
from optimizer.studies.curve_words import knee
from optimizer.studies.words import say
from optimizer.verify.checker import Evaluator


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(dg.example("tiny")) as made:
        yield made


class TestCurve:
    @pytest.mark.parametrize(
        ("over", "values", "key"),
        [
            ("moves", (0, 1, 2, 4), "max_moves"),
            ("budget", (0, 30_000, 100_000), "one_off_budget"),
            ("agency_share", (0, 0.1, 0.5), "agency_share_max"),
            ("providers", (1, 2), "max_providers_per_entity"),
        ],
    )
    def test_every_point_is_what_its_own_solve_says(
        self, session: Session, over: str, values: tuple[float, ...], key: str
    ) -> None:
        answer = dg.study("curve", session, over=over, values=values, time_limit=120)
        assert [p.at[over] for p in answer.points] == list(values)
        for point in answer.points:
            alone = dg.solve(dg.replace(session.case, policy={key: point.at[over]}), time_limit=60)
            assert (point.status == "impossible") == (alone.status.solution == "infeasible")
            if point.status != "impossible":
                assert point.status == "proven"
                assert point.upper == pytest.approx(alone.bounds.objective, abs=0.01)
                assert point.plan is not None
                case = dg.replace(session.case, policy={key: point.at[over]})
                rows = [
                    (a["entity"], a["service"], a["provider"], a["backup"] or "")
                    for a in answer.plans[point.plan]["assignments"]
                ]
                assert Evaluator(case).evaluate(rows).ok

    def test_more_room_never_costs_more(self, session: Session) -> None:
        points = dg.study("curve", session, over="moves", time_limit=120).points
        uppers = [p.upper for p in points if p.upper is not None]
        assert len(uppers) > 2
        assert uppers == sorted(uppers, reverse=True)
        assert points[0].at["moves"] == 0  # today's arrangement keeps every rule here

    def test_sites_from_one_to_all(self, session: Session) -> None:
        answer = dg.study("curve", session, over="sites", time_limit=60)
        assert [p.at["sites"] for p in answer.points] == [1, 2]
        assert answer.tables["points"][0]["limit"] == 1
        exact = dg.study("curve", session, over="sites", exactly=True, values=(2,), time_limit=60)
        assert exact.points[0].upper is not None
        assert exact.points[0].upper >= (answer.points[1].upper or 0)

    def test_what_nobody_can_keep_is_impossible_and_time_that_is_over_is_not(self) -> None:
        case = dg.example("infeasible-capacity")
        answer = dg.study("curve", case, over="moves", values=(0, 5), time_limit=60)
        assert {p.status for p in answer.points} == {"impossible"}
        assert "no plan keeps every rule" in answer.sentences[0]
        late = dg.study("curve", case, over="moves", values=(0, 5), time_limit=0.0)
        assert {p.status for p in late.points} == {"not_answered"}
        assert not late.answered
        assert all(p.upper is None and p.lower is None for p in late.points)

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ({"over": "budget"}, "needs --values"),
            ({"over": "beauty"}, "not 'beauty'"),
            ({"over": "moves", "values": (-1,)}, "0 or more"),
            ({"over": "moves", "values": (1.5,)}, "whole numbers"),
            ({"over": "budget", "values": (math.inf,)}, "numbers"),
            ({"over": "moves", "values": tuple(range(60))}, "at most 50 points"),
            ({"over": "moves", "exactly": True}, "over sites"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, session: Session, given: dict[str, Any], told: str) -> None:
        with pytest.raises(dg.UsageError, match=told):
            dg.study("curve", session, **given)

    def test_the_plan_in_hand_answers_where_no_time_is_left(self) -> None:
        """It keeps every limit that it is within, and no other."""
        case = dg.example("tiny")
        plan = dg.solve(case, time_limit=60)
        assert plan.cost is not None
        moves = len(plan.moves)
        answer = dg.study("curve", case, plan, over="moves", values=(moves - 1, moves, moves + 5), time_limit=0)
        short, *held = answer.points
        assert short.status == "not_answered"
        assert [p.status for p in held] == ["bounded", "bounded"]
        assert [p.upper for p in held] == pytest.approx([plan.cost.total] * 2)

    def test_both_ends_are_passed_on_and_never_invented(self) -> None:
        points = [
            Point({"moves": 0}, "bounded", 5.0, 20.0, 0),
            Point({"moves": 1}, "not_answered", None, None, detail="no plan"),
            Point({"moves": 2}, "bounded", 10.0, 12.0, 1),
            Point({"moves": 3}, "bounded", 9.0, 9.005, 2),
        ]
        found = passed_on(points, [0, 0, 0, 0])
        assert [(p.lower, p.upper, p.plan, p.status) for p in found] == [
            (10.0, 20.0, 0, "bounded"),
            (10.0, 20.0, 0, "bounded"),
            (10.0, 12.0, 1, "bounded"),
            (9.0, 9.005, 2, "proven"),
        ]
        gone = passed_on([points[1], dataclasses.replace(points[1], status="impossible"), points[2]], [0, 0, 0])
        assert [p.status for p in gone] == ["impossible", "impossible", "bounded"]

    def test_a_plan_refutes_a_bound_and_an_impossible_of_others(self) -> None:
        low = Point({"sites": 1}, "bounded", 260.0, 270.0, 0)
        wrong = passed_on([low, Point({"sites": 2}, "bounded", 273.0, 280.0, 1)], [0, 0])
        assert [(p.lower, p.upper, p.status) for p in wrong] == [(260.0, 270.0, "bounded"), (None, 270.0, "bounded")]
        never = passed_on([low, Point({"sites": 2}, "impossible")], [0, 0])
        assert never[0].status == "bounded"

    def test_nothing_is_passed_on_where_work_is_left_undone(self) -> None:
        points = [Point({"moves": 0}, "proven", 5.0, 5.0, 0), Point({"moves": 1}, "proven", 9.0, 9.0, 1)]
        assert passed_on(points, [2, 0]) == points

    def test_a_least_number_of_the_policy_stands(self) -> None:
        case = dg.replace(dg.example("tiny"), policy={"site_count": {"min": 2}})
        points = dg.study("curve", case, over="sites", values=(1, 2), time_limit=60).points
        alone = dg.solve(dg.replace(case, policy={"site_count": {"min": 2, "max": 2}}), time_limit=60)
        assert points[0].status == "impossible"
        assert (points[1].status == "impossible") == (alone.status.solution == "infeasible")
        if points[1].upper is not None:
            assert points[1].upper == pytest.approx(alone.bounds.objective)

    def test_accepting_that_work_is_left_undone_changes_no_least_cost(self) -> None:
        """A plan that serves a part costs less, and must not stand for the least cost of serving all."""
        case = dg.replace(dg.example("tiny"), policy={"allow_unserved": True})
        points = dg.study("curve", case, over="sites", values=(0, 1, 2), time_limit=120).points
        for point in points:
            alone = dg.solve(dg.replace(case, policy={"site_count": {"max": point.at["sites"]}}), time_limit=60)
            assert point.upper == pytest.approx(alone.bounds.objective, abs=0.01)

    def test_bad_values_are_refused_before_any_solve(self, session: Session) -> None:
        with pytest.raises(dg.InputError):
            dg.study("curve", session, over="agency_share", values=(0, 2))


@pytest.mark.parametrize(
    ("at", "lower", "upper", "found"),
    [
        ([0, 1, 2, 3], [10, 2, 1, 0], [10, 2, 1, 0], 1),
        ([0, 1, 2, 3], [9, 2, 1, 0], [10, 8, 1, 0.5], None),  # the ends do not agree
        ([0, 1, 2], [3, 2, 1], [3, 2, 1], None),  # a straight line has no knee
        ([0, 1], [3, 2], [3, 2], None),
        ([0, 1, 2], [3, None, 1], [3, 2, 1], None),
    ],
)
def test_the_knee(at: list[float], lower: list[float | None], upper: list[float | None], found: float | None) -> None:
    assert knee(at, lower, upper) == found


@pytest.mark.parametrize(
    ("lower", "upper", "text"),
    [
        (1_234_567.0, 1_234_567.0, "USD 1,234,567.00"),
        (100.6, 101.2, "USD 100.60 to 101.20"),
        (177_379_459.0, 180_603_782.4, "USD 177,300,000 to 180,700,000"),
        (1_000_000.0, 1_100_000.0, "USD 1,000,000 to 1,100,000"),
        (1_234_567.0, 1_284_567.0, "USD 1,234,000 to 1,285,000"),
        (100.6, None, "at least USD 100"),
        (None, 5.0, "at most USD 5"),
        (5.0, None, "at least USD 5"),
        (None, None, "unknown"),
    ],
)
def test_sentences_are_no_surer_than_the_figures(lower: float | None, upper: float | None, text: str) -> None:
    assert span(lower, upper, "USD") == text
    assert (step_of(500.0), step_of(0.0), step_of(3_000_000.0)) == (10.0, 0.01, 100_000.0)


@dataclass(frozen=True, slots=True)
class Count:
    """How many demands an entity has."""

    kind: ClassVar[str] = "count"
    needs_plan: ClassVar[bool] = True

    entity: str = field(metadata={"help": "id of the entity"})
    times: int = field(default=1, metadata={"help": "how often each counts"})

    def run(self, setting: Setting) -> Answer:
        assert setting.plan is not None
        number = self.times * sum(a.entity == self.entity for a in setting.plan.assignments)
        rows = ({"entity": self.entity, "demands": number},)
        said = (say("{entity} has {n} demands.", {"entity": self.entity}, entity=self.entity, n=number),)
        return Answer(
            self.kind, fields_of(self), setting.session.case.case_hash, tables={"counts": rows}, sentences=said
        )


class TestNewStudy:
    """A new study is one file with its question and one line in ``STUDIES``."""

    @pytest.fixture(autouse=True)
    def registered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ask, "STUDIES", (*ask.STUDIES, Count))

    def test_in_python(self, session: Session) -> None:
        plan = dg.solve(session.case, time_limit=60)
        answer = dg.study("count", session.case, plan, entity="ALPHA")
        assert answer.tables["counts"][0]["demands"] == sum(d.entity == "ALPHA" for d in session.case.demands)
        assert answer.as_dict()["schema"] == "designate.study/1"

    def test_as_a_command(self, session: Session, tmp_path: Path) -> None:
        plan = tmp_path / "plan.json"
        plan.write_text(json.dumps(dg.solve(session.case, time_limit=60).document()))
        run = CliRunner().invoke
        assert "How many demands an entity has" in run(app, ["study", "--help"]).stdout
        assert "how often each counts" in run(app, ["study", "count", "--help"]).stdout
        done = run(app, ["study", "count", "tiny", str(plan), "--entity", "ALPHA", "--times", "3"])
        assert (done.exit_code, "ALPHA has 6 demands." in done.stdout) == (0, True), done.output

    def test_its_fields_are_checked(self, session: Session) -> None:
        plan = dg.solve(session.case, time_limit=60)
        with pytest.raises(dg.UsageError, match="needs entity; it has no colour"):
            dg.study("count", session.case, plan, colour="red")
        with pytest.raises(dg.UsageError, match="is about a plan"):
            dg.study("count", session.case, entity="ALPHA")
        with pytest.raises(dg.UsageError, match="another case"):
            dg.study("count", dg.example("infeasible-lock"), plan, entity="ALPHA")
        with pytest.raises(dg.UsageError, match=r"there are .*count, curve.*why"):
            dg.study("beauty", session.case)


class TestCommand:
    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "optimizer", "study", *words], capture_output=True, text=True, check=False
        )

    def test_a_curve_is_shown_and_written(self, tmp_path: Path) -> None:
        out = tmp_path / "answer.json"
        done = self.run("curve", "tiny", "--over", "moves", "--values", "0,2", "--time-limit", "60", "--out", str(out))
        assert done.returncode == 0, done.stderr
        assert "Moves at most 2: the least cost a year is USD 281,811.80." in done.stdout
        answer = json.loads(out.read_text())
        assert (answer["schema"], len(answer["points"]), len(answer["plans"])) == ("designate.study/1", 2, 2)

    def test_why_by_the_same_names(self) -> None:
        done = self.run("why", "tiny", "--entity", "ALPHA", "--service", "payroll", "--json")
        assert {r["provider"] for r in json.loads(done.stdout)["tables"]["providers"]} >= {"NBO", "OWN"}

    @pytest.mark.parametrize(
        ("words", "code"),
        [
            (("curve", "tiny", "--over", "moves", "--values", "a,b"), 2),
            (("curve", "tiny", "--over", "nothing"), 2),
            (("curve", "tiny", "--over", "moves", "--values", "1", "--time-limit", "0"), 4),
            (("why", "tiny", "--entity", "NOBODY", "--service", "payroll"), 2),
        ],
    )
    def test_exit_codes(self, words: tuple[str, ...], code: int) -> None:
        done = self.run(*words)
        assert done.returncode == code, done.stdout + done.stderr


def test_time_is_shared_out() -> None:
    assert Budget(None).share(3) is None
    assert 2.9 < (Budget(9.0).share(3) or 0) <= 3.0
    assert Budget(0.0).over
    assert Curve("moves").kind == "curve"
