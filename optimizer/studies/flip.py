"""What would have to change for one demand to be at another provider: the smallest change of one figure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

from optimizer.domain.answer import Answer, Point
from optimizer.domain.errors import UsageError
from optimizer.domain.names import OWN
from optimizer.domain.options import Options
from optimizer.domain.types import MICRO
from optimizer.model.conditions import fixed
from optimizer.studies.base import fields_of
from optimizer.studies.flip_words import sentences
from optimizer.studies.levers import CHANGES, Lever, lever_of
from optimizer.studies.lifting import Against, lifted, what_stands_against, withdrawn
from optimizer.studies.placing import Placed, bounds_if_large, ends_of, held_choices, is_large, limited, search
from optimizer.studies.reference import EPSILON_HELP, check_epsilon, check_names, epsilon_of, reference_of

if TYPE_CHECKING:
    from optimizer.session import Session
    from optimizer.studies.base import Setting
    from optimizer.studies.reference import Reference
    from optimizer.studies.search import Ends

__all__ = ["Flip"]

MOST_STEPS: Final = 60
LARGE_STEPS: Final = 12
ENOUGH: Final = 0.01
"""In a large case a change is told to this share of it."""
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Flip:
    """The smallest change of one figure from which a plan with one demand at another provider costs no more.

    No more than the plan in hand and epsilon; that cost is held, whatever the change does for other plans. As the
    change grows, the least cost with the pair only falls, so there is one place where no becomes yes.
    """

    kind: ClassVar[str] = "flip"
    needs_plan: ClassVar[bool] = True

    entity: str = field(metadata={"help": "id of the entity"})
    service: str = field(metadata={"help": "id of the service"})
    provider: str = field(metadata={"help": "id of the provider, or OWN"})
    change: str = field(metadata={"help": f"what may change, one of {', '.join(CHANGES)}"})
    epsilon: float = field(default=0.001, metadata={"help": EPSILON_HELP})

    def check(self) -> None:
        """Refuse what makes no sense whatever the case is.

        Raises
        ------
        UsageError
        """
        wrong = Options()
        wrong.take(lambda: check_epsilon(self.epsilon))
        change = self.change.replace("-", "_")
        named = [c for c in CHANGES if c in change]
        if change not in CHANGES and len(named) > 1:
            told = f"a flip changes one figure, not {' and '.join(named)}: of several there is no smallest change"
            wrong.refuse("option_not_offered", "change", told, "ask for each alone")
        elif change not in CHANGES:
            told = f"a flip changes one of {', '.join(CHANGES)}, not {self.change!r}"
            wrong.refuse("option_not_offered", "change", told, "give one of them")
        wrong.done()

    def run(self, setting: Setting) -> Answer:
        """Search the pair as it is, then under the change."""
        self.check()
        check_names(setting.session.case, entity=self.entity, service=self.service, provider=self.provider)
        asked = _Asked(self, setting, reference_of(setting))
        asked.refuse_what_makes_no_sense()
        {"unit_cost": asked.by_price, "refusal": asked.by_lifting, "lock": asked.by_lifting}.get(
            asked.change, asked.by_lever
        )()
        return asked.answer()


class _Asked:
    """The question in the making: steps, and the change between the last no and the first yes."""

    def __init__(self, question: Flip, setting: Setting, reference: Reference) -> None:
        self.question, self.setting, self.reference = question, setting, reference
        self.session: Session = setting.session
        self.change = question.change.replace("-", "_")
        problem = self.session.problem
        self.demand = problem.demand_index[question.entity, question.service]
        self.provider = problem.provider_index[question.provider]
        self.limit = reference.cost + epsilon_of(question.epsilon, reference.cost)
        self.limited = limited(setting, problem)
        self.against = what_stands_against(self.session.case, problem, self.demand, self.provider)
        self.points: list[Point] = []
        self.rows: list[dict[str, Any]] = []
        self.plans: list[dict[str, Any]] = []
        self.no: int | None = None
        self.yes: int | None = None
        self.never = self.fixed = False
        self.unit, self.sign = "", 1
        self.today: float | None = None
        self.first: tuple[Placed, Ends] | None = None

    def refuse_what_makes_no_sense(self) -> None:
        """What stands against the pair must be what the change lifts.

        Raises
        ------
        UsageError
        """
        who, lock = self.question.provider, [a for a in self.against if a.code == "lock"]
        refused = [a for a in self.against if a.code != "lock"]
        facts = [a for a in self.against if a.fact]
        if facts:
            told = f"no change of this kind lets {who} in: {'; '.join(a.message for a in facts)}"
            raise UsageError(f"{told}; a why lists who may serve this demand")
        if self.change == "lock" and not lock:
            raise UsageError("no decision locks this demand to another provider: ask for unit_cost or a capacity")
        if self.change == "refusal" and not refused:
            raise UsageError(f"{who} is not refused for this demand: ask for unit_cost or a capacity")
        left = lock if self.change == "refusal" else refused if self.change == "lock" else list(self.against)
        if left:
            raise UsageError(_told_against(who, left, self.change))
        if who == OWN and self.change in ("line_capacity", "site_capacity", "minimum_volume"):
            raise UsageError(f"own capacity has no {self.change}: it uses no line and no site")

    def _placed(self, session: Session, against: tuple[Against, ...] = ()) -> Placed:
        problem = fixed(session.problem, {self.demand: self.provider})
        return Placed(session, problem, self.demand, self.provider, against, bool(against))

    def step(self, amount: int, session: Session, left: int, *, both: bool = False) -> str:
        """Whether a plan with the pair costs no more after a change: yes, no or open; ``both`` ends in any case."""
        placed = self._placed(session, self.against if self.change in ("refusal", "lock") else ())
        placed.look_near(list(held_choices(session, self.reference.choice)))
        ends = ends_of(placed, bounds_if_large(self.setting, session) if session is self.session else None)
        if self._verdict(ends) == "open" or both:
            ends = search(self.limited, placed, ends, left=left)
        return self.note(amount, placed, ends)

    def _verdict(self, ends: Ends) -> str:
        if ends.upper is not None and ends.upper <= self._most():
            return "yes"
        above = ends.lower is not None and ends.lower > self._most()
        return "no" if above or ends.status == "impossible" else "open"

    def note(self, amount: int, placed: Placed, ends: Ends) -> str:
        """Write a step down."""
        verdict = self._verdict(ends)
        if verdict == "yes" and (self.yes is None or amount <= self.yes):
            self.yes, self.first = amount, (placed, ends)
        elif verdict == "no":
            self.no = amount if self.no is None else max(self.no, amount)
        asked = self.question
        at: dict[str, Any] = {"entity": asked.entity, "service": asked.service, "provider": asked.provider}
        at |= {"change": self.change, "by": self._shown(amount)}
        self.points.append(ends.point(at))
        row = {"by": self._shown(amount), "verdict": verdict, "status": ends.status.replace("_", " ")}
        cost = self.reference.cost
        row["least_extra"] = None if ends.lower is None else round(ends.lower - cost, 6)
        row["most_extra"] = None if ends.upper is None else round(ends.upper - cost, 6)
        self.rows.append(row)
        return verdict

    def _most(self) -> float:
        return self.limit + _ROUNDING * max(1.0, abs(self.limit))

    def _shown(self, amount: int | None) -> float | None:
        return None if amount is None else amount / MICRO

    def by_price(self) -> None:
        """The price of a unit for this demand alone: with the pair held, cost falls by the volume for each 1 less."""
        problem, case = self.session.problem, self.session.case
        volume = float(problem.volume[self.demand])
        demand = case.demand[self.question.entity, self.question.service]
        own = self.provider == problem.n_providers
        line = -1 if own else int(problem.lines.index[self.provider, problem.demand_service[self.demand]])
        self.today = float(demand.own_unit_cost or 0.0) if own else float(problem.lines.first_unit_cost[line])
        self.unit, self.sign = f"{case.policy.currency} a unit", -1
        if self.step(0, self.session, 1, both=True) == "yes":
            return
        placed, point = self._placed(self.session), self.points[0]
        top = math.floor(self.today * MICRO)
        ends = ends_of(placed, None)
        no = -1 if point.lower is None else math.ceil((point.lower - self.limit) / volume * MICRO) - 1
        self.no = max(no, self.no or 0) if no >= 0 else self.no
        self.never = point.status == "impossible" or no >= top
        yes = None if ends.upper is None else max(0, math.ceil((ends.upper - self.limit) / volume * MICRO))
        if yes is not None and yes <= top:
            self.yes, self.first = yes, (placed, ends)

    def by_lifting(self) -> None:
        """All or nothing: refused as it is, then with what stands against it lifted."""
        self.unit = "decision"
        self.no = 0
        varied = lifted if self.change == "refusal" else None
        session = varied(self.session, self.demand, self.provider) if varied else withdrawn(self.session, self.demand)
        if int(session.problem.pair_index(self.demand, self.provider)) < 0:
            why = what_stands_against(session.case, session.problem, self.demand, self.provider)
            raise UsageError(_told_against(self.question.provider, list(why), self.change))
        self.never = self.step(MICRO, session, 1) == "no"

    def by_lever(self) -> None:
        """Bisection, each yes taken to what its plan needs."""
        lever = lever_of(self.session, self.change, self.question.provider, self.question.service)
        self.unit, self.today, self.sign = lever.unit, lever.today, lever.sign
        self.fixed = lever.most == 0
        if self.step(0, self.session, 4) == "yes" or self.fixed:
            self.never = self.yes is None and self.no is not None
            return
        free = lever.at(None)
        if not self._without_limit(lever, free):
            return
        large = is_large(self.session.problem)
        for i in range(LARGE_STEPS if large else MOST_STEPS):
            assert self.yes is not None
            low = -1 if self.no is None else self.no
            done = self.yes - low <= 1 or (large and self.yes - low <= ENOUGH * self.yes)
            if done or self.setting.watch.stopped or self.setting.budget.over:
                break
            middle = (self.yes + max(low, 0)) // 2
            amount = middle if large or i % 2 else self.yes - 1
            verdict = self.step(amount, lever.at(amount), 4)
            if verdict == "yes":
                self._down_to_need(lever)
            elif verdict == "open":
                break

    def _without_limit(self, lever: Lever, free: Session) -> bool:
        """Whether a plan is within the limit when the figure no longer binds; its need is the first yes."""
        placed = self._placed(free)
        placed.look_near(list(held_choices(free, self.reference.choice)))
        ends = search(self.limited, placed, ends_of(placed, bounds_if_large(self.setting, free)), left=4)
        if ends.choice is None or self._verdict(ends) != "yes":
            self.never = self._verdict(ends) == "no"
            if self.never and self.no is None:
                self.no = 0
            return False
        self.note(lever.need(free.problem, ends.choice), placed, ends)
        return True

    def _down_to_need(self, lever: Lever) -> None:
        """The first yes is what its plan needs, which may be less than what was tried."""
        if self.first is None or self.first[1].choice is None or self.yes is None:
            return
        needed = lever.need(self.first[0].session.problem, self.first[1].choice)
        self.yes = min(self.yes, needed)

    def answer(self) -> Answer:
        """Rows, sentences, and the plan at the first yes."""
        asked, case = self.question, self.session.case
        if self.first is not None and self.first[1].choice is not None:
            placed, choice = self.first[0], self.first[1].choice
            name = f"{case.name}, {asked.service} of {asked.entity} at {asked.provider}"
            self.plans.append(placed.session.state(choice, None, name=name).document())
        whole = self.change in ("refusal", "lock")
        closed = self.yes == 0 or (self.yes is not None and self.no is not None and (whole or self.yes - self.no <= 1))
        status = "impossible" if self.never else "proven" if closed else "bounded"
        if self.yes is None and not self.never:
            status = "not answered"
        row = {
            "change": self.change,
            "unit": self.unit,
            "today": self.today,
            "last_no": self._shown(self.no),
            "first_yes": self._shown(self.yes),
            "value_at_first_yes": self._value(self.yes),
            "status": status,
        }
        tables = {"answer": (row,), "steps": tuple(self.rows)}
        here = int(self.reference.choice.provider[self.demand]) == self.provider
        extra = self.rows[0]["most_extra"] if self.rows else None
        facts = {
            "epsilon": self.limit - self.reference.cost,
            "sign": self.sign,
            "here": here,
            "extra": extra,
            "fixed": self.fixed,
        }
        said = tuple(sentences(case, fields_of(asked), row, facts))
        return Answer(asked.kind, fields_of(asked), case.case_hash, tuple(self.points), tables, said, tuple(self.plans))

    def _value(self, amount: int | None) -> float | None:
        if amount is None or self.today is None:
            return None
        return round(self.today + self.sign * amount / MICRO, 6)


def _told_against(provider: str, against: list[Against], change: str) -> str:
    why = "; ".join(a.message for a in against)
    other = "lock" if any(a.code == "lock" for a in against) else "refusal"
    told = f"{provider} may not serve this demand ({why}), and a change of {change} does not alter that"
    return f"{told}; one thing is changed at a time" if change in ("refusal", "lock") else f"{told}: ask for {other}"
