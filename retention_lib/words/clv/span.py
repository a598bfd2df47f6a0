"""How far ahead the value looks, where that is less than was asked for."""

from __future__ import annotations

from retention_lib.results import Clv
from retention_lib.speech import Speech


def shortened(result: Clv, speech: Speech) -> str:
    """Return that nothing longer could be tested; "" where the value looks as far as it should."""
    if result.expected_purchases is None or not result.outlasts_test:
        return ""
    return speech.prose(
        "The value looks **{horizon_months:months}** ahead, not {wanted_months:count}: nothing "
        "longer could be tested.",
        result,
    )
