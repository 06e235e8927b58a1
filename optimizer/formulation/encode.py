"""Plans to vectors and back: every variable but x and r follows from the choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.arrays.parts import Choice
from optimizer.formulation.units import totals

if TYPE_CHECKING:
    from optimizer.arrays.aliases import Bools, Floats, Ints
    from optimizer.formulation.layout import Layout
    from optimizer.formulation.program import Program

__all__ = ["decode", "encode"]


def decode(program: Program, values: Floats) -> Choice:
    """Provider of each demand by its largest x above one half, backup by r; −1 where there is none."""
    layout = program.layout
    pairs = layout.problem.pairs
    provider, backup = (np.full(layout.problem.n_demands, -1, dtype=np.int64) for _ in range(2))
    chosen = np.flatnonzero(values[: program.n_pairs] > 0.5)
    provider[pairs.demand[chosen]] = pairs.provider[chosen]
    falls = layout.backups
    named = np.flatnonzero(values[falls.column] > 0.5)
    named = named[values[falls.pair[named]] > 0.5]
    backup[pairs.demand[falls.other[named]]] = pairs.provider[falls.other[named]]
    return Choice(provider, backup)


def encode(program: Program, choice: Choice) -> Floats:
    """Vector of a plan, consistent in all groups.

    Pairs that are not eligible count as unserved, backups that do not run the service as missing.
    Slacks take what the rows lack, so that an elastic program is satisfied by any plan.
    """
    layout = program.layout
    pairs = layout.problem.pairs
    values = np.zeros(program.n_columns)
    chosen = pairs.provider == choice.provider[pairs.demand]
    values[: program.n_pairs] = chosen
    values[layout.backups.column] = _backups(layout, chosen, choice)
    _openings(layout, chosen, values)
    _relations(layout, chosen, values)
    _steps(layout, chosen, values)
    served = np.bincount(pairs.demand[chosen], minlength=layout.problem.n_demands) > 0
    _put(values, layout.u, ~served)
    _slacks(program, values)
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


def _slacks(program: Program, values: Floats) -> None:
    """Give every slack what its row lacks."""
    group = program.group("slack")
    if group is None:
        return
    row, side = group.index[:, 0], group.index[:, 1]
    activity = program.a @ values
    short = np.where(side > 0, program.row_lower[row] - activity[row], activity[row] - program.row_upper[row])
    values[group.start : group.stop] = np.maximum(short, 0.0)
