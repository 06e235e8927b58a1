"""Stored cases and plans at work in readers: the server passes on their bytes and does not parse them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.readers.pool import Readers

__all__ = ["Answered", "asked", "case_answered", "compared", "current_rows", "in_form"]


@dataclass(frozen=True, slots=True)
class Answered:
    """The case that a plan answers, not parsed.

    Parameters
    ----------
    name : str
    tables : bytes
        Of the plan's revision, as JSON.
    options : dict
        Of the plan, as far as they change its case.
    """

    name: str
    tables: bytes
    options: dict[str, Any]

    def told(self) -> dict[str, Any]:
        """For a reader."""
        return {"name": self.name, "options": self.options}


def in_form(readers: Readers, owner: str, tables: bytes, form: str) -> bytes:
    """A stored case as ``json``, ``xlsx`` or ``csv`` (a zip).

    Raises
    ------
    Fault
        One of ``Readers.ask``; so do all here.
    """
    made: bytes = readers.ask(owner, {"task": "form", "form": form}, tables)["attached"][0]
    return made


def case_answered(readers: Readers, owner: str, case: Answered) -> tuple[bytes, str]:
    """The very case that a plan answers, ready to post, and its hash."""
    made = readers.ask(owner, {"task": "answered", "case": case.told()}, case.tables)
    return made["attached"][0], made["case_hash"]


def compared(readers: Readers, owner: str, sides: Sequence[tuple[str, bytes, Answered]]) -> dict[str, Any]:
    """Two plans, by id and document, each with the case that it answers: what differs, and why.

    Raises
    ------
    Fault
        ``conflict``: one of them holds no plan.
    """
    task = {"task": "compared", "plans": [id_ for id_, _, _ in sides], "cases": [case.told() for *_, case in sides]}
    attached = [part for _, plan, case in sides for part in (plan, case.tables)]
    answer = readers.ask(owner, task, *attached)
    if answer.get("outcome") == "fault":
        raise Fault(answer["code"], answer["detail"], **answer["more"])
    told: dict[str, Any] = json.loads(answer["attached"][0])
    return told


def current_rows(readers: Readers, owner: str, case: Answered) -> list[tuple[str, str, str, str]]:
    """Today's arrangement: entity, service, provider, no backup."""
    made = readers.ask(owner, {"task": "current", "case": case.told()}, case.tables)
    return [tuple(row) for row in json.loads(made["attached"][0])]


def asked(readers: Readers, owner: str, case: Answered, kind: str, fields: dict[str, Any]) -> None:
    """Refuse a question that has no meaning in a case.

    Raises
    ------
    Fault
        ``invalid_options``.
    """
    answer = readers.ask(owner, {"task": "asked", "case": case.told(), "kind": kind, "fields": fields}, case.tables)
    if answer.get("outcome") == "fault":
        raise Fault(answer["code"], answer["detail"], **answer["more"])
