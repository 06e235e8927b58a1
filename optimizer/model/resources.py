"""Resources as whole numbers, so that what fits is decided without any rounding.

Volumes are whole millionths. Minutes are products of two such numbers, and so are site pools and
one-off costs, some with one factor more. Each resource is counted in its greatest common measure;
sums are then whole too, and a limit may be lowered (a least amount raised) to a whole number
without letting any plan in or out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from optimizer.domain.types import MICRO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.parts import Lines, Pairs, Scalars, Sites

Wholes = Any
"""Array of whole numbers: int64 where every sum has room in it, else of Python integers."""

__all__ = ["Figures", "Given", "Resource", "Resources", "Wholes", "added", "limited", "millionths", "resources_of"]

_ROOM: Final = 2**59
"""Sums of all amounts below this keep int64: limits and what is compared are at most a few times as large."""
_SURE: Final = 2.0**62


@dataclass(frozen=True)
class Given:
    """Figures of a case that its floats cannot say exactly; see ``resources_of`` for their use.

    Parameters
    ----------
    minutes_per_unit : tuple of int, one per service
        Millionths of a minute.
    room : tuple of int or None, one per provider
        What is left of the site pool, in 10⁻¹² minutes; ``None`` = unlimited.
    least : tuple of int, one per provider
        What a candidate must carry, in 10⁻¹² minutes; 0 for others.
    minutes_per_fte_year : int
        Millionths of a minute.
    one_off_per_fte : int
        One-off cost of a moved FTE, contingency included, in 10⁻¹² of money.
    """

    minutes_per_unit: tuple[int, ...]
    room: tuple[int | None, ...]
    least: tuple[int, ...]
    minutes_per_fte_year: int
    one_off_per_fte: int


@dataclass(frozen=True, eq=False)
class Resource:
    """Amounts of one resource as whole multiples of ``unit``.

    Parameters
    ----------
    unit : Fraction
        Units of volume, minutes or money in one multiple.
    amount : array of whole numbers
        By demand (minutes) or by pair (volume, one-off cost).
    most, least : array of whole numbers
        By line, by site, or one limit; ``most`` is above every sum where there is no limit.
    extra : array of whole numbers
        Amounts that come with an opened site (set-up cost); empty elsewhere.
    """

    unit: Fraction
    amount: Wholes
    most: Wholes
    least: Wholes
    extra: Wholes


@dataclass(frozen=True, eq=False)
class Resources:
    """All resources of a problem.

    ``volume`` is by demand in the measure of ``line``, whose amounts are by pair; ``site`` by demand;
    ``agency``, ``exposure`` and ``share`` (of one site) count minutes as ``site`` does, with one limit each;
    ``budget`` by pair, with set-up costs as ``extra``. These are ``None`` where the rule is off.
    """

    line: Resource
    volume: Wholes
    site: Resource
    agency: Resource | None
    budget: Resource | None
    exposure: Resource | None = None
    share: Resource | None = None


class Figures(Protocol):
    """What resources are counted from; a ``Problem`` has it all."""

    @property
    def volume(self) -> Floats: ...
    @property
    def minutes(self) -> Floats: ...
    @property
    def demand_service(self) -> Ints: ...
    @property
    def pairs(self) -> Pairs: ...
    @property
    def lines(self) -> Lines: ...
    @property
    def sites(self) -> Sites: ...
    @property
    def scalars(self) -> Scalars: ...
    @property
    def effort_fte(self) -> Floats: ...
    @property
    def given(self) -> Given | None: ...


def added(group: Ints, amount: Wholes, size: int) -> Wholes:
    """Exact sums of the amounts by group, shape (size,)."""
    out = np.zeros(size, amount.dtype)
    np.add.at(out, group, amount)
    return out


def millionths(values: Floats | Sequence[float]) -> Ints:
    """Millionths as whole numbers, for values that have at most six decimals."""
    return np.rint(np.asarray(values, np.float64) * MICRO).astype(np.int64)


def _millionths_up(values: Floats) -> Ints:
    """Millionths of computed values: the nearest when that is what was meant, else the next."""
    scaled = np.asarray(values, np.float64) * MICRO
    near = np.rint(scaled)
    meant = np.abs(scaled - near) <= 1e-9 * np.abs(scaled) + 1e-7
    return np.where(meant, near, np.ceil(scaled)).astype(np.int64)


def _product(left: Ints, right: Ints) -> Wholes:
    """Exact products; Python integers where 64 bits may not hold them."""
    if np.max(np.abs(left.astype(np.float64) * right), initial=0.0) < _SURE:
        return left * right
    return left.astype(object) * right.astype(object)


def _limits(values: Sequence[float], *, up: bool = False) -> list[int | None]:
    """Millionths of limits given as floats, inwards; ``None`` for infinity."""
    out: list[int | None] = []
    for value in values:
        finite = math.isfinite(value)
        whole = _millionths_up(np.array([value if up else -value])) if finite else None
        out.append(None if whole is None else int(whole[0]) * (1 if up else -1))
    return out


def _measure(*parts: Wholes) -> int:
    """Greatest common measure of all amounts; 1 when all are 0."""
    found = 0
    for part in parts:
        if len(part):
            found = math.gcd(found, int(np.gcd.reduce(part)))
    return found or 1


def _in(values: Wholes, unit: int) -> Wholes:
    """Whole values counted in a unit that may be beyond 64 bits."""
    return (values if unit < _ROOM else values.astype(object)) // unit


def _resource(
    amount: Wholes, most: Sequence[int | None], least: Sequence[int], per: Fraction, total: int, extra: Wholes
) -> Resource:
    """Count everything in the greatest common measure of ``amount`` and ``extra``; ``per`` is one of them as given."""
    unit = _measure(amount, extra)
    beyond = 4 * (total // unit) + 1
    kind = np.int64 if beyond < _ROOM else object
    lows = [-(-low // unit) for low in least]
    return Resource(
        unit=per * unit,
        amount=_in(amount, unit).astype(kind),
        most=np.array([beyond if top is None else max(-1, min(top // unit, beyond)) for top in most], kind),
        least=np.array([min(low, beyond) for low in lows], kind),
        extra=_in(extra, unit).astype(kind),
    )


def _total(amount: Wholes) -> int:
    return int(amount.astype(object).sum()) if len(amount) else 0


def resources_of(problem: Figures) -> Resources:
    """Resources of a problem: from the case's own figures, or from the floats of one made without a case."""
    minutes, site = _sites(problem)
    return Resources(
        *_lines(problem),
        site=site,
        agency=_share(site, problem.scalars.agency_share_max),
        budget=_budget(problem, minutes),
        exposure=_exposure(problem, site),
        share=_share(site, problem.scalars.site_share_max),
    )


