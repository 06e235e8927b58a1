"""Which set of tests is run."""

from __future__ import annotations

import pytest

from tests import effort


def pytest_configure(config: pytest.Config) -> None:
    """Known before any test is read, in the processes of xdist too."""
    effort.set_quick(config.option.markexpr == "not slow")
