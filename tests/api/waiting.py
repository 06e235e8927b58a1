"""Wait for something that will come, never for a while: what the drills use, for tests."""

from __future__ import annotations

from benchmarks.drills.waiting import until

__all__ = ["until"]
