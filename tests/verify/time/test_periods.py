"""Periods derived by the verifier are those that the rest of the product derives by other code."""

from __future__ import annotations

from datetime import date

import pytest

from optimizer.domain.case import Case
from optimizer.domain.names import OWN
from optimizer.domain.policy import SiteCount
from optimizer.domain.time.rows import PathRow
from optimizer.domain.time.stills import stills_of
from optimizer.domain.types import Decision
from optimizer.testing import random_dynamic_case
from optimizer.testing.hand import two_by_two
from optimizer.verify.time import period_cases
from tests.verify.time.cases import HR, PAY, changed, office, over_time


def same(a: Case, b: Case) -> bool:
    return all(getattr(a, name) == getattr(b, name) for name in Case.__annotations__)


@pytest.mark.parametrize("seed", range(200))
def test_both_derivations_agree(seed: int):
    case = random_dynamic_case(seed)
    ours, theirs = period_cases(case), stills_of(case)
    assert [p.period for p in ours] == [p.period for p in theirs]
    for a, b in zip(ours, theirs, strict=True):
        assert same(a.figures, b.figures)
        assert same(a.case, b.case)


def test_a_steady_case_has_no_periods():
    with pytest.raises(ValueError, match="no horizon"):
        period_cases(two_by_two())


def test_an_estimated_volume_follows_headcount_until_a_value_is_put():
    c = changed(changed(office(), "demands", PAY, basis="estimated"), "services", "pay", units_per_head=2.0)
    paths = (
        PathRow("entities", "E1", "headcount", date(2027, 1, 1), factor=1.5),
        PathRow("demands", "*", "volume", date(2026, 1, 1), factor=2.0),
        PathRow("demands", "E1|pay", "volume", date(2028, 1, 1), value=77.0),
    )
    volumes = [p.case.demand[PAY].volume for p in period_cases(over_time(c, paths=paths))]
    assert volumes == [200.0, 300.0, 77.0], "100 heads, then 150; a factor passes a blank by"
    assert [p.case.demand[HR].volume for p in period_cases(over_time(c, paths=paths))] == [4000.0] * 3


def test_target_rules_are_off_before_their_date():
    limits = {"site_count": SiteCount(1, 1), "max_providers_per_entity": 1, "agency_share_max": 0.5, "zones": True}
    c = office(target_from=date(2027, 1, 1), bundle_mode="together", **limits)
    c = changed(changed(c, "providers", "P1", min_fte=1.0), "offers", ("P1", "pay"), min_volume=5.0)
    before, after, _ = (p.case for p in period_cases(c))
    assert (before.policy.site_count, before.policy.max_providers_per_entity) == (None, None)
    assert (before.policy.agency_share_max, before.policy.zones, before.policy.bundle_mode) == (None, False, "price")
    assert not before.policy.backup
    assert (before.provider["P1"].min_fte, before.offer["P1", "pay"].min_volume) == (0.0, 0.0)
    assert (after.policy.site_count, after.policy.bundle_mode) == (SiteCount(1, 1), "together")
    assert (after.provider["P1"].min_fte, after.offer["P1", "pay"].min_volume) == (1.0, 5.0)


def test_ended_sources_leave_their_prices_in_the_figures():
    c = changed(office(), "providers", "P1", end=date(2027, 1, 1))
    c = changed(c, "offers", ("P2", "pay"), start=date(2026, 6, 1))
    first, second, _ = period_cases(c)
    assert sorted(first.case.offer) == [("P1", "hr"), ("P1", "pay"), ("P2", "hr")]
    assert sorted(second.case.offer) == [("P2", "hr"), ("P2", "pay")]
    assert second.case.provider["P1"].status == "closed"
    assert ("P1", "pay") in second.figures.offer


def test_decisions_hold_where_the_period_begins_within_them():
    made = (Decision("forbid", "*", "x", "", OWN, from_=date(2026, 6, 1), until=date(2028, 1, 1)),)
    held = [p.case.decisions for p in period_cases(office(decisions=made))]
    assert held == [(), made, ()]
