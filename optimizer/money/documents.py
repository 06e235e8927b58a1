"""What the documents of money have in common: from frozen values to plain ones and back, tables, a look at them."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar, Self

from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue
from optimizer.plan.codec import as_html
from optimizer.plan.tidy import cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

__all__ = ["MoneyDocument"]


class MoneyDocument:
    """Base of frozen dataclasses that are a document of money: of one case, one plan, one year.

    A subclass says its schema, the code of an ``Issue`` when a document cannot be read, its caption and its tables.
    """

    __slots__ = ()
    SCHEMA: ClassVar[str]
    UNREADABLE: ClassVar[str]
    CAPTION: ClassVar[str]
    TABLES: ClassVar[tuple[str, ...]]

    if TYPE_CHECKING:  # fields of every subclass, which alone gives them their places

        @property
        def plan(self) -> str: ...
        @property
        def name(self) -> str: ...

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """The value that a document holds.

        Raises
        ------
        InputError
            ``prices_not_readable`` or ``statements_not_readable``: a key is missing or of the wrong kind; the place
            is told.
        """
        import msgspec

        try:
            return msgspec.convert(dict(document), cls)
        except (ValueError, TypeError) as error:  # msgspec.ValidationError is a ValueError
            told, remedy = f"this is no {cls.SCHEMA} document: {error}", "give the document as it was written"
            raise InputError([Issue(cls.UNREADABLE, "error", told, remedy)]) from error

    def document(self) -> dict[str, Any]:
        """The document as plain values, made anew at each call; issues without empty fields."""
        import msgspec

        held: Any = self
        plain = {f.name: getattr(self, f.name) for f in fields(held) if f.name != "issues"}
        out: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(plain))
        return {**out, "issues": [i.as_dict() for i in held.issues]}

    def frame(self, name: str = "") -> pd.DataFrame:
        """One table, nested figures as columns.

        Parameters
        ----------
        name : str, optional
            One of ``TABLES``; the first when left out.

        Raises
        ------
        KeyError
            There is no such table.
        """
        import pandas as pd

        wanted = name or self.TABLES[0]
        if wanted not in self.TABLES:
            raise KeyError(f"there is no table {wanted!r}; there are {', '.join(self.TABLES)}")
        return pd.DataFrame([dict(cells(row)) for row in getattr(self, wanted)])

    def _shown(self) -> list[tuple[str, str]]:
        """What a reader looks for first, in words."""
        raise NotImplementedError

    def __repr__(self) -> str:
        told = "; ".join(f"{k} {v}" for k, v in self._shown())
        return f"<{type(self).__name__} {self.name or self.plan}: {told}>"

    def _repr_html_(self) -> str:
        return as_html(f"{self.CAPTION} of {self.name or self.plan}", self._shown())
