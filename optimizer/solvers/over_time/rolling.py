"""A path period by period: a steady problem says who should move now, within what the limits have left.

Each problem holds what has moved and prices a move with its one-off cost, spread over the time that is left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.types import MICRO
from optimizer.model.conditions import barring, keep_pairs
from optimizer.model.parts import Choice
from optimizer.solvers.over_time.backups import name_backups
from optimizer.solvers.over_time.paths import Course, course_of
from optimizer.solvers.over_time.reach import MOST_COUNTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.problem import Problem
    from optimizer.solvers.over_time.reach import Reach
    from optimizer.solvers.over_time.relaxed import Relaxed
    from optimizer.solvers.over_time.search import Search

__all__ = ["Ask", "Rolling"]

Ask = Callable[["Problem", Choice], "Choice | None"]
"""The steady engine: a plan of a problem, from one that is held."""

LEAST_FTE: Final = 1e-9


class Rolling:
    """Moves of one period after the other.

    Parameters
    ----------
    search : Search
        With every demand put in.
    reach : Reach
    relaxed : Relaxed
    target : ndarray of shape (n_demands,)
        Source that each demand should have in the end, −1 where none is known: who is awaited before others in order.
    """

    def __init__(self, search: Search, reach: Reach, relaxed: Relaxed, target: Ints) -> None:
        self.search, self.reach, self.relaxed, self.target = search, reach, relaxed, target
        self.backups = np.full(search.figures.present.shape, -1, np.int64)

    def step(self, t: int, ask: Ask) -> int:
        """Ask for the moves of a period and make those that the limits take; how many were made."""
        if not self._worth_asking(t):
            return 0
        stage = self.search.joint.stages[t]
        last = self.search.book.source[t, stage.demand]
        problem, found = next(
            ((p, f) for p in self._problems(t) if (f := self._asked(t, p, ask)) is not None), (None, None)
        )
        if problem is None or found is None:
            return 0
        self.backups[t:, stage.demand] = np.where(found.backup >= 0, found.backup, self.backups[t:, stage.demand])
        moved = np.flatnonzero((found.provider != last) & (found.provider >= 0))
        order = moved[np.argsort(-self._saving(problem, last, found.provider)[moved], kind="stable")]
        return sum(self._move(t, int(stage.demand[i]), int(found.provider[i])) for i in order.tolist())

    def _asked(self, t: int, problem: Problem, ask: Ask) -> Choice | None:
        """The engine's answer, from the state before."""
        demand = self.search.joint.stages[t].demand
        last = self.search.book.source[t, demand]
        named, _ = name_backups(problem, last, self.backups[max(t - 1, 0), demand])
        return ask(problem, Choice(last.copy(), named))

    def _worth_asking(self, t: int) -> bool:
        """Whether some demand can move at all, or some limit of the period is broken."""
        search, options = self.search, self.search.figures.options
        if search.book.broken(t):
            return True
        left = search.ledger.left(search.sites.money(search.book.served[:, :-1] > 0).once)[t]
        able = self._allowed(t)
        stage = search.joint.stages[t]
        pairs = stage.problem.pairs
        last = search.book.source[t][stage.demand]
        other = able & (pairs.provider != last[pairs.demand])
        if not other.any():
            return False
        who = np.unique(stage.demand[pairs.demand[other]])
        paid = [float(options.money[t, o]) for o in search.last_option(t)[who].tolist() if o >= 0]
        cheapest = min(paid, default=0.0)  # who begins pays nothing
        return bool(cheapest <= left)

    def _problems(self, t: int) -> Iterator[Problem]:
        """The problem of a period: under the rules of the target from now on where that has a plan, else as it is."""
        if not self.search.joint.stages[t].period.is_target and self.search.joint.stages[-1].period.is_target:
            yield self.problem(t, early=True)
        yield self.problem(t)

    def problem(self, t: int, *, early: bool = False) -> Problem:
        """The steady problem of the moves of a period; ``early``: the rules of the last period bind already."""
        search, relaxed = self.search, self.relaxed
        stage = search.joint.stages[t]
        last = search.book.source[t, stage.demand]
        problem = relaxed.problem(t, np.zeros(search.joint.n_demands), kept=True)
        if early:
            problem = _under(problem, search.joint.stages[-1].problem)
        pairs = problem.pairs
        moves = pairs.provider != last[pairs.demand]
        option = search.last_option(t)[stage.demand]
        has = option >= 0
        options = search.figures.options
        worth, money = np.zeros(len(last)), np.zeros(len(last))
        worth[has], money[has] = options.leave[t, option[has]], options.money[t, option[has]]
        price = worth / self._rest(t)
        pairs = replace(
            pairs,
            transition=pairs.transition + np.where(moves, price[pairs.demand], 0.0),
            one_off=np.where(moves, money[pairs.demand], 0.0),
            is_move=moves,
        )
        problem = replace(problem, pairs=pairs, current=last.copy())
        problem = self._limited(t, problem)
        bad = ~self._allowed(t)
        if not problem.scalars.backup:
            return keep_pairs(problem, ~bad)
        bad |= self._beyond(t, problem, last, bad)
        return barring(problem, bad, 10.0 * float(np.abs(pairs.linear).max(initial=1.0)) + 1.0)

    def _rest(self, t: int) -> float:
        return float(sum(s.weight for s in self.search.joint.stages[t:]))

    def _limited(self, t: int, problem: Problem) -> Problem:
        """What budgets, numbers of moves and sites have left in the period."""
        search, policy = self.search, self.search.joint.policy
        left = float(search.ledger.left(search.sites.money(search.book.served[:, :-1] > 0).once)[t])
        scalars = problem.scalars
        counts = []
        if policy.max_moves_per_period is not None:
            counts.append(policy.max_moves_per_period - int(search.ledger.count[t]))
        if policy.max_moves is not None:
            counts.append(policy.max_moves - sum(bool(m) for m in search.ledger.moves.values()))
        scalars = replace(scalars, max_moves=max(0, min(counts)) if counts else None)
        sites = problem.sites
        served = search.book.served.sum(axis=0)[:-1] > 0
        setup = np.where(sites.is_candidate & ~served, search.joint.stages[t].setup, 0.0)
        sites = replace(sites, setup_one_off=setup)
        given = problem.given
        if np.isfinite(left):
            scalars, given = replace(scalars, one_off_budget=max(0.0, left)), None
        room = search.ledger.room[t, :-1]
        if np.isfinite(room).any() and not scalars.backup:
            here = search.book.minutes[t, :-1] + np.maximum(room, 0.0) * policy.minutes_per_fte_year
            tight = np.minimum(sites.capacity_minutes, here + 1.0 / MICRO)
            sites, given = replace(sites, capacity_minutes=tight), None
        return replace(problem, scalars=scalars, sites=sites, given=given)

    def _beyond(self, t: int, problem: Problem, last: Ints, bad: Bools) -> Bools:
        """Moves that a site has no room left for when the most saving ones come first."""
        pairs, room = problem.pairs, self.search.ledger.room[t, :-1]
        out = np.zeros(problem.n_pairs, np.bool_)
        work = problem.effort_fte[pairs.demand]
        stays = problem.pair_index(np.arange(problem.n_demands), last)
        price = self._price(problem)
        old = np.where(stays >= 0, price[np.maximum(stays, 0)], 0.0)
        gain = (old[pairs.demand] - price) / (work + LEAST_FTE)
        for p in np.flatnonzero(np.isfinite(room)).tolist():
            coming = np.flatnonzero((pairs.provider == p) & (last[pairs.demand] != p) & ~bad)
            order = coming[np.argsort(-gain[coming], kind="stable")]
            out[order[np.cumsum(work[order]) > room[p]]] = True
        return out

    @staticmethod
    def _price(problem: Problem) -> Floats:
        """Each pair at the last, cheapest tier of its line."""
        pairs, lines = problem.pairs, problem.lines
        remote = np.flatnonzero(pairs.provider < problem.n_providers)
        line = lines.index[pairs.provider[remote], problem.demand_service[pairs.demand[remote]]]
        out: Floats = pairs.linear.copy()
        out[remote] += lines.tier_cost[lines.tier_start[line + 1] - 1] * problem.volume[pairs.demand[remote]]
        return out

    def _allowed(self, t: int) -> Bools:
        """Pairs of the period that each demand may have now, by the rules about one demand, order and waves."""
        search, ways = self.search, self.reach.ways
        stage = search.joint.stages[t]
        pairs, demand = stage.problem.pairs, stage.demand
        who, source = demand[pairs.demand], pairs.provider
        last = search.book.source[t][who]
        used = np.array([len(search.courses[d].moves) for d in range(search.joint.n_demands)])
        level = np.minimum(used + 1, len(self.reach.after[t + 1]) - 1)
        after = np.array(self.reach.after[t + 1])
        go_on = after[level[who], who, source]
        may = used < min(search.joint.policy.max_switches, MOST_COUNTED)
        free = np.array([self._date_is_free(t, d) for d in range(search.joint.n_demands)])
        arrives = search.joint.current < 0
        begins = arrives & (np.argmax(search.figures.present, axis=0) == t)
        leaves = ways.leaves[t, who, last] & (free[who] | ~ways.pair[t, who, last])
        moves = ways.comes[t, who, source] & leaves & may[who] & go_on
        starts = ways.new[t, who, source] & begins[who]
        return np.asarray((source == last) | moves | starts, np.bool_)

    def _date_is_free(self, t: int, d: int) -> bool:
        """Order and waves let the demand switch now, and nobody whom it must await is still to move."""
        search = self.search
        if not search.ledger.orders and search.ledger.group(d) is None:
            return True
        if not search.ledger.free_dates(d)[t]:
            return False
        e, s = int(search.figures.entity[d]), int(search.figures.service[d])
        firsts = {o.first for o in search.ledger.orders if o.then == s and e in o.entities}
        return not firsts or not any(self._waits(other) for other in self._mates.get(e, ()) if self._is(other, firsts))

    def _is(self, d: int, services: set[int]) -> bool:
        return int(self.search.figures.service[d]) in services

    def _waits(self, d: int) -> bool:
        """The demand should move and has not."""
        aimed = int(self.target[d])
        return aimed >= 0 and aimed != int(self.search.joint.current[d]) and not self.search.courses[d].moves

    @property
    def _mates(self) -> dict[int, list[int]]:
        if not hasattr(self, "_by_entity"):
            out: dict[int, list[int]] = {}
            for d, e in enumerate(self.search.figures.entity.tolist()):
                out.setdefault(e, []).append(d)
            self._by_entity = out
        return self._by_entity

    def _saving(self, problem: Problem, last: Ints, new: Ints) -> Floats:
        """Saving of each demand's move at first tiers, over its money."""
        demand = np.arange(problem.n_demands)
        unit = np.zeros((problem.n_demands, 2))
        pair = np.stack([problem.pair_index(demand, last), problem.pair_index(demand, np.maximum(new, 0))], axis=1)
        for k, source in enumerate((last, new)):
            remote = (source >= 0) & (source < problem.n_providers) & (pair[:, k] >= 0)
            line = problem.lines.index[source[remote], problem.demand_service[remote]]
            unit[remote, k] = problem.lines.first_unit_cost[line] * problem.volume[remote]
        cost = unit + np.where(pair >= 0, problem.pairs.linear[np.maximum(pair, 0)], 1e12)
        money = np.where(pair[:, 1] >= 0, problem.pairs.one_off[np.maximum(pair[:, 1], 0)], 0.0)
        return np.asarray((cost[:, 0] - cost[:, 1]) / (money + 1.0), np.float64)

    def _move(self, t: int, d: int, source: int) -> bool:
        """Let a demand switch in a period and stay there, where no limit stands against it."""
        search, options = self.search, self.search.figures.options
        before = search.take(d)
        terms, part = search.terms(d), search.part(d)
        wanted = int(part.start + np.flatnonzero(options.source[part] == source)[0])
        chosen = before.options.copy()
        later = search.presence[d][search.presence[d] >= t]
        chosen[later] = wanted
        course = course_of(search.figures, d, chosen, int(search.today[d]), search.exempt(d))
        dear, fine = search.dear, bool(np.isfinite(options.linear[later, wanted]).all())
        for m in course.moves:
            if m.t >= t:
                cost = terms.leave[m.t, m.old - part.start] + terms.come[m.t, m.new - part.start]
                fine = fine and cost < dear
        if course.begins is not None and course.begins[0] >= t:
            fine = fine and bool(terms.begin[t, wanted - part.start] < dear)
        fine = fine and len(course.moves) <= search.joint.policy.max_switches
        search.put(d, Course(chosen, course.begins, course.moves, 0.0) if fine else before)
        return fine


def _under(problem: Problem, target: Problem) -> Problem:
    """A problem under the target rules of another period."""
    of, services = target.scalars, np.zeros(len(problem.service_ids), np.bool_)
    services[target.demand_service[target.critical]] = True
    scalars = replace(
        problem.scalars,
        max_providers_per_entity=of.max_providers_per_entity,
        bundle_together=of.bundle_together,
        agency_share_max=of.agency_share_max,
        backup=of.backup,
    )
    return replace(problem, scalars=scalars, critical=services[problem.demand_service])
