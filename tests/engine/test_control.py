"""Work limits, starts and cancels of the engine, on random and packaged cases, small and forced large."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

import data
from benchmarks.cases import every, packaged
from data.generator import generate, write_case
from optimizer.domain.case import Case
from optimizer.domain.params import SolveParams
from optimizer.model.build import build_problem
from optimizer.model.parts import Choice
from optimizer.model.problem import Problem
from optimizer.solvers.base import Incumbent, Outcome, Progress, Request
from optimizer.solvers.pool import ChildPool
from optimizer.solvers.process import run
from optimizer.tables import read_case
from optimizer.testing import edited
from optimizer.verify.checker import Evaluator
from tests.effort import few, share
from tests.engine.judging import CENT, Judge
from tests.engine.large_path import LARGE, WITH_LARGE
from tests.engine.random_cases import case_of, changed
from tests.pipeline.test_determinism import shuffled

BACKENDS = ("engine", LARGE)
MANY_PLANS = (5, 18, 30, 41, 59, 74)
"""Random cases with plans to choose among."""
SHUFFLED = [
    ("tiny", LARGE, 120),
    ("generated", LARGE, 120),
    pytest.param("rco", "engine", 1000, marks=pytest.mark.slow),
]
"""Case, backend, work units; the last takes the engine's own path for thousands of pairs."""


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool(WITH_LARGE) as children:
        yield children


def solve(pool: ChildPool, problem: Problem, backend: str = "engine", start: Choice | None = None, **params) -> Outcome:
    return run(backend, Request(problem, None, SolveParams(backend="engine", **params), start), pool=pool)


def same(one: Outcome, two: Outcome) -> bool:
    """Plan, objective, bound, work and reason are equal to the last bit."""
    facts = [(o.objective, o.bound, o.work, o.stopped_by) for o in (one, two)]
    plans = [None if o.choice is None else (o.choice.provider.tolist(), o.choice.backup.tolist()) for o in (one, two)]
    return facts[0] == facts[1] and plans[0] == plans[1]


def reordered(case: Case, seed: int) -> Case:
    """The case with its tables' rows in another order; tiers stay in theirs."""
    rng = Random(seed)
    tables = ("entities", "services", "demands", "providers", "offers", "current", "decisions")
    return edited(case, **{t: tuple(rng.sample(getattr(case, t), len(getattr(case, t)))) for t in tables})


def read(folder: Path) -> Problem:
    """Arrays of a case on disk."""
    return build_problem(read_case(folder)[0])


@pytest.fixture
def folder(tmp_path: Path):
    """Where a case lies, by name."""

    def find(name: str) -> Path:
        if name != "generated":
            return data.case_path(name)
        write_case(generate(12, services=5, providers=8, seed=2), tmp_path / name)
        return tmp_path / name

    return find


class TestEqualWork:
    """The same work limit and seed give the same plan, bound and work."""

    @pytest.mark.parametrize("seed", few(MANY_PLANS, 1))
    @pytest.mark.parametrize("backend", BACKENDS)
    def test_random_cases(self, pool: ChildPool, backend: str, seed: int) -> None:
        """One thread and two, rows in another order, in a child that has solved something else in between."""
        case, other = case_of(seed), build_problem(case_of(seed + 1))
        first = solve(pool, build_problem(case), backend, work_limit=25, seed=seed)
        for threads in (1, 2):
            solve(pool, other, backend, work_limit=10, seed=seed + threads)
            again = build_problem(reordered(case, threads))
            assert same(first, solve(pool, again, backend, work_limit=25, seed=seed, threads=threads))

    @pytest.mark.parametrize(("name", "backend", "work"), SHUFFLED)
    def test_rows_shuffled(self, pool: ChildPool, folder, name: str, backend: str, work: int, tmp_path: Path) -> None:
        source = folder(name)
        first = solve(pool, read(source), backend, work_limit=work, seed=3)
        assert first.choice is not None
        for threads in (1, 2):
            again = read(shuffled(source, tmp_path / str(threads), threads))
            assert same(first, solve(pool, again, backend, work_limit=work, seed=3, threads=threads))


