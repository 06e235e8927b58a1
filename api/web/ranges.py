"""The range of a plan's figures, where a study has looked for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from api.faults import Fault
from api.services import studies as study_service
from api.store.models import Study

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from api.store.scope import Scope
    from api.web.visit import Visit

__all__ = ["asked_of", "newest_range"]


def asked_of(scope: Scope, plan_id: str, kinds: Sequence[str]) -> list[Study]:
    """What was asked about a plan, newest first."""
    query = scope.select(Study).where(Study.plan_id == plan_id, Study.kind.in_(kinds))
    return list(scope.session.scalars(query.order_by(Study.id.desc()).limit(20)))


def newest_range(visit: Visit, ended: Sequence[Study]) -> dict[str, Any] | None:
    """The newest range of a plan that is answered, of studies that have ended, newest first."""
    for study in ended:
        if study.kind == "range":
            try:
                body, digest = study_service.answer(visit.held, visit.caller, study.id)
            except Fault:
                continue  # it failed, or was removed: an earlier one may be there
            document: dict[str, Any] | None = visit.held.documents.get(digest, _reads(body))["document"]
            if document is not None:
                return document
    return None


def _reads(body: bytes) -> Callable[[], dict[str, Any]]:
    return lambda: dict(json.loads(body))
