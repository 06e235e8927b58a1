"""A limited number of demands switch in one period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.model.time.rules.base import TimeRule

if TYPE_CHECKING:
    from optimizer.model.time.links import Links


def rows(x: Links) -> None:
    """Σ_d s_dt ≤ max_moves_per_period."""
    most = x.joint.policy.max_moves_per_period
    for t, switches in enumerate(x.all_switches):
        if most is not None:
            x.rows.at_most("max_moves_per_period", x.names(t), switches, float(most))


RULE: Final = TimeRule("max_moves_per_period", rows)
