"""Prints the kernels that real solves compile after the warm-up; run as a process of its own, for it loads solvers."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

import data
import optimizer.solvers.engine
from benchmarks.literature import kinds_of, load
from optimizer.domain.params import SolveParams
from optimizer.model.build import build_problem
from optimizer.model.problem import Problem
from optimizer.solvers.base import Request
from optimizer.solvers.engine.backend import EngineBackend
from optimizer.solvers.engine.warm import warm
from optimizer.tables import read_case

INSTANCES = Path(data.__file__).parents[1] / "benchmarks" / "instances"


def signatures() -> set[str]:
    """Every kernel with every form of arguments it is compiled for in this process."""
    found = set()
    for module in pkgutil.walk_packages(optimizer.solvers.engine.__path__, "optimizer.solvers.engine."):
        for name, value in vars(importlib.import_module(module.name)).items():
            found |= {f"{name} {signature}" for signature in getattr(value, "signatures", ())}
    return found


def problems() -> list[Problem]:
    """A case of each way through the engine."""
    rco = build_problem(read_case(data.case_path("rco"))[0])
    found = [("sscflp_holmberg", "p10"), ("gap_yagiura", "e05100")]
    return [rco, *(load(INSTANCES / f, f, name, kinds_of(f)[0]).problem for f, name in found)]


def main() -> None:
    warm()
    before = signatures()
    for problem in problems():
        params = SolveParams(backend="engine", work_limit=300)
        outcome = EngineBackend().solve(Request(problem, None, params), lambda _event: None, lambda: False)
        assert outcome.choice is not None
    for line in sorted(signatures() - before):
        sys.stdout.write(f"{line[:200]}\n")


if __name__ == "__main__":
    main()
