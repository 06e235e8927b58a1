"""A limited number of demands switch at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.model.time.rows import total
from optimizer.model.time.rules.base import TimeRule

if TYPE_CHECKING:
    from optimizer.model.time.links import Links


def rows(x: Links) -> None:
    """Σ_d max_t s_dt ≤ max_moves."""
    most = x.joint.policy.max_moves
    if most is None:
        return
    moved = [
        x.rows.either("max_moves", "moves", x.joint.keys[d], [x.switches(t, d) for t in presence])
        for d, presence in enumerate(x.joint.presence)
    ]
    x.rows.at_most("max_moves", (), total(moved), float(most))


RULE: Final = TimeRule("max_moves", rows)
