"""What to give up so that an infeasible case has a plan: sets of policy choices, their least amounts, the best plan."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

from optimizer.domain.answer import Answer, Point
from optimizer.domain.errors import InputError
from optimizer.solvers.diagnose import finding
from optimizer.solvers.diagnose.instances import instances_of, prepare
from optimizer.solvers.diagnose.repairs import Elastic, Given
from optimizer.studies.base import fields_of
from optimizer.studies.conflict import no_conflict, searching
from optimizer.studies.hardness import CHOICES_HELP, FACTS_HELP, Hardness
from optimizer.studies.placing import limited
from optimizer.studies.repair_changes import change_of, gives_of, is_least, step_short
from optimizer.studies.repair_large import Hitting, smallest
from optimizer.studies.repair_words import give_row, open_sentence, set_sentence
from optimizer.studies.search import Ends, least
from optimizer.studies.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from optimizer.domain.answer import Sentence
    from optimizer.plan.plan import Plan
    from optimizer.session import Session
    from optimizer.solvers.diagnose.instances import Ground, Instance
    from optimizer.studies.base import Setting
    from optimizer.studies.repair_changes import Give

__all__ = ["Repair"]

MOST_SETS: Final = 5
STEPS: Final = 10
"""Smaller amounts that are looked for before the last is told as it is."""
PROOF_S: Final = 10.0
"""For showing that one amount cannot be smaller."""


@dataclass(frozen=True, eq=False)
class Mended:
    """One set of choices given up, with what is known of the least cost then."""

    gives: list[Give]
    fewest: bool
    short: list[Fraction | None]
    """Of each amount the nearest figure that is proven not to do."""
    ends: Ends
    session: Session | None
    locks: Sequence[bool] = ()
    """Whether fewer demands of a lock were shown not to do."""

    @property
    def proven(self) -> list[bool]:
        """Of which amounts it was shown that a step less does not do."""
        locks = self.locks or [False] * len(self.gives)
        return [is_least(g, s) or lock for g, s, lock in zip(self.gives, self.short, locks, strict=True)]


@dataclass(frozen=True, slots=True)
class Repair:
    """Up to five ways to mend an infeasible case: policy choices given up, the least each gives, the best plan then.

    Sets with the fewest choices come first into the list, none holds another, and the list is told cheapest plan first.
    Hard facts are never given up.
    """

    kind: ClassVar[str] = "repair"
    needs_plan: ClassVar[bool] = False

    facts: tuple[str, ...] = field(default=(), metadata={"help": FACTS_HELP})
    choices: tuple[str, ...] = field(default=(), metadata={"help": CHOICES_HELP})

    def run(self, setting: Setting) -> Answer:
        """Find the sets, then for each the least amounts and the cheapest plan of the case so changed."""
        session = setting.session
        ground = prepare(session.case, session.problem)
        hardness = Hardness(ground, self.facts, self.choices)
        answer = Answer(self.kind, fields_of(self), session.case.case_hash)
        at = {"case": session.case.name}
        if ground.hopeless.any():
            return _facts_alone(answer, at, "told from the tables")
        if session.held() is not None:
            return no_conflict(answer, setting, at)
        pool = instances_of(ground)
        if len(ground.full.pairs.demand) > finding.LARGE_PAIRS:
            found = _of_large(answer, setting, hardness, pool)
            if found is not None:
                return found
        facts = [i for i in pool if hardness.is_fact(i)]
        hard = set(facts)  # once: a large case has tens of thousands of refused pairs
        elastic = Elastic(searching(setting, ground), facts, [i for i in pool if i not in hard])
        sets = _sets(elastic)
        if not sets and elastic.ended:
            return _facts_alone(answer, at, "the solver says so")
        if not sets or not sets[0].instances:
            return no_conflict(answer, setting, at)
        mended = [_mended(setting, ground, g, len(sets) - n) for n, g in enumerate(sets)]
        mended.sort(key=lambda m: math.inf if m.ends.upper is None else m.ends.upper)
        return _answered(answer, setting, ground, mended)


def _of_large(answer: Answer, setting: Setting, hardness: Hardness, pool: Sequence[Instance]) -> Answer | None:
    """Sets that meet every conflict found, each tried by a search for a plan: whole programs would take too long.

    ``None`` where none was found and there is time to ask about whole programs all the same.
    """
    hitting, at = Hitting(setting, hardness, pool), {"case": setting.session.case.name}
    mended: list[Mended] = []
    found = list(hitting.sets(MOST_SETS))
    for n, given in enumerate(found):
        half = setting.budget.share(2 * (len(found) - n))  # the other half is for the least cost
        gives, short = smallest(setting, hitting.search.on(hardness.ground, half), given)
        varied = setting.session.vary(**change_of(hardness.ground, gives))
        mended.append(Mended(gives, True, short, Ends("not_answered"), varied))
    if not mended and hitting.facts_alone:
        return _facts_alone(answer, at, "the solver says so")
    if not mended and not (hitting.conflicts and hitting.search.over):
        return None
    if not mended:
        said = say("No plan keeps every rule; no set of choices was found in time that leaves a plan when given up.")
        why = f"{hitting.tried} sets of choices were tried, none with a plan in time"
        return dataclasses.replace(answer, points=(Point(at, "not_answered", detail=why),), sentences=(said,))
    cheap = limited(setting, setting.session.problem)
    for n, m in enumerate(mended):
        assert m.session is not None
        ends = least(cheap, m.session, m.session.problem, left=len(mended) - n)
        mended[n] = dataclasses.replace(m, ends=ends)
    mended.sort(key=lambda m: math.inf if m.ends.upper is None else m.ends.upper)
    return _answered(answer, setting, hardness.ground, mended, every=hitting.every)


def _sets(elastic: Elastic) -> list[Given]:
    """Up to five sets, each with the least it gives."""
    out: list[Given] = []
    while len(out) < MOST_SETS:
        given = elastic.next()
        if given is None:
            break
        out.append(elastic.least(given))
        if not given.instances:
            break
    return out


def _mended(setting: Setting, ground: Ground, given: Given, left: int) -> Mended:
    """The case with one set given up: amounts that cannot be smaller, then the least cost."""
    gives = gives_of(ground, setting.session.ground.evaluator, given.instances, given.choice)
    gives, proven, start = _smallest(setting, ground, given, gives)
    short = [s.becomes if p and (s := step_short(g)) is not None else None for g, p in zip(gives, proven, strict=True)]
    try:
        varied = setting.session.vary(**change_of(ground, gives))
    except InputError as error:
        return Mended(gives, given.fewest, short, Ends("not_answered", detail=str(error)), None, proven)
    ends = least(setting, varied, varied.problem, start=start.choice, left=left)
    return Mended(gives, given.fewest, short, ends, varied, proven)


def _smallest(
    setting: Setting, ground: Ground, given: Given, gives: list[Give]
) -> tuple[list[Give], list[bool], Given]:
    """Amounts of which none can be a step smaller while the others stay, and for which of them that was shown."""
    for _ in range(STEPS):
        proven, better = _stepwise(setting, ground, gives)
        if better is None:
            shown = [p or (bool(g.named) and given.least) for g, p in zip(gives, proven, strict=True)]
            return gives, shown, given
        given = dataclasses.replace(given, choice=better.choice)
        gives = gives_of(ground, setting.session.ground.evaluator, given.instances, given.choice)
    return gives, [False] * len(gives), given


def _stepwise(setting: Setting, ground: Ground, gives: Sequence[Give]) -> tuple[list[bool], Given | None]:
    """For each amount: whether no plan is left when it is a step smaller; a plan, where there is one."""
    out: list[bool] = []
    for n, give in enumerate(gives):
        short = step_short(give)
        if short is None:
            out.append(False)
            continue
        changed = [*gives[:n], short, *gives[n + 1 :]]
        quick = dataclasses.replace(
            setting, params=dataclasses.replace(setting.params, time_limit_s=_at_most(setting.params.time_limit_s))
        )
        try:
            varied = setting.session.vary(**change_of(ground, changed))
        except InputError:
            out.append(False)
            continue
        ends = least(quick, varied, varied.problem, enough=1e300)
        if ends.choice is not None:
            return out, Given(frozenset(g.instance for g in gives), ends.choice, True, True)
        out.append(ends.status == "impossible")
    return out, None


def _at_most(limit: float | None) -> float:
    return PROOF_S if limit is None else min(limit, PROOF_S)


def _answered(
    answer: Answer, setting: Setting, ground: Ground, mended: Sequence[Mended], *, every: bool = True
) -> Answer:
    currency = setting.session.case.policy.currency
    points: list[Point] = []
    plans: list[Plan] = []
    rows: list[dict[str, Any]] = []
    gives: list[dict[str, Any]] = []
    said: list[Sentence] = []
    for number, m in enumerate(mended, 1):
        plan = None
        if m.ends.choice is not None and m.session is not None:
            plan = m.session.state(m.ends.choice, m.ends.lower, name=f"{setting.session.case.name}, repair {number}")
            plans.append(plan)
        points.append(m.ends.point({"repair": number}, None if plan is None else len(plans) - 1))
        rows.append(
            {
                "repair": number,
                "choices": len(m.gives),
                "no_part_suffices": True if m.fewest else None,
                "status": m.ends.status.replace("_", " "),
                "lower": m.ends.lower,
                "upper": m.ends.upper,
                "moves": None if plan is None or plan.baseline is None else len(plan.moves),
                "change": change_of(ground, m.gives),
            }
        )
        gives += [give_row(ground, number, *of) for of in zip(m.gives, m.proven, m.short, strict=True)]
        said.append(set_sentence(ground, number, m.gives, m.ends, currency))
        said += [open_sentence(number, g, s) for g, p, s in zip(m.gives, m.proven, m.short, strict=True) if s and not p]
    said.append(say("Hard facts are kept in all of them; sets with fewer choices were looked for first."))
    if not every:
        said.append(say("The search for sets ended with its time: others may do as well."))
    return dataclasses.replace(
        answer,
        points=tuple(points),
        tables={"repairs": tuple(rows), "gives": tuple(gives)},
        sentences=tuple(said),
        plans=tuple(p.document() for p in plans),
    )


def _facts_alone(answer: Answer, at: dict[str, Any], how: str) -> Answer:
    """Hard facts alone leave no plan."""
    said = (say("Hard facts alone leave no plan: there is no policy choice that mends it. Ask which rules conflict."),)
    return dataclasses.replace(answer, points=(Point(at, "impossible", detail=how),), sentences=said)
