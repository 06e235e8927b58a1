"""Plans of a large case in which an entity is served as well as today: its demands moved, then all else searched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.conditions import fixed, within
from optimizer.model.moves.single_moves import Counts, moves_of
from optimizer.model.rules import check
from optimizer.model.scan import Priced
from optimizer.solvers.accept.polish import polish
from optimizer.studies.nearby import made, near_plans
from optimizer.studies.search import least

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem
    from optimizer.session import Session
    from optimizer.studies.base import Setting
    from optimizer.studies.nearness import Nearness

__all__ = ["restored"]

SEARCHED: Final = 2
"""Combinations of providers that all else is searched for."""


def restored(
    setting: Setting, session: Session, near: Nearness, reference: Choice, options: list[Problem], left: int
) -> None:
    """Keep plans in hand that are in one of some problems, as cheap as they were found.

    Parameters
    ----------
    setting : Setting
    session : Session
    near : Nearness
    reference : Choice
    options : list of Problem
        Of which any will do.
    left : int
        Solves that the study's time is still to be shared by.
    """
    problem = session.problem
    found = list(_step_by_step(problem, near, reference, options))
    if (back := _as_today(problem, near, reference)) is not None:
        found.append(back)
    for choice in found[:SEARCHED]:
        if check(problem, choice) or not any(within(option, choice) for option in options):
            continue
        held = fixed(problem, {d: int(choice.provider[d]) for d in near.demands})
        session.keep_choice(choice)
        session.keep_choice(polish(held, choice, lambda _: True))
        least(setting, session, held, left=left * SEARCHED)


def _step_by_step(problem: Problem, near: Nearness, reference: Choice, options: list[Problem]) -> Iterator[Choice]:
    """Single moves of the entity's demands, each the cheapest for what it makes good, until nothing is lost."""
    choice, mine = reference, np.isin(problem.pairs.demand, near.demands)
    for _ in range(3 * len(near.demands)):
        if any(within(option, choice) for option in options):
            yield choice
            return
        found = Priced.of(moves_of(Counts.of(problem, choice), np.flatnonzero(mine)))
        lacks = _lacks(near, choice, options)
        best, chosen = 0.0, None
        for i, at in enumerate(found.at.tolist()):
            after = made(choice, found, np.array([at]))
            gain = lacks - _lacks(near, after, options)
            score = gain / (max(float(found.extra[i]), 0.0) + 1.0)
            if gain > 1e-9 and score > best:
                best, chosen = score, after
        if chosen is None:
            return
        choice = chosen


def _lacks(near: Nearness, choice: Choice, options: list[Problem]) -> float:
    """How far a plan is from the nearest of some problems: each condition as a share, pairs it must not have as one."""
    out = []
    for problem in options:
        far = 0.0
        for side in problem.side:
            size = sum(abs(a) for a in side.amount) or 1
            far += max(0, side.least - side.total(choice)) / size
        demands = np.array(near.demands, np.int64)
        bad = problem.pair_index(demands, choice.provider[demands]) < 0
        bad |= np.array([(d, int(choice.provider[d])) in problem.barred for d in near.demands], np.bool_)
        out.append(far + float(bad.sum()))
    return min(out, default=0.0)


def _as_today(problem: Problem, near: Nearness, reference: Choice) -> Choice | None:
    """Each of its demands back where it is today, others sent away where there is no room."""
    choice = reference
    for d in near.demands:
        today = int(problem.current[d])
        if int(choice.provider[d]) == today:
            continue
        held = [c for c in near_plans(problem, choice, d, today) if not check(problem, c)]
        if not held:
            return None
        choice = held[0]
    return choice
