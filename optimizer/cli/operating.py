"""Commands of an operator of a service: events of missions, schedules, the digest of a night."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from optimizer.cli.options import EventsArg, JsonOpt
from optimizer.cli.remote import DEFAULT_URL, KeyOpt, UrlOpt, connect
from optimizer.errors import UsageError
from optimizer.params import SolveParams

if TYPE_CHECKING:
    from datetime import datetime

    from api.client import EventStatus, ScheduleStatus

__all__ = ["add_to", "moment"]

event_app = typer.Typer(help="Missions that start, change or close: tell a service, and see what follows.")
schedule_app = typer.Typer(help="Re-optimisation at fixed times on a service.")

EventArg = Annotated[str, typer.Argument(metavar="EVENT", help="id of an event, evt_...")]
ScheduleArg = Annotated[str, typer.Argument(metavar="SCHEDULE", help="name of the schedule, or its id, sch_...")]
CronOpt = Annotated[str | None, typer.Option(help='minute, hour, day, month, day of week: "0 2 * * *" is 2 a.m.')]
ZoneOpt = Annotated[str | None, typer.Option(help="time zone of --cron, e.g. Africa/Nairobi")]
BudgetOpt = Annotated[int, typer.Option(help="moves allowed beyond the fewest possible", min=0)]
LimitOpt = Annotated[float | None, typer.Option(help="seconds for each solve [default: the service's]")]
BackendOpt = Annotated[str | None, typer.Option(help="solver, as of `designate solve`")]
WaitOpt = Annotated[bool, typer.Option("--wait", help="follow the re-optimisation to its end and show what it brings")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the main one."""
    app.add_typer(event_app, name="event")
    app.add_typer(schedule_app, name="schedule")
    app.command()(digest)


@event_app.command("send")
def send_event(
    case: Annotated[str, typer.Argument(metavar="CASE", help="id of a case, cas_..., or of its applied plan, pln_...")],
    events: EventsArg,
    move_budget: BudgetOpt = 0,
    time_limit: LimitOpt = None,
    backend: BackendOpt = None,
    name: Annotated[str, typer.Option(help="label of the re-optimisation")] = "",
    wait: WaitOpt = False,
    url: UrlOpt = DEFAULT_URL,
    key: KeyOpt = None,
    as_json: JsonOpt = False,
) -> None:
    """Send events to a case; it is re-optimised with few moves.

    The case must have a plan that is applied. Events that it has already change nothing.
    """
    from optimizer.cli import following

    content = following.events_in(events)
    with connect(url, key) as client:
        where = client.plan(case).case if case.startswith("pln_") else case
        batch = client.post_events(
            where, content, move_budget=move_budget, options=_options(time_limit, backend), name=name
        )
        following.leave(client, list(batch.events), batch.plan, wait=wait, as_json=as_json)


@event_app.command("show")
def show_event(
    event: EventArg, wait: WaitOpt = False, url: UrlOpt = DEFAULT_URL, key: KeyOpt = None, as_json: JsonOpt = False
) -> None:
    """Show an event; once it is done: what moves, why, what it costs."""
    from optimizer.cli import following

    with connect(url, key) as client:
        found = client.event(event)
        following.leave(client, [found], found.plan, wait=wait, as_json=as_json)


@event_app.command("list")
def list_events(
    case: Annotated[str | None, typer.Option(help="of this case alone, cas_...")] = None,
    status: Annotated[str | None, typer.Option(help="received | applied | solving | done | failed")] = None,
    url: UrlOpt = DEFAULT_URL,
    key: KeyOpt = None,
    as_json: JsonOpt = False,
) -> None:
    """List events, newest first."""
    from optimizer.cli import output

    with connect(url, key) as client:
        found = list(client.events(case=case, status=status))
    columns = ["event", "type", "entity", "date", "status"]
    output.show_rows(columns, [_event_row(e) for e in found], [e.raw for e in found], "no events", as_json)


def _event_row(e: EventStatus) -> list[str]:
    return [e.id, e.type, e.entity, e.date, e.status]


@schedule_app.command("add")
def add_schedule(
    name: Annotated[str, typer.Argument(metavar="NAME", help="what to call it, e.g. nightly")],
    cron: CronOpt = None,
    time_zone: ZoneOpt = None,
    move_budget: BudgetOpt = 0,
    time_limit: LimitOpt = None,
    backend: BackendOpt = None,
    paused: Annotated[bool, typer.Option("--paused", help="do not run it until it is resumed")] = False,
    url: UrlOpt = DEFAULT_URL,
    key: KeyOpt = None,
    as_json: JsonOpt = False,
) -> None:
    """Add a schedule: re-optimise at fixed times what has changed.

    That is every case that has changed since its plan was applied. Without --cron it runs at 2 a.m.
    """
    with connect(url, key) as client:
        made = client.create_schedule(
            name,
            cron=cron or "0 2 * * *",
            time_zone=time_zone or "UTC",
            move_budget=move_budget,
            options=_options(time_limit, backend),
            enabled=not paused,
        )
    _show(made, as_json)


@schedule_app.command("list")
def list_schedules(url: UrlOpt = DEFAULT_URL, key: KeyOpt = None, as_json: JsonOpt = False) -> None:
    """List the schedules."""
    from optimizer.cli import output

    with connect(url, key) as client:
        found = list(client.schedules())
    columns = ["name", "cron", "time zone", "last run", "next run"]
    rows = [[s.name, s.cron, s.time_zone, _minute(s.last_run, "never"), _next(s)] for s in found]
    output.show_rows(columns, rows, [s.raw for s in found], "no schedules", as_json)


