"""Large JSON bodies, parsed and checked by a thread so that the others of the process are heard meanwhile.

A thread is not enough for that: pydantic checks a list in one go, and nobody else runs before it is through. So lists
are checked slice by slice; what was checked is taken as it is when the whole is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter, ValidationError

from api.errors import as_issues
from api.exactjson import parsed
from api.middleware import BodyRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

__all__ = ["SLICE", "checked"]

SLICE: Final = 500
"""Items of a list that are checked in one go; a few milliseconds."""


def checked(body: bytes, model: type[BaseModel] | None) -> Any:
    """A large body, parsed, and checked where it has a model.

    Parameters
    ----------
    body : bytes
        JSON.
    model : type of BaseModel, optional

    Returns
    -------
    Any
        An instance of the model; without one, what the JSON says.

    Raises
    ------
    BodyRefused
        ``invalid_request``; of a long list, with what is wrong in the first slice that has something wrong.
    ValueError
        It is no JSON.
    """
    value = parsed(body)
    if model is None:
        return value
    if isinstance(value, dict):
        value = {name: _in_slices(name, item, model) for name, item in value.items()}
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise _refused(error, ()) from None


def _in_slices(name: str, value: Any, model: type[BaseModel]) -> Any:
    """The value of a field, each item checked where it is a long list that the model has."""
    field = model.model_fields.get(name)
    if field is None or field.annotation is None or not isinstance(value, list) or len(value) <= SLICE:
        return value
    slices: TypeAdapter[Any] = TypeAdapter(field.annotation)
    out: list[Any] = []
    for start in range(0, len(value), SLICE):
        try:
            out += slices.validate_python(value[start : start + SLICE])
        except ValidationError as error:
            raise _refused(error, (name,), start) from None
    return out


def _refused(error: ValidationError, above: Sequence[str], start: int = 0) -> BodyRefused:
    """The answer to a body in which something is wrong; ``start`` is where the slice begins, if it is one."""
    found: list[Any] = error.errors(include_url=False)
    if above:
        found = [{**e, "loc": (start + e["loc"][0], *e["loc"][1:]) if e["loc"] else ()} for e in found]
    told = f"{len(found)} problem(s)" + (", perhaps more" if above else "")
    return BodyRefused("invalid_request", told, issues=as_issues(found, "body", *above))
