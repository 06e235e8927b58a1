"""Small inputs that once went wrong, each with its right answer in a test."""

from __future__ import annotations

from pathlib import Path

__all__ = ["case_path"]


def case_path(name: str) -> Path:
    """Folder of an input."""
    return Path(__file__).parent / name
