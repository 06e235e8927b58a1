"""``designate bench drills``: choose, do, write."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.drills import page
from benchmarks.drills.registry import DRILLS
from benchmarks.drills.run import chosen, run
from benchmarks.service_page import PAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["MISSED", "Asked", "do", "listed"]

MISSED: Final = 1
"""Exit code when a promise was not kept."""


@dataclass(frozen=True)
class Asked:
    """What the command was asked for; see its help."""

    store: str
    only: Sequence[str]
    out: Path
    workers: int
    scale: str
    publish: bool
    note: str


def do(asked: Asked, say: Callable[[str], None] = print) -> int:
    """Do the drills and write the figures; 0 when every promise was kept.

    Raises
    ------
    UsageError
    """
    found = run(
        chosen(asked.store, asked.only), asked.store, workers=asked.workers, scale=asked.scale, note=asked.note, say=say
    )
    asked.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if asked.publish:
        page.publish(found)
        say(f"{PAGE} shows it")
    say(page.table(found))
    return 0 if all(r["passed"] for r in found["rows"]) else MISSED


def listed() -> list[dict[str, Any]]:
    """All drills: name, what is done, where it was reported, on which stores."""
    return [{"name": d.name, "about": d.about, "reported": d.reported, "stores": d.stores} for d in DRILLS.values()]
