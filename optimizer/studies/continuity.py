"""What happens when a site is lost: where its work goes, what nobody can take, what that costs and what prevents it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from optimizer.domain.answer import Answer, Point
from optimizer.domain.errors import OptionsRefused
from optimizer.domain.options import Options, refused
from optimizer.model.evaluate import evaluate
from optimizer.plan.given import choice_from_plan
from optimizer.solvers.accept.losses import Fallen, fall, without_limits
from optimizer.studies.base import STOPPED, fields_of
from optimizer.studies.concentration import concentration
from optimizer.studies.continuity_words import sentences
from optimizer.studies.search import CLOSED, Ends, least, seconds_of

if TYPE_CHECKING:
    from optimizer.domain.answer import PointStatus
    from optimizer.model.aliases import Bools
    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem
    from optimizer.plan.plan import Plan
    from optimizer.studies.base import Setting

__all__ = ["Continuity"]

MOST_PAIRS: Final = 300
MOST_WEEKS: Final = 5200
"""A hundred years."""
WEEKS: Final = 52


@dataclass(frozen=True, slots=True)
class Continuity:
    """Each site lost for some weeks: what its backups and other survivors take, what nobody can, and what it costs.

    Its work goes to backups, else to eligible survivors that run the service; all else stays. Capacities bind, limits
    of the policy do not. Least unserved effort, critical services first, then least cost at yearly rates · weeks / 52.
    Also the cheapest plan that has a backup for every demand, and how concentrated the plan is.
    """

    kind: ClassVar[str] = "continuity"
    needs_plan: ClassVar[bool] = True

    weeks: float = field(default=4.0, metadata={"help": "how long a site is lost"})
    sites: tuple[str, ...] = field(default=(), metadata={"help": "sites to look at, by id [default: all with work]"})
    pairs: bool = field(default=False, metadata={"help": "every two sites lost at once, too; at most 300 pairs"})
    cover: bool = field(default=True, metadata={"help": "look for the cheapest plan with a backup for every demand"})

    def run(self, setting: Setting) -> Answer:
        """One small solve for each loss, then one for the plan with a backup for every demand."""
        session, plan = setting.session, setting.plan
        assert plan is not None
        problem = session.problem
        choice = choice_from_plan(problem, plan.document())
        losses = self._losses(problem, choice)
        study = _Losses(setting, problem, choice, self.weeks)
        points: list[Point] = []
        rows: list[dict[str, Any]] = []
        moves: list[dict[str, Any]] = []
        for n, lost in enumerate(losses):
            point, row, moved = study.look(lost, len(losses) - n + self.cover)
            points.append(point)
            rows.append(row)
            moves += moved
        tables: dict[str, tuple[dict[str, Any], ...]] = {"losses": tuple(rows)}
        plans: list[Plan] = []
        if self.cover:
            point, covered = _covered(setting, choice, plans)
            points.append(point)
            tables["every_demand_backed_up"] = (covered,)
        tables["concentration"] = concentration(session.case, problem, choice)
        tables["moves"] = tuple(moves)
        said = sentences(session.case, self.weeks, tables)
        documents = tuple(p.document() for p in plans)
        return Answer(self.kind, fields_of(self), session.case.case_hash, tuple(points), tables, said, documents)

    def check(self) -> None:
        """Refuse what makes no sense whatever the case is.

        Raises
        ------
        UsageError
            The weeks are none, or more than anybody waits for a site.
        """
        if not (0 < self.weeks <= MOST_WEEKS):
            told = f"weeks is a number above 0, at most {MOST_WEEKS}, not {self.weeks:g}"
            raise OptionsRefused([refused("option_out_of_range", "weeks", told, "give such a number")])

    def _losses(self, problem: Problem, choice: Choice) -> list[tuple[int, ...]]:
        """Sites and pairs of sites to lose.

        Raises
        ------
        UsageError
            Sites that are none or have no work; too many pairs.
        """
        wrong_ones = Options()
        used = sorted({int(p) for p in choice.provider if 0 <= p < problem.n_providers})
        names = {problem.provider_ids[p]: p for p in used}
        wrong = [s for s in dict.fromkeys(self.sites) if s not in names]
        if wrong:
            told, remedy = f"no work at {', '.join(wrong)}", f"name sites with work: {', '.join(names)}"
            wrong_ones.refuse("option_not_offered", "sites", told, remedy)
        chosen = [names[s] for s in dict.fromkeys(self.sites) if s in names] if self.sites else used
        two: list[tuple[int, ...]] = list(combinations(chosen, 2)) if self.pairs else []
        if len(two) > MOST_PAIRS:
            told = f"{len(two)} pairs of sites, at most {MOST_PAIRS}"
            wrong_ones.refuse("option_out_of_range", "pairs", told, "name some sites")
        wrong_ones.done()
        return [*((p,) for p in chosen), *two]


class _Losses:
    """Losses of one plan."""

    def __init__(self, setting: Setting, problem: Problem, choice: Choice, weeks: float) -> None:
        self.setting, self.problem, self.choice = setting, without_limits(problem), choice
        self.part = weeks / WEEKS
        case = setting.session.case
        needed = np.array([case.service[s].critical for s in problem.service_ids], np.bool_)
        self.critical: Bools = needed[problem.demand_service] if len(needed) else np.zeros(0, np.bool_)
        self.cost = evaluate(self.problem, choice).running

    def look(self, lost: tuple[int, ...], left: int) -> tuple[Point, dict[str, Any], list[dict[str, Any]]]:
        """One loss: its point, its row, where the work goes."""
        names = [self.problem.provider_ids[p] for p in lost]
        at, falls = {"lost": names}, np.isin(self.choice.provider, lost)
        row: dict[str, Any] = {
            "lost": " + ".join(names),
            "demands": int(falls.sum()),
            "effort_fte": float(self.problem.effort_fte[falls].sum()),
        }
        found, why = self._fall(frozenset(lost), left)
        if found is None:
            row |= dict.fromkeys(_FIGURES) | {"status": "not answered", "known": {"least_unserved": False}}
            return Point(at, "not_answered", detail=why), row, []
        lower = None if found.bound is None else (found.bound - self.cost) * self.part
        upper = (found.cost - self.cost) * self.part
        closed = found.proven and lower is not None and upper - lower <= CLOSED
        status: PointStatus = "proven" if closed else "bounded"
        row |= self._efforts(found, falls) | {"status": status, "lower": lower, "upper": upper}
        row |= {"known": {"least_unserved": found.proven}}
        return Point(at, status, lower, upper, None, found.detail), row, self._moved(found, falls, row["lost"])

    def _fall(self, lost: frozenset[int], left: int) -> tuple[Fallen | None, str]:
        setting = self.setting
        if setting.watch.stopped:
            return None, STOPPED
        if setting.budget.over:
            return None, "the time of the study was over"
        params = dataclasses.replace(setting.params, time_limit_s=seconds_of(setting, left))
        pool = setting.watch.pool or setting.session.pool
        watch = dataclasses.replace(setting.watch, on_incumbent=None, on_progress=None, pool=pool)
        found = fall(self.problem, self.choice, lost, self.critical, params, watch)
        return found, "nothing was found in its share of the time"

    def _efforts(self, found: Fallen, falls: Bools) -> dict[str, Any]:
        """Effort by where it goes, FTE."""
        fte, goes = self.problem.effort_fte, found.choice.provider
        undone = falls & (goes < 0)
        backed = falls & (goes >= 0) & (goes == self.choice.backup)
        return {
            "backups_fte": float(fte[backed].sum()),
            "others_fte": float(fte[falls & ~undone & ~backed].sum()),
            "unserved_fte": float(fte[undone].sum()),
            "critical_fte": float(fte[undone & self.critical].sum()),
        }

    def _moved(self, found: Fallen, falls: Bools, lost: str) -> list[dict[str, Any]]:
        rows, out = self.problem.decode(found.choice), []
        for d in np.flatnonzero(falls).tolist():
            entity, service, who, _ = rows[d]
            out.append(
                {
                    "lost": lost,
                    "entity": entity,
                    "service": service,
                    "critical": bool(self.critical[d]),
                    "effort_fte": float(self.problem.effort_fte[d]),
                    "to": who or None,
                    "its_backup": bool(who) and int(found.choice.provider[d]) == int(self.choice.backup[d]),
                }
            )
        return out


_FIGURES: Final = (
    "backups_fte",
    "others_fte",
    "unserved_fte",
    "critical_fte",
    "status",
    "lower",
    "upper",
)


def _covered(setting: Setting, choice: Choice, plans: list[Plan]) -> tuple[Point, dict[str, Any]]:
    """The cheapest plan with a backup for every demand, beside the plan in hand."""
    session = setting.session
    change = [{"id": s.id, "critical": True} for s in session.case.services if not s.critical]
    tables: dict[str, Any] = {"services": {"change": change}} if change else {}
    varied = session.vary(policy={"backup": True}, **tables)
    ends: Ends = least(setting, varied, varied.problem, start=choice)
    number = None
    if ends.choice is not None:
        plan = varied.state(ends.choice, ends.lower, name=f"{session.case.name}, a backup for every demand")
        plans.append(plan)
        number = 0
    here = evaluate(session.problem, choice).total
    row = {
        "status": ends.status.replace("_", " "),
        "lower": ends.lower,
        "upper": ends.upper,
        "least_extra": None if ends.lower is None else ends.lower - here,
        "most_extra": None if ends.upper is None else ends.upper - here,
    }
    return ends.point({"every_demand_backed_up": True}, number), row
