"""Folders as archives."""

from __future__ import annotations

import zipfile
from pathlib import Path


def zip_of(folder: Path, target: Path, inside: str = "") -> Path:
    """A zip of a folder's files, in a folder of its own when ``inside`` names one."""
    with zipfile.ZipFile(target, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, inside + file.relative_to(folder).as_posix())
    return target
