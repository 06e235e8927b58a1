"""A new rule is its name, one file with a line in the tuple, and the verifier's own copy; the rest follows.

The rule made here is *at most one demand in Nairobi*. It stands in no policy, so it is always on.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest

import optimizer as dg
from optimizer.domain.errors import BackendRefused
from optimizer.domain.names import RULES
from optimizer.domain.params import SolveParams
from optimizer.model import rules
from optimizer.model.aliases import Bools
from optimizer.model.build import build_problem
from optimizer.model.formulate import build_program
from optimizer.model.moves.single_moves import Counts, Moves
from optimizer.model.problem import Problem
from optimizer.model.program.block import Block, entries, keys_of_one, limit
from optimizer.model.program.layout import Layout
from optimizer.model.program.naming import rule_of_row
from optimizer.model.rules.base import Broken, Rule
from optimizer.model.scan import priced_moves
from optimizer.model.tally import Tally
from optimizer.solvers import registry
from optimizer.solvers.accept.solve import solve
from optimizer.verify import baseline, checker
from optimizer.verify.findings import Found, Violation
from optimizer.verify.rules import CHECKS
from optimizer.verify.tally import Tally as Tallied

NAME, MOST = "few_in_nairobi", 1
NAIROBI = 2  # AGY, GVA, NBO


def rows(layout: Layout) -> Iterator[Block]:
    at = np.flatnonzero(layout.problem.pairs.provider == NAIROBI)
    yield limit(NAME, "", keys_of_one(), entries((0, at, 1.0)), upper=float(MOST), unit="demands")


def excess(_: Problem, t: Tally) -> list[Broken]:
    number = int((t.provider == NAIROBI).sum())
    return [Broken(NAME, float(number - MOST), {"value": number, "limit": MOST})] if number > MOST else []


def keeps(x: Moves) -> Bools | None:
    number = int((x.counts.tally.provider == NAIROBI).sum())
    return np.asarray(number + (x.new == NAIROBI).astype(np.int64) - (x.old == NAIROBI) <= MOST, np.bool_)


@pytest.fixture
def case() -> dg.Case:
    """Its best plan has several demands in Nairobi."""
    return dg.example("tiny")


def few_in_nairobi(t: Tallied) -> Found:
    """The verifier's own copy."""
    number = len(t.on_site.get("NBO", ()))
    return 1, [Violation(NAME, f"{number} demands", Fraction(number - MOST))] if number > MOST else []


def register(monkeypatch: pytest.MonkeyPatch, rule: Rule) -> None:
    monkeypatch.setattr(rules, "RULES", (*rules.RULES, rule))
    monkeypatch.setitem(RULES, NAME, "at most one demand in Nairobi")
    for module in (checker, baseline):
        monkeypatch.setattr(module, "CHECKS", (*CHECKS, few_in_nairobi))


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Rule:
    rule = Rule(NAME, rows, excess, keeps)
    register(monkeypatch, rule)
    return rule


def in_nairobi(case: dg.Case, params: SolveParams) -> tuple[int, float]:
    solved = solve(case, build_problem(case), params)
    assert solved.choice is not None
    assert solved.objective is not None
    return int((solved.choice.provider == NAIROBI).sum()), solved.objective


def test_program_check_and_moves_know_it(case: dg.Case, monkeypatch: pytest.MonkeyPatch) -> None:
    params = SolveParams(backend="highs", time_limit_s=60)
    free, cost = in_nairobi(case, params)
    assert free > MOST  # the rule will bind
    register(monkeypatch, Rule(NAME, rows, excess, keeps))
    problem = build_problem(case)
    program = build_program(problem)
    assert NAME in {rule_of_row(program, i) for i in range(program.n_rows)}
    bound, dearer = in_nairobi(case, params)
    assert bound == MOST
    assert dearer > cost
    choice = solve(case, problem, params).choice
    assert choice is not None
    assert rules.check(problem, choice) == []
    report = dg.solve(case, params).verification
    assert {rule.rule: len(rule.violations) for rule in report.rules}[NAME] == 0
    # Runner-ups are held against a third copy, in verify/neighbours, which this rule does not have.
    assert all(".runner_up" in m.path for m in report.mismatches)
    found = [m for m in priced_moves(Counts.of(problem, choice)) for _ in m.at]
    assert found
    for moved in priced_moves(Counts.of(problem, choice)):
        assert not ((moved.moves.new[moved.at] == NAIROBI) & (moved.moves.old[moved.at] != NAIROBI)).any()


def test_a_plan_that_breaks_it_is_told(case: dg.Case) -> None:
    problem = build_problem(case)
    choice = solve(case, problem, SolveParams(backend="highs", time_limit_s=60)).choice
    assert choice is not None
    (broken,) = excess(problem, _tally(problem, choice))
    assert broken.amount == broken.data["value"] - MOST > 0


def _tally(problem: Problem, choice: object) -> Tally:
    from optimizer.model.tally import take

    return take(problem, choice)  # type: ignore[arg-type]


@pytest.mark.usefixtures("registered")
def test_who_does_not_know_it_is_passed_over_and_refused(case: dg.Case, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = build_problem(case)
    with pytest.raises(BackendRefused, match=f"engine does not know {NAME}; these do: highs"):
        registry.check("engine", SolveParams(), problem=problem)
    monkeypatch.setattr(registry, "LARGE_PAIRS", 0)
    assert registry.choose(problem.n_pairs, SolveParams())[0] == "engine"
    assert registry.choose(problem.n_pairs, SolveParams(), problem=problem)[0] == "cpsat"


def test_a_rule_that_is_off_keeps_nobody_away(case: dg.Case, monkeypatch: pytest.MonkeyPatch) -> None:
    off = Rule(NAME, rows, excess, keeps, on=lambda _: False)
    register(monkeypatch, off)
    registry.check("engine", SolveParams(), problem=build_problem(case))


def test_the_engine_declares_what_there_is() -> None:
    assert not registry.unknown(registry.SPECS["engine"], build_problem(dg.example("tiny")))
