"""Drawings of a plan for its readers: what is kept, and who makes what is not."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from api.faults import Fault
from api.jobs.drawings import file_name, page_name
from api.jobs.queue import CHARTS_WORKFLOW, DELIVERY_QUEUE
from api.services.results import parsed
from api.store.models import Artifact
from api.store.outage import OUTAGE
from optimizer.report.language import LANGUAGES
from optimizer.report.plan_charts import CHARTS, VERSION

if TYPE_CHECKING:
    from api.access import Caller
    from api.context import Services

__all__ = ["Drawings", "drawing_file", "drawings"]

_NONE: Final[dict[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Drawings:
    """Drawings of a plan by name; whether they are still being made, or cannot be."""

    found: dict[str, Any]
    waits: bool = False
    failed: bool = False


def drawings(services: Services, caller: Caller, plan_id: str, language: str) -> Drawings:
    """The drawings of a plan in a language; where there are none yet, a worker is asked to make them.

    Parameters
    ----------
    language : str
        English where reports have no other.

    Raises
    ------
    Fault
        ``not_found``, ``no_result``, ``no_plan_found``, ``document_removed``.
    """
    plan, digest = parsed(services, caller, plan_id)
    if plan["cost"] is None:
        return Drawings(_NONE)
    name = page_name(language if language in LANGUAGES else "en")
    with services.store.read() as session:
        held = session.get(Artifact, (plan_id, name))
        if held is not None and held.content_hash == digest:
            told = json.loads(held.content)
            return Drawings(told["drawings"], failed=told["failed"])
    # to ask twice is to ask once: the name is the same
    with contextlib.suppress(*OUTAGE), services.store.write() as session:
        asked = f"charts-{VERSION}.{plan_id}.{digest[:16]}"
        services.queue.enqueue(session, CHARTS_WORKFLOW, asked, plan_id, digest, queue=DELIVERY_QUEUE)
    return Drawings(_NONE, waits=True)


def drawing_file(services: Services, caller: Caller, plan_id: str, name: str, language: str) -> bytes:
    """One drawing as an SVG file.

    Raises
    ------
    Fault
        ``not_found``: the plan has no such drawing, or not yet; those of ``drawings``.
    """
    there = drawings(services, caller, plan_id, language)
    if name not in CHARTS or name not in there.found:
        raise Fault("not_found", f"plan {plan_id} has no drawing {name[:40]}{' yet' if there.waits else ''}")
    with services.store.read() as session:
        held = session.get(Artifact, (plan_id, file_name(name, language if language in LANGUAGES else "en")))
        if held is None:
            raise Fault("not_found", f"plan {plan_id} has no drawing {name[:40]}")
        return held.content
