"""A solver-neutral mixed-integer program whose rows know their rule, with the way from plans to vectors and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.domain.names import OWN
from optimizer.model.parts import Choice
from optimizer.model.program.units import totals
from optimizer.model.program.worse import tell_worse

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.problem import Problem
    from optimizer.model.program.groups import ColumnGroup, RowBlock
    from optimizer.model.program.layout import Layout

__all__ = ["Program"]


@dataclass(frozen=True, eq=False)
class Program:
    """min c·v + offset,  row_lower ≤ A v ≤ row_upper,  lower ≤ v ≤ upper,  v_j integer where told.

    The first ``n_pairs`` columns are x, in the order of ``Problem.pairs``. Picklable and free
    of solver objects; ``naming`` names its rows and columns.

    Parameters
    ----------
    c, lower, upper : ndarray of shape (n_columns,)
    integer : ndarray of shape (n_columns,), bool
    a : csr_matrix of shape (n_rows, n_columns)
    row_lower, row_upper : ndarray of shape (n_rows,)
    row_scale : ndarray of shape (n_rows,)
        Size of one row unit in the unit of the row's block.
    offset : float
        Cost that no decision changes (required sites).
    groups, blocks : tuple
        Where each kind of column and each rule's rows are.
    layout : Layout
        Maps from the problem to columns; carries the problem itself.
    """

    c: Floats
    lower: Floats
    upper: Floats
    integer: NDArray[np.bool_]
    a: csr_matrix
    row_lower: Floats
    row_upper: Floats
    row_scale: Floats
    offset: float
    groups: tuple[ColumnGroup, ...]
    blocks: tuple[RowBlock, ...]
    layout: Layout

    @property
    def problem(self) -> Problem:
        """The arrays this program was made of."""
        return self.layout.problem

    @property
    def demand_entity(self) -> Ints:
        """Entity index of each demand."""
        return self.problem.demand_entity

    @property
    def demand_service(self) -> Ints:
        """Service index of each demand."""
        return self.problem.demand_service

    @property
    def ids(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Entity ids, service ids, provider ids with ``OWN`` last."""
        return self.problem.entity_ids, self.problem.service_ids, (*self.problem.provider_ids, OWN)

    @property
    def n_columns(self) -> int:
        """Number of variables."""
        return len(self.c)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.row_lower)

    @property
    def n_pairs(self) -> int:
        """Number of x columns."""
        return self.groups[0].stop

    def group(self, kind: str) -> ColumnGroup | None:
        """Columns of a kind, ``None`` when the program needs none."""
        return next((g for g in self.groups if g.kind == kind), None)

    def objective(self, values: Floats) -> float:
        """Objective of a vector: c·v + offset."""
        return float(self.c @ values) + self.offset

    def decode(self, values: Floats) -> Choice:
        """Provider of each demand by its largest x above one half, backup by r; −1 where there is none."""
        pairs = self.problem.pairs
        provider, backup = (np.full(self.problem.n_demands, -1, dtype=np.int64) for _ in range(2))
        chosen = np.flatnonzero(values[: self.n_pairs] > 0.5)
        provider[pairs.demand[chosen]] = pairs.provider[chosen]
        falls = self.layout.backups
        named = np.flatnonzero(values[falls.column] > 0.5)
        named = named[values[falls.pair[named]] > 0.5]
        backup[pairs.demand[falls.other[named]]] = pairs.provider[falls.other[named]]
        return Choice(provider, backup)

    def encode(self, choice: Choice) -> Floats:
        """Vector of a plan, consistent in all groups: every variable but x and r follows from the choice.

        Pairs that are not eligible count as unserved, backups that do not run the service as missing.
        """
        layout = self.layout
        pairs = layout.problem.pairs
        values = np.zeros(self.n_columns)
        chosen = pairs.provider == choice.provider[pairs.demand]
        values[: self.n_pairs] = chosen
        values[layout.backups.column] = _backups(layout, chosen, choice)
        _openings(layout, chosen, values)
        _relations(layout, chosen, values)
        _steps(layout, chosen, values)
        served = np.bincount(pairs.demand[chosen], minlength=layout.problem.n_demands) > 0
        _put(values, layout.u, ~served)
        if layout.worse is not None:
            tell_worse(layout.problem, layout.worse, chosen, values)
        return values


def _backups(layout: Layout, chosen: Bools, choice: Choice) -> Bools:
    """Which r columns the plan names: lost pair chosen, survivor named and running the service."""
    falls, pairs = layout.backups, layout.problem.pairs
    running = totals(np.where(chosen, layout.line, -1), np.ones(len(chosen)), len(layout.problem.lines.provider)) > 0
    named = pairs.provider[falls.other] == choice.backup[pairs.demand[falls.other]]
    out: Bools = chosen[falls.pair] & named & running[layout.line[falls.other]]
    return out


def _put(values: Floats, column: Ints, amount: Floats | Bools) -> None:
    """Set columns, leaving out −1."""
    kept = column >= 0
    values[column[kept]] = amount[kept]


def _openings(layout: Layout, chosen: Bools, values: Floats) -> None:
    """Lines and sites with work, and their loads."""
    problem, units = layout.problem, layout.units
    line = np.where(chosen, layout.line, -1)
    site = np.where(line >= 0, problem.pairs.provider, -1)
    n_lines, n_sites = len(problem.lines.provider), problem.n_providers
    one = np.ones(len(line))
    _put(values, layout.y, totals(line, one, n_lines) > 0)
    _put(values, layout.o, (totals(site, one, n_sites) > 0) | problem.sites.is_required)
    _put(values, layout.volume, totals(line, units.take, n_lines))
    _put(values, layout.minutes, totals(site, units.work, n_sites))


def _relations(layout: Layout, chosen: Bools, values: Floats) -> None:
    """Dealings of entities and sources of bundles."""
    for column in (layout.z, layout.b):
        values[column[chosen & (column >= 0)]] = 1.0
    if not layout.options.relax_assign:
        return
    at = np.flatnonzero(layout.b >= 0)
    column, first = np.unique(layout.b[at], return_index=True)
    group = layout.problem.bundle[layout.problem.pairs.demand[at[first]]]
    used = np.bincount(group, weights=values[column]) > 0
    names, first = np.unique(group, return_index=True)
    values[column[first[~used[names]]]] = 1.0


def _steps(layout: Layout, chosen: Bools, values: Floats) -> None:
    """Tier of each line's volume (the last one that begins below it) and level of each service."""
    problem, tiers, levels = layout.problem, layout.tiers, layout.levels
    line = np.where(chosen, layout.line, -1)
    volume = totals(line, layout.units.take, len(problem.lines.provider))
    if (layout.t >= 0).any():
        carried = volume[tiers.line]
        begun = (carried > 0) & (tiers.start <= carried)
        last = np.append(tiers.line[1:] != tiers.line[:-1], True)
        reached = begun & (last | ~np.append(begun[1:], False))
        values[layout.t] = reached
        _put(values, layout.w, np.where(reached, carried, 0.0))
        inside = layout.inside
        values[inside.column] = chosen[inside.pair] & reached[inside.tier]
    if len(levels.service):
        running = np.bincount(problem.lines.service[volume > 0], minlength=len(problem.service_ids))
        count = running[levels.service]
        values[layout.q] = (levels.low <= count) & (count <= levels.high)
