"""What can be decided today: assignments that every plan has which costs no more than the plan in hand and a little."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from optimizer.domain.answer import Answer, Point
from optimizer.model.conditions import without
from optimizer.model.moves.single_moves import Counts
from optimizer.model.scan import priced_moves
from optimizer.studies.base import fields_of
from optimizer.studies.differ import farthest, walked
from optimizer.studies.nearby import made
from optimizer.studies.placing import LARGE_EACH_S, bounds_if_large, is_large, limited, tell
from optimizer.studies.reference import EPSILON_HELP, check_epsilon, epsilon_of, reference_of
from optimizer.studies.safe_words import Known, sentences
from optimizer.studies.search import CLOSED, Ends, least

if TYPE_CHECKING:
    from optimizer.domain.answer import PointStatus
    from optimizer.plan.plan import Plan
    from optimizer.session import Held, Session
    from optimizer.solvers.base import PairBounds
    from optimizer.studies.base import Setting
    from optimizer.studies.reference import Reference

__all__ = ["Safe"]

SEARCHED: Final = 50
"""Assignments of a large case that are searched for, those whose bound is nearest to a proof."""
WRITING_S: Final = 30.0
"""Of a large case's time kept for writing plans out, or a third if that is less."""
PLANS: Final = 5
"""Plans that are shown."""
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Safe:
    """Which assignments of a plan are in every plan that costs no more than it and a little.

    proven: the bound of all plans without it is above that. believed: no plan without it was found. open: a plan
    without it is held.
    """

    kind: ClassVar[str] = "safe"
    needs_plan: ClassVar[bool] = True

    epsilon: float = field(default=0.001, metadata={"help": EPSILON_HELP})

    def check(self) -> None:
        """Refuse what makes no sense whatever the case is."""
        check_epsilon(self.epsilon)

    def run(self, setting: Setting) -> Answer:
        """First what is in hand and the bounds, then a search for each of the largest."""
        self.check()
        asked = _Asked(self, setting, reference_of(setting))
        asked.look()
        asked.search()
        return asked.answer()