class TestStart:
    """A start is kept when it holds, mended when it does not."""

    @pytest.mark.parametrize("seed", few(MANY_PLANS, 1))
    @pytest.mark.parametrize("backend", BACKENDS)
    def test_optimum_as_start_stays(self, pool: ChildPool, backend: str, seed: int) -> None:
        judge = Judge(case_of(seed))
        assert judge.best.choice is not None
        outcome = judge.solve(pool, backend, judge.best.choice, work_limit=1)
        assert not judge.wrong
        assert outcome.start_used
        assert outcome.objective == pytest.approx(judge.best.cost, abs=CENT)

    @pytest.mark.parametrize("backend", BACKENDS)
    def test_plan_of_a_slightly_different_case(self, pool: ChildPool, backend: str) -> None:
        """Plans of changed cases: kept where they still hold, and never made worse; repaired where not."""
        kept = mended = 0
        for seed in range(1, share(60)):
            old = Judge(changed(case_of(seed), seed))
            new = Judge(case_of(seed))
            if not old.feasible or not new.feasible or old.best.choice is None:
                continue
            start = new.problem.encode(old.problem.decode(old.best.choice))
            judged = new.evaluator.evaluate(new.problem.decode(start))
            outcome = new.solve(pool, backend, start, work_limit=30, seed=seed)
            assert not new.wrong
            if judged.ok:
                kept += 1
                assert outcome.start_used
                assert outcome.objective is not None
                assert outcome.objective <= judged.cost["total"] + CENT
            else:
                mended += 1
                assert not outcome.start_used
                assert outcome.choice is not None
        assert min(kept, mended) >= share(5, 5)

    def test_nothing_but_nonsense(self, pool: ChildPool) -> None:
        """Providers that are not eligible, backups where none are asked for."""
        judge = Judge(case_of(18))
        n = judge.problem.n_demands
        for provider, backup in ((0, 1), (-1, -1), (judge.problem.n_providers, 0)):
            start = Choice(np.full(n, provider), np.full(n, backup))
            assert judge.proven(judge.solve(pool, start=start, time_limit_s=60.0))
        assert not judge.wrong

    @pytest.mark.slow
    def test_what_a_change_breaks_is_mended_where_it_broke(self, pool: ChildPool) -> None:
        """One entity twice as large, and its old places full: nearly all stay, and the plan is nearly as good."""
        case = packaged("rco")
        held = solve(pool, build_problem(case), work_limit=150)
        assert held.choice is not None
        assert held.objective is not None
        mended = 0
        for entity in sorted({d.entity for d in case.demands})[::12]:
            larger = [replace(d, volume=2 * d.volume) if d.entity == entity else d for d in case.demands]
            problem = build_problem(edited(case, demands=tuple(larger)))
            outcome = solve(pool, problem, start=held.choice, work_limit=1)
            assert outcome.choice is not None
            assert outcome.objective is not None
            if not outcome.start_used:
                mended += 1
                assert (outcome.choice.provider != held.choice.provider).mean() < 0.05
                assert outcome.objective < 1.05 * held.objective
        assert mended, "nothing broke: make the entities larger"

    def test_part_of_a_packaged_case_after_a_change(self, pool: ChildPool) -> None:
        """One demand a fifth larger: the old plan, repaired at most, is not made worse."""
        case = every(packaged("rco"), 12)
        before = build_problem(case)
        held = solve(pool, before, LARGE, work_limit=100)
        assert held.choice is not None
        case = changed(case, 1)
        problem, evaluator = build_problem(case), Evaluator(case)
        start = problem.encode(before.decode(held.choice))
        judged = evaluator.evaluate(problem.decode(start))
        outcome = solve(pool, problem, LARGE, start, work_limit=20)
        assert outcome.choice is not None
        found = evaluator.evaluate(problem.decode(outcome.choice))
        assert found.ok
        assert outcome.start_used == judged.ok
        if judged.ok:
            assert found.cost["total"] <= judged.cost["total"] + CENT


