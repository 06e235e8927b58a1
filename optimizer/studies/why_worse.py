"""Why an entity is worse off than today, and what it would cost to make that good."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from optimizer.domain.answer import Answer
from optimizer.studies.base import fields_of
from optimizer.studies.in_time import InTime
from optimizer.studies.nearness import MEASURES, Nearness
from optimizer.studies.placing import LARGE_EACH_S, bounds_if_large, is_large, limited
from optimizer.studies.reference import check_names, reference_of
from optimizer.studies.restoring import restored
from optimizer.studies.search import Ends, least
from optimizer.studies.why_worse_words import sentences

if TYPE_CHECKING:
    from optimizer.model.problem import Problem
    from optimizer.session import Session
    from optimizer.studies.base import Setting
    from optimizer.studies.reference import Reference

__all__ = ["WhyWorse"]

UNITS = {"overlap": "hours a day", "distance": "km", "languages": "languages", "price": "price index"}


@dataclass(frozen=True, slots=True)
class WhyWorse:
    """What an entity loses against today, and what it costs to make it whole: each measure alone, then all.

    Shared hours, distance and languages are held by a rule on this entity alone. Its price is told but not held: what
    an entity pays depends on who shares its lines.
    """

    kind: ClassVar[str] = "why_worse"
    needs_plan: ClassVar[bool] = True

    entity: str = field(metadata={"help": "id of the entity"})
    thresholds: bool = field(
        default=False, metadata={"help": "whole is within the policy's thresholds, not as good as today"}
    )

    def run(self, setting: Setting) -> Answer:
        """Compare, then search under each rule."""
        check_names(setting.session.case, entity=self.entity)
        asked = _Asked(self, setting, reference_of(setting))
        asked.search()
        return asked.answer()


class _Asked:
    """The question in the making."""

    def __init__(self, question: WhyWorse, setting: Setting, reference: Reference) -> None:
        self.question, self.setting, self.reference = question, setting, reference
        self.session: Session = setting.session
        self.limited = limited(setting, self.session.problem, LARGE_EACH_S)
        self.near = Nearness(self.session.case, self.session.problem, question.entity)
        self.ends: dict[str, Ends] = {}
        self.options: dict[str, list[Problem]] = {}
        self.base = Ends("not_answered")
        lost = [m for m in MEASURES if self._is_lost(m)]
        self.asked: dict[str, tuple[str, ...]] = {m: (m,) for m in lost} | ({"all": MEASURES} if lost else {})

    def _is_lost(self, measure: str) -> bool:
        loss = self.near.loss(measure, self.reference.choice)
        return loss is not None and loss > self.near.allowed(measure, thresholds=self.question.thresholds)

    def search(self) -> None:
        """The base, then each measure, alike."""
        session, problem = self.session, self.session.problem
        session.keep_choice(self.reference.choice)
        if not self.asked:
            return
        bounds = bounds_if_large(self.setting, session)
        lower = bounds.least if bounds is not None and math.isfinite(bounds.least) else None
        left = len(self.asked) + 1
        self.base = least(self.limited, session, problem, lower=lower, left=left)
        for i, (name, measures) in enumerate(self.asked.items()):
            self.ends[name] = self._held(name, measures, left - 1 - i)
        for name, ends in self.ends.items():  # what was found for one is in hand for the others
            if ends.status != "impossible":
                self.ends[name] = _least_of(
                    [Ends.of(ends.lower, *_in_hand(session, o), ends.detail) for o in self.options[name]]
                )
        held = session.held()
        if held is not None and self.base.status != "impossible":
            self.base = Ends.of(self.base.lower, held.cost, held.choice, self.base.detail)

    def _held(self, name: str, measures: tuple[str, ...], left: int) -> Ends:
        """The least cost with measures held: the least over the sets of languages that may be lacking."""
        problem, session = self.session.problem, self.session
        price = 10.0 * max(abs(self.reference.cost), 1.0)
        options = list(self.near.held(problem, measures, price, thresholds=self.question.thresholds))
        self.options[name] = options
        if is_large(problem):
            restored(self.limited, session, self.near, self.reference.choice, options, left)
            found = [Ends.of(self.base.lower, *_in_hand(session, option)) for option in options]
        else:
            found = [least(self.limited, session, option, left=left * len(options)) for option in options]
        return _least_of(found)

    def answer(self) -> Answer:
        """Rows, sentences and a plan for each measure."""
        session, case, asked = self.session, self.session.case, self.question
        points, rows = [], []
        plans: list[dict[str, Any]] = []
        stated, at = InTime(self.setting.budget), dict[bytes, int]()  # one plan is often the answer to all measures
        for name, ends in self.ends.items():
            choice, key = ends.choice, b"" if ends.choice is None else ends.choice.provider.tobytes()
            title = f"{case.name}, {asked.entity} whole in {name}"
            if choice is not None and key not in at:
                plan = stated.make(partial(session.state, choice, None, name=title))
                if plan is not None:
                    at[key] = len(plans)
                    plans.append(plan.document())
            points.append(ends.point({"entity": asked.entity, "measure": name}, at.get(key)))
            rows.append(self._row(name, ends))
        tables = {"measures": tuple(self._measures()), "whole": tuple(rows), "demands": tuple(self._demands())}
        tables = {name: content for name, content in tables.items() if content}
        facts = {"gap": self._gap(), "thresholds": asked.thresholds}
        said = sentences(case, asked.entity, tables, facts)
        return Answer(asked.kind, fields_of(asked), case.case_hash, tuple(points), tables, tuple(said), tuple(plans))

    def _gap(self) -> float:
        if self.base.lower is None or self.base.upper is None:
            return 0.0
        return (self.base.upper - self.base.lower) / max(abs(self.base.upper), 1.0)

    def _row(self, name: str, ends: Ends) -> dict[str, Any]:
        cost, base, problem = self.reference.cost, self.base, self.session.problem
        without = min(v for v in (cost, base.upper, ends.upper) if v is not None)
        price = None if ends.lower is None else round(ends.lower - without, 6)
        moved = None
        if ends.choice is not None:
            moved = [int(d) for d in (ends.choice.provider != self.reference.choice.provider).nonzero()[0]]
        e = problem.entity_ids.index(self.question.entity)
        return {
            "measure": name,
            "status": ends.status.replace("_", " "),
            "least_extra": None if ends.lower is None else round(ends.lower - cost, 6),
            "most_extra": None if ends.upper is None else round(ends.upper - cost, 6),
            "least_price": max(price or 0.0, 0.0) if ends.upper is not None else price,
            "most_price": None if ends.upper is None or base.lower is None else round(ends.upper - base.lower, 6),
            "own_moved": None if moved is None else sum(bool(problem.demand_entity[d] == e) for d in moved),
            "others_moved": None if moved is None else sum(bool(problem.demand_entity[d] != e) for d in moved),
        }

    def _measures(self) -> list[dict[str, Any]]:
        """What it has today and in the plan; its price as the plan tells it."""
        rows: list[dict[str, Any]] = []
        policy = self.session.case.policy
        for measure in MEASURES:
            today = self.near.value(measure, self.session.problem.current)
            then = self.near.value(measure, self.reference.choice.provider)
            if today is None or then is None:
                continue
            loss = then - today if measure != "overlap" else today - then
            threshold = self.near.allowed(measure, thresholds=True)
            rows.append(_measured(measure, float(today), float(then), float(loss), float(threshold), loss > threshold))
        index = self._price_index()
        if rows and index is not None:
            most = policy.worse_price_rel
            rows.append(_measured("price", 1.0, index, index - 1.0, most, index - 1.0 > most + 1e-9))
        return rows

    def _price_index(self) -> float | None:
        plan = self.setting.plan
        found = [e.price_index for e in plan.entities if e.id == self.question.entity] if plan is not None else []
        return found[0] if found else None

    def _demands(self) -> list[dict[str, Any]]:
        """Each of its demands that moves, with the change of shared hours a day and of km."""
        problem, rows = self.session.problem, []
        for d in self.near.demands:
            p, q = int(problem.current[d]), int(self.reference.choice.provider[d])
            if p == q:
                continue
            hours, km = (self.near.change(m, p, q) for m in ("overlap", "distance"))
            rows.append(
                {
                    "service": problem.service_ids[problem.demand_service[d]],
                    "today": problem.provider_name(p),
                    "plan": problem.provider_name(q),
                    "hours": hours,
                    "km": km,
                    "languages_lost": ", ".join(sorted(self.near.lacking(q) - self.near.lacking(p))) or None,
                    "effort_fte": round(float(problem.effort_fte[d]), 6),
                }
            )
        return rows


def _measured(measure: str, *figures: Any) -> dict[str, Any]:
    today, then, loss, threshold, worse = figures
    numbers = {"today": today, "plan": then, "loss": loss, "threshold": threshold}
    return {"measure": measure, "unit": UNITS[measure], **{k: round(v, 6) for k, v in numbers.items()}, "worse": worse}


def _in_hand(session: Session, problem: Problem) -> tuple[float | None, Any]:
    held = session.held(problem)
    return (None, None) if held is None else (held.cost, held.choice)


def _least_of(found: list[Ends]) -> Ends:
    """Both ends of the least of several."""
    open_ = [f for f in found if f.status != "impossible"]
    if not open_:
        return found[0] if found else Ends("impossible", detail="no set of languages may be lacking")
    lowers = [f.lower for f in open_]
    lower = None if any(v is None for v in lowers) else min(v for v in lowers if v is not None)
    best = min(open_, key=lambda f: math.inf if f.upper is None else f.upper)
    return Ends.of(lower, best.upper, best.choice, best.detail)
