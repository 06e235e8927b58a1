"""What is open carries its least."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.program.block import entries, keys, limit
from optimizer.model.program.links import carried, numbering
from optimizer.model.rules.base import Broken, Rule
from optimizer.model.rules.loads import loaded, worked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Bools, Floats
    from optimizer.model.moves.single_moves import Moves, Side
    from optimizer.model.problem import Problem
    from optimizer.model.program.block import Block
    from optimizer.model.program.layout import Layout
    from optimizer.model.rules.base import Found
    from optimizer.model.tally import Tally


def rows(layout: Layout) -> Iterator[Block]:
    """What is open carries its least: Σ v_d x_dp ≥ min_ps · y_ps, and Σ m_d x_dp ≥ min_p · o_p for candidates."""
    units, problem = layout.units, layout.problem
    lines = problem.lines
    chosen = np.flatnonzero((units.line_minimum > 0) & (layout.y >= 0))
    row = numbering(chosen, len(lines.provider))[layout.line]
    content = entries(carried(row, units.take), (np.arange(len(chosen)), layout.y[chosen], -units.line_minimum[chosen]))
    index = keys(lines.provider[chosen], lines.service[chosen])
    yield limit("minimum_volume", "ps", index, content, lower=0.0, unit="units", scale=units.line[chosen])
    chosen = np.flatnonzero((units.site_minimum > 0) & (layout.o >= 0))
    row = np.where(layout.line >= 0, numbering(chosen, problem.n_providers)[problem.pairs.provider], -1)
    content = entries(carried(row, units.work), (np.arange(len(chosen)), layout.o[chosen], -units.site_minimum[chosen]))
    yield limit(
        "minimum_volume", "p", keys(chosen), content, lower=0.0, part="site", unit="minutes", scale=units.site[chosen]
    )


def excess(x: Problem, t: Tally) -> Found:
    """Lines with volume and open candidates carry their minimum; amount in units or minutes."""
    volume, minutes = loaded(x, t), worked(x, t)
    line, site = volume > 0, t.site_open & x.sites.is_candidate
    return _short("line", line & (volume < x.exact.line.least), t.line_volume, x.lines.min_volume) + _short(
        "provider", site & (minutes < x.exact.site.least), t.site_minutes, x.sites.min_minutes
    )


def _short(who: str, short: Bools, value: Floats, least: Floats) -> Found:
    at = np.flatnonzero(short)
    found = zip(at.tolist(), value[at].tolist(), least[at].tolist(), strict=True)
    return [Broken("minimum_volume", max(low - v, 0.0), {who: i, "value": v, "least": low}) for i, v, low in found]


def keeps(x: Moves) -> Bools | None:
    """Lines and candidate sites on both sides carry nothing or at least their minimum."""
    return _reaches(x, x.join, 1) & _reaches(x, x.leave, -1)


def _reaches(x: Moves, side: Side, sign: int) -> Bools:
    """Whether a side still reaches its minima when the demand comes (sign 1) or goes (−1)."""
    empty_line, empty_site = side.on_line + sign == 0, side.on_site + sign == 0
    exact = x.problem.exact
    line = empty_line | (side.load + sign * x.take >= exact.line.least[side.line])
    site = empty_site | (side.work + sign * x.work >= exact.site.least[side.provider])
    return np.asarray(~side.real | (line & site), np.bool_)


RULE: Final = Rule("minimum_volume", rows, excess, keeps)
