"""Why not there: what it costs more than the plan in hand, what the condition itself costs, and what else changes."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

from optimizer.domain.answer import Answer
from optimizer.plan.option import OptionPricer
from optimizer.studies.base import fields_of
from optimizer.studies.movers import full_only, move_row, others, put_back
from optimizer.studies.placing import (
    LARGE_EACH_S,
    LARGE_S,
    Placed,
    bounds_if_large,
    ends_of,
    gap_of,
    held_choices,
    in_hand,
    is_large,
    limited,
    place,
    search,
    tell,
)
from optimizer.studies.reference import (
    EPSILON_HELP,
    check_epsilon,
    check_names,
    epsilon_of,
    reference_of,
    with_names,
)
from optimizer.studies.search import CLOSED, Ends, least, less
from optimizer.studies.why_not_words import sentences
from optimizer.studies.why_words import broken_told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.model.parts import Choice
    from optimizer.session import Session
    from optimizer.studies.base import Setting
    from optimizer.studies.reference import Reference

__all__ = ["WhyNot"]

_VERDICTS: Final = {
    (False, False, False): "possible",
    (False, True, True): "lifted",
    (False, True, False): "refused",
    (True, True, False): "never",
}
"""What is said of a provider: a fact is against it, anything is, that is lifted."""

LIFTING_S: Final = 20.0
"""For lifting what is refused at the providers of a large case, or a third of the time if that is less."""
SEARCHED: Final = 5
"""Providers of a large case that are searched for, the cheapest by what is in hand."""


@dataclass(frozen=True, slots=True)
class WhyNot:
    """What it would cost to have one demand at another provider, or at each: against the plan, and as a condition.

    Two statements, each with both ends. Over the plan in hand: how much more the cheapest plan that does it costs.
    Price of the condition: how much the least cost rises by it, nothing else given. A provider that is refused is
    let in by a decision for this demand alone, and the reason is told.
    """

    kind: ClassVar[str] = "why_not"
    needs_plan: ClassVar[bool] = True

    entity: str = field(metadata={"help": "id of the entity"})
    service: str = field(metadata={"help": "id of the service"})
    provider: str = field(default="", metadata={"help": "id of the provider, or OWN [default: all of them]"})
    epsilon: float = field(default=0.001, metadata={"help": EPSILON_HELP})

    def check(self) -> None:
        """Refuse what makes no sense whatever the case is."""
        check_epsilon(self.epsilon)

    def run(self, setting: Setting) -> Answer:
        """Look near the plans in hand, then at the bounds, then search where that is worth it."""
        self.check()
        session = setting.session
        check_names(session.case, entity=self.entity, service=self.service, provider=self.provider)
        reference = reference_of(setting)
        found = _Asked(self, setting, reference)
        found.look()
        found.search()
        return found.answer()


class _Asked:
    """The question in the making."""

    def __init__(self, question: WhyNot, setting: Setting, reference: Reference) -> None:
        self.question, self.setting, self.reference = question, setting, reference
        self.session: Session = setting.session
        self.began = time.monotonic()
        seconds = LARGE_S if question.provider else LARGE_EACH_S
        self.limited = limited(setting, self.session.problem, seconds)
        problem = self.session.problem
        self.demand = problem.demand_index[question.entity, question.service]
        self.epsilon = epsilon_of(question.epsilon, reference.cost)
        asked = [problem.provider_index[question.provider]] if question.provider else range(problem.n_providers + 1)
        self.providers = list(asked)
        self.placed: dict[int, Placed] = {}
        self.ends: dict[int, Ends] = {}
        self.base = Ends("not_answered")

    def look(self) -> None:
        """Both ends of everything, without a search."""
        problem = self.session.problem
        self.session.keep_choice(self.reference.choice)
        near = list(held_choices(self.session, self.reference.choice))
        until = self._lifting_until()
        for p in self.providers:
            self.placed[p] = placed = place(self.session, self.demand, p, lift=time.monotonic() < until)
            if placed.lifted or not placed.against:
                placed.look_near(near)
        bounds = bounds_if_large(self.setting, self.session)
        self.base = in_hand(self.session, problem, None if bounds is None else bounds.least)
        for p, placed in self.placed.items():
            self.ends[p] = ends_of(placed, bounds)
        tell(self.setting, min(self.ends.items(), key=lambda item: self._rank(item[0]))[1], self.began)

    def _lifting_until(self) -> float:
        """When no more is lifted: each lifted pair is a case of its own; one that is asked for by name always is."""
        if self.question.provider or not is_large(self.session.problem):
            return math.inf
        share = self.setting.budget.share(3)
        return time.monotonic() + (LIFTING_S if share is None else min(share, LIFTING_S))

    def search(self) -> None:
        """The base and the cheapest providers, each from the cheapest plan in hand, alike."""
        large = is_large(self.session.problem)
        order = sorted(self.providers, key=self._rank)
        able = [p for p in order if self.ends[p].status != "impossible" and self._open(p)]
        chosen = able[: SEARCHED if large else None]
        wanted = [p for p in chosen if gap_of(self.ends[p]) > self._enough()]
        left = len(wanted) + 1
        if wanted or not large:
            self.base = self._searched_base(left)
        for i, p in enumerate(wanted):
            self.ends[p] = search(self.limited, self.placed[p], self.ends[p], left=left - 1 - i, enough=self._enough())
        self._share(order, chosen)

    def _open(self, p: int) -> bool:
        """It is not refused, or that is lifted."""
        return self.placed[p].lifted or not self.placed[p].against

    def _searched_base(self, left: int) -> Ends:
        problem = self.session.problem
        return least(self.limited, self.session, problem, lower=self.base.lower, left=left)

    def _enough(self) -> float:
        """A gap beyond which more search tells nothing: as wide as that of the case without the condition."""
        base = gap_of(self.base)
        return base + self.epsilon if is_large(self.session.problem) and base < float("inf") else 0.0

    def _rank(self, p: int) -> tuple[float, float, int]:
        ends = self.ends[p]
        infinite = float("inf")
        return (
            infinite if ends.upper is None else ends.upper,
            infinite if ends.lower is None else ends.lower,
            p,
        )

    def _share(self, order: Sequence[int], chosen: Sequence[int]) -> None:
        """What was found for one is in hand for all: plans of a tighter problem, bounds of a looser one."""
        held = self.session.held()
        lower = self.base.lower
        if held is not None and (self.base.upper is None or held.cost < self.base.upper):
            self.base = Ends.of(lower, held.cost, held.choice, self.base.detail)
        for p in order:
            ends, placed = self.ends[p], self.placed[p]
            if ends.status == "impossible" or not self._open(p):
                continue
            bounds = [b for b in (ends.lower, self.base.lower if placed.restricts else None) if b is not None]
            told = ends.detail
            if p not in chosen and ends.upper is None:
                told = f"not searched: only the {SEARCHED} cheapest are; ask for it by name"
            now = placed.session.held(placed.problem)
            upper, choice = (None, None) if now is None else (now.cost, now.choice)
            self.ends[p] = Ends.of(max(bounds, default=None), upper, choice, told)

    def answer(self) -> Answer:
        """Rows, sentences and the plans that they speak of."""
        session, points, rows = self.session, [], []
        plans: list[dict[str, Any]] = []
        moves: list[dict[str, Any]] = []
        full: list[dict[str, Any]] = []
        refusals: list[dict[str, Any]] = []
        shown, here = self._shown(), int(self.reference.choice.provider[self.demand])
        for p in self.providers:
            ends, placed = self.ends[p], self.placed[p]
            name = session.problem.provider_name(p)
            at = {"entity": self.question.entity, "service": self.question.service, "provider": name}
            position = None
            if p in shown and ends.choice is not None:
                position = len(plans)
                plans.append(self._document(placed, ends, name))
            points.append(ends.point(at, position))
            refusals += [
                {"provider": name, **a.as_row(), "message": with_names(session.case, a.message), "fact": a.fact}
                for a in placed.against
            ]
            if ends.choice is not None and self.question.provider and p != here:
                moves += self._moves(placed, ends.choice)
                full += full_only(placed.session.problem, ends.choice, self.reference.choice)
            rows.append(self._row(p, ends, placed))
        saving = self._cheaper(plans)
        gap = gap_of(self.base) / max(abs(self.base.upper or 0.0), 1.0)
        facts = {"epsilon": self.epsilon, "saving": saving, "gap": gap, "breaks": self._broken()}
        tables = {"providers": tuple(rows), "moves": tuple(moves), "full": tuple(full), "refusals": tuple(refusals)}
        tables = {name: content for name, content in tables.items() if content}
        asked = self.question
        return Answer(
            asked.kind,
            fields_of(asked),
            session.case.case_hash,
            tuple(points),
            tables,
            tuple(sentences(session.case, fields_of(asked), rows, tables, facts)),
            tuple(plans),
        )

    def _broken(self) -> dict[str, str]:
        """What breaks if the demand alone moves to the one provider that is asked about and no plan has."""
        told: dict[str, str] = {}
        for p, placed in self.placed.items() if self.question.provider else ():
            problem = placed.session.problem
            if self.ends[p].choice is None and int(problem.pair_index(self.demand, p)) >= 0:
                priced = OptionPricer(placed.session.case, problem, self.demand, self.reference.choice).price(p)
                told[problem.provider_name(p)] = broken_told(self.session.case, priced.breaks)
        return told

    def _cheaper(self, plans: list[dict[str, Any]]) -> float | None:
        """By how much a plan without any condition is cheaper than the one in hand; it joins the plans."""
        held = self.session.held()
        if held is None or self.reference.cost - held.cost <= CLOSED:
            return None
        title = f"{self.session.case.name}, without a condition"
        plans.append(self.session.state(held.choice, self.base.lower, name=title).document())
        return self.reference.cost - held.cost

    def _shown(self) -> list[int]:
        """Providers whose plan is shown: the one asked for, or the cheapest that the plan in hand does not have."""
        if self.question.provider:
            return self.providers
        here = int(self.reference.choice.provider[self.demand])
        return [p for p in sorted(self.providers, key=self._rank) if p != here and self.ends[p].upper is not None][:1]

    def _document(self, placed: Placed, ends: Ends, name: str) -> dict[str, Any]:
        assert ends.choice is not None
        title = f"{self.session.case.name}, {self.question.service} of {self.question.entity} at {name}"
        return placed.session.state(ends.choice, None, name=title).document()

    def _moves(self, placed: Placed, choice: Choice) -> list[dict[str, Any]]:
        """Who else moves against the plan in hand, and which of that could stay."""
        problem, reference = placed.session.problem, self.reference.choice
        most = self.ends[placed.provider].upper or 0.0
        watch, budget = self.setting.watch, self.setting.budget
        back, all_tried = put_back(
            problem, choice, reference, self.demand, most + self.epsilon, lambda: watch.stopped or budget.over
        )
        if placed.session.ground.evaluator.violations(problem.decode(back)):
            back, all_tried = choice, False
        moved = others(choice, reference, self.demand)
        return [move_row(problem, d, reference, choice, back, all_tried) for d in moved]

    def _row(self, p: int, ends: Ends, placed: Placed) -> dict[str, Any]:
        cost, base = self.reference.cost, self.base
        without = self.without(placed, ends)
        least_price = less(ends.lower, without)
        if placed.restricts and ends.upper is not None:
            least_price = max(least_price or 0.0, 0.0)
        most_price = less(ends.upper, base.lower)
        here = p == int(self.reference.choice.provider[self.demand])
        return {
            "provider": self.session.problem.provider_name(p),
            "verdict": "in plan" if here else _VERDICTS[placed.never, bool(placed.against), placed.lifted],
            "status": ends.status.replace("_", " "),
            "least_extra": less(ends.lower, cost),
            "most_extra": less(ends.upper, cost),
            "least_price": least_price,
            "most_price": most_price,
        }

    def without(self, placed: Placed, ends: Ends) -> float | None:
        """Cheapest plan known without the condition: in hand, or one that keeps it where it only restricts."""
        known = [self.reference.cost, *(v for v in (self.base.upper,) if v is not None)]
        if placed.restricts and ends.upper is not None:
            known.append(ends.upper)
        return min(known)
