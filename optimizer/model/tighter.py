"""Whether one problem is as tight as another in everything, so that bounds pass to it and plans come back.

Told from the arrays, never from the name of a change: forbidding a provider may let an agency in, and lifting a
filter may refuse one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats
    from optimizer.model.parts import Scalars
    from optimizer.model.problem import Problem
    from optimizer.model.resources import Given

__all__ = ["as_tight"]


def as_tight(one: Problem, other: Problem) -> bool:
    """Whether every plan of ``one`` is a plan of ``other`` that costs no more there.

    True only where it is seen from the arrays: same demands, lines and sites, pairs a subset, no cost lower, no
    limit looser. Then any bound of ``other`` is one of ``one``, and a plan of ``one`` is one of ``other``.
    """
    if one is other:
        return True
    return (
        _same_things(one, other)
        and _pairs(one, other)
        and _lines(one, other)
        and _sites(one, other)
        and _scalars(one.scalars, other.scalars)
        and _dispersion(one, other)
        and _quality(one, other)
    )


def _same_things(one: Problem, other: Problem) -> bool:
    """Same demands and figures; whoever is a backup in ``one`` may be one in ``other``."""
    names = ("entity_ids", "service_ids", "provider_ids")
    arrays = ("demand_entity", "demand_service", "volume", "minutes", "effort_fte", "bundle", "current")
    if any(getattr(one, n) != getattr(other, n) for n in names):
        return False
    backups = (one.refusals[:, :-1] == 0) & (other.refusals[:, :-1] != 0)
    return (
        all(np.array_equal(getattr(one, n), getattr(other, n)) for n in arrays)
        and not (other.critical & ~one.critical).any()
        and not backups[one.critical].any()
        and not ((other.locked >= 0) & (one.locked != other.locked)).any()
        and _given(one.given, other.given)
        and set(other.side) <= set(one.side)
    )


def _given(one: Given | None, other: Given | None) -> bool:
    """Exact figures: no pool larger, no least amount lower, nothing else changed."""
    if one is None or other is None:
        return one is other
    rooms = zip(one.room, other.room, strict=True)
    return (
        one.minutes_per_unit == other.minutes_per_unit
        and one.minutes_per_fte_year == other.minutes_per_fte_year
        and one.one_off_per_fte == other.one_off_per_fte
        and all(theirs is None or (mine is not None and mine <= theirs) for mine, theirs in rooms)
        and all(mine >= theirs for mine, theirs in zip(one.least, other.least, strict=True))
    )


def _pairs(one: Problem, other: Problem) -> bool:
    at = other.pair_index(one.pairs.demand, one.pairs.provider)
    if (at < 0).any():
        return False
    mine, theirs = one.pairs, other.pairs
    return (
        mine.volume is None
        and theirs.volume is None
        and _least(mine.linear, theirs.linear[at])
        and _least(mine.one_off, theirs.one_off[at])
        and not (theirs.is_move[at] & ~mine.is_move).any()
    )


def _least(values: Floats, others: Floats) -> bool:
    """No value below the other's."""
    return bool((values >= others).all())


def _lines(one: Problem, other: Problem) -> bool:
    mine, theirs = one.lines, other.lines
    same = (
        np.array_equal(mine.provider, theirs.provider)
        and np.array_equal(mine.service, theirs.service)
        and np.array_equal(mine.tier_start, theirs.tier_start)
        and np.array_equal(mine.tier_from, theirs.tier_from)
    )
    return (
        same
        and _least(theirs.capacity, mine.capacity)
        and _least(mine.min_volume, theirs.min_volume)
        and _least(mine.fixed_cost, theirs.fixed_cost)
        and _least(mine.tier_cost, theirs.tier_cost)
    )


def _sites(one: Problem, other: Problem) -> bool:
    mine, theirs = one.sites, other.sites
    kinds = ("is_secretariat", "is_candidate", "is_required", "country", "zone")
    return (
        all(np.array_equal(getattr(mine, n), getattr(theirs, n)) for n in kinds)
        and _least(theirs.capacity_minutes, mine.capacity_minutes)
        and _least(mine.min_minutes, theirs.min_minutes)
        and _least(mine.fixed_cost, theirs.fixed_cost)
        and _least(mine.setup, theirs.setup)
        and _least(mine.setup_one_off, theirs.setup_one_off)
    )


_AT_MOST: Final = (
    "max_providers_per_entity",
    "agency_share_max",
    "site_max",
    "max_moves",
    "one_off_budget",
    "mean_distance_max",
    "worse_off_max",
    "exposure_max_fte",
    "site_share_max",
)
_AT_LEAST: Final = ("interface_cost", "handover_cost", "bundle_together", "zones", "backup")


def _scalars(one: Scalars, other: Scalars) -> bool:
    limits = ((getattr(one, n), getattr(other, n)) for n in _AT_MOST)
    return (
        all(theirs is None or (mine is not None and mine <= theirs) for mine, theirs in limits)
        and all(getattr(one, n) >= getattr(other, n) for n in _AT_LEAST)
        and (one.site_min or 0) >= (other.site_min or 0)
        and (one.mean_overlap_min or 0.0) >= (other.mean_overlap_min or 0.0)
    )


def _dispersion(one: Problem, other: Problem) -> bool:
    """Where the other has a loss of scale: the same shares here, of no less money; else it costs nothing there."""
    mine, theirs = one.scalars.dispersion_loss, other.scalars.dispersion_loss
    return not any(theirs) or (mine == theirs and _least(one.reference, other.reference))


def _quality(one: Problem, other: Problem) -> bool:
    """Where the other has a rule on quality, what it measures must be the same in both."""
    if other.quality is None or not other.scalars.near:
        return True
    if one.quality is None:
        return False
    mine, theirs = vars(one.quality), vars(other.quality)
    names = ("distance_km", "overlap_hours", "overlap_hours_worst")
    return all(np.array_equal(getattr(one, n), getattr(other, n)) for n in names) and all(
        np.array_equal(mine[n], theirs[n]) for n in theirs
    )
