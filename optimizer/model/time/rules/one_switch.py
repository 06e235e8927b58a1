"""A demand switches a limited number of times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.model.time.rows import total
from optimizer.model.time.rules.base import TimeRule

if TYPE_CHECKING:
    from optimizer.model.time.links import Links


def rows(x: Links) -> None:
    """Σ_t s_dt ≤ max_switches."""
    for d, presence in enumerate(x.joint.presence):
        switches = total(x.switches(t, d) for t in presence)
        x.rows.at_most("one_switch", x.joint.keys[d], switches, float(x.joint.policy.max_switches))


RULE: Final = TimeRule("one_switch", rows)
