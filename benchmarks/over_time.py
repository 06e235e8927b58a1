"""Large cases over time: the engine by parts beside HiGHS on the program of all periods.

>>> python -m benchmarks.over_time out.json --seconds 600 --only secretariat-20q  # doctest: +SKIP

Each row is written as it comes. A case that a solver cannot take in its limits gives a row that says so.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

from benchmarks.cases import generated, packaged
from benchmarks.machine import machine, versions
from optimizer.domain.errors import BackendError
from optimizer.domain.horizon import Horizon
from optimizer.domain.params import SolveParams
from optimizer.domain.time_rows import Budget, Precedence
from optimizer.files import write_text_atomic
from optimizer.model.time.joint import build_joint
from optimizer.solvers.accept.over_time import solve_joint
from optimizer.solvers.accept.watch import Watch
from optimizer.verify.time import TimeEvaluator

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.domain.horizon import Unit

__all__ = ["BACKENDS", "CASES", "main", "measure", "over_time", "table"]

BACKENDS: Final = ("engine", "highs")
MEMORY_MB: Final = 4096
START: Final = date(2027, 1, 1)


def over_time(case: Case, unit: Unit, count: int, *, budget: float | None = None, seed: int = 1) -> Case:
    """A steady case over time: what sites may take in, notice for some, payroll last, a budget a year.

    Parameters
    ----------
    case : Case
    unit : {"month", "quarter", "year"}
    count : int
    budget : float, optional
        One-off money of each planning year.
    seed : int
        Decides whose notice runs.
    """
    rng, horizon = Random(seed), Horizon(START, unit, count, START)
    sites = tuple(replace(p, absorb_fte=max(5.0, round((p.capacity_fte or 400.0) / 4, 1))) for p in case.providers)
    today = tuple(replace(c, notice_until=date(2027, 7, 1)) if rng.random() < 0.2 else c for c in case.current)
    years = sorted({p.planning_year for p in horizon.periods})
    order = (Precedence("*", "payroll", 3),) if any(s.id == "payroll" for s in case.services) else ()
    return case.having(
        policy=replace(case.policy, horizon=horizon, handover_months=2),
        providers=sites,
        current=today,
        precedence=order,
        budgets=() if budget is None else tuple(Budget(y, budget) for y in years),
    )


def _secretariat(budget: float | None) -> Case:
    return over_time(packaged("secretariat"), "quarter", 20, budget=budget)


def _generated(entities: int, services: int, providers: int, count: int, seed: int) -> Case:
    return over_time(generated(entities, services, providers, seed), "year", count, seed=seed)


CASES: Final[dict[str, Callable[[], Case]]] = {
    "secretariat-20q": partial(_secretariat, None),
    "secretariat-20q-budget": partial(_secretariat, 12e6),
    "generated-100x25x5": partial(_generated, 25, 4, 25, 5, 1),
    "generated-500x100x10": partial(_generated, 100, 5, 100, 10, 1),
    "generated-1000x250x10": partial(_generated, 200, 5, 250, 10, 1),
}
"""Names say demands, sites, periods."""


def measure(name: str, backend: str, seconds: float) -> dict[str, Any]:
    """One case with one backend: plan, bound and gap, checked by the verifier.

    Parameters
    ----------
    name : str
        Of ``CASES``.
    backend : str
    seconds : float
        Time of the solver; arrays are made before.
    """
    case = CASES[name]()
    joint, judge = build_joint(case), TimeEvaluator(case)
    row: dict[str, Any] = {"case": name, "backend": backend, "limit_s": seconds, "demands": joint.n_demands}
    row["pairs"] = sum(s.problem.n_pairs for s in joint.stages)
    params = SolveParams(backend=backend, time_limit_s=seconds, threads=2, memory_limit_mb=MEMORY_MB)  # type: ignore[arg-type]
    began = time.monotonic()
    try:
        solved = solve_joint(joint, params, judge, Watch())
    except BackendError as error:
        return {**row, "detail": str(error)[:200], "seconds": time.monotonic() - began}
    gap = None
    if solved.objective is not None and solved.bound is not None:
        gap = (solved.objective - solved.bound) / max(abs(solved.objective), 1.0)
    row |= {"objective": solved.objective, "bound": solved.bound, "gap_rel": gap}
    return row | {"detail": solved.detail, "stopped_by": solved.stopped_by, "seconds": time.monotonic() - began}


def table(rows: list[dict[str, Any]]) -> str:
    """Rows as a table in Markdown."""
    out = ["| Case | Backend | Cost | Bound | Gap | Seconds |", "|---|---|---|---|---|---|"]
    for row in rows:
        cost, bound = ("none" if row.get(n) is None else f"{row[n]:,.0f}" for n in ("objective", "bound"))
        gap = "" if row.get("gap_rel") is None else f"{100 * row['gap_rel']:.2f} %"
        out.append(f"| {row['case']} | {row['backend']} | {cost} | {bound} | {gap} | {row['seconds']:.0f} |")
    return "\n".join(out)


def main(arguments: list[str] | None = None) -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description="Large cases over time: the engine beside HiGHS.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--only", choices=sorted(CASES), action="append")
    parser.add_argument("--backend", choices=BACKENDS, action="append")
    asked = parser.parse_args(arguments)
    rows: list[dict[str, Any]] = []
    for name in asked.only or CASES:
        for backend in asked.backend or BACKENDS:
            rows.append(measure(name, backend, asked.seconds))
            told = {"rows": rows, "machine": machine(), "versions": {b: versions(b) for b in BACKENDS}}
            write_text_atomic(asked.out, json.dumps(told, indent=1, default=str))
    print(table(rows))


if __name__ == "__main__":
    main()
