"""Which place suits a service centre: weighted criteria, how stable the ranks are, and what a plan with each costs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

from optimizer.domain.answer import Answer, Point
from optimizer.studies.base import fields_of
from optimizer.studies.location_shortlist import shortlisted
from optimizer.studies.location_tables import read_tables
from optimizer.studies.location_words import sentences
from optimizer.studies.placing import is_large
from optimizer.studies.scoring import acceptability, scored, turns
from optimizer.studies.search import least
from optimizer.studies.serving import least_serving

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan
    from optimizer.studies.base import Setting
    from optimizer.studies.location_shortlist import Shortlist
    from optimizer.studies.location_tables import LocationTables
    from optimizer.studies.scoring import Scored
    from optimizer.studies.search import Ends

__all__ = ["Location"]

RANKS_SHOWN: Final = 3
FREE_SHARE: Final = 3
"""The case without a condition gets so large a part of the time at least: every place begins from its plan."""
Rows = tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Location:
    """Places for a service centre by weighted criteria, how stable their ranks are, and what a plan with each costs.

    Criteria, scores and weights come from a folder (criteria.csv, scores.csv, weights.csv) or a JSON document, or
    from the packaged reference. Then, for each place that is a provider of the case, the least cost of a plan in
    which it serves at least one demand.
    """

    kind: ClassVar[str] = "location"
    needs_plan: ClassVar[bool] = False

    preset: str = field(default="who", metadata={"help": "weights: who, equal, wfp, unhcr-supply … or one of yours"})
    tables: Mapping[str, Any] | None = field(
        default=None, metadata={"help": "folder or .json file of criteria, scores, weights [packaged]", "tables": True}
    )
    places: tuple[str, ...] = field(default=(), metadata={"help": "the shortlist, e.g. Budapest,Nairobi [all]"})
    impute: bool = field(default=False, metadata={"help": "take the mean of the others where a value is missing"})
    cost: bool = field(default=True, metadata={"help": "least cost of a plan with each place, too"})

    def _asked(self) -> dict[str, Any]:
        """The question; tables of one's own are many, and told by their number of rows."""
        own = None if self.tables is None else {name: len(rows) for name, rows in self.tables.items()}
        return fields_of(self) | {"tables": own}

    def run(self, setting: Setting) -> Answer:
        """Score, draw other weights, find what turns the winner; then solve with each place in use."""
        read = read_tables(self.tables, self.places)
        cities = {p.id: p.place.city for p in setting.session.case.providers if p.place.city}
        listed = shortlisted(read, self.preset, self.places, self.impute, cities)
        result = scored(read.criteria, listed.values, listed.weights, listed.places)
        tables: dict[str, Rows] = {
            "scores": _score_rows(result),
            "ranks": _rank_rows(result, setting.params.seed),
            "weight_changes": _turn_rows(result),
            "criteria": _criterion_rows(read, listed, result),
        }
        if listed.imputed:
            tables["imputed"] = tuple(
                {"place": p, "criterion": c, "value": float(listed.values[p, c])} for p, c in listed.imputed
            )
        points: list[Point] = []
        plans: list[Plan] = []
        if self.cost:
            tables["costs"] = _Costs(setting, points, plans).rows(result.places)
        case = setting.session.case
        said = sentences(case, self.preset, tables)
        documents = tuple(p.document() for p in plans)
        return Answer(self.kind, self._asked(), case.case_hash, tuple(points), tables, said, documents)


def _score_rows(result: Scored) -> Rows:
    return tuple(
        {
            "rank": n,
            "place": p,
            "score": float(result.score[p]),
            "by_criterion": {c: float(result.utility[p, c]) for c in result.weights},
        }
        for n, p in enumerate(result.places, 1)
    )


def _rank_rows(result: Scored, seed: int) -> Rows:
    """Shares of the draws in which each place has each rank."""
    shares = acceptability(result, seed)
    out = []
    for place, row in zip(result.places, shares.tolist(), strict=True):
        named = {f"rank_{n}": row[n - 1] for n in range(1, min(RANKS_SHOWN, len(row)) + 1)}
        mean = sum(n * share for n, share in enumerate(row, 1))
        out.append({"place": place, **named, "mean_rank": mean, "all_ranks": row})
    return tuple(out)


