"""A claim is believed only after a check; each kind of false claim, and what is made of it."""

from __future__ import annotations

import dataclasses

import pytest

from optimizer.domain.errors import BackendFailed
from optimizer.domain.params import SolveParams
from optimizer.model.build import build_problem
from optimizer.model.evaluate import evaluate
from optimizer.solvers.accept import confirm, exhaustive
from optimizer.solvers.accept.confirm import Asked, check_claims, second_params, wild
from optimizer.solvers.accept.exhaustive import try_all
from optimizer.solvers.accept.solve import GAP_ABS_OPTIMAL, credible
from optimizer.solvers.base import HANDED_OVER, Outcome
from optimizer.testing import best_plan, random_case
from optimizer.verify.checker import Evaluator
from tests.accept.test_cuts import CASES
from tests.accept.test_cuts import best as cheapest
from tests.effort import few

NOTHING = Outcome("finished", "the backend", infeasible=True)


def first_seed(feasible):
    return next(s for s in range(200) if (best_plan(random_case(s, max_plans=500)) is not None) == feasible)


@pytest.fixture(scope="module", params=[True, False], ids=["feasible", "infeasible"])
def known(request):
    """A case, and its cheapest plan by enumeration."""
    case = random_case(first_seed(request.param), max_plans=500)
    problem, evaluator = build_problem(case), Evaluator(case)
    best = best_plan(case)
    return problem, evaluator, None if best is None else problem.encode(best.rows)


def asked(known, backend="highs", second=None, **changes):
    """The question; the second backend answers with ``second``, or is not to be asked."""

    def again(params, _start):
        assert second is not None, f"{params.backend} was asked"
        if isinstance(second, Exception):
            raise second
        return second

    problem, evaluator, _ = known
    return Asked(problem, evaluator, SolveParams(backend=backend, **changes), backend, again)


@pytest.fixture
def too_large(monkeypatch):
    """As if the case were too large for trying every assignment."""
    monkeypatch.setattr(exhaustive, "MAX_NODES", 0)


class TestSmall:
    """Every assignment is tried: the truth comes out whatever was claimed."""

    @pytest.mark.parametrize("backend", ["highs", "cpsat", "cbc", "scip", "engine"])
    def test_infeasible(self, known, backend):
        checked = check_claims(asked(known, backend), NOTHING, None)
        best = known[2]
        assert checked.outcome.infeasible == (best is None)
        if best is not None:
            assert evaluate(known[0], checked.choice).total == pytest.approx(evaluate(known[0], best).total)
            assert checked.outcome.bound == pytest.approx(evaluate(known[0], best).total)

    def test_false_optimum(self):
        """Two of three demands fit where it is cheap; a plan that leaves all at the dear place is called optimal."""
        case = CASES["line"]
        problem, evaluator = build_problem(case), Evaluator(case)
        known = problem, evaluator, None
        value = cheapest(case)
        dear = problem.encode([(d.entity, d.service, "P2", "") for d in case.demands])
        assert evaluate(problem, dear).total > value + 5
        claim = Outcome("finished", "the backend", dear, value + 5, value + 5)
        checked = check_claims(asked(known), claim, dear)
        assert evaluate(problem, checked.choice).total == pytest.approx(value)
        assert checked.outcome.bound == pytest.approx(value)
        assert "refuted" in checked.outcome.detail

    def test_right_optimum_is_said_plainly(self, known):
        problem, _, best = known
        if best is None:
            return
        value = evaluate(problem, best).total
        checked = check_claims(asked(known), Outcome("finished", "the backend", best, value, value), best)
        assert checked.outcome.detail == "the backend"


