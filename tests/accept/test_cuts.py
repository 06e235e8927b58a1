"""Plans that break a rule by less than a solver's tolerance are found out and cut off."""

from __future__ import annotations

from itertools import product

import pytest

from optimizer.domain.params import SolveParams
from optimizer.domain.types import Demand, Offer, Tier
from optimizer.model.build import build_problem
from optimizer.model.cuts import add_cuts
from optimizer.model.evaluate import evaluate
from optimizer.model.formulate import build_program
from optimizer.model.program.naming import row_name
from optimizer.pipeline import solve_case
from optimizer.solvers.accept import solve as module
from optimizer.testing.hand import case, entity, provider, service
from optimizer.verify.checker import Evaluator

BACKENDS = ("highs", "cpsat", "scip", "cbc", "pulp-highs", "engine")


def tight(n=3, volume=1000.000001, *, line=None, site=None, least=0.0, minutes=96.0, step=0.0):
    """``n`` demands, equal or by steps; P1 is cheap, and all of them exceed its room by a hair; P2 is dear and free."""
    names = [f"E{k}" for k in range(n)]
    return case(
        [entity(k) for k in names],
        [service(minutes=minutes)],
        [Demand(k, "pay", round(volume + i * step, 6)) for i, k in enumerate(names)],
        [provider("P1", capacity_fte=site), provider("P2")],
        [Offer("P1", "pay", capacity=line, min_volume=least), Offer("P2", "pay")],
        [Tier("P1", "pay", 0.0, 10.0), Tier("P2", "pay", 0.0, 30.0)],
    )


CASES = {
    "line": tight(line=3000.000002),
    "line of millions": tight(volume=900_000.000001, line=2_700_000.000002),
    "site": tight(site=3.0),
    "both": tight(4, line=4000.000003, site=4.0),
    "line of unequal millions": tight(volume=900_000.000001, line=2_700_000.000005, step=1e-6),
    "site of unequal millions": tight(volume=900_000.000001, site=2700.0, step=1e-6),
    "minimum": tight(2, line=2500.0, least=2000.000003),
}
"""Broken by a few millionths of a unit when all go to P1."""


def best(c):
    """The least total over all plans that keep every rule, by enumeration."""
    problem, evaluator = build_problem(c), Evaluator(c)
    totals = []
    for who in product(("P1", "P2"), repeat=len(c.demands)):
        rows = [(d.entity, d.service, p, "") for d, p in zip(c.demands, who, strict=True)]
        if not evaluator.violations(rows):
            totals.append(evaluate(problem, problem.encode(rows)).total)
    return min(totals)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", CASES)
def test_exact_optimum(name, backend, watch):
    """Found and proven, by each."""
    plan = solve_case(CASES[name], SolveParams(backend=backend), watch=watch)
    assert plan["status"]["solution"] == "optimal"
    assert plan["verification"]["ok"]
    assert plan["verification"]["mismatches"] == []
    assert plan["bounds"]["objective"] == pytest.approx(best(CASES[name]), abs=0.005)


def test_a_solver_does_take_such_a_plan(watch, monkeypatch):
    """Otherwise the tests above would try nothing; a stop at the asked gap is no reason to keep it either."""
    rounds = []

    def spy(program, problem, choice, broken):
        rounds.append([rule for rule, _, _ in broken])
        return add_cuts(program, problem, choice, broken)

    monkeypatch.setattr(module, "add_cuts", spy)
    plan = solve_case(CASES["line of unequal millions"], SolveParams(backend="highs"), watch=watch)
    assert rounds == [["line_capacity"]]
    assert plan["status"]["solution"] == "optimal"
    rounds.clear()
    plan = solve_case(CASES["line of unequal millions"], SolveParams(backend="highs", gap_rel=0.5), watch=watch)
    assert plan["status"]["solution"] in ("optimal", "feasible")


class TestRows:
    """The cuts themselves: they take the plan away and no plan that keeps the rules."""

    @pytest.mark.parametrize(
        ("name", "broken"),
        [
            ("line", ("line_capacity", "P1", "pay")),
            ("site", ("site_capacity", "P1", "")),
            ("minimum", ("minimum_volume", "P1", "pay")),
            ("line", ("agency_share", "", "")),
        ],
    )
    def test_valid(self, name, broken):
        c = CASES[name]
        problem, evaluator = build_problem(c), Evaluator(c)
        program = build_program(problem)
        rows = [(d.entity, d.service, "P1", "") for d in c.demands]
        choice = problem.encode(rows)
        cut = add_cuts(program, problem, choice, [broken])
        assert cut.n_rows == program.n_rows + 1
        assert row_name(cut, program.n_rows)
        assert (cut.a @ cut.encode(choice) > cut.row_upper + 0.5).any()
        for who in product(("P1", "P2"), repeat=len(c.demands)):
            other = problem.encode([(d.entity, d.service, p, "") for d, p in zip(c.demands, who, strict=True)])
            if not evaluator.violations(problem.decode(other)):
                values = cut.encode(other)
                assert (cut.a[program.n_rows :] @ values <= cut.row_upper[program.n_rows :] + 1e-9).all()

    def test_twice(self):
        """A second round of cuts comes after the first; names stay readable."""
        problem = build_problem(CASES["line"])
        choice = problem.encode([(d.entity, d.service, "P1", "") for d in CASES["line"].demands])
        program = build_program(problem)
        for _ in range(2):
            program = add_cuts(program, problem, choice, [("line_capacity", "P1", "pay")])
        names = [row_name(program, i) for i in range(program.n_rows)]
        assert len(set(names)) == len(names)
        assert len(program.row_scale) == program.n_rows
        assert [b.rule for b in program.blocks][-2:] == ["cut", "cut"]
