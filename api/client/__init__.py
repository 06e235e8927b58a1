"""The client of the service. Needs httpx and nothing of the server.

``Client`` has methods for what planners and operators do every day; they return small typed values and wait where one
would wait. ``Client.api`` has every operation of the service under its operation id: decisions, approvals, baselines,
keys, webhooks, the audit log, workspaces … (``api.client.calls``, written from the description).
"""

from __future__ import annotations

from api.client.answers import Answer
from api.client.calls import Calls
from api.client.client import Client, Table
from api.client.models import (
    CaseRef,
    Digest,
    DigestItem,
    EventBatch,
    EventStatus,
    PlanStatus,
    Point,
    ScheduleRun,
    ScheduleStatus,
)
from api.client.stream import Event
from api.client.wire import Absent, Refused, StillRunning, Unreachable

__all__ = [
    "Absent",
    "Answer",
    "Calls",
    "CaseRef",
    "Client",
    "Digest",
    "DigestItem",
    "Event",
    "EventBatch",
    "EventStatus",
    "PlanStatus",
    "Point",
    "Refused",
    "ScheduleRun",
    "ScheduleStatus",
    "StillRunning",
    "Table",
    "Unreachable",
]
