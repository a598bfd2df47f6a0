"""Whatever a sentence holds was said by a message: in the pseudo-language nothing stays plain."""

from __future__ import annotations

import gettext
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import product
from typing import Any

import pandas as pd
import pytest
from babel.dates import get_month_names

from retention_lib import words
from retention_lib.results import Section
from retention_lib.speech import Speech
from tests import made
from tests.notebooks.test_pseudo import COLUMNS, MONTHS, NAMES
from tests.notebooks.test_pseudo import words as plain
from translations.pseudo import pseudo

# what a parameter may be given, by its type; a sentence that needs anything else is said by another
MADE: dict[str, list[Any]] = {
    "Speech": [Speech()],
    "Audit": [made.audit(), made.bare_audit()],
    "Cycle": [made.cycle(), made.no_cycle()],
    "Retention": [made.retention(), made.full_retention(), made.no_retention()],
    "Clv": [made.clv(), made.rule_clv(), made.subscribed(), made.no_clv()],
    "Recommendations": [made.recommendations(), made.no_recommendations()],
    "Results": [made.results(), made.nothing_known()],
    "Cycle | None": [None, made.cycle()],
    "bool": [False, True],
}
# what frames hold that figures draw, and no reader sees
DRAWN = {"name", "kind", "count", "start", "left", "aside", "merged"}
AMERICAN = {name.strip(".") for name in get_month_names("abbreviated", locale="en").values()}


class _Pseudo(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, one: str, many: str, n: int) -> str:
        return pseudo(one if n == 1 else many)


def sentences() -> Iterator[Callable[..., Any]]:
    """Yield every public function of a section that speaks and whose parameters can be made."""
    for module in pkgutil.walk_packages(words.__path__, f"{words.__name__}."):
        for name, said in vars(import_module(module.name)).items():
            own = inspect.isfunction(said) and said.__module__ == module.name
            if own and not name.startswith("_"):
                types = [str(it.annotation) for it in inspect.signature(said).parameters.values()]
                if "Speech" in types and set(types) <= set(MADE):
                    yield said


def in_full(said: Callable[..., Any]) -> str:
    return f"{said.__module__.removeprefix('retention_lib.words.')}.{said.__name__}"


SPOKEN = list(sentences())


def test_sentences_are_found_in_all_sections() -> None:
    assert len(SPOKEN) > 80
    assert len({said.__module__ for said in SPOKEN}) > 15


@pytest.mark.parametrize("said", SPOKEN, ids=in_full)
def test_every_word_can_be_translated(
    said: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retention_lib.speech.messages.catalogue", lambda language: _Pseudo())
    types = [str(it.annotation) for it in inspect.signature(said).parameters.values()]
    for given in product(*(MADE[kind] for kind in types)):
        own = client_words(given)
        for text in texts(said(*given)):
            left = plain(text.replace(made.WHY, ""))
            assert text in DRAWN or text in COLUMNS or left <= own | NAMES | MONTHS | AMERICAN, text


def texts(said: Any) -> Iterator[str]:
    """Yield the texts in what a function returns: a sentence, a table, a list or a record of them."""
    match said:
        case str():
            yield said
        case pd.DataFrame():
            yield from map(str, said.columns)
            yield from (str(cell) for cell in said.to_numpy().ravel())
        case dict():
            for one in said.values():
                yield from texts(one)
        case tuple() | list():
            for one in said:
                yield from texts(one)
        case None | bool() | int() | float():
            return
        case _:
            for name, one in vars(said).items():
                yield from texts(one) if name != "certainty" else ()


def client_words(given: tuple[Any, ...]) -> set[str]:
    """Return the words of the client's own data among made-up results: names of parts of it."""
    waiting: list[Any] = [it.model_dump() for it in given if isinstance(it, Section)]
    found: set[str] = set()
    while waiting:
        match waiting.pop():
            case dict() as fields:
                for key, value in fields.items():
                    if key in ("name", "value", "part") and isinstance(value, str):
                        found |= set(re.findall(r"[A-Za-z]{2,}", value))
                    else:
                        waiting.append(value)
            case list() | tuple() as items:
                waiting += items
    return found
