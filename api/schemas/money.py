"""Bodies of price lists, statements and ledgers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, StringConstraints

from api.schemas.common import NAMED, Id, Label, Links, Out, Sent

if TYPE_CHECKING:
    from api.store.models import Ledger, LedgerEntry, PriceList

__all__ = [
    "EntryOut",
    "FreezePost",
    "LedgerCheck",
    "LedgerOut",
    "LedgerPost",
    "LedgerTable",
    "PriceListOut",
    "PriceListPost",
    "PricesTable",
    "ScopePost",
    "StatementsTable",
]

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NAMED)]
Period = Annotated[str, StringConstraints(pattern=r"^\d{4}(-(0[1-9]|1[0-2]|Q[1-4]|H[12]))?$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
EntryName = Annotated[str, StringConstraints(pattern=r"^L\d{6}(-[0-9a-f]{12})?$")]

LedgerTable = Literal["periods", "variance", "one_offs"]
PricesTable = Literal["prices", "providers", "charges"]
StatementsTable = Literal["statements", "services", "memo", "charges"]


class PriceListPost(Sent):
    """A price list to make from a verified plan, before the year; what is left out is as the policy says."""

    plan: Id
    year: int = Field(1, ge=1, le=200, description="planning year of a plan over time; of any other plan 1")
    name: Label = ""
    price_list: Literal["provider", "universal", "own"] | None = None
    price_step: float | None = Field(None, gt=0, le=1e12, description="prices are whole multiples of it")
    idle_by: Literal["unshared", "effort", "amount", "equal"] | None = None
    max_price_change_rel: float | None = Field(None, ge=0, le=1e12)
    previous: Id | None = Field(None, description="the price list of the year before, as it was frozen")


class PriceListOut(Out):
    """A price list without its document: frozen, hashed."""

    id: str
    name: str
    plan: str
    case: str
    revision: int
    year: int
    currency: str
    terms: dict[str, Any]
    previous: str | None
    content_hash: str = Field(description="SHA-256 of the document")
    created: datetime
    created_by: str
    links: Links

    @classmethod
    def of(cls, p: PriceList) -> PriceListOut:
        """From the store."""
        own = f"/v1/price-lists/{p.id}"
        return cls(
            id=p.id,
            name=p.name,
            plan=p.plan_id,
            case=p.case_id,
            revision=p.revision,
            year=p.year,
            currency=p.currency,
            terms=p.terms,
            previous=p.previous_id,
            content_hash=p.content_hash,
            created=p.created,
            created_by=p.created_by,
            links={
                "self": own,
                "plan": f"/v1/plans/{p.plan_id}",
                "case": f"/v1/cases/{p.case_id}",
                **{n: f"{own}/{n}" for n in ("document", "report", "workbook", "statements")},
            },
        )


class _Frozen(Sent):
    """What a freeze has, first or later."""

    plan: Id = Field(description="verified, of a case without a horizon, all demands served")
    price_list: Id | None = Field(None, description="of this plan; made by the policy's terms when left out")
    begin: Period | None = Field(None, description="first period, as 2026-03; that of the policy's as_of when left out")
    rates: dict[Currency, float] = Field(
        default={}, max_length=200, description="planned rates: money of the ledger for one unit of each currency"
    )


class LedgerPost(_Frozen):
    """A ledger to begin, with its first freeze."""

    name: Name = Field(examples=["shared services 2026"])
    unit: Literal["month", "quarter", "half", "year"] = "month"


class FreezePost(_Frozen):
    """A later freeze: it counts from its first period on."""

    replaces: EntryName | None = Field(None, description="the freeze that this one corrects")


class ScopePost(Sent):
    """An entity that came in or went out from a period on."""

    entity: Label
    change: Literal["in", "out"]
    begin: Period = Field(description="first period, as 2026-03")
    replaces: EntryName | None = Field(None, description="the entry that this one corrects")


class LedgerOut(Out):
    """A ledger: how many entries, and the hash of the last one."""

    id: str
    name: str
    unit: str
    currency: str
    entries: int
    head: str = Field(description="SHA-256 of the last entry: who keeps it can tell whether one is gone at the end")
    changed: datetime
    created: datetime
    created_by: str
    links: Links

    @classmethod
    def of(cls, found: Ledger) -> LedgerOut:
        """From the store."""
        own = f"/v1/ledgers/{found.id}"
        parts = ("entries", "check", "document", "report", "workbook", "file")
        return cls(
            id=found.id,
            name=found.name,
            unit=found.unit,
            currency=found.currency,
            entries=found.entries,
            head=found.head,
            changed=found.changed,
            created=found.created,
            created_by=found.created_by,
            links={"self": own, **{n: f"{own}/{n}" for n in parts}},
        )


class EntryOut(Out):
    """An entry of a ledger without its body."""

    ledger: str
    number: int
    id: str = Field(description="its place, and the first digits of the hash of its content")
    kind: Literal["freeze", "actuals", "scope", "forecast"]
    at: datetime
    author: str
    replaces: str | None
    replaced_by: str | None = Field(description="the entry that corrects this one: it counts no more")
    hash: str
    plan: str | None = Field(description="of a freeze: the plan that is promised")
    about: dict[str, Any] = Field(description="what the body says in short: periods, file, rows …")
    links: Links

    @classmethod
    def of(cls, e: LedgerEntry, replaced_by: str | None = None) -> EntryOut:
        """From the store."""
        own = f"/v1/ledgers/{e.ledger_id}"
        return cls(
            ledger=e.ledger_id,
            number=e.number,
            id=e.entry_id,
            kind=e.kind,
            at=e.at,
            author=e.author,
            replaces=e.replaces,
            replaced_by=replaced_by,
            hash=e.hash,
            plan=e.plan_id,
            about=e.about,
            links={"self": f"{own}/entries/{e.number}", "ledger": own},
        )


class LedgerCheck(Out):
    """Whether the chain holds from the first entry to the last one that is known."""

    ok: bool
    entries: int
    head: str
    missing: list[str] = Field(description="periods without actuals that others come after")
    issues: list[dict[str, Any]]
