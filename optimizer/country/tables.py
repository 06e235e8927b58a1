"""The tables of the country model, from the leaves of a plan over time and of today's path: cents that add up."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from functools import cached_property
from math import floor
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from optimizer.country.values import CountryYear, EntityYear, ServedBy, SettingUp
from optimizer.domain.names import OWN
from optimizer.domain.types import exact
from optimizer.model.time.joint import build_joint
from optimizer.model.time.trace import Trace
from optimizer.plan.time.allocation import ONE_OFFS, YEARLY, Ledger
from optimizer.plan.time.given import path_from_plan
from optimizer.plan.time.savings import AgainstToday

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from optimizer.domain.case import Case
    from optimizer.model.aliases import Ints

__all__ = ["TablesOfCountry"]

_OWN_NAME: Final = "own capacity"
_BY_DEMAND: Final = tuple(name for name in ONE_OFFS if name != "setup")


class TablesOfCountry:
    """What a plan and today's path cost each office, year by year.

    Parameters
    ----------
    case : Case
    plan : mapping
        Document of a plan of this case; of it only who serves whom when is taken, all money is counted anew.
    """

    def __init__(self, case: Case, plan: Mapping[str, Any]) -> None:
        self.case, self.joint = case, build_joint(case)
        path = path_from_plan(self.joint, plan)
        self.both = AgainstToday(Ledger(Trace(self.joint, path.provider)))

    def _year(self, t: int) -> int:
        return self.joint.stages[t].period.planning_year

    def _cents(self, ledger: Ledger, t: int, terms: Iterable[str]) -> Ints:
        """What each demand of a period bears."""
        leaves = ledger.months[t].by_demand
        total: Ints = np.sum([leaves[name] for name in terms], axis=0, dtype=np.int64)
        return total

    @cached_property
    def _by_entity(self) -> dict[tuple[int, str], Ints]:
        """Baseline, running, saving, one-off cost of each year and office, cents."""
        sums: dict[tuple[int, str], Ints] = defaultdict(lambda: np.zeros(4, np.int64))
        for t, stage in enumerate(self.joint.stages):
            counted = self.both.counted[t, stage.demand]
            before, after = (self._cents(of, t, YEARLY) for of in (self.both.baseline, self.both.plan))
            once = self._cents(self.both.plan, t, ONE_OFFS) - self._cents(self.both.baseline, t, ONE_OFFS)
            saving = np.where(counted, before - after, 0)
            for at, d in enumerate(stage.demand.tolist()):
                row = np.array([before[at], after[at], saving[at], once[at]], np.int64)
                sums[self._year(t), self.joint.keys[d][0]] += row
        return sums

    def entities(self) -> tuple[EntityYear, ...]:
        """Every office in every planning year in which it has a demand."""
        out = []
        for (year, entity), found in sorted(self._by_entity.items()):
            before, after, saving, once = found.tolist()
            money = (x / 100 for x in (before, after, saving, once, saving - once))
            out.append(EntityYear(year, entity, self.case.entity[entity].name, *money))
        return tuple(out)

    def years(self) -> tuple[CountryYear, ...]:
        """All offices together, by planning year."""
        out, total = [], 0
        for year in sorted({self._year(t) for t in range(self.joint.n_periods)}):
            periods = [t for t in range(self.joint.n_periods) if self._year(t) == year]
            saving, once = (int(sums[periods].sum()) for sums in (self.both.saving, self.both.one_off))
            borne = sum(int(v[2] - v[3]) for (y, _), v in self._by_entity.items() if y == year)
            before, after = (sum(of.running(t) for t in periods) for of in (self.both.baseline, self.both.plan))
            total += saving - once
            begin = self.joint.stages[periods[0]].period.begin.isoformat()
            cents = (before, after, saving, once, saving - once, saving - once - borne, total)
            out.append(CountryYear(year, begin, *(x / 100 for x in cents)))
        return tuple(out)

    def setting_up(self) -> tuple[SettingUp, ...]:
        """One-off cost by provider and planning year."""
        cents: dict[tuple[str, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        switches: dict[tuple[str, int], int] = defaultdict(int)
        plan = self.both.plan
        for t, stage in enumerate(self.joint.stages):
            for at, d in enumerate(stage.demand.tolist()):
                source = int(plan.trace.provider[t, d])
                if source >= 0:
                    key = (self.joint.name(source), self._year(t))
                    for name in _BY_DEMAND:
                        cents[key][name] += int(plan.months[t].by_demand[name][at])
        for t, p in plan.trace.opens:  # not from leaves: a demand may bear a cent of another site's set-up
            once = exact(self.joint.stages[t].figures.providers[p].setup_cost)
            cents[self.joint.name(p), self._year(t)]["setup"] += floor(once * 100 + Fraction(1, 2))
        for s in plan.trace.switches:
            switches[self.joint.name(int(plan.trace.provider[s.t, s.d])), self._year(s.t)] += 1
        out = []
        for key, found in sorted(cents.items()):
            if any(found.values()) or switches[key]:
                setup, moved, double = (found[n] for n in ("setup", "transition", "double_running"))
                other, total = found["exit"] + found["risk"], sum(found.values())
                money = (x / 100 for x in (setup, moved, double, other, total))
                out.append(SettingUp(key[0], self._name(key[0]), key[1], switches[key], *money))
        return tuple(out)

    def _name(self, source: str) -> str:
        return _OWN_NAME if source == OWN else self.case.provider[source].name

    def services(self) -> tuple[ServedBy, ...]:
        """Who does each service in the last period, most work first."""
        t = self.joint.n_periods - 1
        stage, served = self.joint.stages[t], self.both.plan.served[t]
        before, after = (self._cents(of, t, YEARLY) for of in (self.both.baseline, self.both.plan))
        groups: dict[tuple[str, str], list[int]] = defaultdict(list)
        for at, d in enumerate(stage.demand.tolist()):
            source = int(self.both.plan.trace.provider[t, d])
            if source >= 0:
                groups[self.joint.keys[d][1], self.joint.name(source)].append(at)
        years, out, seen = float(stage.period.years), [], set[str]()
        effort = {key: sum(float(served.effort(at)) for at in members) for key, members in groups.items()}
        for service, name in sorted(groups, key=lambda k: (k[0], -effort[k], k[1] == OWN, k[1])):
            members = groups[service, name]
            volume = sum(float(served.demands[at].volume) for at in members)
            known = bool(self.both.counted[t, stage.demand[members]].all())
            out.append(
                ServedBy(
                    service,
                    self.case.service[service].name,
                    name,
                    self._name(name),
                    len({self.joint.keys[int(stage.demand[at])][0] for at in members}),
                    round(volume, 6),
                    round(effort[service, name], 6),
                    _per_unit(int(after[members].sum()), volume * years),
                    _per_unit(int(before[members].sum()), volume * years) if known else None,
                    service not in seen,
                )
            )
            seen.add(service)
        return tuple(out)


def _per_unit(cents: int, volume: float) -> float | None:
    return round(cents / 100 / volume, 6) if volume else None
