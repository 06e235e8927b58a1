"""A path made under other rules, put in as far as the rules of now allow: who may not go so takes another course."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from optimizer.model.aliases import Ints
    from optimizer.solvers.over_time.paths import Course
    from optimizer.solvers.over_time.search import Search

__all__ = ["Mended", "mend", "put_back"]

SAME = 1e-6
"""Money by which a course may cost more than the planned one and still be told as costing the same."""


class Mended(NamedTuple):
    """What mending came to: whether every demand has a course, and which demands go another way than planned."""

    placed: bool
    changed: tuple[int, ...]


def mend(search: Search, planned: Ints) -> Mended:
    """Put every demand in: on its planned course where it may go so, else on its cheapest one beside all others.

    Rules about one demand are kept, and so are order and waves wherever a demand has a date for it. Limits that demands
    share may still be broken; they have their price in the search.

    Parameters
    ----------
    search : Search
        With nobody put in.
    planned : ndarray of shape (n_periods, n_demands)
        Source in each period; where it says nothing of a demand that is present, the demand has no planned course.
    """
    waiting = []
    for d in range(search.joint.n_demands):
        course = _planned(search, d, planned)
        if course is None:
            waiting.append(d)
        else:
            search.put(d, course)
    waiting.sort(key=lambda d: -float(search.figures.minutes[:, d].sum()))
    placed = [search.put(d, search.best(d)) for d in waiting]
    return Mended(all(placed), tuple(sorted({*waiting, *_in_order(search)})))


def _planned(search: Search, d: int, planned: Ints) -> Course | None:
    """The planned course of a demand where every rule about it alone lets it go so."""
    at, part = search.presence[d], search.part(d)
    if not np.isin(planned[at, d], search.figures.options.source[part]).all():
        return None
    course = search.following(d, planned[:, d])
    return course if search.allows(d, course) else None


def _in_order(search: Search) -> list[int]:
    """Give another course to who would move at a date that order or its wave forbids; whom it was given to."""
    last, out = search.last_services, []
    movers = [d for d, moves in search.ledger.moves.items() if any(m.free for m in moves)]
    for d in sorted(movers, key=lambda d: (int(search.figures.service[d]) in last, d)):
        before = search.take(d)
        free = search.ledger.free_dates(d)
        if all(free[m.t] for m in before.moves if m.free) or not search.put(d, search.best(d)):
            search.put(d, before)
        else:
            out.append(d)
    return out


def put_back(search: Search, planned: Ints) -> int:
    """Put demands that need not go another way than planned back on their planned course; how many were.

    One after the other, where no limit is passed by it and nothing becomes dearer.

    Parameters
    ----------
    search : Search
        With every demand put in.
    planned : ndarray of shape (n_periods, n_demands)
    """
    value, out = search.value(), 0
    there = search.figures.present & (planned >= 0)
    for d in np.flatnonzero((there & (search.book.source != planned)).any(axis=0)).tolist():
        course = _planned(search, d, planned)
        if course is None:
            continue
        before = search.take(d)
        free = search.ledger.free_dates(d)
        search.put(d, course)
        now = search.value()
        if now <= value + SAME and all(free[m.t] for m in course.moves if m.free):
            value, out = min(now, value), out + 1
        else:
            search.take(d)
            search.put(d, before)
    return out