@schedule_app.command("show")
def show_schedule(
    schedule: ScheduleArg, url: UrlOpt = DEFAULT_URL, key: KeyOpt = None, as_json: JsonOpt = False
) -> None:
    """Show a schedule and its latest runs."""
    from itertools import islice

    with connect(url, key) as client:
        found = client.schedule(schedule)
        runs = list(islice(client.schedule_runs(found.id), 10))
    _show(found, as_json, [{"at": r.at, "plans": list(r.plans), "failed": r.failed} for r in runs])


@schedule_app.command("change")
def change_schedule(
    schedule: ScheduleArg,
    cron: CronOpt = None,
    time_zone: ZoneOpt = None,
    url: UrlOpt = DEFAULT_URL,
    key: KeyOpt = None,
    as_json: JsonOpt = False,
) -> None:
    """Change when a schedule runs."""
    if cron is None and time_zone is None:
        raise UsageError("say what to change: --cron, --time-zone, or both")
    with connect(url, key) as client:
        _show(client.change_schedule(client.schedule(schedule).id, cron=cron, time_zone=time_zone), as_json)


@schedule_app.command("pause")
def pause_schedule(
    schedule: ScheduleArg, url: UrlOpt = DEFAULT_URL, key: KeyOpt = None, as_json: JsonOpt = False
) -> None:
    """Stop a schedule for now; re-optimisations that run already go on."""
    with connect(url, key) as client:
        _show(client.change_schedule(client.schedule(schedule).id, enabled=False), as_json)


@schedule_app.command("resume")
def resume_schedule(
    schedule: ScheduleArg, url: UrlOpt = DEFAULT_URL, key: KeyOpt = None, as_json: JsonOpt = False
) -> None:
    """Start a paused schedule again."""
    with connect(url, key) as client:
        _show(client.change_schedule(client.schedule(schedule).id, enabled=True), as_json)


@schedule_app.command("run")
def run_schedule(
    schedule: ScheduleArg, url: UrlOpt = DEFAULT_URL, key: KeyOpt = None, as_json: JsonOpt = False
) -> None:
    """Run a schedule now, in addition to its times."""
    with connect(url, key) as client:
        begun = client.run_schedule(client.schedule(schedule).id)
    _show(begun, as_json, lead="A run was started, in addition to its times; `designate digest` tells what it brings.")


@schedule_app.command("delete")
def delete_schedule(
    schedule: ScheduleArg, url: UrlOpt = DEFAULT_URL, key: KeyOpt = None, as_json: JsonOpt = False
) -> None:
    """Delete a schedule; its plans stay."""
    from optimizer.cli import output

    with connect(url, key) as client:
        gone = client.delete_schedule(client.schedule(schedule).id)
    output.show_done(f"schedule {gone.name} deleted", as_json, **gone.raw)


def digest(
    since: Annotated[str, typer.Option(help="24h, 7d, a date or a time, UTC unless it says otherwise")] = "24h",
    url: UrlOpt = DEFAULT_URL,
    key: KeyOpt = None,
    as_json: JsonOpt = False,
) -> None:
    """Show what the schedules of a service brought.

    What came back without a plan comes first, each case with the reason; then plans that move something.
    """
    from datetime import UTC, datetime

    from optimizer.cli import output

    start = moment(since, datetime.now(UTC))
    with connect(url, key) as client:
        found = client.digest(since=start.isoformat())
    output.show_digest(found.raw, as_json)


def moment(text: str, now: datetime) -> datetime:
    """A time in the past: ``24h`` or ``7d`` before ``now``, or an ISO date or time (UTC unless it says otherwise).

    Raises
    ------
    UsageError
    """
    from datetime import UTC, datetime, timedelta

    number, unit = text[:-1], text[-1:]
    try:
        if unit in ("h", "d") and number.isascii() and number.isdigit():
            return now - timedelta(hours=int(number) * (24 if unit == "d" else 1))
        found = datetime.fromisoformat(text)
        found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise UsageError(f"--since is 24h, 7d, 2026-03-01 or 2026-03-01T06:00, not {text!r}") from None
    if found > now:
        raise UsageError(f"--since {text} lies in the future; it is now {now:%Y-%m-%d %H:%M} UTC")
    return found


def _options(time_limit: float | None, backend: str | None) -> dict[str, Any]:
    given = {"time_limit_s": time_limit, "backend": backend}
    options: dict[str, Any] = {k: v for k, v in given.items() if v is not None}
    SolveParams(**options)  # refuses here what `solve` refuses
    return options


def _show(s: ScheduleStatus, as_json: bool, runs: list[dict[str, Any]] | None = None, lead: str = "") -> None:
    """A schedule, and its latest runs where they were asked for."""
    from optimizer.cli import output

    lines = [
        *([lead] if lead else []),
        f"schedule {s.name} ({s.id}): {s.cron}, {s.time_zone}",
        f"last run: {_minute(s.last_run, 'never')}; next run: {_next(s)}",
    ]
    for r in runs or []:
        begun = f"{len(r['plans'])} re-optimised" if r["plans"] else "nothing had changed"
        lines.append(f"  {_minute(r['at'], '')}: {begun}" + "".join(f", {p}" for p in r["plans"][:5]))
        lines += [f"    {case} could not be begun: {why}" for case, why in r["failed"].items()]
    output.show_done("\n".join(lines), as_json, **(s.raw if runs is None else {**s.raw, "runs": runs}))


def _next(s: ScheduleStatus) -> str:
    return _minute(s.next_run, "not known") if s.enabled else "paused"


def _minute(text: str | None, none: str) -> str:
    """A time to the minute, in UTC."""
    return none if text is None else f"{text[:16].replace('T', ' ')} UTC"
