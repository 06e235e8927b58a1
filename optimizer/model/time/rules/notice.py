"""Nobody leaves today's source before notice is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.model.time.rules.base import TimeRule

if TYPE_CHECKING:
    from optimizer.model.time.links import Links


def rows(x: Links) -> None:
    """No unforced departure from today's source before notice_until, commitments aside."""
    for left in x.departures:
        if left.forced or left.source != x.joint.current[left.d] or (left.t, left.d) in x.joint.committed:
            continue
        until = x.joint.case.current_of[x.joint.keys[left.d]].notice_until
        if until is not None and x.joint.stages[left.t].period.begin < until:
            x.rows.at_most("notice", x.names(left.t, *x.joint.keys[left.d]), left.happens, 0.0)


RULE: Final = TimeRule("notice", rows)
