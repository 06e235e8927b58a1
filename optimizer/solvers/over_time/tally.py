"""What a path adds up to in every period, and what one more demand would cost at each of its sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.solvers.over_time.period_arrays import Figures

__all__ = ["Book"]

SLACK: Final = 1e-9
"""Loads above a limit by less, of the limit, are rounding of sums."""


class Book:
    """Sums of a path; demands are put in and taken out one by one.

    Parameters
    ----------
    figures : Figures
    reserve : float
        Share of the room at lines and sites that stays free in periods with backups.

    Attributes
    ----------
    source : ndarray of shape (n_periods, n_demands)
        Source in each period, −1 where absent or not put in.
    """

    def __init__(self, figures: Figures, reserve: float = 0.0) -> None:
        f = self.figures = figures
        periods, services, sources = f.tiers.fixed.shape
        self.source: Ints = np.full(f.present.shape, -1, np.int64)
        self.line_volume = np.zeros((periods, services, sources))
        self.line_count = np.zeros((periods, services, sources), np.int64)
        self.minutes = np.zeros((periods, sources))
        self.served = np.zeros((periods, sources), np.int64)
        self.relations = np.zeros((periods, len(f.joint.entity_ids), sources), np.int64)
        self.sources_of = np.zeros((periods, int(f.bundle.max(initial=-1)) + 1, sources), np.int64)
        self.running = np.zeros((periods, services), np.int64)
        self.open_sites = np.zeros(periods, np.int64)
        self.agency = np.zeros(periods)
        self.periods = np.arange(periods)
        self._limits(reserve)

    def _limits(self, reserve: float) -> None:
        f = self.figures
        stages = f.joint.stages
        backed = np.array([s.problem.scalars.backup for s in stages])
        keep = np.where(backed, 1.0 - reserve, 1.0)
        self.capacity = f.tiers.capacity * keep[:, None, None] * (1 + SLACK)
        self.room = f.room * keep[:, None] * (1 + SLACK)
        secretariat = stages[0].problem.sites.is_secretariat
        self.is_secretariat = np.append(secretariat, False)
        self.is_agency = np.append(~secretariat, False)
        count = f.joint.policy.site_count
        most = np.inf if count is None or count.max is None else float(count.max)
        least = 0.0 if count is None or count.min is None else float(count.min)
        target = np.array([s.period.is_target for s in stages])
        self.most_open, self.least_open = np.where(target, most, np.inf), np.where(target, least, 0.0)
        self.least_site = np.array([np.append(s.min_fte, 0.0) for s in stages]) * f.joint.policy.minutes_per_fte_year
        shares = [s.problem.scalars.agency_share_max for s in stages]
        whole = f.minutes.sum(axis=1)
        self.agency_most = np.array([np.inf if x is None else x for x in shares]) * np.where(whole > 0, whole, 1.0)
        self._penalties()

    def _penalties(self) -> None:
        """Money that a broken limit costs: more than it can save to break it."""
        f = self.figures
        alone = f.options.linear[np.isfinite(f.options.linear)]
        prices = f.tiers.cost[..., 0].max(axis=2)
        paid = float(
            np.take_along_axis(prices, np.broadcast_to(f.service, f.volume.shape), 1).ravel() @ f.volume.ravel()
        )
        whole = paid + float(np.abs(alone).mean() if len(alone) else 0.0) * float(f.present.sum()) + 1.0
        work = float(f.minutes.sum()) or 1.0
        self.by_minute = 20.0 * whole / work
        self.by_unit = 20.0 * prices + 1e-3 * whole / max(float(f.volume.sum()), 1e-9)
        self.by_break = 10.0 * whole / max(int(f.present.sum()), 1)

    def put(self, d: int, path: Ints) -> None:
        """Serve a demand; ``path`` has its source in each period, anything where it is absent."""
        self._change(d, np.where(self.figures.present[:, d], path, -1), 1)

    def take(self, d: int) -> Ints:
        """Take a demand out; returns its path."""
        path = self.source[:, d].copy()
        self._change(d, path, -1)
        return path

    def _change(self, d: int, path: Ints, sign: int) -> None:
        f = self.figures
        t = np.flatnonzero(path >= 0)
        p, e, s, b = path[t], f.entity[d], f.service[d], f.bundle[d]
        own = f.joint.n_providers
        remote = p < own
        self.source[t, d] = p if sign > 0 else -1
        line = self.line_count[t, s, p]
        site = self.served[t, p]
        edge = 0 if sign > 0 else 1
        self.running[t, s] += sign * (remote & (line == edge))
        self.open_sites[t] += sign * ((site == edge) & self.is_secretariat[p])
        self.line_volume[t, s, p] += sign * f.volume[t, d]
        self.line_count[t, s, p] += sign
        self.minutes[t, p] += sign * f.minutes[t, d]
        self.served[t, p] += sign
        self.relations[t, e, p] += sign
        self.agency[t] += sign * np.where(self.is_agency[p], f.minutes[t, d], 0.0)
        if b >= 0:
            self.sources_of[t, b, p] += sign

    def marginal(self, d: int) -> Floats:
        """Money of a demand that is not put in, at each of its k options, shape (n_periods, k); infinite: it cannot."""
        f = self.figures
        part = slice(int(f.options.first[d]), int(f.options.first[d + 1]))
        p, e, s = f.options.source[part], int(f.entity[d]), int(f.service[d])
        remote = p < f.joint.n_providers
        out = f.options.linear[:, part] + self._line(d, s, p)
        free: Bools = np.asarray(self.served[:, p] == 0)
        fresh: Bools = np.asarray((self.relations[:, e, :][:, p] == 0) & remote)
        out += np.where(fresh, f.interface[:, None], 0.0) + np.where(free & remote, f.site[:, p], 0.0)
        if f.bundle[d] >= 0:
            out += self._handover(int(f.bundle[d]), p)
        if f.loss.any():
            n = self.running[:, s]
            more = f.loss[self.periods, s, n + 1] - f.loss[self.periods, s, n]
            out += np.where((self.line_count[:, s, :][:, p] == 0) & remote, more[:, None], 0.0)
        out += self._breaks(d, e, p, fresh, free)
        return np.where(f.present[:, d][:, None], out, 0.0)

    def _line(self, d: int, s: int, p: Ints) -> Floats:
        """Price of the units, the line's fixed cost, and what is beyond its limits."""
        f = self.figures
        tiers, more = f.tiers, f.volume[:, d][:, None]
        before = self.line_volume[:, s, :][:, p]
        first = self.line_count[:, s, :][:, p] == 0
        before = np.where(first, 0.0, before)
        start, width, cost = tiers.start[:, s, :][:, p], tiers.width[:, s, :][:, p], tiers.cost[:, s, :][:, p]
        low = np.minimum(np.maximum(before[..., None] - start, 0.0), width)
        high = np.minimum(np.maximum((before + more)[..., None] - start, 0.0), width)
        out: Floats = ((high - low) * cost).sum(axis=2) + np.where(first, tiers.fixed[:, s, :][:, p], 0.0)
        most, least = self.capacity[:, s, :][:, p], tiers.least[:, s, :][:, p]
        unit = self.by_unit[:, s][:, None]
        out += unit * (np.maximum(before + more - most, 0.0) - np.maximum(before - most, 0.0))
        if least.any():
            after = np.maximum(least - before - more, 0.0)
            out += unit * (after - np.where(first, 0.0, np.maximum(least - before, 0.0)))
        return out

    def _handover(self, b: int, p: Ints) -> Floats:
        f = self.figures
        held = self.sources_of[:, b, :]
        some = np.asarray((held > 0).any(axis=1), np.bool_)
        other = some[:, None] & (held[:, p] == 0)
        price = f.handover + np.where(f.together, self.by_break, 0.0)
        return np.where(other, price[:, None], 0.0)

    def _breaks(self, d: int, e: int, p: Ints, fresh: Bools, free: Bools) -> Floats:
        """What breaking limits of sites and entities costs."""
        f = self.figures
        more = f.minutes[:, d][:, None]
        before, most = self.minutes[:, p], self.room[:, p]
        out: Floats = self.by_minute * (np.maximum(before + more - most, 0.0) - np.maximum(before - most, 0.0))
        if np.isfinite(f.most_providers).any():
            n = (self.relations[:, e, :-1] > 0).sum(axis=1)
            out += np.where(fresh & (n >= f.most_providers)[:, None], self.by_break, 0.0)
        if np.isfinite(self.agency_most).any():
            over = np.maximum(self.agency[:, None] + more - self.agency_most[:, None], 0.0)
            over = over - np.maximum(self.agency - self.agency_most, 0.0)[:, None]
            out += np.where(self.is_agency[p], self.by_minute * over, 0.0)
        if np.isfinite(self.most_open).any() or self.least_open.any():
            opens = free & self.is_secretariat[p]
            full = self.by_break * ((self.open_sites >= self.most_open) * 1.0 - (self.open_sites < self.least_open))
            out += np.where(opens, full[:, None], 0.0)
        least = self.least_site[:, p]
        if least.any():
            short = np.maximum(least - before - more, 0.0) - np.where(free, 0.0, np.maximum(least - before, 0.0))
            out += self.by_minute * short
        return out

    def broken(self, t: int) -> bool:
        """Whether a limit that the book knows is broken in a period."""
        f = self.figures
        here = self.line_count[t] > 0
        volume = np.where(here, self.line_volume[t], 0.0)
        wrong = (volume > self.capacity[t]).any() or (here & (volume < f.tiers.least[t])).any()
        wrong = wrong or (self.minutes[t] > self.room[t]).any() or self.agency[t] > self.agency_most[t] * (1 + SLACK)
        related = (self.relations[t][:, :-1] > 0).sum(axis=1)
        wrong = wrong or (related > f.most_providers[t]).any()
        wrong = wrong or not self.least_open[t] <= self.open_sites[t] <= self.most_open[t]
        short = (self.served[t] > 0) & (self.minutes[t] < self.least_site[t] * (1 - SLACK))
        split = f.together[t] and ((self.sources_of[t] > 0).sum(axis=1) > 1).any()
        return bool(wrong or short.any() or split)

    def culprits(self, t: int) -> Ints:
        """Demands that have part in a limit that is broken in a period."""
        f = self.figures
        source = self.source[t]
        here = np.flatnonzero(source >= 0)
        p, s, e = source[here], f.service[here], f.entity[here]
        count, volume = self.line_count[t], self.line_volume[t]
        lines = (volume > self.capacity[t]) | ((count > 0) & (volume < f.tiers.least[t]))
        sites = self.minutes[t] > self.room[t]
        sites |= (self.served[t] > 0) & (self.minutes[t] < self.least_site[t] * (1 - SLACK))
        many = (self.relations[t][:, :-1] > 0).sum(axis=1) > f.most_providers[t]
        wrong = lines[s, p] | sites[p] | many[e]
        if self.agency[t] > self.agency_most[t] * (1 + SLACK):
            wrong = wrong | self.is_agency[p]
        if f.together[t]:
            split = np.append((self.sources_of[t] > 0).sum(axis=1) > 1, False)
            wrong = wrong | split[f.bundle[here]]
        return np.asarray(here[wrong], np.int64)

    def total(self) -> Floats:
        """Discounted running cost of each period with what broken limits cost; what pairs cost alone is not in it."""
        f = self.figures
        tiers, here = f.tiers, self.line_count > 0
        volume = np.where(here, self.line_volume, 0.0)
        units = np.minimum(np.maximum(volume[..., None] - tiers.start, 0.0), tiers.width)
        out: Floats = (units * tiers.cost).sum(axis=(1, 2, 3)) + np.where(here, tiers.fixed, 0.0).sum(axis=(1, 2))
        out += (np.maximum(volume - self.capacity, 0.0) * self.by_unit[:, :, None]).sum(axis=(1, 2))
        out += (np.where(here, np.maximum(tiers.least - volume, 0.0), 0.0) * self.by_unit[:, :, None]).sum(axis=(1, 2))
        related = (self.relations[..., :-1] > 0).sum(axis=2)
        out += related.sum(axis=1) * f.interface
        out += np.maximum(related - f.most_providers[:, None], 0.0).sum(axis=1) * self.by_break
        split = np.maximum((self.sources_of > 0).sum(axis=2) - 1, 0).sum(axis=1)
        out += split * (f.handover + np.where(f.together, self.by_break, 0.0))
        out += f.loss[self.periods[:, None], np.arange(f.loss.shape[1])[None], self.running].sum(axis=1)
        out += np.where(self.served > 0, f.site, 0.0).sum(axis=1)
        out += self.by_minute * np.maximum(self.minutes - self.room, 0.0).sum(axis=1)
        out += self.by_minute * np.maximum(self.agency - self.agency_most, 0.0)
        out += self.by_break * np.maximum(self.open_sites - self.most_open, 0.0)
        out += self.by_break * np.maximum(self.least_open - self.open_sites, 0.0)
        short = np.where(self.served > 0, np.maximum(self.least_site - self.minutes, 0.0), 0.0)
        out += self.by_minute * short.sum(axis=1)
        return out
