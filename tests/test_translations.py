"""What translators get: every message, in order, and a language to try it with."""

from __future__ import annotations

import gettext
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from retention_lib import languages
from retention_lib.client.schema import Client
from retention_lib.speech import Speech
from translations import catalogues, extraction
from translations.extraction import Found, collected
from translations.pseudo import pseudo

ROOT = Path(__file__).parents[1]
KEPT = re.compile(r"\{[^{}]*\}|\]\(.*?\)|`[^`]*`")


def found(source: str) -> Found:
    collection = Found()
    extraction.in_python(source, "a.py", collection)
    return collection


def seen(source: str) -> list[tuple[str, str | None]]:
    collection = found(source)
    assert not collection.faults
    return [(message.one, message.many) for message in collection.messages]


# --- extraction -----------------------------------------------------------------------


def test_no_message_is_out_of_sight() -> None:
    """Every message of the suite is seen, its placeholders are in order, and none is built."""
    faults = collected(ROOT).faults
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("source", "messages"),
    [
        ("speech.text('a')", [("a", None)]),
        ("speech.prose('a ' 'b', facts)", [("a b", None)]),
        ("self.text('a' if x else 'b', n=1)", [("a", None), ("b", None)]),
        ("T = mark({'high': 'a', 'low': ('b', {'x': 'c'})})", [("a", None), ("b", None), ("c", None)]),
        ("T = mark('{n:count} day{n:|s}')", [("{n:count} day", "{n:count} days")]),
        ("ONE, TWO = mark(('a', 'b'))\nspeech.text(ONE)", [("a", None), ("b", None)]),
        ("T = mark({'x': 'a'})\ndef f(s): return s.text(T[k])", [("a", None)]),
        ("T = {'x': mark('a')}\nknown = T.get(k)\nspeech.text(known)", [("a", None)]),
        ("def f(message, speech): return speech.text(message)", []),
        ("ax.text(0, 1, 'a')\nelement.text()\ntext(notebook)", []),
    ],
)  # fmt: skip
def test_messages_are_seen(source: str, messages: list[tuple[str, str | None]]) -> None:
    assert sorted(seen(source), key=str) == messages


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("speech.text(f'a {x}')", "no message can be seen in"),
        ("speech.prose('a' + x)", "no message can be seen in"),
        ("T = {'x': 'a'}\nspeech.text(T[k])", "no message can be seen in T[k]"),
        ("speech.texts('a', 'b', n)", "two messages for one"),
        ("mark(f'{x}')", "no message in mark"),
        ("speech.text('{n:counts}')", "no value is said as 'counts'"),
        ("speech.text('{ends:range}')", "no value is said as 'range'"),
        ("speech.text('{0}')", "without a name"),
        ("speech.text('{n:a|b} {m:c|d}')", "more than one number"),
        ("speech.text('')", "empty message"),
        ("speech.text('a {')", "Single '{'"),
    ],
)
def test_what_cannot_be_translated_is_a_fault_with_its_place(source: str, fault: str) -> None:
    (said,) = found(source).faults
    assert re.match(r"a\.py:\d+: ", said) and fault in said


def test_one_first_form_has_one_plural(tmp_path: Path) -> None:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "retention_lib").mkdir()
    (tmp_path / "retention_lib" / "a.py").write_text("mark(('day{n:|s}', 'day{n:|en}'))")
    (fault,) = collected(tmp_path).faults
    assert fault == "retention_lib/a.py:1: 'day' has another plural than in retention_lib/a.py:1"


def test_markdown_and_the_page_are_collected_with_their_places() -> None:
    messages = {message.one: message for message in collected(ROOT).messages}
    assert messages["Contents"].where[0].endswith("page.html.j2")
    cell = messages["## What is the answer in short?"]
    assert cell.where[0].endswith(".ipynb") and cell.comment.startswith("cell answer-")
    assert all(form.strip() for form in messages)


# --- catalogues ------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RETENTION_LOCALE", str(tmp_path))
    return tmp_path


