"""Whether sources may serve, in one sample: what no figure changes is asked once, the rest is compared as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.names import KEEP_CURRENT_EXEMPTS, LOCK_CANNOT_OVERRIDE
from optimizer.tables.schema import POLICY_TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.studies.ranges.amounts import Amounts, Index
    from optimizer.verify.time.facts import Key, PeriodFacts, TimeFacts

__all__ = ["Asked", "PairTable", "pair_table"]

_BY_FIGURE: Final = ("own_headcount", "distance", "overlap", "service_level", "agency_saving")
"""Refusals that figures decide."""

_ASKED_OF: Final = (
    (("entities", "headcount"), (POLICY_TABLE, "own_min_headcount")),
    (("services", "max_distance_km"),),
    (("services", "min_overlap_hours"),),
    (("services", "min_service_level"), ("offers", "service_level")),
)
"""Figures behind the first four of them."""

_KM_NOISE: Final = 1e-9
_MINUTE_NOISE: Final = 1e-6
_PRICE_NOISE: Final = 1e-9

Asked = tuple[int, "Key", str, bool]
"""Period (from 0), demand, source, and whether the agency test is asked too."""


@dataclass(frozen=True, eq=False)
class PairTable:
    """Pairs whose eligibility is asked in every sample; all arrays of shape (n_pairs,) unless said.

    Parameters
    ----------
    t, d, p, o : ndarray
        Period (from 0), demand, source (n_providers: own capacity) and offer, −1 where it is not offered.
    refused : ndarray of bool
        By something that no figure changes.
    waived : ndarray of shape (5, n_pairs), bool
        Refusals by figures that do not count: today's pair, or a decision.
    km, worst_minutes, days : ndarray
        Distance, shared minutes of the worst week and its working days; for own capacity never too little.
    agency : ndarray of bool
        The agency test is asked.
    rival_of, rival : ndarray of shape (n_rivals,)
        A pair that the agency test is asked of, and the pair of a Secretariat provider beside it.
    """

    t: Ints
    d: Ints
    p: Ints
    o: Ints
    refused: Bools
    waived: Bools
    km: Floats
    worst_minutes: Floats
    days: Floats
    agency: Bools
    rival_of: Ints
    rival: Ints

    def eligible(self, a: Amounts) -> Bools:
        """Which pairs nothing stands against, shape (n_pairs,)."""
        clean = ~self.refused
        for k, ask in enumerate((self._too_small, self._too_far, self._too_short, self._too_poor)):
            clean &= ~self._against(k, ask, a)
        if not self.agency.any():
            return clean
        return np.asarray(clean & ~(self._too_dear(a, clean) & ~self.waived[4]))

    @cached_property
    def _known(self) -> dict[int, Bools]:
        """Refusals by figures that are the same in every sample."""
        return {}

    def _against(self, k: int, ask: Callable[[Amounts], Bools], a: Amounts) -> Bools:
        """Pairs that a refusal stands against; asked once where its figure does not vary."""
        if any(a.figures.varies(*name) for name in _ASKED_OF[k]):
            return np.asarray(ask(a) & ~self.waived[k])
        if k not in self._known:
            self._known[k] = np.asarray(ask(a) & ~self.waived[k])
        return self._known[k]

    @property
    def _provided(self) -> Bools:
        return np.asarray(self.o >= 0)

    def _service(self, a: Amounts, column: str) -> Floats:
        return a.whole(a.figures("services", column))[self.t, a.index.service_of[self.d]]

    def _too_small(self, a: Amounts) -> Bools:
        own = self.p == len(a.index.provider) - 1
        heads = a.whole(a.figures("entities", "headcount"))[self.t, a.index.entity_of[self.d]]
        return np.asarray(own & (heads < a.figures.policy_once("own_min_headcount")))

    def _too_far(self, a: Amounts) -> Bools:
        with np.errstate(invalid="ignore"):
            return self._provided & (self.km > self._service(a, "max_distance_km") + _KM_NOISE)

    def _too_short(self, a: Amounts) -> Bools:
        least = self._service(a, "min_overlap_hours")
        with np.errstate(invalid="ignore"):
            return self._provided & (self.worst_minutes < least * 60 * self.days - _MINUTE_NOISE)

    def _too_poor(self, a: Amounts) -> Bools:
        least = self._service(a, "min_service_level")
        if not self._provided.any():
            return np.zeros(len(self.t), np.bool_)
        level = a.whole(a.figures("offers", "service_level"))[self.t, np.maximum(self.o, 0)]
        with np.errstate(invalid="ignore"):
            return self._provided & ~np.isnan(least) & ~(level >= least)

    def _too_dear(self, a: Amounts, clean: Bools) -> Bools:
        """An agency that is not so much cheaper than the best eligible provider of the Secretariat."""
        price = a.first_price[self.t, np.maximum(self.o, 0)]
        best = np.full(len(self.t), np.inf)
        beside = np.where(clean[self.rival], price[self.rival], np.inf)
        np.minimum.at(best, self.rival_of, beside)
        saving = a.figures.policy("agency_min_saving")[self.t]
        with np.errstate(invalid="ignore"):
            dear = price > (1.0 - saving) * best + _PRICE_NOISE * best
        return np.asarray(self.agency & np.isfinite(best) & dear)


def pair_table(index: Index, facts: TimeFacts, asked: Iterable[Asked]) -> tuple[PairTable, Ints]:
    """Pairs ready to be asked in every sample.

    Returns
    -------
    PairTable
    ndarray of shape (n_asked,)
        Position of each asked pair in the table; rivals of agencies come on top.
    """
    rows: dict[tuple[int, Key, str, bool], int] = {}
    place = [rows.setdefault(one, len(rows)) for one in asked]
    rivals = []
    for (t, key, source, agency), at in list(rows.items()):
        if agency and _is_agency(facts.periods[t], source):
            for offer in facts.periods[t].case.offers:
                if offer.service == key[1] and facts.periods[t].case.provider[offer.provider].kind == "secretariat":
                    rivals.append((at, rows.setdefault((t, key, offer.provider, False), len(rows))))
    columns = list(zip(*(_row(index, facts.periods[t], t, key, p, ask) for t, key, p, ask in rows), strict=True))
    if not columns:
        columns = [()] * 10
    t_, d, p_, o = (np.array(c, np.int64) for c in columns[:4])
    waived = np.array(columns[5], np.bool_).reshape(-1, len(_BY_FIGURE)).T
    beside = np.array(rivals, np.int64).reshape(-1, 2).T
    table = PairTable(
        t_,
        d,
        p_,
        o,
        refused=np.array(columns[4], np.bool_),
        waived=waived,
        km=np.array(columns[6], np.float64),
        worst_minutes=np.array(columns[7], np.float64),
        days=np.array(columns[8], np.float64),
        agency=np.array(columns[9], np.bool_),
        rival_of=beside[0],
        rival=beside[1],
    )
    return table, np.array(place, np.int64)


def _is_agency(period: PeriodFacts, source: str) -> bool:
    row = period.case.provider.get(source)
    return row is not None and row.kind == "agency" and period.case.policy.agency_min_saving is not None


def _row(
    index: Index, period: PeriodFacts, t: int, key: Key, source: str, ask: bool
) -> tuple[int, int, int, int, bool, list[bool], float, float, float, bool]:
    demand = period.demands[key]
    verdict = period.facts.eligibility.verdict(demand.row, source)
    refused = any(r.code not in _BY_FIGURE for r in verdict.refusals)
    offered = (source, key[1]) in period.case.offer
    km, worst, days = 0.0, 0.0, 0.0
    site = period.case.provider.get(source)
    if site is not None:
        shared = period.facts.calendar.overlap(demand.entity.work, site.work)
        km, worst, days = period.facts.km(demand, source), shared.worst_minutes, shared.working_days
    agency = ask and offered and _is_agency(period, source)
    o = index.offer[source, key[1]] if offered else -1
    p = index.provider.get(source, -1)
    return t, index.demand[key], p, o, refused, _waived(period, key, source), km, worst, days, agency


def _waived(period: PeriodFacts, key: Key, source: str) -> list[bool]:
    """Which refusals by figures do not count for a pair."""
    case, today = period.facts.case, period.facts.case.current_of.get(key)
    free: frozenset[str] = frozenset()
    if case.policy.keep_current and today is not None and today.provider == source:
        free = KEEP_CURRENT_EXEMPTS
    if case.locks.get(key) == source:
        free = frozenset(_BY_FIGURE) - LOCK_CANNOT_OVERRIDE
    return [code in free for code in _BY_FIGURE]
