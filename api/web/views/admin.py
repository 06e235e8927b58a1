"""Administration: keys, jobs and workers, the record of what was done."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Final

from fastapi import Response

from api.access import ROLES
from api.faults import Fault
from api.routes import administration as routes
from api.routes import jobs as job_routes
from api.schemas.access import KeyCreate
from api.store.models import ApiKey, Job
from api.store.scope import Scope
from api.web import fields, listing
from api.web.page import redirected, render
from api.web.progress import is_open
from api.web.site import Site
from api.web.visit import Visit
from api.web.words import marked

__all__ = ["site"]

site = Site()

LISTED: Final = 50
LEFT: Final = {
    "": marked("nothing of it still works"),
    "keep": marked("they go on"),
    "stop": marked("they are stopped"),
}


@site.page("/admin", "page_admin")
def admin(visit: Visit) -> Response:
    """Keys, and who works."""
    return _admin(visit, 200)


def _admin(
    visit: Visit, status: int, errors: fields.Errors | None = None, made: dict[str, Any] | None = None
) -> Response:
    held, now = visit.held, visit.held.store.clock()
    with held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        keys = session.scalars(scope.select(ApiKey).order_by(ApiKey.id.desc()).limit(500)).all()
    workers = routes.list_workers(held, visit.caller) if visit.caller.may("jobs:manage") else []
    return render(
        visit,
        "admin.html",
        status,
        here="admin",
        keys=[(k, k.revoked is None and (k.expires is None or k.expires > now)) for k in keys],
        workers=workers,
        errors=errors or {},
        typed=dict(visit.form.typed()),
        made=made,
        roles=[r for r in ROLES if ROLES[r] <= visit.caller.scopes],
        left=[(k, visit.say(w)) for k, w in LEFT.items()],
    )


@site.sent("/admin/keys", "page_key_create")
def create(visit: Visit) -> Response:
    """Make a key; its secret is on the page that answers, and nowhere else."""
    read = fields.Reader(visit)
    name = read.label("name", needed=True)
    role = read.choice("role", [r for r in ROLES if ROLES[r] <= visit.caller.scopes])
    days = read.number("days", low=1, high=3650, whole=True)
    if read.errors:
        return _admin(visit, 422, read.errors)
    until = None if days is None else (visit.held.store.clock() + timedelta(days=days)).isoformat()
    kind: Any = role
    body = KeyCreate(name=name, role=kind, expires=until)
    answer = routes.create_key(visit.held, visit.caller, visit.once(), body)
    return _admin(visit, 201, made=json.loads(bytes(answer.body)))


@site.sent("/admin/keys/{key_id}/revoke", "page_key_revoke")
def revoke(visit: Visit) -> Response:
    """End a key, and with it every browser that was signed in by it."""
    left: Any = visit.form.text("left") or None
    try:
        routes.revoke_key(visit.held, visit.caller, visit.once(), visit.path["key_id"], left)
    except Fault as fault:
        if fault.code not in ("conflict", "key_has_successors", "forbidden"):
            raise
        return _admin(visit, fault.kind.status, {"": [fault.detail]})
    return redirected("/admin")


@site.page("/admin/audit", "page_audit")
def audit(visit: Visit) -> Response:
    """What was done in the workspace, newest first."""
    cursor = visit.number("cursor", 0, 2**60)
    subject = visit.query.get("subject", "")
    plain = subject if subject.isascii() and subject.replace("_", "").replace("-", "").isalnum() else None
    page = routes.list_audit(visit.held, visit.caller, limit=LISTED, cursor=cursor or None, subject=plain)
    return render(visit, "audit.html", here="admin", page=page, subject=subject)


@site.page("/jobs", "page_jobs")
def jobs(visit: Visit) -> Response:
    """What workers are asked to do."""
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        found = session.scalars(scope.select(Job).order_by(Job.id.desc()).limit(1000)).all()
    part, shown = listing.shown(found, visit.number("offset", 0), LISTED)
    return render(visit, "jobs.html", here="admin", rows=part, shown=shown, runs=is_open)


@site.sent("/jobs/{job_id}/stop", "page_job_stop")
def stop(visit: Visit) -> Response:
    """Stop a job; what it has is kept."""
    job_routes.cancel_job(visit.held, visit.caller, visit.once(), visit.path["job_id"])
    return redirected("/jobs")


@site.sent("/jobs/{job_id}/retry", "page_job_retry")
def retry(visit: Visit) -> Response:
    """Try a failed job again."""
    job_routes.retry_job(visit.held, visit.caller, visit.once(), visit.path["job_id"])
    return redirected("/jobs")
