"""Inputs that once had a wrong answer, each with the right one as a test."""

from pathlib import Path


def case_path(name: str) -> Path:
    """Folder of such an input."""
    return Path(__file__).parent / name
