"""What a path costs by period, term and demand: exact, and in cents that add up; a leaf is demand × term × period."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from optimizer.domain.names import RUNNING_TERMS
from optimizer.domain.time.staffing import crews
from optimizer.domain.time.stills import first_tier_cost
from optimizer.domain.types import exact
from optimizer.model import costs
from optimizer.model.costs.base import Charge, alone, by_effort
from optimizer.plan.allocation import Allocation
from optimizer.plan.cents import leaves_of, round_leaves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from optimizer.model.time.joint import JointProblem, Stage
    from optimizer.model.time.trace import Switch, Trace

__all__ = ["ONE_OFFS", "YEARLY", "Ledger", "Month"]

YEARLY: Final = (*RUNNING_TERMS, "npo_compliance")
"""Running costs by term, in the order of documents."""

ONE_OFFS: Final = ("transition", "setup", "exit", "risk", "double_running")
"""One-off costs by element, in the order of documents."""


class Month(NamedTuple):
    """Leaves of one period, cents.

    Parameters
    ----------
    by_demand : mapping of term to ndarray of shape (n_demands_of_the_period,)
    nobody : mapping of term to int
        What no demand bears.
    """

    by_demand: dict[str, NDArray[np.int64]]
    nobody: dict[str, int]

    def total(self, term: str) -> int:
        """Cents of a term."""
        return int(self.by_demand[term].sum()) + self.nobody[term]


@dataclass(frozen=True, eq=False)
class Ledger:
    """The money of a path.

    Parameters
    ----------
    trace : Trace
    """

    trace: Trace

    @property
    def joint(self) -> JointProblem:
        """The problem behind the path."""
        return self.trace.joint

    @cached_property
    def served(self) -> tuple[Allocation, ...]:
        """The arrangement of each period."""
        baseline = self.trace.as_baseline
        return tuple(
            Allocation(stage.case, stage.problem, self.trace.provider[t, stage.demand], as_baseline=baseline)
            for t, stage in enumerate(self.joint.stages)
        )

    @cached_property
    def charges(self) -> tuple[dict[str, list[Charge]], ...]:
        """What is charged in each period, money of the period, by term and one-off element."""
        return tuple(self._charges(t, stage) for t, stage in enumerate(self.joint.stages))

    def exact(self, t: int, name: str) -> Fraction:
        """Unrounded money of a term or one-off element in a period."""
        return sum((c.amount for c in self.charges[t][name]), Fraction(0))

    @cached_property
    def months(self) -> tuple[Month, ...]:
        """Leaves in cents by period."""
        return tuple(self._rounded(t) for t in range(self.joint.n_periods))

    @cached_property
    def objective(self) -> float:
        """Σ δ_t · cost of t, unrounded."""
        names = (*YEARLY, *ONE_OFFS)
        return float(
            sum(
                (Fraction(s.discount) * self.exact(t, name) for t, s in enumerate(self.joint.stages) for name in names),
                Fraction(0),
            )
        )

    def running(self, t: int) -> int:
        """Running cost of a period, cents."""
        return sum(self.months[t].total(term) for term in YEARLY)

    def one_off(self, t: int) -> int:
        """One-off cost of a period, cents."""
        return sum(self.months[t].total(name) for name in ONE_OFFS)

    def _rounded(self, t: int) -> Month:
        n = self.joint.stages[t].problem.n_demands
        by_demand, nobody = {}, {}
        for name, charges in self.charges[t].items():
            if name in ONE_OFFS:
                charges = _one_each(charges, n)
            cents = round_leaves(leaves_of(charges, n), self.exact(t, name))
            by_demand[name], nobody[name] = np.array(cents[:n], np.int64), sum(cents[n:])
        return Month(by_demand, nobody)

    def _charges(self, t: int, stage: Stage) -> dict[str, list[Charge]]:
        served, years = self.served[t], stage.period.years
        out = {term.name: list(term.charges(served)) for term in costs.TERMS if term.name in RUNNING_TERMS}
        out["site"] = list(self._site(t, stage))
        out["npo_compliance"] = list(self._compliance(t, stage))
        out = {name: [c._replace(amount=c.amount * years) for c in charges] for name, charges in out.items()}
        switches = [s for s in self.trace.switches if s.t == t]
        out["transition"] = list(self._transition(stage, switches))
        out["setup"] = list(self._setup(t, stage))
        out["exit"] = list(self._exit(t, stage, switches))
        out["risk"] = list(self._risk(t, stage, switches))
        out["double_running"] = list(self._double(stage, switches))
        return out

    def _site(self, t: int, stage: Stage) -> Iterator[Charge]:
        """Open sites by effort of their work; one without work falls on nobody."""
        for p in np.flatnonzero(self.trace.open[t]).tolist():
            amount = stage.figures.providers[p].site_cost(stage.period.begin)
            yield by_effort(self.served[t], amount, self.served[t].at_sites.get(p, []))

    def _compliance(self, t: int, stage: Stage) -> Iterator[Charge]:
        """What the limit on national officers costs where it binds."""
        found = crews(stage.figures.staffing, stage.figures.policy.npo_share_max)
        for d, p in enumerate(self.served[t].provider.tolist()):
            crew = found.get(self.joint.name(p)) if p >= 0 else None
            if crew is not None and crew.compliance:
                yield alone(self.served[t].effort(d) * crew.compliance, d)

    def _local(self, switch: Switch) -> int:
        return int(self.joint.local[switch.t, switch.d])

    def _transition(self, stage: Stage, switches: list[Switch]) -> Iterator[Charge]:
        rate = stage.figures.policy.switch_cost_per_fte
        for s in switches:
            if self._price(stage, s) is not None:
                d = self._local(s)
                yield alone(self.served[s.t].effort(d) * rate, d)

    def _setup(self, t: int, stage: Stage) -> Iterator[Charge]:
        for at, p in self.trace.opens:
            if at == t:
                amount = exact(stage.figures.providers[p].setup_cost)
                yield by_effort(self.served[t], amount, self.served[t].at_sites.get(p, []))

    def _exit(self, t: int, stage: Stage, switches: list[Switch]) -> Iterator[Charge]:
        for at, p in self.trace.closes:
            if at == t:
                leaving = [self._local(s) for s in switches if s.old == p]
                yield by_effort(self.served[t], exact(stage.figures.providers[p].exit_cost), leaving)

    def _risk(self, t: int, stage: Stage, switches: list[Switch]) -> Iterator[Charge]:
        policy = stage.figures.policy
        if policy.transition_mode == "big_bang" and self.trace.bang == t:
            amount = exact(policy.big_bang_probability) * exact(policy.big_bang_failure_cost)
            yield by_effort(self.served[t], amount, [self._local(s) for s in switches])

    def _double(self, stage: Stage, switches: list[Switch]) -> Iterator[Charge]:
        share = exact(stage.figures.policy.handover_months) / 12
        for s in switches:
            price = self._price(stage, s) if share and s.beside else None
            if price is not None:
                yield alone(share * price, self._local(s))

    def _price(self, stage: Stage, switch: Switch) -> Fraction | None:
        return first_tier_cost(stage, self.joint.keys[switch.d], self.joint.name(switch.old))


def _one_each(charges: list[Charge], n: int) -> list[Charge]:
    """Charges such that no demand bears two: one-offs of several sites may fall on one demand."""
    parts, rest = [Fraction(0)] * n, []
    for amount, members, weights in charges:
        if not members:
            rest.append(Charge(amount, (), ()))
            continue
        whole = sum(weights)
        for d, weight in zip(members, weights, strict=True):
            parts[d] += amount * weight / whole
    return [*(alone(part, d) for d, part in enumerate(parts) if part), *rest]
