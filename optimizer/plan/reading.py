"""Whether a plan document from outside has the shape of one, and agrees with itself; nothing in it is trusted.

What a command reads of a document is looked at here first, so that no forged or broken one gets as far as an answer.
The verifier needs none of this: for it, whatever is not as it should be is a mismatch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from optimizer.domain.names import COST_TERMS
from optimizer.plan.plan import SCHEMA

if TYPE_CHECKING:
    from optimizer.domain.case import Case

__all__ = ["Fault", "faults", "figure_faults", "shape_faults", "sum_faults"]

_MOST: Final = 5
_CENT: Final = 0.01
_ONCE: Final = ("transition_annualised", "setup_annualised")
_SUMMED: Final = ("schema", "run", "status", "bounds", "cost", "assignments", "unallocated")
"""Blocks whose figures commands go by; the others only show what follows from them."""


class Fault(NamedTuple):
    """One place that is not as in any plan document, and what is wrong there."""

    place: str
    told: str


_TEXT: Final = "text"
_MAYBE_TEXT: Final = "text or null"
_NUMBER: Final = "a number"
_MAYBE_NUMBER: Final = "a number or null"
_LIST: Final = "a list"

_HEAD: Final[dict[str, dict[str, str]]] = {
    "run": {"case_hash": _TEXT},
    "status": {"solution": _TEXT, "stopped_by": _TEXT},
    "bounds": dict.fromkeys(("objective", "best_bound", "gap_abs", "gap_rel"), _MAYBE_NUMBER),
}
_ROW: Final = {
    "entity": _TEXT,
    "service": _TEXT,
    "provider": _MAYBE_TEXT,
    "backup": _MAYBE_TEXT,
    "effort_fte": _NUMBER,
    "moved_from": _MAYBE_TEXT,
}
_LEAVES: Final = dict.fromkeys(COST_TERMS, _NUMBER)
_COST: Final = {**_LEAVES, "total": _NUMBER, "running": _NUMBER}
_EMPTY_SITE: Final = {"provider": _TEXT, "term": _TEXT, "amount": _NUMBER}


def faults(plan: Any) -> list[Fault]:
    """What keeps a document from being read as ``designate.plan/1``, the first few; empty where nothing does.

    Shapes and types of what commands read, and where all of that is right: whether rows add up to terms, terms to
    the total, and the total is the objective.
    """
    return shape_faults(plan) or sum_faults(plan)


def shape_faults(plan: Any) -> list[Fault]:
    """What is missing or of the wrong kind, of what commands read; the first few."""
    return [*islice(_shape(plan), _MOST)]


def sum_faults(plan: Mapping[str, Any]) -> list[Fault]:
    """Where the figures of a document of the right shape contradict each other; the first few."""
    return [*islice(_sums(plan), _MOST)]


def figure_faults(case: Case, plan: Mapping[str, Any]) -> list[Fault]:
    """Where a plan of this very case states figures that the verifier does not find; empty for one of another case."""
    from optimizer.verify.checker import Evaluator

    if plan["run"]["case_hash"] != case.case_hash:
        return []
    report = Evaluator(case).verify(plan, runner_ups=False)
    wrong = [m for m in report.mismatches if m.path.partition("[")[0].partition(".")[0] in _SUMMED]
    return [
        Fault(m.path, f"it states {_short(m.stated)}, the case gives {_short(m.recomputed)}") for m in wrong[:_MOST]
    ]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _shape(plan: Any) -> Iterator[Fault]:
    if not isinstance(plan, Mapping):
        yield Fault("", "it is no mapping")
        return
    if plan.get("schema") != SCHEMA:
        yield Fault("schema", f"it is {_short(plan.get('schema'))}")
        return
    for block, keys in _HEAD.items():
        yield from _block(plan.get(block), keys, block)
    if plan.get("cost") is not None:
        yield from _block(plan["cost"], _COST, "cost")
    yield from _rows(plan, "assignments", _ROW)
    yield from _rows(plan, "unallocated", _EMPTY_SITE)


def _rows(plan: Mapping[str, Any], name: str, keys: Mapping[str, str]) -> Iterator[Fault]:
    rows, seen = plan.get(name), set()
    if not isinstance(rows, list):
        yield Fault(name, f"it is {_short(rows)}, not {_LIST}")
        return
    for k, row in enumerate(rows):
        wrong = [*_block(row, keys, f"{name}[{k}]")]
        yield from wrong
        if wrong or name != "assignments":
            continue
        yield from _block(row.get("cost"), _LEAVES, f"{name}[{k}].cost")
        if (row["entity"], row["service"]) in seen:
            yield Fault(f"{name}[{k}]", f"{row['entity']}, {row['service']} stands there already")
        seen.add((row["entity"], row["service"]))


def _block(block: Any, keys: Mapping[str, str], place: str) -> Iterator[Fault]:
    if not isinstance(block, Mapping):
        yield Fault(place, f"it is {_short(block)}, not a mapping")
        return
    for key, kind in keys.items():
        if key not in block:
            yield Fault(f"{place}.{key}", "it is missing")
        elif not _fits(block[key], kind):
            yield Fault(f"{place}.{key}", f"it is {_short(block[key])}, not {kind}")


def _fits(value: Any, kind: str) -> bool:
    if value is None:
        return kind in (_MAYBE_TEXT, _MAYBE_NUMBER)
    if kind in (_TEXT, _MAYBE_TEXT):
        return isinstance(value, str)
    return isinstance(value, int | float) and not isinstance(value, bool) and _counts(value)


def _counts(value: float) -> bool:
    """A number that can be added up and shown."""
    return -1e300 <= value <= 1e300 and isfinite(value)


def _sums(plan: Mapping[str, Any]) -> Iterator[Fault]:
    """Where the figures contradict each other; rounding to cents aside."""
    cost, rows = plan["cost"], plan["assignments"]
    if cost is None:
        return
    for term in COST_TERMS:
        listed = [r["cost"][term] for r in rows] + [u["amount"] for u in plan["unallocated"] if u["term"] == term]
        yield from _differs(f"cost.{term}", cost[term], listed, "its rows")
    yield from _differs("cost.total", cost["total"], [cost[t] for t in COST_TERMS], "its terms")
    yield from _differs("cost.running", cost["running"], [cost[t] for t in COST_TERMS if t not in _ONCE], "its terms")
    if plan["bounds"]["objective"] is not None:
        slack = _CENT * len(COST_TERMS)
        yield from _differs("bounds.objective", plan["bounds"]["objective"], [cost["total"]], "the cost", slack)


def _differs(place: str, stated: float, parts: Iterable[float], whose: str, slack: float = _CENT) -> Iterator[Fault]:
    right = sum(parts)
    if abs(stated - right) > slack + 1e-9 * abs(right):
        yield Fault(place, f"it is {stated:,.2f}, and {whose} add up to {right:,.2f}")
