"""Small inputs, each of a kind of fault that was found once, and what is right about them."""

from pathlib import Path


def case_path(name: str) -> Path:
    """Folder or file of an input."""
    return Path(__file__).parent / name
