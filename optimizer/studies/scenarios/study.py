"""The cases of a scenario file, each solved alone and then with what the others found, side by side."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

from optimizer.domain.answer import Answer
from optimizer.domain.errors import InputError, UsageError
from optimizer.model.tighter import as_tight
from optimizer.studies.base import fields_of
from optimizer.studies.in_time import unwritten
from optimizer.studies.scenarios.chosen import check_given, chosen_scenarios
from optimizer.studies.scenarios.table import Beside, meant_for, run_row, sentences
from optimizer.studies.search import Ends, least

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.domain.issues import Issue
    from optimizer.plan.plan import Plan
    from optimizer.session import Session
    from optimizer.studies.base import Setting
    from optimizer.studies.scenarios.file import Run, Scenarios

__all__ = ["BASE", "ScenarioStudy", "varied"]

BASE: Final = "base"
"""Name of the run without a change."""
OPTIONS: Final = frozenset({"backend", "gap_rel", "seed", "time_limit_s", "work_limit"})
"""What a file may ask of each solve; threads and memory are for who runs it to grant."""
BASE_SHARE: Final = 6
"""The case as it is gets so large a part of the time at least: every other run begins from its plan."""
MOST_COMPARED: Final = 60
"""Runs up to which each is compared with every other, beyond that with the base alone."""


@dataclass(frozen=True, slots=True)
class ScenarioStudy:
    """Cases made of this one by a file of changes, solved alone and then with shared plans and bounds.

    Two runs whose intervals of the least cost overlap are told apart by nothing: they are not distinguishable.
    """

    kind: ClassVar[str] = "scenarios"
    needs_plan: ClassVar[bool] = False

    name: str = field(default="", metadata={"help": "a packaged set, e.g. close-each-site; or --file"})
    text: str = field(default="", metadata={"help": "a scenario file (TOML)", "file": True})
    limit: int = field(default=1000, metadata={"help": "most runs"})
    preview: bool = field(default=False, metadata={"help": "list the runs and solve nothing"})

    def check(self) -> None:
        """Refuse what makes no sense whatever the case is."""
        check_given(self.name, self.text)

    def run(self, setting: Setting) -> Answer:
        """Make every case, then solve it."""
        file = chosen_scenarios(self.name, self.text, setting.session.case, self.limit)
        case = setting.session.case
        said = list(meant_for(file.case, case.name))
        if self.preview:
            rows = tuple({"run": run.name} for run in file.runs)
            return self._answer(setting, tables={"runs": rows}, sentences=tuple(said))
        runs = _Runs(_with_options(setting, file), file.runs)
        ends = runs.solved()
        plans = runs.plans(ends)
        held = [plan for plan in plans if plan is not None]
        at = iter(range(len(held)))
        points = tuple(
            end.point({"run": runs.names[i]}, None if plans[i] is None else next(at)) for i, end in enumerate(ends)
        )
        rows = tuple(
            run_row(runs.names[i], runs.at(i), ends[i], ends[0], plans[i], runs.beside(i)) for i in range(len(ends))
        )
        said += sentences(rows, case.policy.currency)
        said += unwritten(sum(end.choice is not None for end in ends) - len(held))
        return self._answer(
            setting,
            points=points,
            tables={"runs": rows},
            sentences=tuple(said),
            plans=tuple(p.document() for p in held),
        )

    def _answer(self, setting: Setting, **found: Any) -> Answer:
        asked = fields_of(self) | {"text": ""}  # the file may be long; its runs are in the answer
        return Answer(self.kind, asked, setting.session.case.case_hash, **found)


def _with_options(setting: Setting, file: Scenarios) -> Setting:
    """The study's options, with those of the file where it has any.

    Raises
    ------
    UsageError
        An option is not one that a file may ask for.
    """
    if wrong := sorted(set(file.options) - OPTIONS):
        raise UsageError(f"options of the file: {', '.join(wrong)} is none of {', '.join(sorted(OPTIONS))}")
    return dataclasses.replace(setting, params=dataclasses.replace(setting.params, **file.options))


class _Runs:
    """All runs of a file, the base first."""

    def __init__(self, setting: Setting, runs: Sequence[Run]) -> None:
        self.setting, self._given = setting, runs
        self.names = (BASE, *(run.name for run in runs))
        self.sessions = (setting.session, *varied(setting.session, runs))
        self._plan_s = 0.0
        """Seconds that one plan takes to price and check."""

    def at(self, i: int) -> dict[str, Any]:
        """Place on the axes of its grid."""
        run = self._given[i - 1] if i else None
        return dict(run.at or {}) if run is not None else {}

    def beside(self, i: int) -> Beside:
        """How a run compares with the base."""
        one, base = self.sessions[i].problem, self.sessions[0].problem
        return Beside(as_tight(one, base), as_tight(base, one))

    def _setting(self, i: int) -> Setting:
        seed = self._given[i - 1].seed if i else None
        if seed is None:
            return self.setting
        return dataclasses.replace(self.setting, params=dataclasses.replace(self.setting.params, seed=seed))

    def solved(self) -> list[Ends]:
        """Each run alone, then each from the best plan and bound of all, so that the order does not matter."""
        n = len(self.sessions)
        alone = [self._base(min(2 * n, BASE_SHARE))]
        alone += [self._alone(i, alone[0], 2 * n - i) for i in range(1, n)]
        again = [self._again(i, alone, n - i) for i in range(n)]
        return [self._last(i, again) for i in range(n)]

    def _base(self, left: int) -> Ends:
        """The case as it is, from the plan in hand and its bound where there is one; how long a plan takes to make."""
        session, given = self.setting.session, self.setting.plan
        own, lower = session.alone(), None
        if given is not None:
            own.keep(given)
            lower = given.bounds.best_bound
        ends = least(self.setting, own, own.problem, lower=lower, left=left)
        began = time.monotonic()
        if ends.choice is not None:
            session.keep_choice(ends.choice)
            self.plan(0, ends)
            self._plan_s = time.monotonic() - began
        self.setting.budget.keep(self._plan_s * len(self.sessions))
        return ends

    def _alone(self, i: int, base: Ends, left: int) -> Ends:
        """A run by itself, begun where the base's plan is, whether or not that keeps the rules here."""
        own, start = self.sessions[i].alone(), None
        if base.choice is not None:
            start = own.problem.encode(self.sessions[0].problem.decode(base.choice))
        ends = least(self._setting(i), own, own.problem, start=start, left=left)
        if ends.choice is not None:
            self.sessions[i].keep_choice(ends.choice)
        return ends

    def _again(self, i: int, ends: Sequence[Ends], left: int) -> Ends:
        """A run with what the others found; nothing changes where it was proven."""
        own, session = ends[i], self.sessions[i]
        if own.status in ("proven", "impossible"):
            return own
        lower, never = self._passed(i, ends)
        if never and own.choice is None:
            return Ends("impossible", detail="a looser run has no plan (proven)")
        return least(self._setting(i), session, session.problem, lower=lower, left=left)

    def _passed(self, i: int, ends: Sequence[Ends]) -> tuple[float | None, bool]:
        """The best bound of a run and of all that are as loose; whether one of these has no plan."""
        lower, never = ends[i].lower, False
        others = range(len(ends)) if len(ends) <= MOST_COMPARED else (0,)
        for j in (j for j in others if j != i):
            useful = ends[j].status == "impossible" or (ends[j].lower or -1e300) > (lower or -1e300)
            if useful and as_tight(self.sessions[i].problem, self.sessions[j].problem):
                never = never or ends[j].status == "impossible"
                lower = max((b for b in (lower, ends[j].lower) if b is not None), default=None)
        return lower, never

    def _last(self, i: int, ends: Sequence[Ends]) -> Ends:
        """A run with what was found after it: no run that only restricts another is cheaper than that one's plan."""
        own = ends[i]
        if own.status in ("proven", "impossible"):
            return own
        held, (lower, _) = self.sessions[i].held(), self._passed(i, ends)
        if held is None:
            return Ends.of(lower, own.upper, own.choice, own.detail)
        return Ends.of(lower, held.cost, held.choice, own.detail)

    def plans(self, ends: Sequence[Ends]) -> list[Plan | None]:
        """The plans of all runs, as long as there is time to price and check them; that of the base always."""
        budget = self.setting.budget
        return [self.plan(i, end) if i == 0 or budget.fits(self._plan_s) else None for i, end in enumerate(ends)]

    def plan(self, i: int, end: Ends) -> Plan | None:
        """The plan of a run."""
        return None if end.choice is None else self.sessions[i].state(end.choice, end.lower, name=str(self.names[i]))


def varied(base: Session, runs: Sequence[Run]) -> list[Session]:
    """The cases of all runs, every problem of every one at once.

    Raises
    ------
    InputError
    """
    made: list[Session] = []
    issues: list[Issue] = []
    for run in runs:
        try:
            made.append(run.of(base))
        except InputError as error:
            issues += [dataclasses.replace(i, message=f"run {run.name}: {i.message}") for i in error.issues]
    if issues:
        raise InputError(issues)
    return made