class TestGap:
    """A gap that is asked for ends the run with a plan that has it."""

    @pytest.mark.parametrize("seed", few(MANY_PLANS, 1))
    @pytest.mark.parametrize("backend", BACKENDS)
    def test_a_gap_is_kept(self, pool: ChildPool, backend: str, seed: int) -> None:
        judge = Judge(case_of(seed))
        outcome = judge.solve(pool, backend, time_limit_s=60.0, gap_rel=0.05)
        assert not judge.wrong
        assert outcome.stopped_by in ("gap", "finished")
        assert outcome.objective is not None
        assert outcome.objective <= judge.best.cost / 0.95 + CENT


class Canceller:
    """Asks for the end at the n-th piece of news, or at the first of a phase; keeps what was told."""

    def __init__(self, at: int | None = None, phase: str | None = None) -> None:
        self.at, self.phase, self.event = at, phase, threading.Event()
        self.number, self.best, self.phases = 0, np.inf, []

    def __call__(self, news: Incumbent | Progress) -> None:
        self.number += 1
        if isinstance(news, Incumbent):
            self.best = min(self.best, news.objective)
        elif news.phase not in self.phases:
            self.phases.append(news.phase)
        if self.number == self.at or (isinstance(news, Progress) and self.phase == news.phase):
            self.event.set()


class TestCancel:
    """A cancel keeps the best plan told of, whenever it comes."""

    problem = build_problem(every(packaged("rco"), 12))

    def _cancel(self, pool: ChildPool, canceller: Canceller, backend: str, threads: int = 1) -> Outcome:
        params = SolveParams(backend="engine", time_limit_s=120.0, threads=threads)
        request = Request(self.problem, None, params)
        return run(backend, request, on_progress=canceller, cancelled=canceller.event, pool=pool)

    def _kept(self, outcome: Outcome, canceller: Canceller) -> None:
        assert outcome.stopped_by == "user"
        assert (outcome.choice is None) == (canceller.best == np.inf)
        if outcome.objective is not None:
            assert outcome.objective <= canceller.best

    @pytest.mark.parametrize("threads", [1, 2])
    @pytest.mark.parametrize("at", few([1, 12, 2, 5, 30], 2))
    def test_at_a_piece_of_news(self, pool: ChildPool, at: int, threads: int) -> None:
        canceller = Canceller(at=at)
        self._kept(self._cancel(pool, canceller, LARGE, threads), canceller)
        assert canceller.number >= at

    @pytest.mark.slow
    def test_in_every_phase(self, pool: ChildPool) -> None:
        """Phases are those that an uninterrupted run of some work tells of; the last may end by itself first."""
        seen = Canceller()
        params = SolveParams(backend="engine", work_limit=400)
        run(LARGE, Request(self.problem, None, params), on_progress=seen, pool=pool)
        assert len(seen.phases) >= 3
        for phase in seen.phases[:-1]:
            canceller = Canceller(phase=phase)
            self._kept(self._cancel(pool, canceller, LARGE), canceller)

    @pytest.mark.parametrize("backend", BACKENDS)
    def test_before_anything(self, pool: ChildPool, backend: str) -> None:
        canceller = Canceller()
        canceller.event.set()
        outcome = self._cancel(pool, canceller, backend)
        assert outcome.stopped_by == "user"

    def test_a_start_survives_a_cancel(self, pool: ChildPool) -> None:
        """The first news is the start itself."""
        held = solve(pool, self.problem, LARGE, work_limit=100)
        assert held.choice is not None
        canceller = Canceller(at=1)
        request = Request(self.problem, None, SolveParams(backend="engine", time_limit_s=120.0), held.choice)
        outcome = run(LARGE, request, on_progress=canceller, cancelled=canceller.event, pool=pool)
        assert outcome.objective is not None
        assert held.objective is not None
        assert outcome.objective <= held.objective + CENT