class _Asked:
    """The question in the making."""

    def __init__(self, question: Safe, setting: Setting, reference: Reference) -> None:
        self.question, self.setting, self.reference = question, setting, reference
        self.session: Session = setting.session
        self.limited = limited(setting, self.session.problem, LARGE_EACH_S)
        self.most = reference.cost + epsilon_of(question.epsilon, reference.cost)
        n = self.session.problem.n_demands
        self.lower: list[float | None] = [None] * n
        self.ends: dict[int, Ends] = {}
        self.away: dict[int, float] = {}
        self.moved: set[int] = set()
        self.bounds: PairBounds | None = None
        self.by_bound = 0
        self.cut = False
        self.began = time.monotonic()
        share = setting.budget.share(3)
        self.kept_s = 0.0 if share is None else min(share, WRITING_S)

    def look(self) -> None:
        """Single moves within the limit, plans made of many of them, plans in hand, and the bounds."""
        session, problem, choice = self.session, self.session.problem, self.reference.choice
        session.keep_choice(choice)
        self._singles()
        for plan in walked(problem, choice, self.most - self.reference.cost):
            session.keep_choice(plan)
        self.bounds = bounds_if_large(self.setting, session)
        if self.bounds is not None:
            pairs = problem.pair_index(np.arange(problem.n_demands), choice.provider)
            self.lower = [float(b) if b > -math.inf else None for b in self.bounds.without[pairs].tolist()]
            self.by_bound = sum(self._proven(d) for d in range(problem.n_demands))
            told = Ends("bounded", self.bounds.least, self.reference.cost)
            tell(self.setting, told, self.began, f"bounds prove {self.by_bound} of {problem.n_demands}")
        self._gather()

    def _gather(self) -> None:
        """The cheapest plan in hand without each assignment."""
        for held in self.session.held_within(self.most):
            for d in np.flatnonzero(held.choice.provider != self.reference.choice.provider).tolist():
                if d not in self.away or held.cost < self.away[d]:
                    self.away[d] = held.cost

    def _singles(self) -> None:
        """Single moves within the limit: plans in hand, or figures alone in a large case, where they are many."""
        choice, room = self.reference.choice, self.most - self.reference.cost
        for found in priced_moves(Counts.of(self.session.problem, choice)):
            good = np.flatnonzero(found.extra <= room - _ROUNDING * abs(self.most))
            order = good[np.argsort(found.extra[good], kind="stable")]
            demands, first = np.unique(found.moves.demand[found.at[order]], return_index=True)
            for d, i in zip(demands.tolist(), order[first].tolist(), strict=True):
                if is_large(self.session.problem):
                    self.away[d] = self.reference.cost + float(found.extra[i])
                    self.moved.add(d)
                else:
                    self.session.keep_choice(made(choice, found, found.at[[i]]))

    def _proven(self, d: int) -> bool:
        """No plan without it is within the limit: by its bound, or none keeps every rule."""
        lower = self.lower[d]
        none = d in self.ends and self.ends[d].status == "impossible"
        return none or (lower is not None and lower > self.most + CLOSED + _ROUNDING * abs(self.most))

    def _left(self) -> list[int]:
        """Those neither proven nor refuted: of a large case the nearest to a proof, of a small one all."""
        problem, large = self.session.problem, is_large(self.session.problem)

        def rank(d: int) -> tuple[float, float, int]:
            lower = self.lower[d]
            return (0.0 if not large or lower is None else -lower, -float(problem.effort_fte[d]), d)

        order = sorted(range(problem.n_demands), key=rank)
        left = [d for d in order if d not in self.away and not self._proven(d)]
        return left[:SEARCHED] if large else left

    def _short(self) -> bool:
        """What is left of a large case's time is for writing the plans out."""
        left = self.setting.budget.share(1)
        return is_large(self.session.problem) and left is not None and left <= self.kept_s

    def search(self) -> None:
        """Both ends of the plans without each of those that are neither proven nor refuted, one after the other."""
        problem, left = self.session.problem, self._left()
        for i, d in enumerate(left):
            if d in self.away:  # a plan that was found on the way
                continue
            if self._short():
                self.cut = True
                break
            provider = int(self.reference.choice.provider[d])
            barred = without(problem, d, provider, 10.0 * max(abs(self.most), 1.0))
            start = self.reference.choice if is_large(problem) else None
            ends = least(self.limited, self.session, barred, lower=self.lower[d], start=start, left=len(left) - i)
            self.ends[d] = ends
            known = [v for v in (self.lower[d], ends.lower) if v is not None]
            self.lower[d] = max(known, default=None)
            if ends.choice is not None and ends.upper is not None and ends.upper <= self.most:
                self._gather()

    def _written(self, held: list[Held], chosen: list[int]) -> tuple[list[Held], list[Plan]]:
        """Plans to show, while there is time to write them out."""
        shown: list[Held] = []
        plans: list[Plan] = []
        for i in chosen:
            if is_large(self.session.problem) and self.setting.budget.over:
                break
            name = f"{self.session.case.name}, other plan {len(shown) + 1}"
            plans.append(self.session.state(held[i].choice, None, name=name))
            shown.append(held[i])
        return shown, plans

    def answer(self) -> Answer:
        """Rows, sentences and the plans that differ most."""
        session, problem = self.session, self.session.problem
        held = session.held_within(self.most)
        chosen = farthest(problem, self.reference.choice, [h.choice for h in held], PLANS)
        lowest = None if self.bounds is None else self.bounds.least
        lower = lowest if lowest is not None and math.isfinite(lowest) else None
        shown, plans = self._written(held, chosen)
        rows, points = [], []
        for d in range(problem.n_demands):
            row = self._row(d)
            rows.append(row)
            points.append(self._point(d, row, [h.choice for h in shown]))
        rows.sort(key=lambda r: (-r["effort_fte"], r["entity"], r["service"]))
        tables = {"assignments": tuple(rows), "plans": tuple(self._plan_row(i, h) for i, h in enumerate(shown))}
        return Answer(
            self.question.kind,
            fields_of(self.question),
            session.case.case_hash,
            tuple(points),
            {name: content for name, content in tables.items() if content},
            tuple(sentences(rows, self._known(len(shown), lower), session.case.policy.currency)),
            tuple(p.document() for p in plans),
        )

    def _at(self, d: int) -> dict[str, str]:
        problem = self.session.problem
        entity, service = problem.entity_ids[problem.demand_entity[d]], problem.service_ids[problem.demand_service[d]]
        who = problem.provider_name(int(self.reference.choice.provider[d]))
        return {"entity": entity, "service": service, "provider": who}

    def _row(self, d: int) -> dict[str, Any]:
        upper = self.away[d] if d in self.away else self.ends[d].upper if d in self.ends else None
        state = "open" if d in self.away else "proven" if self._proven(d) else "believed"
        how = "search" if d in self.ends else "bound" if state == "proven" else "not searched"
        if state == "open":
            how = "single move" if d in self.moved else "plan held"
        lower, cost = self.lower[d], self.reference.cost
        return {
            **self._at(d),
            "effort_fte": round(float(self.session.problem.effort_fte[d]), 6),
            "state": state,
            "by": how,
            "least_extra": None if lower is None else round(lower - cost, 6),
            "most_extra": None if upper is None else round(upper - cost, 6),
        }

    def _point(self, d: int, row: dict[str, Any], shown: list[Any]) -> Point:
        """Plans without it within the limit: one is held, there is none (proven), or neither is known."""
        lower = self.lower[d]
        if row["state"] == "open":
            upper = self.away[d]
            closed = lower is not None and upper - lower <= CLOSED
            status: PointStatus = "proven" if closed else "bounded"
            here = self.reference.choice.provider[d]
            plan = next((i for i, choice in enumerate(shown) if choice.provider[d] != here), None)
            return Point(self._at(d), status, lower, upper, plan, "a plan without it is within the limit")
        if row["state"] == "proven":
            return Point(
                self._at(d), "impossible", lower, None, None, "no plan without it is within the limit (proven)"
            )
        told = self.ends[d].detail if d in self.ends else self._not_searched()
        return Point(self._at(d), "not_answered", lower, None, None, f"no plan without it was found; {told}")

    def _not_searched(self) -> str:
        if self.cut:
            return "not searched: the time was over"
        return f"not searched: only the {SEARCHED} nearest to a proof are"

    def _plan_row(self, i: int, held: Held) -> dict[str, Any]:
        problem, other = self.session.problem, held.choice.provider != self.reference.choice.provider
        return {
            "plan": i,
            "extra_cost": round(held.cost - self.reference.cost, 6),
            "demands_elsewhere": int(other.sum()),
            "effort_elsewhere_fte": round(float(problem.effort_fte[other].sum()), 6),
        }

    def _known(self, shown: int, lower: float | None) -> Known:
        """What the sentences speak of beside the rows."""
        held, cost = self.session.held(), self.reference.cost
        return Known(
            limit=self.most - cost,
            gap=None if lower is None else cost - lower,
            by_bound=None if self.bounds is None else self.by_bound,
            searched=len(self.ends),
            cut=self.cut,
            saving=0.0 if held is None else cost - held.cost,
            shown=shown,
        )
