"""Fast check of every rule on arrays, for work inside solvers.

Resources are compared in whole numbers, so a rule holds or it does not; figures in messages are
floats. Whether a plan may leave is decided by other code. One function per rule, named as in ``RULES``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from optimizer.domain.names import ZONES
from optimizer.model.resources import added
from optimizer.model.tally import Tally, take

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem
    from optimizer.model.resources import Wholes

__all__ = ["RULE_CHECKS", "Broken", "check"]


class Broken(NamedTuple):
    """A rule that does not hold: by how much, and the indices and figures for a message."""

    rule: str
    amount: float
    data: dict[str, Any]


Found = list[Broken]


def _limits(rule: str, who: str, load: Wholes, most: Wholes, value: Floats, limit: Floats) -> Found:
    """One finding for each position over its limit; ``who`` names the index in the data."""
    at = np.flatnonzero(load > most)
    found = zip(at.tolist(), value[at].tolist(), limit[at].tolist(), strict=True)
    return [Broken(rule, max(v - top, 0.0), {who: i, "value": v, "limit": top}) for i, v, top in found]


def assign_once(_: Problem, t: Tally) -> Found:
    """Every demand is served, by an eligible pair; amount 1 each."""
    bad = np.flatnonzero(t.pair < 0)
    return [Broken("assign_once", 1.0, {"demand": d, "provider": int(t.provider[d])}) for d in bad.tolist()]


def line_capacity(x: Problem, t: Tally) -> Found:
    """Volume of a line within what its base volume leaves; amount in units."""
    return _limits("line_capacity", "line", _loaded(x, t), x.exact.line.most, t.line_volume, x.lines.capacity)


def _loaded(x: Problem, t: Tally) -> Wholes:
    """Volume of each line, in the measure of lines; ineligible demands with their own."""
    at = np.flatnonzero(t.line >= 0)
    taken, pair = x.exact.volume[at], t.pair[at]
    if x.n_pairs:
        taken = np.where(pair >= 0, x.exact.line.amount[pair], taken)
    return added(t.line[at], taken, len(t.line_volume))


def _worked(x: Problem, t: Tally) -> Wholes:
    """Minutes at each site, in the measure of sites."""
    at = np.flatnonzero((t.provider >= 0) & (t.provider < x.n_providers))
    return added(t.provider[at], x.exact.site.amount[at], x.n_providers)


def site_capacity(x: Problem, t: Tally) -> Found:
    """Minutes at a site within what its base load leaves; amount in minutes."""
    most, limit = x.exact.site.most, x.sites.capacity_minutes
    return _limits("site_capacity", "provider", _worked(x, t), most, t.site_minutes, limit)


def open_line(x: Problem, t: Tally) -> Found:
    """No demand at a provider without an offer; amount 1 each."""
    bad = np.flatnonzero((t.provider >= 0) & (t.provider < x.n_providers) & (t.line < 0))
    return [Broken("open_line", 1.0, {"demand": d, "provider": int(t.provider[d])}) for d in bad.tolist()]


def open_site(x: Problem, t: Tally) -> Found:
    """No work at a closed site; amount in minutes."""
    bad = np.flatnonzero((t.site_minutes > 0) & x.sites.is_closed)
    return [Broken("open_site", float(t.site_minutes[p]), {"provider": p}) for p in bad.tolist()]


def max_providers_per_entity(x: Problem, t: Tally) -> Found:
    """Relations of an entity, own capacity aside; amount in providers."""
    most = x.scalars.max_providers_per_entity
    if most is None:
        return []
    number = t.relations.sum(axis=1).astype(np.float64)
    limit = np.full(len(number), float(most))
    return _limits("max_providers_per_entity", "entity", number, limit, number, limit)


def bundle_together(x: Problem, t: Tally) -> Found:
    """One source per entity and bundle; amount in extra sources."""
    if not x.scalars.bundle_together:
        return []
    split = np.flatnonzero(t.handovers).tolist()
    return [Broken("bundle_together", float(t.handovers[b]), {"bundle": b}) for b in split]


def agency_share(x: Problem, t: Tally) -> Found:
    """Minutes given to agencies within their share of all minutes; amount in minutes."""
    share, exact = x.scalars.agency_share_max, x.exact.agency
    if share is None or exact is None:
        return []
    agency = ~x.sites.is_secretariat
    given, whole = t.site_minutes[agency].sum(keepdims=True), _worked(x, t)[agency].sum(keepdims=True)
    return _limits("agency_share", "all", whole, exact.most, given, share * x.minutes.sum(keepdims=True))


def site_count(x: Problem, t: Tally) -> Found:
    """Open Secretariat sites within limits, and one in each zone; amount in sites."""
    mine = t.site_open & x.sites.is_secretariat
    number, least, most = int(mine.sum()), x.scalars.site_min, x.scalars.site_max
    out: Found = []
    if least is not None and number < least:
        out.append(Broken("site_count", float(least - number), {"value": number, "least": least}))
    if most is not None and number > most:
        out.append(Broken("site_count", float(number - most), {"value": number, "limit": most}))
    if x.scalars.zones:
        empty = sorted(set(range(len(ZONES))) - set(x.sites.zone[mine].tolist()))
        out += [Broken("site_count", 1.0, {"zone": ZONES[z]}) for z in empty]
    return out


def minimum_volume(x: Problem, t: Tally) -> Found:
    """Lines with volume and open candidates carry their minimum; amount in units or minutes."""
    volume, minutes = _loaded(x, t), _worked(x, t)
    line, site = volume > 0, t.site_open & x.sites.is_candidate
    return _short("line", line & (volume < x.exact.line.least), t.line_volume, x.lines.min_volume) + _short(
        "provider", site & (minutes < x.exact.site.least), t.site_minutes, x.sites.min_minutes
    )


def _short(who: str, short: Bools, value: Floats, least: Floats) -> Found:
    at = np.flatnonzero(short)
    found = zip(at.tolist(), value[at].tolist(), least[at].tolist(), strict=True)
    return [Broken("minimum_volume", max(low - v, 0.0), {who: i, "value": v, "least": low}) for i, v, low in found]


def backup(x: Problem, t: Tally) -> Found:
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
    load, busy, exact = _loaded(x, t), _worked(x, t), x.exact
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
        found = _limits("backup", "case", exactly, self.most[at], value, self.capacity[at])
        cases = [(broken, broken.data.pop("case")) for broken in found]
        return [Broken(b.rule, b.amount, {self.who: int(at[i]), "lost": int(gone[i]), **b.data}) for b, i in cases]


def max_moves(x: Problem, t: Tally) -> Found:
    """Number of moves; amount in moves."""
    most, number = x.scalars.max_moves, int(t.moves.sum())
    if most is None or number <= most:
        return []
    return [Broken("max_moves", float(number - most), {"value": number, "limit": most})]


def one_off_budget(x: Problem, t: Tally) -> Found:
    """One-off cost of moves and set-ups; amount in money."""
    budget, exact, pair = x.scalars.one_off_budget, x.exact.budget, t.pair[t.pair >= 0]
    if budget is None or exact is None:
        return []
    opened = t.site_open & x.sites.is_candidate
    spent = x.pairs.one_off[pair].sum(keepdims=True) + x.sites.setup_one_off[opened].sum()
    whole = exact.amount[pair].sum(keepdims=True) + exact.extra[opened].sum()
    return _limits("one_off_budget", "all", whole, exact.most, spent, np.array([budget]))


def lock(x: Problem, t: Tally) -> Found:
    """Locked demands are where they were decided to be; amount 1 each."""
    bad = np.flatnonzero((x.locked >= 0) & (x.locked != t.provider))
    return [
        Broken("lock", 1.0, {"demand": d, "provider": int(t.provider[d]), "locked": int(x.locked[d])})
        for d in bad.tolist()
    ]


RULE_CHECKS: Final[tuple[Callable[[Problem, Tally], Found], ...]] = (
    assign_once,
    line_capacity,
    site_capacity,
    open_line,
    open_site,
    max_providers_per_entity,
    bundle_together,
    agency_share,
    site_count,
    minimum_volume,
    backup,
    max_moves,
    one_off_budget,
    lock,
)
"""Every rule, in the order of ``RULES``."""


def check(problem: Problem, choice: Choice) -> list[Broken]:
    """Rules that a plan breaks.

    Parameters
    ----------
    problem : Problem
    choice : Choice
        Unserved demands break ``assign_once``, also under ``allow_unserved``.

    Returns
    -------
    list of Broken
        (rule, amount, data) in the order of ``RULES``; empty when all hold.
    """
    tally = take(problem, choice)
    return [broken for rule in RULE_CHECKS for broken in rule(problem, tally)]
