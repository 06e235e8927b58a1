"""One search of a study: what is in hand, what the prices say, then a solve, until time, gap or proof."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.answer import Point
from optimizer.domain.errors import BackendFailed
from optimizer.model.conditions import within
from optimizer.session import assignments_of
from optimizer.solvers.accept.confirm import serves_all
from optimizer.solvers.accept.solve import credible, solve
from optimizer.studies.base import STOPPED
from optimizer.verify.checker import Evaluator
from optimizer.verify.findings import Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from optimizer.domain.answer import PointStatus
    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem
    from optimizer.session import Session
    from optimizer.studies.base import Setting
    from optimizer.verify.tally import Row

__all__ = ["CLOSED", "Ends", "least", "less", "moved_alone", "seconds_of"]

CLOSED: Final = 0.01
"""Both ends this near, money a year: proven."""
SMALL_PAIRS: Final = 2000
"""Pairs up to which a solve is quicker than prices."""


@dataclass(frozen=True, eq=False)
class Ends:
    """What is known of the least cost of a problem, money a year.

    Parameters
    ----------
    status : {"proven", "bounded", "impossible", "not_answered"}
    lower, upper : float, optional
        What any plan costs at least; what ``choice`` costs.
    choice : Choice, optional
        Verified, every demand served, every rule of the session's case and every condition kept.
    detail : str
        What the search said.
    """

    status: PointStatus
    lower: float | None = None
    upper: float | None = None
    choice: Choice | None = None
    detail: str = ""

    @classmethod
    def of(cls, lower: float | None, upper: float | None, choice: Choice | None, detail: str = "") -> Ends:
        """Both ends as far as they are known; ``bounded`` needs a plan."""
        if lower is not None and not math.isfinite(lower):
            lower = None
        if upper is None:
            return cls("not_answered", lower, None, None, detail)
        if lower is not None:
            lower, detail = credible(lower, upper, detail)
        closed = lower is not None and upper - lower <= CLOSED
        return cls("proven" if closed else "bounded", lower, upper, choice, detail)

    def point(self, at: Mapping[str, Any], plan: int | None = None) -> Point:
        """The point of an answer; ``plan``: the position of its plan among the answer's."""
        return Point(at, self.status, self.lower, self.upper, plan, self.detail)


class _Conditioned(Evaluator):
    """The case's own verifier, which objects to a plan that does not keep the conditions of a problem too."""

    def __init__(self, evaluator: Evaluator, problem: Problem) -> None:
        self.facts, self._problem = evaluator.facts, problem

    def violations(self, rows: Iterable[Row]) -> list[Violation]:
        """Every broken rule, and the condition where it is not kept."""
        listed = list(rows)
        found = super().violations(listed)
        names = [(str(e), str(s), p or "", b or "") for e, s, p, b in listed]
        kept = within(self._problem, self._problem.encode(names))
        return found if kept else [*found, Violation("lock", "a condition of the study is not kept")]


def seconds_of(setting: Setting, left: int = 1) -> float | None:
    """What the next of ``left`` solves may take."""
    limits = [s for s in (setting.budget.share(left), setting.params.time_limit_s) if s is not None]
    return min(limits, default=None)


def least(
    setting: Setting,
    session: Session,
    problem: Problem,
    *,
    lower: float | None = None,
    start: Choice | None = None,
    left: int = 1,
    enough: float = 0.0,
) -> Ends:
    """The least cost of a session's case under conditions, from both sides.

    Where the study keeps a book, a search that was answered before is read from it: searches are known by their
    number, as a study makes them in the same order whenever it is asked.

    Parameters
    ----------
    setting : Setting
    session : Session
        Of the case whose rules hold; plans found are kept there.
    problem : Problem
        The session's own, or that under conditions (``optimizer.model.conditions``).
    lower : float, optional
        What is known already of the least cost.
    start : Choice, optional
        Where to look first, whether or not it keeps rules.
    left : int, default 1
        Solves that the study's time is still to be shared by.
    enough : float, default 0.0
        A gap, money a year, at which no more is asked for.
    """
    if setting.book is None:
        return _searched(setting, session, problem, lower, start, left, enough)
    key = f"search {setting.budget.number()}, {session.case.case_hash[:16]}"
    held = setting.book.known(key)
    if held is not None:
        return _read(session, *held)
    found = _searched(setting, session, problem, lower, start, left, enough)
    if found.status != "not_answered":
        rows = None if found.choice is None else assignments_of(session.problem, found.choice)
        setting.book.answered(key, found.point({}), rows)
    return found


def _read(session: Session, point: Point, plan: Mapping[str, Any] | None) -> Ends:
    """A search as the book has it; its plan is one of those in hand."""
    choice = None
    if plan is not None:
        rows = [(a["entity"], a["service"], a["provider"] or "", a["backup"] or "") for a in plan["assignments"]]
        choice = session.problem.encode(rows)
        session.keep_choice(choice)
    return Ends(point.status, point.lower, point.upper, choice, point.detail)


def _searched(
    setting: Setting,
    session: Session,
    problem: Problem,
    lower: float | None,
    start: Choice | None,
    left: int,
    enough: float,
) -> Ends:
    """What is in hand, then a solve; see ``least``."""
    held = session.held(problem)
    known = Ends.of(lower, None if held is None else held.cost, None if held is None else held.choice, "in hand")
    gap = math.inf if known.upper is None or known.lower is None else known.upper - known.lower
    if gap <= max(enough, CLOSED):
        return known
    if setting.watch.stopped or setting.budget.over:
        told = STOPPED if setting.watch.stopped else "the time of the study was over"
        return dataclasses.replace(known, detail=f"{told}; {known.detail}" if held is not None else told)
    proof = None if held is not None else _proof(session)
    if proof is not None:
        return Ends("impossible", detail=proof)
    params = dataclasses.replace(setting.params, time_limit_s=seconds_of(setting, left))
    watch = dataclasses.replace(setting.watch, on_incumbent=None, pool=setting.watch.pool or session.pool)
    begin = start if held is None else held.choice
    evaluator = _Conditioned(session.ground.evaluator, problem)
    try:
        solved = solve(session.case, problem, params, start=begin, watch=watch, evaluator=evaluator)
    except BackendFailed as error:  # one search is lost, what is known stays
        return dataclasses.replace(known, detail=str(error))
    setting.budget.give_back(solved.prepared_s)
    if solved.solution == "infeasible" and held is None:
        return Ends("impossible", detail=solved.detail)
    bounds = [b for b in (lower, None if solved.solution == "infeasible" else solved.bound) if b is not None]
    best = max(bounds, default=None)
    choice = solved.choice
    if choice is not None and within(problem, choice) and serves_all(choice):
        session.keep_choice(choice)
        held = session.held(problem)
    if held is None:
        return Ends.of(best, None, None, solved.detail)
    return Ends.of(best, held.cost, held.choice, solved.detail)


def _proof(session: Session) -> str | None:
    """Why no plan of the case keeps every rule, where arithmetic alone says so."""
    found = [f for f in session.ground.findings if f.severity == "error"]
    return found[0].message if found else None


def less(one: float | None, other: float | None) -> float | None:
    """A difference of ends; none where one is not known."""
    return None if one is None or other is None else round(one - other, 6) + 0.0


def moved_alone(problem: Problem, choice: Choice, demand: int, provider: int, backup: int = -1) -> Choice:
    """A plan with one demand at another provider, rules kept or not."""
    who, second = np.array(choice.provider), np.array(choice.backup)
    who[demand], second[demand] = provider, backup if provider < problem.n_providers else -1
    return type(choice)(who, second)
