"""What switches use of the limits that tie periods together, and what is left of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from optimizer.domain.horizon import add_months

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.solvers.over_time.period_arrays import Figures

__all__ = ["Ledger", "Move"]

SLACK: Final = 1e-9


class Move(NamedTuple):
    """A demand leaves one option for another at the beginning of a period; ``free``: waves and order bind it."""

    t: int
    old: int
    new: int
    free: bool


class _Order(NamedTuple):
    """A row of ``precedence``: by entity, ``then`` comes no earlier than ``after[t]`` when ``first`` comes in t."""

    first: int
    then: int
    entities: frozenset[int]
    after: Ints


class Ledger:
    """Arrivals, one-off money, numbers and dates of switches of a path.

    Parameters
    ----------
    figures : Figures
    committed : mapping of (period, demand) to source
    """

    def __init__(self, figures: Figures, committed: Mapping[tuple[int, int], int]) -> None:
        f = self.figures = figures
        horizon = f.joint.policy.horizon
        assert horizon is not None
        self.periods = len(f.present)
        self.width = min(12 // horizon.months, self.periods)
        self.committed = committed
        self.arrivals = np.zeros((self.periods, f.joint.n_providers + 1))
        self.spent = np.zeros(self.periods)
        self.count = np.zeros(self.periods, np.int64)
        self.moves: dict[int, tuple[Move, ...]] = {}
        self.begins: dict[int, tuple[int, int]] = {}
        self.dates: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        self.waves: dict[int, list[int]] = defaultdict(list)
        self.orders = self._orders()
        self.room = np.where(np.isfinite(f.absorb[-1:]), f.absorb[-1:], np.inf) + np.zeros_like(self.arrivals)
        for p in range(f.joint.n_providers):
            self._room(p)
        self._budgets()

    def _orders(self) -> list[_Order]:
        joint, out = self.figures.joint, []
        begins = [s.period.begin for s in joint.stages]
        service = {name: i for i, name in enumerate(joint.service_ids)}
        for row in joint.case.precedence:
            named = {e for e, _ in joint.case.demands_named(row.entity or "*", "")}
            entities = frozenset(i for i, name in enumerate(joint.entity_ids) if name in named)
            after = np.searchsorted(np.array(begins), np.array([add_months(b, row.gap_months) for b in begins]))
            firsts = [s for s in service if s != row.then] if row.first == "*" else [row.first]
            out += [_Order(service[s], service[row.then], entities, after) for s in firsts if s in service]
        return [o for o in out if o.first != o.then]

    def _budgets(self) -> None:
        """Groups of periods that share an amount of one-off money."""
        joint = self.figures.joint
        years = np.array([s.period.planning_year for s in joint.stages])
        self.budgets: list[tuple[Bools, float]] = [(years == row.year, float(row.amount)) for row in joint.case.budgets]
        if joint.policy.one_off_budget is not None:
            self.budgets.append((np.ones(self.periods, np.bool_), float(joint.policy.one_off_budget)))

    def group(self, d: int) -> int | None:
        """Wave that a demand belongs to; ``None``: it has its own date."""
        policy = self.figures.joint.policy
        if policy.transition_mode == "big_bang":
            return 0
        if policy.wave_by == "demand":
            return None
        return int(self.figures.entity[d] if policy.wave_by == "entity" else self.figures.service[d])

    def _room(self, p: int) -> None:
        """What a site may still take in, by date: the least of the windows that hold it."""
        most, width = self.figures.absorb[:, p], self.width
        if not np.isfinite(most).any():
            self.room[:, p] = np.inf
            return
        taken = np.concatenate([[0.0], np.cumsum(self.arrivals[:, p])])
        left = np.full(self.periods + width - 1, np.inf)
        last = np.arange(width - 1, self.periods)
        left[last] = most[last] * (1 + SLACK) - (taken[last + 1] - taken[last + 1 - width])
        self.room[:, p] = np.lib.stride_tricks.sliding_window_view(left, width).min(axis=1)[: self.periods]

    def add(self, d: int, begins: tuple[int, int] | None, moves: tuple[Move, ...]) -> None:
        """Enter what a demand does; ``begins``: period and option."""
        self._enter(d, begins, moves, 1.0)
        self.moves[d] = moves
        if begins is not None:
            self.begins[d] = begins

    def drop(self, d: int) -> None:
        """Take it back."""
        self._enter(d, self.begins.pop(d, None), self.moves.pop(d, ()), -1.0)

    def _enter(self, d: int, begins: tuple[int, int] | None, moves: tuple[Move, ...], sign: float) -> None:
        f = self.figures
        touched = set()
        arriving = [*(((m.t, m.new)) for m in moves), *([begins] if begins is not None else [])]
        for t, option in arriving:
            p = int(f.options.source[option])
            self.arrivals[t, p] += sign * f.effort[t, d]
            touched.add(p)
        for p in touched - {f.joint.n_providers}:
            self._room(p)
        e, s, group = int(f.entity[d]), int(f.service[d]), self.group(d)
        for m in moves:
            self.spent[m.t] += sign * f.options.money[m.t, m.old]
            self.count[m.t] += int(sign)
            lists = [self.dates[e][s]] if m.free else []
            lists += [self.waves[group]] if group is not None and self._in_wave(m) else []
            for dates in lists:
                if sign > 0:
                    dates.append(m.t)
                else:
                    dates.remove(m.t)

    def _in_wave(self, m: Move) -> bool:
        """Whether a switch belongs to its wave; a big bang is of all that are not forced, committed ones too."""
        bang = self.figures.joint.policy.transition_mode == "big_bang"
        return m.free or (bang and not bool(self.figures.options.forced[m.t, m.old]))

    def left(self, sites: Floats) -> Floats:
        """One-off money that a period may still spend; ``sites``: what sites cost once, by period."""
        out = np.full(self.periods, np.inf)
        for periods, amount in self.budgets:
            rest = amount * (1 - SLACK) - float((self.spent + sites)[periods].sum())
            out[periods] = np.minimum(out[periods], rest)
        return out

    def may_move(self) -> Bools:
        """Periods in which the numbers of moves let one more demand switch, one that has no moves here."""
        policy, out = self.figures.joint.policy, np.ones(self.periods, np.bool_)
        if policy.max_moves_per_period is not None:
            out &= self.count < policy.max_moves_per_period
        if policy.max_moves is not None and sum(bool(m) for m in self.moves.values()) >= policy.max_moves:
            out[:] = False
        return out

    def free_dates(self, d: int) -> Bools:
        """Periods in which order and waves let a demand switch freely."""
        f, out = self.figures, np.ones(self.periods, np.bool_)
        e, s, t = int(f.entity[d]), int(f.service[d]), np.arange(self.periods)
        dates = self.dates.get(e, {})
        for order in self.orders if dates else ():
            if e not in order.entities:
                continue
            if order.then == s and (known := dates.get(order.first)):
                out &= t >= order.after[max(known)]
            if order.first == s and (known := dates.get(order.then)):
                out &= order.after <= min(known)
        group = self.group(d)
        if group is not None and self.waves.get(group):
            out &= t == self.waves[group][0]
        named = f.joint.policy.big_bang_period
        if f.joint.policy.transition_mode == "big_bang" and named is not None:
            out &= t == named - 1
        return out

    def excess(self, sites: Floats) -> float:
        """How far limits are passed, each as a share of itself; 0 where all hold."""
        out = 0.0
        for p in range(self.figures.joint.n_providers):
            low = float(self.room[:, p].min())
            out += max(0.0, -low) if low < 0 else 0.0
        for periods, amount in self.budgets:
            out += max(0.0, float((self.spent + sites)[periods].sum()) - amount) / max(amount, 1.0)
        policy = self.figures.joint.policy
        if policy.max_moves_per_period is not None:
            out += float(np.maximum(self.count - policy.max_moves_per_period, 0).sum())
        if policy.max_moves is not None:
            out += max(0, sum(bool(m) for m in self.moves.values()) - policy.max_moves)
        return out
