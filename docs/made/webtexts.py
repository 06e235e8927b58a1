"""Texts of the pages of the service, collected from templates and code for translation."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from babel.messages.extract import extract
from jinja2.ext import babel_extract

__all__ = ["texts"]

ROOT: Final = Path(__file__).resolve().parents[2]
WEB: Final = ROOT / "api" / "web"
KEYWORDS: Final[dict[str, Any]] = {"_": None, "say": None, "marked": None, "some": (1, 2)}
OPTIONS: Final = {"newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true"}


def texts() -> dict[str | tuple[str, str], str]:
    """Every text that a page shows, as one form or as singular and plural, with the first file that has it."""
    found: dict[str | tuple[str, str], str] = {}
    for path in sorted(WEB.rglob("*.html")):
        with path.open("rb") as file:
            for _, function, message, _ in babel_extract(file, list(KEYWORDS), [], OPTIONS):
                _keep(found, function, message, path)
    for path in sorted(WEB.rglob("*.py")):
        with path.open("rb") as file:
            for _, message, _, _ in extract("python", file, KEYWORDS):
                _keep(found, "", message, path)
    return found


def _keep(found: dict[str | tuple[str, str], str], function: str | None, message: Any, path: Path) -> None:
    if isinstance(message, tuple):
        forms = [m for m in message if m is not None]
        message = (forms[0], forms[1]) if function == "some" or len(forms) == 2 else forms[0]
    if message:
        found.setdefault(message, path.relative_to(ROOT).as_posix())
