"""Ledgers as reports, made in a process of their own; whether their chains hold."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from api.faults import Fault
from api.services.ledgers import lines, told_of
from api.services.places import place
from api.services.results import made_aside
from api.store.models import Ledger
from api.store.scope import Scope

if TYPE_CHECKING:
    from api.access import Caller
    from api.context import Services

__all__ = ["as_bytes", "check", "file", "report"]


def report(held: Services, caller: Caller, ledger_id: str, until: str | None) -> tuple[dict[str, Any], str]:
    """``designate.ledger/1`` up to a period, and what tells one from another.

    Raises
    ------
    Fault
        ``invalid_options``: there is no such period; ``ledger_broken``.
    """
    with held.store.read() as session:
        ledger = Scope(session, caller.workspace_id).get(Ledger, ledger_id)
        chain, head = lines(session, ledger), ledger.head
    key = f"{head}-{until or ''}"

    def make() -> dict[str, Any]:
        task = {"task": "ledger_report", "lines": chain, "until": until or ""}
        with place(held, caller):
            try:
                found: dict[str, Any] = made_aside(held, task)["document"]
            except Fault as fault:
                raise told_of(fault) from fault
        if found["head"] != head:
            raise Fault("ledger_broken", f"the chain of ledger {ledger_id} does not end where it should")
        return found

    return held.documents.get(key, make), key


def as_bytes(told: dict[str, Any]) -> bytes:
    """A report as it is sent."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def file(held: Services, caller: Caller, ledger_id: str, until: str | None, name: str) -> tuple[bytes, str]:
    """A file of the report, made in a process of its own, and what tells one from another."""
    told, key = report(held, caller, ledger_id, until)
    task = {"task": "ledger_file", "document": json.dumps(told), "file": name}
    with place(held, caller):
        return base64.b64decode(made_aside(held, task)["base64"]), f"{key}-{name}"


def check(held: Services, caller: Caller, ledger_id: str) -> dict[str, Any]:
    """Whether the stored chain holds, and ends where its ledger says."""
    with held.store.read() as session:
        ledger = Scope(session, caller.workspace_id).get(Ledger, ledger_id)
        chain, head, entries = lines(session, ledger), ledger.head, ledger.entries
    with place(held, caller):
        found = made_aside(held, {"task": "ledger_check", "lines": chain})
    issues = list(found["issues"])
    if (len(chain), found["head"]) != (entries, head) and found["ok"]:
        told = f"the ledger has {entries} entries that end with {head}; {len(chain)} are stored"
        remedy = "restore the database from a backup"
        issues.append({"code": "ledger_broken", "severity": "error", "message": told, "remedy": remedy})
    ok = found["ok"] and not any(i["code"] == "ledger_broken" for i in issues)
    return {"ok": ok, "entries": len(chain), "head": head, "missing": found["missing"], "issues": issues}
