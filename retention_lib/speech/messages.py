"""What a message is: a whole English sentence with typed placeholders, and how it is filled.

- ``{gap:count}`` is a number, formatted as the :class:`~retention_lib.speech.Speech` method of that
  name does; ``{rate:share 0}`` hands it a digit. ``{ends:range share}`` formats both ends of an
  interval, ``{rate:estimate share}`` a pair of a figure and its interval, if any.
- ``{name}`` is a text, such as a client's own word; a number without its kind is an error.
- ``{n:customer|customers}`` picks a form by a number, and makes the message a plural one: its two
  forms, all such placeholders replaced, are what translators see.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeVar

from retention_lib.languages import catalogue

_MARKUP = re.compile(r"[\\`*_\[\]|~$<>&@]|:(?=//)|^[#+=-](?!\d)|(?<=www)\.")
_BLANKS = re.compile(r"[^\S\xa0\u202f]+")  # but not those that hold a number together
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")
_CHOICE = re.compile(r"\{(\w+(?:\.\w+)*):([^{}|]*)\|([^{}|]*)\}")

Marked = TypeVar("Marked")


def mark(messages: Marked) -> Marked:
    """Mark a message, or all in a mapping or a tuple, for translation where they are used."""
    return messages


def escape(text: str) -> str:
    """Return a client's string as text that neither Markdown nor HTML can take for markup.

    A backslash goes before every sign that could open markup, a formula (``$``) or a bare
    link, and white space shrinks to single blanks.
    """
    escaped = _MARKUP.sub(lambda sign: f"\\{sign[0]}", _BLANKS.sub(" ", text).strip())
    return _NUMBERED.sub(r"\1\\\2", escaped)


class Plural(NamedTuple):
    """A message's two English forms, and the placeholder whose number chooses."""

    one: str
    many: str
    by: str


@cache
def plural(message: str) -> Plural | None:
    """Return both forms of a message that chooses by a number; None for any other.

    Raises
    ------
    ValueError
        If it chooses by two different numbers: no translation could.
    """
    deciding = {choice[1] for choice in _CHOICE.finditer(message)}
    if not deciding:
        return None
    if len(deciding) > 1:
        raise ValueError(f"chooses by more than one number ({sorted(deciding)}): {message}")
    one, many = _CHOICE.sub(r"\2", message), _CHOICE.sub(r"\3", message)
    return Plural(one, many, deciding.pop())


class Filler(string.Formatter):
    """Fills a message from facts: named values first, then the attributes of an object.

    Parameters
    ----------
    said
        How a value of a kind is said: ``said(0.55, "share 0")``.
    finish
        What becomes of each value before it stands in the message: :func:`escape` for Markdown.
    """

    def __init__(
        self, said: Callable[[Any, str], str], facts: object, finish: Callable[[str], str] = str
    ) -> None:
        self._said, self._facts, self._finish = said, facts, finish

    def translated(self, message: str, language: str, values: Mapping[str, Any]) -> str:
        """Return the message in a language, filled."""
        forms, translations = plural(message), catalogue(language)
        if forms is None:
            return self.vformat(translations.gettext(message), (), values)
        n = round(abs(self.get_field(forms.by, (), values)[0]))
        return self.vformat(translations.ngettext(forms.one, forms.many, n), (), values)

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        """Return what stands for a name: a value, or an attribute of the facts."""
        return kwargs[key] if key in kwargs else getattr(self._facts, str(key))  # type: ignore[index]

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return a value as its kind is said."""
        if not format_spec and not isinstance(value, str):
            raise TypeError(f"a placeholder of {value!r} names no kind, such as {{n:count}}")
        return self._finish(self._said(value, format_spec) if format_spec else value)
