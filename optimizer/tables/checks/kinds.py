"""What a kind of finding is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optimizer.domain.issues import Severity

__all__ = ["Kind"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of finding.

    Parameters
    ----------
    code : str
        Stable identifier.
    severity : {"error", "warning", "info"}
    meaning : str
        What it means, for the documentation.
    remedy : str
        How to mend it; ``{name}`` takes a fact of the single finding.
    """

    code: str
    severity: Severity
    meaning: str
    remedy: str
