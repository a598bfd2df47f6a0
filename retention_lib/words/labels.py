"""Readable names for the keys of the results; an unknown key is shown as plain words."""

from __future__ import annotations

from collections.abc import Mapping

from retention_lib.speech import Speech, mark

Labels = Mapping[str, str]

STATES: Labels = mark(
    {"new": "New", "active": "Active", "slipping": "Slipping", "lapsed": "Lapsed"}
)

# of the models whose names are no proper names; all others are called alike in every language
MODELS: Labels = mark({"MBG/NBD on two clocks": "MBG/NBD on two clocks"})

FITNESS: Labels = mark({"fit": "Fit", "fit with care": "Fit with care", "unfit": "Unfit"})

CERTAINTIES: Labels = mark({"firm": "firm", "likely": "likely", "open": "open"})

TOUCHED: Labels = mark(  # the figures that a fault of the records moves
    {
        "customers": "the number of customers",
        "revenue": "revenue",
        "cycle": "the purchase cycle",
        "retained_rate": "the retention rate",
        "second_purchase_rate": "the share who buy a second time",
        "new_customers": "the number of new customers",
        "clv": "customer value",
        "forecast": "the forecast",
    }
)

PARAMETERS: Labels = mark(
    {
        "r": "purchase rate: how alike customers are (r)",
        "alpha": "purchase rate: scale in weeks (α)",
        "a": "leaving: first shape (a)",
        "b": "leaving: second shape (b)",
        "s": "leaving: how alike customers are (s)",
        "beta": "leaving: scale in weeks (β)",
        "p": "spend per purchase: how alike a customer's are (p)",
        "q": "spend per purchase: how alike customers are (q)",
        "v": "spend per purchase: scale (v)",
    }
)


def label(labels: Labels, key: str, speech: Speech) -> str:
    """Return the name of a key as plain text: ``zero_amounts`` is "Lines of zero value"."""
    known = labels.get(key)
    return speech.text(known) if known else humanised(key)


def model_name(model: str, speech: Speech) -> str:
    """Return the name of a model of buying, or of spend, as plain text."""
    return label(MODELS, model, speech) if model in MODELS else model


def state_names(speech: Speech) -> dict[str, str]:
    """Return the name of each state of customers."""
    return {state: label(STATES, state, speech) for state in STATES}


def humanised(key: str) -> str:
    """Return a key as plain words: ``win_back`` is "Win back"."""
    words = " ".join(key.replace("_", " ").split())
    return words[:1].upper() + words[1:]
