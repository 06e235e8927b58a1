"""Which variables a problem needs, and where each of them stands among the columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from optimizer.model.program.block import keys
from optimizer.model.program.groups import ColumnGroup
from optimizer.model.program.tiers import Levels, Tiers, find_levels, find_tiers, pairs_in_tiers, running_lines
from optimizer.model.program.units import Units, make_units, pair_lines, totals
from optimizer.model.program.worse import Worse, worse_reach

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.problem import Problem

__all__ = ["Backups", "InTier", "Layout", "Linking", "Objective", "Options", "TierForm", "lay_out"]

Objective = Literal["cost", "unserved", "moves"]
Linking = Literal["disaggregated", "aggregated", "small"]
TierForm = Literal["by_line", "by_pair"]


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked of the program; see ``build_program``."""

    relax_assign: bool = False
    objective: Objective = "cost"
    unserved_limit: float | None = None
    linking: Linking = "disaggregated"
    tiers: TierForm = "by_line"

    @property
    def priced(self) -> bool:
        """Money is the objective, so the variables behind cost terms exist."""
        return self.objective == "cost"


@dataclass(frozen=True, eq=False)
class Backups:
    """Backup choices: pair ``pair`` (demand, lost site) falls to pair ``other`` (demand, survivor)."""

    pair: Ints
    other: Ints
    column: Ints


@dataclass(frozen=True, eq=False)
class InTier:
    """Pairs by tier, in the form ``by_pair``: pair ``pair`` is priced in tier ``tier`` of its line."""

    pair: Ints
    tier: Ints
    column: Ints


@dataclass(frozen=True, eq=False)
class Layout:
    """Columns by kind and the maps from model indices to columns (−1 = no such column).

    Parameters
    ----------
    line : ndarray of shape (n_pairs,)
        Line behind each pair, −1 for own capacity.
    y, volume : ndarray of shape (n_lines,)
        Columns "line open" and "volume of the line" (the latter for backups only).
    o, minutes : ndarray of shape (n_providers,)
        Columns "site open" and "minutes at the site" (the latter for backups only).
    z, b : ndarray of shape (n_pairs,)
        Columns "entity deals with provider" and "source used in bundle" behind each pair.
    t, w : ndarray of shape (n_tiers,)
        Columns "tier reached" and "volume in the tier" (the latter in the form ``by_line`` only).
    q : ndarray of shape (n_levels,)
    u : ndarray of shape (n_demands,)
    worse : Worse, optional
        Columns of entities worse off than today, where too many of them can be.
    """

    problem: Problem
    options: Options
    units: Units
    line: Ints
    y: Ints
    o: Ints
    z: Ints
    b: Ints
    tiers: Tiers
    t: Ints
    w: Ints
    inside: InTier
    levels: Levels
    q: Ints
    backups: Backups
    volume: Ints
    minutes: Ints
    u: Ints
    worse: Worse | None
    groups: tuple[ColumnGroup, ...]
    lower: Floats
    upper: Floats
    integer: Bools

    @property
    def n_columns(self) -> int:
        """Number of variables."""
        return len(self.lower)


@dataclass
class _Columns:
    """Hands out columns group by group."""

    groups: list[ColumnGroup] = field(default_factory=list)
    lower: list[Floats] = field(default_factory=list)
    upper: list[Floats] = field(default_factory=list)
    integer: list[Bools] = field(default_factory=list)
    count: int = 0

    def add(
        self, kind: str, key: str, index: Ints, lower: ArrayLike = 0.0, upper: ArrayLike = 1.0, whole: bool = True
    ) -> Ints:
        """Column of each row of ``index``; no group when there is none."""
        size = len(index)
        start, self.count = self.count, self.count + size
        if size or kind == "x":
            self.groups.append(ColumnGroup(kind, start, self.count, index, key))
            self.lower.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), (size,)))
            self.upper.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), (size,)))
            self.integer.append(np.full(size, whole))
        return np.arange(start, self.count)

    def add_where(self, kind: str, key: str, wanted: Bools, *names: Ints, **bounds: ArrayLike) -> Ints:
        """Column for each position where ``wanted`` holds, −1 elsewhere."""
        at = np.flatnonzero(wanted)
        out = np.full(len(wanted), -1, dtype=np.int64)
        whole = bool(bounds.pop("whole", True))
        spread = {k: np.broadcast_to(np.asarray(v, dtype=np.float64), (len(wanted),))[at] for k, v in bounds.items()}
        out[at] = self.add(kind, key, keys(*(n[at] for n in names)), whole=whole, **spread)
        return out

    def add_grouped(self, kind: str, key: str, wanted: Bools, *names: Ints) -> Ints:
        """One column for each distinct combination of names among ``wanted`` positions."""
        at = np.flatnonzero(wanted)
        out = np.full(len(wanted), -1, dtype=np.int64)
        index, inverse = np.unique(keys(*(n[at] for n in names)), axis=0, return_inverse=True)
        out[at] = self.add(kind, key, index.reshape(-1, len(names)))[inverse.ravel()]
        return out


