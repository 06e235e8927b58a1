"""TOML of strangers: what would cost the reader its stack, or the square of its length, is refused with its line."""

from __future__ import annotations

import tomllib

import pytest

import optimizer as dg
from optimizer.studies.scenarios.file import read_scenarios
from optimizer.tables.sources.toml_text import PARTS, toml_of

DEEP = {
    "arrays": "a = " + "[" * 5000,
    "inline tables": "a = " + "{b = " * 5000,
    "a dotted key": "a." * 60_000 + "b = 1",
    "a quoted key": "'a' . \"b\"." * 30_000 + "c = 1",
    "a header": "[" + "a." * 60_000 + "b]",
    "within a table": "x = {" + "a." * 60_000 + "b = 1}",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_what_goes_too_deep_is_refused(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError, match=r"Nested too deeply|more than 32 parts \(at line 3\)"):
        toml_of(f"x1 = 1\n\n{text}\n")
    with pytest.raises(dg.InputError) as refused:
        read_scenarios(text)
    assert [i.code for i in refused.value.issues] == ["scenario_syntax"]


def test_texts_that_look_like_keys_are_texts() -> None:
    names = ".".join(f"host{i}" for i in range(PARTS))
    assert toml_of(f"a.b.c = '{names}' # {names}\r\n") == {"a": {"b": {"c": names}}}
