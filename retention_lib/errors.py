"""The errors a user can mend; each carries the exit code of the command line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# One slash is enough: a path made of a URL has lost the other.
_SCHEME = r"[a-z][a-z0-9+.-]*:/{1,3}"
_LOGIN = re.compile(rf"({_SCHEME})([^\s'\"`]*|[^\s/:@]*:[^\n@]*)@", re.IGNORECASE)
# A URL cut short has lost its @; a port may stay.
_CUT_LOGIN = re.compile(
    rf"({_SCHEME}[^\s/:@'\"`]+:)(?!\d{{1,5}}(?:[/?,.\s'\"`]|$))([^\s'\"`@]+)(?![^\s'\"`]*@)",
    re.IGNORECASE,
)
_OPTION = re.compile(
    r"(\w*(?:password|passwd|pwd|token|secret)\s*=\s*)(\"[^\"]*\"?|'[^']*'?|[^\s&;,'\"`]+)",
    re.IGNORECASE,
)
_PLACEHOLDERS = re.compile(r"(?:\$\{\w+\}|[:…])+")


def redacted(text: str) -> str:
    """Return a text without its secrets: ``***`` for logins of URLs and for passwords.

    Names of environment variables, ``${DB_PASSWORD}``, are no secrets and stay.

    Parameters
    ----------
    text
        Any text, perhaps with a URL, ``password=…``, ``pwd=…``, ``token=…`` or ``secret=…``.
    """
    text = _LOGIN.sub(lambda found: f"{found[1]}{_blotted(found[2])}@", text)
    for pattern in (_CUT_LOGIN, _OPTION):
        text = pattern.sub(lambda found: found[1] + _blotted(found[2]), text)
    return text


def _blotted(secret: str) -> str:
    return secret if _PLACEHOLDERS.fullmatch(secret) else "***"


class RetentionError(Exception):
    """Something failed. The message says what, where, and what to write to mend it.

    No message holds a secret: each is redacted when the error is made.
    """

    exit_code = 1

    def __init__(self, *args: object) -> None:
        super().__init__(*(redacted(arg) if isinstance(arg, str) else arg for arg in args))


@dataclass(frozen=True)
class Choice:
    """One line of a client's YAML that settles what stopped a run, and what it would mean.

    Attributes
    ----------
    line : str
        The line, as YAML: ``format: {decimal: ","}``. Merged into the client's YAML as it stands,
        it must let the run get past the stop.
    means : str
        What is read then, for somebody who has to choose: ``03/01/2024 is 3 January``.
    """

    line: str
    means: str = ""

    def __str__(self) -> str:
        """Return the line as messages print it."""
        return f"`{self.line}`"


class ConfigError(RetentionError):
    """Usage, configuration, a missing file or a missing column.

    ``choices`` are the lines of the client's YAML of which one settles it; the message prints
    them. None where no line does, or where only the user can fill it.
    """

    exit_code = 2

    def __init__(self, *args: object, choices: Sequence[Choice] = ()) -> None:
        super().__init__(*args)
        self.choices = tuple(choices)


class DataError(RetentionError):
    """Nothing in the data can be read or used."""


class NotebookError(RetentionError):
    """A notebook failed while it ran."""
