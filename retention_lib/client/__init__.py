"""One client: what its YAML says, loaded and checked.

One folder per client under ``data/clients``; its name is the client's slug and its
``client.yaml`` says where the sales are, which columns they have and how they are written.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Hashable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from retention_lib.client.schema import (
    WHITESPACE,
    Client,
    Columns,
    Economics,
    Format,
    Source,
    looks_like_url,
)
from retention_lib.errors import ConfigError, redacted

__all__ = [
    "WHITESPACE",
    "Client",
    "Columns",
    "Economics",
    "Format",
    "Source",
    "clients_folder",
    "known_clients",
    "load_client",
    "nearest",
    "parse_client",
    "project_root",
    "shown",
]

SLUG = re.compile(r"[a-z0-9-]+")
_GIVEN_BY_THE_FOLDER = ("slug", "folder")
_MOST_KNOWN = 5


def project_root() -> Path:
    """Return the project's root: ``RETENTION_ROOT`` if set, else this package's checkout."""
    given = os.environ.get("RETENTION_ROOT")
    return Path(given).resolve() if given else Path(__file__).resolve().parents[2]


def clients_folder() -> Path:
    """Return the folder that holds the clients."""
    return project_root() / "data" / "clients"


def known_clients() -> list[str]:
    """Return the slugs of all clients, in alphabetical order."""
    found = (path.parent.name for path in clients_folder().glob("*/client.yaml"))
    return sorted(slug for slug in found if SLUG.fullmatch(slug))


def load_client(slug: str) -> Client:
    """Read and check what a client's YAML says.

    Parameters
    ----------
    slug
        Name of the folder in ``data/clients``: small letters, digits and hyphens.

    Returns
    -------
    Client
        The checked configuration.

    Raises
    ------
    ConfigError
        If there is no such client, or its YAML cannot be read or says something unknown.
    """
    if not SLUG.fullmatch(slug):
        raise ConfigError(
            f"{slug!r} is not the name of a client: it has small letters, digits and hyphens "
            f"only, as its folder in data/clients has.{_known(slug)}"
        )
    folder = clients_folder() / slug
    file = folder / "client.yaml"
    if not file.is_file():
        raise ConfigError(f"There is no client {slug!r}: {shown(file)} is missing.{_known(slug)}")
    return parse_client(_read(file), slug, folder)


def parse_client(text: str, slug: str, folder: Path) -> Client:
    """Check the text of a ``client.yaml`` that stands in ``folder``.

    Raises
    ------
    ConfigError
        As :func:`load_client`.
    """
    file = shown(folder / "client.yaml")
    plain = _mapping(text, file)
    for key in plain:
        if not isinstance(key, str) or key in _GIVEN_BY_THE_FOLDER:
            raise ConfigError(f"{file}: {_unknown_key((key,))}")
    try:
        return Client(**plain, slug=slug, folder=folder)
    except ValidationError as error:
        raise ConfigError(f"{file}: {_sentence(error)}") from None


def shown(path: Path) -> str:
    """Return a path as messages write it: from the project's root where it lies inside."""
    root = project_root()
    inside = path.is_relative_to(root)
    return (path.relative_to(root) if inside else path).as_posix()


def nearest(name: str, known: Iterable[str], count: int = 1) -> list[str]:
    """Return the known names most like this one, whatever their case, the best first."""
    lower = {item.lower(): item for item in known}
    return [lower[key] for key in difflib.get_close_matches(name.lower(), lower, count, 0.5)]


