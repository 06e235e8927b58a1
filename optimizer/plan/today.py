"""Today's arrangement demand by demand: what the plan's document sums up, apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.build import build_problem
from optimizer.plan.baseline import build_baseline
from optimizer.plan.document import nearness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.domain.case import Case

__all__ = ["Today", "today_by_demand"]


@dataclass(frozen=True, slots=True)
class Today:
    """A demand as it is served today.

    Parameters
    ----------
    running : float
        Money a year at the model's prices; the sums are those of ``savings`` in the plan's document.
    distance_km, overlap_hours : float, optional
        From its entity to the provider of today; ``None`` where nobody else serves it.
    """

    running: float
    distance_km: float | None
    overlap_hours: float | None


def today_by_demand(case: Case) -> Mapping[tuple[str, str], Today]:
    """Every demand (entity, service) whose arrangement of today has a price.

    Parameters
    ----------
    case : Case
        A steady case.

    Returns
    -------
    mapping of (entity, service) to Today
    """
    baseline = build_baseline(case, build_problem(case))
    if baseline is None:
        return {}
    served, cents = baseline.served, baseline.served.running_cents.tolist()
    out = {}
    for d in np.flatnonzero(baseline.comparable).tolist():
        near = nearness(served, d)
        out[served.demands[d].key] = Today(cents[d] / 100, near["distance_km"], near["overlap_hours"])
    return out
