"""What the reader of a plan over time must know and would not see in its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.domain.issues import Issue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.time.joint import JointProblem
    from optimizer.model.time.program import Path

__all__ = ["notes_over_time"]


def notes_over_time(joint: JointProblem, path: Path | None) -> Iterator[Issue]:
    """Sources of today that have no price in any period, and demands that the plan leaves without a source."""
    for d, (entity, service) in enumerate(joint.keys):
        today = int(joint.current[d])
        if today >= 0 and all(np.isnan(joint.stages[t].leaving[d, today]) for t in joint.presence[d]):
            name = joint.name(today)
            yield Issue(
                "current_unpriceable",
                "warning",
                f"{name} has no price for {service} of {entity}: it stands on neither side of the saving, and its cost"
                " in the plan is told as that of a new demand",
                "add the offer (own_unit_cost for OWN)",
                table="current",
                value=f"{entity}|{service}|{name}",
            )
    for d, (entity, service) in enumerate(joint.keys):
        left = [] if path is None else [t + 1 for t in joint.presence[d] if path.provider[t, d] < 0]
        if left:
            yield Issue(
                "unserved",
                "warning" if joint.policy.allow_unserved else "error",
                f"{service} of {entity} has no source in this plan in {len(left):,} periods, the first is {left[0]}",
                "find out what each provider is refused for, or lacks",
                table="demands",
                value=f"{entity}|{service}",
            )
