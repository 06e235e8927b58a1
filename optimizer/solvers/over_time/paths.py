"""The cheapest path of one demand beside all others: by period, source and switches so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from optimizer.solvers.over_time.usage import Move

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.solvers.over_time.period_arrays import Figures

__all__ = ["Course", "Terms", "cheapest", "course_of"]

MOST_SWITCHES = 2
"""Switches of a demand that the search tries; the policy may allow more."""


class Terms(NamedTuple):
    """What one demand's options cost; arrays of shape (n_periods, k).

    ``running`` infinite where the source may not serve; ``leave`` and ``come`` as one-offs, infinite where not allowed.
    """

    running: Floats
    leave: Floats
    come: Floats
    begin: Floats


class Course(NamedTuple):
    """A path: option in each period (−1 where absent), where it begins and its moves, and what all of it costs."""

    options: Ints
    begins: tuple[int, int] | None
    moves: tuple[Move, ...]
    cost: float


def cheapest(terms: Terms, present: Ints, today: int, most_switches: int) -> tuple[Ints, float]:
    """Option by period for the cheapest path, counted from 0 within the demand; infinite cost when there is none.

    Parameters
    ----------
    terms : Terms
    present : ndarray
        Periods in which the demand is there.
    today : int
        Option of today's source, −1 for none.
    most_switches : int
    """
    if today >= 0 and most_switches == 1:
        return _one_switch(terms, present, today)
    return _by_switches(terms, present, today, most_switches)


def _one_switch(terms: Terms, present: Ints, today: int) -> tuple[Ints, float]:
    """Each date with each source at once: what is before it, leaving, arriving and what is after it."""
    out = np.full(len(terms.running), -1, np.int64)
    running = terms.running[present]
    stays = np.concatenate([[0.0], np.cumsum(running[:, today])])
    rest = np.cumsum(running[::-1], axis=0)[::-1]
    cost = rest + terms.come[present] + (stays[:-1] + terms.leave[present, today])[:, None]
    cost[:, today] = np.inf
    when, at = divmod(int(np.argmin(cost)), cost.shape[1]) if cost.size else (0, today)
    moved = float(cost[when, at]) if cost.size else np.inf
    whole = min(moved, float(stays[-1]))
    if not np.isfinite(whole):
        return out, np.inf
    out[present] = today
    if moved < stays[-1]:
        out[present[when:]] = at
    return out, whole


def _by_switches(terms: Terms, present: Ints, today: int, most_switches: int) -> tuple[Ints, float]:
    """Over period, source and switches so far."""
    k = terms.running.shape[1]
    levels = min(most_switches, MOST_SWITCHES) + 1
    cost = np.full((levels, k), np.inf)
    if today >= 0:
        cost[0, today] = 0.0
    back: list[Ints] = []
    columns = np.arange(k)
    for i, t in enumerate(present.tolist()):
        came = np.broadcast_to(columns, (levels, k)).copy()
        if i == 0 and today < 0:
            cost[0] = terms.begin[t]
        elif levels > 1:
            leaving = cost[:-1] + terms.leave[t]
            best = leaving.argmin(axis=1)
            rows = np.arange(levels - 1)
            low = leaving[rows, best]
            leaving[rows, best] = np.inf
            second = leaving.argmin(axis=1)
            source = np.where(columns[None, :] == best[:, None], second[:, None], best[:, None])
            arrive = np.where(columns[None, :] == best[:, None], leaving[rows, second][:, None], low[:, None])
            arrive = arrive + terms.come[t]
            better = arrive < cost[1:]
            cost[1:] = np.where(better, arrive, cost[1:])
            came[1:] = np.where(better, source, came[1:])
        cost = cost + terms.running[t]
        back.append(came)
    return _trace(cost, back, present, len(terms.running))


def _trace(cost: Floats, back: list[Ints], present: Ints, periods: int) -> tuple[Ints, float]:
    level, at = (int(i) for i in np.unravel_index(int(np.argmin(cost)), cost.shape))
    out = np.full(periods, -1, np.int64)
    whole = float(cost[level, at])
    if not np.isfinite(whole):
        return out, whole
    for came, t in zip(reversed(back), reversed(present.tolist()), strict=True):
        out[t] = at
        before = int(came[level, at])
        if before != at:
            level, at = level - 1, before
    return out, whole


def course_of(figures: Figures, d: int, options: Ints, today: int, exempt: Bools, cost: float = 0.0) -> Course:
    """A path with its beginning and moves; ``options`` counted over all, ``exempt``: periods of commitments."""
    last, begins, moves = today, None, []
    for t in np.flatnonzero(figures.present[:, d]).tolist():
        now = int(options[t])
        if last < 0:
            begins = (t, now)
        elif now != last:
            forced = bool(figures.options.forced[t, last])
            moves.append(Move(t, last, now, not forced and not bool(exempt[t])))
        last = now
    return Course(options, begins, tuple(moves), cost)
