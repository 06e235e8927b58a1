"""What each rule, filter and limit costs: the least cost with it off, or a step looser."""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

from optimizer.domain.answer import Answer
from optimizer.domain.errors import InputError, UsageError
from optimizer.model.tighter import as_tight
from optimizer.report.wording import humanise
from optimizer.studies.base import STOPPED, fields_of
from optimizer.studies.in_time import InTime, unwritten
from optimizer.studies.rules_on import locks_of, switches
from optimizer.studies.search import CLOSED, Ends, least
from optimizer.studies.unanswered import reason
from optimizer.studies.words import between, phrase, say, up_to
from optimizer.tables.checks.findings import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from optimizer.domain.answer import Sentence
    from optimizer.domain.case import Case
    from optimizer.plan.plan import Plan
    from optimizer.session import Session
    from optimizer.studies.base import Setting
    from optimizer.studies.rules_on import Switch

__all__ = ["RulePrice", "price_row"]

MOST_LOCKS: Final = 20
"""Locks that are looked at one by one."""
FEW: Final = 2
"""Rules up to which the plans that are made whole at the end take no time worth keeping."""
NAMED: Final = 3
"""Entities named among those that gain or lose."""


@dataclass(frozen=True, slots=True)
class RulePrice:
    """What each rule, filter and limit that is on costs a year: the least cost with it less that without it."""

    kind: ClassVar[str] = "rule_price"
    needs_plan: ClassVar[bool] = False

    step: bool = field(default=False, metadata={"help": "move each limit a step instead of switching it off"})
    rule: str = field(default="", metadata={"help": "this rule or filter alone [default: all that are on]"})

    def run(self, setting: Setting) -> Answer:
        """Solve the case as it is, then once for each rule."""
        session = setting.session
        asked = [*switches(session.case, steps=self.step), *(() if self.step else locks_of(session.case, MOST_LOCKS))]
        asked = [s for s in asked if self.rule in ("", s.rule, *(s.policy or ()))]
        self.check_case(session.case)
        base = least(setting, session, session.problem, left=len(asked) + 1)
        stated = InTime(setting.budget, 1 if len(asked) > FEW else 1 + len(asked))
        before = None
        if base.choice is not None and len(asked) > FEW:  # what one plan takes is known before time is shared out
            before = stated.make(partial(_as_it_is, session, base))
            stated.keep(len(asked))
        found = [self._one(setting, switch, base, len(asked) - i) for i, switch in enumerate(asked)]
        if base.choice is not None and before is None:
            before = stated.make(partial(_as_it_is, session, base))
        base = _raised(base, found)
        rows = [_row(switch, base, one) for switch, one in zip(asked, found, strict=True)]
        order = sorted(range(len(rows)), key=lambda i: -(rows[i]["saving_lower"] or 0.0))
        plans: list[Plan] = []
        points = []
        for i in order:
            plan = found[i].plan(stated)
            rows[i] |= _who(before, plan)
            at = {"rule": asked[i].rule, "step": asked[i].step, **(asked[i].ids or {})}
            points.append(found[i].ends.point(at, None if plan is None else len(plans)))
            plans += [] if plan is None else [plan]
        ordered = tuple(rows[i] for i in order)
        said = list(_sentences(ordered, session.case.policy.currency))
        said += unwritten(sum(one.ends.choice is not None for one in found) - len(plans))
        return Answer(
            self.kind,
            fields_of(self),
            session.case.case_hash,
            tuple(points),
            {"rules": ordered},
            tuple(said),
            tuple(p.document() for p in plans),
        )

    def check_case(self, case: Case) -> None:
        """Refuse a rule that is not on, or of which there is nothing to move; before any work is begun.

        Raises
        ------
        UsageError
        """
        if not self.rule:
            return
        known = tuple(switches(case, steps=self.step))
        on = {s.rule for s in known} | {s.rule for s in locks_of(case, 1) if not self.step}
        if self.rule in on or any(self.rule in (s.policy or ()) for s in known):
            return
        how = " and has a limit to move a step" if self.step else ""
        told = f"no rule {self.rule!r} is on in this case{how}. {did_you_mean(self.rule, on)}".strip()
        raise UsageError(f"{told} Rules to ask about: {', '.join(sorted(on)) or 'none'}")

    def _one(self, setting: Setting, switch: Switch, base: Ends, left: int) -> _Found:
        session = setting.session
        if setting.budget.over or setting.watch.stopped:  # to read another case takes seconds on a large one
            told = STOPPED if setting.watch.stopped else "the time of the study was over"
            return _Found(switch, None, Ends("not_answered", detail=told), looser=False)
        try:
            varied = session.vary(policy=switch.policy, changes=switch.changes, **(switch.tables or {}))
        except InputError as error:
            told = f"the case without it is refused: {error.issues[0].message}"
            return _Found(switch, None, Ends("not_answered", detail=told), looser=False)
        looser = as_tight(session.problem, varied.problem)
        if base.choice is not None:
            varied.keep_choice(base.choice)
        return _Found(switch, varied, least(setting, varied, varied.problem, left=left), looser)


def _as_it_is(session: Session, base: Ends) -> Plan:
    assert base.choice is not None
    return session.state(base.choice, base.lower, name="as it is")