def lay_out(problem: Problem, options: Options) -> Layout:
    """Decide which groups of variables exist and number their columns."""
    units, line, columns = make_units(problem), pair_lines(problem), _Columns()
    pairs, lines, runs = problem.pairs, problem.lines, running_lines(problem, line)
    entity, bundle = problem.demand_entity[pairs.demand], problem.bundle[pairs.demand]
    tiers = find_tiers(problem, units)
    levels = find_levels(problem, runs & options.priced)
    columns.add("x", "dp", keys(pairs.demand, pairs.provider))
    open_line = _lines_to_open(problem, options, tiers, levels, runs)
    y = columns.add_where("y", "ps", open_line, lines.provider, lines.service)
    required = problem.sites.is_required.astype(np.float64)
    sites = np.arange(problem.n_providers)
    o = columns.add_where("o", "p", _sites_to_open(problem, options, runs), sites, lower=required)
    z = columns.add_grouped("z", "ep", _dealings(problem, options, entity, line), entity, pairs.provider)
    b = columns.add_grouped("b", "gp", _sources(problem, options, bundle), bundle, pairs.provider)
    stepped = np.full(len(tiers.line), options.priced)
    tier = (lines.provider[tiers.line], lines.service[tiers.line], tiers.number)
    t = columns.add_where("t", "psk", stepped, *tier)
    w = columns.add_where("w", "psk", stepped & (options.tiers == "by_line"), *tier, upper=tiers.stop, whole=False)
    inside = _pairs_by_tier(problem, options, tiers, line, columns)
    q = columns.add("q", "sn", keys(levels.service, levels.low))
    backups = _backups(problem, columns)
    volume, minutes = _loads(problem, units, line, backups, columns)
    u = columns.add_where("u", "d", np.full(problem.n_demands, options.relax_assign), np.arange(problem.n_demands))
    return Layout(
        problem,
        options,
        units,
        line,
        y,
        o,
        z,
        b,
        tiers,
        t,
        w,
        inside,
        levels,
        q,
        backups,
        volume,
        minutes,
        u,
        _worse(problem, options, columns),
        tuple(columns.groups),
        np.concatenate(columns.lower),
        np.concatenate(columns.upper),
        np.concatenate(columns.integer),
    )


def _worse(problem: Problem, options: Options, columns: _Columns) -> Worse | None:
    """Columns of entities that can be worse off than today, and of the languages they can miss."""
    reach = worse_reach(problem, unserved=options.relax_assign)
    if reach is None:
        return None
    entity = columns.add_where("worse", "e", reach.worse, np.arange(len(reach.worse)))
    counted = (reach.languages > 0)[:, None]
    e, language = (i.ravel() for i in np.indices(reach.then.shape))

    def missed(kind: str, wanted: Bools) -> Ints:
        return columns.add_where(kind, "el", (wanted & counted).ravel(), e, language).reshape(reach.then.shape)

    lacks = missed("lacks", reach.then)
    return Worse(reach, entity, lacks, missed("lacked", reach.today) if options.relax_assign else None)


def _pairs_by_tier(problem: Problem, options: Options, tiers: Tiers, line: Ints, columns: _Columns) -> InTier:
    """Columns "pair priced in tier", none in the form ``by_line``."""
    pair, tier = pairs_in_tiers(tiers, line)
    if not options.priced or options.tiers == "by_line":
        pair, tier = pair[:0], tier[:0]
    index = keys(problem.pairs.demand[pair], problem.pairs.provider[pair], tiers.number[tier])
    return InTier(pair, tier, columns.add("h", "dpk", index))


