"""Plans side by side: measures, where their best figure lies, whether that tells them apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from api.web.words import marked
from optimizer.domain.names import COST_TERMS, OWN
from optimizer.report.numbers import payback
from optimizer.report.tiles import net_saving
from optimizer.report.wording import compared, moved

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from api.web.tongue import Tongue

__all__ = ["MEASURES", "USUAL", "Between", "Side", "SideBySide"]

Document = dict[str, Any]
Ends = tuple[float, float | None, float | None]
"""A plan's figure, and both ends of the best one of its case."""
MEASURES: Final[dict[str, str]] = {
    "net": marked("Net saving a year"),
    "gross": marked("Gross saving a year, before one-off costs"),
    "one_off": marked("One-off cost"),
    "payback": marked("Earned back in"),
    "worse": marked("Entities worse off"),
    "moves": marked("Services that move"),
    "centres": marked("Centres at work"),
    "own": marked("Work by own capacity, FTE"),
    "distance": marked("Mean distance, km"),
    "running": marked("Running cost"),
    "total": marked("In all, with one-off costs a year"),
}
USUAL: Final = ("net", "gross", "one_off", "payback", "worse", "moves", "centres", "running")
"""Measures that are shown where none are chosen."""

_APART: Final = (marked("%(low)s to %(high)s a year more"), marked("%(low)s to %(high)s a year less"))
_OF_ONE_CASE: Final = (
    marked("%(amount)s a year more, of the same case"),
    marked("%(amount)s a year less, of the same case"),
)


@dataclass(frozen=True, slots=True)
class Side:
    """A plan among others."""

    id: str
    title: str
    plan: Document

    @property
    def compared(self) -> bool:
        """Whether it is set beside today."""
        return compared(self.plan) is not None

    @property
    def case(self) -> str:
        """Hash of the case that it answers."""
        return str(self.plan["run"]["case_hash"])


@dataclass(frozen=True, slots=True)
class Between:
    """Where the best figure of a plan's case lies, money a year; ``None``: that end is not known.

    ``told`` is what it says against the first one, ``kind`` how that is marked.
    """

    side: Side
    point: float
    low: float | None
    high: float | None
    told: str
    kind: str = ""


class SideBySide:
    """Two or more plans with a cost.

    Parameters
    ----------
    sides : sequence of Side
        The first one is what the others are measured against.
    tongue : Tongue
    """

    def __init__(self, sides: Sequence[Side], tongue: Tongue) -> None:
        self.sides, self.t = sides, tongue
        self.currency: str = sides[0].plan["run"]["currency"]
        self.one_currency = len({s.plan["run"]["currency"] for s in sides}) == 1
        self.saves = all(s.compared for s in sides)

    def between(self) -> list[Between]:
        """Each plan with the interval of the best figure: its net saving, or its cost where not all are compared."""
        ends = [self._ends(s) for s in self.sides]
        out = [Between(self.sides[0], *ends[0], self.t.say("what the others are measured against"))]
        for side, mine in zip(self.sides[1:], ends[1:], strict=True):
            same = side.case == self.sides[0].case
            out.append(Between(side, *mine, *self._against(ends[0], mine, same=same)))
        return out

    def _ends(self, side: Side) -> Ends:
        if self.saves:
            net = net_saving(side.plan)
            return net, net, side.plan["savings"]["upper_limit"]
        total = side.plan["cost"]["total"]
        return total, side.plan["bounds"]["best_bound"], total

    def _against(
        self,
        first: tuple[float, float | None, float | None],
        mine: tuple[float, float | None, float | None],
        same: bool,
    ) -> tuple[str, str]:
        t = self.t
        by = mine[0] - first[0]
        if not self.one_currency:
            return t.say("another currency"), "open"
        if same:  # one question, two answers: what they differ by is known
            if abs(by) < 0.5:
                return t.say("the same case, the same figure"), "open"
            words = _OF_ONE_CASE
            return t.say(words[by < 0], amount=t.short(abs(by))), ""
        if first[1] is None or first[2] is None or mine[1] is None or mine[2] is None:
            return t.say("not known: one of the searches has proven nothing"), "warn"
        low, high = mine[1] - first[2], mine[2] - first[1]
        if low <= 0 <= high:
            return t.say("not distinguishable"), "open"
        ends = sorted((abs(low), abs(high)))
        words = _APART
        return t.say(words[high < 0], low=t.short(ends[0]), high=t.short(ends[1])), ""

    def scale(self) -> tuple[float, float]:
        """Ends of the axis that all intervals share."""
        ends = [v for b in self.between() for v in (b.point, b.low, b.high) if v is not None]
        low, high = min(ends), max(ends)
        room = max(0.08 * (high - low), 0.01 * max(abs(low), abs(high)), 1.0)
        return low - room, high + room

    def at(self, value: float) -> float:
        """Where a figure stands on that axis, in thousandths."""
        low, high = self.scale()
        return 1000 * (value - low) / (high - low)

    def rows(self, chosen: Sequence[str]) -> list[tuple[str, list[str]]]:
        """Measures that were chosen, and what each plan has of them."""
        return [(self.t.say(MEASURES[m]), [self._value(m, s) for s in self.sides]) for m in MEASURES if m in chosen]

    def _value(self, measure: str, side: Side) -> str:
        plan, t = side.plan, self.t
        if measure in ("net", "gross", "payback", "worse", "moves") and not side.compared:
            return t.count(None)
        rows = plan["assignments"]
        fte = sum(a["effort_fte"] for a in rows if a["distance_km"] is not None)
        make: dict[str, Callable[[], str]] = {
            "net": lambda: t.short(net_saving(plan)),
            "gross": lambda: t.short(plan["savings"]["annual"]),
            "one_off": lambda: t.short(sum(plan["savings"]["one_off"].values())),
            "payback": lambda: t.told(payback(plan["savings"])),
            "worse": lambda: t.count(sum(1 for e in plan["entities"] if e["worse_than_today"])),
            "moves": lambda: t.count(len(moved(plan))),
            "centres": lambda: t.count(sum(1 for s in plan["sites"] if s["effort_fte"] > 0)),
            "own": lambda: t.decimal(sum(a["effort_fte"] for a in rows if a["provider"] == OWN)),
            "distance": lambda: t.count(
                sum(a["effort_fte"] * a["distance_km"] for a in rows if a["distance_km"] is not None) / fte
                if fte
                else None
            ),
            "running": lambda: t.short(plan["cost"]["running"]),
            "total": lambda: t.short(plan["cost"]["total"]),
        }
        return make[measure]()

    def terms(self) -> list[tuple[str, list[tuple[float, float]]]]:
        """Cost terms: what each plan has of one, and how long its bar is; bars of a term share one scale."""
        out = []
        for term in COST_TERMS:
            values = [float(s.plan["cost"][term]) for s in self.sides]
            most = max(map(abs, values))
            if most >= 0.5:
                out.append((term, [(v, 100 * abs(v) / most) for v in values]))
        return out
