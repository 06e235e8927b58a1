"""Critical demands have somewhere to fall to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from optimizer.model.moves.new_backups import needs_backup, new_backups
from optimizer.model.program.block import entries, keys, limit
from optimizer.model.program.links import carried, numbering
from optimizer.model.resources import added
from optimizer.model.rules.base import Broken, Rule, over
from optimizer.model.rules.loads import loaded, worked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.problem import Problem
    from optimizer.model.program.block import Block
    from optimizer.model.program.layout import Layout
    from optimizer.model.resources import Wholes
    from optimizer.model.rules.base import Found
    from optimizer.model.tally import Tally


def rows(layout: Layout) -> Iterator[Block]:
    """A critical demand has a running backup elsewhere that could carry what falls to it.

    Σ_q r_dpq = x_dp;  x_dq + Σ_p r_dpq ≤ y_qs;  and for every lost p and survivor q
    V_qs + Σ_d v_d r_dpq ≤ capacity_qs (each critical service),  M_q + Σ_d m_d r_dpq ≤ capacity_q,
    where V_ps = Σ_d v_d x_dp and M_p = Σ_d m_d x_dp are the primary load of the line and of the site.
    """
    problem, falls = layout.problem, layout.backups
    pairs = problem.pairs
    critical = np.flatnonzero(problem.critical[pairs.demand] & (layout.line >= 0))
    if not len(critical):
        return
    row = numbering(critical, problem.n_pairs)
    rows = np.arange(len(critical))
    index = keys(pairs.demand[critical], pairs.provider[critical])
    content = entries((row[falls.pair], falls.column, 1.0), (rows, critical, -1.0))
    yield limit("backup", "dp", index, content, lower=0.0, upper=0.0, unit="demands")
    content = entries(
        (row[falls.other], falls.column, 1.0),
        (rows, critical, 1.0),
        (rows, layout.y[layout.line[critical]], -1.0),
    )
    yield limit("backup", "dp", index, content, upper=0.0, part="link")
    yield from _loads(layout)
    yield from _reserves(layout)


def _loads(layout: Layout) -> Iterator[Block]:
    """Definitions of the primary loads: Σ v_d x_dp = V_ps, Σ m_d x_dp = M_p."""
    units, problem = layout.units, layout.problem
    lines = problem.lines
    chosen = np.flatnonzero(layout.volume >= 0)
    row = numbering(chosen, len(lines.provider))[layout.line]
    content = entries(carried(row, units.take), (np.arange(len(chosen)), layout.volume[chosen], -1.0))
    index, scale = keys(lines.provider[chosen], lines.service[chosen]), units.line[chosen]
    yield limit("backup", "ps", index, content, lower=0.0, upper=0.0, part="link_volume", scale=scale)
    chosen = np.flatnonzero(layout.minutes >= 0)
    row = np.where(layout.line >= 0, numbering(chosen, problem.n_providers)[problem.pairs.provider], -1)
    content = entries(carried(row, units.work), (np.arange(len(chosen)), layout.minutes[chosen], -1.0))
    scale = units.site[chosen]
    yield limit("backup", "p", keys(chosen), content, lower=0.0, upper=0.0, part="link_minutes", scale=scale)


def _reserves(layout: Layout) -> Iterator[Block]:
    """Capacity of every survivor q when p is lost, by line and by site."""
    units, falls = layout.units, layout.backups
    lost, line = layout.problem.pairs.provider[falls.pair], layout.line[falls.other]
    survivor = layout.problem.pairs.provider[falls.other]
    service = layout.problem.lines.service[line]
    load, take = layout.volume[line], units.take[falls.other]
    spec = (load, take, units.line_capacity[line], units.line[line])
    yield from _reserve(layout, "pps", keys(lost, survivor, service), spec, "line", "units")
    load, work = layout.minutes[survivor], units.work[falls.other]
    spec = (load, work, units.site_capacity[survivor], units.site[survivor])
    yield from _reserve(layout, "pp", keys(lost, survivor), spec, "site", "minutes")


def _reserve(
    layout: Layout, key: str, names: Ints, spec: tuple[Ints, Floats, Floats, Floats], part: str, unit: str
) -> Iterator[Block]:
    """Rows load + Σ falling ≤ capacity, one for each distinct row of ``names`` with a load column."""
    at = np.flatnonzero(spec[0] >= 0)
    load, amount, capacity, scale = (a[at] for a in spec)
    index, first, row = np.unique(names[at], axis=0, return_index=True, return_inverse=True)
    index, row = index.reshape(-1, len(key)), row.ravel()
    content = entries((row, layout.backups.column[at], amount), (np.arange(len(index)), load[first], 1.0))
    yield limit("backup", key, index, content, upper=capacity[first], part=part, unit=unit, scale=scale[first])


def excess(x: Problem, t: Tally) -> Found:
    """Critical demands name a fit backup that could carry what falls to it."""
    if not x.scalars.backup:
        return []
    needs = np.flatnonzero(x.critical & (t.provider >= 0) & (t.provider < x.n_providers))
    fit = _fit(x, t, needs)
    wrong = [{"demand": int(d), "backup": int(t.backup[d])} for d in needs[~fit]]
    return [Broken("backup", 1.0, data) for data in wrong] + _falling(x, t, needs[fit])


def _fit(x: Problem, t: Tally, needs: Ints) -> Bools:
    """Whether the backup is eligible, another provider, in another country and runs the service."""
    p, q = t.provider[needs], t.backup[needs]
    named = (q >= 0) & (q < x.n_providers) & (q != p)
    safe = np.where(named, q, 0)
    line = x.lines.index[safe, x.demand_service[needs]]
    runs = (line >= 0) & (t.line_volume[line] > 0) if len(t.line_volume) else line >= 0
    abroad = x.sites.country[safe] != x.sites.country[p]
    return np.asarray(named & runs & abroad & (x.refusals[needs, safe] == 0), np.bool_)


def _falling(x: Problem, t: Tally, needs: Ints) -> Found:
    """For every lost site and survivor: load and what falls to it within line and site capacity."""
    lost, survivor, n = t.provider[needs], t.backup[needs], x.n_providers
    line = x.lines.index[survivor, x.demand_service[needs]]
    load, busy, exact = loaded(x, t), worked(x, t), x.exact
    by_line = _Fall("line", line, t.line_volume, x.volume, x.lines.capacity, load, exact.volume, exact.line.most)
    by_site = _Fall(
        "provider",
        survivor,
        t.site_minutes,
        x.minutes,
        x.sites.capacity_minutes,
        busy,
        exact.site.amount,
        exact.site.most,
    )
    return [found for falls in (by_line, by_site) for found in falls.over(needs, lost, n)]


class _Fall(NamedTuple):
    """Loads of the receivers, what may fall to them and their room: as floats for messages, and exactly."""

    who: str
    receiver: Ints
    load: Floats
    extra: Floats
    capacity: Floats
    whole: Wholes
    more: Wholes
    most: Wholes

    def over(self, needs: Ints, lost: Ints, n: int) -> Found:
        """One finding for each lost provider and overloaded receiver."""
        case, member = np.unique(self.receiver * n + lost, return_inverse=True)
        at, gone = case // n, case % n
        value = self.load[at] + np.bincount(member, self.extra[needs], len(case))
        exactly = self.whole[at] + added(member, self.more[needs], len(case))
        found = over("backup", "case", exactly, self.most[at], value, self.capacity[at])
        cases = [(broken, broken.data.pop("case")) for broken in found]
        return [Broken(b.rule, b.amount, {self.who: int(at[i]), "lost": int(gone[i]), **b.data}) for b, i in cases]


def keeps(x: Moves) -> Bools | None:
    """The demand has a backup that suits its new provider and can carry it; nobody relies on a line that ends."""
    if not x.problem.scalars.backup:
        return None
    falls = x.counts.fallback
    ends = x.leave.real & (x.leave.on_line == 1) & (falls.relying[x.leave.line] > 0)
    return np.asarray(~ends & (~needs_backup(x) | (new_backups(x) >= 0)), np.bool_)


RULE: Final = Rule("backup", rows, excess, keeps)
