"""What a plan changes beside what was asked for: who else moves, what of it could stay, and what is full only there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from optimizer.model.evaluate import evaluate
from optimizer.model.moves.single_moves import Counts
from optimizer.model.parts import Choice
from optimizer.model.rules import check
from optimizer.plan.backups import with_backups

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from optimizer.model.aliases import Bools, Ints
    from optimizer.model.problem import Problem

__all__ = ["full_only", "move_row", "others", "put_back"]

MOST_TRIED: Final = 150
"""Moves, or groups of them, that are tried to be undone."""


def others(choice: Choice, reference: Choice, demand: int) -> list[int]:
    """Demands other than one that two plans serve elsewhere."""
    return [d for d in np.flatnonzero(choice.provider != reference.provider).tolist() if d != demand]


def put_back(
    problem: Problem, choice: Choice, reference: Choice, demand: int, most: float, stop: Callable[[], bool]
) -> tuple[Choice, bool]:
    """A plan with as many of its other moves undone as leave it within a cost, and whether each was tried.

    Every rule of the arrays is kept.

    Tried are all at once, then each entity's, then one by one, the smallest effort last.

    Parameters
    ----------
    problem : Problem
    choice, reference : Choice
        The plan, and the one that it is to be like.
    demand : int
        It stays where the plan has it.
    most : float
        Money a year.
    stop : callable
        Whether no more time is left.
    """
    for group in _groups(problem, choice, reference, demand):
        if stop():
            return choice, False
        left = [d for d in group if choice.provider[d] != reference.provider[d]]
        if not left:
            continue
        who, second = choice.provider.copy(), choice.backup.copy()
        who[left], second[left] = reference.provider[left], reference.backup[left]
        back = Choice(who, with_backups(problem, Choice(who, second)))
        if evaluate(problem, back).total <= most and not check(problem, back):
            choice = back
    return choice, len(others(choice, reference, demand)) <= MOST_TRIED - MOST_TRIED // 3 - 1


def _groups(problem: Problem, choice: Choice, reference: Choice, demand: int) -> Iterator[list[int]]:
    moved = others(choice, reference, demand)
    yield moved
    by_entity = [[d for d in moved if problem.demand_entity[d] == e] for e in sorted({*problem.demand_entity[moved]})]
    single = [[d] for d in sorted(moved, key=lambda d: (-problem.effort_fte[d], d))]
    yield from [*by_entity[: MOST_TRIED // 3], *single][:MOST_TRIED]


def full_only(problem: Problem, choice: Choice, reference: Choice) -> list[dict[str, Any]]:
    """Lines and sites that are full in a plan and not in the one it is compared with.

    Full: not even the least of the other demands that could come would fit, what falls there when another provider is
    lost counted in.
    """
    before, after = _State(problem, reference), _State(problem, choice)
    lines, sites = problem.lines, problem.sites
    rows = []
    for i in np.flatnonzero(after.full_lines & ~before.full_lines).tolist():
        at = problem.provider_ids[lines.provider[i]], problem.service_ids[lines.service[i]]
        used = float(before.counts.tally.line_volume[i]), float(after.counts.tally.line_volume[i])
        kept = float(int(after.counts.fallback.lines.worst[i]) * problem.exact.line.unit)
        rows.append(_row("line capacity", *at, *used, kept, float(lines.capacity[i]), "units"))
    year = float(problem.minutes.sum() / problem.effort_fte.sum()) if problem.effort_fte.sum() > 0 else 1.0
    for p in np.flatnonzero(after.full_sites & ~before.full_sites).tolist():
        kept = float(int(after.counts.fallback.sites.worst[p]) * problem.exact.site.unit)
        used = before.counts.tally.site_minutes[p], after.counts.tally.site_minutes[p]
        minutes = (*used, kept, sites.capacity_minutes[p])
        rows.append(_row("site capacity", problem.provider_ids[p], None, *(float(m) / year for m in minutes), "FTE"))
    return rows


def _row(rule: str, provider: str, service: str | None, *figures: Any) -> dict[str, Any]:
    *amounts, unit = figures
    found = {"rule": rule, "provider": provider, "service": service, "unit": unit}
    names = ("before", "after", "for_backups", "capacity")
    return found | {name: round(v, 6) for name, v in zip(names, amounts, strict=True)}


class _State:
    """Which lines and sites of a plan are full."""

    def __init__(self, problem: Problem, choice: Choice) -> None:
        self.counts = counts = Counts.of(problem, choice)
        exact, pairs = problem.exact, problem.pairs
        away = (pairs.provider < problem.n_providers) & (choice.provider[pairs.demand] != pairs.provider)
        d, p = pairs.demand[away], pairs.provider[away]
        line = problem.lines.index[p, problem.demand_service[d]]
        volume = counts.volume + counts.fallback.lines.worst
        minutes = counts.minutes + counts.fallback.sites.worst
        self.full_lines = _full(line, exact.volume[d], exact.line.most - volume)
        self.full_sites = _full(p, exact.site.amount[d], exact.site.most - minutes)


def _full(group: Ints, amount: Any, room: Any) -> Bools:
    """Groups to which something could come, and the least of it does not fit."""
    could, fits = np.zeros(len(room), np.bool_), np.zeros(len(room), np.bool_)
    could[group] = True
    fits[group[amount <= room[group]]] = True
    return np.asarray(could & ~fits, np.bool_)


def move_row(
    problem: Problem, d: int, reference: Choice, choice: Choice, back: Choice, all_tried: bool
) -> dict[str, Any]:
    """A demand that is elsewhere than in the plan in hand, and whether it could stay.

    Parameters
    ----------
    problem : Problem
    d : int
        The demand.
    reference, choice, back : Choice
        The plan in hand, the other one, and that one with what could stay put back.
    all_tried : bool
        Every move was tried; otherwise one that was not put back is not known about.
    """
    entity, service = problem.demand_entity[d], problem.demand_service[d]
    return {
        "entity": problem.entity_ids[entity],
        "service": problem.service_ids[service],
        "plan": problem.provider_name(int(reference.provider[d])),
        "then": problem.provider_name(int(choice.provider[d])),
        "effort_fte": round(float(problem.effort_fte[d]), 6),
        "could_stay": bool(back.provider[d] == reference.provider[d]) or (False if all_tried else None),
    }