def _lines(problem: Figures) -> tuple[Resource, Wholes]:
    """Volumes of pairs against lines, and of demands in the same measure."""
    lines, volume = problem.lines, millionths(problem.volume)
    by_pair = volume[problem.pairs.demand] if problem.pairs.volume is None else _millionths_up(problem.pairs.volume)
    none = np.zeros(0, np.int64)
    limits = _limits(lines.capacity.tolist())
    least = [int(v or 0) for v in _limits(lines.min_volume.tolist(), up=True)]
    both = np.concatenate([by_pair, volume])
    found = _resource(both, limits, least, Fraction(1, MICRO), _total(by_pair) + _total(volume), none)
    n = len(by_pair)
    return Resource(found.unit, found.amount[:n], found.most, found.least, found.extra), found.amount[n:]


def _sites(problem: Figures) -> tuple[Wholes, Resource]:
    """Minutes of demands in 10⁻¹², and the same against site pools."""
    given, sites, square = problem.given, problem.sites, MICRO * MICRO
    if given is None:
        minutes = _product(_millionths_up(problem.minutes), np.array(MICRO))
        room = [None if top is None else top * MICRO for top in _limits(sites.capacity_minutes.tolist())]
        least = [MICRO * int(low or 0) for low in _limits(sites.min_minutes.tolist(), up=True)]
    else:
        each = np.array(given.minutes_per_unit, np.int64)[problem.demand_service]
        minutes, off = _product(millionths(problem.volume), each), np.isinf(sites.capacity_minutes).tolist()
        room = [None if gone else top for gone, top in zip(off, given.room, strict=True)]  # switched off in the arrays
        least = [low if some > 0 else 0 for some, low in zip(sites.min_minutes.tolist(), given.least, strict=True)]
    least = [low if new else 0 for low, new in zip(least, sites.is_candidate.tolist(), strict=True)]
    none = np.zeros(0, np.int64)
    return minutes, _resource(minutes, room, least, Fraction(1, square), _total(minutes), none)


def _share(site: Resource, share: float | None) -> Resource | None:
    """Minutes against the largest whole amount within a share of all; ``None`` without the rule."""
    return None if share is None else limited(site, round(share * MICRO) * _total(site.amount) // MICRO)


def limited(resource: Resource, most: int | Wholes) -> Resource:
    """The same amounts against other limits, one or several."""
    limits = np.atleast_1d(np.array(most, resource.amount.dtype))
    return replace(resource, most=limits, least=np.zeros(len(limits), resource.amount.dtype))


def _exposure(problem: Figures, site: Resource) -> Resource | None:
    """Minutes against the most that may be exposed; ``None`` without the rule."""
    fte = problem.scalars.exposure_max_fte
    if fte is None:
        return None
    if problem.given is not None:
        minutes = Fraction(round(fte * MICRO) * problem.given.minutes_per_fte_year, MICRO * MICRO)
    else:
        effort = float(problem.effort_fte.sum())
        minutes = Fraction(fte * float(problem.minutes.sum()) / effort) if effort > 0 else Fraction(0)
    return limited(site, min(minutes // site.unit, _total(site.amount)))


def _budget(problem: Figures, minutes: Wholes) -> Resource | None:
    """One-off costs against their budget; ``None`` without the rule.

    With figures of a case both sides are multiplied by minutes_per_fte_year, and by 10¹² for the
    decimals of the other factors, so that all are whole.
    """
    budget, pairs, given = problem.scalars.one_off_budget, problem.pairs, problem.given
    if budget is None:
        return None
    setup, per, scale = millionths(problem.sites.setup_one_off), Fraction(1, MICRO), 1
    if given is None:
        once = _millionths_up(pairs.one_off)
    else:
        scale = given.minutes_per_fte_year * MICRO * MICRO
        once = minutes.astype(object)[pairs.demand] * given.one_off_per_fte
        once[pairs.one_off <= 0] = 0
        per /= scale
    extra = setup.astype(object) * scale
    limit = _limits([budget])[0]
    most = None if limit is None else limit * scale
    return _resource(once.astype(object), [most], [0], per, _total(once) + _total(extra), extra)
