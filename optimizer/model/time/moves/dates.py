"""Rules that tie the dates of switches of several demands: order, waves, the big bang."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from optimizer.domain.horizon import add_months

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from optimizer.model.aliases import Bools, Floats
    from optimizer.model.time.moves.ends import StretchMoves
    from optimizer.model.time.moves.walk import Walk
    from optimizer.model.time.trace import Switch

__all__ = ["Dates"]


class _After(NamedTuple):
    """Periods in which a demand switches after a move: freely, and unforced."""

    free: list[int]
    unforced: list[int]


@dataclass(frozen=True, eq=False)
class Dates:
    """Dates of the switches of a path.

    Parameters
    ----------
    walk : Walk
    """

    walk: Walk

    @cached_property
    def on(self) -> bool:
        """Some rule ties dates."""
        policy = self.walk.joint.policy
        tied = policy.wave_by != "demand" or policy.transition_mode == "big_bang"
        return tied or bool(self.walk.joint.case.precedence)

    @cached_property
    def bangs(self) -> Counter[int]:
        """Unforced switches by period."""
        return Counter(s.t for s in self.walk.trace.switches if not s.forced)

    @cached_property
    def waves(self) -> dict[str, Counter[int]]:
        """Free switches by wave and period."""
        out: dict[str, Counter[int]] = {}
        for s in self.walk.trace.switches:
            if self._is_free(s):
                out.setdefault(self._wave(s.d), Counter())[s.t] += 1
        return out

    def _is_free(self, s: Switch) -> bool:
        return not s.forced and not self.walk.committed[s.t, s.d]

    def _wave(self, d: int) -> str:
        return self.walk.joint.keys[d][self.walk.joint.policy.wave_by == "service"]

    def holds(self, x: StretchMoves) -> tuple[Bools, Floats]:
        """Whether the rules hold after each move, and the change of the discounted risk; shape (n_moves,)."""
        keeps, risk = np.ones(len(x.source), np.bool_), np.zeros(len(x.source))
        if not self.on:
            return keeps, risk
        policy, discount = self.walk.joint.policy, self.walk.discount
        price = policy.big_bang_probability * policy.big_bang_failure_cost
        price *= policy.transition_mode == "big_bang"
        before = min((t for t, n in self.bangs.items() if n), default=None)
        for k, after in enumerate(self._after(x)):
            d = int(x.demand[k])
            others = self.bangs - Counter(s.t for s in self.walk.switches_of[d] if not s.forced)
            bangs = {*others, *after.unforced}
            keeps[k] = self._bangs(bangs) and self._one_wave(d, after.free) and self._in_order(d, after.free)
            risk[k] = price * (_worth(discount, min(bangs, default=None)) - _worth(discount, before))
        return keeps, risk

    def _after(self, x: StretchMoves) -> Iterator[_After]:
        ends = [(end.t.tolist(), end.was, end.now, end.forced_now, end.free) for end in (x.start, x.finish)]
        for k, d in enumerate(x.demand.tolist()):
            gone = {t[k] for t, was, *_ in ends if was[k]}
            kept = [s for s in self.walk.switches_of[d] if s.t not in gone]
            free, unforced = [s.t for s in kept if self._is_free(s)], [s.t for s in kept if not s.forced]
            for t, _, now, forced, is_free in ends:
                free += [t[k]] if is_free[k] else []
                unforced += [t[k]] if now[k] and not forced[k] else []
            yield _After(free, unforced)

    def _bangs(self, bangs: set[int]) -> bool:
        policy = self.walk.joint.policy
        if policy.transition_mode != "big_bang":
            return True
        named = policy.big_bang_period
        return len(bangs) <= 1 and (named is None or bangs <= {named - 1})

    def _one_wave(self, d: int, free: list[int]) -> bool:
        if self.walk.joint.policy.wave_by == "demand":
            return True
        mine = Counter(s.t for s in self.walk.switches_of[d] if self._is_free(s))
        return len({*(self.waves.get(self._wave(d), Counter()) - mine), *free}) <= 1

    @cached_property
    def _mates(self) -> dict[tuple[str, str], int]:
        return {key: d for d, key in enumerate(self.walk.joint.keys)}

    @cached_property
    def _scopes(self) -> list[set[tuple[str, str]]]:
        """Demands of each row of ``precedence``."""
        case = self.walk.joint.case
        return [set(case.demands_named(row.entity or "*", "")) for row in case.precedence]

    def _in_order(self, d: int, free: list[int]) -> bool:
        """Whether the demand's dates stand well to those of the others of its entity."""
        key = self.walk.joint.keys[d]
        for row, scope in zip(self.walk.joint.case.precedence, self._scopes, strict=True):
            if not free or key not in scope:
                continue
            if key[1] == row.then:
                latest = max(self._begins(key[0], row.first, row.then), default=None)
                if latest is not None and self._begin(min(free)) < add_months(latest, row.gap_months):
                    return False
            elif row.first in ("*", key[1]):
                early = min(self._begins(key[0], row.then, ""), default=None)
                if early is not None and early < add_months(self._begin(max(free)), row.gap_months):
                    return False
        return True

    def _begin(self, t: int) -> date:
        return self.walk.joint.stages[t].period.begin

    def _begins(self, entity: str, service: str, aside: str) -> list[date]:
        """First days on which demands of an entity switch freely: of one service, or of all but one."""
        services = [s for s in self.walk.joint.service_ids if s != aside] if service == "*" else [service]
        named = [self._mates[entity, s] for s in services if (entity, s) in self._mates]
        return [self._begin(s.t) for d in named for s in self.walk.switches_of[d] if self._is_free(s)]


def _worth(discount: Floats, t: int | None) -> float:
    return 0.0 if t is None else float(discount[t])
