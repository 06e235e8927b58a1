"""Judge of literature plans: the file's own numbers, exact fractions, code shared with no reader.

The readers shape arrays; this module looks up single numbers by their place in the file, adds
them as fractions, and finds shortest paths by itself.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING

from benchmarks.instance import Judgement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Sheet", "judge_assignment"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """How to find a number in a file: facility i, customer j."""

    m: int
    n: int
    cost: Callable[[int, int], Fraction]
    take: Callable[[int, int], Fraction]
    capacity: Callable[[int], Fraction | None]
    fixed: Callable[[int], Fraction]
    sites: int | None = None


def judge_assignment(text: str, layout: str, facility: Sequence[int], capacity: float | None = None) -> Judgement:
    """Whether every customer has one facility within capacity, and what that costs.

    Parameters
    ----------
    text, layout : str
        The file's content and its layout.
    facility : sequence of int
        Facility of each customer, from 0; anything outside is "not served".
    capacity : float, optional
        For files that hold the word ``capacity`` in its place.
    """
    words = text.split()
    if capacity is not None:
        words = [repr(capacity) if w == "capacity" else w for w in words]
    sheet = _SHEETS[layout](words)
    if len(facility) != sheet.n:
        return Judgement(False, 0.0, f"{len(facility)} customers in the plan, {sheet.n} in the file")
    lost = [j for j, i in enumerate(facility) if not 0 <= i < sheet.m]
    if lost:
        return Judgement(False, 0.0, f"customer {lost[0]} has no facility")
    return _weigh(sheet, facility)


def _weigh(sheet: Sheet, facility: Sequence[int]) -> Judgement:
    load: dict[int, Fraction] = {}
    total = Fraction(0)
    for j, i in enumerate(facility):
        load[i] = load.get(i, Fraction(0)) + sheet.take(i, j)
        total += sheet.cost(i, j)
    total += sum((sheet.fixed(i) for i in load), Fraction(0))
    for i, used in load.items():
        limit = sheet.capacity(i)
        if limit is not None and used > limit:
            return Judgement(False, float(total), f"facility {i} carries {float(used)}, it has {float(limit)}")
    if sheet.sites is not None and len(load) > sheet.sites:
        return Judgement(False, float(total), f"{len(load)} facilities are open, {sheet.sites} may be")
    return Judgement(True, float(total))


def _at(words: list[str], place: int) -> Fraction:
    """Number at a place; decimal text is exact as a fraction."""
    return Fraction(words[place])


def _cap(w: list[str]) -> Sheet:
    m, n = int(w[0]), int(w[1])
    row = 2 + 2 * m
    return Sheet(
        m,
        n,
        cost=lambda i, j: _at(w, row + j * (m + 1) + 1 + i),
        take=lambda _, j: _at(w, row + j * (m + 1)),
        capacity=lambda i: _at(w, 2 + 2 * i),
        fixed=lambda i: _at(w, 3 + 2 * i),
    )


def _holmberg(w: list[str]) -> Sheet:
    m, n = int(w[0]), int(w[1])
    row = 2 + 2 * m
    return Sheet(
        m,
        n,
        cost=lambda i, j: _at(w, row + n + i * n + j),
        take=lambda _, j: _at(w, row + j),
        capacity=lambda i: _at(w, 2 + 2 * i),
        fixed=lambda i: _at(w, 3 + 2 * i),
    )


def _delmaire(w: list[str]) -> Sheet:
    n, m = int(w[0]), int(w[1])
    row = 2 + n * m
    return Sheet(
        m,
        n,
        cost=lambda i, j: _at(w, 2 + j * m + i),
        take=lambda _, j: _at(w, row + j),
        capacity=lambda i: _at(w, row + n + m + i),
        fixed=lambda i: _at(w, row + n + i),
    )


def _tbed1(w: list[str]) -> Sheet:
    m, n = int(w[0]), int(w[1])
    row = 2 + n + 2 * m
    return Sheet(
        m,
        n,
        cost=lambda i, j: _at(w, row + i * n + j) * _at(w, 2 + j),
        take=lambda _, j: _at(w, 2 + j),
        capacity=lambda i: _at(w, 2 + n + i),
        fixed=lambda i: _at(w, 2 + n + m + i),
    )


def _gap(w: list[str]) -> Sheet:
    m, n = int(w[0]), int(w[1])
    return Sheet(
        m,
        n,
        cost=lambda i, j: _at(w, 2 + i * n + j),
        take=lambda i, j: _at(w, 2 + m * n + i * n + j),
        capacity=lambda i: _at(w, 2 + 2 * m * n + i),
        fixed=lambda _: Fraction(0),
    )


def _pmed(w: list[str]) -> Sheet:
    n, edges, p = int(w[0]), int(w[1]), int(w[2])
    near: dict[int, dict[int, Fraction]] = {v: {} for v in range(n)}
    for e in range(edges):
        a, b = int(w[3 + 3 * e]) - 1, int(w[4 + 3 * e]) - 1
        near[a][b] = near[b][a] = _at(w, 5 + 3 * e)
    known: dict[int, dict[int, Fraction]] = {}

    def cost(i: int, j: int) -> Fraction:
        if i not in known:
            known[i] = _paths(near, i)
        return known[i][j]

    return Sheet(n, n, cost, lambda *_: Fraction(1), lambda _: None, lambda _: Fraction(0), p)


def _paths(near: dict[int, dict[int, Fraction]], start: int) -> dict[int, Fraction]:
    """Dijkstra from one node."""
    done: dict[int, Fraction] = {}
    heap = [(Fraction(0), start)]
    while heap:
        far, v = heapq.heappop(heap)
        if v in done:
            continue
        done[v] = far
        for other, length in near[v].items():
            if other not in done:
                heapq.heappush(heap, (far + length, other))
    return done


def _pmedcap(w: list[str]) -> Sheet:
    n, p = int(w[2]), int(w[3])

    def node(j: int, k: int) -> Fraction:
        return _at(w, 5 + 4 * j + k)

    def cost(i: int, j: int) -> Fraction:
        square = sum(((node(i, k) - node(j, k)) ** 2 for k in (1, 2)), Fraction(0))
        return Fraction(isqrt(square.numerator // square.denominator))

    return Sheet(n, n, cost, lambda _, j: node(j, 3), lambda _: _at(w, 4), lambda _: Fraction(0), p)


_SHEETS: dict[str, Callable[[list[str]], Sheet]] = {
    "cflp_orlib": _cap,
    "sscflp_holmberg": _holmberg,
    "sscflp_delmaire": _delmaire,
    "sscflp_gadegaard": _holmberg,
    "sscflp_tbed1": _tbed1,
    "gap_orlib": _gap,
    "gap_yagiura": _gap,
    "pmed": _pmed,
    "pmedcap": _pmedcap,
}
