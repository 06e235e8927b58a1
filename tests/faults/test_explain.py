"""Conflicts that name everything, and hand-made plans whose faults are named."""

from __future__ import annotations

import io
import json
import re

import pytest
from rich.console import Console

from optimizer.cli import inputs
from optimizer.domain.params import SolveParams
from optimizer.pipeline import solve_case
from optimizer.report.terminal import print_infeasible, print_summary
from optimizer.stating import price_case
from optimizer.tables import read_case
from tests.faults import case_path


def shown(plan, width=80):
    """Text of the terminal."""
    console = Console(width=width, record=True, file=io.StringIO())
    (print_infeasible if plan["status"]["solution"] == "infeasible" else print_summary)(plan, console)
    return re.sub(r"\s+", " ", console.export_text())


@pytest.fixture(scope="module")
def locked():
    return json.loads((case_path("lock-not-named") / "case.json").read_text())


def solved(document, tmp_path):
    path = tmp_path / "case.json"
    path.write_text(json.dumps(document))
    case, issues = read_case(path)
    return solve_case(case, SolveParams(backend="highs"), issues=issues)


class TestLockAndCapacity:
    """A lock of everything on a line of 50 units: both are named, each with its row, reason and amount."""

    def test_both_are_named(self, locked, tmp_path):
        plan = solved(locked, tmp_path)
        assert plan["status"]["solution"] == "infeasible"
        found = {(i.get("table"), i.get("value")): i for i in plan["issues"] if i["code"] == "rule_conflict"}
        assert set(found) == {(None, "conflict"), ("decisions", "*|claims|BUD"), ("offers", "BUD|claims")}
        lock, line = found["decisions", "*|claims|BUD"], found["offers", "BUD|claims"]
        assert "decision: board" in lock["message"]
        assert "withdraw the lock for at least 3 of its 3 demands" in lock["remedy"]
        assert "550 units short" in line["message"]
        assert "raise capacity by at least 550 units, to 600" in line["remedy"]
        assert "two solvers agree" in found[None, "conflict"]["message"]
        assert "board" in shown(plan)
        assert "to 600" in shown(plan)

    @pytest.mark.parametrize(("capacity", "solution"), [("600", "optimal"), ("599.999999", "infeasible")])
    def test_the_amount_is_enough_and_needed(self, capacity, solution, locked, tmp_path):
        offers = [o | {"capacity": capacity} if o["provider"] == "BUD" else o for o in locked["offers"]]
        assert solved(locked | {"offers": offers}, tmp_path)["status"]["solution"] == solution

    @pytest.mark.parametrize(("held", "solution"), [([], "optimal"), (["LIMA"], "infeasible")])
    def test_so_is_the_number_of_locks(self, held, solution, locked, tmp_path):
        """Even the smallest demand, 100 units, overfills the line."""
        rows = [locked["decisions"][0] | {"entity": e} for e in held]
        assert solved(locked | {"decisions": rows}, tmp_path)["status"]["solution"] == solution


class TestPriceSaysWhich:
    @pytest.fixture
    def plan(self):
        folder = case_path("price-does-not-say-which")
        case, issues = read_case(folder / "case.json")
        rows, lines, *_ = inputs.read_assignments(folder / "list.csv")
        return price_case(case, rows, issues, lines=lines)

    def test_row_and_rule(self, plan):
        [found] = [i for i in plan["issues"] if i["code"] == "plan_breaks_rule"]
        assert (found["table"], found["row"], found["value"]) == ("assignments", 2, "LIMA|claims|OWN")
        assert found["message"].startswith("row 2: LIMA, claims, OWN: ")
        assert "own_unit_cost is blank" in found["message"]
        assert "give own_unit_cost of claims for LIMA" in found["remedy"]
        assert "BKK, BUD" in found["remedy"]

    def test_text(self, plan):
        text = shown(plan)
        assert "LIMA, claims, OWN" in text
        assert "own_unit_cost" in text
        assert "finished its search" not in text

    def test_no_solver_in_the_text_of_a_good_list_either(self):
        case, _ = read_case(case_path("price-does-not-say-which") / "case.json")
        plan = price_case(case, [(e.id, "claims", "BKK") for e in case.entities])
        assert plan["verification"]["ok"]
        assert "finished its search" not in shown(plan)
