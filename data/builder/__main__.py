"""Writes every packaged case: ``python -m data.builder [FOLDER]`` (default: ``data/cases``)."""

from __future__ import annotations

import sys
from pathlib import Path

from data.builder import write_all

write_all(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "cases")
