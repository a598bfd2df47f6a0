"""How well a text reads: by the letters of the languages that exports are written in.

The same bytes are ``łyżeczką`` in cp1250, ``³y¿eczk¹`` in cp1252 and ``iyїeczkђ`` elsewhere. A
word reads well if its letters belong to one language, stand in the usual case, and no sign
stands between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["amounts", "how_well"]

# letters beyond a to z, by language
_ALPHABETS: Final = {
    language: frozenset(letters + letters.upper())
    for language, letters in {
        "pl": "ąćęłńóśźż",
        "hu": "áéíóöőúüű",
        "de": "äöüßé",
        "cs": "áčďéěíňóřšťúůýž",
        "sk": "áäčďéíĺľňóôŕšťúýž",
        "ro": "ăâîșțşţ",
        "hr": "čćđšž",
        "fr": "àâæçéèêëîïôœùûüÿ",
        "es": "áéíñóúü",
        "pt": "ãáàâçéêíõóôú",
        "it": "àèéìòùí",
        "nl": "éëïöüèáó",
        "sv": "åäöé",
        "da": "æøåé",
        "tr": "çğıİöşü",
        "et": "äöõüšž",
        "lt": "ąčęėįšųūž",
        "lv": "āčēģīķļņšūž",
        "bg": "абвгдежзийклмнопрстуфхцчшщъьюя",
        "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
        "sr": "абвгдђежзијклљмнњопрстћуфхцчџш",
        "el": "αάβγδεέζηήθιίϊΐκλμνξοόπρσςτυύϋΰφχψωώ",
    }.items()
}
_OWN_SCRIPT: Final = frozenset(("bg", "ru", "uk", "sr", "el"))
_AROUND_WORDS: Final = "„”“‟‘’‚–—…«»\xa0\u202f.,:;!?()'\"/-"
_BESIDE_NUMBERS: Final = "€£¥§°№×−½¼¾złł"
# What only one reading of the bytes makes of what stands beside an amount: €, not Ђ.
_CURRENCY: Final = "(?:[€£¥₴₽₺₹]|(?i:zł|лв|лева|kč|грн|руб|дин))"
_AMOUNT: Final = re.compile(rf"\d\s?{_CURRENCY}(?![^\W_])|(?<![^\W_]){_CURRENCY}\.?\s?[-+(]?\d")


def amounts(text: str) -> int:
    """Return how many amounts carry the sign of a currency that is not ASCII."""
    return sum(1 for _ in _AMOUNT.finditer(text))


def how_well(words: Iterable[str]) -> float:
    """Return the share of words with letters beyond a to z that read well in one language."""
    all_words = [word.strip(_AROUND_WORDS) for word in words]
    languages = [_languages(word) for word in all_words if not word.isascii()]
    if not languages:
        return 1.0
    most = max(sum(language in them for them in languages) for language in _ALPHABETS)
    return most / len(languages)


def _languages(word: str) -> frozenset[str]:
    """Return the languages in which a word reads well; all of them for a number and its sign."""
    if re.fullmatch(rf"[{_BESIDE_NUMBERS}]*[\d.,'’ +%-]*[{_BESIDE_NUMBERS}]*", word):
        return frozenset(_ALPHABETS)
    parts = [part for part in re.split(r"[\s\x21-\x2f\x3a-\x40\[-`{-~\d’‘–]+", word) if part]
    if re.search(r"\d", word) and any(len(part) == 1 and not part.isascii() for part in parts):
        return frozenset()
    if not all(_is_word(part) for part in parts):
        return frozenset()
    if any(map(_no_greek, parts)):
        return frozenset()
    beyond = {letter for letter in word if letter.isalpha() and not letter.isascii()}
    plain = any(letter.isalpha() and letter.isascii() for part in parts for letter in part)
    return frozenset(
        language
        for language, letters in _ALPHABETS.items()
        if beyond <= letters and not (plain and language in _OWN_SCRIPT)
    )


def _is_word(part: str) -> bool:
    """Whether a text is of letters, all small, all capital, or with a capital first."""
    rest = part[1:]
    return part.isalpha() and (part.isupper() or rest.islower() or not rest)


def _no_greek(part: str) -> bool:
    """Whether a word of Greek letters is none: longer ones in small letters have one accent."""
    if not re.fullmatch(r"[Α-Ωα-ωά-ώΐΰΆ-Ώϊϋ]+", part):
        return False
    accents = sum(letter in "άέήίόύώΐΰΆΈΉΊΌΎΏ" for letter in part)
    return "ς" in part[:-1] or (len(part) > 4 and not part.isupper() and accents != 1)
