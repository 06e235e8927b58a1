"""Why each demand of a plan moved: it had to, there was no room for it to stay, or it saves money.

Each move is looked at alone, with all else as the plan has it: what if only this demand had stayed?

* **forced**: it cannot stay. Its provider is closed, gone or no longer eligible for it, or a decision names another;
* **needed**: it could stay by itself, but not in this plan: staying would break a rule, which is named;
* **saving**: it could stay, and staying would cost so much more a year (``amount``, the one-off cost included);
* **free**: it could stay at the same cost, or for less where the plan is not the cheapest one.

Amounts of several moves do not add up: moves that pay only together are each told with the whole of it.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from optimizer.domain.answer import Sentence, told
from optimizer.model import rules
from optimizer.model.build import build_problem
from optimizer.model.costs import extra_cost
from optimizer.model.eligibility.reasons import explain_refusals
from optimizer.model.moves.single_moves import Counts, Moves
from optimizer.plan.given import choice_from_plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from optimizer.domain.case import Case
    from optimizer.model.problem import Problem

__all__ = ["Move", "moves_of_plan", "reasons_of"]

Move = tuple[str, str, str]
"""(entity, service, provider before)."""

_CENT: Final = 0.005

_RULES: Final = {
    "line_capacity": "{before} has no capacity left for {service}",
    "site_capacity": "{before} has no staff left for it",
    "max_providers_per_entity": "{entity} would deal with too many providers",
    "bundle_together": "its bundle would have two sources",
    "agency_share": "agencies would do too large a share of the work",
    "site_count": "the number of open centres would be outside its limits",
    "minimum_volume": "a centre would stay below its minimum",
    "backup": "a critical service would be left without a backup that fits",
    "max_moves": "there would be too many moves",
    "one_off_budget": "the one-off budget would be exceeded",
    "mean_overlap_min": "mean overlap would be below its least",
    "mean_distance_max": "mean distance would be above its limit",
    "worse_off_max": "too many entities would be worse off than today",
    "exposure_max_fte": "too much work would stand at places of hardship class D or E",
    "site_share_max": "{before} would do too large a share of the work",
}


def moves_of_plan(plan: Mapping[str, Any]) -> list[Move]:
    """Demands of a plan that leave the provider they have today; empty without a plan."""
    return [
        (a["entity"], a["service"], a["moved_from"])
        for a in plan["assignments"]
        if a["moved_from"] is not None and a["provider"] is not None
    ]


def reasons_of(
    case: Case, plan: Mapping[str, Any], moves: Iterable[Move] | None = None, *, problem: Problem | None = None
) -> list[dict[str, Any]]:
    """Why demands are not where they were.

    Parameters
    ----------
    case : Case
        The case that the plan answers.
    plan : mapping
        Plan document with a plan in it that keeps every rule.
    moves : iterable of (entity, service, provider before), optional
        The plan's own moves (``moved_from``) when left out. Those of demands that the case does not have, or that
        the plan leaves unserved, are passed over.
    problem : Problem, optional
        Arrays of the case, where the caller has them; ``max_moves`` may differ, a demand that stays is no move.

    Returns
    -------
    list of dict
        ``entity``, ``service``, ``from``, ``to``, ``effort_fte``; ``kind`` (``forced``, ``needed``, ``saving``,
        ``free``), ``codes`` (refusals or rules behind it), ``reason`` in words, ``amount`` (money a year that staying
        would cost more; ``None`` where it cannot stay). In the order of ``moves``.
    """
    problem = problem or build_problem(case)
    wanted = moves_of_plan(plan) if moves is None else list(moves)
    counts = Counts.of(problem, choice_from_plan(problem, plan))
    found = [
        (d, move)
        for move in wanted
        if (d := problem.demand_index.get(move[:2])) is not None and counts.tally.provider[d] >= 0
    ]
    known = [_forced(case, problem, d, before) for d, (_, _, before) in found]
    able = [i for i, t in enumerate(known) if t is None]
    for i, t in zip(able, _by_choice(problem, counts, [(found[i][0], found[i][1][2]) for i in able]), strict=True):
        known[i] = t
    return [_row(problem, counts, d, move, t) for (d, move), t in zip(found, known, strict=True) if t is not None]


def _row(problem: Problem, counts: Counts, d: int, move: Move, known: dict[str, Any]) -> dict[str, Any]:
    to = problem.provider_name(int(counts.tally.provider[d]))
    place = {"entity": move[0], "service": move[1], "from": move[2], "to": to}
    return {**place, "effort_fte": round(float(problem.effort_fte[d]), 6), **known}


def _forced(case: Case, problem: Problem, d: int, before: str) -> dict[str, Any] | None:
    """Why a demand cannot stay in any plan; ``None`` when it can."""
    key = problem.entity_ids[problem.demand_entity[d]], problem.service_ids[problem.demand_service[d]]
    p = problem.provider_index.get(before)
    if p is None:
        return _told("forced", ["provider_gone"], told("{provider} is not in the case any more", provider=before))
    decided = int(problem.locked[d])
    if decided >= 0 and decided != p:
        rows = [r for r in case.decisions if r.action == "lock" and key in case.demands_named(r.entity, r.service)]
        why = "; ".join(dict.fromkeys(r.reason for r in rows if r.reason))
        other = problem.provider_name(decided)
        reason = told("a decision gives it to {other}: {why}", other=other, why=why)
        return _told("forced", ["lock"], reason if why else told("a decision gives it to {other}", other=other))
    if int(problem.pair_index(d, p)) >= 0:
        return None
    refusals = explain_refusals(case, problem, d, p)
    return _told("forced", [r["code"] for r in refusals], _in_turn([r["message"] for r in refusals]))


def _by_choice(problem: Problem, counts: Counts, stays: Sequence[tuple[int, str]]) -> list[dict[str, Any]]:
    """What staying would break or cost, for demands that may stay."""
    if not stays:
        return []
    demand = np.array([d for d, _ in stays], dtype=np.int64)
    back = np.array([problem.provider_index[before] for _, before in stays], dtype=np.int64)
    pair = np.asarray(problem.pair_index(demand, back), dtype=np.int64)
    moves = Moves(counts, pair, counts.tally.pair[demand], demand, counts.tally.provider[demand], back)
    verdicts = {rule.name: rule.keeps(moves) for rule in rules.RULES if rule.keeps is not None}
    extra = np.round(extra_cost(moves), 2).tolist()
    out = []
    for i, (d, before) in enumerate(stays):
        broken = [name for name, holds in verdicts.items() if holds is not None and not holds[i]]
        names = {
            "before": before,
            "entity": problem.entity_ids[problem.demand_entity[d]],
            "service": problem.service_ids[problem.demand_service[d]],
        }
        why = [_filled(_RULES[name], names) for name in broken]
        out.append(_told("needed", broken, _in_turn(why)) if broken else _priced(extra[i]))
    return out


def _filled(template: str, names: Mapping[str, str]) -> Sentence:
    """A rule in words with the names that it speaks of."""
    return told(template, **{name: who for name, who in names.items() if f"{{{name}}}" in template})


def _in_turn(parts: Sequence[str]) -> str:
    """Several reasons as one."""
    return functools.reduce(lambda one, other: told("{one}; {other}", one=one, other=other), parts)


def _priced(extra: float) -> dict[str, Any]:
    """A move that nobody had to make."""
    if extra > _CENT:
        return _told("saving", [], told("staying would cost {amount:,.2f} a year more", amount=extra), extra)
    if extra < -_CENT:
        less = told("staying would cost {amount:,.2f} a year less: this is not the cheapest plan", amount=-extra)
        return _told("free", [], less, extra)
    return _told("free", [], told("staying would cost the same"), 0.0)


def _told(kind: str, codes: list[str], reason: str, amount: float | None = None) -> dict[str, Any]:
    return {"kind": kind, "codes": codes, "reason": reason, "amount": amount}
