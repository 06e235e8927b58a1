"""What is asked and told of studies and jobs, made from what the product has."""

from __future__ import annotations

import dataclasses
from typing import ClassVar, get_args

import pytest

from api.jobs.kinds import KINDS
from api.schemas.jobs import JobKind
from api.schemas.studies import question_body
from api.services.studies import rows_csv

NOBODY = "pln_" + "0" * 28


def test_a_new_kind_of_question_needs_no_code_here() -> None:
    @dataclasses.dataclass(frozen=True)
    class NewOne:
        """Where the sun shines.

        More of it.
        """

        kind: ClassVar[str] = "new-one"
        needs_plan: ClassVar[bool] = True

        entity: str = dataclasses.field(metadata={"help": "id of the entity"})
        weeks: int = 4
        share: float | None = None
        names: tuple[str, ...] = ()

    body = question_body(NewOne)  # type: ignore[arg-type]
    given = {"kind": "new_one", "case": "cas_" + "0" * 28, "plan": NOBODY, "question": {"entity": "E"}}
    read = body.model_validate(given)
    assert read.question.model_dump() == {"entity": "E", "weeks": 4, "share": None, "names": []}
    schema = body.model_json_schema()
    assert schema["description"] == "Where the sun shines."
    assert {"kind", "question", "plan", "case"} == set(schema["required"])
    about = schema["$defs"]["NewOneQuestion"]["properties"]
    assert about["entity"]["description"] == "id of the entity"
    for wrong in ({"entity": 3}, {"entity": "E", "weeks": "4"}, {"entity": "E", "names": [3]}, {}, {"x": 1}):
        with pytest.raises(ValueError, match="question"):
            body.model_validate({**given, "question": wrong})


def test_kinds_of_jobs_are_those_of_the_registry() -> None:
    assert set(KINDS) == set(get_args(JobKind))


def test_cells_do_not_execute_and_what_is_nested_is_json() -> None:
    found = [{"a": "=1+1", "b": {"x": [1]}}, {"a": None, "c": -2.5}]
    assert rows_csv(found).decode() == 'a,b,c\n\'=1+1,"{""x"": [1]}",\n,,-2.5\n'
