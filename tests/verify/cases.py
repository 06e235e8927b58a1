"""Documents made by the verifier's own recomputation."""

from __future__ import annotations

from typing import Any

from optimizer.domain.case import Case
from optimizer.verify.checker import Evaluator
from optimizer.verify.compare import plain
from optimizer.verify.document import expected_document, savings_of
from optimizer.verify.neighbours import Neighbourhood

Rows = list[tuple[str, str, str, str]]


def document(c: Case, rows: Rows, best_bound: float | None = None, runner_ups: bool = True) -> dict[str, Any]:
    """A right plan document of a bare assignment list; the bound is the plan's own cost unless given."""
    evaluator = Evaluator(c)
    tally, judged = evaluator.tally(rows), evaluator.evaluate(rows)
    total = judged.cost["total"]
    bound = round(total if best_bound is None else best_bound, 6)
    seed = {"bounds": {"objective": round(total, 6), "best_bound": bound}, "baseline": {}}
    near = Neighbourhood(tally) if runner_ups and judged.ok else None
    out = plain(expected_document(seed, savings_of(seed, tally), total, near))
    out["run"] |= {"id": "r", "name": "", "tags": [], "created": "2026-01-01T00:00:00Z", "seed": 0}
    out["run"] |= {"solver": {}, "limits": {}, "timings": {}}
    solution = "infeasible" if not judged.ok else "optimal" if total - bound <= 0.01 else "feasible"
    out["status"] = {"solution": solution, "stopped_by": "finished", "detail": ""}
    if out["bounds"]["objective"] is None:  # a part of the case: nothing to bound
        out["bounds"] = dict.fromkeys(out["bounds"])
    else:
        out["bounds"]["best_bound"] = bound
    severity = "warning" if c.policy.allow_unserved else "error"
    left = {"code": "unserved", "severity": severity, "message": "nobody serves it", "table": "demands"}
    out["issues"] = [{**left, "value": "|".join(d.key)} for d in tally.unserved()]
    for row in out["assignments"]:
        row["runner_up"] = row["runner_up"] if near else None
    return out
