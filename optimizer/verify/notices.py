"""The block ``issues``: what follows from the case and the plan must be told, and nothing of these kinds besides.

Other findings speak of input that the case no longer shows (rows left out, figures estimated) or of searches
that the verifier does not repeat (rules in conflict). Their form is checked, and that an infeasible
answer without a whole plan gives at least one reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.verify.compare import MISSING, Mismatch
from optimizer.verify.stated import at, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Set

    from optimizer.verify.tally import Tally

__all__ = ["NO_RUNNER_UPS", "held_against", "notice_mismatches", "readable", "says_no_runner_ups"]

NO_RUNNER_UPS: Final = "no_runner_ups"

_SEVERITIES: Final = ("error", "warning", "info")
_TEXTS: Final = ("code", "severity", "message", "remedy", "table", "file", "column", "value")

Notice = tuple[str, str]
"""Code and value."""


def notice_mismatches(plan: Any, t: Tally) -> list[Mismatch]:
    """Findings that are missing, that do not follow, or that cannot be read."""
    stated = at(plan, "issues")
    if not isinstance(stated, list):
        return [Mismatch("issues", stated, "a list")]
    rows, out = readable(stated)
    wanted = dict(_derived(t)) if listed(plan, "assignments") else dict(_of_case(t))
    return out + held_against(rows, wanted, _KINDS) + _reasons(plan, rows)


def readable(stated: list[Any]) -> tuple[list[dict[str, Any]], list[Mismatch]]:
    """Findings that can be read, and what cannot."""
    faults = [
        Mismatch(f"issues[{k}]", row, "code, severity, message and place")
        for k, row in enumerate(stated)
        if not _readable(row)
    ]
    return [row for row in stated if _readable(row)], faults


def held_against(
    rows: list[dict[str, Any]], wanted: Mapping[Notice, str], kinds: Set[str], allowed: Set[Notice] = frozenset()
) -> list[Mismatch]:
    """Findings that are missing, of another severity, or of a kind that is derived and do not follow.

    Parameters
    ----------
    rows : list of dict
        As stated.
    wanted : mapping of (code, value) to severity
    kinds : set of str
        Codes that are derived.
    allowed : set of (code, value)
        May be told or not.
    """
    out, said = [], {(row["code"], row.get("value", "")): row for row in rows}
    for name, severity in wanted.items():
        path = f"issues[{'|'.join(name)}]"
        if name not in said:
            out.append(Mismatch(path, MISSING, severity))
        elif said[name]["severity"] != severity:
            out.append(Mismatch(f"{path}.severity", said[name]["severity"], severity))
    out += [
        Mismatch(f"issues[{'|'.join(n)}]", said[n], "(does not follow from case and plan)")
        for n in said
        if n[0] in kinds and n not in wanted and n not in allowed
    ]
    return out


def says_no_runner_ups(plan: Any) -> bool:
    """Whether the document says that it has no runner-ups."""
    return any(at(row, "code") == NO_RUNNER_UPS for row in listed(plan, "issues"))


def _readable(row: Any) -> bool:
    """Known keys, all of them text but the row number, with code, severity and message."""
    if not isinstance(row, dict) or not {"code", "severity", "message"} <= row.keys() <= {*_TEXTS, "row"}:
        return False
    texts = all(isinstance(row[k], str) and row[k] for k in row if k != "row")
    return texts and row["severity"] in _SEVERITIES and isinstance(row.get("row", 0), int)


def _reasons(plan: Any, rows: list[dict[str, Any]]) -> list[Mismatch]:
    """An infeasible answer without a plan says why, unless it was stopped before it knew."""
    if at(plan, "status", "solution") != "infeasible" or listed(plan, "assignments"):
        return []
    if at(plan, "status", "stopped_by") == "user" or any(row["severity"] == "error" for row in rows):
        return []
    return [Mismatch("issues", "no error", "what stands against a plan")]


def _derived(t: Tally) -> Iterator[tuple[Notice, str]]:
    yield from _of_case(t)
    for demand, provider in t.served:
        if t.facts.eligibility.verdict(demand.row, provider).exempted:
            yield ("kept_by_exemption", "|".join((*demand.key, provider))), "warning"
    severity = "warning" if t.facts.policy.allow_unserved else "error"
    for demand in t.unserved():
        yield ("unserved", "|".join(demand.key)), severity


def _of_case(t: Tally) -> Iterator[tuple[Notice, str]]:
    case, as_of = t.facts.case, t.facts.policy.as_of
    next_year = (as_of.year + 1, as_of.month, as_of.day)
    for entity in case.absent_entities:
        yield ("entity_absent", entity.id), "info"
    for entity in case.entities:
        if entity.end is not None and (entity.end.year, entity.end.month, entity.end.day) <= next_year:
            yield ("ends_soon", entity.id), "warning"
    for demand in t.facts.demands.values():
        if demand.today and not demand.priced_today:
            yield ("current_unpriceable", "|".join((*demand.key, demand.today))), "warning"


_KINDS: Final = frozenset({"entity_absent", "ends_soon", "current_unpriceable", "kept_by_exemption", "unserved"})
"""Codes of all that is derived here."""
