"""Commands that run the service. The service's libraries load inside them, never before."""

from __future__ import annotations

from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, ParamSpec

import typer

from optimizer.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["add_to"]

P = ParamSpec("P")

EXTRA: Final = "pip install 'designate-optimizer[service]'"
"""What installs the packages of the service."""

_OURS: Final = ("api", "data", "optimizer")


def add_to(app: typer.Typer) -> None:
    """Add the commands to the main one."""
    for command in (serve, worker, backup, restore):
        app.command()(_of_the_service(command))
    app.command()(sbom)
    audit = typer.Typer(help="The record of what was done: is it whole?", no_args_is_help=True, rich_markup_mode=None)
    audit.command()(_of_the_service(verify))
    audit.command()(_of_the_service(head))
    app.add_typer(audit, name="audit")


def _of_the_service(command: Callable[P, None]) -> Callable[P, None]:
    """The command, which says what to install where the packages of the service are not."""

    @wraps(command)
    def guarded(*words: P.args, **options: P.kwargs) -> None:
        try:
            command(*words, **options)
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] in _OURS:
                raise
            told = f"the service needs {error.name}, which is not installed: {EXTRA}"
            raise UsageError(told) from error

    return guarded


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


def verify(
    kept: Annotated[
        str | None, typer.Option("--head", metavar="HEAD", help="NUMBER:HASH kept elsewhere, or a file with it")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable result on standard output")] = False,
) -> None:
    """Check that no entry of the record was changed, put in or taken out; 0 whole, 5 not."""
    from api.ledger import read_head
    from api.ledger import verify as run
    from api.server import load_settings
    from optimizer.cli import output
    from optimizer.cli.exits import NOT_VERIFIED

    known = None if kept is None else read_head(kept)
    found = run(load_settings(), known)
    end = f"head {found.head.number}:{found.head.hash}"
    told = f"{found.entries:,} entries, {end}" + ("" if kept is None else "; the head kept elsewhere is part of it")
    if not found.ok:
        rest = [f"and {found.more:,} more"] if found.more else []
        told = "\n".join(["the record is NOT whole:", *found.problems, *rest, f"{found.entries:,} entries, {end}"])
    output.show_done(told, as_json, **found.as_dict())
    if not found.ok:
        raise typer.Exit(NOT_VERIFIED)


def head(
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable result on standard output")] = False,
) -> None:
    """Print the end of the record as NUMBER:HASH, to be kept elsewhere."""
    from api.ledger import head_of
    from api.server import load_settings
    from optimizer.cli import output

    last = head_of(load_settings())
    output.show_done(f"{last.number}:{last.hash}", as_json, number=last.number, hash=last.hash)


def sbom(
    out: Annotated[Path | None, typer.Option(help="write it here instead of to standard output")] = None,
) -> None:
    """Write the bill of materials of this installation: CycloneDX 1.6, JSON."""
    import json

    from optimizer.cli import output
    from optimizer.cli.sbom import bill_of_materials

    made = bill_of_materials()
    text = json.dumps(made, indent=1, ensure_ascii=False)
    if out is None:
        typer.echo(text)
        return
    output.prepare_folder(out.parent)
    out.write_text(text + "\n", encoding="utf-8")
    output.show_done(f"{len(made['components'])} components written to {out}", as_json=False)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 (also when standard output is a pipe)
