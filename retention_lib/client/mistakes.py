"""What is wrong with a YAML, in one sentence that says what to write."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from retention_lib.client.values import looks_like_url
from retention_lib.errors import redacted

__all__ = ["Form", "nearest"]

AnyModel = TypeVar("AnyModel", bound=BaseModel)


@dataclass(frozen=True)
class Form(Generic[AnyModel]):
    """What a YAML has to look like.

    Attributes
    ----------
    kind : type
        The model that its keys and values are checked against.
    examples : mapping
        What to write under a key, which is given with dots, as in ``window.unit``.
    given : tuple of str
        Fields of the model that do not stand in the YAML.
    """

    kind: type[AnyModel]
    examples: Mapping[str, str]
    given: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        """The key it begins with."""
        return self._known(self.kind)[0]

    def sentence(self, error: ValidationError) -> str:
        """Say what is wrong first; a key that is misspelt explains one that is missing."""
        details = sorted(error.errors(), key=lambda detail: detail["type"] != "extra_forbidden")
        more = f" {len(details) - 1} more to mend after it." if len(details) > 1 else ""
        return self._one(details[0]) + more

    def unknown_key(self, path: tuple[Any, ...]) -> str:
        """Say that a key is unknown, and which one may be meant."""
        model = _part(self.kind, path[:-1])
        like = nearest(str(path[-1]), self._known(model))
        said = (
            f"do you mean {like[0]}?" if like else f"known here: {', '.join(self._known(model))}."
        )
        place = f"{_dotted(path[:-1])}: " if path[:-1] else ""
        return f"{place}the key {str(path[-1])!r} is unknown; {said}"

    def _known(self, model: type[BaseModel]) -> list[str]:
        fields = model.model_fields.items()
        return [field.alias or name for name, field in fields if name not in self.given]

    def _one(self, detail: ErrorDetails) -> str:
        path, kind = detail["loc"], detail["type"]
        key = _dotted(path)
        if kind == "extra_forbidden":
            return self.unknown_key(path)
        if kind == "missing":
            example = self.examples.get(key, f"`{path[0]}: {{{path[-1]}: …}}`")
            return f"{key} is missing; add {example}."
        if kind == "value_error":
            return f"{key}{_repeated(detail)} {detail['ctx']['error']}.".lstrip()
        return self._unfit(detail, key)

    def _unfit(self, detail: ErrorDetails, key: str) -> str:
        message = re.sub(r" or instance of \w+", "", detail["msg"].removeprefix("Input "))
        message = message.replace("a valid dictionary", "a mapping")
        value = "" if _secret(detail) else f" is {_short(detail['input'])}, but"
        example = f"; write e.g. {self.examples[key]}" if key in self.examples else ""
        percent = " A rate is a fraction: 30 % is written 0.30." if _is_rate(detail) else ""
        return f"{key}{value} {message}{example}.{percent}"


def _part(model: type[BaseModel], path: tuple[Any, ...]) -> type[BaseModel]:
    """Return the model of a part: behind its keys, and names that the user gave."""
    kind: Any = model
    for key in path:
        if get_origin(kind) is dict:
            kind = get_args(kind)[1]  # the key is a name that the user gave
            continue
        kind = kind.model_fields[key].annotation
        if get_origin(kind) is not dict:  # of `X | None` the model
            kind = next((it for it in get_args(kind) if hasattr(it, "model_fields")), kind)
    return cast("type[BaseModel]", kind)


def nearest(name: str, known: Iterable[str], count: int = 1) -> list[str]:
    """Return the known names most like this one, whatever their case, the best first."""
    lower = {item.lower(): item for item in known}
    return [lower[key] for key in difflib.get_close_matches(name.lower(), lower, count, 0.5)]


def _dotted(path: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in path)


def _repeated(detail: ErrorDetails) -> str:
    """Return the value that was refused, unless it may hold a secret."""
    value = detail["input"]
    plain = isinstance(value, str | int | float) and not _secret(detail)
    return f" {value!r}" if plain and not looks_like_url(value) else ""


def _secret(detail: ErrorDetails) -> bool:
    return detail["loc"][-1:] == ("connection",)


def _short(value: Any) -> str:
    if looks_like_url(value):
        return "a URL (which belongs into `connection`)"
    text = redacted(repr(value)) if not isinstance(value, date) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _is_rate(detail: ErrorDetails) -> bool:
    return detail["loc"][-1:] in (("margin",), ("discount_rate",))
