"""What a plan over time says, for its page. Figures are the document's and the report's; only words are added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from optimizer.report.time.cash import curve_points, money_scale
from optimizer.report.time.drawing import step
from optimizer.report.time.lives import lives_of
from optimizer.report.time.load import fullest
from optimizer.report.time.people import place_years
from optimizer.report.time.periods import Periods
from optimizer.report.time.words import switching

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from api.web.names import Names
    from api.web.tongue import Tongue
    from optimizer.report.time.lives import Life, Run
    from optimizer.report.time.people import PlaceYear

__all__ = ["Curve", "Lane", "OverTime", "Post", "SiteLoad", "Year"]

Document = dict[str, Any]
_LEAST: Final = 0.05
"""FTE below which nothing is told."""
_OVER: Final = 1.0000005


@dataclass(frozen=True, slots=True)
class Lane:
    """An entity on the axis of time: its boxes, its moves as shares of the axis, its services by way."""

    id: str
    life: Life
    runs: list[Run]
    marks: list[float]
    ways: list[tuple[str, str, int, int]]


@dataclass(frozen=True, slots=True)
class Year:
    """Money of a planning year; ``low`` and ``high`` the tenths of its added-up sum, where a range is known."""

    name: str
    today: float
    plan: float
    outside: float
    saving: float
    one_off: float
    flow: float
    added: float
    worth: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """Lines of the drawing of cash, 100 by 100; levels from the top."""

    paid: str
    worth: str
    band: str
    middle: str
    levels: list[tuple[float, float]]
    back: float | None


@dataclass(frozen=True, slots=True)
class Post:
    """People of a place in a planning year."""

    place: str
    year: str
    figures: PlaceYear


@dataclass(frozen=True, slots=True)
class SiteLoad:
    """A site: its fullest period, its load and its limit as lines of a drawing."""

    provider: str
    share: float
    period: str
    fte: float
    capacity: float | None
    load: str
    limit: str

    @property
    def over(self) -> bool:
        """Whether it is fuller than full."""
        return self.share > _OVER


class OverTime:
    """A plan over time for its page.

    Parameters
    ----------
    plan : dict
        ``designate.plan/2`` with a cost.
    names : Names
    tongue : Tongue
    today : iterable of (str, str)
        Entity and service of every demand with a source today.
    range_ : mapping, optional
        ``designate.range/1`` of this plan.
    """

    def __init__(
        self,
        plan: Document,
        names: Names,
        tongue: Tongue,
        today: Iterable[tuple[str, str]],
        range_: Mapping[str, Any] | None = None,
    ) -> None:
        self.plan, self.names, self.t, self.range = plan, names, tongue, range_
        self.when = Periods(plan)
        self.currency: str = plan["run"]["currency"]
        self.saved: dict[str, Any] | None = plan["savings"]
        self.waves = switching(plan)
        self._lives = lives_of(plan["assignments"], today)

    def month(self, period: int) -> str:
        """First month of a period."""
        return self.t.month(self.when.begins[period - 1])

    def label(self, period: int) -> str:
        """Short name of a period."""
        begin, unit = self.when.begins[period - 1], self.when.unit
        if unit == "quarter" and begin.month % 3 == 1:
            return self.t.quarter(begin)
        return str(begin.year) if unit == "year" and begin.month == 1 else self.t.month(begin, short=True)

    def after(self, months: int) -> str:
        """The month at whose end so many months have passed."""
        return self.t.month(self.when.day_after(months))

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Where years begin on the axis, in hundredths, and their names."""
        return [(100 * at, text) for at, text in self.when.ticks]

    def heading(self) -> str:
        """Who moves when, in one sentence."""
        t = self.t
        moves = sum(w["switches"] for w in self.waves)
        if not moves:
            return t.say("Nobody moves: everybody stays with today’s source")
        first, last = self.waves[0]["period"], self.waves[-1]["period"]
        if first == last:
            return t.some(
                "One service moves, in %(month)s", "%(n)s services move, in %(month)s", moves, month=self.month(first)
            )
        return t.some(
            "One service moves between %(first)s and %(last)s",
            "%(n)s services move between %(first)s and %(last)s",
            moves,
            first=self.month(first),
            last=self.month(last),
        )

    def lede(self) -> str:
        """What it is worth, and when it is earned back."""
        t, saved = self.t, self.saved
        if saved is None:
            return t.say("There is no arrangement of today with a price, so that no saving can be told.")
        amount = f"{self.currency}\N{NO-BREAK SPACE}{t.long(abs(saved['npv']))}"
        start = self.month(1)
        if saved["npv"] >= 0:
            told = t.say("In money of %(month)s it is worth %(amount)s more than staying.", month=start, amount=amount)
        else:
            told = t.say("In money of %(month)s it costs %(amount)s more than staying.", month=start, amount=amount)
        return f"{told} {self.back()}"

    def back(self) -> str:
        """When what is paid once is earned back."""
        months = self.saved["break_even"] if self.saved else None
        if months is None:
            return self.t.say("What is paid once is not earned back in this time.")
        if months == 0:
            return self.t.say("Nothing has to be paid back.")
        return self.t.say("What is paid once is earned back in %(month)s.", month=self.after(months))

    def people(self) -> dict[str, float]:
        """Posts created, abolished, filled again, not filled again; FTE."""
        rows = [r for r in self.plan["staffing"] if r["source"] is None]
        names = ("created", "abolished", "redeployed", "separated")
        return {n: sum(r[n] or 0.0 for r in rows) for n in names}

    def lanes(self, q: str, wave: int) -> list[Lane]:
        """Entities by their first move, those that stay at the end; filtered by words and by wave."""
        wanted = q.casefold()
        found = [
            e
            for e, life in self._lives.items()
            if (not wanted or wanted in self.names.words(e))
            and (not wave or any(r["from_period"] == wave for r in life.switched))
        ]
        never = len(self.when) + 1
        lives = self._lives
        found.sort(key=lambda e: (lives[e].wave or never, -lives[e].moving_fte, self.names.entity(e).casefold(), e))
        return [self._lane(e, lives[e]) for e in found]

    def _lane(self, entity: str, life: Life) -> Lane:
        total = len(self.when)
        ways: dict[tuple[str, str, int], int] = {}
        for r in life.switched:
            way = (r["moved_from"], r["provider"], r["from_period"])
            ways[way] = ways.get(way, 0) + 1
        marks = sorted({r["from_period"] for r in life.switched})
        listed = sorted(((*way, n) for way, n in ways.items()), key=lambda w: (w[2], -w[3]))
        return Lane(entity, life, list(life.runs(total)), [100 * (p - 1) / total for p in marks], listed)

    def years(self) -> list[Year]:
        """Money by planning year."""
        flow, when = self.plan["cash_flow"], self.when
        last = {when.year_of(r["period"]): r for r in flow}
        bands = {r["period"]: r["paid"] for r in (self.range or {}).get("cash") or []}
        columns = ("baseline_running", "running", "new_demand_cost", "source_ended_cost", "saving", "one_off_total")
        sums = {n: when.by_year(flow, n) for n in (*columns, "flow")}
        out = []
        for y in when.years:
            band = bands.get(last[y]["period"], {})
            out.append(
                Year(
                    when.year_label(y),
                    sums["baseline_running"][y],
                    sums["running"][y],
                    sums["new_demand_cost"][y] + sums["source_ended_cost"][y],
                    sums["saving"][y],
                    sums["one_off_total"][y],
                    sums["flow"][y],
                    last[y]["cumulative"],
                    last[y]["cumulative_discounted"],
                    band.get("p10"),
                    band.get("p90"),
                )
            )
        return out

    def curve(self) -> Curve | None:
        """Saving less one-off cost, added up; with the band of four of five samples where a range is known."""
        if self.saved is None:
            return None
        paid, worth = (curve_points(self.plan, discounted=d) for d in (False, True))
        cash = (self.range or {}).get("cash") or []
        bands = {n: [0.0, *(r["paid"][n] or 0.0 for r in cash)] for n in ("p10", "p50", "p90")} if cash else {}
        every = [*paid, *worth, *(v for values in bands.values() for v in values)]
        marks = money_scale(min(every), max(every))
        low, high = marks[0], marks[-1]
        total = len(self.when)

        def points(values: Sequence[float], places: Sequence[float]) -> list[str]:
            pairs = zip(places, values, strict=True)
            return [f"{100 * x / total:.2f},{100 * (high - v) / (high - low):.2f}" for x, v in pairs]

        steps = [(k + 1) // 2 if k % 2 == 0 else k // 2 for k in range(len(paid))]
        ends = list(range(total + 1))
        area = [*points(bands["p10"], ends), *reversed(points(bands["p90"], ends))] if bands else []
        months = self.saved["break_even"]
        return Curve(
            " ".join(points(paid, steps)),
            " ".join(points(worth, steps)),
            " ".join(area),
            " ".join(points(bands["p50"], ends)) if bands else "",
            [(100 * (high - m) / (high - low), m) for m in reversed(marks)],
            100 * months / self.when.months if months else None,
        )

    def posts(self, q: str = "") -> list[Post]:
        """Places and years in which people come or go; most first."""
        wanted = q.casefold()
        return [
            Post(y.place, self.when.year_label(y.year), y)
            for y in place_years(self.plan)
            if (y.created >= _LEAST or y.abolished >= _LEAST) and wanted in y.place.casefold()
        ]

    def loads(self) -> list[SiteLoad]:
        """Sites that work at some time, the fullest first."""
        by: dict[str, list[dict[str, Any]]] = {}
        for row in self.plan["sites"]:
            by.setdefault(row["provider"], []).append(row)
        used = [self._load(p, r) for p, r in by.items() if any(x["effort_fte"] > 0 or x["open"] for x in r)]
        return sorted(used, key=lambda s: (-s.share, s.provider))

    def _load(self, provider: str, rows: list[dict[str, Any]]) -> SiteLoad:
        share, at = fullest(rows)
        loads = [(r["base_fte"] if r["open"] else 0.0) + r["effort_fte"] for r in rows]
        limits = [r["capacity_fte"] for r in rows]
        high = 1.08 * max([*loads, *(c for c in limits if c is not None), 0.001])
        most, period = at["base_fte"] + at["effort_fte"], self.label(at["period"])
        return SiteLoad(provider, share, period, most, at["capacity_fte"], step(loads, high), step(limits, high))
