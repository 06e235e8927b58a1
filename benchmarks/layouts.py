"""Layouts of the literature's files: white-space separated numbers to plain arrays.

A layout belongs to a family, that is to a folder name; ``sscflp_holmberg_large`` is read as
``sscflp_holmberg``. m is the number of facilities (agents), n that of customers (jobs).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse.csgraph import shortest_path

from optimizer.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.aliases import Floats

__all__ = ["CAPACITIES", "KINDS", "LAYOUTS", "Raw", "layout_of", "read_raw"]

CAPACITIES = {
    "capa": (8000, 10000, 12000, 14000),
    "capb": (5000, 6000, 7000, 8000),
    "capc": (5000, 5750, 6500, 7250),
}
"""Files with the word ``capacity`` in place of the number, and the four capacities each is used with."""


@dataclass(frozen=True, eq=False)
class Raw:
    """A file's numbers. ``cost`` (m, n) for serving all of a customer's demand; ``take`` (m, n) or (n,).

    ``sites``: how many facilities may be open at most, ``None`` = as many as pays.
    """

    cost: Floats
    take: Floats
    fixed: Floats
    capacity: Floats
    sites: int | None = None


class _Reader:
    """Numbers of a file in order; complains when there are too few or too many."""

    def __init__(self, text: str, file: str) -> None:
        self.file, self.at = file, 0
        try:
            self.numbers = np.array(text.split(), dtype=np.float64)
        except ValueError as error:
            raise UsageError(f"{file}: {error}") from None
        if not np.isfinite(self.numbers).all():
            raise UsageError(f"{file}: {self.numbers[~np.isfinite(self.numbers)][0]} is no number")

    def take(self, *shape: int) -> Floats:
        """The next numbers, shaped."""
        size = math.prod(shape)
        if self.at + size > len(self.numbers):
            raise UsageError(f"{self.file}: ends after {len(self.numbers)} numbers, its layout needs more")
        self.at += size
        return self.numbers[self.at - size : self.at].reshape(shape)

    def count(self) -> int:
        """The next number, which must be a whole one above 0."""
        value = float(self.take(1)[0])
        if value != int(value) or value < 1:
            raise UsageError(f"{self.file}: {value} stands where a number of things is expected")
        return int(value)

    def end(self) -> None:
        """Nothing may be left."""
        if self.at != len(self.numbers):
            raise UsageError(f"{self.file}: has {len(self.numbers)} numbers, its layout {self.at}")


def _cap(r: _Reader) -> Raw:
    """``m n``, m times ``capacity fixed``, for each customer ``demand`` and m costs."""
    m, n = r.count(), r.count()
    sites, customers = r.take(m, 2), r.take(n, m + 1)
    return Raw(customers[:, 1:].T, customers[:, 0], sites[:, 1], sites[:, 0])


def _holmberg(r: _Reader) -> Raw:
    """``m n``, m times ``capacity fixed``, n demands, m rows of n costs."""
    m, n = r.count(), r.count()
    sites, demand = r.take(m, 2), r.take(n)
    return Raw(r.take(m, n), demand, sites[:, 1], sites[:, 0])


def _delmaire(r: _Reader) -> Raw:
    """``n m``, n rows of m costs, n demands, m fixed costs, m capacities."""
    n, m = r.count(), r.count()
    cost, demand, fixed = r.take(n, m), r.take(n), r.take(m)
    return Raw(cost.T, demand, fixed, r.take(m))


def _tbed1(r: _Reader) -> Raw:
    """``m n``, n demands, m capacities, m fixed costs, m rows of n unit costs."""
    m, n = r.count(), r.count()
    demand, capacity, fixed = r.take(n), r.take(m), r.take(m)
    return Raw(r.take(m, n) * demand, demand, fixed, capacity)


def _gap(r: _Reader) -> Raw:
    """``m n``, m rows of n costs, m rows of n resource uses, m capacities."""
    m, n = r.count(), r.count()
    cost, take = r.take(m, n), r.take(m, n)
    return Raw(cost, take, np.zeros(m), r.take(m))


def _pmed(r: _Reader) -> Raw:
    """``n edges p``, edges ``a b length``; the last of equal edges counts, distances are shortest paths."""
    n, edges, p = r.count(), r.count(), r.count()
    graph = np.zeros((n, n))
    table = r.take(edges, 3)
    if ((table[:, :2] < 1) | (table[:, :2] > n)).any():
        raise UsageError(f"{r.file}: an edge names a node that is not among 1 to {n}")
    for a, b, length in table:
        graph[int(a) - 1, int(b) - 1] = graph[int(b) - 1, int(a) - 1] = length
    far = np.asarray(shortest_path(graph, directed=False), np.float64)
    return Raw(far, np.ones(n), np.zeros(n), np.full(n, np.inf), p)


def _pmedcap(r: _Reader) -> Raw:
    """``number best``, ``n p capacity``, n times ``id x y demand``; Euclidean distance rounded down."""
    r.take(2)
    n, p = r.count(), r.count()
    capacity, nodes = float(r.take(1)[0]), r.take(n, 4)
    apart = nodes[:, None, 1:3] - nodes[None, :, 1:3]
    near = np.floor(np.sqrt((apart**2).sum(axis=2)) + 1e-9)
    return Raw(near, nodes[:, 3], np.zeros(n), np.full(n, capacity), p)


LAYOUTS: dict[str, Callable[[_Reader], Raw]] = {
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
"""Family to reader."""

KINDS: dict[str, tuple[str, ...]] = {
    "gap_orlib": ("gap-min", "gap-max"),
    "gap_yagiura": ("gap-min", "gap-max"),
    "pmed": ("pmed",),
    "pmedcap": ("cpmed",),
}
"""Problems a layout's file may be read as; the others only as ``sscflp``."""


def layout_of(family: str) -> str | None:
    """The layout a folder name stands for: the name itself, or the longest one it begins with."""
    fits = [name for name in LAYOUTS if family == name or family.startswith(f"{name}_")]
    return max(fits, key=len, default=None)


def read_raw(text: str, layout: str, file: str, capacity: float | None = None) -> Raw:
    """Numbers of a file.

    Parameters
    ----------
    text, layout, file : str
        Content, key of ``LAYOUTS``, name for messages.
    capacity : float, optional
        For files that hold the word ``capacity`` in its place.

    Raises
    ------
    UsageError
        Too few or too many numbers, or something that is none.
    """
    if capacity is not None:
        text = text.replace("capacity", repr(capacity))
    reader = _Reader(text, file)
    raw = LAYOUTS[layout](reader)
    reader.end()
    return raw
