"""What a plan's decisions cost if the world turns out otherwise: held as far as they can be, against the best then."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from optimizer.domain.answer import Answer, Point, told
from optimizer.model.conditions import fixed
from optimizer.model.parts import Choice
from optimizer.studies.base import fields_of
from optimizer.studies.regret_words import BEST_FOR, sentences
from optimizer.studies.scenarios.chosen import check_given, chosen_scenarios
from optimizer.studies.scenarios.study import varied
from optimizer.studies.search import CLOSED, Ends, least

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.model.problem import Problem
    from optimizer.session import Session
    from optimizer.studies.base import Setting

__all__ = ["Regret"]

MOST_RIVALS: Final = 10
"""Scenarios up to which the best plan of each is held against all the others too."""

_Rows = tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Regret:
    """What the plan's decisions cost under other scenarios, held as far as they can be, against the best plan then.

    Hold: demands stay where the plan has them if the pair is eligible there, the others are served at least cost.
    Adapt: the best plan of the scenario, its moves counted from this plan.
    """

    kind: ClassVar[str] = "regret"
    needs_plan: ClassVar[bool] = True

    name: str = field(default="", metadata={"help": "a packaged set of scenarios, e.g. volume-20; or --file"})
    text: str = field(default="", metadata={"help": "a scenario file (TOML)", "file": True})
    limit: int = field(default=100, metadata={"help": "most scenarios"})

    def check(self) -> None:
        """Refuse what makes no sense whatever the case is."""
        check_given(self.name, self.text)

    def run(self, setting: Setting) -> Answer:
        """Two searches a scenario, and one for each other plan held."""
        assert setting.plan is not None
        runs = chosen_scenarios(self.name, self.text, setting.session.case, self.limit)
        names, sessions = [r.name for r in runs.runs], varied(setting.session, runs.runs)
        mine: _Rows = tuple((a.entity, a.service, a.provider or "", a.backup or "") for a in setting.plan.assignments)
        table = _Table(setting, sessions, mine)
        rows = [table.row(i, name) for i, name in enumerate(names)]
        points = tuple(
            Point({"scenario": name}, table.status(i), row["regret_lower"], row["regret_upper"], None, row["detail"])
            for i, (name, row) in enumerate(zip(names, rows, strict=True))
        )
        rivals = table.rivals(names) if len(names) <= MOST_RIVALS else []
        said = tuple(sentences(rows, rivals, setting.session.case.policy.currency))
        tables = {"scenarios": tuple(rows), "plans": tuple(rivals)}
        asked = fields_of(self) | {"text": ""}
        return Answer(self.kind, asked, setting.session.case.case_hash, points, tables, said)


class _Table:
    """Ends of holding and of adapting, scenario by scenario."""

    def __init__(self, setting: Setting, sessions: Sequence[Session], mine: _Rows) -> None:
        self.setting, self.sessions, self.mine = setting, sessions, mine
        n = len(sessions)
        self.hold = [self._held(i, mine, 2 * n - i) for i in range(n)]
        self.best = [least(setting, s, s.problem, left=n - i) for i, s in enumerate(sessions)]

    def _held(self, i: int, rows: _Rows, left: int) -> Ends:
        """The least cost of a scenario with the decisions of a plan held where they are eligible."""
        session = self.sessions[i]
        kept = _eligible(session.problem, rows)
        never = _overfull(session, kept)
        if never is not None:
            return Ends("impossible", detail=never)
        return least(
            self.setting, session, fixed(session.problem, kept), start=session.problem.encode(list(rows)), left=left
        )

    def status(self, i: int) -> Any:
        """Of the regret: proven where both ends are."""
        hold, best = self.hold[i], self.best[i]
        if hold.status == "impossible":
            return "impossible"
        if hold.upper is None or best.upper is None:
            return "not_answered"
        closed = best.lower is not None and best.upper - best.lower <= CLOSED
        return "proven" if closed and hold.status == "proven" else "bounded"

    def row(self, i: int, name: str) -> dict[str, Any]:
        """Both ways of answering a scenario, and what holding costs more; unknown figures are ``None``."""
        session, hold, best = self.sessions[i], self.hold[i], self.best[i]
        low, high = regret(hold, best)
        kept = _eligible(session.problem, self.mine)
        return {
            "scenario": name,
            "status": self.status(i).replace("_", " "),
            "regret_lower": low,
            "regret_upper": high,
            "hold_lower": hold.lower,
            "hold_upper": hold.upper,
            "best_lower": best.lower,
            "best_upper": best.upper,
            "moves_to_adapt": _moves(session.problem, best, self.mine),
            "not_eligible": session.problem.n_demands - len(kept),
            "detail": hold.detail if hold.upper is None else best.detail,
        }

    def rivals(self, names: Sequence[str]) -> list[dict[str, Any]]:
        """The greatest regret of this plan and of the best plan of each scenario, least first; unanswered ones told."""
        n = len(self.sessions)
        plans: list[tuple[str, _Rows, list[Ends]]] = [(told("this plan"), self.mine, self.hold)]
        for i, end in enumerate(self.best):
            if end.choice is not None:
                rows = tuple(self.sessions[i].problem.decode(end.choice))
                if all(rows != other for _, other, _ in plans):
                    plans.append((told(BEST_FOR, scenario=names[i]), rows, []))
        for number, (_, rows, ends) in enumerate(plans[1:], 1):
            left = (len(plans) - number) * n
            ends += [self._held(i, rows, left - i) for i in range(n)]
        out = []
        for name, _, ends in plans:
            found = [regret(hold, best) for hold, best in zip(ends, self.best, strict=True)]
            lows, highs = [f[0] for f in found], [f[1] for f in found]
            impossible = sum(e.status == "impossible" for e in ends)
            whole = not impossible and None not in highs
            out.append(
                {
                    "plan": name,
                    "greatest_regret_lower": max((v for v in lows if v is not None), default=None) if whole else None,
                    "greatest_regret_upper": max(v for v in highs if v is not None) if whole and highs else None,
                    "impossible_in": impossible,
                    "not_answered_in": sum(v is None for v in highs) - impossible,
                }
            )
        key = "greatest_regret_upper"
        return sorted(out, key=lambda row: (row[key] is None, row["impossible_in"], row[key] or 0.0))


def regret(hold: Ends, best: Ends) -> tuple[float | None, float | None]:
    """What the held plan costs more than the best one: at least, and at most."""
    if hold.upper is None:
        return None, None
    low = None if best.upper is None else max(0.0, hold.upper - best.upper)
    return low, None if best.lower is None else max(0.0, hold.upper - best.lower)


def _eligible(problem: Problem, rows: _Rows) -> dict[int, int]:
    """Provider by demand of a plan, where the problem has the pair."""
    choice = problem.encode(list(rows))
    at = problem.pair_index(np.arange(problem.n_demands), choice.provider)
    locked = (problem.locked >= 0) & (problem.locked != choice.provider)
    return {int(d): int(choice.provider[d]) for d in np.flatnonzero((at >= 0) & ~locked)}


def _overfull(session: Session, kept: dict[int, int]) -> str | None:
    """A rule that the held demands break by themselves, and that others served beside them can only break further."""
    problem = session.problem
    alone, nobody = np.full(problem.n_demands, -1), np.full(problem.n_demands, -1)
    for demand, provider in kept.items():
        alone[demand] = provider
    used, limits = np.unique(alone[(alone >= 0) & (alone < problem.n_providers)]), session.case.policy.site_count
    if limits is not None and limits.max is not None and problem.sites.is_secretariat[used].sum() > limits.max:
        return "more Secretariat sites than there may be open"
    rows = [row for row in problem.decode(Choice(alone, nobody)) if row[2]]
    found = session.ground.evaluator.violations(rows)
    return next((str(v) for v in found if v.rule in _ONLY_WORSE), None)


_ONLY_WORSE: Final = ("line_capacity", "site_capacity", "max_providers_per_entity", "max_moves", "one_off_budget")


def _moves(problem: Problem, best: Ends, rows: _Rows) -> int | None:
    """Demands that the best plan serves elsewhere than the plan in hand does."""
    if best.choice is None:
        return None
    mine = problem.encode(list(rows)).provider
    return int(((mine >= 0) & (best.choice.provider != mine)).sum())
