"""Rules that today's path breaks, period by period: everyone stays, and what does not fit is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from optimizer.domain.names import REFUSALS
from optimizer.domain.types import exact
from optimizer.model import rules
from optimizer.model.eligibility.pairs import codes_of
from optimizer.model.rules import Broken
from optimizer.plan.baseline import NOT_TODAYS, broken_rows, departure_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.plan.time.allocation import Ledger

__all__ = ["violations_over_time"]

_IMPLIED: Final = frozenset({"open_line", "open_site"})
"""Rules that today's sources break only through the refusals that are told."""


def violations_over_time(today: Ledger) -> list[dict[str, Any]]:
    """The document's ``baseline.violations``: a row a period; what ``keep_current`` exempts is not broken."""
    rows = [
        {"period": t + 1, **row}
        for t in range(today.joint.n_periods)
        for row in (*_refusals(today, t), *broken_rows(today.served[t], _broken(today, t)))
    ]
    return sorted(
        rows, key=lambda r: tuple(r[k] for k in ("period", "rule", "entity", "service", "provider", "message"))
    )


def _refusals(today: Ledger, t: int) -> Iterator[dict[str, Any]]:
    """Filters that keep today's source from going on, of each demand that has one."""
    joint, stage = today.joint, today.joint.stages[t]
    for at, d in enumerate(stage.demand.tolist()):
        source, key = int(joint.current[d]), joint.keys[d]
        for code in codes_of(int(stage.problem.refusals[at, source])) if source >= 0 else ():
            yield departure_row("assign_once", REFUSALS[code], 1.0, key[0], key[1], joint.name(source))


def _broken(today: Ledger, t: int) -> Iterator[Broken]:
    served = today.served[t]
    for rule in rules.RULES:
        if rule.name not in NOT_TODAYS | _IMPLIED:
            yield from rule.excess(served.problem, served.tally)
    yield from _open_sites(today, t)
    yield from _least_effort(today, t)


def _open_sites(today: Ledger, t: int) -> Iterator[Broken]:
    """Number and zones of the sites that are open over time."""
    joint, served = today.joint, today.served[t]
    count, zones = joint.policy.site_count, joint.policy.zones
    if not joint.stages[t].period.is_target or (count is None and not zones):
        return
    limits: dict[str, Any] = {"site_min": count.min if count else None, "site_max": count.max if count else None}
    problem = replace(served.problem, scalars=replace(served.problem.scalars, zones=zones, **limits))
    rule = next(r for r in rules.RULES if r.name == "site_count")
    yield from rule.excess(problem, replace(served.tally, site_open=today.trace.open[t]))


def _least_effort(today: Ledger, t: int) -> Iterator[Broken]:
    """Open candidates that carry less than their least, in minutes."""
    stage, served = today.joint.stages[t], today.served[t]
    year = exact(today.joint.policy.minutes_per_fte_year)
    for p in np.flatnonzero(today.trace.open[t] & (stage.min_fte > 0)).tolist():
        least = exact(float(stage.min_fte[p])) * year
        work = sum((served.effort(d) for d in served.at_sites.get(p, ())), exact(0.0)) * year
        if work < least:
            data = {"provider": p, "value": float(work), "least": float(least)}
            yield Broken("minimum_volume", float(least - work), data)
