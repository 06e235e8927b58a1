"""What is asked and told of studies and jobs, made from what the product has."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, get_args

import pytest

from api.jobs.kinds import KINDS
from api.schemas.jobs import JobKind
from api.schemas.studies import question_body
from optimizer.studies.ask import STUDIES

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
        text: str = dataclasses.field(default="", metadata={"help": "a file (TOML)", "file": True})
        folder: str = dataclasses.field(default="", metadata={"help": "a folder of tables", "path": True})

    body = question_body(NewOne)  # type: ignore[arg-type]
    given = {"kind": "new_one", "case": "cas_" + "0" * 28, "plan": NOBODY, "question": {"entity": "E"}}
    read = body.model_validate(given)
    assert read.question.model_dump() == {"entity": "E", "weeks": 4, "share": None, "names": [], "text": ""}
    schema = body.model_json_schema()
    assert schema["description"] == "Where the sun shines."
    assert {"kind", "question", "plan", "case"} == set(schema["required"])
    about = schema["$defs"]["NewOneQuestion"]["properties"]
    assert about["entity"]["description"] == "id of the entity"
    wrongs = ({"entity": 3}, {"weeks": "4"}, {"names": [3]}, {"folder": "/etc"}, {"x": 1})
    for wrong in ({}, *({"entity": "E", **w} for w in wrongs)):
        with pytest.raises(ValueError, match="question"):
            body.model_validate({**given, "question": wrong})


@pytest.mark.parametrize("question", STUDIES, ids=lambda q: q.kind)
def test_no_field_leads_to_a_file_of_the_machine_that_answers(question: Any) -> None:
    """A field that speaks of files says which: content (``file``, documents), or the way to one, not offered here."""
    for field in dataclasses.fields(question):
        told = field.metadata.get("help", "").lower().replace("--file", "")
        if any(word in told for word in ("file", "folder", ".json", ".csv")):
            assert {"file", "path", "json", "case", "tables"} & set(field.metadata), f"{question.kind}.{field.name}"


def test_kinds_of_jobs_are_those_of_the_registry() -> None:
    assert set(KINDS) == set(get_args(JobKind))
