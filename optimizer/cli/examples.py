"""Packaged and generated cases on disk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.resources import as_file
from pathlib import Path

import data
from optimizer.cli.output import prepare_folder
from optimizer.domain.errors import UsageError

__all__ = ["Asked", "packaged", "write"]


_SERVICES, _PROVIDERS, _SEED = 12, 24, 0
_USE = "designate example NAME DIR copies a packaged case, designate example DIR --entities N generates one"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options say of a case to generate; ``None`` = left out."""

    entities: int | None
    services: int | None
    providers: int | None
    seed: int | None

    @property
    def idle(self) -> list[str]:
        """Options that mean nothing without ``--entities``."""
        given = {"--services": self.services, "--providers": self.providers, "--seed": self.seed}
        return [name for name, value in given.items() if value is not None]


def packaged(given: Path) -> Path:
    """The path itself, or the packaged case of that name when no such path exists."""
    if os.path.exists(given) or len(given.parts) != 1 or str(given) not in data.names():
        return given
    with as_file(data.case_path(str(given))) as path:
        return Path(path)


def write(first: Path, second: Path | None, asked: Asked, *, force: bool) -> tuple[Path, str]:
    """Write what was asked for.

    Parameters
    ----------
    first, second : Path, Path or None
        Name of a packaged case, and the folder for a copy of it; or the folder for a generated case, alone.
    asked : Asked
    force : bool
        Write into a folder that is not empty.

    Returns
    -------
    Path
        The folder.
    str
        What was done, for people.

    Raises
    ------
    UsageError
        The two ways are mixed, or it cannot be done; the message says what to write instead.
    """
    if asked.entities is None:
        if asked.idle:
            told = ", ".join(asked.idle)
            raise UsageError(f"a packaged case takes no {told}; add --entities N to generate one, or leave it out")
        if second is None:
            raise UsageError(_incomplete(first))
        return second, _write_packaged(str(first), second, force=force)
    if second is not None:
        raise UsageError(f"a generated case has no name: write designate example {second} --entities {asked.entities}")
    if str(first) in data.names():
        told = f"{first} is a packaged case and has its own size: write designate example {first} DIR"
        raise UsageError(f"{told}, or ./{first} for a folder of that name")
    return first, _write_generated(first, asked, force=force)


def _incomplete(only: Path) -> str:
    """What is missing: the folder, or the name."""
    if str(only) in data.names():
        return f"say where to write it: designate example {only} DIR"
    return f"{only} is no packaged case ({', '.join(data.names())}). {_USE}"


def _write_packaged(name: str, folder: Path, *, force: bool) -> str:
    """Copy a packaged case into ``folder`` and say so."""
    if name not in data.names():
        raise UsageError(f"there is no packaged case {name!r}; choose one of {', '.join(data.names())}. {_USE}")
    _check(folder, force)
    data.copy_case(name, folder, overwrite=force)
    return f"case {name} written to {folder}; solve it with: designate solve {folder}"


def _write_generated(folder: Path, asked: Asked, *, force: bool) -> str:
    """Generate a case into ``folder`` and say so."""
    from data.generator import generate, write_case

    assert asked.entities is not None
    services, providers = asked.services or _SERVICES, asked.providers or _PROVIDERS
    seed = _SEED if asked.seed is None else asked.seed
    _check(folder, force)
    made = generate(asked.entities, services=services, providers=providers, seed=seed)
    write_case(made, folder)
    sizes = f"{asked.entities} entities, {services} services, {providers} providers (seed {seed})"
    return f"{sizes} written to {folder}; solve it with: designate solve {folder}"


def _check(folder: Path, force: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file, not a folder")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise UsageError(f"{folder} is not empty; choose another folder or add --force")
    prepare_folder(folder.parent)
