"""``rule_price`` of a case with a horizon: the least discounted cost with each rule off, or a step looser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optimizer.domain.answer import Answer
from optimizer.domain.errors import InputError, UsageError
from optimizer.pipeline import GroundOverTime
from optimizer.plan.time.given import path_from_rows
from optimizer.solvers.accept.over_time import path_rows
from optimizer.stating import state_over_time
from optimizer.studies.base import fields_of
from optimizer.studies.over_time.ends import PathEnds, least_over_time, reference_path
from optimizer.studies.over_time.rule_price_told import sentences
from optimizer.studies.over_time.rules_on import switches_over_time
from optimizer.studies.rule_price import MOST_LOCKS, price_row
from optimizer.studies.rules_on import locks_of
from optimizer.studies.search import CLOSED
from optimizer.tables.checks.findings import did_you_mean
from optimizer.tables.replace import replace

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.solvers.accept.over_time import Row
    from optimizer.studies.over_time.ends import SettingOverTime
    from optimizer.studies.rule_price import RulePrice
    from optimizer.studies.rules_on import Switch

__all__ = ["rule_price_over_time"]


def rule_price_over_time(question: RulePrice, setting: SettingOverTime) -> Answer:
    """Solve the case as it is, then once for each rule, from the cheapest plan in hand.

    The saving is the least discounted cost with the rule less that without it, as an interval. Nothing is taken from
    the name of a change: a bound found without a rule is not believed of the case with it.

    Raises
    ------
    UsageError
        The rule that is asked about is not on, or has no limit to move.
    """
    case = setting.case
    asked = [*switches_over_time(case, steps=question.step)]
    asked += () if question.step else locks_of(case, MOST_LOCKS)
    _known(question, asked)
    asked = [s for s in asked if question.rule in ("", s.rule)]
    ground = GroundOverTime.of(case)
    start = None if setting.plan is None else reference_path(setting, ground).path
    left = len(asked) + 1
    base = setting.answered("as it is", ground, lambda: least_over_time(setting, ground, start=start, left=left))
    held = [] if base.path is None else path_rows(ground.joint, base.path)
    found = [_without(setting, switch, held, len(asked) - i) for i, switch in enumerate(asked)]
    return _answer(question, setting, base, found)


@dataclass(frozen=True, eq=False)
class _Found:
    """A rule taken away: its case and what is known of the least cost of that."""

    switch: Switch
    case: Case | None
    ground: GroundOverTime | None
    ends: PathEnds


def _known(question: RulePrice, asked: list[Switch]) -> None:
    on = sorted({s.rule for s in asked})
    if question.rule and question.rule not in on:
        how = " and has a limit to move a step" if question.step else ""
        told = f"no rule {question.rule!r} is on in this case{how}. {did_you_mean(question.rule, on)}".strip()
        raise UsageError(f"{told} Rules to ask about: {', '.join(on) or 'none'}")


def _without(setting: SettingOverTime, switch: Switch, held: list[Row], left: int) -> _Found:
    """Both ends of the case without a rule; the plan as it is stands where nothing cheaper is found."""
    try:
        case = replace(setting.case, policy=switch.policy, changes=switch.changes, **(switch.tables or {}))
    except InputError as error:
        told = f"the case without it is refused: {error.issues[0].message}"
        return _Found(switch, None, None, PathEnds("not_answered", detail=told))
    ground = GroundOverTime.of(case)
    start = path_from_rows(ground.joint, held) if held else None
    ids = ", ".join((switch.ids or {}).values())
    key = f"{switch.rule} {switch.step} {ids}".strip()
    ends = setting.answered(key, ground, lambda: least_over_time(setting, ground, start=start, left=left))
    if start is not None:
        rows = path_rows(ground.joint, start)
        cost = float(ground.evaluator.cost(rows).objective)
        better = ends.upper is None or cost < ends.upper - CLOSED
        if better and not ground.evaluator.violations(rows) and ends.status != "impossible":
            ends = PathEnds("bounded", ends.lower, cost, start, ends.detail)
    return _Found(switch, case, ground, ends)


def _answer(question: RulePrice, setting: SettingOverTime, base: PathEnds, found: list[_Found]) -> Answer:
    rows = [_row(one, base) for one in found]
    order = sorted(range(len(rows)), key=lambda i: -(rows[i]["saving_lower"] or 0.0))
    plans, points = list[dict[str, Any]](), []
    for i in order:
        one = found[i]
        at = {"rule": one.switch.rule, "step": one.switch.step, **(one.switch.ids or {})}
        number = None
        if one.ends.path is not None and one.case is not None and one.ground is not None:
            name, number = f"{one.switch.rule}, {one.switch.step}", len(plans)
            plans.append(state_over_time(one.ground, one.ends.path, one.ends.lower, name=name))
        points.append(one.ends.point(at, number))
    ordered = tuple(rows[i] for i in order)
    return Answer(
        question.kind,
        fields_of(question),
        setting.case.case_hash,
        tuple(points),
        {"rules": ordered},
        tuple(sentences(ordered, setting.case.policy.currency)),
        tuple(plans),
    )


def _row(found: _Found, base: PathEnds) -> dict[str, Any]:
    """Saving as an interval: the least cost with the rule less that without it, discounted over the horizon."""
    ends, switch = found.ends, found.switch
    low = None if base.lower is None or ends.upper is None else base.lower - ends.upper
    high = None if base.upper is None or ends.lower is None else base.upper - ends.lower
    return price_row(switch, ends, low, high)
