"""Services of an entity switch in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.domain.horizon import add_months
from optimizer.model.time.rules.base import TimeRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.domain.time_rows import Precedence
    from optimizer.model.time.links import Links


def rows(x: Links) -> None:
    """Where both switch for an entity: not ``then`` before ``first`` + gap, u_first,t + u_then,τ ≤ 1."""
    for row in x.joint.case.precedence:
        for first, then in _pairs(x, row):
            for t in x.joint.presence[first]:
                after = add_months(x.joint.stages[t].period.begin, row.gap_months)
                for early in x.joint.presence[then]:
                    if x.joint.stages[early].period.begin < after:
                        _not_both(x, t, first, early, then)


def _pairs(x: Links, row: Precedence) -> Iterator[tuple[int, int]]:
    """Demands (first, then) of one entity that a row ties."""
    covered = set(x.joint.case.demands_named(row.entity or "*", ""))
    of_entity: dict[str, dict[str, int]] = {}
    for d, (entity, service) in enumerate(x.joint.keys):
        if (entity, service) in covered:
            of_entity.setdefault(entity, {})[service] = d
    for services in of_entity.values():
        if row.then not in services:
            continue
        named = [s for s in services if s != row.then] if row.first == "*" else [row.first]
        for service in named:
            if service in services:
                yield services[service], services[row.then]


def _not_both(x: Links, t: int, first: int, early: int, then: int) -> None:
    if (t, first) in x.joint.committed or (early, then) in x.joint.committed:
        return
    both = x.unforced(t, first).plus(x.unforced(early, then))
    x.rows.at_most("precedence", x.names(t, *x.joint.keys[first], *x.joint.keys[then], str(early + 1)), both, 1.0)


RULE: Final = TimeRule("precedence", rows)
