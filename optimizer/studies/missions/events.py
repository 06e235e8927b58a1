"""Events of missions: what starts, changes or closes, and the case that it makes.

The new case has ``as_of`` at the date of the latest event and ``current`` := the applied plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optimizer.domain.case import Case, canonical_bytes
from optimizer.domain.errors import InputError
from optimizer.domain.steady import only_steady
from optimizer.studies.missions.applied import with_current
from optimizer.studies.missions.event import Event, read_events
from optimizer.studies.missions.kinds import REPLAN_CATALOGUE
from optimizer.tables.checks.findings import did_you_mean
from optimizer.tables.checks.problems import Problems
from optimizer.tables.patch import Tables, Write, open_case, patched_tables, settle
from optimizer.tables.schema import POLICY_TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from optimizer.domain.issues import Issue

__all__ = ["Happened", "apply_events", "apply_to_current"]


@dataclass(frozen=True, eq=False)
class Happened:
    """What a batch of events came to.

    Parameters
    ----------
    case : Case
        The new case; the one given when nothing changes.
    changed : bool
        Some event changes something.
    events : tuple of Event
        Those that took part, by date.
    issues : tuple of Issue
        Warnings and information.
    """

    case: Case
    changed: bool
    events: tuple[Event, ...]
    issues: tuple[Issue, ...]


def apply_events(
    case: Case | Mapping[str, Any], plan: Mapping[str, Any], events: Any, *, already: Iterable[str] = (), name: str = ""
) -> Happened:
    """The case after a batch of events, with the applied plan as today's arrangement.

    Parameters
    ----------
    case : Case or mapping
        The case of the applied plan, or its document.
    plan : mapping
        The applied plan, ``designate.plan/1``.
    events : mapping or sequence
        ``designate.events/1``, or its list of events.
    already : iterable of str
        Hashes (``event_hash``) of events applied before: given again, they change nothing.
    name : str
        Of the new case.

    Raises
    ------
    InputError
        With every problem of events and plan, or of the case that they make.
    """
    before, problems = open_case(case, name), Problems(REPLAN_CATALOGUE)
    only_steady(before, plan)
    batch = _fresh(read_events(events, problems), set(already), problems)
    current = with_current(before, plan, problems)
    problems.raise_errors()
    return _happened(before, current, batch, problems, name)


def apply_to_current(
    case: Case | Mapping[str, Any], events: Any, *, already: Iterable[str] = (), name: str = ""
) -> Happened:
    """The case after a batch of events, where ``current`` is today's arrangement already.

    Parameters
    ----------
    case : Case or mapping
        A case, or its document; see ``today`` for one with an applied plan in it.
    events, already, name
        As in ``apply_events``.

    Raises
    ------
    InputError
        With every problem of the events, or of the case that they make.
    """
    before, problems = open_case(case, name), Problems(REPLAN_CATALOGUE)
    only_steady(before)
    batch = _fresh(read_events(events, problems), set(already), problems)
    problems.raise_errors()
    current = {k: [dict(r) for r in v] if isinstance(v, list) else dict(v) for k, v in before.tables.items()}
    return _happened(before, current, batch, problems, name)


def _happened(before: Case, current: Tables, batch: Sequence[Event], problems: Problems, name: str) -> Happened:
    tables, changed = _after(before, current, batch, problems)
    problems.raise_errors()
    if not changed:
        return Happened(before, False, (), tuple(problems.found))
    made, issues = settle(tables, name or before.name, problems)
    if _apart_from_date(made) == _apart_from_date(settle(current, "", Problems(REPLAN_CATALOGUE))[0]):
        return Happened(before, False, (), tuple(problems.found))  # other spellings of what was there
    return Happened(made, True, tuple(batch), issues)


def _apart_from_date(case: Case) -> bytes:
    return canonical_bytes({**case.tables, POLICY_TABLE: {**case.tables[POLICY_TABLE], "as_of": ""}})


def _fresh(events: Sequence[Event], already: set[str], problems: Problems) -> list[Event]:
    """Without those that came before, in this batch or in an earlier one."""
    out: dict[str, Event] = {}
    for event in events:
        if event.hash in already or event.hash in out:
            code = "event_already_applied" if event.hash in already else "event_repeated"
            problems.add(code, event.title, table="events", row=event.number, value=event.hash)
        else:
            out[event.hash] = event
    return list(out.values())


def _after(before: Case, tables: Tables, batch: Sequence[Event], problems: Problems) -> tuple[Tables, bool]:
    """Tables after the batch, and whether any event changed anything."""
    written: dict[tuple[str, tuple[str, ...], str], tuple[str, Event]] = {}
    changed = False
    for event in batch:
        patch = _patch(event, tables, problems)
        if patch is None:
            continue
        found = Problems(REPLAN_CATALOGUE)
        after, writes = patched_tables(tables, patch, found)
        for issue in found.found:
            problems.found.append(issue)
        _contradictions(writes, event, written, problems)
        changed = changed or canonical_bytes(after) != canonical_bytes(tables)
        tables = after
    if changed:
        as_of = max(before.policy.as_of, *(e.on for e in batch))
        for event in (e for e in batch if e.on < before.policy.as_of):
            problems.add(
                "event_late",
                f"{event.title}, and the case is as of {before.policy.as_of}",
                table="events",
                row=event.number,
                column="date",
                value=str(event.on),
            )
        tables[POLICY_TABLE] = {**tables[POLICY_TABLE], "as_of": as_of.isoformat()}
    return tables, changed


def _contradictions(
    writes: Sequence[Write],
    event: Event,
    written: dict[tuple[str, tuple[str, ...], str], tuple[str, Event]],
    problems: Problems,
) -> None:
    """One cell, or one row, that two events of a batch want otherwise."""
    rows = {(t, k): (c, e) for (t, k, c), (_, e) in written.items()}
    for w in writes:
        value, other = written.get((w.table, w.key, w.column), (w.value, event))
        column, whose = rows.get((w.table, w.key), (w.column, event))
        gone = "-" in (column, w.column) and whose is not event
        if value != w.value or gone:
            first = other if value != w.value else whose
            place = f"{w.table} {' | '.join(w.key)}" + ("" if w.column in "+-" else f", {w.column}")
            problems.add(
                "event_conflict",
                f"{first.title} and {event.title} disagree on {place}",
                table="events",
                row=event.number,
                value=place,
                first=first.title,
                second=event.title,
            )
        written[w.table, w.key, w.column] = (w.value, event)


def _patch(event: Event, tables: Tables, problems: Problems) -> Any:
    """What an event does, as a patch; ``None`` when it cannot be or need not be done."""
    if event.kind == "change":
        policy = event.content["patch"].get("policy")
        if isinstance(policy, Mapping) and "as_of" in policy:
            problems.add(
                "event_sets_as_of",
                f"{event.title} sets as_of",
                table="events",
                row=event.number,
                column="patch",
                value=str(policy["as_of"]),
            )
        return event.content["patch"]
    if event.kind == "close":
        return _closing(event, tables, problems)
    return _starting(event, tables, problems)


def _closing(event: Event, tables: Tables, problems: Problems) -> Any:
    known = {r["id"]: r for r in tables["entities"]}
    who = event.content["entity"]
    if who not in known:
        problems.add(
            "event_unknown_entity",
            f"{event.title}: no entity {who!r}",
            table="events",
            row=event.number,
            column="entity",
            value=who,
            guess=did_you_mean(who, known),
        )
        return None
    start, end = known[who].get("start"), known[who].get("end")
    if start and event.on.isoformat() <= start:
        told, first = f"{who} starts on {start}", f"its start {start}"
    elif end and end < event.on.isoformat():
        told, first = f"{who} ended on {end} already", f"its end {end}"
    else:
        return {"tables": {"entities": {"change": [{"id": who, "end": event.on.isoformat()}]}}}
    problems.add(
        "event_conflict",
        f"{event.title}: {told}",
        table="events",
        row=event.number,
        column="date",
        value=str(event.on),
        first=first,
        second=event.title,
    )
    return None


def _starting(event: Event, tables: Tables, problems: Problems) -> Any:
    row = dict(event.content["entity"])
    who = str(row["id"])
    row["start"] = row.get("start") or event.on.isoformat()
    if str(row["start"]) > event.on.isoformat():
        problems.add(
            "event_start_later",
            f"{event.title}: start is {row['start']}",
            table="events",
            row=event.number,
            column="start",
            value=str(row["start"]),
        )
        return None
    demands = [{**d, "entity": who} for d in event.content["demands"]]
    patch = {"tables": {"entities": {"add": [row]}, "demands": {"add": demands}}}
    if who not in {r["id"] for r in tables["entities"]}:
        return patch
    if not _same_again(who, patch, tables):
        problems.add(
            "event_entity_exists",
            f"{event.title}: {who} is in the case already",
            table="events",
            row=event.number,
            column="entity",
            value=who,
        )
    return None


def _same_again(who: str, patch: Mapping[str, Any], tables: Tables) -> bool:
    """Whether the entity stands in the case exactly as the event would put it there."""
    without = {
        **tables,
        "entities": [r for r in tables["entities"] if r["id"] != who],
        "demands": [r for r in tables.get("demands", []) if r["entity"] != who],
    }
    check = Problems(REPLAN_CATALOGUE)
    again, _ = patched_tables(without, patch, check)
    if check.found:
        return False
    try:
        return settle(again, "", check)[0].case_hash == settle(tables, "", check)[0].case_hash
    except InputError:  # what is there in the middle of a batch need not be a case
        return False
