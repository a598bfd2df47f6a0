"""How one figure is found: what it is computed from, by which arithmetic, and in which unit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_OPERAND = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Rule:
    """How a figure comes about, as far as the results alone can show it.

    Figures are named by JSON pointers without the first slash, ``*`` for any index or key. A name
    that begins with ``/`` is of the whole document, one with ``./`` stands beside the figure, any
    other is of the figure's section. A ``*`` stands for the figure's own index as long as the names
    before it are the same, and for all that there are elsewhere.

    Parameters
    ----------
    inputs
        Names of what it is computed from, with blanks between; a ``?`` after one that is left
        out of the chain where it is null. None: those of what holds the figure; "": it is given, by
        the files or the configuration.
    formula
        Its arithmetic, where the results hold all that it takes: names in braces, as in
        ``"{retained_customers} / {start_customers}"``. A name with ``*`` stands for the sum, 0 of
        none; with ``!`` after it there is no formula where there are none, with a comma after it it
        stands for the numbers side by side, with ``#`` before it for how many there are.
    kind
        How it is said: a placeholder's kind, ``points``, ``plain``, ``period``, ``length``,
        ``files``, ``counts``, ``numbers``, ``finding``, or ``any``
        for a number whose unit hangs on what stands beside it. None: as its type tells.
    interval
        The figure that holds its 95 % interval.
    same_as
        The figure beside it that says which one it repeats, and that one's name for each value.
    """

    inputs: str | None = None
    formula: str = ""
    kind: str | None = None
    interval: str = ""
    same_as: tuple[str, Mapping[str, str]] | None = None

    @property
    def operands(self) -> list[str]:
        """The names that the formula takes, as they stand there."""
        return _OPERAND.findall(self.formula)


def given(kind: str | None = None) -> Rule:
    """Return the rule of what is computed from nothing: files, configuration, constants."""
    return Rule("", kind=kind)


def kinds(of: Mapping[str, str]) -> dict[str, Rule]:
    """Return the rules of figures of which only the unit is to be said: kind to names."""
    return {name: Rule(kind=kind) for kind, names in of.items() for name in names.split()}
