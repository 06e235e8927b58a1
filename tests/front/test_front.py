"""What ``import optimizer as dg`` offers: typed values that say what their documents say, and cases of one truth."""

from __future__ import annotations

import dataclasses
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

import data
import optimizer as dg
from optimizer.plan.plan import Plan
from optimizer.tables.read import case_from_tables
from optimizer.testing import edited, tables_of
from optimizer.verify.checker import Evaluator
from tests.faults import case_path

NAMES = tuple(data.names())


@pytest.fixture(scope="module")
def tiny() -> dg.Case:
    return dg.example("tiny")


@pytest.fixture(scope="module")
def plan(tiny: dg.Case) -> dg.Plan:
    return dg.solve(tiny, time_limit=60)


@pytest.fixture(scope="module")
def hopeless() -> dg.Plan:
    return dg.solve(dg.example("infeasible-capacity"), time_limit=60)


class TestPlan:
    def test_document_and_back(self, plan: dg.Plan, hopeless: dg.Plan) -> None:
        for made in (plan, hopeless):
            document = made.document()
            again = Plan.from_document(json.loads(json.dumps(document)))
            assert again == made
            assert json.dumps(again.document()) == json.dumps(document)
            assert [*document, "case"] == [f.name for f in dataclasses.fields(Plan)]

    def test_a_document_of_the_wrong_shape_is_refused_with_its_place(self, plan: dg.Plan) -> None:
        document = plan.document()
        spoiled = {
            "no block 'sites'": {name: block for name, block in document.items() if name != "sites"},
            "a block 'more'": {**document, "more": []},
            "solution": {**document, "status": {**document["status"], "solution": 3}},
        }
        for told, wrong in spoiled.items():
            with pytest.raises(dg.InputError, match=told) as caught:
                Plan.from_document(wrong)
            assert caught.value.issues[0].code == "plan_not_readable"

    def test_it_does_not_change(self, plan: dg.Plan) -> None:
        with pytest.raises(dataclasses.FrozenInstanceError):
            plan.cost = None  # type: ignore[misc]
        with pytest.raises(TypeError):
            plan.run.timings["solve"] = 0.0  # type: ignore[index]
        document = plan.document()
        document["cost"]["total"] = 0.0
        assert plan.document() != document

    def test_without_a_plan_there_is_no_total(self, hopeless: dg.Plan) -> None:
        assert (hopeless.status.solution, hopeless.cost, hopeless.ok) == ("infeasible", None, False)
        assert any(i.severity == "error" for i in hopeless.issues)
        assert "infeasible" in repr(hopeless)

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"extra": 1}, "nothing is known of a block 'extra'"),
            ({"schema": "designate.plan/9"}, "designate.plan/1"),
            ({"assignments": [{"entity": "E1"}]}, "service"),
            ({"bounds": None}, "object"),
            ({"lines": {}}, "array"),
        ],
    )
    def test_what_is_no_document_is_refused_with_the_place(
        self, plan: dg.Plan, change: dict[str, Any], told: str
    ) -> None:
        with pytest.raises(dg.InputError) as error:
            Plan.from_document({**plan.document(), **change})
        (issue,) = error.value.issues
        assert issue.code == "plan_not_readable"
        assert told in issue.message

    def test_a_missing_block_is_named(self, plan: dg.Plan) -> None:
        with pytest.raises(dg.InputError, match="no block 'people'"):
            Plan.from_document({k: v for k, v in plan.document().items() if k != "people"})

    def test_frames_have_names_and_countries(self, plan: dg.Plan) -> None:
        moves = plan.frame("moves")
        assert len(moves) == len(plan.moves) > 0
        assert moves["provider_name"].notna().all()
        assert {"entity_name", "entity_country", "service_name", "provider_country"} <= set(moves)
        assert plan.frame("assignments")["cost_service"].sum() == pytest.approx(plan.cost.service)  # type: ignore[union-attr]
        assert plan.frame("entities")["name"].tolist()[0].startswith("Office")
        assert "name" not in dataclasses.replace(plan, case=None).frame("entities")
        with pytest.raises(KeyError, match="assignments"):
            plan.frame("people")

    def test_a_table_without_rows_has_its_columns(self, hopeless: dg.Plan) -> None:
        assert "provider" in hopeless.frame("moves").columns

    def test_it_shows_itself(self, plan: dg.Plan, tiny: dg.Case) -> None:
        assert "optimal" in plan._repr_html_()
        assert "verified" in repr(plan)
        assert "4 entities" in repr(tiny)
        hostile = edited(tiny, name="<b>x</b>")
        assert "<b>" not in hostile._repr_html_()

    def test_verified_and_reported_as_it_is(self, plan: dg.Plan, tiny: dg.Case, tmp_path: Path) -> None:
        assert dg.verify(tiny, plan).ok
        assert dg.write_report(plan, tmp_path / "plan.html").stat().st_size > 10_000
        with pytest.raises(dg.UsageError, match="the case that the plan answers"):
            dg.write_report(plan, tmp_path / "other.html", dg.example("infeasible-lock"))

    def test_its_own_list_is_priced_the_same(self, plan: dg.Plan, tiny: dg.Case) -> None:
        for rows in (plan.frame(), [(a.entity, a.service, a.provider) for a in plan.assignments]):
            priced = dg.price(tiny, rows)
            assert priced.cost == plan.cost

    def test_why_takes_it(self, plan: dg.Plan, tiny: dg.Case) -> None:
        first = plan.assignments[0]
        answer = dg.why(tiny, first.entity, first.service, plan)
        assert answer == dg.why(tiny, first.entity, first.service, plan.document())


