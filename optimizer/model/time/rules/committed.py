"""What is committed comes as it was committed, and nothing comes before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.model.time.rules.base import TimeRule

if TYPE_CHECKING:
    from optimizer.model.time.links import Links


def rows(x: Links) -> None:
    """In its period the source is the committed one; before it no switch but committed ones."""
    for (at, d), source in sorted(x.joint.committed.items()):
        x.rows.equal("committed", x.names(at, *x.joint.keys[d]), x.x(at, d, source), 1.0)
        for t in x.joint.presence[d]:
            if t < at and (t, d) not in x.joint.committed:
                x.rows.at_most("committed", x.names(t, *x.joint.keys[d]), x.switches(t, d), 0.0)


RULE: Final = TimeRule("committed", rows)
