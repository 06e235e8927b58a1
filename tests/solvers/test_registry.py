"""Refusals and choices, without starting anything."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from optimizer.domain.errors import BackendRefused, BackendUnavailable, UsageError
from optimizer.domain.params import BACKENDS, SolveParams
from optimizer.model.parts import Choice
from optimizer.solvers import registry
from optimizer.solvers.base import Capability
from tests.engine.helpers import random_problem
from tests.solvers import hand

START = Choice(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
MISSING = registry.Spec("x:Y", "none", ("no-such-distribution",), Capability.TIME_LIMIT)
BARE = registry.Spec("x:Y", "none", (), Capability(0))


def test_names_are_those_of_the_parameters():
    assert {*registry.SPECS, "auto"} == set(BACKENDS)


@pytest.mark.parametrize(
    ("params", "start", "capability"),
    [
        (SolveParams(time_limit_s=1.0), None, "time_limit"),
        (SolveParams(work_limit=1), None, "work_limit"),
        (SolveParams(time_limit_s=None, memory_limit_mb=1), None, "memory_limit"),
        (SolveParams(time_limit_s=None, threads=2), None, "threads"),
        (SolveParams(time_limit_s=None, seed=1), None, "seed"),
        (SolveParams(time_limit_s=None), START, "warm_start"),
    ],
)
def test_refusal_names_the_capability_and_who_has_it(params, start, capability):
    specs = {**registry.SPECS, "bare": BARE}
    with pytest.raises(BackendRefused) as error:
        registry.check("bare", params, start, specs=specs)
    assert error.value.code == "backend_refused"
    assert error.value.capability == capability
    assert "cpsat" in error.value.alternatives
    assert "cpsat" in str(error.value)
    registry.check("cpsat", params, start, specs=specs)


def test_work_limit_is_refused_by_highs():
    with pytest.raises(BackendRefused) as error:
        registry.check("highs", SolveParams(work_limit=5))
    assert set(error.value.alternatives) == {"engine", "cpsat"}


def test_missing_library_is_told_apart():
    with pytest.raises(BackendUnavailable, match="no-such-distribution"):
        registry.check("gone", SolveParams(), specs={"gone": MISSING})


def test_unknown_name():
    with pytest.raises(UsageError, match="nonsense"):
        registry.check("nonsense", SolveParams())


def test_pulp_refuses_what_is_too_large_for_it():
    n = registry.PULP_NONZEROS + 1
    program = hand.program(np.ones(n), csr_matrix(np.ones((1, n))).toarray(), [0], [1])
    with pytest.raises(BackendRefused) as error:
        registry.check("cbc", SolveParams(), program=program)
    assert error.value.capability == "size"
    assert "highs" in error.value.alternatives
    registry.check("highs", SolveParams(), program=program)


@pytest.mark.parametrize(
    ("pairs", "params", "name"),
    [
        (registry.LARGE_PAIRS, SolveParams(), "highs"),
        (registry.LARGE_PAIRS + 1, SolveParams(), "engine"),
        (10, SolveParams(work_limit=5), "engine"),
    ],
)
def test_auto_says_what_and_why(pairs, params, name):
    chosen, reason = registry.choose(pairs, params)
    assert chosen == name
    assert f"{pairs:,} eligible pairs" in reason
    assert name in reason


def test_auto_takes_the_next_one_that_can():
    specs = {n: registry.SPECS[n] for n in ("scip", "cpsat")}
    chosen, reason = registry.choose(10, SolveParams(), specs)
    assert chosen == "cpsat"
    assert "highs cannot be used" in reason
    with pytest.raises(BackendUnavailable):
        registry.choose(10, SolveParams(threads=2), {"scip": registry.SPECS["scip"]})


def test_parent_imports_no_solver():
    """Availability, refusals and even a solve leave the parent free of all three libraries."""
    code = (
        "import sys\n"
        "from optimizer.solvers import process, registry\n"
        "from optimizer.solvers.base import Request\n"
        "from optimizer.domain.params import SolveParams\n"
        "from tests.solvers import hand\n"
        "registry.available(), registry.choose(1, SolveParams()), registry.check('cpsat', SolveParams())\n"
        "p = hand.covering()\n"
        "assert process.run('highs', Request(p.problem, p, SolveParams())).stopped_by == 'finished'\n"
        "print(sorted({'highspy', 'pulp', 'ortools'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""


@pytest.mark.parametrize("name", [n for n in registry.SPECS if n != "engine"])
def test_class_and_description_agree(name):
    """The class in the child declares what the parent was told (no solver is imported for this)."""
    from optimizer.solvers.child import load_backend

    backend, described = load_backend(registry.SPECS[name].target), registry.SPECS[name]
    assert (backend.name, backend.capabilities, backend.needs_program) == (
        name,
        described.capabilities,
        described.needs_program,
    )


def _with_pair_volumes(problem):
    return dataclasses.replace(problem, pairs=dataclasses.replace(problem.pairs, volume=np.ones(problem.n_pairs)))


def test_the_engine_refuses_volumes_that_depend_on_the_provider_only_with_backups():
    registry.check("engine", SolveParams(), problem=_with_pair_volumes(random_problem(0)))
    registry.check("engine", SolveParams(), problem=random_problem(0, rules={"backup": True}))
    problem = _with_pair_volumes(random_problem(0, rules={"backup": True}))
    with pytest.raises(BackendRefused) as error:
        registry.check("engine", SolveParams(), problem=problem)
    assert error.value.capability == "pair_volumes"
    assert set(error.value.alternatives) == {"highs", "cbc", "pulp-highs", "cpsat", "scip"}
    registry.check("highs", SolveParams(), problem=problem)


LETS_GO = """
import gc, weakref
from optimizer.domain.params import SolveParams
from optimizer.model.build import build_problem
from optimizer.model.formulate import build_program
from optimizer.solvers.base import Request
from optimizer.solvers.child import load_backend
from optimizer.solvers.registry import SPECS
from optimizer.testing import random_case

def solved(spec):
    problem = build_problem(random_case(3))
    program = build_program(problem) if spec.needs_program else None
    request = Request(problem, program, SolveParams(backend={backend!r}, time_limit_s=30))
    outcome = load_backend(spec.target).solve(request, lambda news: None, lambda: False)
    assert outcome.stopped_by == "finished", outcome
    return weakref.ref(problem)

held = [solved(SPECS[{backend!r}]) for _ in range(3)]
gc.collect()
assert sum(ref() is not None for ref in held) <= 1, "what was solved is still held"  # PuLP keeps its first
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", registry.SPECS)
def test_a_backend_lets_go_of_what_it_has_solved(backend: str) -> None:
    # a child serves many requests: whatever its library keeps of each one adds up
    code = LETS_GO.format(backend=backend)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
