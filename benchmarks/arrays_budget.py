"""From tables to arrays: seconds by phase and peak memory, against a budget.

Budget: 1,000,000 (entity, service, provider) triples read from CSV files and turned into arrays
in less than 5 s and 1.5 GB on one core. Run ``python -m benchmarks.arrays_budget [SIZE]``; the
exit code is 1 when the budget of the size ``million`` is missed. The case is written by a child
process, so that peak memory is that of reading and building alone.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from optimizer.model import build
from optimizer.model.evaluate import check, evaluate
from optimizer.model.parts import Choice
from optimizer.model.problem import Problem
from optimizer.tables import read_case

SIZES = {"small": (200, 12, 24), "million": (2500, 20, 20), "large": (10_000, 20, 40), "huge": (50_000, 20, 60)}
"""Entities, services, providers."""
BUDGET_SECONDS = 5.0
BUDGET_MB = 1536.0
SEED = 1

PHASES = (
    "read_columns",
    "build_lines",
    "geodesic_km",
    "working_overlap",
    "refusal_masks",
    "build_pairs",
    "build_sites",
    "reference_cost",
)
"""Steps of ``build_problem``, timed where it calls them."""


def write_case(folder: str, size: tuple[int, int, int]) -> None:
    """Generate a case and write it as CSV files."""
    from data import generator

    generator.write_case(generator.generate(*size, seed=SEED), Path(folder))


def timed(name: str, work: Callable[..., Any], seconds: dict[str, float]) -> Callable[..., Any]:
    """Return ``work`` that also notes how long it took."""

    def run(*args: Any) -> Any:
        began = time.perf_counter()
        result = work(*args)
        seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - began
        return result

    return run


def peak_mb() -> float:
    """Peak resident memory of this process, megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def measure(size: tuple[int, int, int]) -> tuple[Problem, dict[str, float]]:
    """Read and build a generated case; seconds by phase."""
    seconds: dict[str, float] = {}
    with TemporaryDirectory() as folder:
        child = multiprocessing.get_context("spawn").Process(target=write_case, args=(folder, size))
        child.start()
        child.join()
        case, _ = timed("read_case", read_case, seconds)(folder)
    kept = {name: getattr(build, name) for name in PHASES}
    try:
        for name, work in kept.items():
            setattr(build, name, timed(name, work, seconds))
        problem: Problem = timed("build_problem", build.build_problem, seconds)(case)
    finally:
        for name, work in kept.items():
            setattr(build, name, work)
    return problem, seconds


def first_choice(problem: Problem) -> Choice:
    """First eligible provider of every demand."""
    has = np.diff(problem.pairs.start) > 0
    provider = np.full(problem.n_demands, -1, np.int64)
    provider[has] = problem.pairs.provider[problem.pairs.start[:-1][has]]
    return Choice(provider, np.full(problem.n_demands, -1, np.int64))


def main(arguments: list[str] | None = None) -> int:
    """Print the measurement of one size; 1 when the budget is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("size", nargs="?", choices=SIZES, default="million")
    name = parser.parse_args(arguments).size
    problem, seconds = measure(SIZES[name])
    peak, total = peak_mb(), seconds["read_case"] + seconds["build_problem"]
    choice = first_choice(problem)
    timed("evaluate", evaluate, seconds)(problem, choice)
    timed("check", check, seconds)(problem, choice)
    entities, services, providers = SIZES[name]
    print(
        f"{name}: {entities * services * providers:,} triples, {problem.n_demands:,} demands, {problem.n_pairs:,} pairs"
    )
    for phase, took in seconds.items():
        print(f"  {phase:<16} {took:8.3f} s")
    print(f"  {'read and build':<16} {total:8.3f} s   peak {peak:,.0f} MB")
    missed = name == "million" and (total > BUDGET_SECONDS or peak > BUDGET_MB)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
