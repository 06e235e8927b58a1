"""Savings against today and what they cost once, and the people behind them.

Definitions: ``optimizer/model/README.md`` (*savings*, *people*). Money is sums of leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from optimizer.domain.types import exact
from optimizer.verify.assumptions import Assumed
from optimizer.verify.compare import Cents, Either, Expect, Mismatch, Money, Rows, Six, Within, is_number
from optimizer.verify.costs import one_off_cost
from optimizer.verify.leaves import bearer, rounded_cents
from optimizer.verify.stated import at, listed

if TYPE_CHECKING:
    from optimizer.verify.baseline import Baseline
    from optimizer.verify.facts import DemandFacts
    from optimizer.verify.leaves import Leaves
    from optimizer.verify.tally import Tally

__all__ = ["Savings", "organisation_of", "people", "place_of"]

_TIES = 2
"""Cents by which sums of baseline leaves, which the document does not state, may differ."""


class Savings:
    """The block ``savings`` of one plan.

    Attributes
    ----------
    comparable : list of DemandFacts
        Demands served in the plan whose ``current`` row has a price.
    """

    def __init__(self, tally: Tally, leaves: Leaves, baseline: Baseline) -> None:
        self.t, self.leaves, self.baseline = tally, leaves, baseline
        self.comparable = [d for d in baseline.demands if d.key in tally.provider]
        self.known = baseline.exists and not tally.unserved()

    def expected(self, best_bound: Any) -> dict[str, Any]:
        """The block as the plan document should state it."""
        transition, setup = one_off_cost(self.t)
        common = {
            "one_off": {"transition": Cents(transition), "setup": Cents(setup)},
            "horizon_years": self.t.facts.policy.horizon_years,
        }
        if not self.known:
            blank: dict[str, Any] = dict.fromkeys(
                ("annual", "annual_rel", "upper_limit", "payback_years", "npv", "new_demand_cost", "on_assumptions_rel")
            )
            return {**blank, "by_entity": [], "by_provider": [], "by_service": [], **common}
        today, annual = self.baseline.leaves.terms()["running"], self.annual()
        spent = rounded_cents(transition * 100) + rounded_cents(setup * 100)
        return {
            "annual": Money(annual),
            "annual_rel": Six(annual / today) if today else None,
            "upper_limit": self._upper_limit(best_bound) if is_number(best_bound) else None,
            **common,
            **self._over_time(Fraction(annual, 100), Fraction(spent, 100)),
            "new_demand_cost": Money(self.new_demand_cost()),
            "on_assumptions_rel": self._on_assumptions(),
            "by_entity": self._grouped(lambda d, _: d.key[0]),
            "by_provider": self._grouped(lambda _, provider: provider),
            "by_service": self._grouped(lambda d, _: d.key[1]),
        }

    def new_demand_cost(self) -> int:
        """Running cents of demands that have no price today."""
        old = {d.key for d in self.comparable}
        return sum(self.leaves.running(bearer(d)) for d, _ in self.t.served if d.key not in old)

    def annual(self) -> int:
        """Baseline running − (plan running − cost of new demands), in cents."""
        return self.baseline.leaves.terms()["running"] - (self.leaves.terms()["running"] - self.new_demand_cost())

    def _upper_limit(self, best_bound: float) -> Within:
        """Baseline running + cost of new demands − best bound, and no less than this plan's own net saving."""
        before = self.baseline.leaves.terms()["running"] + self.new_demand_cost()
        own = before - self.leaves.terms()["total"]
        return Cents(max(Fraction(before, 100) - exact(best_bound), Fraction(own, 100)))

    def _over_time(self, annual: Fraction, one_off: Fraction) -> dict[str, Any]:
        policy = self.t.facts.policy
        growth = 1 + exact(policy.discount_rate)
        npv = sum((annual / growth**y for y in range(1, policy.horizon_years + 1)), -one_off)
        payback = None if annual <= 0 else Within(float(one_off / annual), 1.5e-6 + float(0.01 / annual))
        return {"payback_years": payback, "npv": Cents(npv)}

    def _on_assumptions(self) -> Expect | None:
        """Share of |saving| over demands with any assumed input."""
        assumed, today = Assumed(self.t.facts.case), self.baseline.leaves
        whole, wide, narrow = 0, 0, 0
        for d in self.comparable:
            saving = abs(today.running(bearer(d)) - self.leaves.running(bearer(d)))
            providers = (d.today, self.t.provider[d.key])
            whole += saving
            wide += saving * assumed.demand(d, providers)
            narrow += saving * assumed.demand(d, providers, own_always=False)
        if not whole:
            return None
        return Either(tuple(Within(part / whole, 1.5e-6 + 4 / whole) for part in (wide, narrow)))

    def _grouped(self, name: Callable[[DemandFacts, str], str]) -> Rows:
        base: dict[str, int] = {}
        plan: dict[str, int] = {}
        for d in self.comparable:
            before, after = name(d, d.today), name(d, self.t.provider[d.key])
            base[before] = base.get(before, 0) + self.baseline.leaves.running(bearer(d))
            plan[after] = plan.get(after, 0) + self.leaves.running(bearer(d))
        rows = []
        for who in sorted({*base, *plan}):
            b, p = base.get(who, 0), plan.get(who, 0)
            row = {"id": who, "baseline": Money(b, _TIES), "plan": Money(p), "saving": Money(b - p, _TIES)}
            rows.append(row)
        return Rows(rows, ("id",), lambda r: not any(r[k].cents for k in ("baseline", "plan")))

    def inner_sums(self, plan: Any) -> list[Mismatch]:
        """Lists of savings whose rows do not add up, as the document itself states them."""
        out = []
        whole = sum(self.baseline.leaves.running(bearer(d)) for d in self.comparable) if self.known else 0
        for name in ("by_entity", "by_provider", "by_service"):
            cents = [[_cents(at(r, k)) for k in ("baseline", "plan", "saving")] for r in listed(plan, "savings", name)]
            if sum(c[0] for c in cents) != whole:
                total = sum(c[0] for c in cents) / 100
                out.append(Mismatch(f"savings.{name}", f"baseline adds up to {total}", whole / 100))
            if any(c[0] - c[1] != c[2] for c in cents):
                out.append(Mismatch(f"savings.{name}", "saving", "baseline − plan in every row"))
        return out


