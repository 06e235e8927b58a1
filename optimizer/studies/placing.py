"""One demand held at one provider: on which case, from which plans, with which ends."""

from __future__ import annotations

import dataclasses
import math
import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from optimizer.model.conditions import fixed
from optimizer.model.rules import check
from optimizer.solvers.accept.polish import polish
from optimizer.solvers.base import Progress
from optimizer.studies.lifting import Against, lifted, locked_at, what_stands_against
from optimizer.studies.nearby import near_plans
from optimizer.studies.search import SMALL_PAIRS, Ends, least

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem
    from optimizer.session import Session
    from optimizer.solvers.base import PairBounds
    from optimizer.studies.base import Setting

__all__ = ["LARGE_EACH_S", "LARGE_S", "Placed", "bounds_if_large", "gap_of", "is_large", "limited", "place"]

LARGE_S: Final = 10.0
"""Seconds for one solve of a large case, unless the caller set a limit."""
LARGE_EACH_S: Final = 3.0
"""The same where several are asked for together."""
_PRICES_S: Final = 20.0


@dataclass(frozen=True, eq=False)
class Placed:
    """A demand held at a provider.

    Parameters
    ----------
    session : Session
        Of the case; where something stood against the pair, of the case with that lifted.
    problem : Problem
        The session's own with the demand held there.
    demand, provider : int
    against : tuple of Against
        What stands against the pair in the case as it is.
    lifted : bool
        A decision lifts all of it here.
    """

    session: Session
    problem: Problem
    demand: int
    provider: int
    against: tuple[Against, ...]
    lifted: bool

    @property
    def restricts(self) -> bool:
        """Nothing was lifted: each plan of it is one of the case."""
        return not self.against

    @property
    def never(self) -> bool:
        """A fact stands against it that no decision lifts."""
        return any(a.fact for a in self.against)

    @cached_property
    def free(self) -> Problem:
        """The session's problem without a lock on the demand."""
        return locked_at(self.session.problem, self.demand)

    def look_near(self, choices: list[Choice]) -> None:
        """Plans near those in hand, kept in the session to be judged there."""
        for choice in choices:
            for near in near_plans(self.free, choice, self.demand, self.provider):
                if not check(self.session.problem, near):  # single moves that save are made first
                    self.session.keep_choice(polish(self.problem, near, lambda _: True))
                    self.session.keep_choice(near)


def place(session: Session, demand: int, provider: int, *, lift: bool = True) -> Placed:
    """Hold a demand at a provider, what stands against that lifted as far as a decision can.

    Parameters
    ----------
    session : Session
    demand, provider : int
    lift : bool, default True
        Otherwise what is refused stays so: each lifted pair is a case of its own, which takes time.
    """
    against = what_stands_against(session.case, session.problem, demand, provider)
    lifts = lift and bool(against) and not any(a.fact for a in against)
    varied = lifted(session, demand, provider) if lifts else session
    return Placed(varied, fixed(varied.problem, {demand: provider}), demand, provider, against, lifts)


def is_large(problem: Problem) -> bool:
    """Whether bounds by prices come before solves, which are then kept short."""
    return problem.n_pairs > SMALL_PAIRS


def bounds_if_large(setting: Setting, session: Session) -> PairBounds | None:
    """Bounds of all pairs of a large case, made where there is time for it; ``None`` where a solve is quicker."""
    if not is_large(session.problem):
        return None
    if not session.priced and (setting.watch.stopped or setting.budget.over):
        return None
    share = setting.budget.share(2)
    return session.pair_bounds(_PRICES_S if share is None else min(share, _PRICES_S), setting.watch)


def limited(setting: Setting, problem: Problem, seconds: float = LARGE_S) -> Setting:
    """The setting with a limit for each solve where the case is large and the caller set none."""
    if not is_large(problem) or setting.params.time_limit_s is not None or setting.params.work_limit is not None:
        return setting
    return dataclasses.replace(setting, params=dataclasses.replace(setting.params, time_limit_s=seconds))


def gap_of(ends: Ends) -> float:
    """Distance of both ends, money a year; infinite where one is not known."""
    return math.inf if ends.lower is None or ends.upper is None else ends.upper - ends.lower


def in_hand(session: Session, problem: Problem, lower: float | None) -> Ends:
    """Both ends before anything is searched for; no plan at all where the bound says so."""
    held = session.held(problem)
    if lower == math.inf and held is None:
        return Ends("impossible", detail="by the bound of all plans with it")
    return Ends.of(lower, None if held is None else held.cost, None if held is None else held.choice, "in hand")


def ends_of(placed: Placed, bounds: PairBounds | None) -> Ends:
    """Both ends of a placing before anything is searched for."""
    if placed.never:
        facts = "; ".join(a.message for a in placed.against if a.fact)
        return Ends("impossible", detail=f"no decision lifts this: {facts}")
    if placed.against and not placed.lifted:
        codes = ", ".join(a.code for a in placed.against)
        return Ends("not_answered", detail=f"refused ({codes}) and not lifted: the time for that was over; ask by name")
    lower = None
    if bounds is not None and placed.restricts:
        at = int(placed.session.problem.pair_index(placed.demand, placed.provider))
        lower = float(bounds.with_[at])
    return in_hand(placed.session, placed.problem, lower)


def search(setting: Setting, placed: Placed, known: Ends, *, left: int, enough: float = 0.0) -> Ends:
    """Both ends after a search."""
    if known.status == "impossible":
        return known
    return least(setting, placed.session, placed.problem, lower=known.lower, left=left, enough=enough)


def held_choices(session: Session, reference: Choice) -> Iterator[Choice]:
    """Plans to look near: the one in hand, and the cheapest where that is another."""
    yield reference
    held = session.held()
    if held is not None and (held.choice.provider != reference.provider).any():
        yield held.choice


def tell(setting: Setting, known: Ends, began: float, phase: str = "what is in hand") -> None:
    """Tell whoever listens what is known before anything is searched for."""
    if setting.watch.on_progress is not None:
        elapsed = time.monotonic() - began
        setting.watch.on_progress(Progress(elapsed, known.upper, known.lower, phase=phase))
