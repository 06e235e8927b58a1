"""What happens when: cash flow, waves of switches, people in and out, load of lines and sites, by period."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.plan.document import line_rows, site_rows
from optimizer.plan.time.allocation import ONE_OFFS, YEARLY

if TYPE_CHECKING:
    from optimizer.model.time.joint import JointProblem
    from optimizer.model.time.trace import Switch
    from optimizer.plan.time.allocation import Ledger
    from optimizer.plan.time.savings import AgainstToday

__all__ = ["cash_flow_rows", "lines_by_period", "sites_by_period", "wave_rows"]


def cash_flow_rows(both: AgainstToday) -> list[dict[str, Any]]:
    """The document's ``cash_flow``: a row a period, money of the period."""
    plan, today, out = both.plan, both.baseline, []
    plain = np.cumsum(both.flow)
    discounted = np.cumsum(both.discounts * both.flow)
    for t, stage in enumerate(both.joint.stages):
        month = plan.months[t]
        out.append(
            {
                "period": t + 1,
                "begin": stage.period.begin.isoformat(),
                "planning_year": stage.period.planning_year,
                "discount": round(stage.discount, 12),
                "cost": {name: month.total(name) / 100 for name in YEARLY},
                "one_off": {name: month.total(name) / 100 for name in ONE_OFFS},
                "running": plan.running(t) / 100,
                "one_off_total": plan.one_off(t) / 100,
                "one_off_forced": int(both.forced[t]) / 100,
                "baseline_running": today.running(t) / 100,
                "baseline_one_off": today.one_off(t) / 100,
                "new_demand_cost": int(both.new_demand[t]) / 100,
                "source_ended_cost": int(both.source_ended[t]) / 100,
                "saving": int(both.saving[t]) / 100,
                "flow": int(both.flow[t]) / 100,
                "cumulative": int(plain[t]) / 100,
                "cumulative_discounted": round(float(discounted[t]) / 100, 2) + 0.0,
            }
        )
    return out


def wave_rows(ledger: Ledger) -> list[dict[str, Any]]:
    """The document's ``waves``: the switches of each period, and how firm they are."""
    joint, by_period = ledger.joint, defaultdict[int, list["Switch"]](list)
    for switch in ledger.trace.switches:
        by_period[switch.t].append(switch)
    dated = _dated(joint)
    out = []
    for t, stage in enumerate(joint.stages):
        switches = by_period[t]
        keys = [joint.keys[s.d] for s in switches]
        firm = [joint.committed.get((t, s.d)) == s.new for s in switches]
        effort = sum((ledger.served[t].effort(int(joint.local[t, s.d])) for s in switches), Fraction(0))
        out.append(
            {
                "period": t + 1,
                "begin": stage.period.begin.isoformat(),
                "switches": len(switches),
                "forced": sum(s.forced for s in switches),
                "effort_fte": round(float(effort), 6),
                "one_off": ledger.one_off(t) / 100,
                "entities": sorted({entity for entity, _ in keys}),
                "state": _state(firm, [(t, s.d) in dated for s in switches]),
            }
        )
    return out


def _state(committed: list[bool], dated: list[bool]) -> str:
    if committed and all(committed):
        return "committed"
    return "refined" if any(committed) or any(dated) else "proposed"


def _dated(joint: JointProblem) -> set[tuple[int, int]]:
    """(period, demand) in which a lock with dates holds."""
    out, index = set(), {key: d for d, key in enumerate(joint.keys)}
    for row in joint.case.decisions:
        if row.action == "lock" and (row.from_ is not None or row.until is not None):
            named = [index[key] for key in joint.case.demands_named(row.entity, row.service)]
            periods = (t for t, s in enumerate(joint.stages) if row.holds(s.period.begin))
            out |= {(t, d) for t in periods for d in named}
    return out


def lines_by_period(ledger: Ledger) -> list[dict[str, Any]]:
    """The document's ``lines``: a row for each line that carries work in a period."""
    return [{"period": t + 1, **row} for t, served in enumerate(ledger.served) for row in line_rows(served)]


def sites_by_period(ledger: Ledger) -> list[dict[str, Any]]:
    """The document's ``sites``: a row for each site and period."""
    out = []
    for t, served in enumerate(ledger.served):
        for p, row in enumerate(site_rows(served)):
            out.append({"period": t + 1, **row, "open": bool(ledger.trace.open[t, p])})
    return out
