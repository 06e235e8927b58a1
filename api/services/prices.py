"""Price lists: made in a process of their own from a plan, stored with the statements of all clients, never changed."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import undefer

from api.faults import Fault
from api.jobs.kinds.base import digested, written
from api.services.analyses import case_of
from api.services.places import place
from api.services.plans import result_of
from api.services.results import made_aside
from api.services.steady import only_steady_plans
from api.store.audit import record
from api.store.models import Plan, PriceList
from api.store.scope import Scope
from api.store.types import new_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from api.access import Caller
    from api.context import Services
    from api.schemas.money import PriceListPost

__all__ = ["agreements", "document_of", "file", "held_plan", "keep", "made", "statements"]

_TERMS = ("price_step", "idle_by", "max_price_change_rel")


def held_plan(session: Session, plan: Plan) -> str:
    """The document of a plan that money is counted from.

    Raises
    ------
    Fault
        ``no_result``, ``no_plan_found``, ``document_removed``, ``plan_not_sound``.
    """
    result = result_of(session, plan)
    if plan.solution not in ("optimal", "feasible") or not plan.verified:
        raise Fault("plan_not_sound", f"plan {plan.id} is no verified plan ({plan.solution})")
    return result.document.decode()


def document_of(scope: Scope, list_id: str | None, *, statements: bool = False) -> str | None:
    """The document of a price list, or its statements."""
    if list_id is None:
        return None
    column = PriceList.statements if statements else PriceList.document
    query = scope.select(PriceList).where(PriceList.id == list_id).options(undefer(column))
    scope.checked(PriceList, list_id)
    found = scope.session.scalars(query).one_or_none()
    if found is None:
        raise scope.absent(PriceList, list_id)
    return (found.statements if statements else found.document).decode()


def made(held: Services, caller: Caller, asked: PriceListPost) -> dict[str, Any]:
    """``prices`` and ``statements`` of a plan.

    Raises
    ------
    Fault
        Of the plan as ``held_plan``; ``bad_input``: the case, the year or the list before do not allow it;
        ``invalid_options``; ``too_many_requests``.
    """
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        plan = scope.get(Plan, asked.plan)
        name, tables = case_of(scope, plan)
        task = {
            "task": "prices",
            "plan": held_plan(session, plan),
            "tables": tables,
            "case_name": name,
            "year": asked.year,
            "previous": document_of(scope, asked.previous),
            "terms": {"kind": asked.price_list, **{n: getattr(asked, n) for n in _TERMS}},
        }
    with place(held, caller):
        return made_aside(held, task)


def keep(held: Services, scope: Scope, caller: Caller, asked: PriceListPost, found: Mapping[str, Any]) -> PriceList:
    """Store a price list with its statements."""
    plan = scope.get(Plan, asked.plan)
    if asked.previous is not None:
        scope.get(PriceList, asked.previous)
    now, content = held.store.clock(), written(found["prices"])
    row = PriceList(
        id=new_id("prc", now),
        workspace_id=scope.workspace_id,
        created=now,
        created_by=caller.key_id,
        plan_id=plan.id,
        case_id=plan.case_id,
        revision=plan.revision,
        previous_id=asked.previous,
        name=asked.name,
        year=asked.year,
        currency=found["prices"]["currency"],
        terms=found["prices"]["terms"],
        content_hash=digested(content),
        document=content,
        statements=written(found["statements"]),
    )
    scope.session.add(row)
    facts = {"plan": plan.id, "year": asked.year, "content_hash": row.content_hash}
    record(scope.session, caller, now, "price_list.created", row.id, **facts)
    return row


def statements(held: Services, caller: Caller, list_id: str, client: str | None) -> str:
    """The statements of a price list, or those of one client.

    Raises
    ------
    Fault
        ``not_found``: nothing is charged to such a client.
    """
    with held.store.read() as session:
        text = document_of(Scope(session, caller.workspace_id), list_id, statements=True) or ""
    if client is None:
        return text
    told = json.loads(text)
    mine = [s for s in told["statements"] if s["entity"] == client]
    if not mine:
        raise Fault("not_found", f"price list {list_id} has no statement of {client}")
    return json.dumps({**told, "statements": mine}, ensure_ascii=False, separators=(",", ":"))


def file(
    held: Services, caller: Caller, list_id: str, name: str, *, of: str = "prices", client: str | None = None
) -> bytes:
    """A file of a price list or of statements, made in a process of its own.

    Parameters
    ----------
    name : str
        ``prices.html``, ``charges.csv`` …; of statements empty for the page of the client.
    of : {"prices", "statements"}
    client : str, optional
    """
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        plan = scope.get(Plan, scope.get(PriceList, list_id).plan_id)
        case_name, tables = case_of(scope, plan)
        prices = document_of(scope, list_id) if of == "prices" else None
    told = statements(held, caller, list_id, client) if prices is None else prices
    task = {"task": f"{of}_file", "tables": tables, "case_name": case_name, "document": told}
    with place(held, caller):
        return base64.b64decode(made_aside(held, {**task, "file": name, "client": client})["base64"])


def agreements(held: Services, caller: Caller, plan_id: str) -> dict[str, Any]:
    """Service agreements of a case held against a plan of it: ``designate.agreements/1``.

    Raises
    ------
    Fault
        ``horizon_not_taken``; of the plan as ``held_plan``.
    """
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        plan = scope.get(Plan, plan_id)
        name, tables = case_of(scope, plan)
        only_steady_plans(scope, plan)
        task = {"task": "agreements", "plan": held_plan(session, plan), "tables": tables, "case_name": name}
    with place(held, caller):
        found: dict[str, Any] = made_aside(held, task)["agreements"]
        return found
