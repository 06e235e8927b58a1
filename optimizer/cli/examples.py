"""Packaged and generated cases on disk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.resources import as_file
from pathlib import Path

import data
from optimizer.cli.output import prepare_folder
from optimizer.errors import UsageError

__all__ = ["Size", "packaged", "write_generated", "write_packaged"]


@dataclass(frozen=True, slots=True)
class Size:
    """Size and seed of a generated case."""

    entities: int
    services: int
    providers: int
    seed: int


def packaged(given: Path) -> Path:
    """The path itself, or the packaged case of that name when no such path exists."""
    if os.path.exists(given) or len(given.parts) != 1 or str(given) not in data.names():
        return given
    with as_file(data.case_path(str(given))) as path:
        return Path(path)


def write_packaged(name: str, folder: Path, *, force: bool) -> str:
    """Copy a packaged case into ``folder`` and say so."""
    if name not in data.names():
        raise UsageError(f"no packaged case {name!r}; choose one of {', '.join(data.names())}, or give --entities N")
    _check(folder, force)
    data.copy_case(name, folder, overwrite=force)
    return f"case {name} written to {folder}; solve it with: designate solve {folder}"


def write_generated(folder: Path, size: Size, *, force: bool) -> str:
    """Generate a case into ``folder`` and say so."""
    from data.generator import generate, write_case

    _check(folder, force)
    try:
        made = generate(size.entities, services=size.services, providers=size.providers, seed=size.seed)
    except ValueError as error:
        raise UsageError(f"cannot generate such a case: {error}") from error
    write_case(made, folder)
    sizes = f"{size.entities} entities, {size.services} services, {size.providers} providers (seed {size.seed})"
    return f"{sizes} written to {folder}; solve it with: designate solve {folder}"


def _check(folder: Path, force: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file, not a folder")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise UsageError(f"{folder} is not empty; choose another folder or add --force")
    prepare_folder(folder.parent)
