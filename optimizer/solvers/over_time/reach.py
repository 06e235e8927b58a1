"""Which sources a demand can have in which period, by the rules that look at one demand alone.

What stands here is never too narrow: limits that several demands share are left out, so that a bound over the sources
that are left holds for every path that keeps all rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.time.ways import Ways

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.model.aliases import Bools
    from optimizer.model.time.joint import JointProblem

__all__ = ["Reach"]

MOST_COUNTED: Final = 3
"""Switches of a demand that are counted; who may switch more often may switch at will here."""


@dataclass(frozen=True, eq=False)
class Reach:
    """What follows for whole paths, each demand by itself.

    Parameters
    ----------
    ways : Ways
    can : ndarray of shape (n_periods, n_demands, n_providers + 1), bool
        Some path of the demand has the source in the period.
    departs : ndarray of shape (n_periods, n_demands), bool
        Some path leaves today's source at the beginning of the period, for the first time or after it came back.
    after : sequence of sequence of ndarray of shape (n_demands, n_providers + 1), bool
        By period and switches so far: the last source from which the rest can be gone.
    """

    ways: Ways
    can: Bools
    departs: Bools
    after: Sequence[Sequence[Bools]]

    @classmethod
    def of(cls, joint: JointProblem) -> Reach:
        """Forward from today and backward from the end, over (period, source, switches so far)."""
        ways = Ways(joint)
        before, after = _forward(ways), _backward(ways)
        can = np.zeros(ways.shape, np.bool_)
        departs = np.zeros(ways.shape[:2], np.bool_)
        for t in range(joint.n_periods):
            there = joint.local[t] >= 0
            for k in range(len(before[t + 1])):
                can[t] |= before[t + 1][k] & after[t + 1][k]
            can[t][~there] = False
            departs[t] = _departs(ways, t, before[t], after[t + 1]) & there
        return cls(ways, can, departs, after)


def _departs(ways: Ways, t: int, before: list[Bools], after: list[Bools]) -> Bools:
    """Which demands some path takes from today's source at the beginning of a period, shape (n_demands,)."""
    current = ways.joint.current
    has = np.flatnonzero(current >= 0)
    today, out = current[has], np.zeros(len(current), np.bool_)
    for k, state in enumerate(before):
        upper = _one_more(ways, k)
        if upper is not None:
            other = _others(ways.comes[t] & after[upper])[has, today]
            out[has] |= state[has, today] & ways.leaves[t, has, today] & other
    return out


def _one_more(ways: Ways, k: int) -> int | None:
    """Level of switches after one more; ``None`` where no more are allowed."""
    levels = _levels(ways)
    if k + 1 < levels:
        return k + 1
    return k if ways.joint.policy.max_switches > MOST_COUNTED else None


def _levels(ways: Ways) -> int:
    return min(ways.joint.policy.max_switches, MOST_COUNTED) + 1


def _others(chosen: Bools) -> Bools:
    """Where some other column of the row is set."""
    return np.asarray((chosen.sum(axis=1, keepdims=True) - chosen) > 0, np.bool_)


def _forward(ways: Ways) -> list[list[Bools]]:
    """By period (before it) and switches so far: the source that a demand can have had last."""
    joint, levels = ways.joint, _levels(ways)
    free = joint.policy.max_switches > MOST_COUNTED
    state = [np.zeros(ways.shape[1:], np.bool_) for _ in range(levels)]
    has = np.flatnonzero(joint.current >= 0)
    state[0][has, joint.current[has]] = True
    fresh, out = joint.current < 0, [state]
    for t in range(joint.n_periods):
        there = joint.local[t] >= 0
        nexts = []
        for k in range(levels):
            stays = state[k] & ways.holds[t]
            come = np.zeros_like(stays)
            for source in (state[k - 1] if k else None, state[k] if free and k == levels - 1 else None):
                if source is not None:
                    come |= ways.comes[t] & _others(source & ways.leaves[t])
            begun = ways.new[t] & (fresh & there)[:, None] if k == 0 else np.False_
            nexts.append(np.where(there[:, None], stays | come | begun, state[k]))
        fresh, state = fresh & ~there, nexts
        out.append(state)
    return out


def _backward(ways: Ways) -> list[list[Bools]]:
    """By period (before it) and switches so far: the last source from which the rest can be gone."""
    joint, levels = ways.joint, _levels(ways)
    state = [np.ones(ways.shape[1:], np.bool_) for _ in range(levels)]
    out = [state]
    for t in reversed(range(joint.n_periods)):
        there = (joint.local[t] >= 0)[:, None]
        nexts = []
        for k in range(levels):
            go = ways.holds[t] & state[k]
            upper = _one_more(ways, k)
            if upper is not None:
                go |= ways.leaves[t] & _others(ways.comes[t] & state[upper])
            nexts.append(np.where(there, go, state[k]))
        state = nexts
        out.insert(0, state)
    return out
