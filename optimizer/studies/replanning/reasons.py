"""Why demands of a plan over time go another way than in the plan before: each by itself, all else as it is now.

What if only this demand went as it was planned before?

* **forced**: it may not. A rule about the demand alone forbids it: its source may not serve, it is frozen, under
  notice, committed, locked.
* **needed**: it may by itself, but not in this plan: a rule that demands share would be broken, which is named.
* **saving**: it may, and would cost so much more (``amount``, discounted, over the horizon).
* **free**: it may at the same cost, or for less where the plan is not the cheapest one.

Amounts of several demands do not add up: what pays only together is told each time as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.model.time.program import Path
from optimizer.plan.time.given import path_from_plan
from optimizer.solvers.accept.over_time import path_rows
from optimizer.solvers.over_time.backups import carried_over

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from optimizer.pipeline import GroundOverTime

__all__ = ["ALONE", "reasons_over_time"]

Key = tuple[str, str]
"""(entity, service)."""

ALONE: Final = frozenset({"assign_once", "lock", "one_switch", "notice", "freeze", "committed"})
"""Rules that look at one demand."""
_CENT: Final = 0.005


def reasons_over_time(
    ground: GroundOverTime,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    asked: Iterable[Key],
    enough: Callable[[], bool],
) -> dict[Key, dict[str, Any]]:
    """Why demands do not go as they did in a plan before.

    Parameters
    ----------
    ground : GroundOverTime
        Of the case that ``after`` answers.
    before, after : mapping
        ``designate.plan/2``; ``after`` keeps every rule of the case.
    asked : iterable of (entity, service)
        Demands of both, the most wanted first.
    enough : callable
        Once true no more are asked: each takes as long as checking the plan does.

    Returns
    -------
    dict
        By demand: ``kind``, ``rules`` (broken otherwise), ``amount`` (money, ``None`` where rules are broken).
    """
    joint, judge = ground.joint, ground.evaluator
    held, wanted = path_from_plan(joint, after), path_from_plan(joint, before)
    wanted = carried_over(joint, wanted) or wanted
    cost = float(judge.cost(path_rows(joint, held)).objective)
    at = {key: d for d, key in enumerate(joint.keys)}
    out: dict[Key, dict[str, Any]] = {}
    for key in asked:
        if enough():
            break
        if key in at:
            out[key] = _reason(ground, key, _with(held, wanted, at[key]), cost)
    return out


def _with(held: Path, wanted: Path, d: int) -> Path:
    """A path with one demand as in another; it keeps its backup where the source is the same in both."""
    provider, backup = held.provider.copy(), held.backup.copy()
    provider[:, d] = wanted.provider[:, d]
    backup[:, d] = [
        old if was == now else new
        for was, now, old, new in zip(
            held.provider[:, d], provider[:, d], held.backup[:, d], wanted.backup[:, d], strict=True
        )
    ]
    return Path(provider, backup)


def _reason(ground: GroundOverTime, key: Key, path: Path, cost: float) -> dict[str, Any]:
    rows = path_rows(ground.joint, path)
    broken = ground.evaluator.violations(rows)
    if broken:
        mine = {v.rule for v in broken if (v.entity, v.service) == key} & ALONE
        kind, rules = ("forced", mine) if mine else ("needed", {v.rule for v in broken})
        return {"kind": kind, "rules": sorted(rules), "amount": None}
    more = float(ground.evaluator.cost(rows).objective) - cost
    return {"kind": "saving" if more > _CENT else "free", "rules": [], "amount": round(more, 2)}
