"""Patches: a new checked case, never the old one changed; every problem at once, with its code."""

from __future__ import annotations

import copy

import pytest

import optimizer.studies.missions.kinds as kinds
from optimizer.domain.errors import InputError
from optimizer.tables import apply_patch
from optimizer.tables.read import case_from_tables


def refused(case, patch) -> list[str]:
    with pytest.raises(InputError) as caught:
        apply_patch(case, patch)
    return sorted({i.code for i in caught.value.issues if i.severity == "error"})


class TestAnswer:
    def test_empty_patch_is_the_same_case(self, tiny):
        assert apply_patch(tiny, {})[0].case_hash == tiny.case_hash

    def test_same_hash_as_a_case_read_with_these_tables(self, tiny):
        tables = copy.deepcopy(dict(tiny.tables))
        tables["demands"][0]["volume"] = 777
        tables["policy"]["interface_cost"] = 5
        first = tables["demands"][0]
        patch = {
            "tables": {"demands": {"change": [{k: first[k] for k in ("entity", "service")} | {"volume": "777"}]}},
            "policy": {"interface_cost": 5},
        }
        assert apply_patch(tiny, patch)[0].case_hash == case_from_tables(tables)[0].case_hash

    def test_there_and_back(self, tiny):
        gone = {"entity": "DELTA", "service": "payables"}
        row = next(r for r in tiny.tables["demands"] if (r["entity"], r["service"]) == ("DELTA", "payables"))
        without, _ = apply_patch(tiny, {"tables": {"demands": {"remove": [gone]}}})
        assert len(without.demands) == len(tiny.demands) - 1
        assert apply_patch(without, {"tables": {"demands": {"add": [row]}}})[0].case_hash == tiny.case_hash

    def test_neither_case_nor_document_is_changed(self, tiny):
        before = copy.deepcopy(dict(tiny.tables))
        document = copy.deepcopy(before)
        made, _ = apply_patch(document, {"tables": {"entities": {"change": [{"id": "ALPHA", "headcount": 1}]}}})
        assert made.case_hash != tiny.case_hash
        assert document == before == dict(tiny.tables)

    def test_null_makes_blank_and_puts_policy_back(self, tiny):
        made, _ = apply_patch(
            tiny,
            {
                "tables": {"providers": {"change": [{"id": "AGY", "capacity_fte": None}]}},
                "policy": {"agency_min_saving": None, "interface_cost": None, "transition": {"training": 1}},
            },
        )
        assert made.provider["AGY"].capacity_fte is None
        assert made.policy.agency_min_saving is None
        assert (made.policy.interface_cost, made.policy.transition.training) == (0.0, 1.0)

    def test_a_new_city_is_looked_up_again(self, tiny):
        made, issues = apply_patch(
            tiny, {"tables": {"entities": {"change": [{"id": "ALPHA", "city": "Vienna", "country": "AT"}]}}}
        )
        entity = made.entity["ALPHA"]
        assert (round(entity.place.latitude), entity.work.time_zone) == (48, "Europe/Vienna")
        assert "patch_place_settled" in {i.code for i in issues}

    def test_tables_without_key(self, tiny):
        lock = {"action": "lock", "entity": "BRAVO", "service": "payroll", "provider": "GVA", "reason": "agreed"}
        made, _ = apply_patch(tiny, {"tables": {"decisions": {"add": [lock]}}})
        assert made.locks == {("BRAVO", "payroll"): "GVA"}
        assert apply_patch(made, {"tables": {"decisions": {"remove": [lock]}}})[0].case_hash == tiny.case_hash
        assert refused(made, {"tables": {"decisions": {"change": [lock]}}}) == ["patch_key_changed"]


class TestRefused:
    def test_every_problem_at_once(self, tiny):
        patch = {
            "tables": {
                "entitys": {"add": []},
                "demands": {
                    "add": [{"entity": "ALPHA", "service": "payroll", "volume": 1}],
                    "change": [{"entity": "ALPHA", "volume": 1}, {"entity": "ALPHA", "service": "fax", "volume": 1}],
                    "remove": [{"entity": "ALPHA", "service": "payables", "colour": "red"}],
                },
            },
            "policy": {"interface_costs": 1},
        }
        assert refused(tiny, patch) == [
            "patch_key_missing",
            "patch_no_such_row",
            "patch_row_exists",
            "patch_unknown_column",
            "patch_unknown_policy",
            "patch_unknown_table",
        ]

    def test_one_row_twice(self, tiny):
        row = {"id": "ALPHA", "headcount": 1}
        assert refused(tiny, {"tables": {"entities": {"change": [row, row]}}}) == ["patch_twice"]

    @pytest.mark.parametrize(
        "patch",
        [
            [],
            {"rows": {}},
            {"tables": []},
            {"tables": {"demands": []}},
            {"tables": {"demands": {"set": []}}},
            {"tables": {"demands": {"add": {}}}},
            {"tables": {"demands": {"add": [1]}}},
            {"policy": [1]},
        ],
    )
    def test_shape(self, tiny, patch):
        assert refused(tiny, patch) == ["patch_structure"]

    def test_what_the_reader_finds(self, tiny):
        patch = {
            "tables": {
                "demands": {"change": [{"entity": "ALPHA", "service": "payroll", "volume": -1}]},
                "providers": {"remove": [{"id": "NBO"}]},
            }
        }
        codes = refused(tiny, patch)
        assert "dangling_reference" in codes
        assert len(codes) >= 2

    def test_ids_that_look_like_numbers_differ(self, tiny):
        row = {"id": "007", "name": "Bond", "city": "Nairobi", "country": "KE", "headcount": 1}
        one, _ = apply_patch(tiny, {"tables": {"entities": {"add": [row]}}})
        two, _ = apply_patch(one, {"tables": {"entities": {"add": [{**row, "id": "7"}]}}})
        assert {"007", "7"} <= set(two.entity)


def test_codes_tell_the_way_out():
    assert all(k.meaning and k.remedy.endswith(".") for k in kinds.REPLAN_KINDS)
    assert len(kinds.REPLAN_CATALOGUE) == len(kinds.REPLAN_KINDS)


@pytest.mark.parametrize("policy", [{"site_count": {"min": None}}, {"site_count": {"min": None, "max": None}}])
def test_a_part_that_is_not_there_can_be_put_back_to_its_default(policy):
    import optimizer as dg

    case = dg.example("tiny")
    assert dg.replace(case, policy=policy).policy.site_count == case.policy.site_count
    some = dg.replace(case, policy={"site_count": {"min": 1, "max": 2}})
    left = dg.replace(some, policy={"site_count": {"min": None}}).policy.site_count
    assert (left.min, left.max) == (None, 2)
