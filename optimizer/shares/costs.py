"""Least costs of groups of clients, from both sides, each found once."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from optimizer.domain.errors import BackendFailed
from optimizer.domain.names import OWN
from optimizer.model.build import build_problem
from optimizer.solvers.accept.confirm import serves_all
from optimizer.solvers.accept.solve import solve
from optimizer.studies.search import Ends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.domain.answer import PointStatus
    from optimizer.domain.params import SolveParams
    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem
    from optimizer.shares.game import Game, Group
    from optimizer.solvers.accept.solve import Watch
    from optimizer.verify.checker import Evaluator

__all__ = ["NOTHING", "UNKNOWN", "Cost", "Costs"]

Row = tuple[str, str, str, str]

TIME_OVER: Final = "the time was over"


@dataclass(frozen=True, slots=True)
class Cost:
    """What is known of the least cost of a group, money a year.

    Parameters
    ----------
    status : {"proven", "bounded", "impossible", "not_answered"}
        ``proven``: both ends at most 0.01 apart. ``impossible``: the group cannot be served by itself.
    lower, upper : float, optional
        What any plan costs at least; what a verified plan costs.
    detail : str
        What the search said.
    """

    status: PointStatus
    lower: float | None = None
    upper: float | None = None
    detail: str = ""

    @property
    def least(self) -> float:
        """The lower end; infinite where there is no plan, −infinite where nothing is known."""
        if self.status == "impossible":
            return math.inf
        return -math.inf if self.lower is None else self.lower

    @property
    def most(self) -> float:
        """The upper end; infinite where no plan is known."""
        return math.inf if self.upper is None else self.upper

    def near(self, gap_rel: float) -> bool:
        """Whether nothing more is to be found out at this gap."""
        if self.status in ("proven", "impossible"):
            return True
        return self.most - self.least <= gap_rel * abs(self.most) < math.inf


NOTHING: Final = Cost("proven", 0.0, 0.0, "nobody")
"""The cost of nobody."""
UNKNOWN: Final = Cost("not_answered", None, None, TIME_OVER)


class Costs:
    """Costs of groups of a game.

    Parameters
    ----------
    game : Game
    rows : sequence of (entity, service, provider, backup)
        The plan in hand: each group's part of it is where a search begins.
    params : SolveParams
        Of one solve.
    watch : Watch
        Its pool has the children.
    """

    def __init__(self, game: Game, rows: Sequence[Row], params: SolveParams, watch: Watch) -> None:
        self.game, self.params, self.watch = game, params, dataclasses.replace(watch, on_incumbent=None)
        self._rows = [(e, s, p, "") for e, s, p, _ in rows]
        self._known: dict[Group, Cost] = {frozenset(): NOTHING}

    def known(self, group: Group) -> Cost:
        """What is known without a search."""
        return self._known.get(group, UNKNOWN)

    def of(self, group: Group, *, gap_rel: float = 0.0, seconds: float | None = None) -> Cost:
        """The least cost of a group with the entities of the group only.

        Parameters
        ----------
        group : frozenset of str
        gap_rel : float, default 0.0
            Share of the upper end at which both ends are near enough.
        seconds : float, optional
            For the search; 0: what the plan in hand says.
        """
        known = self.known(group)
        if not known.near(gap_rel):
            self._known[group] = known = _tighter(known, self._found(group, gap_rel, seconds))
        return known

    def hold(self, group: Group, rows: Sequence[Row]) -> Cost:
        """A plan of a group that is in hand is another upper end, if it keeps every rule."""
        evaluator = self.game.judge(self.game.of(group))
        if not evaluator.violations(rows):
            held = Cost("bounded", None, evaluator.cost(rows)["total"], "in hand")
            self._known[group] = _tighter(self.known(group), held)
        return self.known(group)

    def own(self, group: Group) -> Cost:
        """The cost of a group whose members all do their own work; ``impossible`` where one of them cannot."""
        case = self.game.of(group)
        rows = [(d.entity, d.service, OWN, "") for d in case.demands]
        evaluator = self.game.judge(case)
        broken = evaluator.violations(rows)
        if broken:
            return Cost("impossible", detail=str(broken[0]))
        total = evaluator.cost(rows)["total"]
        return Cost("proven", total, total, "own capacity alone")

    def _found(self, group: Group, gap_rel: float, seconds: float | None) -> Cost:
        case = self.game.of(group)
        problem, evaluator = build_problem(case), self.game.judge(case)
        held = problem.encode([row for row in self._rows if row[0] in group])
        start: Choice | None = None if evaluator.violations(problem.decode(held)) else held
        if (seconds is not None and seconds <= 0) or self.watch.stopped:
            return _cost(Ends.of(None, _price(evaluator, problem, start), start, TIME_OVER))
        limits = [s for s in (seconds, self.params.time_limit_s) if s is not None]
        params = dataclasses.replace(
            self.params, time_limit_s=min(limits, default=None), gap_rel=max(gap_rel, self.params.gap_rel)
        )
        try:
            solved = solve(case, problem, params, start=start, watch=self.watch, evaluator=evaluator)
        except BackendFailed as error:  # one search is lost, what is in hand stays
            return _cost(Ends.of(None, _price(evaluator, problem, start), start, str(error)))
        if solved.solution == "infeasible" and start is None:
            return Cost("impossible", detail=solved.detail)
        choice = solved.choice if solved.choice is not None and serves_all(solved.choice) else start
        return _cost(Ends.of(solved.bound, _price(evaluator, problem, choice), choice, solved.detail))


def _price(evaluator: Evaluator, problem: Problem, choice: Choice | None) -> float | None:
    """What a plan costs, by the verifier."""
    return None if choice is None else evaluator.cost(problem.decode(choice))["total"]


def _cost(ends: Ends) -> Cost:
    return Cost(ends.status, ends.lower, ends.upper, ends.detail)


def _tighter(one: Cost, other: Cost) -> Cost:
    """Both ends as near as either knows them."""
    if "impossible" in (one.status, other.status):
        return one if one.status == "impossible" else other
    lower = max((c.lower for c in (one, other) if c.lower is not None), default=None)
    upper = min((c.upper for c in (one, other) if c.upper is not None), default=None)
    return _cost(Ends.of(lower, upper, None, other.detail))
