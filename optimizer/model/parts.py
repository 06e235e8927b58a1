"""What a problem is made of, each a bundle of arrays: pairs, lines, sites, the policy's figures; and a plan as indices.

Index conventions as in ``optimizer.model.problem``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints, Mask

__all__ = ["Choice", "Lines", "Pairs", "Quality", "Scalars", "Sites"]


@dataclass(frozen=True, eq=False)
class Choice:
    """A plan as indices.

    Parameters
    ----------
    provider : ndarray of shape (n_demands,), int64
        Provider index, ``n_providers`` for own capacity, −1 for unserved.
    backup : ndarray of shape (n_demands,), int64
        Backup provider index, −1 for none.
    """

    provider: Ints
    backup: Ints


@dataclass(frozen=True, eq=False)
class Pairs:
    """Eligible (demand, provider) pairs, sorted by demand then provider (own capacity last).

    All arrays have shape (n_pairs,); ``start`` has shape (n_demands + 1,) and gives each
    demand's slice. Costs are by cost term; ``transition`` is already annualised.
    """

    start: Ints
    demand: Ints
    provider: Ints
    own: Floats
    distance: Floats
    overlap: Floats
    language: Floats
    transition: Floats
    one_off: Floats
    is_move: Bools
    exempted: Mask
    """Bits of the refusals that ``keep_current`` or a lock set aside (order of ``REFUSALS``)."""
    volume: Floats | None = None
    """Units of its line that a pair takes, where that depends on the provider (generalised assignment);
    ``None``, as in every case of tables: the demand's volume. Backups are not meant with it."""

    @cached_property
    def linear(self) -> Floats:
        """Cost of a pair apart from its line, site and group terms."""
        out = self.own + self.distance + self.overlap + self.language + self.transition
        out.setflags(write=False)
        return out


@dataclass(frozen=True, eq=False)
class Lines:
    """Offers as lines, sorted by (provider, service); arrays of shape (n_lines,).

    ``tier_start`` (n_lines + 1,) slices ``tier_from`` and ``tier_cost``, in volumes of *this
    case* (base volume already taken off, first tier at 0) and with the fee included.
    ``fixed_cost`` includes the fee too. ``capacity`` is what is left above the base volume.
    ``first_unit_cost`` is u_ps: cost of a unit in the offer's first tier with the fee.
    ``index`` (n_providers, n_services) finds a line, −1 where there is none.
    """

    provider: Ints
    service: Ints
    capacity: Floats
    min_volume: Floats
    fixed_cost: Floats
    tier_start: Ints
    tier_from: Floats
    tier_cost: Floats
    first_unit_cost: Floats
    index: Ints


@dataclass(frozen=True, eq=False)
class Sites:
    """Providers as sites; arrays of shape (n_providers,).

    ``capacity_minutes`` is what is left after the base load; ``min_minutes`` binds candidates.
    ``setup`` is the annualised set-up cost (0 unless candidate), ``setup_one_off`` the sum itself.
    ``zone`` indexes ``ZONES``.
    """

    capacity_minutes: Floats
    min_minutes: Floats
    fixed_cost: Floats
    setup: Floats
    setup_one_off: Floats
    is_candidate: Bools
    is_required: Bools
    is_secretariat: Bools
    is_closed: Bools
    country: Ints
    zone: Ints


@dataclass(frozen=True, eq=False)
class Quality:
    """What entities get from providers, apart from distance and overlap.

    Parameters
    ----------
    own_minutes : ndarray of shape (n_entities,), int64
        Length of an entity's own working day.
    wants : ndarray of shape (n_entities, n_languages), bool
        Languages in which an entity must be served.
    speaks : ndarray of shape (n_providers + 1, n_languages), bool
        Languages of a provider; own capacity, the last row, speaks them all.
    priced_today : ndarray of shape (n_demands,), bool
        The demand has a source today, and that has a price: it can be compared with today.
    exposed : ndarray of shape (n_providers,), bool
        The provider's hardship class is D or E.
    languages : tuple of str
        Names behind the columns.
    """

    own_minutes: Ints
    wants: Bools
    speaks: Bools
    priced_today: Bools
    exposed: Bools
    languages: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Scalars:
    """Rules of the policy in solver terms; ``None`` or 0 = off."""

    interface_cost: float
    handover_cost: float
    max_providers_per_entity: int | None
    bundle_together: bool
    agency_share_max: float | None
    site_min: int | None
    site_max: int | None
    zones: bool
    backup: bool
    max_moves: int | None
    one_off_budget: float | None
    dispersion_loss: tuple[float, ...]
    annuity: float
    """Factor that turns a one-off cost into a yearly one."""
    allow_unserved: bool
    mean_overlap_min: float | None = None
    mean_distance_max: float | None = None
    worse_off_max: int | None = None
    exposure_max_fte: float | None = None
    site_share_max: float | None = None
    worse_overlap_hours: float = 24.0
    worse_distance_km: float = 40000.0
    worse_languages: int = 100

    @property
    def near(self) -> bool:
        """Whether a rule on means, worse-off entities, exposed places or shares is on."""
        limits = (self.mean_overlap_min, self.mean_distance_max, self.worse_off_max, self.exposure_max_fte)
        return self.site_share_max is not None or any(limit is not None for limit in limits)
