"""``why`` of a case with a horizon: every source of each stretch of a demand, refused or priced. No solve is made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from optimizer.domain.answer import Answer
from optimizer.domain.errors import UsageError
from optimizer.model.eligibility.lifts import lift_of
from optimizer.model.eligibility.reasons import explain_refusals
from optimizer.model.time.moves.scan import priced_stretches
from optimizer.model.time.stretches import stretches_of
from optimizer.pipeline import GroundOverTime
from optimizer.solvers.accept.over_time import path_rows
from optimizer.studies.base import fields_of
from optimizer.studies.over_time.ends import reference_path
from optimizer.studies.over_time.why_told import sentences
from optimizer.studies.reference import check_names
from optimizer.studies.why_words import broken_told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.time.program import Path
    from optimizer.model.time.stretches import Stretch
    from optimizer.studies.over_time.ends import SettingOverTime
    from optimizer.studies.why import Why

__all__ = ["why_over_time"]

_ORDER: Final = ("in plan", "possible", "breaks", "refused")


def why_over_time(question: Why, setting: SettingOverTime) -> Answer:
    """Why one demand is served as it is in each stretch, its dates and all other decisions kept.

    A source that is refused in a period of the stretch is refused. The others are priced by what the discounted cost of
    the whole plan becomes; those that break a rule are told with the rules, and that price, by the verifier.

    Raises
    ------
    UsageError
        There is no plan.
    """
    if setting.plan is None:
        raise UsageError("study why of a case with a horizon is about a plan: give it")
    check_names(setting.case, entity=question.entity, service=question.service)
    found = _Asked(question, setting)
    rows = tuple(row for stretch in found.mine for row in found.rows(stretch))
    told = tuple(sentences(setting.case, fields_of(question), rows))
    return Answer(
        question.kind, fields_of(question), setting.case.case_hash, tables={"providers": rows}, sentences=told
    )


class _Asked:
    """The question in the making."""

    def __init__(self, question: Why, setting: SettingOverTime) -> None:
        self.setting, self.ground = setting, GroundOverTime.of(setting.case)
        joint = self.ground.joint
        reference = reference_path(setting, self.ground)
        self.path, self.cost = reference.path, reference.cost
        self.d = joint.keys.index((question.entity, question.service))
        stretches = list(stretches_of(joint, self.path.provider, self.path.backup))
        self.mine = [s for s in stretches if s.d == self.d]
        first = stretches.index(self.mine[0])
        self.numbers = {id(s): first + k for k, s in enumerate(self.mine)}
        scan = priced_stretches(joint, self.path)
        number = scan.moves.stretches.number[scan.moves.number]
        own = np.flatnonzero(scan.moves.stretches.demand[scan.moves.number] == self.d)
        self.extra = {
            (int(number[i]), int(scan.moves.source[i])): round(float(scan.extra[i]), 2) + 0.0 for i in own.tolist()
        }

    def rows(self, stretch: Stretch) -> list[dict[str, Any]]:
        """Every source of a stretch, the cheapest first, then those that break a rule, then the refused."""
        found = [self._row(stretch, p) for p in range(self.ground.joint.n_providers + 1)]

        def rank(row: dict[str, Any]) -> tuple[int, float, str]:
            extra = row["extra_cost"]
            return _ORDER.index(row["verdict"]), 0.0 if extra is None else extra, row["provider"]

        return sorted(found, key=rank)

    def _row(self, stretch: Stretch, p: int) -> dict[str, Any]:
        joint, chosen = self.ground.joint, p == stretch.source
        refusals = [] if chosen else list(self._refusals(stretch, p))
        extra = 0.0 if chosen else self.extra.get((self.numbers[id(stretch)], p))
        verdict, breaks = "in plan" if chosen else "possible", list[dict[str, Any]]()
        if refusals:
            verdict, extra = "refused", None
        elif extra is None:
            verdict = "breaks"
            extra, breaks = self._broken(stretch, p)
        against = "; ".join(r["message"] for r in refusals)
        periods = joint.stages[stretch.periods[0]].period, joint.stages[stretch.periods[-1]].period
        return {
            "from_period": stretch.periods[0] + 1,
            "until_period": stretch.periods[-1] + 1,
            "provider": joint.name(p),
            "verdict": verdict,
            "extra_cost": extra,
            "begin": periods[0].begin.isoformat(),
            "end": periods[1].end.isoformat(),
            "chosen": chosen,
            "why_not": against or broken_told(self.setting.case, breaks) or None,
            "what_lifts_it": "; ".join(r["action"] for r in refusals if r["action"]) or None,
            "refusals": refusals,
            "breaks": breaks,
        }

    def _refusals(self, stretch: Stretch, p: int) -> Iterator[dict[str, Any]]:
        """Each reason once, with the first period of the stretch that it holds in, and what lifts it there."""
        known = set[str]()
        for t in stretch.periods:
            stage = self.ground.joint.stages[t]
            at = int(self.ground.joint.local[t, self.d])
            for reason in explain_refusals(stage.case, stage.problem, at, p):
                if reason["code"] not in known:
                    known.add(reason["code"])
                    action = lift_of(stage.case, stage.problem, at, p, reason["code"]).action
                    yield {**reason, "period": t + 1, "action": action}

    def _broken(self, stretch: Stretch, p: int) -> tuple[float | None, list[dict[str, Any]]]:
        """What it would cost more, and the rules that it would break; nothing of either where the time is over."""
        if self.setting.watch.stopped or self.setting.budget.over:
            return None, []
        rows = path_rows(self.ground.joint, self._moved(stretch, p))
        broken = [v.as_dict() for v in self.ground.evaluator.violations(rows)]
        cost = float(self.ground.evaluator.cost(rows).objective)
        return round(cost - self.cost, 2) + 0.0, broken

    def _moved(self, stretch: Stretch, p: int) -> Path:
        provider, backup = self.path.provider.copy(), self.path.backup.copy()
        at = list(stretch.periods)
        provider[at, self.d] = p
        backup[at, self.d] = np.where(backup[at, self.d] == p, -1, backup[at, self.d])
        return replace(self.path, provider=provider, backup=backup)
