"""Lines of a client's YAML as a program writes them: one more line merged into what there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from retention_lib.errors import ConfigError

__all__ = ["as_line", "with_line"]


def with_line(settings: Mapping[str, Any], line: str) -> dict[str, Any]:
    """Return what a YAML says once a line is added to it.

    Parameters
    ----------
    settings : mapping
        What it says now, by key.
    line : str
        YAML, such as ``format: {decimal: ","}``. Keys within keys are added to those there are; a
        key that is there already gets the new value.

    Raises
    ------
    ConfigError
        If the line is no ``key: value`` of YAML.
    """
    try:
        added = yaml.safe_load(line)
    except yaml.YAMLError:
        added = None
    if not isinstance(added, dict):
        raise ConfigError(f"{line!r} is no line of a YAML; write `key: value`.")
    return _merged(settings, added)


def _merged(settings: Mapping[str, Any], added: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(settings)
    for key, value in added.items():
        there = merged.get(key)
        both = isinstance(there, dict) and isinstance(value, dict)
        merged[key] = _merged(there, value) if both else value  # type: ignore[arg-type]
    return merged


def as_line(key: str, value: Any) -> str:
    """Return one line of YAML: ``as_line("format", {"decimal": ","})``."""
    text: str = yaml.safe_dump(
        {key: value}, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10**6
    )
    return text.strip().removeprefix("{").removesuffix("}")
