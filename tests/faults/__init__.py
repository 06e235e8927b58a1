"""Small inputs that once went wrong, and what is right about them."""

from __future__ import annotations

from pathlib import Path

__all__ = ["case_path"]


def case_path(name: str) -> Path:
    """Folder of a small input."""
    return Path(__file__).parent / name