class TestSolve:
    def test_limits_by_name(self, tiny: dg.Case) -> None:
        assert dg.solve(tiny, time_limit=30, backend="highs", seed=3).run.limits.time_limit_s == 30
        with pytest.raises(dg.UsageError, match="not both"):
            dg.solve(tiny, dg.SolveParams(), seed=1)
        with pytest.raises(dg.UsageError, match="there are time_limit"):
            dg.solve(tiny, patience=3)

    def test_a_start_is_taken(self, tiny: dg.Case, plan: dg.Plan) -> None:
        fewer = dg.solve(dg.replace(tiny, policy={"max_moves": 2}), start=plan, time_limit=60)
        assert len(fewer.moves) <= 2
        found = dg.compare(plan, fewer)
        assert len(found.moved) > 0
        assert found.cost.loc["total", "change"] > 0
        assert "other providers" in repr(found)


class TestCase:
    @pytest.mark.parametrize("name", NAMES)
    def test_typed_rows_say_what_the_tables_say(self, name: str) -> None:
        case = dg.example(name)
        assert tables_of(case) == case.tables
        assert edited(case, name="other").case_hash == case.case_hash

    def test_it_is_replaced_never_changed(self, tiny: dg.Case) -> None:
        with pytest.raises(AttributeError, match=r"optimizer\.replace"):
            tiny.name = "x"
        with pytest.raises(AttributeError, match=r"optimizer\.replace"):
            del tiny.name
        with pytest.raises(TypeError):
            dataclasses.replace(tiny, name="x")  # type: ignore[type-var]

    def test_it_travels(self, tiny: dg.Case) -> None:
        again = pickle.loads(pickle.dumps(tiny))
        assert (again, hash(again), again.demands) == (tiny, hash(tiny), tiny.demands)
        assert tiny != tiny.name

    def test_findings_come_along(self) -> None:
        case = dg.example("secretariat")
        assert {i.code for i in case.issues} >= {"ends_soon", "volume_estimated"}
        assert "ends on" in case._repr_html_()
        assert case.with_issues(()) == case

    def test_only_known_names_are_read(self) -> None:
        with pytest.raises(dg.UsageError, match="tiny"):
            dg.example("nowhere")
        assert dg.read("tiny") == dg.example("tiny")


class TestReplace:
    def test_everything_follows(self, tiny: dg.Case) -> None:
        other = dg.replace(tiny, policy={"site_count": {"min": 1, "max": 2}}, name="two")
        assert (other.name, other.policy.site_count.max) == ("two", 2)  # type: ignore[union-attr]
        assert other.case_hash != tiny.case_hash
        assert other == case_from_tables(other.tables, name="two")[0]
        back = dg.replace(other, policy={"site_count": tiny.tables["policy"].get("site_count")}, name=tiny.name)
        assert back == tiny

    def test_rows_frames_and_patches(self, tiny: dg.Case) -> None:
        import pandas as pd

        rows = [dict(r, volume=r.get("volume", 1) * 2) for r in tiny.tables["demands"]]
        by_rows = dg.replace(tiny, demands=rows)
        by_frame = dg.replace(tiny, demands=pd.DataFrame(rows))
        change = [{k: r[k] for k in ("entity", "service", "volume")} for r in rows]
        by_patch = dg.replace(tiny, demands={"change": change})
        assert by_rows == by_frame == by_patch != tiny
        assert Evaluator(by_rows).evaluate([]).cost["total"] >= 0

    def test_every_problem_at_once(self, tiny: dg.Case) -> None:
        with pytest.raises(dg.InputError) as error:
            dg.replace(tiny, policy={"max_movs": 2}, offers={"change": [{"provider": "NOBODY", "service": "payroll"}]})
        assert {i.code for i in error.value.issues} == {"patch_unknown_policy", "patch_no_such_row"}

    def test_a_change_that_makes_a_bad_case(self, tiny: dg.Case) -> None:
        with pytest.raises(dg.InputError) as error:
            dg.replace(tiny, demands=[{"entity": "ALPHA", "service": "payroll", "volume": -1}])
        assert error.value.issues

    @pytest.mark.parametrize(("given", "told"), [({"demand": []}, "did you mean"), ({"demands": 7}, "list of rows")])
    def test_what_makes_no_sense_is_said(self, tiny: dg.Case, given: dict[str, Any], told: str) -> None:
        with pytest.raises(dg.UsageError, match=f"(?i){told}"):
            dg.replace(tiny, **given)


def test_a_list_that_breaks_rules_says_in_which_rows() -> None:
    case = dg.read(case_path("price-does-not-say-which") / "case.json")
    good = next(d for d in case.demands if d.key != ("LIMA", "claims"))
    priced = dg.price(case, [(*good.key, "OWN"), ("LIMA", "claims", "OWN")])
    found = {i.value: i.row for i in priced.issues if i.code == "plan_breaks_rule"}
    assert found["LIMA|claims|OWN"] == 3  # counted as in a file, whose first row has the names of columns
