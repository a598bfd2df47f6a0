"""Readable names for the keys of the results; an unknown key is shown as plain words."""

from __future__ import annotations

from collections.abc import Mapping

from retention_lib.speech import Speech, mark

Labels = Mapping[str, str]

STATES: Labels = {
    "new": mark("New"),
    "active": mark("Active"),
    "slipping": mark("Slipping"),
    "lapsed": mark("Lapsed"),
}

FITNESS: Labels = {
    "fit": mark("Fit"),
    "fit with care": mark("Fit with care"),
    "unfit": mark("Unfit"),
}

VERDICTS: Labels = {
    "holds": mark("holds"),
    "does not hold": mark("does not hold"),
    "cannot be tested": mark("cannot be tested"),
}

PARAMETERS: Labels = {
    "r": mark("purchase rate: how alike customers are (r)"),
    "alpha": mark("purchase rate: scale in weeks (α)"),
    "a": mark("leaving: first shape (a)"),
    "b": mark("leaving: second shape (b)"),
    "s": mark("leaving: how alike customers are (s)"),
    "beta": mark("leaving: scale in weeks (β)"),
    "p": mark("spend per purchase: how alike a customer's are (p)"),
    "q": mark("spend per purchase: how alike customers are (q)"),
    "v": mark("spend per purchase: scale (v)"),
}


def label(labels: Labels, key: str, speech: Speech) -> str:
    """Return the name of a key as plain text: ``zero_amounts`` is "Purchases of zero value"."""
    known = labels.get(key)
    return speech.text(known) if known else humanised(key)


def humanised(key: str) -> str:
    """Return a key as plain words: ``win_back`` is "Win back"."""
    words = " ".join(key.replace("_", " ").split())
    return words[:1].upper() + words[1:]