def _known(slug: str) -> str:
    known = known_clients()
    if not known:
        return f" No client stands in {shown(clients_folder())} yet."
    first = nearest(slug, known, _MOST_KNOWN)
    first += [other for other in known if other not in first][: _MOST_KNOWN - len(first)]
    more = f" and {len(known) - len(first)} more" if len(known) > len(first) else ""
    return f" Known clients: {', '.join(first)}{more}."


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{shown(file)}: byte {error.start + 1} is not utf-8; save the file as utf-8."
        ) from None
    except OSError as error:
        raise ConfigError(f"{shown(file)} cannot be read: {error.strerror}.") from None


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, but a key given twice is an error instead of a silent choice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, value in node.value:
            wrong = None if isinstance(key, yaml.ScalarNode) else "a key should be a plain word"
            wrong = wrong or self._no_such_day(key.value, value)
            if not wrong and key.value in seen:
                wrong = f"the key {key.value!r} is given twice"
            if wrong:
                raise yaml.MarkedYAMLError(problem=wrong, problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)

    def _no_such_day(self, key: str, value: yaml.Node) -> str | None:
        if value.tag != "tag:yaml.org,2002:timestamp":
            return None
        try:
            self.construct_object(value)
        except ValueError:
            return f"{key} is {value.value}, but there is no such day"
        return None


def _mapping(text: str, file: str) -> dict[Any, Any]:
    try:
        plain = yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        hint = " Put a value that begins with % in quotes." if "'%'" in str(error.problem) else ""
        raise ConfigError(f"{file}{line}: {error.problem}.{hint}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else "it cannot be read"
        raise ConfigError(f"{file} is not YAML: {reason}.") from None
    if not isinstance(plain, dict):
        found = "empty" if plain is None else f"a {type(plain).__name__}"
        raise ConfigError(f"{file} is {found}; write `key: value` lines, beginning with `name:`.")
    return plain


def _sentence(error: ValidationError) -> str:
    """Say what is wrong first; a key that is misspelt explains one that is missing."""
    details = sorted(error.errors(), key=lambda detail: detail["type"] != "extra_forbidden")
    more = f" {len(details) - 1} more to mend after it." if len(details) > 1 else ""
    return _one(details[0]) + more


def _one(detail: ErrorDetails) -> str:
    path, kind = detail["loc"], detail["type"]
    key = ".".join(str(part) for part in path)
    if kind == "extra_forbidden":
        return _unknown_key(path)
    if kind == "missing":
        return f"{key} is missing; add {_example(path)}."
    if kind == "value_error":
        reason = str(detail["ctx"]["error"])
        plain = isinstance(detail["input"], str | int | float) and path[-1:] != ("connection",)
        plain = plain and not looks_like_url(detail["input"])
        value = f" {detail['input']!r}" if plain else ""
        return f"{key}{value} {reason}.".lstrip()
    message = re.sub(r" or instance of \w+", "", detail["msg"].removeprefix("Input "))
    message = message.replace("a valid dictionary", "a mapping")
    value = "" if path[-1:] == ("connection",) else f" is {_short(detail['input'])}, but"
    percent = " A rate is a fraction: 30 % is written 0.30." if _is_rate(path) else ""
    return f"{key}{value} {message}.{percent}"


def _unknown_key(path: tuple[Any, ...]) -> str:
    model: type[BaseModel] = Client
    for part in path[:-1]:
        model = next(m for m in (Source, Columns, Format, Economics) if m.__name__.lower() == part)
    known = [name for name in model.model_fields if name not in _GIVEN_BY_THE_FOLDER]
    like = nearest(str(path[-1]), known)
    said = f"do you mean {like[0]}?" if like else f"known here: {', '.join(known)}."
    place = f"{'.'.join(map(str, path[:-1]))}: " if path[:-1] else ""
    return f"{place}the key {str(path[-1])!r} is unknown; {said}"


def _example(path: tuple[Any, ...]) -> str:
    examples = {
        ("name",): "`name: …`, as reports shall show it",
        ("source",): "`source: {file: input/sales.csv}`",
        ("columns",): "`columns: {customer_id: …, ordered_at: …, amount: …}`",
    }
    return examples.get(path, f"`{path[0]}: {{{path[-1]}: …}}`")


def _short(value: Any) -> str:
    if looks_like_url(value):
        return "a URL (which belongs into `connection`)"
    text = redacted(repr(value)) if not isinstance(value, date) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _is_rate(path: tuple[Any, ...]) -> bool:
    return path[-1:] in (("margin",), ("discount_rate",))
