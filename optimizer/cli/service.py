"""Commands that run the service. The service's libraries load inside them, never before."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the main one."""
    app.command()(serve)
    app.command()(worker)
    app.command()(backup)
    app.command()(restore)


def serve(
    host: Annotated[str | None, typer.Option(help="address to listen on [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="port, 0 for a free one [default: 8080]")] = None,
    new_admin_key: Annotated[bool, typer.Option(help="make and print another administrator key")] = False,
) -> None:
    """Run the service; further settings come from the environment (DESIGNATE_...)."""
    from api.server import leave, load_settings
    from api.server import serve as run
    from optimizer.cli.interrupts import Interrupted

    try:
        run(load_settings(host=host, port=port), new_admin_key=new_admin_key, say=_say)
    except Interrupted:
        _say("stopped")
    leave()


def worker() -> None:
    """Run a worker of a service on PostgreSQL; settings come from the environment (DESIGNATE_...)."""
    from api.server import leave, load_settings, run_worker

    run_worker(load_settings(), say=_say)
    _say("stopped")
    leave()


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="where to write it")],
    force: Annotated[bool, typer.Option(help="replace a file that is there")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable result on standard output")] = False,
) -> None:
    """Copy the service's store, cases, plans and queue, while it runs."""
    from api.backup import backup as run
    from api.server import load_settings
    from optimizer.cli import output

    size = run(load_settings(), file, force=force)
    output.show_done(f"{size:,} bytes written to {file}", as_json, file=str(file), bytes=size)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="what `designate backup` wrote")],
    force: Annotated[bool, typer.Option(help="replace the store that is there")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable result on standard output")] = False,
) -> None:
    """Put a backup in place of the service's store; the service must be stopped."""
    from api.backup import restore as run
    from api.server import load_settings
    from optimizer.cli import output

    kept = run(load_settings(), file, force=force)
    told = f"restored from {file}" + (f"; what was there is kept as {kept}" if kept else "")
    output.show_done(told, as_json, file=str(file), kept=None if kept is None else str(kept))


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 (also when standard output is a pipe)
