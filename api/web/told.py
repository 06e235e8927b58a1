"""What a plan document says, put the way the pages show it. Figures are the document's; only words are added."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from api.web.words import LOSSES, SOLUTIONS, TERMS
from optimizer.domain.names import COST_TERMS, OWN
from optimizer.domain.policy import Policy
from optimizer.report.headline import answer_of, proof_words, sentence_of, verified
from optimizer.report.moves import move_matrix
from optimizer.report.tiles import tiles_plain, tiles_saving
from optimizer.report.wording import compared, moved, status_title, unserved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.web.names import Names
    from api.web.tongue import Tongue
    from optimizer.report.tiles import Tile

__all__ = ["Loser", "Mover", "Told", "cost_of", "running_of"]

Document = dict[str, Any]
_POLICY: Final = {f.name: f.default for f in fields(Policy) if f.name in ("discount_rate", "horizon_years")}
_RANK: Final = ("price", "overlap", "distance", "language")
"""Kinds of loss in the order in which losers are shown: who pays more comes first."""


def cost_of(row: Mapping[str, Any]) -> float:
    """All that an assignment costs a year, with its share of one-off costs."""
    total: float = sum(row["cost"][t] for t in COST_TERMS)
    return total


def running_of(row: Mapping[str, Any]) -> float:
    """What an assignment costs a year without one-off costs."""
    return cost_of(row) - float(row["cost"]["transition_annualised"]) - float(row["cost"]["setup_annualised"])


@dataclass(frozen=True, slots=True)
class Loser:
    """An entity that is worse off; losses by kind, today and in the plan."""

    id: str
    losses: dict[str, tuple[float, float]]
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Mover:
    """An entity some of whose services move."""

    id: str
    moves: int
    fte: float
    ways: list[tuple[str, str, int]]
    before: float | None
    after: float | None

    @property
    def saving(self) -> float | None:
        """A year, before one-off costs."""
        return None if self.before is None or self.after is None else self.before - self.after


class Told:
    """A steady plan for its page.

    Parameters
    ----------
    plan : dict
        ``designate.plan/1``.
    names : Names
    tongue : Tongue
    policy : mapping, optional
        What the case says otherwise than the defaults.
    ranges : mapping, optional
        ``designate.range/1`` of the plan.
    """

    def __init__(
        self,
        plan: Document,
        names: Names,
        tongue: Tongue,
        policy: Mapping[str, Any] | None = None,
        ranges: Mapping[str, Any] | None = None,
    ) -> None:
        self.plan, self.names, self.t, self.ranges = plan, names, tongue, ranges
        self.policy = {**_POLICY, **{k: v for k, v in (policy or {}).items() if k in _POLICY and v is not None}}
        self.currency: str = plan["run"]["currency"]
        self.compared = compared(plan) is not None
        self.unserved = unserved(plan)
        self.moved = moved(plan) if plan["baseline"] else []
        self._pays = {r["id"]: r for r in (plan["savings"] or {}).get("by_entity") or []}

    @property
    def solution(self) -> str:
        """Whether it is proven the best, found, or none."""
        return str(self.plan["status"]["solution"])

    @property
    def holds(self) -> bool:
        """Whether it is a plan that keeps every rule."""
        return self.solution in ("optimal", "feasible")

    def heading(self) -> str:
        """The answer in one sentence, with its figure: the report's."""
        if not self.holds:
            return self.t.say(SOLUTIONS.get(self.solution, self.solution)).capitalize()
        return self.t.told(answer_of(self.plan) or status_title(self.plan))

    def lede(self) -> str:
        """What belongs beside the heading: who is worse off, what changes hands, how near to the best."""
        parts = [self.t.told(sentence_of(self.plan))] if self.holds else []
        return " ".join([*parts, self.proven()])

    def proven(self) -> str:
        """How far the plan can be from the best one."""
        t = self.t
        if self.solution == "infeasible":
            return self.t.say(
                "Rules and capacities of this case contradict each other: proven. The findings say which."
            )
        if not self.holds:
            return t.say("Nothing is proven: a plan may exist. Give the search more time, or change the case.")
        return self.t.told(proof_words(self.plan))

    def checked(self) -> str:
        """What the independent check says."""
        return self.t.told(verified(self.plan)[0])

    def tiles(self) -> list[Tile]:
        """Figures at the head: the report's, with the range where one is known."""
        if self.plan["cost"] is None or not self.holds:
            return []
        rate, years = float(self.policy["discount_rate"]), float(self.policy["horizon_years"])
        if self.compared:
            return tiles_saving(self.plan, rate, self.ranges, not_asked="")
        return tiles_plain(self.plan, years)

    def losers(self) -> list[Loser]:
        """Entities that lose by the policy's thresholds: one of each kind first, then by size."""
        found = []
        for e in self.plan["entities"]:
            if e["worse_than_today"] and self.compared:
                losses = {w["kind"]: (w["today"], w["plan"]) for w in e["worse_than_today"]}
                before, after = self._paid(e["id"])
                found.append(Loser(e["id"], losses, before, after))
        ranked = sorted(found, key=_by_size)
        first: list[Loser] = []
        for kind in _RANK:
            one = next((x for x in ranked if kind in x.losses and x not in first), None)
            if one is not None:
                first.append(one)
        return [*first, *(x for x in ranked if x not in first)]

    def kinds(self) -> list[tuple[str, str, int]]:
        """Kinds of loss with their words and how many entities have them."""
        found = Counter(k for x in self.losers() for k in x.losses)
        return [(k, self.t.say(LOSSES[k]), found[k]) for k in _RANK if found[k]]

    def movers(self) -> list[Mover]:
        """Entities some of whose services move, with before, after and saving; most work first."""
        by: dict[str, list[dict[str, Any]]] = {}
        for a in self.moved:
            by.setdefault(a["entity"], []).append(a)
        out = []
        for key, rows in by.items():
            ways = Counter((a["moved_from"], a["provider"]) for a in rows)
            before, after = self._paid(key)
            listed = [(x, y, n) for (x, y), n in ways.most_common()]
            out.append(Mover(key, len(rows), sum(a["effort_fte"] for a in rows), listed, before, after))
        return sorted(out, key=lambda m: (-m.fte, m.id))

    def _paid(self, entity: str) -> tuple[float | None, float | None]:
        """What an entity's services cost a year: today, and in the plan."""
        row = self._pays.get(entity)
        return (None, None) if row is None else (row["baseline"], row["plan"])

    def flows(self) -> list[tuple[str, str, int, float]]:
        """From whom to whom work goes: moves and FTE, most work first."""
        found = move_matrix(self.plan) if self.compared else {}
        return sorted(((x, y, n, fte) for (x, y), (n, fte) in found.items()), key=lambda f: (-f[3], f[0], f[1]))

    def sites(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Centres that work, most work first, and those that do not."""
        rows = sorted(self.plan["sites"], key=lambda s: (-s["effort_fte"], s["provider"]))
        return [s for s in rows if s["open"]], [s for s in rows if not s["open"]]

    def reason(self, row: dict[str, Any]) -> str:
        """Why a demand is where it is, in a word."""
        t, next_ = self.t, row["runner_up"]
        if row["by_decision"]:
            return t.say("decided by people")
        if row["provider"] is None:
            return t.say("nobody may serve it")
        if next_ is None:
            return t.say("no other provider may serve it")
        name = t.say("own capacity") if next_["provider"] == OWN else next_["provider"]
        return t.say("next best %(name)s: %(amount)s", name=name, amount=t.count(next_["extra_cost"], plus=True))

    def terms(self) -> list[tuple[str, float, float | None]]:
        """Cost of the plan by term, and today's."""
        cost, base = self.plan["cost"], self.plan["baseline"] if self.compared else None
        rows = [(t, cost[t], None if base is None else base[t]) for t in COST_TERMS]
        return [(self.t.say(TERMS[t]), a, b) for t, a, b in rows if a or b]


def _by_size(x: Loser) -> tuple[int, float]:
    rank = min(_RANK.index(k) for k in x.losses)
    return rank, -max(abs(b - a) / max(abs(a), 1.0) for a, b in x.losses.values())
