"""``why_not`` of a case with a horizon: what it would cost to have a demand end at another source."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.answer import Answer
from optimizer.domain.errors import InputError
from optimizer.domain.names import LOCK_CANNOT_OVERRIDE
from optimizer.model.eligibility.reasons import explain_refusals
from optimizer.pipeline import GroundOverTime
from optimizer.report.time.compare import diff_over_time
from optimizer.solvers.accept.over_time import JOINT_PAIRS
from optimizer.stating import state_over_time
from optimizer.studies.base import fields_of
from optimizer.studies.over_time.ends import PathEnds, least_over_time, reference_path
from optimizer.studies.over_time.why_not_told import sentences
from optimizer.studies.reference import check_names
from optimizer.tables.replace import replace as replaced

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.studies.over_time.ends import ReferencePath, SettingOverTime
    from optimizer.studies.why_not import WhyNot

__all__ = ["why_not_over_time"]

SEARCHED: Final = 3
"""Sources of a large case that are searched for where all are asked about, the cheapest there first."""


def why_not_over_time(question: WhyNot, setting: SettingOverTime) -> Answer:
    """What it costs to have one demand end at another source, or at each: against the plan, and as a condition.

    A source is that of the last period in which the demand is there; its dates are free. One that is refused then is
    let in by a decision for this demand and that period.
    """
    question.check()
    check_names(setting.case, entity=question.entity, service=question.service, provider=question.provider)
    ground = GroundOverTime.of(setting.case)
    asked = _Asked(question, setting, ground, reference_path(setting, ground))
    asked.search()
    return asked.answer()


@dataclass(eq=False)
class _Source:
    """One source that is asked about.

    Parameters
    ----------
    index : int
    against : list of mapping
        What refuses it in the demand's last period; as ``explain_refusals``.
    ground : GroundOverTime, optional
        Of the case in which it may be asked about: another one where it is let in; ``None`` where nothing lifts it.
    """

    index: int
    against: list[dict[str, Any]]
    case: Case | None = None
    ground: GroundOverTime | None = None
    ends: PathEnds = field(default_factory=lambda: PathEnds("not_answered", detail="the time was over"))


class _Asked:
    """The question in the making."""

    def __init__(
        self, question: WhyNot, setting: SettingOverTime, ground: GroundOverTime, reference: ReferencePath
    ) -> None:
        self.question, self.setting, self.ground, self.reference = question, setting, ground, reference
        joint = ground.joint
        self.d = joint.keys.index((question.entity, question.service))
        self.t = joint.presence[self.d][-1]
        self.here = int(reference.path.provider[self.t, self.d])
        wanted = [joint.source_index[question.provider]] if question.provider else range(joint.n_providers + 1)
        self.sources = [self._source(p) for p in wanted]
        self.base = PathEnds("not_answered")

    @property
    def _large(self) -> bool:
        return sum(s.problem.n_pairs for s in self.ground.joint.stages) > JOINT_PAIRS

    def _source(self, p: int) -> _Source:
        """A source with what refuses it, let in where a decision can."""
        against = self._against(p)
        if not against or p == self.here:
            return _Source(p, against, self.setting.case, self.ground)
        facts = {r["code"] for r in against} & LOCK_CANNOT_OVERRIDE
        if facts or (self._large and not self.question.provider):
            return _Source(p, against)
        try:
            case = self._letting_in(p)
        except InputError:
            return _Source(p, against)
        return _Source(p, against, case, GroundOverTime.of(case))

    def _against(self, p: int) -> list[dict[str, Any]]:
        """What refuses a source in the last period; agencies are tested where they arrive, by the search."""
        stage, at = self.ground.joint.stages[self.t], int(self.ground.joint.local[self.t, self.d])
        return explain_refusals(stage.case, stage.problem, at, p)

    def _letting_in(self, p: int) -> Case:
        """The case with a decision that lets a source in for the demand, in its last period alone."""
        period, case = self.ground.joint.stages[self.t].period, self.setting.case
        row = {
            "action": "lock",
            "entity": self.question.entity,
            "service": self.question.service,
            "provider": self.ground.joint.name(p),
            "reason": "asked by why_not",
            "from": period.begin.isoformat(),
            "until": period.end.isoformat(),
        }
        return replaced(case, decisions=[*case.tables.get("decisions", ()), row])

    def search(self) -> None:
        """The least cost without the condition, then with each source, the cheapest in hand first."""
        able = [s for s in self.sources if s.ground is not None and s.index != self.here]
        if self._large and not self.question.provider:
            able = sorted(able, key=self._price)[:SEARCHED]
        left = len(able) + 1
        self.base = self.setting.answered(
            "without",
            self.ground,
            partial(least_over_time, self.setting, self.ground, start=self.reference.path, left=left),
        )
        for k, source in enumerate(able):
            assert source.ground is not None
            start, left = self._start(source.index), len(able) - k
            last = (source.ground.joint.keys.index((self.question.entity, self.question.service)), source.index)
            search = partial(least_over_time, self.setting, source.ground, start=start, left=left, last=last)
            name = f"provider={source.ground.joint.name(source.index)}"
            source.ends = self.setting.answered(name, source.ground, search)
        self._share()

    def _start(self, p: int) -> Any:
        """The plan in hand with the demand elsewhere in its last period."""
        provider = self.reference.path.provider.copy()
        provider[self.t, self.d] = p
        return replace(self.reference.path, provider=provider)

    def _price(self, source: _Source) -> float:
        """First-tier cost of the demand at a source in its last period."""
        found = float(self.ground.joint.stages[self.t].leaving[self.d, source.index])
        return found if found == found else float("inf")

    def _share(self) -> None:
        """Plans found with a condition are plans without it, and a bound without one holds with it."""
        held = [s.ends for s in self.sources if not s.against and s.ends.upper is not None]
        best = min(held, key=lambda e: e.upper or 0.0, default=None)
        known = self.base.upper
        if best is not None and best.upper is not None and (known is None or best.upper < known):
            self.base = replace(self.base, upper=best.upper, path=best.path)
        for source in self.sources:
            lower, base = source.ends.lower, self.base.lower
            if not source.against and base is not None and source.ends.status in ("bounded", "not_answered"):
                source.ends = replace(source.ends, lower=base if lower is None else max(lower, base))
            if source.index == self.here:
                source.ends = PathEnds("bounded", self.base.lower, self.reference.cost, self.reference.path)

    def _row(self, source: _Source) -> dict[str, Any]:
        """One row of the table ``providers``."""
        cost, ends = self.reference.cost, source.ends
        without = [v for v in (cost, self.base.upper, None if source.against else ends.upper) if v is not None]
        least_price = None if ends.lower is None else ends.lower - min(without)
        if not source.against and ends.upper is not None:
            least_price = max(least_price or 0.0, 0.0)
        return {
            "provider": self.ground.joint.name(source.index),
            "verdict": self._verdict(source),
            "status": ends.status.replace("_", " "),
            "least_extra": None if ends.lower is None else ends.lower - cost,
            "most_extra": None if ends.upper is None else ends.upper - cost,
            "least_price": least_price,
            "most_price": None if ends.upper is None or self.base.lower is None else ends.upper - self.base.lower,
        }

    def _verdict(self, source: _Source) -> str:
        if source.index == self.here:
            return "in plan"
        if not source.against:
            return "possible"
        if source.ground is not None:
            return "lifted"
        return "never" if {r["code"] for r in source.against} & LOCK_CANNOT_OVERRIDE else "refused"

    def answer(self) -> Answer:
        """Everything that was found."""
        joint = self.ground.joint
        shown = [s for s in self.sources if s.ends.path is not None and s.index != self.here]
        plans = [self._document(s) for s in shown if self.question.provider]
        tables: dict[str, tuple[dict[str, Any], ...]] = {"providers": tuple(self._row(s) for s in self.sources)}
        tables["refusals"] = tuple(
            {
                "provider": joint.name(s.index),
                "code": r["code"],
                "message": r["message"],
                "fact": r["code"] in LOCK_CANNOT_OVERRIDE,
            }
            for s in self.sources
            for r in s.against
        )
        assert self.setting.plan is not None
        moved = [m for plan in plans for m in diff_over_time(self.setting.plan.document(), plan)["moved"]]
        mine = self.question.entity, self.question.service
        tables["moves"] = tuple(m for m in moved if (m["entity"], m["service"]) != mine)
        points = tuple(
            s.ends.point({"provider": joint.name(s.index)}, 0 if plans and s in shown else None) for s in self.sources
        )
        said = sentences(self.setting.case, fields_of(self.question), tables)
        return Answer(
            "why_not",
            fields_of(self.question),
            self.setting.case.case_hash,
            points=points,
            tables=tables,
            sentences=tuple(said),
            plans=tuple(plans),
        )

    def _document(self, source: _Source) -> dict[str, Any]:
        assert source.ends.path is not None
        assert source.case is not None
        assert source.ground is not None
        q = self.question
        name = f"{self.setting.case.name}, {q.service} of {q.entity} at {self.ground.joint.name(source.index)}"
        return state_over_time(source.ground, source.ends.path, source.ends.lower, name=name)
