"""How figures name months."""

from __future__ import annotations

from babel.dates import get_month_names

from retention_lib.speech import Speech


def month_names(speech: Speech) -> list[str]:
    """Return the short names of the months, as the client's locale has them."""
    return list(get_month_names("abbreviated", "stand-alone", speech.locale).values())
