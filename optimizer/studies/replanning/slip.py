"""A wave that slips: what of it is committed is committed for later, the rest may not move before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optimizer.domain.errors import UsageError
from optimizer.domain.options import Options
from optimizer.domain.time.stills import commitment_period, stills_of
from optimizer.tables.replace import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.domain.case import Case
    from optimizer.domain.horizon import Horizon
    from optimizer.domain.time_rows import Commitment
    from optimizer.plan.time.plan import PlanOverTime

__all__ = ["Slip", "slipped"]

Key = tuple[str, str]
"""(entity, service)."""


@dataclass(frozen=True, slots=True)
class Slip:
    """Switches of a plan that come later than planned.

    Parameters
    ----------
    period : int
        Number of the period in which they were to take effect, from 1.
    by : int, default 1
        Periods by which they slip.
    entity, service : str, optional
        Those of one client, of one service; left out: all of the wave.
    """

    period: int
    by: int = 1
    entity: str = ""
    service: str = ""


def slipped(case: Case, plan: PlanOverTime, slip: Slip) -> Case:
    """The case in which the switches of a plan that slip may not take effect before their new day.

    A switch that is committed in the case is committed for the new day instead. The others get a row of ``freezes`` up
    to that day, each for its demand: whether they move then, later or not at all is planned anew. A switch that is
    forced cannot wait and is not held.

    Parameters
    ----------
    case : Case
        With a horizon that has the period, on the same days as that of the plan.
    plan : PlanOverTime
    slip : Slip

    Raises
    ------
    UsageError
        There is no such period, the horizon ends before the new day, or nothing of the plan switches then.
    InputError
        The case that it makes is none.
    """
    horizon = case.policy.horizon
    if horizon is None:
        raise UsageError("the case has no [horizon]: only plans over time have waves")
    asked = Options()
    if slip.by < 1:
        told = f"a wave slips by 1 period or more, not by {slip.by}"
        asked.refuse("option_out_of_range", "by", told, "give a whole number from 1 on")
    if not 1 <= slip.period <= plan.horizon.count:
        remedy = f"the horizon of the plan has {plan.horizon.count}"
        asked.refuse("option_out_of_range", "period", f"there is no period {slip.period}", remedy)
    asked.done()
    old, new = _days(horizon, plan, slip)
    keys = [*_switching(plan, slip)]
    if not keys:
        which = " of ".join(x for x in (slip.service, slip.entity) if x)
        raise UsageError(f"nothing{f' {which}' if which else ''} switches in period {slip.period} of the plan")
    held = _committed(case, keys, old)
    return replace(
        case, **_tables(case, [k for k in keys if k not in held and k in case.demand], list(held.values()), new)
    )


def _days(horizon: Horizon, plan: PlanOverTime, slip: Slip) -> tuple[str, str]:
    """First day of the period, and of the one to which it slips."""
    old = plan.horizon.periods[slip.period - 1].begin
    begins = [p.begin.isoformat() for p in horizon.periods]
    if old not in begins:
        raise UsageError(f"no period of the case begins on {old}, as period {slip.period} of the plan does")
    at = begins.index(old) + slip.by
    if at >= len(begins):
        raise UsageError(f"the horizon ends on {horizon.end}, before what slips by {slip.by} could take effect")
    return old, begins[at]


def _switching(plan: PlanOverTime, slip: Slip) -> Iterator[Key]:
    for a in plan.moves:
        if a.from_period == slip.period and slip.entity in ("", a.entity) and slip.service in ("", a.service):
            yield a.entity, a.service


def _committed(case: Case, keys: list[Key], day: str) -> dict[Key, Commitment]:
    """Commitments of demands that bind in the period of a day."""
    wanted = set(keys)
    rows = [row for row in case.commitments if (row.entity, row.service) in wanted]
    stills = stills_of(case) if rows else ()
    binding = ((row, commitment_period(row, stills)) for row in rows)
    return {
        (row.entity, row.service): row
        for row, at in binding
        if at is not None and stills[at].period.begin.isoformat() == day
    }


def _tables(case: Case, free: list[Key], held: list[Commitment], day: str) -> dict[str, Any]:
    """What of the tables changes."""
    assert case.policy.horizon is not None
    begin, out = case.policy.horizon.start.isoformat(), dict[str, Any]()
    if free:
        rows = [{"from": begin, "until": day, "entity": e, "service": s} for e, s in free]
        out["freezes"] = [*case.tables.get("freezes", ()), *rows]
    gone = [{"entity": row.entity, "service": row.service, "from": row.from_.isoformat()} for row in held]
    if gone:
        now = [{**key, "from": day, "provider": row.provider} for key, row in zip(gone, held, strict=True)]
        out["commitments"] = {"remove": gone, "add": now}
    return out
