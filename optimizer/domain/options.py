"""Options of commands and functions, looked at together: whoever gives several wrong ones is told of all at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, TypeVar

from optimizer.domain.errors import InputError, OptionsRefused, UsageError
from optimizer.domain.issues import Issue

__all__ = ["OPTIONS", "Code", "Options", "refuse_all", "refused"]

T = TypeVar("T")

Code = Literal["option_not_offered", "option_out_of_range", "option_malformed", "option_missing", "options_at_odds"]

OPTIONS: Final = "options"
"""Where an option stands, as a table is where a row stands."""


def refused(code: Code, name: str, message: str, remedy: str) -> Issue:
    """What is wrong with an option.

    Parameters
    ----------
    code : {"option_not_offered", "option_out_of_range", "option_malformed", "option_missing", "options_at_odds"}
    name : str
        Of the option.
    message, remedy : str
    """
    return Issue(code, "error", message, remedy, table=OPTIONS, column=name)


def refuse_all(found: Sequence[Issue]) -> None:
    """Refuse with everything that was found; nothing found, nothing refused.

    Raises
    ------
    OptionsRefused
        Options alone are wrong.
    InputError
        Other input is wrong too.
    """
    if found and all(i.table == OPTIONS for i in found):
        raise OptionsRefused(found)
    if found:
        raise InputError(found)


class Options:
    """Options that are looked at one after the other, and refused together at the end."""

    def __init__(self) -> None:
        self.found: list[Issue] = []

    def one_of(self, name: str, given: str | None, known: Sequence[str]) -> None:
        """A word out of a list; ``None``: left out."""
        if given is not None and given not in known:
            told = f"{name} is {given!r}"
            self.found.append(refused("option_not_offered", name, told, f"give one of {', '.join(known)}"))

    def number(
        self,
        name: str,
        given: Any,
        least: float,
        most: float = math.inf,
        *,
        whole: bool = False,
        decimals: int | None = None,
        above: bool = False,
    ) -> None:
        """A number within limits; ``None``: left out.

        Parameters
        ----------
        name : str
        given : object
        least, most : float
            Both are allowed, an infinite one never.
        whole : bool, default False
        decimals : int, optional
            Most digits behind the point.
        above : bool, default False
            Whether ``least`` itself is not allowed.
        """
        if given is None:
            return
        kind = "a whole number" if whole else "a number"
        if isinstance(given, bool) or not isinstance(given, int if whole else (int, float)):
            self.found.append(refused("option_malformed", name, f"{name} is {given!r}", f"give {kind}"))
            return
        too_low = not given > least if above else not given >= least
        if too_low or not given <= most or math.isinf(given):
            side = f"above {least:,g}" if above else f"of {least:,g} or more"
            limits = f"give {kind} {side}" if math.isinf(most) else f"give {kind} from {least:,g} to {most:,.15g}"
            self.found.append(refused("option_out_of_range", name, f"{name} is {given:g}", limits))
        elif decimals is not None and round(given, decimals) != given:
            told, remedy = f"{name} is {given!r}", f"give at most {decimals} decimals"
            self.found.append(refused("option_malformed", name, told, remedy))

    def refuse(self, code: Code, name: str, message: str, remedy: str) -> None:
        """An option that is wrong in its own way."""
        self.found.append(refused(code, name, message, remedy))

    def take(self, step: Callable[[], T]) -> T | None:
        """What a step gives; where it refuses, what it says is told with the rest.

        Parameters
        ----------
        step : callable
            Reads input, or looks at options of its own.
        """
        try:
            return step()
        except (InputError, OptionsRefused) as error:
            self.found += error.issues
        except UsageError as error:
            if type(error) is not UsageError:  # has a code of its own
                raise
            message, _, remedy = str(error).partition(": ")
            self.found.append(refused("options_at_odds", "", message, remedy or "see --help"))
        return None

    def done(self) -> None:
        """Refuse with everything that was found.

        Raises
        ------
        OptionsRefused, InputError
        """
        refuse_all(self.found)
