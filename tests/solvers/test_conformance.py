"""One suite, every backend on the whole program. A backend that is not installed fails here.

What a backend cannot do is written in ``registry.SPECS``; where one behaves differently from
the others all the same, ``DEVIATIONS`` says so.
"""

from __future__ import annotations

from itertools import product
from threading import Event

import numpy as np
import pytest

from optimizer.domain.errors import BackendRefused
from optimizer.domain.params import SolveParams
from optimizer.model.formulate import build_program
from optimizer.solvers import registry
from optimizer.solvers.base import Capability, Incumbent, Progress, Request
from optimizer.solvers.process import run
from tests.effort import few
from tests.engine.helpers import ALL_RULES, random_problem
from tests.solvers import hand

BACKENDS = tuple(n for n, s in registry.SPECS.items() if s.needs_program)

DEVIATIONS = {
    ("cpsat", "bound"): 0.01,  # costs are rounded down, so a finished bound may lie a little below the plan
}
"""(backend, what) → how far it may be off, money a year."""

CASES = {f"problem{seed}": seed for seed in range(6)}


def request(program, start=None, **params):
    return Request(program.problem, program, SolveParams(**params), start)


def real_program(seed):
    return build_program(random_problem(seed, 4, 2, 3, rules=ALL_RULES if seed % 2 else None))


def brute_force(program):
    """Least cost over all 0/1 vectors."""
    a, best = program.a.toarray(), np.inf
    for values in product((0.0, 1.0), repeat=program.n_columns):
        v = np.array(values)
        if (a @ v >= program.row_lower).all() and (a @ v <= program.row_upper).all():
            best = min(best, program.objective(v))
    return best


@pytest.fixture(scope="session")
def expected(pool):
    """What HiGHS proves for the real programs; the others must agree."""
    return {name: run("highs", request(real_program(seed)), pool=pool) for name, seed in CASES.items()}


def test_every_backend_is_installed():
    """A skipped backend would look like a passed one."""
    assert set(registry.available()) == set(registry.SPECS)


