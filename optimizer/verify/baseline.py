"""Today's assignments, priced and judged by the same model.

Definition: ``optimizer/model/README.md`` (*baseline*). No one-off cost, no backups; rows that
no price exists for are left out of the cost and shown as broken.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.names import ONE_OFF_TERMS, RULES
from optimizer.domain.types import exact
from optimizer.verify.compare import Cents, Expect, Money, Rows, Within, is_number
from optimizer.verify.leaves import Leaves, apportion, exact_leaves, noise_of, right_total
from optimizer.verify.rules import CHECKS
from optimizer.verify.stated import at
from optimizer.verify.tally import Tally

if TYPE_CHECKING:
    from optimizer.verify.facts import DemandFacts, Facts
    from optimizer.verify.leaves import Bearer

__all__ = ["Baseline"]

_NOT_TODAY: Final = frozenset({"max_moves", "one_off_budget", "lock", "backup"})
"""Rules that speak of change, decisions or backups, which today's assignments do not have."""

_IMPLIED: Final = frozenset({"open_line", "open_site", "assign_once"})
"""Rules that today's rows break only through the refusals listed under ``assign_once``."""

Name = tuple[str, str, str, str]


class Today:
    """What follows from a case alone: today's rows counted, priced and judged once, whatever documents say of them.

    Parameters
    ----------
    facts : Facts

    Attributes
    ----------
    demands : list of DemandFacts
        Those with a ``current`` row that has a price.
    unpriceable : list of DemandFacts
    tally : Tally
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        known = [d for d in facts.demands.values() if d.today]
        self.demands = [d for d in known if d.priced_today]
        self.unpriceable = [d for d in known if not d.priced_today]
        self.tally = Tally(facts, [(*d.key, d.today, "") for d in self.demands])

    @cached_property
    def unrounded(self) -> dict[str, dict[Bearer, Fraction]]:
        """Leaves by term, exact; one-off terms are empty."""
        return exact_leaves(self.tally, skip=frozenset(ONE_OFF_TERMS))

    @cached_property
    def broken(self) -> frozenset[Name]:
        """(rule, entity, service, provider) of all that today's assignments break."""
        verdict = self.facts.eligibility.verdict
        out: set[Name] = set()
        for d in (*self.demands, *self.unpriceable):
            found = verdict(d.row, d.today)
            if found.refusals or found.exempted:
                out.add(("assign_once", *d.key, d.today))
        for rule, check in zip(RULES, CHECKS, strict=True):
            if rule not in _NOT_TODAY | _IMPLIED:
                out |= {(v.rule, v.entity, v.service, v.provider) for v in check(self.tally)[1]}
        return frozenset(out)

    @cached_property
    def paid(self) -> dict[str, Any]:
        """What is paid today as the input states it, and the share of effort it covers."""
        today = self.facts.case.current_of
        everyone = (*self.demands, *self.unpriceable)
        stated: list[tuple[DemandFacts, float]] = []
        for d in everyone:
            unit_cost = today[d.key].unit_cost
            if unit_cost is not None:
                stated.append((d, unit_cost))
        whole = sum(d.minutes for d in everyone)
        amount = sum((exact(d.row.volume) * exact(c) for d, c in stated), Fraction(0))
        return {
            "amount": Cents(amount),
            "coverage": Within(sum(d.minutes for d, _ in stated) / whole, 1.5e-6),
        }


class Baseline:
    """Today's plan of a case as a document states it.

    Parameters
    ----------
    facts : Facts
    stated : dict, optional
        The block as the document states it; only decides between totals that are equally right.
    """

    def __init__(self, facts: Facts, stated: Any) -> None:
        self.today, self.stated = facts.once(Today), stated
        self.demands, self.tally = self.today.demands, self.today.tally

    @property
    def exists(self) -> bool:
        """Whether any ``current`` row belongs to a demand."""
        return bool(self.demands or self.today.unpriceable)

    @cached_property
    def leaves(self) -> Leaves:
        """Leaves in cents; one-off terms are empty. A stated total decides a term that ends on half a cent."""
        cents = {}
        for name, unrounded in self.today.unrounded.items():
            said = at(self.stated, name)
            known = is_number(said) and right_total(unrounded, said * 100.0, noise_of(name, unrounded))
            cents[name] = apportion(unrounded, round(said * 100.0) if known else None)
        return Leaves(cents)

    def expected(self) -> dict[str, Any] | None:
        """The block as the plan document should state it."""
        if not self.exists:
            return None
        stopped = sorted((c.entity, c.service, c.provider) for c in self.today.facts.case.stopped)
        return {
            **{name: Money(cents) for name, cents in self.leaves.terms().items()},
            "paid": self.today.paid,
            "violations": Broken(self.today.broken),
            "stopped": Rows(
                [{"entity": e, "service": s, "provider": p} for e, s, p in stopped], ("entity", "service", "provider")
            ),
        }


class Broken(Expect):
    """The set of things today's assignments break; words and amounts are not compared."""

    keys: Final = ("rule", "entity", "service", "provider", "message", "amount")

    def __init__(self, names: frozenset[Name]) -> None:
        self.names = names

    def accepts(self, stated: Any) -> bool:
        """Same set of (rule, entity, service, provider), rows complete."""
        if not isinstance(stated, list) or not all(map(self._readable, stated)):
            return False
        said = {(v["rule"], v["entity"], v["service"], v["provider"]) for v in stated}
        return {n for n in said if n[0] not in ("open_line", "open_site")} == self.names

    def _readable(self, row: Any) -> bool:
        return (
            isinstance(row, dict)
            and row.keys() == set(self.keys)
            and all(isinstance(row[k], str) for k in self.keys[:4])
        )

    @property
    def shown(self) -> Any:
        """The set, sorted."""
        return [{**dict(zip(self.keys, n, strict=False)), "message": "", "amount": None} for n in sorted(self.names)]
