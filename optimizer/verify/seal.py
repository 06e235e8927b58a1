"""The block ``verification`` of a document that was verified before: it says what is found now, or is forged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.verify.compare import MISSING, Anything, Mismatch, Six, compare
from optimizer.verify.stated import at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["seal_mismatches"]

_PATH: Final = "verification"

_EARLIER: Final = ("1",)
"""Versions of this checker whose counts and texts may differ from today's."""


def seal_mismatches(
    plan: Any,
    rules: Sequence[dict[str, Any]],
    cost: Mapping[str, float] | None,
    version: str,
    broken: bool,
    others: bool,
) -> list[Mismatch]:
    """Where a document's ``verification`` departs from what is found now.

    Parameters
    ----------
    plan : dict
        As stated.
    rules : sequence of dict
        Rules with what was looked at and what is broken, as found now.
    cost : mapping of str to float, optional
        Recomputed, money a year; ``None`` where the document has no plan to price.
    version : str
        Of this checker. A block of an earlier version may have counted differently: its counts and texts are
        not compared, but its verdict, its rules and its cost are.
    broken : bool
        A rule is.
    others : bool
        Something else in the document departs from the recomputation.
    """
    stated = at(plan, _PATH) if isinstance(plan, dict) and _PATH in plan else MISSING
    if not isinstance(stated, dict):
        return [Mismatch(_PATH, stated, "what the check of this document found")]
    same = stated.get("checker_version") not in _EARLIER
    expected = {
        "ok": not broken and not others,
        "rules": list(rules) if same else [_verdict(r) for r in rules],
        "cost_recomputed": None if cost is None else {k: Six(v) for k, v in cost.items()},
        "checker_version": version if same else Anything(str),
        "mismatches": Anything(list) if others else [],
    }
    return compare(expected, stated, _PATH)


def _verdict(rule: dict[str, Any]) -> dict[str, Any]:
    violations: Any = Anything(list) if rule["violations"] else []
    return {"rule": rule["rule"], "checked": Anything(int), "violations": violations}
