"""Plans over time by construction and large neighbourhoods: some demands are taken out and put back, one by one.

A demand that is put back takes its cheapest path beside all others, dates and sources together. Limits that it would
break have a price in the search; a plan counts only where none is broken.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.time.ways import Ways
from optimizer.solvers.over_time.paths import Course, Terms, cheapest, course_of
from optimizer.solvers.over_time.period_arrays import Figures
from optimizer.solvers.over_time.sites import SiteRules
from optimizer.solvers.over_time.tally import Book
from optimizer.solvers.over_time.usage import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.time.joint import JointProblem

__all__ = ["Search"]

EXCESS: Final = 1e3
"""Price of passing a limit between periods, in prices of a broken rule."""


class Search:
    """A path of all demands, and the ways to change it.

    Parameters
    ----------
    joint : JointProblem
    seed : int
    reserve : float
        As in ``Book``.
    """

    def __init__(self, joint: JointProblem, seed: int = 0, reserve: float = 0.0) -> None:
        self.joint, self.figures = joint, Figures.of(joint)
        self.ways = Ways(joint)
        self.book = Book(self.figures, reserve)
        self.ledger = Ledger(self.figures, joint.committed)
        self.sites = SiteRules(self.figures)
        self.random = np.random.default_rng(seed)
        self.alone = np.zeros(joint.n_demands)
        self.courses: dict[int, Course] = {}
        options = self.figures.options
        demand = np.repeat(np.arange(joint.n_demands), np.diff(options.first))
        mine = np.flatnonzero(options.source == joint.current[demand])
        self.today = np.full(joint.n_demands, -1, np.int64)
        self.today[demand[mine]] = mine
        self.presence = [np.flatnonzero(self.figures.present[:, d]) for d in range(joint.n_demands)]
        self.required = sum(float(s.weight * s.site_cost[self.sites.required & s.serves].sum()) for s in joint.stages)
        policy = joint.policy
        bang = policy.transition_mode == "big_bang"
        self.risk = policy.big_bang_probability * policy.big_bang_failure_cost if bang else 0.0

    def value(self) -> float:
        """Discounted cost of what is put in, with a price on what is broken."""
        serving = self.book.served[:, :-1] > 0
        money = self.sites.money(serving)
        out = float(self.book.total().sum() + money.discounted.sum() + self.alone.sum()) + self.required
        out += self.dear * self.ledger.excess(money.once)
        if self.risk and self.ledger.waves.get(0):
            out += self.risk * self.joint.stages[self.ledger.waves[0][0]].discount
        return out

    def terms(self, d: int) -> Terms:
        """What the options of a demand that is not put in cost, limits included."""
        f, part = self.figures, self.part(d)
        options, source = f.options, f.options.source[part]
        running = self.book.marginal(d)
        dear = self.dear
        free = self.ledger.free_dates(d) | self.exempt(d)
        able = options.leaves[:, part] & (options.forced[:, part] | free[:, None])
        money = self.sites.money(self.book.served[:, :-1] > 0) if self.ledger.budgets else None
        leave = np.where(able, options.leave[:, part], np.inf)
        if money is not None:
            leave = leave + np.where(options.money[:, part] > self.ledger.left(money.once)[:, None], dear, 0.0)
        leave = leave + np.where(self.ledger.may_move(), 0.0, dear)[:, None]
        work = f.effort[:, d][:, None]
        taken = np.where(work > self.ledger.room[:, source], dear, 0.0)
        unused = self.book.served[:, source].sum(axis=0) == 0
        arrive = taken + np.where(unused, f.setup[:, source], 0.0)
        come = np.where(options.comes[:, part], arrive, np.inf)
        begin = np.where(self.ways.new[:, d, source], arrive, np.inf)
        return Terms(running, leave + self._closings(source), come, begin)

    def _closings(self, source: Ints) -> Floats:
        """Exit cost of a site of today that has nobody else from a period on."""
        f = self.figures
        later = np.cumsum(self.book.served[::-1, :][:, source], axis=0)[::-1]
        return np.where((later == 0) & (source < self.joint.n_providers), f.exit[:, source], 0.0)

    def exempt(self, d: int) -> Bools:
        """Periods in which a commitment of the demand binds."""
        out = np.zeros(self.joint.n_periods, np.bool_)
        if self.ledger.committed:
            out[[t for t, who in self.ledger.committed if who == d]] = True
        return out

    @property
    def broken(self) -> bool:
        """Whether some limit of a period is broken."""
        return any(self.book.broken(t) for t in range(self.joint.n_periods))

    @property
    def dear(self) -> float:
        """Price of a step that passes a limit between periods."""
        return EXCESS * self.book.by_break

    def last_option(self, t: int) -> Ints:
        """Option that each demand has in a period, before any switch in it is made; −1 for who begins or is absent."""
        out = np.full(self.joint.n_demands, -1, np.int64)
        for d, course in self.courses.items():
            at = int(course.options[t])
            begins = course.begins is not None and course.begins[0] == t
            out[d] = -1 if begins else next((m.old for m in course.moves if m.t == t), at)
        return out

    def part(self, d: int) -> slice:
        """Its options."""
        return slice(int(self.figures.options.first[d]), int(self.figures.options.first[d + 1]))

    def best(self, d: int) -> Course:
        """Cheapest course of a demand that is not put in; one of infinite cost where no source is ever eligible."""
        if self.figures.options.first[d] == self.figures.options.first[d + 1]:
            return Course(np.full(self.joint.n_periods, -1, np.int64), None, (), math.inf)
        return self._cheapest(d, self.terms(d))

    def _cheapest(self, d: int, terms: Terms) -> Course:
        """Cheapest course at prices of its options."""
        first, today = self.part(d).start, self._today(d)
        chosen, cost = cheapest(terms, self.presence[d], today, self.joint.policy.max_switches)
        options = np.where(chosen >= 0, chosen + first, -1)
        return course_of(self.figures, d, options, int(self.today[d]), self.exempt(d), cost)

    def _today(self, d: int) -> int:
        """Today's option counted within the demand, −1 for none."""
        return int(self.today[d]) - self.part(d).start if self.today[d] >= 0 else -1

    def rank(self, d: int) -> float:
        """What a demand that is not put in saves against staying, for its one-off money; infinite where it must go."""
        if self.figures.options.first[d] == self.figures.options.first[d + 1]:
            return math.inf
        terms, today = self.terms(d), self._today(d)
        found = self._cheapest(d, terms)
        stay = math.inf if today < 0 else float(terms.running[:, today].sum())
        paid = sum(float(self.figures.options.money[m.t, m.old]) for m in found.moves) + 1.0
        return (stay - found.cost) / paid if math.isfinite(stay) else math.inf

    def put(self, d: int, course: Course) -> bool:
        """Serve a demand on a course; ``False`` where it has none."""
        if not math.isfinite(course.cost):
            return False
        f = self.figures
        there = course.options >= 0
        self.book.put(d, np.where(there, f.options.source[course.options], -1))
        self.ledger.add(d, course.begins, course.moves)
        running = f.options.linear[there, course.options[there]].sum()
        self.alone[d] = running + sum(f.options.leave[m.t, m.old] for m in course.moves)
        self.courses[d] = course
        return True

    def take(self, d: int) -> Course:
        """Take a demand out; returns its course."""
        self.book.take(d)
        self.ledger.drop(d)
        self.alone[d] = 0.0
        return self.courses.pop(d)

    def begin(self, provider: Ints | None = None) -> bool:
        """Everyone stays who can, or goes as in a path; the others take their cheapest courses.

        Returns ``False`` where some demand has none.

        Parameters
        ----------
        provider : ndarray of shape (n_periods, n_demands), optional
            The path to begin with.
        """
        waiting = []
        for d in range(self.joint.n_demands):
            course = self._staying(d) if provider is None else self.following(d, provider[:, d])
            if course is None:
                waiting.append(d)
            else:
                self.put(d, course)
        order = sorted(waiting, key=lambda d: -float(self.figures.minutes[:, d].sum()))
        placed = [self.put(d, self.best(d)) for d in order]
        return all(placed)

    def _staying(self, d: int) -> Course | None:
        """The course of a demand that never switches; ``None`` where its source of today ends."""
        option, at = int(self.today[d]), self.presence[d]
        if option < 0 or not np.isfinite(self.figures.options.linear[at, option]).all():
            return None
        options = np.full(self.joint.n_periods, -1, np.int64)
        options[at] = option
        return Course(options, None, (), 0.0)

    def following(self, d: int, path: Ints) -> Course:
        """The course of a demand in a path, whose sources are among its options wherever it is present."""
        part = self.part(d)
        options = np.full(self.joint.n_periods, -1, np.int64)
        at = self.presence[d]
        options[at] = part.start + np.searchsorted(self.figures.options.source[part], path[at])
        return course_of(self.figures, d, options, int(self.today[d]), self.exempt(d))

    def allows(self, d: int, course: Course) -> bool:
        """Whether every rule about a demand alone lets it take a course."""
        options, at = self.figures.options, self.presence[d]
        if not np.isfinite(options.linear[at, course.options[at]]).all():
            return False
        if course.begins is not None:
            t, option = course.begins
            if not self.ways.new[t, d, options.source[option]]:
                return False
        moves = [bool(options.leaves[m.t, m.old] & options.comes[m.t, m.new]) for m in course.moves]
        return all(moves) and len(moves) <= self.joint.policy.max_switches

    @property
    def last_services(self) -> set[int]:
        """Services that come after others."""
        return {order.then for order in self.ledger.orders}

    def again(self, demands: Iterable[int], noise: float) -> tuple[float, dict[int, Course]]:
        """Take demands out and put them back, the greatest saving for the money first; (value, courses before)."""
        before = {d: self.take(d) for d in demands if d in self.courses}
        last = self.last_services
        order = []
        for d in before:
            rank = self.rank(d) * float(np.exp(noise * self.random.normal()))
            order.append((int(self.figures.service[d]) in last, -rank, d))
        for _, _, d in sorted(order):
            if not self.put(d, self.best(d)):
                self.put(d, before[d])
        return self.value(), before

    def undo(self, before: dict[int, Course]) -> None:
        """Put demands back on the courses that they had."""
        for d in before:
            if d in self.courses:
                self.take(d)
        for d, course in before.items():
            self.put(d, course)

    def path(self) -> Ints:
        """Source in each period, shape (n_periods, n_demands)."""
        return self.book.source.copy()
