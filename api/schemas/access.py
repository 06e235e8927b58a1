"""Bodies of keys, workspaces, the audit log, workers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, StringConstraints

from api.schemas.common import BIDI, CONTROL, UNSEEN, Id, Moment, Out, Sent

if TYPE_CHECKING:
    from api.access import Caller
    from api.store.models import ApiKey, AuditEntry, Worker, Workspace

__all__ = [
    "AuditOut",
    "KeyCreate",
    "KeyMade",
    "KeyOut",
    "Slug",
    "WhoAmI",
    "WorkerOut",
    "WorkspaceCreate",
    "WorkspaceMade",
    "WorkspaceOut",
]

Role = Literal["viewer", "planner", "approver", "operator", "admin"]
ScopeName = Literal[
    "audit:read",
    "cases:read",
    "cases:write",
    "events:write",
    "jobs:manage",
    "keys:manage",
    "ledgers:write",
    "objections:write",
    "plans:apply",
    "plans:approve",
    "plans:read",
    "plans:write",
    "retention:write",
    "schedules:write",
    "webhooks:write",
    "workspaces:manage",
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=rf"^[^\t\n{CONTROL}{BIDI}{UNSEEN}]+$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,38}$")]


class KeyCreate(Sent):
    """A key to make."""

    name: Name
    role: Role
    scopes: list[ScopeName] | None = Field(None, description="narrower than the role's, all of them when left out")
    expires: Moment | None = None
    replaces: Id | None = Field(None, description="an older key of the same person, who is given this one in its place")


class KeyOut(Out):
    """A key, without its secret."""

    id: str
    name: str
    role: str
    scopes: list[str] | None
    person: str = Field(description="whose key it is: the same for keys that replaced one another")
    created: datetime
    created_by: str
    expires: datetime | None
    revoked: datetime | None
    last_used: datetime | None

    @classmethod
    def of(cls, k: ApiKey) -> KeyOut:
        """From the store."""
        return cls(
            id=k.id,
            name=k.name,
            role=k.role,
            scopes=k.scopes,
            person=k.person,
            created=k.created,
            created_by=k.created_by,
            expires=k.expires,
            revoked=k.revoked,
            last_used=k.last_used,
        )


class KeyMade(KeyOut):
    """A key with its secret: shown this once."""

    key: str | None = Field(description="keep it; it is not shown again: null in the answer to a repeated request")


class WhoAmI(Out):
    """The caller as the service sees it."""

    key: str
    workspace: str
    role: str
    scopes: list[str]

    @classmethod
    def of(cls, c: Caller) -> WhoAmI:
        """From the request."""
        return cls(key=c.key_id, workspace=c.workspace_id, role=c.role, scopes=sorted(s for s in c.scopes if c.may(s)))


class WorkspaceCreate(Sent):
    """A workspace to make; its first administrator's key comes with it."""

    id: Slug
    name: Name


class WorkspaceOut(Out):
    """A workspace."""

    id: str
    name: str
    created: datetime
    archived: datetime | None
    deletion_requested: datetime | None = Field(description="its keys have ended, a worker is deleting it")
    deleted: datetime | None = Field(description="nothing is left of it but this row and the record")

    @classmethod
    def of(cls, w: Workspace) -> WorkspaceOut:
        """From the store."""
        return cls(
            id=w.id,
            name=w.name,
            created=w.created,
            archived=w.archived,
            deletion_requested=w.deletion_requested,
            deleted=w.deleted,
        )


class WorkspaceMade(WorkspaceOut):
    """A workspace with the key of its first administrator: shown this once."""

    admin_key: str | None = Field(description="null in the answer to a repeated request")


class AuditOut(Out):
    """An entry of the record; never changed, never deleted."""

    number: int
    at: datetime
    actor: str = Field(description="id of a key or of a person who came with a token")
    actor_name: str | None = Field(description="the key's name or the token's subject, while it is known")
    action: str
    subject: str
    request_id: str
    detail: dict[str, Any] = Field(description="names are told while they are known, then the ids kept for them")
    hash: str = Field(description="of this entry, in which that of the one before is (`designate audit verify`)")

    @classmethod
    def of(cls, a: AuditEntry, detail: dict[str, Any], name: str | None) -> AuditOut:
        """From the store, with names in their places."""
        return cls(
            number=a.number,
            at=a.at,
            actor=a.actor,
            actor_name=name,
            action=a.action,
            subject=a.subject,
            request_id=a.request_id,
            detail=detail,
            hash=a.hash,
        )


class AuditHead(Out):
    """The end of the record of the whole service; kept elsewhere, it proves later that nothing up to it was changed."""

    number: int = Field(description="of the last entry; 0 when there is none")
    hash: str = Field(description="SHA-256 over the last entry and the hash of the one before")
    at: datetime | None


class WorkerOut(Out):
    """A process that solves."""

    id: str
    host: str
    contract: str
    started: datetime
    seen: datetime
    stopped: datetime | None
    running: int

    @classmethod
    def of(cls, w: Worker, running: int) -> WorkerOut:
        """From the store."""
        return cls(
            id=w.id,
            host=w.host,
            contract=w.contract,
            started=w.started,
            seen=w.seen,
            stopped=w.stopped,
            running=running,
        )
