"""Plans that differ much: made of many moves within a cost, and chosen among those in hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.evaluate import evaluate
from optimizer.model.moves.single_moves import Counts
from optimizer.model.scan import priced_moves
from optimizer.studies.nearby import made

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem

__all__ = ["farthest", "walked"]

STEPS: Final = 25
"""Moves that a walk makes at most."""


def walked(problem: Problem, choice: Choice, room: float) -> Iterator[Choice]:
    """Plans made of many moves away from one, all together within a cost: by effort, and by effort for its cost.

    Parameters
    ----------
    problem : Problem
    choice : Choice
        It keeps every rule.
    room : float
        Money a year.
    """
    for by_cost in (False, True):
        plan = choice
        most = evaluate(problem, choice).total + room
        for _ in range(STEPS):
            step = _step(problem, plan, choice, most - evaluate(problem, plan).total, by_cost=by_cost)
            if step is None:
                break
            plan = step
        if plan is not choice:
            yield plan


def _step(problem: Problem, plan: Choice, first: Choice, room: float, *, by_cost: bool) -> Choice | None:
    """The plan after one more move of a demand that is still where it first was."""
    best, chosen = 0.0, None
    for found in priced_moves(Counts.of(problem, plan)):
        demand = found.moves.demand[found.at]
        good = np.flatnonzero((found.extra <= room) & (plan.provider[demand] == first.provider[demand]))
        if not len(good):
            continue
        effort = problem.effort_fte[demand[good]]
        score = effort / (np.maximum(found.extra[good], 0.0) + 1.0) if by_cost else effort
        i = int(np.argmax(score))
        if score[i] > best:
            best, chosen = float(score[i]), made(plan, found, found.at[[int(good[i])]])
    return chosen


def farthest(problem: Problem, reference: Choice, choices: Sequence[Choice], most: int) -> list[int]:
    """Positions of the plans that differ most in effort, from the reference first and then from one another.

    Parameters
    ----------
    problem : Problem
    reference : Choice
    choices : sequence of Choice
    most : int
        How many at most.
    """
    out: list[int] = []
    apart = np.array([_effort(problem, c, reference) for c in choices])
    while len(out) < most and len(choices) and apart.max() > 0:
        out.append(int(np.argmax(apart)))
        last = choices[out[-1]]
        apart = np.minimum(apart, [_effort(problem, c, last) for c in choices])
    return out


def _effort(problem: Problem, one: Choice, other: Choice) -> float:
    """Effort that two plans serve elsewhere, FTE."""
    return float(problem.effort_fte[one.provider != other.provider].sum())