@dataclass(frozen=True, slots=True)
class _Found:
    """A rule taken away: its case, both ends, and whether no plan was lost by it."""

    switch: Switch
    session: Session | None
    ends: Ends
    looser: bool

    def plan(self, stated: InTime) -> Plan | None:
        """The plan without the rule; ``None``: there is none, or no time to make it whole."""
        session, choice = self.session, self.ends.choice
        if session is None or choice is None:
            return None
        name = f"{self.switch.rule}, {self.switch.step}"
        return stated.make(lambda: session.state(choice, self.ends.lower, name=name))


def _raised(base: Ends, found: Sequence[_Found]) -> Ends:
    """The least cost as it is, with the bounds of all cases that only have more plans."""
    lower = [f.ends.lower for f in found if f.looser and f.ends.lower is not None]
    known = max([b for b in (base.lower, *lower) if b is not None], default=None)
    if base.upper is None:
        return base
    return Ends.of(known, base.upper, base.choice, base.detail)


def _row(switch: Switch, base: Ends, found: _Found) -> dict[str, Any]:
    """Saving a year as an interval: the least cost with the rule less that without it."""
    ends = found.ends
    low = None if base.lower is None or ends.upper is None else base.lower - ends.upper
    high = None if base.upper is None or ends.lower is None else base.upper - ends.lower
    if found.looser and base.upper is not None:
        low = max(0.0, low or 0.0)
    return price_row(switch, ends, low, high)


class Ended(Protocol):
    """Both ends of a least cost, steady or over time."""

    @property
    def status(self) -> str: ...
    @property
    def lower(self) -> float | None: ...
    @property
    def upper(self) -> float | None: ...
    @property
    def detail(self) -> str: ...


def price_row(switch: Switch, ends: Ended, low: float | None, high: float | None) -> dict[str, Any]:
    """A row of the table: the saving without a rule as an interval, and both ends of the least cost then."""
    closed = low is not None and high is not None and high - low <= CLOSED
    return {
        "rule": switch.rule,
        "step": switch.step,
        "entity": (switch.ids or {}).get("entity"),
        "service": (switch.ids or {}).get("service"),
        "status": "proven" if closed else ends.status.replace("_", " "),
        "saving_lower": low,
        "saving_upper": high,
        "lower": ends.lower,
        "upper": ends.upper,
        "detail": ends.detail,
    }


def _who(before: Plan | None, plan: Plan | None) -> dict[str, Any]:
    """Entities that pay less and more than in the plan as it is, and demands served elsewhere."""
    if before is None or plan is None:
        return {"gain": None, "lose": None, "most_gain": None, "most_lose": None, "elsewhere": None}
    held = {(a.entity, a.service): a.provider for a in before.assignments}
    change = defaultdict(float, {e: -v for e, v in _bills(before).items()})
    for entity, bill in _bills(plan).items():
        change[entity] += bill
    gain = sorted((v, e) for e, v in change.items() if v <= -0.01)
    lose = sorted(((v, e) for e, v in change.items() if v >= 0.01), reverse=True)
    return {
        "gain": len(gain),
        "lose": len(lose),
        "most_gain": [{"entity": e, "change": round(v, 2)} for v, e in gain[:NAMED]],
        "most_lose": [{"entity": e, "change": round(v, 2)} for v, e in lose[:NAMED]],
        "elsewhere": sum(held.get((a.entity, a.service)) != a.provider for a in plan.assignments),
    }


def _bills(plan: Plan) -> Mapping[str, float]:
    """What each entity bears, money a year."""
    out: dict[str, float] = defaultdict(float)
    for a in plan.assignments:
        out[a.entity] += math.fsum(dataclasses.astuple(a.cost))
    return out


def _sentences(rows: Sequence[Mapping[str, Any]], currency: str) -> Iterator[Sentence]:
    for row in rows:
        ids = {k: row[k] for k in ("rule", "entity", "service") if row[k]}
        step, low, high = phrase(row["step"]), row["saving_lower"], row["saving_upper"]
        what = phrase(humanise(row["rule"]))
        if row["entity"]:
            what = phrase("{rule} of {service} of {entity}", rule=what, service=row["service"], entity=row["entity"])
        if row["upper"] is None:
            yield say("{rule}, {step}: not answered ({why}).", ids, rule=what, step=step, why=reason(row["detail"]))
        elif high is None and low is not None and low > CLOSED:
            saving = between(low, None, currency)
            yield say("{rule}, {step}: saves {saving} a year.", ids, rule=what, step=step, saving=saving)
        elif low is None or high is None:
            yield say(
                "{rule}, {step}: no bound on what it saves was found in time; give more time.",
                ids,
                rule=what,
                step=step,
            )
        elif high <= CLOSED and low >= -CLOSED:
            yield say("{rule}, {step}: saves nothing.", ids, rule=what, step=step)
        elif low > 0:
            saving = between(low, high, currency)
            yield say("{rule}, {step}: saves {saving} a year.", ids, rule=what, step=step, saving=saving)
        elif high < 0:
            more = between(-high, -low, currency)
            yield say("{rule}, {step}: costs {more} more a year.", ids, rule=what, step=step, more=more)
        elif low == 0:
            saving = up_to(high, high, currency)
            template = "{rule}, {step}: saves at most {saving} a year; that the rule costs nothing is not excluded."
            yield say(template, ids, rule=what, step=step, saving=saving)
        else:
            saving = between(low, high, currency)
            template = "{rule}, {step}: a saving of {saving} a year, so not told apart from none."
            yield say(template, ids, rule=what, step=step, saving=saving)
