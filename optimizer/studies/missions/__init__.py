"""Re-optimisation when a mission starts, grows or closes. Names load on first use; see ``README.md``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optimizer.studies.missions.applied import today
    from optimizer.studies.missions.comparison import compare
    from optimizer.studies.missions.curve import point_of
    from optimizer.studies.missions.event import event_hash
    from optimizer.studies.missions.events import apply_events, apply_to_current
    from optimizer.studies.missions.reasons import reasons_of
    from optimizer.studies.missions.run import reoptimise, reoptimise_current

__all__ = [
    "apply_events",
    "apply_to_current",
    "compare",
    "event_hash",
    "point_of",
    "reasons_of",
    "reoptimise",
    "reoptimise_current",
    "today",
]

_HOME = {
    "apply_events": "events",
    "apply_to_current": "events",
    "compare": "comparison",
    "event_hash": "event",
    "point_of": "curve",
    "reasons_of": "reasons",
    "reoptimise": "run",
    "reoptimise_current": "run",
    "today": "applied",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'optimizer.studies.missions' has no attribute {name!r}")
    return getattr(import_module(f"optimizer.studies.missions.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
