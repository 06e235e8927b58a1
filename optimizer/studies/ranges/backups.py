"""The rule ``backup`` in one sample: what falls to each survivor fits its line and site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.studies.ranges.sums import added

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from optimizer.model.aliases import Ints
    from optimizer.studies.ranges.amounts import Amounts, Index
    from optimizer.studies.ranges.arrangement import Arrangement
    from optimizer.verify.time.steady import PeriodTally

__all__ = ["Fallen", "fallen_of", "overloaded"]


@dataclass(frozen=True, eq=False)
class Fallen:
    """Demands with a backup, by the line and the site that would take them.

    Parameters
    ----------
    t, d : ndarray of shape (n,)
        Period (from 0) and demand.
    line, site : ndarray of shape (n,)
        Which line and site of a lost provider falls on which survivor: numbers of their own.
    line_at, site_at : ndarray of shape (n_lines,), (n_sites,)
        Group of the survivor's own load; −1 where it has none.
    line_key, site_key : ndarray of shape (n_lines, 2), (n_sites, 2)
        Period and offer (−1: none), period and provider.
    """

    t: Ints
    d: Ints
    line: Ints
    site: Ints
    line_at: Ints
    site_at: Ints
    line_key: Ints
    site_key: Ints


def fallen_of(index: Index, plan: Arrangement, tallies: Sequence[PeriodTally]) -> Fallen:
    """What falls to whom in every period in which the rule binds."""
    lines: dict[tuple[Any, ...], int] = {}
    sites: dict[tuple[Any, ...], int] = {}
    rows = []
    for t, tally in enumerate(tallies):
        if not tally.facts.policy.backup:
            continue
        for key, other in tally.backup.items():
            lost = tally.provider[key]
            line = lines.setdefault((t, lost, other, key[1]), len(lines))
            rows.append((t, index.demand[key], line, sites.setdefault((t, lost, other), len(sites))))
    t_, d, line_, site_ = np.array(rows, np.int64).reshape(-1, 4).T
    at_line = {key: g for g, key in enumerate(plan.lines.keys)}
    at_site = {key: g for g, key in enumerate(plan.sites.keys)}
    line_key = [(t, index.offer.get((q, s), -1)) for t, _, q, s in lines]
    site_key = [(t, index.provider.get(q, -1)) for t, _, q in sites]
    return Fallen(
        t_,
        d,
        line_,
        site_,
        np.array([at_line.get(key, -1) for key in line_key], np.int64),
        np.array([at_site.get(key, -1) for key in site_key], np.int64),
        np.array(line_key, np.int64).reshape(-1, 2),
        np.array(site_key, np.int64).reshape(-1, 2),
    )


def overloaded(fallen: Fallen, plan: Arrangement, a: Amounts) -> bool:
    """Whether some survivor cannot carry what falls to it."""
    if not len(fallen.t):
        return False
    more = np.zeros(len(fallen.line_key), np.int64)
    np.add.at(more, fallen.line, a.micro[fallen.t, fallen.d])
    volume = np.append(plan.lines.exact(a.micro[plan.t, plan.d]), 0)[fallen.line_at] + more
    t, o = fallen.line_key.T
    capacity, base = (a.whole(a.figures("offers", name))[t, np.maximum(o, 0)] for name in ("capacity", "base_volume"))
    with np.errstate(invalid="ignore"):
        full = (o >= 0) & (volume > np.rint(capacity * 1e6) - np.rint(base * 1e6))
    minutes = np.append(plan.sites.sums(plan.of_cells(a.minutes)), 0.0)[fallen.site_at]
    minutes = minutes + added(fallen.site, a.minutes[fallen.t, fallen.d], len(fallen.site_key))
    t, p = fallen.site_key.T
    capacity, base = (a.whole(a.figures("providers", n))[t, np.maximum(p, 0)] for n in ("capacity_fte", "base_fte"))
    room = (capacity - base) * a.fte_minutes
    with np.errstate(invalid="ignore"):
        crowded = (p >= 0) & (minutes - room > 1e-12 * np.maximum(minutes, np.abs(room)))
    return bool(full.any() or crowded.any())
