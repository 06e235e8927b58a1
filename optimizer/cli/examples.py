"""Packaged and generated cases on disk."""

from __future__ import annotations

import shutil
from importlib.resources import as_file
from pathlib import Path

import data
from optimizer.errors import UsageError

__all__ = ["packaged", "write"]


def packaged(given: Path) -> Path:
    """The path itself, or the packaged case of that name when no such path exists."""
    if given.exists() or len(given.parts) != 1 or str(given) not in data.names():
        return given
    with as_file(data.case_path(str(given))) as path:
        return Path(path)


def write(
    name: str, folder: Path, *, entities: int | None, services: int, providers: int, seed: int, force: bool
) -> str:
    """Write a case into ``folder`` and say what was written."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file, not a folder")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise UsageError(f"{folder} is not empty; choose another folder or add --force")
    if entities is not None:
        from data.generator import generate, write_case

        write_case(generate(entities, services=services, providers=providers, seed=seed), folder)
        return f"{entities} entities, {services} services, {providers} providers (seed {seed}) written to {folder}"
    if name not in data.names():
        raise UsageError(f"no packaged case {name!r}; choose one of {', '.join(data.names())}, or give --entities N")
    folder.mkdir(parents=True, exist_ok=True)
    with as_file(data.case_path(name)) as source:
        for item in sorted(Path(source).iterdir()):
            if item.is_file() and item.suffix in (".csv", ".toml", ".md"):
                shutil.copyfile(item, folder / item.name)
    return f"case {name} written to {folder}; solve it with: designate solve {folder}"
