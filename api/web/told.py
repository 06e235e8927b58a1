"""What a plan document says, put the way the pages show it. Figures are the document's; only words are added."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from api.web.words import LOSSES, SOLUTIONS, TERMS
from optimizer.domain.names import COST_TERMS, OWN
from optimizer.report.moves import move_matrix
from optimizer.report.wording import compared, moved, unserved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.web.names import Names
    from api.web.tongue import Tongue

__all__ = ["Loser", "Mover", "Told", "cost_of", "running_of"]

Document = dict[str, Any]
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
    """

    def __init__(self, plan: Document, names: Names, tongue: Tongue) -> None:
        self.plan, self.names, self.t = plan, names, tongue
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

    @property
    def net(self) -> float | None:
        """Saving a year after annualised one-off costs; none where nothing is compared."""
        if not self.compared:
            return None
        cost = self.plan["cost"]
        net: float = self.plan["savings"]["annual"] - cost["transition_annualised"] - cost["setup_annualised"]
        return net

    @property
    def centres(self) -> list[str]:
        """Providers that serve something, own capacity left out."""
        return sorted({a["provider"] for a in self.plan["assignments"]} - {None, OWN})

    @property
    def entities(self) -> int:
        """Entities that ask for something."""
        return len({a["entity"] for a in self.plan["assignments"]})

    def heading(self) -> str:
        """The answer in one sentence, with its figure."""
        t = self.t
        if not self.holds:
            return t.say(SOLUTIONS.get(self.solution, self.solution)).capitalize()
        sites = t.some("%(n)s centre", "%(n)s centres", len(self.centres))
        whole = self.plan["cost"]["total"] if self.net is None else abs(self.net)
        amount = f"{self.currency}\N{NO-BREAK SPACE}{t.long(whole)}"
        values = {"centres": sites, "entities": t.count(self.entities), "amount": amount}
        if self.unserved:
            values["missing"] = t.count(len(self.unserved))
            return t.say("%(centres)s serve what can be served; %(missing)s demands have no provider", **values)
        if self.net is None:
            return t.say("%(centres)s would serve %(entities)s entities for %(amount)s a year", **values)
        if self.net < 0:
            return t.say(
                "%(centres)s would serve all %(entities)s entities for %(amount)s a year more than today, net", **values
            )
        return t.say("%(centres)s could serve all %(entities)s entities for %(amount)s a year less, net", **values)

    def lede(self) -> str:
        """What belongs beside the heading: who is worse off, what changes hands, how near to the best."""
        t, parts = self.t, []
        if self.compared:
            n = len(self.losers())
            if n:
                parts.append(
                    t.some(
                        "One entity would be worse off in some respect.",
                        "%(n)s entities would be worse off in some respect.",
                        n,
                    )
                )
            else:
                parts.append(t.say("No entity would be worse off by the thresholds of the policy."))
            moves = {"n": t.count(len(self.moved)), "all": t.count(len(self.plan["assignments"]))}
            parts.append(t.say("%(n)s of %(all)s services would change hands.", **moves))
        elif self.holds:
            parts.append(t.say("There is nothing of today to compare it with."))
        parts.append(self.proven())
        return " ".join(parts)

    def proven(self) -> str:
        """How far the plan can be from the best one."""
        t, bounds = self.t, self.plan["bounds"]
        if self.solution == "optimal":
            return t.say("No plan that keeps the rules costs less: proven.")
        if self.solution == "feasible" and bounds["gap_abs"] is not None:
            amount = f"{self.currency}\N{NO-BREAK SPACE}{t.long(bounds['gap_abs'])}"
            return t.say("It is at most %(amount)s a year from the best plan: proven.", amount=amount)
        if self.solution == "feasible":
            return t.say("How far it is from the best plan is not known.")
        if self.solution == "infeasible":
            return t.say("Rules and capacities of this case contradict each other: proven. The findings say which.")
        return t.say("Nothing is proven: a plan may exist. Give the search more time, or change the case.")

    def checked(self) -> str:
        """What the independent check says."""
        t, check = self.t, self.plan.get("verification") or {}
        n = len(check.get("rules", []))
        if check.get("ok"):
            return t.say("%(n)s rules and every cost recomputed by other code: no objection.", n=t.count(n))
        return t.say("Not confirmed by the independent check.")

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
