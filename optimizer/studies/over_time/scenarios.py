"""``scenarios`` of a case with a horizon: each run alone, then from the cheapest plan of any run that it may have."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optimizer.domain.answer import Answer
from optimizer.domain.errors import InputError, UsageError
from optimizer.domain.steady import is_over_time
from optimizer.pipeline import GroundOverTime
from optimizer.plan.time.given import path_from_plan, path_from_rows
from optimizer.plan.time.plan import PlanOverTime
from optimizer.solvers.accept.over_time import path_rows
from optimizer.stating import state_over_time
from optimizer.studies.base import fields_of
from optimizer.studies.over_time.ends import PathEnds, least_over_time
from optimizer.studies.over_time.scenarios_told import sentences
from optimizer.studies.scenarios.chosen import chosen_scenarios
from optimizer.studies.scenarios.study import BASE, OPTIONS
from optimizer.studies.scenarios.table import meant_for
from optimizer.tables.replace import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.domain.case import Case
    from optimizer.domain.issues import Issue
    from optimizer.model.time.program import Path
    from optimizer.studies.over_time.ends import SettingOverTime
    from optimizer.studies.scenarios.file import Run
    from optimizer.studies.scenarios.study import ScenarioStudy

__all__ = ["scenarios_over_time"]


def scenarios_over_time(question: ScenarioStudy, setting: SettingOverTime) -> Answer:
    """Make every case, solve it, and set the runs side by side; costs are discounted, over each run's horizon.

    Raises
    ------
    InputError
        With every problem of every run.
    UsageError
        A run has no horizon, or the file asks for an option that it may not.
    """
    file = chosen_scenarios(question.name, question.text, setting.case, question.limit)
    if wrong := sorted(set(file.options) - OPTIONS):
        raise UsageError(f"options of the file: {', '.join(wrong)} is none of {', '.join(sorted(OPTIONS))}")
    setting = dataclasses.replace(setting, params=dataclasses.replace(setting.params, **file.options))
    said, asked = list(meant_for(file.case, setting.case.name)), fields_of(question) | {"text": ""}
    if question.preview:
        rows: tuple[dict[str, Any], ...] = tuple({"run": run.name} for run in file.runs)
        return Answer(question.kind, asked, setting.case.case_hash, tables={"runs": rows}, sentences=tuple(said))
    runs = [_Run(BASE, setting.case, GroundOverTime.of(setting.case), setting), *_made(setting, file.runs)]
    _solved(runs, setting)
    plans = [run.plan() for run in runs]
    held = [plan for plan in plans if plan is not None]
    at = iter(range(len(held)))
    points = tuple(
        run.ends.point({"run": run.name}, None if plan is None else next(at))
        for run, plan in zip(runs, plans, strict=True)
    )
    rows = tuple(_row(run, runs[0], plan) for run, plan in zip(runs, plans, strict=True))
    said += sentences(rows, setting.case.policy.currency)
    return Answer(
        question.kind,
        asked,
        setting.case.case_hash,
        points=points,
        tables={"runs": rows},
        sentences=tuple(said),
        plans=tuple(plan.document() for plan in held),
    )


@dataclass(eq=False)
class _Run:
    """One case of the file, or the case as it is."""

    name: str
    case: Case
    ground: GroundOverTime
    setting: SettingOverTime
    at: dict[str, Any] = dataclasses.field(default_factory=dict)
    ends: PathEnds = dataclasses.field(default_factory=lambda: PathEnds("not_answered", detail="the time was over"))

    def found(self, when: str, *, start: Path | None = None, left: int) -> PathEnds:
        """Both ends, by a search alone or again from what others have found, or from the book."""
        return self.setting.answered(
            f"run={self.name} {when}",
            self.ground,
            lambda: least_over_time(self.setting, self.ground, start=start, left=left),
        )

    def cost_of(self, rows: list[Any]) -> float | None:
        """What a plan of another run costs here, ``None`` where it breaks a rule."""
        path = path_from_rows(self.ground.joint, rows)
        mine = path_rows(self.ground.joint, path)
        return None if self.ground.evaluator.violations(mine) else float(self.ground.evaluator.cost(mine).objective)

    def rows(self) -> list[Any] | None:
        """Its plan as rows."""
        return None if self.ends.path is None else path_rows(self.ground.joint, self.ends.path)

    def plan(self) -> PlanOverTime | None:
        """Its plan, verified."""
        if self.ends.path is None:
            return None
        document = state_over_time(self.ground, self.ends.path, self.ends.lower, name=self.name)
        return PlanOverTime.from_document(document, self.case)


def _made(setting: SettingOverTime, runs: Sequence[Run]) -> list[_Run]:
    """The cases of all runs, every problem of every one at once."""
    made: list[_Run] = []
    issues: list[Issue] = []
    for run in runs:
        patch = dict(run.patch or {})
        policy, tables = dict(patch.get("policy") or {}), dict(patch.get("tables") or {})
        try:
            case = replace(setting.case, policy=policy, changes=run.changes, **tables)
        except InputError as error:
            issues += [dataclasses.replace(i, message=f"run {run.name}: {i.message}") for i in error.issues]
            continue
        if not is_over_time(case):
            raise UsageError(f"run {run.name} has no [horizon]: runs of one file all have one, or none has")
        params = setting.params if run.seed is None else dataclasses.replace(setting.params, seed=run.seed)
        own = dataclasses.replace(setting, params=params)
        made.append(_Run(run.name, case, GroundOverTime.of(case), own, dict(run.at or {})))
    if issues:
        raise InputError(issues)
    return made


def _solved(runs: Sequence[_Run], setting: SettingOverTime) -> None:
    """Each run alone, then those not proven from the cheapest plan of any, so that the order does not matter."""
    n = len(runs)
    for k, run in enumerate(runs):
        run.ends = run.found("alone", left=2 * n - k)
    found = [rows for run in runs if (rows := run.rows()) is not None]
    first: Path | None = None
    for k, run in enumerate(runs):
        if run.ends.status in ("proven", "impossible") or setting.budget.over:
            continue
        if setting.plan is not None and run is runs[0]:
            found.append(path_rows(run.ground.joint, path_from_plan(run.ground.joint, setting.plan.document())))
        costs = [(cost, i) for i, rows in enumerate(found) if (cost := run.cost_of(rows)) is not None]
        first = path_from_rows(run.ground.joint, found[min(costs)[1]]) if costs else None
        again = run.found("again", start=first, left=n - k)
        run.ends = _better(run.ends, again)


def _better(one: PathEnds, other: PathEnds) -> PathEnds:
    """The cheaper plan and the higher bound of two searches of one case."""
    if other.status in ("proven", "impossible") or one.upper is None:
        best = other
    else:
        best = other if other.upper is not None and other.upper <= one.upper else one
    lower = max((b for b in (one.lower, other.lower) if b is not None), default=None)
    return dataclasses.replace(best, lower=lower) if best.status in ("bounded", "not_answered") else best


def _row(run: _Run, base: _Run, plan: PlanOverTime | None) -> dict[str, Any]:
    """Status, both ends, difference from the base, and what the plan is like; unknown figures are ``None``."""
    ends, of = run.ends, base.ends
    low = None if ends.lower is None or of.upper is None else ends.lower - of.upper
    high = None if ends.upper is None or of.lower is None else ends.upper - of.lower
    known = run is not base and ends.status != "impossible" and of.upper is not None
    return {
        "run": run.name,
        **{f"at {label}": value for label, value in run.at.items()},
        "status": ends.status.replace("_", " "),
        "lower": ends.lower,
        "upper": ends.upper,
        "difference_lower": None if run is base else low,
        "difference_upper": None if run is base else high,
        "told_apart": None if not known else (low is not None and low > 0) or (high is not None and high < 0),
        "detail": ends.detail,
        **_of_plan(plan),
    }


def _of_plan(plan: PlanOverTime | None) -> dict[str, Any]:
    names = ("npv", "run_rate", "break_even", "one_off", "moves", "waves", "open", "cost")
    if plan is None or plan.cost is None:
        return dict.fromkeys(names)
    saved, last = plan.savings, plan.horizon.count
    return {
        "npv": None if saved is None else saved.npv,
        "run_rate": None if saved is None else saved.run_rate,
        "break_even": None if saved is None else saved.break_even,
        "one_off": plan.cost.one_off,
        "moves": len(plan.moves),
        "waves": sum(w.switches > 0 for w in plan.waves),
        "open": [s.provider for s in plan.sites if s.open and s.period == last],
        "cost": plan.document()["cost"],
    }