@pytest.mark.usefixtures("too_large")
class TestLarge:
    def test_refusal_that_nobody_confirms_is_none(self, known):
        for why in (BackendFailed("broke"), Outcome("time", "no end")):
            outcome = check_claims(asked(known, second=why), NOTHING, None).outcome
            assert not outcome.infeasible
            assert "not confirmed" in outcome.detail

    def test_refusal_that_both_claim(self, known):
        outcome = check_claims(
            asked(known, second=Outcome("finished", "second", infeasible=True)), NOTHING, None
        ).outcome
        assert outcome.infeasible
        assert "confirmed by cpsat" in outcome.detail

    def test_refusal_that_the_second_refutes(self, known):
        problem, _, best = known
        if best is None:
            return
        value = evaluate(problem, best).total
        second = Outcome("finished", "second", best, value, value)
        checked = check_claims(asked(known, second=second), NOTHING, None)
        assert checked.choice is best
        assert (checked.outcome.infeasible, checked.outcome.bound) == (False, value)
        assert "refuted by cpsat" in checked.outcome.detail

    def test_refusal_that_a_plan_in_hand_refutes(self, known):
        best = known[2]
        if best is None:
            return
        second = Outcome("time", "second", bound=0.0)
        checked = check_claims(asked(known, second=second), NOTHING, best)
        assert checked.choice is best
        assert not checked.outcome.infeasible
        assert "refuted by a plan in hand" in checked.outcome.detail

    def test_whole_numbers_need_nobody(self, known):
        claim = dataclasses.replace(NOTHING, exact=True)
        assert check_claims(asked(known, "cpsat"), claim, None).outcome.infeasible
        outcome = check_claims(asked(known, "cpsat", second=Outcome("time", "no end")), NOTHING, None).outcome
        assert not outcome.infeasible

    def test_no_time_left(self, known):
        outcome = check_claims(asked(known, time_limit_s=0.0), NOTHING, None).outcome
        assert not outcome.infeasible
        assert "the time is over" in outcome.detail

    def test_no_second_solver(self, known, monkeypatch):
        monkeypatch.setattr(confirm.registry, "available", lambda: ("highs",))
        outcome = check_claims(asked(known), NOTHING, None).outcome
        assert not outcome.infeasible
        assert "no second solver" in outcome.detail

    def test_tolerances_alone_prove_nothing(self, known):
        """CP-SAT, which had to round, ended without a plan and refused nothing: HiGHS' word is the only one."""
        silent = Outcome("finished", "the backend", bound=0.0)
        second = Outcome("finished", "second", infeasible=True)
        outcome = check_claims(asked(known, "cpsat", second=second), silent, None).outcome
        assert not outcome.infeasible
        assert "not confirmed by highs" in outcome.detail
        assert check_claims(asked(known, "highs", second=second), silent, None).outcome.infeasible

    def test_backends_that_never_prove(self, known):
        assert not check_claims(asked(known, "engine"), NOTHING, None).outcome.infeasible

    @pytest.mark.parametrize("far", [True, False])
    @pytest.mark.parametrize("changes", [{}, {"gap_rel": 1e-9}, {"backend_options": {"a": 1}}], ids=str)
    @pytest.mark.parametrize("backend", ["highs", "engine"])
    def test_optimum_of_figures_far_apart_is_asked_again(self, known, backend, changes, far, monkeypatch):
        """Whoever claims it, and also where a gap was allowed that is not left."""
        problem, _, best = known
        if best is None:
            return
        monkeypatch.setattr(confirm, "wild", lambda _: far)
        value = evaluate(problem, best).total
        claim = Outcome("finished", "the backend", best, value, value, stats={HANDED_OVER: "kOptimal"})
        second = Outcome("time", "second", best, value, value - 7) if far else None
        checked = check_claims(asked(known, backend, second, **changes), claim, best)
        assert checked.outcome.bound == (value - 7 if far else value)
        assert ("not confirmed by cpsat" in checked.outcome.detail) == far


@pytest.mark.usefixtures("too_large")
def test_bound_of_the_engines_own_needs_nobody(monkeypatch):
    """Its prices and its branching work without the tolerances of HiGHS."""
    monkeypatch.setattr(confirm, "wild", lambda _: True)
    case = CASES["line"]
    problem, evaluator = build_problem(case), Evaluator(case)
    plan = problem.encode([(d.entity, d.service, "P2", "") for d in case.demands])
    value = evaluate(problem, plan).total
    claim = Outcome("finished", "engine: prices", plan, value, value)
    assert check_claims(asked((problem, evaluator, None), "engine"), claim, plan).outcome.bound == value


