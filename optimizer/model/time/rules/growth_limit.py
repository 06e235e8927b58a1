"""A site takes in a limited amount of work in twelve months."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.time.rows import total
from optimizer.model.time.rules.base import TimeRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.time.links import Links
    from optimizer.model.time.rows import Expression


def rows(x: Links) -> None:
    """Over any twelve months: Σ a_dt of demands that switch into the site or begin there ≤ absorb_fte."""
    horizon = x.joint.policy.horizon
    assert horizon is not None
    width = min(12 // horizon.months, x.joint.n_periods)
    for p, name in enumerate(x.joint.provider_ids):
        for last in range(width - 1, x.joint.n_periods):
            limit = float(x.joint.stages[last].absorb[p])
            if np.isfinite(limit):
                window = range(last - width + 1, last + 1)
                load = total(e for t in window for e in _arrivals(x, t, p))
                x.rows.at_most("growth_limit", x.names(last, name), load, limit)


def _arrivals(x: Links, t: int, p: int) -> Iterator[Expression]:
    for d in range(x.joint.n_demands):
        if x.joint.pair(t, d, p) >= 0:
            yield x.arrives(t, d, p).times(x.effort(t, d))


RULE: Final = TimeRule("growth_limit", rows)
