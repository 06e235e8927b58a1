"""Packaged scenario files (see docs/studies/scenarios.md)."""
