"""Answers of studies for pages: their sentences in the reader's language, their tables, intervals of prices."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.services import studies
from optimizer.report.language import LANGUAGES
from optimizer.report.study_blocks import said, table_section
from optimizer.report.study_charts import study_chart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.access import Caller
    from api.context import Services
    from api.web.tongue import Tongue
    from optimizer.report.blocks import Table

__all__ = ["Interval", "answer_of", "chart", "intervals", "sentences", "tables"]


@dataclass(frozen=True, slots=True)
class Interval:
    """The price of a condition: at least, at most; money a year, none where not known.

    ``scale`` is the end of the axis that all intervals of a page share.
    """

    provider: str
    status: str
    verdict: str
    over_low: float | None
    over_high: float | None
    low: float | None
    high: float | None
    scale: float

    @property
    def start(self) -> float:
        """Where its band begins, in thousandths of the axis."""
        return 1000 * max(0.0, self.low or 0.0) / self.scale

    @property
    def width(self) -> float:
        """How wide its band is; never too narrow to be seen."""
        return max(4.0, 1000 * max(0.0, self.high or 0.0) / self.scale - self.start)


def answer_of(held: Services, caller: Caller, study_id: str) -> dict[str, Any]:
    """An answer without its plans.

    Raises
    ------
    Fault
        ``no_result``, ``no_answer``, ``document_removed``.
    """
    body, _ = studies.answer(held, caller, study_id)
    told: dict[str, Any] = json.loads(body)
    return told


def _language(tongue: Tongue) -> str:
    return tongue.code if tongue.code in LANGUAGES else "en"


def sentences(answer: Mapping[str, Any], tongue: Tongue) -> list[str]:
    """What it says."""
    return said(answer, _language(tongue))


def chart(answer: Mapping[str, Any], tongue: Tongue) -> dict[str, Any] | None:
    """Its drawing, where its kind has one."""
    return study_chart(answer, _language(tongue))


def tables(answer: Mapping[str, Any], tongue: Tongue) -> list[tuple[str, str, Table]]:
    """Its tables: id, title, rows as text."""
    out = []
    for name, rows in answer["tables"].items():
        if rows:
            section = table_section(name, rows, _language(tongue))
            block: Any = section.blocks[0]
            out.append((name, section.title, block))
    return out


def intervals(answer: Mapping[str, Any]) -> list[Interval]:
    """Prices of a ``why_not``, by provider."""
    rows: Sequence[Mapping[str, Any]] = answer["tables"].get("providers") or []
    ends = [r.get("most_price") or r.get("least_price") or 0.0 for r in rows]
    scale = max([*ends, 1.0]) * 1.25
    return [
        Interval(
            str(r["provider"]),
            str(r.get("status") or ""),
            str(r.get("verdict") or ""),
            r.get("least_extra"),
            r.get("most_extra"),
            r.get("least_price"),
            r.get("most_price"),
            scale,
        )
        for r in rows
    ]
