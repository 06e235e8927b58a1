"""Every page that follows from the code, written anew: ``python -m docs.build``.

With ``--check`` nothing is written: the pages that would change are named, and the exit code is 1 if there are any.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from docs.made.codes import codes_page
from docs.made.description import client_calls, description
from docs.made.errors import errors_page
from docs.made.events import events_page
from docs.made.model import model_chapters
from docs.made.policy import policy_page
from docs.made.tables import tables_page
from optimizer.files import write_text_atomic

__all__ = ["BEGIN", "END", "PAGES", "PARTS", "ROOT", "main", "stale"]

ROOT: Final = Path(__file__).parents[1]
BEGIN: Final = "<!-- made by `python -m docs.build`: begin, do not edit -->\n"
END: Final = "<!-- made: end -->\n"

PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "optimizer/tables/TABLES.md": tables_page,
    "optimizer/tables/CODES.md": codes_page,
    "optimizer/domain/POLICY.md": policy_page,
    "optimizer/studies/missions/EVENTS.md": events_page,
    "api/ERRORS.md": errors_page,
    "api/openapi.json": description,
}
"""Pages that are made as a whole: path, and what makes it."""

FOLDERS: Final[Mapping[str, Callable[[], Mapping[str, str]]]] = {"api/client/calls": client_calls}
"""Folders that are made as a whole: path, and what makes their files by name. Other files there go."""

PARTS: Final[Mapping[str, Callable[[], str]]] = {"docs/model.md": model_chapters}
"""Pages of which the part between ``BEGIN`` and ``END`` is made."""


def stale(root: Path = ROOT) -> dict[Path, str]:
    """Pages that are not as they should be, with the text that they should have.

    Parameters
    ----------
    root : Path
        The project's folder.

    Raises
    ------
    ValueError
        A page of ``PARTS`` is not there, or has not one ``BEGIN`` and one ``END`` after it.
    """
    wanted = {root / path: make() for path, make in PAGES.items()}
    for folder, files in FOLDERS.items():
        wanted |= {root / folder / name: text for name, text in files().items()}
    wanted |= {root / path: _filled(root / path, make()) for path, make in PARTS.items()}
    return {path: text for path, text in wanted.items() if _read(path) != text}


def strays(root: Path = ROOT) -> list[Path]:
    """Files of ``FOLDERS`` that nothing makes any more."""
    made = {root / folder / name for folder, files in FOLDERS.items() for name in files()}
    return [p for folder in FOLDERS for p in sorted((root / folder).glob("*.py")) if p not in made]


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _filled(path: Path, made: str) -> str:
    """The page with its made part."""
    text = _read(path) or ""
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended or BEGIN in after or END in after:
        raise ValueError(f"{path} needs one line {BEGIN.strip()} and after it one line {END.strip()}")
    return f"{before}{BEGIN}\n{made}\n{END}{after}"


def main(words: list[str] | None = None, root: Path = ROOT) -> int:
    """Renew the pages, or check them; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m docs.build", description="Make the pages that follow from the code."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; name the pages that are stale, and exit 1")
    only_check = parser.parse_args(words).check
    changed, left = stale(root), strays(root)
    for path, text in changed.items():
        print(f"{'stale' if only_check else 'written'}: {path.relative_to(root)}")
        if not only_check:
            write_text_atomic(path, text)
    for path in left:
        print(f"{'stray' if only_check else 'removed'}: {path.relative_to(root)}")
        if not only_check:
            path.unlink()
    if (changed or left) and only_check:
        print("run: python -m docs.build")
    return 1 if (changed or left) and only_check else 0


if __name__ == "__main__":
    sys.exit(main())
