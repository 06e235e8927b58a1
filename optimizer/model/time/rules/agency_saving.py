"""An agency that is not cheaper enough receives no new work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.time.rules.base import TimeRule

if TYPE_CHECKING:
    from optimizer.model.time.links import Links


def rows(x: Links) -> None:
    """No arrival on a pair that the agency test refuses: part of ``assign_once``, for it asks who is eligible."""
    for t, stage in enumerate(x.joint.stages):
        pairs = stage.problem.pairs
        for i in np.flatnonzero(~stage.arrives).tolist():
            d, source = int(stage.demand[pairs.demand[i]]), int(pairs.provider[i])
            names = x.names(t, *x.joint.keys[d], x.joint.name(source))
            x.rows.at_most("assign_once", names, x.arrives(t, d, source), 0.0)


RULE: Final = TimeRule("assign_once", rows)
