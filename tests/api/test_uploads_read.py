"""Uploads that are not quite right: told as bad input, never a failure of the service."""

from __future__ import annotations

import io
import zipfile

import pytest

from api.client.source import body_of
from optimizer.tables import case_from_bytes
from tests.api.serving import Api
from tests.faults import case_path
from tests.tables.cases import FILES

ZIP = {"Content-Type": "application/zip"}
AS_CSV = (case_path("policy-as-csv") / "case.zip").read_bytes()


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def tables(accent: str = "") -> dict[str, bytes]:
    files = {name: text.encode() for name, text in FILES.items()}
    if accent:
        files["entities.csv"] = FILES["entities.csv"].replace("Office one", "Genève").encode(accent)
    return files


def test_what_a_client_leaves_out_of_a_folder_is_named_in_what_it_sends() -> None:
    content, media_type, name = body_of(case_path("table-with-another-ending") / "case-subfolder")
    assert (media_type, name) == ("application/zip", "case-subfolder")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "sub/decisions.csv" in archive.namelist()
    _, issues = case_from_bytes(content, "case.zip")
    assert [(i.code, i.file) for i in issues] == [("file_not_read", "sub/decisions.csv")]


def test_a_policy_as_csv_is_bad_input(api: Api) -> None:
    answer = api.post("/v1/cases", content=AS_CSV, headers=ZIP)
    assert answer.status_code == 422
    (found,) = answer.json()["issues"]
    assert (found["code"], found["file"]) == ("policy_as_csv", "policy.csv")
    assert "policy.toml" in found["message"]


def test_a_check_of_it_answers_that_it_is_not_right(api: Api) -> None:
    answer = api.post("/v1/validations", content=AS_CSV, headers=ZIP)
    assert answer.status_code == 201
    assert answer.json()["ok"] is False
    assert [i["code"] for i in answer.json()["issues"]] == ["policy_as_csv"]


def test_the_files_of_a_form_too(api: Api) -> None:
    files = [("files", (name, content)) for name, content in {**tables(), "policy.csv": b"key,value\n"}.items()]
    answer = api.post("/v1/cases", files=files)
    assert answer.status_code == 422
    assert [i["code"] for i in answer.json()["issues"]] == ["policy_as_csv"]


def test_a_code_page_is_named_in_the_query(api: Api) -> None:
    body = zipped(tables("cp1252"))
    refused = api.post("/v1/cases", content=body, headers=ZIP)
    assert refused.status_code == 422
    assert [i["code"] for i in refused.json()["issues"]] == ["encoding_error"]
    read = api.post("/v1/cases", params={"encoding": "cp1252"}, content=body, headers=ZIP)
    assert read.status_code == 201, read.text
    assert [i["code"] for i in read.json()["revision"]["issues"]] == ["code_page"]


@pytest.mark.parametrize("path", ["/v1/cases", "/v1/validations"])
def test_a_code_page_that_is_none_is_refused(api: Api, path: str) -> None:
    answer = api.post(path, params={"encoding": "rot13"}, content=zipped(tables()), headers=ZIP)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_what_is_not_read_is_told(api: Api) -> None:
    body = zipped({**tables(), "decisions.txt": b"action,entity\n"})
    issues = api.post("/v1/validations", content=body, headers=ZIP).json()["issues"]
    assert [(i["code"], i["file"]) for i in issues] == [("file_not_read", "decisions.txt")]
