"""A YAML beside a client's data, read and checked against its form."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from retention_lib.client.mistakes import AnyModel, Form
from retention_lib.client.paths import shown
from retention_lib.errors import ConfigError

__all__ = ["checked", "read"]


def read(file: Path) -> str:
    """Return the text of a file in UTF-8.

    Raises
    ------
    ConfigError
        If it cannot be read, or is not UTF-8.
    """
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{shown(file)}: byte {error.start + 1} is not utf-8; save the file as utf-8."
        ) from None
    except OSError as error:
        raise ConfigError(f"{shown(file)} cannot be read: {error.strerror}.") from None


def checked(text: str, file: Path, form: Form[AnyModel], **given: Any) -> AnyModel:
    """Return what the text of a YAML says.

    Parameters
    ----------
    text : str
        The YAML.
    file : Path
        Where it stands, for messages.
    form : Form
        What it has to look like.
    given
        The values of those fields that do not stand in it.

    Raises
    ------
    ConfigError
        If it is no YAML, or says something unknown or out of range; the message names the file,
        the key and what to write.
    """
    name = shown(file)
    plain = _mapping(text, name, form.first)
    for key in plain:
        if not isinstance(key, str) or key in form.given:
            raise ConfigError(f"{name}: {form.unknown_key((key,))}")
    try:
        return form.kind(**plain, **given)
    except ValidationError as error:
        raise ConfigError(f"{name}: {form.sentence(error)}") from None


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


def _mapping(text: str, file: str, first: str) -> dict[Any, Any]:
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
        raise ConfigError(
            f"{file} is {found}; write `key: value` lines, beginning with `{first}:`."
        )
    return plain
