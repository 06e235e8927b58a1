"""Judge a bare list of assignments, or a whole plan document, of a case without a horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.names import RULES
from optimizer.domain.steady import only_steady
from optimizer.verify.compare import Mismatch
from optimizer.verify.costs import cost_by_term
from optimizer.verify.document import document_mismatches, is_whole
from optimizer.verify.facts import Facts
from optimizer.verify.findings import Violation
from optimizer.verify.rules import CHECKS
from optimizer.verify.seal import seal_mismatches
from optimizer.verify.stated import assignment_rows, at
from optimizer.verify.status import other_case
from optimizer.verify.tally import Row, Tally

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.domain.case import Case

__all__ = [
    "CHECKER_VERSION",
    "Evaluation",
    "Evaluator",
    "RuleResult",
    "VerificationReport",
    "evaluate",
]

CHECKER_VERSION: Final = "2"
"""Raised when the checker may judge the same plan differently."""


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule: how many things were looked at and what is broken."""

    rule: str
    checked: int
    violations: tuple[Violation, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain mapping as in the plan document."""
        shown = [v.as_dict() for v in self.violations]
        return {"rule": self.rule, "checked": self.checked, "violations": shown}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A bare list of assignments, judged and priced.

    Parameters
    ----------
    rules : tuple of RuleResult
        One for each rule of ``RULES``, in that order.
    cost : dict of str to float
        Unrounded money a year by cost term, with ``total`` and ``running``.
    """

    rules: tuple[RuleResult, ...]
    cost: dict[str, float]

    @property
    def ok(self) -> bool:
        """No rule is broken."""
        return not any(r.violations for r in self.rules)

    @property
    def violations(self) -> tuple[Violation, ...]:
        """All that is broken, rule by rule."""
        return tuple(v for r in self.rules for v in r.violations)

    def as_dict(self) -> dict[str, Any]:
        """Plain mapping in the shape of the plan document's ``verification``."""
        rules = [r.as_dict() for r in self.rules]
        cost = {k: round(v, 6) for k, v in self.cost.items()}
        return {"ok": self.ok, "rules": rules, "cost_recomputed": cost, "checker_version": CHECKER_VERSION}


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """A plan document, judged.

    Parameters
    ----------
    ok : bool
        No rule is broken and the document says nothing that was not recomputed.
    rules : tuple of RuleResult
        Empty for a plan of another case, of which nothing is looked at.
    cost_recomputed : dict of str to float, optional
        Unrounded money a year by cost term, with ``total`` and ``running``; ``None`` where the document has
        no plan, or one that serves only a part of what must be served.
    mismatches : tuple of Mismatch
        Places of the document that depart from the recomputation.
    checker_version : str
    """

    ok: bool
    rules: tuple[RuleResult, ...]
    cost_recomputed: dict[str, float] | None
    mismatches: tuple[Mismatch, ...]
    checker_version: str = CHECKER_VERSION

    @property
    def feasible(self) -> bool:
        """Every rule was looked at and none is broken, whatever the document says."""
        return bool(self.rules) and not any(r.violations for r in self.rules)

    @property
    def consistent(self) -> bool:
        """The document says what was recomputed, whether or not rules are broken."""
        return not self.mismatches

    def as_dict(self) -> dict[str, Any]:
        """Plain mapping in the shape of the plan document's ``verification``, with ``mismatches``."""
        return {
            "ok": self.ok,
            "rules": [r.as_dict() for r in self.rules],
            "cost_recomputed": _six(self.cost_recomputed),
            "checker_version": self.checker_version,
            "mismatches": [m.as_dict() for m in self.mismatches],
        }


class Evaluator:
    """Judge and price any number of plans of one case; everything about the case is prepared once.

    Parameters
    ----------
    case : Case

    Raises
    ------
    HorizonNotTaken
        The case has a horizon: ``TimeEvaluator`` judges its plans.

    Examples
    --------
    ``Evaluator(case).cost([("E1", "payroll", "P1", "")])["total"]``
    """

    def __init__(self, case: Case) -> None:
        only_steady(case)
        self.facts = Facts(case)

    def tally(self, rows: Iterable[Row]) -> Tally:
        """Loads of a plan given as (entity, service, provider, backup) rows."""
        return Tally(self.facts, rows)

    def cost(self, rows: Iterable[Row]) -> dict[str, float]:
        """Unrounded money a year by cost term, with ``total`` and ``running``."""
        return cost_by_term(self.tally(rows))

    def violations(self, rows: Iterable[Row]) -> list[Violation]:
        """Every broken rule."""
        tally = self.tally(rows)
        return [v for check in CHECKS for v in check(tally)[1]]

    def evaluate(self, rows: Iterable[Row]) -> Evaluation:
        """Rules and cost together."""
        return evaluate_tally(self.tally(rows))

    def verify(self, plan: Any, *, runner_ups: bool = True, sealed: bool = False) -> VerificationReport:
        """Judge a whole plan document; see ``optimizer.verify.documents``."""
        other = other_case(self.facts.case, plan)
        if other is not None:
            return VerificationReport(False, (), None, (other,))
        rows, unreadable = assignment_rows(plan)
        tally = self.tally(rows)
        judged = evaluate_tally(tally)
        found = [*unreadable, *document_mismatches(plan, tally, judged.cost["total"], judged.ok, runner_ups)]
        cost = judged.cost if is_whole(plan, tally) else None
        if sealed or at(plan, "verification") is not None:
            shown = [r.as_dict() for r in judged.rules]
            found += seal_mismatches(plan, shown, cost, CHECKER_VERSION, broken=not judged.ok, others=bool(found))
        return VerificationReport(judged.ok and not found, judged.rules, cost, tuple(found))


def _six(cost: dict[str, float] | None) -> dict[str, float] | None:
    return None if cost is None else {k: round(v, 6) for k, v in cost.items()}


def evaluate_tally(tally: Tally) -> Evaluation:
    """Rules and cost of a counted plan."""
    results = []
    for name, check in zip(RULES, CHECKS, strict=True):
        checked, found = check(tally)
        results.append(RuleResult(name, checked, tuple(found)))
    return Evaluation(tuple(results), cost_by_term(tally))


def evaluate(case: Case, rows: Iterable[Row]) -> Evaluation:
    """Judge and price a bare list of assignments.

    Parameters
    ----------
    case : Case
    rows : iterable of (entity, service, provider, backup)
        ``provider`` may be ``OWN`` or empty (unserved); ``backup`` may be empty or ``None``.

    Returns
    -------
    Evaluation
    """
    return Evaluator(case).evaluate(rows)
