"""The template that translators fill, and compiled catalogues."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from retention_lib.languages import DOMAIN
from translations.extraction import Found, placeholders
from translations.pseudo import LANGUAGE, pseudo


def template(found: Found) -> Catalog:
    """Return the messages as a catalogue without translations."""
    catalog = Catalog(project=DOMAIN, charset="utf-8", header_comment="# Messages to translate")
    for message in found.messages:
        catalog.add(
            (message.one, message.many) if message.many is not None else message.one,
            locations=[message.where],
            auto_comments=[message.comment] if message.comment else [],
        )
    for entry in catalog:
        entry.flags.discard("python-format")  # a per cent sign is nothing else
    return catalog


def write_template(found: Found, folder: Path) -> Path:
    """Write the ``.pot`` that translators begin from; return where."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{DOMAIN}.pot"
    with path.open("wb") as file:
        write_po(file, template(found), width=100, omit_header=False)
    return path


def write_pseudo(found: Found, folder: Path, said: Callable[[str], str] = pseudo) -> Path:
    """Write the pseudo-language's compiled catalogue; return where."""
    catalog = Catalog(locale=LANGUAGE, project=DOMAIN, charset="utf-8")
    for message in template(found):
        if isinstance(message.id, str):
            catalog.add(message.id, said(message.id) if message.id else "")
        else:
            catalog.add(message.id, tuple(said(form) for form in message.id))
    path = folder / LANGUAGE / "LC_MESSAGES" / f"{DOMAIN}.mo"
    _write(catalog, path)
    return path


def update(found: Found, folder: Path) -> list[Path]:
    """Bring each language's ``.po`` up to the messages of today and compile it; return them.

    Raises
    ------
    ValueError
        If a translation has a placeholder that its message has not.
    """
    paths = sorted(folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
    for path in paths:
        with path.open("rb") as file:
            catalog = read_po(file, locale=path.parents[1].name)
        catalog.update(template(found))
        _refuse_other_placeholders(catalog, path)
        with path.open("wb") as file:
            write_po(file, catalog, width=100)
        _write(catalog, path.with_suffix(".mo"))
    return paths


def _refuse_other_placeholders(catalog: Catalog, path: Path) -> None:
    for message in catalog:
        if not message.id or not message.string:
            continue
        forms, said = _forms(message.id), _forms(message.string)
        if any("ipynb" in file for file, _ in message.locations):
            continue  # Markdown cells are not filled
        known = {name for form in forms for name in placeholders(form)}
        if other := {name for form in said for name in placeholders(form)} - known:
            raise ValueError(f"{path}: {sorted(other)} is not in the message {forms[0]!r}")


def _forms(text: str | Sequence[str]) -> Sequence[str]:
    return (text,) if isinstance(text, str) else text


def _write(catalog: Catalog, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_mo(file, catalog)
