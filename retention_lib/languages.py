"""The languages that words are translated to: each has a folder with a compiled catalogue."""

from __future__ import annotations

import gettext
import os
from functools import cache
from pathlib import Path
from typing import Final

DOMAIN: Final = "retention_lib"


def folder() -> Path:
    """Return the catalogues' folder: ``RETENTION_LOCALE`` if set, else the package's own."""
    given = os.environ.get("RETENTION_LOCALE")
    return Path(given) if given else Path(__file__).parent / "locale"


def languages() -> list[str]:
    """Return the languages a client may choose, English first."""
    compiled = folder().glob(f"*/LC_MESSAGES/{DOMAIN}.mo")
    return ["en", *sorted(path.parents[1].name for path in compiled)]


def catalogue(language: str) -> gettext.NullTranslations:
    """Return the translations to a language; one without a catalogue is English."""
    return _read(folder(), language)


@cache
def _read(where: Path, language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, where, [language], fallback=True)
