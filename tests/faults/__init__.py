"""Small inputs that once got a wrong answer, and what is right."""

from __future__ import annotations

from pathlib import Path

__all__ = ["case_path"]


def case_path(name: str) -> Path:
    """Folder of one input."""
    return Path(__file__).parent / name
