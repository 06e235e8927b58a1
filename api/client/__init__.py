"""The client of the service: submit cases and plans, wait, fetch, cancel. Needs httpx and nothing of the server."""

from __future__ import annotations

from api.client.client import Client, Table
from api.client.models import CaseRef, PlanStatus, Point
from api.client.wire import Refused, StillRunning, Unreachable

__all__ = ["CaseRef", "Client", "PlanStatus", "Point", "Refused", "StillRunning", "Table", "Unreachable"]