def test_a_language_is_offered_where_its_catalogue_stands(folder: Path) -> None:
    assert languages.languages() == ["en"]
    with pytest.raises(ValueError, match="not a language shipped; write one of: en"):
        _client(language="qps")
    catalogues.write_pseudo(found("mark('day{n:|s}')"), folder)
    assert languages.languages() == ["en", "qps"]
    assert _client(language="qps").language == "qps"


def _client(**keys: Any) -> Client:
    given = {
        "slug": "x",
        "folder": Path("x"),
        "name": "x",
        "source": {"file": "a.csv"},
        "currency": "USD",
    }
    columns = {"customer_id": "a", "ordered_at": "b"}
    return Client.model_validate(given | {"columns": columns} | keys)


def test_both_forms_are_translated_and_filled(folder: Path) -> None:
    message = "{n:count} customer{n:|s} in {place}"
    catalogues.write_pseudo(found(f"mark({message!r})"), folder)
    speech = Speech("qps")
    assert speech.text(message, n=1, place="X") == "⟦1 çúúšţóóḿééŕ ííñ X⟧"
    assert speech.text(message, SimpleNamespace(n=2), place="X") == "⟦2 çúúšţóóḿééŕš ííñ X⟧"
    assert speech.text("Elsewhere") == "Elsewhere"


POLISH = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\n"

msgid "{n:count} month"
msgid_plural "{n:count} months"
msgstr[0] "{n:count} miesiąc"
msgstr[1] "{n:count} miesiące"
msgstr[2] "{n:count} miesięcy"
"""


def test_a_language_with_three_forms(folder: Path) -> None:
    po = folder / "pl" / "LC_MESSAGES" / "retention_lib.po"
    po.parent.mkdir(parents=True)
    po.write_text(POLISH, encoding="utf-8")
    months = found("mark(('{n:count} month{n:|s}', 'new'))")
    assert catalogues.update(months, folder) == [po]
    assert 'msgid "new"' in po.read_text(encoding="utf-8")
    said = [Speech("pl", "pl").months(n) for n in (1, 3, 7)]
    assert said == ["1 miesiąc", "3 miesiące", "7 miesięcy"]
    po.write_text(POLISH.replace("{n:count} miesięcy", "{m:count}"), encoding="utf-8")
    with pytest.raises(ValueError, match="m:count"):
        catalogues.update(months, folder)


def test_the_template_holds_every_message_with_its_place(tmp_path: Path) -> None:
    messages = found("mark('day{n:|s}')\n\nspeech.text('Up to 95%, as {a} says')")
    said = catalogues.write_template(messages, tmp_path).read_text(encoding="utf-8")
    assert '#: a.py:1\nmsgid "day"\nmsgid_plural "days"' in said
    assert "#: a.py:3" in said and "python-format" not in said.replace("brace", "")


# --- the pseudo-language -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("New", "Ñééŵ"),
        ("{n:count} of {name}", "⟦{n:count} óóƒ {name}⟧"),
        ("**Do.** See [it](https://x.y/a)", "⟦**Ðóó.** Šéééé [íít](https://x.y/a)⟧".replace("t]", "ţ]")),
        ("## Do?\n\nIt `is` <br> so.", "## ⟦Ðóó?⟧\n\n⟦ÍÍţ `is` <br> šóó.⟧"),
        ("- a\n- b", "- áá\n- ƀ"),
    ],
)  # fmt: skip
def test_pseudo_keeps_what_is_no_word(message: str, said: str) -> None:
    assert pseudo(message) == said


def test_pseudo_is_longer_by_a_third_and_changes_every_message() -> None:
    for message in collected(ROOT).messages:
        for form in filter(None, (message.one, message.many)):
            said = pseudo(form)
            assert said != form
            assert extraction.placeholders(said) == extraction.placeholders(form) or (
                ".ipynb" in message.where[0]
            )
            letters = sum(map(str.isalpha, KEPT.sub("", form)))
            assert len(said) >= len(form) + letters // 3 or letters <= 12, said


def test_english_needs_no_catalogue() -> None:
    assert type(languages.catalogue("en")) is gettext.NullTranslations
