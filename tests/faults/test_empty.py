"""Where nothing is to be served the plan is empty, costs what required sites cost, and is a plan everywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import optimizer
from optimizer.domain.params import SolveParams
from optimizer.pipeline import solve_case
from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.base import Request
from optimizer.solvers.pool import ChildPool
from optimizer.solvers.process import run
from optimizer.solvers.registry import SPECS
from optimizer.tables import read_case
from tests.cli.terminal import inside
from tests.faults import case_path

CLOSE = case_path("close-the-last-office")
LATER = "2026-03-01"


@pytest.fixture(scope="module")
def pool():
    with ChildPool() as shared:
        yield shared


def empty(**policy: Any) -> dict[str, Any]:
    """The case whose only entity has left."""
    case: dict[str, Any] = json.loads((CLOSE / "case.json").read_text())
    case["entities"][0]["end"] = "2026-01-01"
    case["policy"].update(as_of=LATER, **policy)
    return case


def written(folder: Path, case: dict[str, Any]) -> Path:
    path = folder / "case.json"
    path.write_text(json.dumps(case))
    return path


@pytest.mark.parametrize("backend", ["auto", *SPECS])
@pytest.mark.parametrize("policy", [{}, {"backup": True, "max_moves": 0, "agency_share_max": 0, "one_off_budget": 0}])
def test_every_backend_has_the_empty_plan_of_total_0(backend, policy, pool, tmp_path):
    case, _ = read_case(written(tmp_path, empty(**policy)))
    plan = solve_case(case, SolveParams(backend=backend, time_limit_s=60), watch=Watch(pool=pool))
    assert (plan["status"]["solution"], plan["status"]["stopped_by"]) == ("optimal", "finished")
    assert plan["bounds"] == {"objective": 0.0, "best_bound": 0.0, "gap_abs": 0.0, "gap_rel": 0.0}
    assert (plan["assignments"], plan["cost"]["total"]) == ([], 0.0)
    assert plan["verification"]["ok"]
    assert optimizer.verify(case, plan).ok


def test_a_required_site_is_paid_for_though_nobody_uses_it(tmp_path):
    given = empty()
    given["providers"][0].update(status="required", site_fixed_cost="500")
    case, _ = read_case(written(tmp_path, given))
    plan = solve_case(case)
    assert (plan["status"]["solution"], plan["cost"]["total"], plan["bounds"]["best_bound"]) == ("optimal", 500, 500)
    assert plan["verification"]["ok"]


def test_the_engine_itself_knows_the_empty_problem(pool, tmp_path):
    from optimizer.model.build import build_problem

    given = empty()
    given["providers"][0].update(status="required", site_fixed_cost="500")
    problem = build_problem(read_case(written(tmp_path, given))[0])
    outcome = run("engine", Request(problem, None, SolveParams(backend="engine", time_limit_s=60)), pool=pool)
    assert (outcome.stopped_by, outcome.objective, outcome.bound) == ("finished", 500.0, 500.0)
    assert outcome.choice is not None
    assert len(outcome.choice.provider) == 0


def test_rules_that_want_sites_open_are_still_rules(tmp_path):
    case, _ = read_case(written(tmp_path, empty(site_count={"min": 1, "max": 2})))
    plan = solve_case(case)
    assert plan["status"]["solution"] == "infeasible"
    assert "site_count" in json.dumps([plan["status"], plan["issues"]])


def test_closing_the_last_office_is_0_moves_and_total_0(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert inside("solve", CLOSE / "case.json", "--out", "plan.json").returncode == 0
    made = ("--budgets", "0,1", "--out", "all.json", "--new-case", "new.json", "--new-plan", "new-plan.json")
    done = inside("reoptimise", CLOSE / "case.json", "plan.json", CLOSE / "events.json", *made)
    assert done.returncode == 0, done.stderr
    found = json.loads(Path("all.json").read_text())
    assert (found["moves"]["lower"], found["moves"]["upper"], found["moves"]["infeasible"]) == (0, 0, False)
    points = [(p["solution"], p["verified"], p["moves"], p["total"], p["gap_abs"]) for p in found["points"]]
    assert points == [("optimal", True, 0, 0.0, 0.0)] * 2
    assert json.loads(Path("new-plan.json").read_text())["assignments"] == []
    why = found["comparison"]["why"]
    amounts = {part["part"]: part["amount"] for part in why["parts"]}
    assert amounts == {"data": -2000.0, "rules": 0, "options": 0, "solver": 0}  # nobody asks: 100 units at 10, and 1000


class TestCommands:
    """Each command on a case with nothing to serve."""

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        written(tmp_path, empty())

    @pytest.fixture
    def plan(self):
        told = inside("solve", "case.json", "--out", "p.json", "--report", "r.html", "--tables", "t")
        assert told.returncode == 0, told.stderr
        return told

    def test_solve_with_report_and_tables(self, plan):
        assert "Optimal plan" in plan.stdout
        assert "Total with one-off, annualised" in plan.stdout
        page = Path("r.html").read_text()
        assert "Nothing is to be served" in page
        assert "no assignment to show" not in page
        assert Path("t/assignments.csv").read_text().count("\n") == 1  # its header

    @pytest.mark.parametrize(
        "words",
        [
            ("verify", "case.json", "p.json"),
            ("validate", "case.json"),
            ("export", "case.json", "m.lp"),
            ("export", "case.json", "m.mps"),
            ("diff", "p.json", "p.json"),
            ("diff", "p.json", "p.json", "--case-a", "case.json", "--case-b", "case.json"),
            ("solve", "case.json", "--start", "p.json"),
            ("price", "case.json", "list.csv", "--report", "priced.html"),
        ],
    )
    @pytest.mark.parametrize("more", [(), ("--json",)])
    def test_the_others(self, plan, words, more):
        Path("list.csv").write_text("entity,service,provider\n")
        told = inside(*words, *more)
        assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize("table", ["entities", "services", "demands", "providers"])
def test_a_table_without_a_row_is_told_with_its_name(table, tmp_path):
    case = json.loads((CLOSE / "case.json").read_text())
    case[table] = []
    told = inside("solve", written(tmp_path, case), "--json")
    assert told.returncode == 2
    assert [i["code"] for i in told.json["issues"] if table in json.dumps(i) and i["code"] == "empty_table"]


def test_a_case_without_an_offer_says_who_cannot_be_served(tmp_path):
    case = json.loads((CLOSE / "case.json").read_text())
    case["offers"], case["tiers"] = [], []
    told = inside("solve", written(tmp_path, case), "--json")
    assert told.returncode == 3
    assert "demand_without_provider" in [i["code"] for i in told.json["issues"]]
