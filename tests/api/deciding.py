"""Steps that tests of states, events and schedules share."""

from __future__ import annotations

import time
from typing import Any

from tests.api.serving import Api

OPTIONS = {"backend": "highs", "time_limit_s": 60}


def drafted(api: Api, case: str, **body: Any) -> dict[str, Any]:
    """A solved plan of the latest revision."""
    plan = api.until(api.submit(case, options=OPTIONS, **body)["id"])
    assert (plan["solution"], plan["verified"], plan["state"]) == ("optimal", True, "draft")
    return plan


def step(api: Api, plan: str, verb: str, **body: Any) -> dict[str, Any]:
    """The plan after a step that must succeed."""
    made = api.post(f"/v1/plans/{plan}/{verb}", json=body)
    assert made.status_code == 200, made.text
    out: dict[str, Any] = made.json()
    return out


def applied(api: Api, plan: str) -> dict[str, Any]:
    """Submit, approve as another person, apply: two people, whose keys a third one made."""
    with api.as_role("planner") as one:
        step(one, plan, "submit", comment="please look")
    with api.as_role("approver") as other:
        step(other, plan, "approve", comment="fine")
    return step(api, plan, "apply")


def event_done(api: Api, event: str, limit_s: float = 120.0) -> dict[str, Any]:
    """Poll until an event has come to its end."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        found: dict[str, Any] = api.get(f"/v1/events/{event}").json()
        if found["status"] in ("done", "failed"):
            return found
        time.sleep(0.1)
    raise AssertionError(f"still {found['status']}: {found}")
