"""Settling what stops a run: by the one line that fits, or by asking."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from retention_lib.client.lines import as_line, with_line
from retention_lib.errors import Choice, ConfigError

__all__ = ["Ask", "OpenError", "Settler"]

# Asks somebody; None where nobody is there to answer.
Ask = Callable[[str, Sequence[Choice]], Choice | None]
_MOST: Final = 60  # stops; more would mean that lines undo one another


class OpenError(ConfigError):
    """Something that only somebody who knows the data can say; ``settings`` are those so far."""

    def __init__(
        self, message: str, choices: Sequence[Choice], settings: Mapping[str, Any]
    ) -> None:
        super().__init__(message, choices=choices)
        self.settings = dict(settings)


class Settler:
    """What a client's YAML is to say, settled step by step.

    Attributes
    ----------
    settings : dict
        What it says so far.
    fixed : dict
        What the user said, which no step changes.
    applied : list of Choice
        The lines that stops asked for, in their order.
    """

    def __init__(self, fixed: Mapping[str, Any], ask: Ask) -> None:
        self.fixed = dict(fixed)
        self.ask = ask
        self.settings: dict[str, Any] = dict(fixed)
        self.applied: list[Choice] = []

    def say(self, settings: Mapping[str, Any]) -> None:
        """Take over what was found; what the user said stays."""
        for key, value in settings.items():
            self.settings = with_line(self.settings, as_line(key, value))
        for key, value in self.fixed.items():
            self.settings = with_line(self.settings, as_line(key, value))

    def settle(self, message: str, choices: Sequence[Choice], sure: bool = True) -> None:
        """Apply the one line that settles a stop, or the one that was chosen.

        ``sure`` is False where even a single line may be wrong, so that somebody has to agree.

        Raises
        ------
        OpenError
            If nobody can choose, or no line changes anything.
        """
        chosen = choices[0] if len(choices) == 1 and sure else None
        if choices and chosen is None:
            chosen = self.ask(message, choices)
        if chosen is None or len(self.applied) >= _MOST:
            raise OpenError(message, choices, self.settings)
        before = self.settings
        added = with_line({}, chosen.line)
        self.say(added)
        if self.settings == before:
            raise OpenError(message, choices, self.settings)
        self.applied.append(chosen)

    def until_it_runs(self, attempt: Callable[[Mapping[str, Any]], None]) -> None:
        """Attempt, settle what stops it, and attempt again until nothing does.

        Raises
        ------
        ConfigError, DataError
            What no line settles.
        """
        while True:
            try:
                attempt(self.settings)
            except ConfigError as stop:
                if not stop.choices:
                    raise
                self.settle(str(stop), stop.choices)
            else:
                return