def _cents(amount: Any) -> int:
    return round(amount * 100) if is_number(amount) else 0


def people(t: Tally) -> dict[str, Any]:
    """FTE today and in the plan, in and out, by provider, place and organisation."""
    return {
        "by_provider": _flows(t, lambda _, provider: provider),
        "by_place": _flows(t, lambda d, provider: place_of(t, d, provider)),
        "by_organisation": _flows(t, lambda d, provider: organisation_of(t, d, provider)),
    }


def _flows(t: Tally, group: Callable[[DemandFacts, str], str]) -> Rows:
    names = ("fte_today", "fte_plan", "fte_in", "fte_out")
    flows: dict[str, dict[str, float]] = {}
    for key, d in t.facts.demands.items():
        provider = t.provider.get(key, "")
        before = group(d, d.today) if d.today else None
        after = group(d, provider) if provider else None
        for who, counted in ((before, ("fte_today", "fte_out")), (after, ("fte_plan", "fte_in"))):
            if who is None:
                continue
            row = flows.setdefault(who, dict.fromkeys(names, 0.0))
            row[counted[0]] += d.effort
            row[counted[1]] += d.effort if before != after else 0.0
    return Rows([{"id": who, **{k: Six(row[k]) for k in names}} for who, row in sorted(flows.items())], ("id",))


def place_of(t: Tally, d: DemandFacts, provider: str) -> str:
    """Place where a demand is served: ``City, CC``, or the coordinates when no city was given."""
    row = t.facts.case.provider.get(provider)
    place = row.place if row is not None else d.entity.place
    if place.city:
        return f"{place.city}, {place.country}"
    return f"{place.latitude:.4f},{place.longitude:.4f} {place.country}"


def organisation_of(t: Tally, d: DemandFacts, provider: str) -> str:
    """Organisation that serves a demand."""
    row = t.facts.case.provider.get(provider)
    return (row.organisation if row is not None else d.entity.organisation) or "unspecified"
