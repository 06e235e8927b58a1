"""Plans over time that come from outside: a document to start from, rows that were kept of a search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.domain.errors import HorizonNotTaken, InputError
from optimizer.domain.issues import Issue
from optimizer.domain.steady import SCHEMA_OVER_TIME, is_over_time
from optimizer.model.time.program import Path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from optimizer.model.time.joint import JointProblem

__all__ = ["path_from_plan", "path_from_rows"]


def path_from_rows(joint: JointProblem, rows: Iterable[tuple[Any, ...]]) -> Path:
    """Rows (entity, service, number of the period, source, backup) as a path, as far as the case has them.

    The inverse of ``path_rows``.
    """
    at = {key: d for d, key in enumerate(joint.keys)}
    path = Path(*(np.full((joint.n_periods, joint.n_demands), -1, np.int64) for _ in range(2)))
    for entity, service, number, source, backup in rows:
        d, t = at.get((entity, service)), number - 1
        if d is None or not 0 <= t < joint.n_periods or joint.local[t, d] < 0:
            continue
        path.provider[t, d] = joint.source_index.get(source, -1)
        path.backup[t, d] = joint.source_index.get(backup, -1)
    return path


def path_from_plan(joint: JointProblem, plan: Mapping[str, Any]) -> Path:
    """The stretches of a plan document, as far as the case has them.

    By day where the document says the days of its periods, so that the plan of another horizon is taken too, else by
    number. A period of the case has what the plan has on its first day.

    Raises
    ------
    HorizonNotTaken
        It is the plan of a case without a horizon.
    InputError
        ``not_a_plan``: its assignments are none.
    """
    if not is_over_time(plan):
        told = f"the case has a horizon, and the plan to start from is of one without: give a {SCHEMA_OVER_TIME}"
        raise HorizonNotTaken(told)
    try:
        return path_from_rows(joint, list(_rows(joint, plan)))
    except (KeyError, TypeError, ValueError) as error:
        told = f"the assignments of the start are not those of a {SCHEMA_OVER_TIME} document: {error}"
        remedy = "give the plan.json that `designate solve --out` wrote"
        raise InputError([Issue("not_a_plan", "error", told, remedy, column="assignments")]) from error


def _rows(joint: JointProblem, plan: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    numbers = _numbers(joint, plan)
    for a in plan["assignments"]:
        for number in range(a["from_period"], a["until_period"] + 1):
            for mine in [number] if numbers is None else numbers.get(number, ()):
                yield a["entity"], a["service"], mine, a["provider"] or "", a["backup"] or ""


def _numbers(joint: JointProblem, plan: Mapping[str, Any]) -> dict[int, list[int]] | None:
    """Periods of the case that begin within each period of the plan; ``None`` where the plan does not say its days."""
    if "horizon" not in plan:
        return None
    out: dict[int, list[int]] = {}
    begins = [(stage.period.begin.isoformat(), t) for t, stage in enumerate(joint.stages, 1)]
    for number, period in enumerate(plan["horizon"]["periods"], 1):
        out[number] = [t for begin, t in begins if period["begin"] <= begin < period["end"]]
    return out