def _turn_rows(result: Scored) -> Rows:
    return tuple(
        {
            "criterion": t.criterion,
            "weight": float(t.weight),
            "becomes": float(t.level),
            "change": float(t.change),
            "winner_beyond": t.place,
        }
        for t in turns(result)
    )


def _criterion_rows(read: LocationTables, listed: Shortlist, result: Scored) -> Rows:
    out = []
    for c, weight in result.weights.items():
        criterion = read.criteria[c]
        worst, best = criterion.ends([listed.values[p, c] for p in listed.places])
        fixed = criterion.worst is not None and criterion.best is not None
        out.append(
            {
                "criterion": c,
                "group": criterion.group,
                "weight": float(weight),
                "worst": float(worst),
                "best": float(best),
                "unit": criterion.unit,
                "scale": "given" if fixed else "over the shortlist",
                "name": criterion.name,
                "sources": {p: read.sources.get((p, c), "") for p in listed.places},
            }
        )
    return tuple(out)


class _Costs:
    """Least cost of a plan in which each place serves."""

    def __init__(self, setting: Setting, points: list[Point], plans: list[Plan]) -> None:
        self.setting, self.points, self.plans = setting, points, plans
        self._plan_s = 0.0
        """Seconds that the slowest plan took to price and check."""

    def rows(self, places: tuple[str, ...]) -> Rows:
        """One row for each provider at each place; a place without one is told."""
        setting, session = self.setting, self.setting.session
        there = [(place, p) for place in places for p in self._providers(place)]
        free = None
        if there:
            share = setting.budget.share(3)
            setting.budget.keep(0.0 if share is None or not is_large(session.problem) else share)
            free = least(setting, session, session.problem, left=min(len(there) + 1, FREE_SHARE))
        here = None if free is None else free.upper
        if setting.plan is not None:
            here = setting.plan.bounds.objective
        out: list[dict[str, Any]] = []
        for place in places:
            mine = [p for where, p in there if where == place]
            if not mine:
                out.append({"place": place, "provider": None, "status": "not in the case"} | dict.fromkeys(_FIGURES))
            for p in mine:
                assert free is not None
                ends = least_serving(setting, session, p, free, len(there) - len(self.points))
                out.append(self._row(place, p, ends, free, here))
        return tuple(out)

    def _row(self, place: str, p: int, ends: Ends, free: Ends, here: float | None) -> dict[str, Any]:
        """One provider; its plan joins the answer while there is time to price and check it."""
        session, number = self.setting.session, None
        who = session.problem.provider_ids[p]
        if ends.choice is not None and self.setting.budget.fits(self._plan_s):
            began, number = time.monotonic(), len(self.plans)
            self.plans.append(session.state(ends.choice, free.lower, name=f"{session.case.name}, {who} serves"))
            self._plan_s = max(self._plan_s, time.monotonic() - began)
        self.points.append(ends.point({"place": place, "provider": who}, number))
        row: dict[str, Any] = {"place": place, "provider": who, "status": ends.status.replace("_", " ")}
        row |= {"lower": ends.lower, "upper": ends.upper}
        row["least_extra"] = None if here is None or ends.lower is None else ends.lower - here
        row["most_extra"] = None if here is None or ends.upper is None else ends.upper - here
        return row

    def _providers(self, place: str) -> list[int]:
        """Providers of the case that are the place, or are in that city, and are not closed."""
        case, index = self.setting.session.case, self.setting.session.problem.provider_index
        named = [p.id for p in case.providers if p.id == place and p.status != "closed"]
        city = place.casefold()
        found = named or [p.id for p in case.providers if p.place.city.casefold() == city and p.status != "closed"]
        return [index[p] for p in found]


_FIGURES: Final = ("lower", "upper", "least_extra", "most_extra")
