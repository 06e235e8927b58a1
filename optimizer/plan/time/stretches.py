"""Assignments of a path: a row for each stretch of one source and backup, its leaves added up."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from optimizer.domain.types import exact
from optimizer.model.time.stretches import stretches_of
from optimizer.plan.document import nearness, runner_up_cell
from optimizer.plan.time.allocation import ONE_OFFS, YEARLY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.model.aliases import Ints
    from optimizer.model.time.joint import JointProblem
    from optimizer.model.time.stretches import Stretch
    from optimizer.plan.alternatives import RunnerUp
    from optimizer.plan.time.allocation import Ledger

__all__ = ["assignment_rows"]


def assignment_rows(ledger: Ledger, backup: Ints, second: Mapping[int, RunnerUp]) -> list[dict[str, Any]]:
    """The document's ``assignments``; ``second``: runner-ups by number of the stretch."""
    joint = ledger.joint
    switched = {(s.t, s.d): s for s in ledger.trace.switches}
    return [
        {
            **_row(ledger, stretch),
            **_beginning(joint, switched.get((stretch.periods[0], stretch.d)), stretch),
            "runner_up": _runner_up(joint, second.get(number)),
        }
        for number, stretch in enumerate(stretches_of(joint, ledger.trace.provider, backup))
    ]


def _runner_up(joint: JointProblem, second: RunnerUp | None) -> dict[str, Any] | None:
    return None if second is None else runner_up_cell(joint.name(second[0]), second[1])


def _row(ledger: Ledger, stretch: Stretch) -> dict[str, Any]:
    joint = ledger.joint
    entity, service = joint.keys[stretch.d]
    at = [(t, int(joint.local[t, stretch.d])) for t in stretch.periods]
    years = [joint.stages[t].period.years for t, _ in at]
    demands = [joint.stages[t].case.demand[entity, service] for t, _ in at]
    volume = sum((exact(d.volume) * length for d, length in zip(demands, years, strict=True)), Fraction(0))
    effort = sum((ledger.served[t].effort(d) * length for (t, d), length in zip(at, years, strict=True)), Fraction(0))
    cents = {n: sum(int(ledger.months[t].by_demand[n][d]) for t, d in at) for n in (*YEARLY, *ONE_OFFS)}
    running = sum(cents[n] for n in YEARLY)
    nobody = stretch.source < 0
    return {
        "entity": entity,
        "service": service,
        "from_period": stretch.periods[0] + 1,
        "until_period": stretch.periods[-1] + 1,
        "provider": None if nobody else joint.name(stretch.source),
        "backup": None if stretch.backup < 0 else joint.name(stretch.backup),
        "volume": round(float(volume), 6),
        "volume_basis": demands[0].basis,
        "effort_fte": round(float(effort / sum(years, Fraction(0))), 6),
        "cost": {name: amount / 100 for name, amount in cents.items()},
        "price": None if nobody or not volume else round(float(running / (volume * 100)), 6),
        **nearness(ledger.served[stretch.periods[0]], at[0][1]),
    }


def _beginning(joint: JointProblem, switch: Any, stretch: Stretch) -> dict[str, Any]:
    """How the stretch begins: by a switch, forced or not, or without one."""
    stage = joint.stages[stretch.periods[0]]
    at = int(joint.local[stretch.periods[0], stretch.d])
    return {
        "moved_from": None if switch is None else joint.name(switch.old),
        "forced": bool(switch is not None and switch.forced),
        "by_decision": bool(stage.problem.locked[at] >= 0),
    }
