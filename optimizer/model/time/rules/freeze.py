"""Nothing switches during a freeze."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.model.time.rules.base import TimeRule

if TYPE_CHECKING:
    from optimizer.domain.time_rows import Freeze
    from optimizer.model.time.links import Links


def rows(x: Links) -> None:
    """No unforced departure that a row covers; of a provider that a row names no arrival at all."""
    for row in x.joint.case.freezes:
        covered = set(x.joint.case.demands_named(row.entity or "*", "" if row.service == "*" else row.service))
        demands = {d for d, key in enumerate(x.joint.keys) if key in covered}
        named = "" if row.provider == "*" else row.provider
        source = x.joint.source_index[named] if named else None
        _departures(x, row, demands, source)
        if source is not None:
            _arrivals(x, row, demands, source)


def _frozen(x: Links, row: Freeze, t: int) -> bool:
    return row.from_ <= x.joint.stages[t].period.begin < row.until


def _departures(x: Links, row: Freeze, demands: set[int], source: int | None) -> None:
    for left in x.departures:
        if left.forced or left.d not in demands or source not in (None, left.source) or not _frozen(x, row, left.t):
            continue
        if (left.t, left.d) not in x.joint.committed:
            x.rows.at_most("freeze", x.names(left.t, *x.joint.keys[left.d]), left.happens, 0.0)


def _arrivals(x: Links, row: Freeze, demands: set[int], source: int) -> None:
    """Arrivals are switches: a demand may begin at a source that is frozen."""
    for d in sorted(demands):
        for k, t in enumerate(x.joint.presence[d]):
            begins = k == 0 and x.joint.current[d] < 0
            if _frozen(x, row, t) and not begins and (t, d) not in x.joint.committed:
                arrives = x.arrives(t, d, source)
                x.rows.at_most("freeze", x.names(t, *x.joint.keys[d], x.joint.name(source)), arrives, 0.0)


RULE: Final = TimeRule("freeze", rows)
