"""Documents of plans over time made from rows, for the tests that hold the verifier against them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import numpy as np

from optimizer.domain.case import Case
from optimizer.domain.params import SolveParams
from optimizer.model.time.joint import build_joint
from optimizer.model.time.program import Path
from optimizer.plan.time.document import assemble_over_time
from optimizer.tables.read import case_from_tables

__all__ = ["TimeRow", "case_of", "document_of", "without_plan"]

TimeRow = tuple[str, str, int, str, str]
"""(entity, service, period, source, backup)."""


def document_of(
    case: Case,
    rows: Iterable[TimeRow],
    bound: float | None = None,
    solution: str = "feasible",
    *,
    runner_ups: bool = True,
) -> dict[str, Any]:
    """The document of a path given as rows, as a reader of its file sees it; not verified.

    Only a path that keeps every rule has runner-ups.
    """
    joint = build_joint(case)
    shape = joint.n_periods, joint.n_demands
    path = Path(np.full(shape, -1, np.int64), np.full(shape, -1, np.int64))
    index = {key: d for d, key in enumerate(joint.keys)}
    for entity, service, period, source, backup in rows:
        at = period - 1, index[entity, service]
        path.provider[at] = joint.source_index[source]
        path.backup[at] = joint.source_index[backup] if backup else -1
    held: Any = _held(bound, solution)
    return _as_read(assemble_over_time(case, joint, held, path, SolveParams(), (), {}, second=runner_ups))


def without_plan(case: Case, solution: str) -> dict[str, Any]:
    """The document of a search that found nothing."""
    held: Any = _held(None, solution)
    return _as_read(assemble_over_time(case, build_joint(case), held, None, SolveParams(), (), {}))


def _held(bound: float | None, solution: str) -> SimpleNamespace:
    return SimpleNamespace(
        bound=bound, solution=solution, stopped_by="finished", detail="", backend="highs", reason="", start_used=None
    )


def _as_read(document: dict[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(json.dumps(document))
    return read


def case_of(tables: dict[str, Any]) -> Case:
    """A case from tables."""
    return case_from_tables(tables)[0]
