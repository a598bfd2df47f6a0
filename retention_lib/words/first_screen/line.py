"""One line of the first screen, and what all lines share."""

from __future__ import annotations

from dataclasses import dataclass

from retention_lib.results import Fitness
from retention_lib.speech import Speech
from retention_lib.words.certainty import Certainty, at_most, certainty_word
from retention_lib.words.labels import FITNESS, label


@dataclass(frozen=True)
class Headline:
    """One figure of the first screen: plain text throughout.

    Attributes
    ----------
    label
        What it is.
    value
        The figure, rounded to be read.
    range
        Its interval or bounds, and what it was counted over.
    so_what
        What it means for a decision.
    certainty
        Firm, likely or open.
    change
        How it has moved since an earlier report, under the same definition; "" where not known.
    """

    label: str
    value: str
    range: str
    so_what: str
    certainty: str
    change: str = ""


def missing(name: str, why: str, speech: Speech) -> Headline:
    """Return the line of a figure that is not known, with the reason."""
    return Headline(name, speech.text("not known"), "", why, certainty_word("open", speech))


def lowered(shown: str, certainty: Certainty, fitness: Fitness, speech: Speech) -> str:
    """Say beside a range that the records, not the range, decide how sure the figure is."""
    if at_most(certainty, fitness) == certainty:
        return shown
    return speech.text(
        "{shown}; no surer than the records: {fitness}",
        shown=shown,
        fitness=label(FITNESS, fitness, speech).lower(),
    )


def capital(text: str) -> str:
    """Return a text with its first letter large."""
    return text[:1].upper() + text[1:]
