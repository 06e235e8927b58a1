"""In a big bang all unforced switches take effect in one period, at a risk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.model.time.rows import total
from optimizer.model.time.rules.base import TimeRule

if TYPE_CHECKING:
    from optimizer.model.time.links import Links


def rows(x: Links) -> None:
    """u_dt ≤ g_t, Σ_t g_t ≤ 1, and g_t = 0 but in the period that is given."""
    policy = x.joint.policy
    if policy.transition_mode != "big_bang":
        return
    for t, bang in enumerate(x.bangs):
        if policy.big_bang_period not in (None, t + 1):
            x.rows.at_most("big_bang", x.names(t), bang, 0.0)
    x.rows.at_most("big_bang", (), total(x.bangs), 1.0)


RULE: Final = TimeRule("big_bang", rows)