@pytest.mark.usefixtures("too_large")
@pytest.mark.parametrize("far", [True, False])
def test_bound_that_nobody_can_confirm(far, monkeypatch):
    """It stays where figures are of one size, and is dropped where a tolerance may have made it."""
    monkeypatch.setattr(confirm, "wild", lambda _: far)
    case = CASES["line"]
    problem, evaluator = build_problem(case), Evaluator(case)
    plan = problem.encode([(d.entity, d.service, "P2", "") for d in case.demands])
    value = evaluate(problem, plan).total
    question = asked((problem, evaluator, None), second=BackendFailed("broke"))
    outcome = check_claims(question, Outcome("finished", "the backend", plan, value, value), plan).outcome
    assert outcome.bound == (None if far else value)


def test_wild_cases():
    plain = build_problem(random_case(first_seed(True), max_plans=500))
    assert not wild(plain)
    far = plain.volume.copy()
    far[0] *= 1e9
    assert len(far) == 1 or wild(dataclasses.replace(plain, volume=far))


def test_second_backend_has_a_limit_of_its_own():
    assert second_params(SolveParams(time_limit_s=None), "cpsat").time_limit_s == confirm.LIMIT_S
    assert second_params(SolveParams(backend="cpsat", work_limit=5), "highs").work_limit is None
    assert second_params(SolveParams(backend="engine", work_limit=5), "cpsat").time_limit_s is None
    assert second_params(SolveParams(threads=2, backend_options={"a": 1}), "scip").threads == 1


@pytest.mark.parametrize("figures", ["usual", "mixed"])
@pytest.mark.parametrize("seed", few(range(25), 8))
def test_trying_all_agrees_with_enumeration(figures, seed):
    case = random_case(seed, figures=figures, max_plans=1500)
    problem, evaluator = build_problem(case), Evaluator(case)
    best, tried = best_plan(case), try_all(problem, evaluator)
    assert tried.complete
    assert (tried.choice is None) == (best is None)
    if best is not None:
        assert not evaluator.violations(problem.decode(tried.choice))
        assert evaluate(problem, tried.choice).total == pytest.approx(float(best.cost), abs=1e-6, rel=1e-12)


def test_trying_stops_at_its_limit():
    case = random_case(first_seed(True), max_plans=500)
    tried = try_all(build_problem(case), Evaluator(case), max_nodes=1)
    assert (tried.complete, tried.choice) == (False, None)


@pytest.mark.parametrize(
    ("over", "bound"),
    [(-3.0, 1e9 - 3.0), (0.005, 1e9), (0.6, 1e9 - 0.6), (2.0, None)],
    ids=["below", "within a cent", "within a tolerance", "beyond"],
)
def test_bound_above_a_plan_is_no_proof(over, bound):
    """At a thousand million a tolerance of 1e-9 is 1, and no reason to say optimal."""
    case = CASES["line of millions"]
    problem = build_problem(case)
    plan = problem.encode([(d.entity, d.service, "P2", "") for d in case.demands])
    value = evaluate(problem, plan).total
    scale = 1e9 / value
    lines = dataclasses.replace(problem.lines, tier_cost=problem.lines.tier_cost * scale)
    problem = dataclasses.replace(problem, lines=lines)
    assert evaluate(problem, plan).total == pytest.approx(1e9, abs=1e-5)
    believed, _ = credible(1e9 + over, evaluate(problem, plan).total, "cut short")
    assert believed == (None if bound is None else pytest.approx(bound, abs=1e-4))
    assert (believed is not None and 1e9 - believed <= GAP_ABS_OPTIMAL) == (over == 0.005)


@pytest.mark.parametrize(("cheaper", "refuted"), [(0.004, False), (0.006, True)])
def test_less_than_half_a_cent_refutes_nothing(known, cheaper, refuted, monkeypatch):
    """Which of two plans of one price is taken is settled by moves and names, not by the noise of sums."""
    held, found = object(), object()
    monkeypatch.setattr(Asked, "value", lambda _, plan: 10.0 if plan is held else 10.0 - cheaper)
    assert asked(known).refuted(held, found) == refuted
    assert not asked(known).refuted(held, held)
    assert asked(known).refuted(None, found)
