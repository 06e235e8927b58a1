"""What a plan adds up to: volumes, minutes, relations, sources. Shared by costs and rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.parts import Choice, Lines
    from optimizer.model.problem import Problem

__all__ = ["Tally", "dispersion_loss", "line_cost", "take"]


@dataclass(frozen=True, eq=False)
class Tally:
    """Sums of a plan; shapes as in ``optimizer.model.evaluate.CostBreakdown``.

    ``pair`` (n_demands,) is the pair index, −1 for unserved and ineligible; ``line``
    (n_demands,) the line used, −1 for none.
    """

    provider: Ints
    backup: Ints
    pair: Ints
    line: Ints
    line_volume: Floats
    site_minutes: Floats
    site_open: Bools
    relations: Bools
    handovers: Ints
    service_providers: Ints
    moves: Bools


def take(problem: Problem, choice: Choice) -> Tally:
    """Add a plan up.

    Parameters
    ----------
    problem : Problem
    choice : Choice

    Returns
    -------
    Tally
    """
    provider, n = choice.provider, problem.n_providers
    at = np.flatnonzero((provider >= 0) & (provider < n))
    who, entity, service = provider[at], problem.demand_entity[at], problem.demand_service[at]
    line = np.full(problem.n_demands, -1, np.int64)
    line[at] = problem.lines.index[who, service]
    used = line >= 0
    pair = problem.pair_index(np.arange(problem.n_demands), provider)
    relations = np.zeros((len(problem.entity_ids), n), np.bool_)
    relations[entity, who] = True
    running = np.zeros((len(problem.service_ids), n), np.bool_)
    running[service, who] = True
    worked = np.bincount(who, minlength=n) > 0
    return Tally(
        provider=provider,
        backup=choice.backup,
        pair=pair,
        line=line,
        line_volume=_sums(line[used], _volumes(problem, pair)[used], len(problem.lines.provider)),
        site_minutes=_sums(who, problem.minutes[at], n),
        site_open=worked | problem.sites.is_required,
        relations=relations,
        handovers=_handovers(problem, provider),
        service_providers=running.sum(axis=1),
        moves=(problem.current >= 0) & (provider >= 0) & (provider != problem.current),
    )


def _volumes(problem: Problem, pair: Ints) -> Floats:
    """Units of its line that each demand takes where it is; ineligible ones their own volume."""
    given = problem.pairs.volume
    if given is None or not len(given):
        return problem.volume
    return np.where(pair >= 0, given[pair], problem.volume)


def _handovers(problem: Problem, provider: Ints) -> Ints:
    """Distinct sources − 1 of each bundle group, shape (n_bundles,)."""
    n_bundles = int(problem.bundle.max(initial=-1)) + 1
    inside = (problem.bundle >= 0) & (provider >= 0)
    sources = np.zeros((n_bundles, problem.n_providers + 1), np.bool_)
    sources[problem.bundle[inside], provider[inside]] = True
    return np.asarray(np.maximum(sources.sum(axis=1) - 1, 0), np.int64)


def _sums(group: Ints, amount: Floats, n_groups: int) -> Floats:
    """Sum of the amounts of each group."""
    return np.bincount(group, amount, n_groups).astype(np.float64)


def line_cost(lines: Lines, volume: Floats) -> Floats:
    """Fixed cost where there is volume, plus each tier's units at its cost, fees included.

    Parameters
    ----------
    lines : Lines
    volume : ndarray of shape (n_lines,)
        This case's volume, on top of the base volume.

    Returns
    -------
    ndarray of shape (n_lines,)
        Money a year.
    """
    n = len(volume)
    owner = np.repeat(np.arange(n), np.diff(lines.tier_start))
    upper = np.append(lines.tier_from[1:], np.inf)
    upper[lines.tier_start[1:] - 1] = np.inf
    units = np.minimum(volume[owner], upper) - lines.tier_from
    variable = np.bincount(owner, np.maximum(units, 0.0) * lines.tier_cost, n)
    return np.asarray(variable + np.where(volume > 0, lines.fixed_cost, 0.0), np.float64)


def dispersion_loss(loss: tuple[float, ...], providers: Ints) -> Floats:
    """Share lost when so many providers run a service: ``loss[n − 1]``, the last value beyond, 0 for none."""
    table = np.array([0.0, *(loss or (0.0,))])
    return np.asarray(table[np.minimum(providers, len(table) - 1)], np.float64)