def _lines_to_open(problem: Problem, options: Options, tiers: Tiers, levels: Levels, runs: Bools) -> Bools:
    """Lines whose being open costs something or is asked about by a rule."""
    lines = problem.lines
    critical = np.bincount(problem.demand_service[problem.critical], minlength=len(problem.service_ids)) > 0
    counted = np.bincount(levels.service, minlength=len(problem.service_ids)) > 0
    asked = (lines.min_volume > 0) | critical[lines.service]
    costly = (lines.fixed_cost > 0) | tiers.stepped | counted[lines.service]
    return runs & (asked | (costly & options.priced))


def _sites_to_open(problem: Problem, options: Options, runs: Bools) -> Bools:
    """Sites whose being open costs something or is asked about; required ones only when counted."""
    sites, scalars = problem.sites, problem.scalars
    used = np.bincount(problem.lines.provider[runs], minlength=problem.n_providers) > 0
    counted = scalars.zones or scalars.site_min is not None or scalars.site_max is not None
    asked = sites.is_candidate & (sites.min_minutes > 0)
    if scalars.one_off_budget is not None:
        asked = asked | (sites.setup_one_off > 0)
    if options.priced:
        asked = asked | (sites.fixed_cost > 0) | (sites.setup > 0)
    in_count = sites.is_secretariat & counted
    return (used & ~sites.is_required & (asked | in_count)) | (sites.is_required & in_count)


def _dealings(problem: Problem, options: Options, entity: Ints, line: Ints) -> Bools:
    """Pairs whose (entity, provider) is priced, or counted where the limit can bind."""
    outside = line >= 0
    if options.priced and problem.scalars.interface_cost > 0:
        return outside
    most = problem.scalars.max_providers_per_entity
    if most is None:
        return np.zeros(len(line), dtype=bool)
    demands = np.bincount(problem.demand_entity, minlength=len(problem.entity_ids))
    return outside & (demands[entity] > most)


def _sources(problem: Problem, options: Options, bundle: Ints) -> Bools:
    """Pairs of bundled demands, when hand-overs are priced or bundles must stay together."""
    wanted = problem.scalars.bundle_together or (options.priced and problem.scalars.handover_cost > 0)
    return (bundle >= 0) & wanted


def _backups(problem: Problem, columns: _Columns) -> Backups:
    """Every (critical demand, lost site, survivor): survivor eligible, in another country, not own."""
    pairs, country = problem.pairs, problem.sites.country
    pair = np.flatnonzero(problem.critical[pairs.demand] & (pairs.provider < problem.n_providers))
    size = np.diff(pairs.start)[pairs.demand[pair]]
    left = np.repeat(pair, size)
    within = np.arange(len(left)) - np.repeat(np.cumsum(size) - size, size)
    right = pairs.start[pairs.demand[left]] + within
    p, q = pairs.provider[left], pairs.provider[right]
    good = q < problem.n_providers
    good[good] = country[p[good]] != country[q[good]]
    left, right = left[good], right[good]
    index = keys(pairs.demand[left], pairs.provider[left], pairs.provider[right])
    return Backups(left, right, columns.add("r", "dpp", index))


def _loads(problem: Problem, units: Units, line: Ints, backups: Backups, columns: _Columns) -> tuple[Ints, Ints]:
    """Load variables of the lines and sites whose capacity a backup could break."""
    lines = problem.lines
    survivor = problem.pairs.provider[backups.other]
    used_line = totals(line[backups.other], np.ones(len(survivor)), len(lines.provider)) > 0
    used_site = np.bincount(survivor, minlength=problem.n_providers) > 0
    tight_line, tight_site = np.isfinite(units.line_capacity), np.isfinite(units.site_capacity)
    volume = columns.add_where(
        "v", "ps", used_line & tight_line, lines.provider, lines.service, upper=units.line_all, whole=False
    )
    minutes = columns.add_where(
        "m", "p", used_site & tight_site, np.arange(problem.n_providers), upper=units.site_all, whole=False
    )
    return volume, minutes
