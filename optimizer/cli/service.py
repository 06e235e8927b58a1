"""Commands that run the service. The service's libraries load inside them, never before."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the main one."""
    app.command()(serve)
    app.command()(worker)


def serve(
    host: Annotated[str | None, typer.Option(help="address to listen on [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="port, 0 for a free one [default: 8080]")] = None,
    new_admin_key: Annotated[bool, typer.Option(help="make and print another administrator key")] = False,
) -> None:
    """Run the service; further settings come from the environment (DESIGNATE_...)."""
    from api.server import load_settings
    from api.server import serve as run
    from optimizer.cli.interrupts import Interrupted

    try:
        run(load_settings(host=host, port=port), new_admin_key=new_admin_key, say=_say)
    except Interrupted:
        _say("stopped")


def worker() -> None:
    """Run a worker of a service on PostgreSQL; settings come from the environment (DESIGNATE_...)."""
    from api.server import load_settings, run_worker

    run_worker(load_settings(), say=_say)
    _say("stopped")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 (also when standard output is a pipe)
