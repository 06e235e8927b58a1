"""Every plan of a very small case, judged by the verifier."""

from __future__ import annotations

from itertools import product

from optimizer.domain.case import Case
from optimizer.domain.names import OWN
from optimizer.verify import Evaluator
from tests.verify.cases import Rows

Choice = tuple[str, str]


def choices(evaluator: Evaluator) -> list[list[Choice]]:
    """(provider, backup) options of each demand that are not refused on their own."""
    eligibility, out = evaluator.facts.eligibility, []
    for d in evaluator.facts.demands.values():
        may = [p for p in eligibility.candidates(d.row) if eligibility.eligible(d.row, p)]
        seconds = [p for p in may if p != OWN]
        out.append([(p, q) for p in may for q in ([x for x in seconds if x != p] if d.critical and p != OWN else [""])])
    return out


def brute_force(c: Case) -> tuple[float | None, Rows | None, int]:
    """Least total cost, a plan that has it, and the number of plans looked at."""
    evaluator = Evaluator(c)
    keys, best, found, count = list(evaluator.facts.demands), None, None, 0
    for pick in product(*choices(evaluator)):
        rows = [(*key, p, q) for key, (p, q) in zip(keys, pick, strict=True)]
        count += 1
        total = evaluator.cost(rows)["total"]
        if (best is None or total < best) and not evaluator.violations(rows):
            best, found = total, rows
    return best, found, count
