"""What ``designate event`` reads, waits for and prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from optimizer.cli import inputs, output
from optimizer.cli.exits import INTERNAL, OK
from optimizer.cli.remote import code_of, told_of, waited
from optimizer.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from api.client import Client, EventStatus, PlanStatus

__all__ = ["events_in", "leave"]


def events_in(path: Path) -> list[Mapping[str, Any]]:
    """Events of a file, or of a packaged example.

    Raises
    ------
    InputError
        It cannot be read or is not JSON.
    UsageError
        It holds no list of events.
    """
    found = inputs.read_events(path)
    events = found.get("events") if isinstance(found, dict) else found
    if not isinstance(events, list) or not events or not all(isinstance(e, dict) for e in events):
        raise UsageError(
            f'{path} holds no events: {{"schema": "designate.events/1", "events": [{{"type", "date", …}}]}}'
        )
    return events


def leave(client: Client, events: Sequence[EventStatus], plan_id: str | None, *, wait: bool, as_json: bool) -> None:
    """Print how it stands, after waiting where that was asked for, and leave with the code of the answer."""
    plan: PlanStatus | None = None
    if plan_id is not None:
        plan = client.plan(plan_id)
        if wait:
            plan = waited(client, plan, as_json)
            events = [client.wait_event(e.id) for e in events]
    last = next((e for e in events if e.comparison is not None), None)
    comparison = None if last is None or last.comparison is None else client.comparison(last.comparison)
    if as_json:
        raws = [e.raw for e in events]
        output.echo({"events": raws, "plan": None if plan is None else plan.raw, "comparison": comparison})
    else:
        _print(events, plan, comparison)
    failed = any(e.status == "failed" for e in events)
    raise typer.Exit(OK if plan is None else code_of(plan) or (INTERNAL if failed else OK))


def _print(events: Sequence[EventStatus], plan: PlanStatus | None, comparison: dict[str, Any] | None) -> None:
    from rich.console import Console

    from optimizer.report.replan_console import print_outcome

    for e in events:
        unchanged = e.outcome is not None and e.outcome.get("changed") is False
        what = "the case has it already, nothing changes" if unchanged else e.status
        typer.echo(f"{e.id}: {e.type} {e.entity} {e.date}: {what}".replace("  ", " "))
    if plan is not None:
        typer.echo(told_of(plan))
    outcome = next((e.outcome for e in events if e.outcome is not None and e.outcome.get("changed")), None)
    print_outcome(outcome, comparison, Console())
