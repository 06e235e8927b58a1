"""Findings before any solve: each error is a proof, each warning a group that is nearly full."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.domain.types import Decision, Demand, Offer
from optimizer.model.build import build_problem
from optimizer.solvers.diagnose.structural import MAX_LISTED, structural_findings
from optimizer.testing.enumerate import enumerate_plans
from optimizer.testing.hand import (
    BANGKOK,
    GENEVA,
    NEW_YORK,
    VIENNA,
    case,
    changed,
    entity,
    provider,
    service,
    two_by_two,
    with_policy,
)

FTE = 96_000.0
"""Minutes of a post; a unit of the default service takes 96, so that 1,000 units are a post."""


def found(c):
    return structural_findings(c, build_problem(c))


def coded(c, code):
    return [f for f in found(c) if f.code == code]


def test_nothing_to_say():
    assert found(two_by_two()) == []


class TestNoBackup:
    def critical(self, **policy):
        c = two_by_two(backup=True, **policy)
        return changed(c, "services", "pay", critical=True)

    def test_two_countries_are_enough(self):
        assert coded(self.critical(), "demand_without_backup") == []

    def test_all_in_one_country(self):
        c = changed(self.critical(), "providers", "P2", place=VIENNA)
        first, second = coded(c, "demand_without_backup")
        assert (first.severity, first.table, first.value, second.value) == ("error", "demands", "E1|pay", "E2|pay")
        assert "(P1, P2) is in AT" in first.message
        assert enumerate_plans(c) == []

    def test_own_capacity_needs_none(self):
        c = changed(self.critical(), "providers", "P2", place=VIENNA)
        for e in ("E1", "E2"):
            c = changed(c, "demands", (e, "pay"), own_unit_cost=9.0)
        assert coded(c, "demand_without_backup") == []
        assert enumerate_plans(c)

    def test_a_rule_that_is_off_says_nothing(self):
        c = changed(self.critical(), "providers", "P2", place=VIENNA)
        assert coded(with_policy(c, backup=False), "demand_without_backup") == []


class TestNobodyMayServe:
    def lonely(self):
        """Five providers, each out for another reason, one that does not offer, and own capacity not given."""
        return case(
            [entity("E1", languages=frozenset({"fr"}))],
            [service(max_distance_km=6000.0, language_rule="all", min_service_level=0.9)],
            [Demand("E1", "pay", 1000.0)],
            [
                provider("FAR", NEW_YORK, "America/New_York", languages=frozenset({"fr"})),
                provider("MUTE", VIENNA, languages=frozenset({"de"})),
                provider("SHUT", VIENNA, status="closed", languages=frozenset({"fr"})),
                provider("POOR", VIENNA, languages=frozenset({"fr"})),
                provider("BARRED", VIENNA, languages=frozenset({"fr"})),
                provider("IDLE", VIENNA, languages=frozenset({"fr"})),
            ],
            [
                Offer(p, "pay", service_level=0.5 if p == "POOR" else 0.95)
                for p in ("FAR", "MUTE", "SHUT", "POOR", "BARRED")
            ],
            decisions=[Decision("forbid", "E1", "by decision", "pay", "BARRED")],
            language_mode="forbid",
        )

    def test_every_provider_with_its_reason(self):
        [finding] = coded(self.lonely(), "demand_without_provider")
        assert (finding.severity, finding.table, finding.value) == ("error", "demands", "E1|pay")
        for words in (
            "FAR (distance)",
            "MUTE (language)",
            "SHUT (closed)",
            "POOR (service_level)",
            "BARRED (forbid)",
            "OWN (own_not_given)",
            "1 others do not offer it",
        ):
            assert words in finding.message
        assert finding.remedy

    def test_all_reasons_of_one_provider(self):
        c = changed(self.lonely(), "providers", "FAR", languages=frozenset({"en"}))
        [finding] = coded(c, "demand_without_provider")
        assert "FAR (distance, language)" in finding.message

    def test_one_eligible_provider_is_enough(self):
        c = changed(self.lonely(), "providers", "MUTE", languages=frozenset({"fr"}))
        assert coded(c, "demand_without_provider") == []

    def test_is_said_once(self):
        """Not again as capacity short for its service, language and zone."""
        c = changed(self.lonely(), "providers", "POOR", capacity_fte=5.0)
        assert [f.code for f in found(c)] == ["demand_without_provider"]

    def test_long_lists_end_with_a_count(self):
        n = MAX_LISTED + 7
        names = [f"E{k:03}" for k in range(n)]
        c = case(
            [entity(k) for k in names],
            [service()],
            [Demand(k, "pay", 1.0) for k in names],
            [provider(status="closed")],
            [Offer("P1", "pay")],
        )
        findings = coded(c, "demand_without_provider")
        assert len(findings) == MAX_LISTED + 1
        assert findings[-1].message.startswith("7 more demands")


class TestLocks:
    @pytest.mark.parametrize(("status", "reason"), [("closed", "closed"), ("open", "not_offered")])
    def test_impossible(self, status, reason):
        c = case(
            [entity()],
            [service()],
            [Demand("E1", "pay", 1000.0)],
            [provider(), provider("P2", status=status)],
            [Offer("P1", "pay"), *([Offer("P2", "pay")] if reason == "closed" else [])],
            decisions=[Decision("lock", "E1", "agreed", "pay", "P2")],
        )
        [finding] = coded(c, "lock_impossible")
        assert (finding.severity, finding.value) == ("error", "E1|pay|P2")
        assert reason in finding.message

    def test_over_an_ineligible_pair_is_an_override(self):
        c = changed(two_by_two(language_mode="forbid"), "services", "pay", language_rule="all")
        c = changed(c, "entities", "E1", languages=frozenset({"fr"}))
        assert len(coded(c, "demand_without_provider")) == 1
        locked = case(
            list(c.entities),
            list(c.services),
            list(c.demands),
            list(c.providers),
            list(c.offers),
            decisions=[Decision("lock", "E1", "agreed", "pay", "P1")],
            language_mode="forbid",
        )
        assert found(locked) == []


class TestCapacity:
    """E1 (Nairobi) 1 post, E2 (Bangkok) 3 posts; figures just below, at and above."""

    @pytest.mark.parametrize(
        ("posts", "code"),
        [(3.9, "capacity_short"), (4.0, "capacity_thin"), (4.2, "capacity_thin"), (4.22, None)],
    )
    def test_sites(self, posts, code):
        c = changed(two_by_two(), "providers", "P1", capacity_fte=posts)
        c = changed(c, "providers", "P2", capacity_fte=0.0)
        whole = [f for f in found(c) if f.value == "all|all services"]
        assert [f.code for f in whole] == ([code] if code else [])
        if code == "capacity_short":
            assert whole[0].severity == "error"
            assert "4.00 FTE needed, 3.90 available, 0.10 too little" in whole[0].message
        if code == "capacity_thin":
            assert whole[0].severity == "warning"
            assert "short" not in whole[0].message

    def test_base_load_counts(self):
        c = changed(two_by_two(), "providers", "P1", capacity_fte=5.0, base_fte=1.5)
        c = changed(c, "providers", "P2", capacity_fte=0.0)
        assert "3.50 available, 0.50 too little" in coded(c, "capacity_short")[0].message

    @pytest.mark.parametrize(("units", "code"), [(3999.0, "capacity_short"), (4000.0, "capacity_thin"), (4500.0, None)])
    def test_lines_of_a_service(self, units, code):
        c = changed(two_by_two(), "offers", ("P1", "pay"), capacity=units - 1000.0)
        c = changed(c, "offers", ("P2", "pay"), capacity=1500.0, base_volume=500.0)
        findings = [f for f in found(c) if f.table == "offers"]
        assert [f.code for f in findings] == ([code] if code else [])
        assert all(f.value == "service|pay" for f in findings)
        if code == "capacity_short":
            assert "All lines for pay together: 4,000.00 units needed, 3,999.00 available, 1.00 too little" in (
                findings[0].message
            )

    def split(self, **policy):
        """French in Nairobi (2 posts), English in New York (1 post); one provider for each language."""
        return case(
            [
                entity("AF", languages=frozenset({"fr"})),
                entity("AM", NEW_YORK, "America/New_York", languages=frozenset({"en"})),
            ],
            [service(language_rule="all")],
            [Demand("AF", "pay", 2000.0), Demand("AM", "pay", 1000.0)],
            [
                provider("FR", GENEVA, "Europe/Zurich", languages=frozenset({"fr"}), capacity_fte=1.5),
                provider("EN", VIENNA, languages=frozenset({"en"}), capacity_fte=50.0),
            ],
            [Offer("FR", "pay"), Offer("EN", "pay")],
            language_mode="forbid",
            **policy,
        )

    def test_by_language_and_zone(self):
        """Enough in all, short for those who need French, and so for the zone where they are."""
        short = {f.value: f.message for f in coded(self.split(), "capacity_short")}
        assert set(short) == {"language|fr", "zone|rest"}
        assert "2.00 FTE needed, 1.50 available, 0.50 too little" in short["language|fr"]

    def test_no_longer_when_language_is_priced(self):
        assert found(with_policy(self.split(), language_mode="price")) == []

    def test_own_capacity_takes_demands_out(self):
        c = self.split()
        assert coded(changed(c, "demands", ("AF", "pay"), own_unit_cost=9.0), "capacity_short") == []

    def test_asia_and_americas(self):
        c = case(
            [entity("A", BANGKOK, "Asia/Bangkok"), entity("B", NEW_YORK, "America/New_York")],
            [service(location_class="regional")],
            [Demand("A", "pay", 1000.0), Demand("B", "pay", 1000.0)],
            [provider("P1", capacity_fte=0.5), provider("P2", capacity_fte=0.6)],
            [
                Offer("P1", "pay", regions_served=frozenset({"Asia"})),
                Offer("P2", "pay", regions_served=frozenset({"US"})),
            ],
        )
        short = {f.value for f in coded(c, "capacity_short")}
        assert {"zone|americas", "zone|asia_pacific", "all|all services", "service|pay"} <= short
        assert "zone|rest" not in short


def test_errors_are_proofs():
    """No random case with an error has a plan: the elastic side of the same claim is brute force in tests/property."""
    rng = np.random.default_rng(0)
    for _ in range(50):
        posts = rng.uniform(0.5, 5.0, 2).round(2)
        c = two_by_two()
        for k, p in enumerate(("P1", "P2")):
            c = changed(c, "providers", p, capacity_fte=float(posts[k]))
        fits = any(
            (a == b and posts[a] >= 4.0) or (a != b and posts[a] >= 1.0 and posts[b] >= 3.0)
            for a in (0, 1)
            for b in (0, 1)
        )
        errors = [f for f in found(c) if f.severity == "error"]
        assert not (errors and fits)
        assert bool(errors) == (posts.sum() < 4.0)


class TestExact:
    """Amounts are whole numbers of the last decimal: a proof holds by a millionth, and not at equality."""

    @pytest.mark.parametrize(
        ("capacity", "short"), [(4000.0, False), (3999.999999, True), (999_999_999.0, False), (4000.000001, False)]
    )
    def test_by_a_millionth_of_a_unit(self, capacity, short):
        c = changed(two_by_two(), "offers", ("P1", "pay"), capacity=capacity)
        c = changed(c, "offers", ("P2", "pay"), capacity=0.0)
        assert bool(coded(c, "capacity_short")) == short

    def test_many_equal_parts_of_a_large_sum(self):
        """Ten parts of 0.1 are 1: no float says otherwise here."""
        n = 10
        names = [f"E{k}" for k in range(n)]
        rows = [Demand(k, "pay", 99_999_999.9) for k in names]
        offers = [Offer("P1", "pay", capacity=999_999_999.0)]
        c = case([entity(k) for k in names], [service()], rows, [provider()], offers)
        assert coded(c, "capacity_short") == []
        over = case(
            [entity(k) for k in names],
            [service()],
            [*rows[:-1], Demand("E9", "pay", 99_999_999.900001)],
            [provider()],
            offers,
        )
        [found] = coded(over, "capacity_short")
        assert "add at least 0.000001 units" in found.remedy

    def test_rows_and_amounts_are_named(self):
        c = changed(two_by_two(), "providers", "P1", capacity_fte=2.5)
        c = changed(c, "providers", "P2", capacity_fte=1.0, base_fte=0.25)
        found = next(f for f in coded(c, "capacity_short") if f.value == "all|all services")
        assert "(P1 2.5, P2 0.75)" in found.message
        assert found.remedy.startswith("add at least 0.75 FTE there")

    def test_more_base_load_than_capacity_is_no_debt_of_others(self):
        c = changed(two_by_two(), "providers", "P1", capacity_fte=4.0)
        c = changed(c, "providers", "P2", capacity_fte=1.0, base_fte=3.0)
        assert coded(c, "capacity_short") == []


class TestWaysOut:
    def test_lonely_demand_says_what_would_lift_it(self):
        [finding] = coded(TestNobodyMayServe().lonely(), "demand_without_provider")
        assert "allows 6,000" in finding.message
        assert "raise max_distance_km of pay from 6,000" in finding.remedy
        assert "add fr to the languages of MUTE" in finding.remedy

    def test_impossible_lock_says_who_decided(self):
        c = case(
            [entity()],
            [service()],
            [Demand("E1", "pay", 1000.0)],
            [provider(), provider("P2")],
            [Offer("P1", "pay")],
            decisions=[Decision("lock", "E1", "agreed", "pay", "P2", "Board")],
        )
        [finding] = coded(c, "lock_impossible")
        assert "decision: agreed, Board" in finding.message
        assert "let P2 offer pay" in finding.remedy
