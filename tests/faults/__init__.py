"""Small inputs that once were answered wrongly, each with the right answer in a test."""

from __future__ import annotations

from pathlib import Path

__all__ = ["case_path"]


def case_path(name: str) -> Path:
    """Folder of a fault's input."""
    return Path(__file__).parent / name
