"""The client of the service: cases, plans, events, schedules. Needs httpx and nothing of the server."""

from __future__ import annotations

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
from api.client.wire import Absent, Refused, StillRunning, Unreachable

__all__ = [
    "Absent",
    "CaseRef",
    "Client",
    "Digest",
    "DigestItem",
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
