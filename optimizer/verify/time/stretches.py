"""Assignments of a document over time: rows of periods read from stretches, and the stretches that rows make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optimizer.verify.compare import Mismatch
from optimizer.verify.stated import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.verify.time.facts import Key, TimeFacts
    from optimizer.verify.time.plan import TimePlan, TimeRow

__all__ = ["Stretch", "stated_rows", "stretches_of"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Periods in which a demand has one source and backup; those in which it is absent are left out.

    Parameters
    ----------
    key : (entity, service)
    periods : tuple of int
        Numbers of the periods present.
    source, backup : str
        Empty where there is none.
    """

    key: Key
    periods: tuple[int, ...]
    source: str
    backup: str


def stated_rows(facts: TimeFacts, plan: Any) -> tuple[list[TimeRow], list[Mismatch]]:
    """(entity, service, period, source, backup) of every period of every stated stretch, and what is no stretch.

    A period that two stretches hold is told, and stands twice among the rows: the rule ``assign_once`` finds it broken.
    """
    stated = at(plan, "assignments")
    if not isinstance(stated, list):
        return [], [Mismatch("assignments", stated, "a list")]
    rows: list[TimeRow] = []
    faults: list[Mismatch] = []
    taken: set[tuple[str, str, int]] = set()
    for k, item in enumerate(stated):
        read = _read(item)
        if read is None:
            told = "entity, service, from_period, until_period, and provider and backup or null"
            faults.append(Mismatch(f"assignments[{k}]", item, told))
            continue
        (entity, service, source, backup), (first, last) = read
        present = facts.present.get((entity, service), (first,))  # an unknown demand is told by its first period
        for number in (p for p in present if first <= p <= last):
            if (entity, service, number) in taken:
                place = f"assignments[{entity}|{service}|{first}]"
                faults.append(Mismatch(place, f"period {number}", "each period in one stretch"))
            taken.add((entity, service, number))
            rows.append((entity, service, number, source, backup))
    return rows, faults


def _read(item: Any) -> tuple[tuple[str, str, str, str], tuple[int, int]] | None:
    names = [at(item, k) for k in ("entity", "service", "provider", "backup")]
    dates = [at(item, k) for k in ("from_period", "until_period")]
    if not all(isinstance(n, str) for n in names[:2]) or not all(n is None or isinstance(n, str) for n in names[2:]):
        return None
    if not all(isinstance(d, int) and not isinstance(d, bool) for d in dates):
        return None
    return (names[0], names[1], names[2] or "", names[3] or ""), (dates[0], dates[1])


def stretches_of(plan: TimePlan) -> Iterator[Stretch]:
    """Stretches of a plan, by demand and time; one goes on over periods in which the demand is absent."""
    for key, present in sorted(plan.facts.present.items()):
        held: list[int] = []
        before: tuple[str, str] | None = None
        for number in present:
            tally = plan.tallies[number - 1]
            now = tally.provider.get(key, ""), tally.backup.get(key, "")
            if before is not None and now != before:
                yield Stretch(key, tuple(held), *before)
                held = []
            held.append(number)
            before = now
        if before is not None:
            yield Stretch(key, tuple(held), *before)
