"""Rows of ``results.json``: what is measured, and what follows once all backends of an instance are in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.instance import Scale
from benchmarks.machine import machine, versions
from benchmarks.trace import MARKS, Point, gap, held_at, primal_integral, thin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.instance import Instance
    from benchmarks.measure import Limits, Measured
    from benchmarks.task import Task

__all__ = ["DERIVED", "FIELDS", "TOLERANCE", "Row", "distance", "finish", "key_of", "make_row"]

Row = dict[str, Any]

FIELDS = (
    "family",
    "instance",
    "backend",
    "objective",
    "best_bound",
    "gap_rel",
    "best_known",
    "distance_to_best_known",
    "time_to_first",
    "time_total",
    "peak_rss_mb",
    "stopped_by",
    "verified",
    "problem",
    "best_known_status",
    "suite",
    "limit_s",
    "seed",
    "threads",
    *(f"gap_at_{m}" for m in MARKS),
    *(f"distance_at_{m}" for m in MARKS),
    "primal_integral",
    "reference",
    "bound_ok",
    "demands",
    "pairs",
    "target_gap",
    "cold_s",
    "warm_s",
    "detail",
    "versions",
    "machine",
    "trace",
)
"""Every row has exactly these, in this order."""

DERIVED = ("primal_integral", "reference", "bound_ok", *(f"distance_at_{m}" for m in MARKS))
"""Known only when the other backends' rows are; set by ``finish``."""

TOLERANCE = 1e-6
"""Relative difference below which two objectives are the same."""


def key_of(row: Row) -> tuple[Any, ...]:
    """What makes a row the same cell as another."""
    return tuple(row[k] for k in ("family", "instance", "problem", "backend", "limit_s", "seed", "threads"))


def make_row(task: Task, instance: Instance | None, backend: str, limits: Limits, got: Measured) -> Row:
    """Row of one cell, in the instance's own terms; the derived values still empty. No instance: it cannot be read."""
    scale, judged = Scale() if instance is None else instance.scale, got.judged
    ok = None if judged is None else judged.ok
    objective = judged.objective if judged is not None and judged.ok else None
    bound = scale.own(got.bound)
    points = [Point(round(p.seconds, 3), scale.own(p.incumbent), scale.own(p.bound)) for p in got.points]
    row: Row = dict.fromkeys(FIELDS)
    row.update(_context(task, instance, backend, limits, got.threads))
    row.update(
        objective=objective,
        best_bound=bound,
        gap_rel=gap(objective, bound, scale.sense),
        distance_to_best_known=distance(objective, row["best_known"], scale.sense),
        time_to_first=None if got.first is None else round(got.first, 3),
        time_total=round(got.seconds, 3),
        peak_rss_mb=None if got.peak_mb is None else round(got.peak_mb, 1),
        stopped_by=got.stopped_by,
        verified=ok,
        detail=got.detail,
        trace=[[p.seconds, p.incumbent, p.bound] for p in thin(points)],
    )
    row.update(_gaps_at(points, got, limits.seconds, scale.sense))
    return row


def _context(task: Task, instance: Instance | None, backend: str, limits: Limits, threads: int) -> Row:
    """What was run, on what, with which limits, and what there is to compare with."""
    return {
        "family": task.family,
        "instance": task.instance,
        "backend": backend,
        "problem": task.kind,
        "best_known": task.known.value if task.known else None,
        "best_known_status": task.known.status if task.known else None,
        "suite": task.suite,
        "limit_s": limits.seconds,
        "seed": limits.seed,
        "threads": threads,
        "demands": None if instance is None else instance.problem.n_demands,
        "pairs": None if instance is None else instance.problem.n_pairs,
        "versions": versions(backend),
        "machine": machine(),
    }


def distance(objective: float | None, reference: float | None, sense: int = 1) -> float | None:
    """(objective − reference) / max(|reference|, 1); below 0 = better than the reference."""
    if objective is None or reference is None:
        return None
    return sense * (objective - reference) / max(abs(reference), 1.0) + 0.0  # no negative zero


def _gaps_at(points: list[Point], got: Measured, limit: float, sense: int) -> dict[str, float | None]:
    """Proven gap at each mark that the run reached or had finished before."""
    found: dict[str, float | None] = {}
    for mark in MARKS:
        at = held_at(points, mark) if _looked_at(got.stopped_by, got.seconds, limit, mark) else None
        found[f"gap_at_{mark}"] = None if at is None else gap(at.incumbent, at.bound, sense)
    return found


def _looked_at(stopped_by: str, seconds: float, limit: float, mark: float) -> bool:
    """A run says something about a moment when it lasted till then, or ended by itself before."""
    return min(limit, seconds) >= mark - 0.5 or stopped_by in ("finished", "gap")


def finish(rows: Iterable[Row]) -> list[Row]:
    """All rows with what follows from the others of the same instance.

    ``reference`` is the best known value, or the best verified plan of these rows when that is
    better or nothing is known. ``bound_ok`` is false where a plan or a proven optimum refutes the
    bound.
    """
    rows = [dict(r) for r in rows]
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["family"], row["instance"], row["problem"]), []).append(row)
    for group in groups.values():
        sense = -1 if group[0]["problem"] == "gap-max" else 1
        values = [r["objective"] for r in group if r["verified"]]
        values += [r["best_known"] for r in group if r["best_known"] is not None]
        reference = min(values, key=lambda v: sense * v) if values else None
        for row in group:
            _derive(row, reference, sense)
    return rows


def _derive(row: Row, reference: float | None, sense: int) -> None:
    row["reference"] = reference
    if reference is None:
        return
    points = [Point(*p) for p in row["trace"]]
    end = row["limit_s"]
    if row["stopped_by"] != "refused":
        row["primal_integral"] = round(primal_integral(points, reference, end), 6)
    for mark in MARKS:
        known = _looked_at(row["stopped_by"], row["time_total"], end, mark)
        at = held_at(points, mark) if known else None
        row[f"distance_at_{mark}"] = None if at is None else distance(at.incumbent, reference, sense)
    if row["best_bound"] is not None:
        slack = max(0.01, TOLERANCE * abs(reference))
        row["bound_ok"] = sense * (row["best_bound"] - reference) <= slack
