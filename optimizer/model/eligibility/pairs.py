"""Which provider may serve which demand, and what stands against each pair.

The filters themselves are in ``optimizer.model.eligibility.filters``. Work goes service by service, so that
temporaries stay at (demands of a service) × providers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.names import KEEP_CURRENT_EXEMPTS, LOCK_CANNOT_OVERRIDE, REFUSALS
from optimizer.model.eligibility.filters import FILTERS, Block, agency_saving, read_facts
from optimizer.model.eligibility.reasons import explain_exemptions, explain_refusals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.model.aliases import Bools, Floats, Ints, Mask
    from optimizer.model.columns import Columns
    from optimizer.model.eligibility.calendars import Overlap
    from optimizer.model.parts import Lines

__all__ = ["BIT", "Eligibility", "codes_of", "explain_exemptions", "explain_refusals", "refusal_masks"]

BIT: Final = {code: np.uint32(1 << i) for i, code in enumerate(REFUSALS)}
"""Bit of each refusal in a mask."""


@dataclass(frozen=True, eq=False)
class Eligibility:
    """Refusals of every pair and what exemptions set aside.

    Parameters
    ----------
    refusals : ndarray of shape (n_demands, n_providers + 1), uint32
        Bits that stand; last column is own capacity.
    kept : ndarray of shape (n_demands,), uint32
        Bits that ``keep_current`` set aside for today's pair.
    decided : ndarray of shape (n_demands,), uint32
        Bits that a lock set aside for the locked pair.
    """

    refusals: Mask
    kept: Mask
    decided: Mask


def refusal_masks(columns: Columns, lines: Lines, km: Floats, overlap: Overlap) -> Eligibility:
    """Refusals of every (demand, provider) pair.

    Parameters
    ----------
    columns : Columns
    lines : Lines
    km : ndarray of shape (n_entities, n_providers)
        Distance in kilometres.
    overlap : Overlap

    Returns
    -------
    Eligibility
    """
    facts = read_facts(columns, lines, km, overlap)
    n, width = len(columns.demands.entity), len(columns.providers) + 1
    out = Eligibility(np.zeros((n, width), np.uint32), np.zeros(n, np.uint32), np.zeros(n, np.uint32))
    for s, rows in enumerate(columns.demands_by_service):
        if len(rows):
            block = Block(
                facts=facts,
                service=columns.services[s],
                rows=rows,
                entity=columns.demands.entity[rows],
                line=lines.index[:, s],
                mask=np.zeros((len(rows), width), np.uint32),
            )
            _refuse(block, out)
    return out


def _refuse(block: Block, out: Eligibility) -> None:
    """Run all filters on a block, exemptions before the last one and after it."""
    for refuse, where in FILTERS:
        if refuse is agency_saving:
            _exempt(block, out)
        hit = refuse(block)
        if hit is not None:
            part = block.mask[:, where]
            np.bitwise_or(part, BIT[refuse.__name__], out=part, where=hit)
    _exempt(block, out)
    out.refusals[block.rows] = block.mask


def _exempt(block: Block, out: Eligibility) -> None:
    """Set aside what ``keep_current`` and locks set aside, and remember it."""
    demands, own = block.facts.columns.demands, len(block.line)
    if block.case.policy.keep_current:
        current = demands.current[block.rows]
        _set_aside(block, (current >= 0) & (current < own), current, _union(KEEP_CURRENT_EXEMPTS), out.kept)
    locked = demands.locked[block.rows]
    _set_aside(block, locked >= 0, locked, _union(c for c in REFUSALS if c not in LOCK_CANNOT_OVERRIDE), out.decided)


def _set_aside(block: Block, who: Bools, provider: Ints, bits: np.uint32, memory: Mask) -> None:
    rows = np.flatnonzero(who)
    cell = (rows, provider[rows])
    memory[block.rows[rows]] |= block.mask[cell] & bits
    block.mask[cell] &= ~bits


def _union(which: Iterable[str]) -> np.uint32:
    return np.uint32(sum(int(BIT[c]) for c in which))


def codes_of(mask: int) -> list[str]:
    """Refusal codes of a mask, in the order of ``REFUSALS``."""
    return [code for code, bit in BIT.items() if int(mask) & int(bit)]
