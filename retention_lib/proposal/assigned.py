"""``--set KEY=VALUE``: settings of a client's YAML, given on the command line."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, get_args, get_origin

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from retention_lib.client import Client
from retention_lib.client.lines import with_line
from retention_lib.client.mistakes import Form
from retention_lib.errors import Choice, ConfigError

__all__ = ["arguments", "assigned"]

_BARE: Final = re.compile(r"[\w.,:/=%@+-]+")
_MEANS_SOMETHING: Final = re.compile(r"[$`\\\"!]")
_FORM: Final = Form(Client, {}, given=("slug", "folder"))


def assigned(texts: Sequence[str]) -> dict[str, Any]:
    """Return what ``--set`` says, as a YAML would.

    Parameters
    ----------
    texts
        Each ``KEY=VALUE``; the key with dots, the value as in YAML. ``%d.%m.%Y`` needs no quotes.

    Raises
    ------
    ConfigError
        If a text has no ``=``, or its key is unknown; the message names the nearest.
    """
    found: dict[str, Any] = {}
    for text in texts:
        quoted = len(text) > 1 and text[0] == text[-1] == "'"  # no key begins so
        key, mark, value = (text[1:-1] if quoted else text).partition("=")
        if not mark:
            raise ConfigError(f"--set {text!r} has no value; write e.g. `--set currency=EUR`.")
        path = tuple(key.strip().split("."))
        field = _field(path)
        found = _merged(found, path, _value(value, field))
    return found


def arguments(choice: Choice) -> str:
    """Return what a choice is on the command line: ``--set format.decimal=,``."""
    said = _flat((), yaml.safe_load(choice.line), Client)
    return " ".join(f"--set {_quoted(f'{key}={_text(value)}')}" for key, value in said)


def _quoted(text: str) -> str:
    """Return an argument as both a POSIX shell and Windows' take it: in double quotes.

    What means something to a POSIX shell within these stands in single ones, which
    :func:`assigned` takes off where Windows has left them.
    """
    if _BARE.fullmatch(text):
        return text
    return shlex.quote(text) if _MEANS_SOMETHING.search(text) else f'"{text}"'


def _flat(
    path: tuple[str, ...], value: Any, model: type[BaseModel] | None
) -> list[tuple[str, Any]]:
    """Return keys with dots, as deep as the YAML has keys of its own."""
    if model is None or not isinstance(value, Mapping):
        return [(".".join(path), value)]
    return [
        pair
        for key, inner in value.items()
        for pair in _flat((*path, str(key)), inner, _model(_fields(model).get(str(key))))
    ]


def _text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return value if _read(value) == value else yaml.safe_dump(value, width=10**6).strip()
    text: str = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**6)
    return text.strip().removesuffix("\n...").strip()


def _value(text: str, field: FieldInfo) -> Any:
    """Return a value as YAML reads it, or the bare text where that is what the key takes."""
    value = _read(text)
    if value is None and text.strip() in ("null", "~"):
        return None
    return text if text != value and not _takes(field, value) and _takes(field, text) else value


def _read(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return text


def _takes(field: FieldInfo, value: Any) -> bool:
    kind: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return value is not None


def _field(path: tuple[str, ...]) -> FieldInfo:
    """Return the field of a key with dots; refuse one that is unknown."""
    model: type[BaseModel] | None = Client
    for depth, key in enumerate(path, 1):
        fields = _fields(model) if model else {}
        if key in _FORM.given or key not in fields:
            raise ConfigError(f"--set {'.'.join(path)}: {_unknown(path[:depth], model)}")
        field = fields[key]
        model = _model(field)
    return field


def _unknown(path: tuple[str, ...], model: type[BaseModel] | None) -> str:
    if model is not None:
        return _FORM.unknown_key(path)
    return f"the key {path[-2]!r} has no keys of its own; write its whole value as YAML."


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _model(field: FieldInfo | None) -> type[BaseModel] | None:
    """Return the model that a key's own keys belong to; None for a value."""
    if field is None or get_origin(field.annotation) is dict:  # its keys are the user's own
        return None
    kinds = (field.annotation, *get_args(field.annotation))
    return next((it for it in kinds if isinstance(it, type) and issubclass(it, BaseModel)), None)


def _merged(found: Mapping[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    nested: Any = value
    for key in reversed(path):
        nested = {key: nested}
    return with_line(found, yaml.safe_dump(nested, allow_unicode=True))