@pytest.mark.parametrize("backend", BACKENDS)
class TestConformance:
    """The same claims for each backend."""

    def test_optimum_and_bound_include_the_offset(self, backend, pool):
        program = hand.covering(n=10, offset=1000.0)
        outcome = run(backend, request(program), pool=pool)
        assert (outcome.stopped_by, outcome.infeasible) == ("finished", False)
        assert outcome.objective == pytest.approx(brute_force(program))
        assert outcome.bound == pytest.approx(outcome.objective, abs=1e-6)
        assert program.objective(program.encode(outcome.choice)) == pytest.approx(outcome.objective)

    def test_no_plan_is_proven(self, backend, pool):
        outcome = run(backend, request(hand.impossible()), pool=pool)
        assert (outcome.stopped_by, outcome.infeasible, outcome.choice) == ("finished", True, None)
        assert outcome.bound is None

    @pytest.mark.parametrize("case", few([*CASES], 2))
    def test_agrees_on_real_programs(self, backend, case, pool, expected):
        program, known = real_program(CASES[case]), expected[case]
        outcome = run(backend, request(program), pool=pool)
        assert (outcome.stopped_by, outcome.infeasible) == ("finished", known.infeasible)
        if not known.infeasible:
            assert program.objective(program.encode(outcome.choice)) == pytest.approx(known.objective, abs=0.005)
            below = DEVIATIONS.get((backend, "bound"), 1e-5)
            assert known.objective - below <= outcome.bound <= known.objective + 1e-5

    def test_time_out_is_never_finished(self, backend, pool):
        program = hand.knapsacks(300, 40, seed=5)
        outcome = run(backend, request(program, time_limit_s=0.5), pool=pool)
        assert outcome.stopped_by == "time"
        assert not outcome.infeasible
        assert outcome.bound is None or outcome.objective is None or outcome.bound < outcome.objective

    def test_gap_asked_for_is_not_called_finished(self, backend, pool):
        program = hand.knapsacks(300, 40, seed=5)
        outcome = run(backend, request(program, gap_rel=0.5), pool=pool)
        assert outcome.stopped_by == "gap"
        assert outcome.bound < outcome.objective
        assert outcome.objective - outcome.bound <= 0.5 * abs(outcome.objective) + 1.0

    def test_start_is_never_lost(self, backend, pool):
        program = hand.knapsacks(300, 40, seed=5)
        start = run("highs", request(program, gap_rel=0.02), pool=pool)
        outcome = run(backend, request(program, start.choice, time_limit_s=0.01), pool=pool)
        assert outcome.objective <= start.objective + 1e-6
        assert outcome.bound is None or outcome.bound <= outcome.objective

    def test_start_reaches_the_solver(self, backend, pool):
        program = hand.covering()
        best = run("highs", request(program), pool=pool)
        outcome = run(backend, request(program, best.choice), pool=pool)
        assert outcome.start_used is True
        assert outcome.objective == pytest.approx(best.objective)

    def test_bad_start_does_no_harm(self, backend, pool):
        program = hand.covering()
        best = run("highs", request(program), pool=pool)
        outcome = run(backend, request(program, program.decode(program.lower)), pool=pool)
        assert outcome.objective == pytest.approx(best.objective)

    def test_cancel_keeps_the_plan(self, backend, pool):
        program, enough = hand.knapsacks(300, 40, seed=5), Event()
        start = run("highs", request(program, gap_rel=0.05), pool=pool)
        outcome = run(
            backend,
            request(program, start.choice),
            on_progress=lambda news: enough.set(),
            cancelled=enough,
            pool=pool,
        )
        assert outcome.stopped_by == "user"
        assert outcome.objective <= start.objective + 1e-6

    def test_streams_what_it_declares(self, backend, pool):
        program, news = hand.knapsacks(60, 8), []
        run(backend, request(program, time_limit_s=20.0), on_progress=news.append, pool=pool)
        plans = [n for n in news if isinstance(n, Incumbent)]
        assert bool(plans) == (Capability.INCUMBENTS in registry.capabilities(backend))
        for plan in plans:
            assert program.objective(program.encode(plan.choice)) == pytest.approx(plan.objective)
        bounds = [n.bound for n in news if isinstance(n, Progress) and n.bound is not None]
        assert all(b <= brute_bound(program, pool) + 1e-6 for b in bounds)

    def test_nothing_to_decide(self, backend, pool):
        program = hand.program([], np.zeros((0, 0)), [], [], offset=12.5)
        outcome = run(backend, request(program), pool=pool)
        assert (outcome.stopped_by, outcome.objective, outcome.bound) == ("finished", 12.5, 12.5)

    def test_unknown_option_is_refused(self, backend, pool):
        with pytest.raises(BackendRefused) as error:
            run(backend, request(hand.covering(), backend_options={"no_such_option": 1}), pool=pool)
        assert error.value.capability == "backend_options"

    def test_takes_a_seed(self, backend, pool):
        outcome = run(backend, request(hand.covering(), seed=7), pool=pool)
        assert outcome.stopped_by == "finished"


def brute_bound(program, pool):
    """Optimum of the knapsacks, once per session."""
    if not hasattr(brute_bound, "value"):
        brute_bound.value = run("highs", request(program), pool=pool).objective
    return brute_bound.value


@pytest.mark.parametrize("backend", [n for n in BACKENDS if Capability.WORK_LIMIT in registry.capabilities(n)])
@pytest.mark.parametrize("threads", [1, 2])
def test_work_limit_gives_the_same_answer_twice(backend, threads, pool):
    """A work limit, unlike a time limit, makes a run repeatable."""
    program = hand.knapsacks(200, 30, seed=3)
    one, two = (run(backend, request(program, work_limit=60, threads=threads), pool=pool) for _ in range(2))
    assert one.stopped_by == two.stopped_by == "work"
    assert (one.objective, one.bound, one.work) == (two.objective, two.bound, two.work)
    assert np.array_equal(one.choice.provider, two.choice.provider)


def test_export_writes_readable_names(pool, tmp_path):
    """PuLP's translation can be kept as an LP file with the names people know."""
    program, path = real_program(0), tmp_path / "model.lp"
    run("cbc", request(program, backend_options={"export": str(path)}), pool=pool)
    text = path.read_text()
    assert "assign_once.e00000.s000" in text
    assert "x.e00000.s000." in text
