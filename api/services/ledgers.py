"""Ledgers: the chain is read and an entry made in a process of its own, and stored where the chain is still the same.

Stored is the line that ``designate ledger`` would write, so that a ledger can be taken out and checked anywhere. An
entry and the new head of its ledger are one transaction.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from api.faults import Fault
from api.services.analyses import case_of
from api.services.places import place
from api.services.prices import document_of, held_plan
from api.services.results import made_aside
from api.services.steady import only_steady_plans
from api.store.audit import record
from api.store.models import Ledger, LedgerEntry, Plan
from api.store.scope import Scope
from api.store.types import new_id
from api.uploads import Bounds, check_archive
from optimizer.ledger.entries import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from api.access import Caller
    from api.context import Services
    from api.schemas.money import FreezePost, LedgerPost, ScopePost
    from api.uploads import Upload

__all__ = [
    "Made",
    "Moved",
    "begin",
    "freezing",
    "imported",
    "lines",
    "made_for",
    "opened",
    "scoping",
    "stored",
    "told_of",
]


class Moved(Exception):
    """The chain is not the one that the entry was made for."""


@dataclass(frozen=True, slots=True)
class Made:
    """An entry that is not stored yet.

    Parameters
    ----------
    before : str
        Hash of the last entry that it was made for.
    line, entry, about
        As the process told them.
    plan_id, file_hash : str, optional
    """

    before: str
    line: str
    entry: dict[str, Any]
    about: dict[str, Any]
    plan_id: str | None = None
    file_hash: str | None = None


def lines(session: Session, ledger: Ledger) -> list[str]:
    """The chain as it is stored."""
    query = select(LedgerEntry.line).where(LedgerEntry.ledger_id == ledger.id).order_by(LedgerEntry.number)
    return [line.decode() for line in session.scalars(query)]


def freezing(scope: Scope, asked: LedgerPost | FreezePost) -> dict[str, Any]:
    """The task that freezes a plan.

    Raises
    ------
    Fault
        ``horizon_not_taken``; of the plan as ``held_plan``.
    """
    plan = scope.get(Plan, asked.plan)
    only_steady_plans(scope, plan)
    name, tables = case_of(scope, plan)
    return {
        "what": "freeze",
        "plan": held_plan(scope.session, plan),
        "tables": tables,
        "case_name": name,
        "prices": document_of(scope, asked.price_list),
        "begin": asked.begin or "",
        "rates": asked.rates,
        "replaces": getattr(asked, "replaces", None),
    }


def scoping(asked: ScopePost) -> dict[str, Any]:
    """The task that says who came in or went out."""
    return {"what": "scope", **asked.model_dump()}


def imported(held: Services, upload: Upload, what: str, replaces: str | None) -> dict[str, Any]:
    """The task that takes a file of actuals or forecasts.

    Raises
    ------
    Fault
        ``archive_too_large``.
    """
    if upload.name.endswith((".xlsx", ".zip")):
        check_archive(upload.data, Bounds.of(held.settings))
    content = base64.b64encode(upload.data).decode()
    most = held.settings.max_list_mb
    return {"what": what, "file": upload.name, "content": content, "most_mb": most, "replaces": replaces}


def begin(held: Services, caller: Caller, asked: LedgerPost) -> Made:
    """The first entry of a ledger."""
    with held.store.read() as session:
        task = freezing(Scope(session, caller.workspace_id), asked)
    return _made(held, caller, [], NOTHING, {**task, "unit": asked.unit}, asked.plan)


def _made(
    held: Services,
    caller: Caller,
    chain: list[str],
    head: str,
    task: Mapping[str, Any],
    plan_id: str | None = None,
    file_hash: str | None = None,
) -> Made:
    """An entry, made in a process of its own.

    Raises
    ------
    Fault
        ``entry_refused`` with every bad row; ``ledger_broken``; ``invalid_options``; ``too_many_requests``.
    """
    with place(held, caller):
        try:
            done = made_aside(held, {"task": "ledger_add", "lines": chain, "author": caller.key_id, **task})
        except Fault as fault:
            raise told_of(fault) from fault
    if done["entry"]["before"] != head:
        raise Fault("ledger_broken", "the chain that is stored does not end where its ledger says")
    return Made(head, done["line"], done["entry"], done["about"], plan_id, file_hash)


def told_of(fault: Fault) -> Fault:
    """What is wrong with an entry, or with the chain that it should stand in."""
    if fault.code != "bad_input":
        return fault
    issues = fault.more.get("issues", [])
    broken = any(i["code"] == "ledger_broken" for i in issues)
    code = "ledger_broken" if broken else "entry_refused"
    return Fault(code, fault.detail, issues=issues)


def made_for(
    held: Services,
    caller: Caller,
    ledger_id: str,
    task_of: Callable[[Scope], Mapping[str, Any]],
    *,
    plan_id: str | None = None,
    upload: Upload | None = None,
) -> Made:
    """An entry for a ledger as it is now.

    Raises
    ------
    Fault
        As ``_made``; ``entry_refused``: the file is recorded already.
    """
    file_hash = None if upload is None else hashlib.sha256(upload.data).hexdigest()
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        ledger = scope.get(Ledger, ledger_id)
        task = {**task_of(scope), "unit": ledger.unit}
        _not_twice(session, ledger, task, file_hash)
        chain, head = lines(session, ledger), ledger.head
    return _made(held, caller, chain, head, task, plan_id, file_hash)


def _not_twice(session: Session, ledger: Ledger, task: Mapping[str, Any], file_hash: str | None) -> None:
    """Refuse a file that is recorded already and not corrected, whatever it is called now."""
    if file_hash is None or task.get("replaces") is not None:
        return
    own = LedgerEntry.ledger_id == ledger.id
    query = select(LedgerEntry.entry_id).where(
        own, LedgerEntry.kind == task["what"], LedgerEntry.file_hash == file_hash
    )
    replaced = set(session.scalars(select(LedgerEntry.replaces).where(own, LedgerEntry.replaces.is_not(None))))
    counting = [e for e in session.scalars(query.order_by(LedgerEntry.number)) if e not in replaced]
    if counting:
        issue = {
            "code": "ledger_file_twice",
            "severity": "error",
            "message": f"this very file is recorded by {counting[0]} already",
            "remedy": "send another file, or correct that entry (replaces)",
            "file": task["file"],
        }
        raise Fault("entry_refused", issue["message"], issues=[issue])


def stored(held: Services, scope: Scope, caller: Caller, ledger_id: str, made: Made) -> LedgerEntry:
    """The entry in its ledger.

    Raises
    ------
    Moved
        Others have added one since it was made: it is to be made anew.
    """
    ledger = scope.get(Ledger, ledger_id, lock=True)
    scope.session.refresh(ledger)
    if ledger.head != made.before:
        raise Moved
    return _store(held, scope, caller, ledger, made)


def _store(held: Services, scope: Scope, caller: Caller, ledger: Ledger, made: Made) -> LedgerEntry:
    """Add an entry to a ledger that is locked, or new."""
    entry = made.entry
    row = LedgerEntry(
        ledger_id=ledger.id,
        number=ledger.entries + 1,
        entry_id=entry["id"],
        kind=entry["kind"],
        at=datetime.fromisoformat(entry["at"]),
        author=entry["author"],
        replaces=entry["replaces"],
        hash=entry["hash"],
        plan_id=made.plan_id,
        file_hash=made.file_hash,
        about=made.about,
        line=made.line.encode(),
    )
    now = held.store.clock()
    ledger.entries, ledger.head, ledger.changed = row.number, row.hash, now
    scope.session.add(row)
    scope.session.flush()
    facts = {"number": row.number, "content_hash": row.hash, "entry": row.kind, "replaces": row.replaces}
    record(scope.session, caller, now, "ledger.entry_added", ledger.id, **facts)
    return row


def opened(held: Services, scope: Scope, caller: Caller, asked: LedgerPost, made: Made) -> Ledger:
    """A new ledger with its first entry.

    Raises
    ------
    Fault
        ``conflict``: the name is taken.
    """
    if scope.session.scalars(scope.select(Ledger).where(Ledger.name == asked.name)).first() is not None:
        raise Fault("conflict", f"there is a ledger {asked.name} already")
    scope.get(Plan, asked.plan)
    now = held.store.clock()
    ledger = Ledger(
        id=new_id("ldg", now),
        workspace_id=scope.workspace_id,
        created=now,
        created_by=caller.key_id,
        name=asked.name,
        unit=asked.unit,
        currency=made.about["currency"],
        entries=0,
        head=NOTHING,
        changed=now,
    )
    scope.session.add(ledger)
    scope.session.flush()
    record(scope.session, caller, now, "ledger.created", ledger.id, name=asked.name, plan=asked.plan)
    _store(held, scope, caller, ledger, made)
    return ledger
