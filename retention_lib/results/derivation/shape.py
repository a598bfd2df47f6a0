"""What ``results.json`` may hold: every figure's name, as its JSON Schema gives it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from retention_lib.results.document import SECTIONS, schema

SECTION_NAMES: Final = tuple(section.name for section in SECTIONS)
_BESIDE: Final = ("varied", "why_not")  # what stands beside the figures
_SAID_WHOLE: Final = ("Finding", "Why")  # a code with its numbers is one figure
_TYPES: Final = {"integer": "count", "boolean": "flag", "string": "text"}


@dataclass(frozen=True)
class Leaf:
    """A figure of ``results.json``: its pattern, and the kind of value that its type tells.

    ``kind`` is "" where the type does not tell the unit.
    """

    pattern: str
    kind: str

    @property
    def section(self) -> str:
        """The section it stands in; "" for one of the whole document."""
        head = self.pattern.partition("/")[0]
        return head if head in SECTION_NAMES else ""


@cache
def leaves() -> Mapping[str, Leaf]:
    """Return every figure by its pattern: a pointer without the first slash, ``*`` for any key."""
    plain = schema()
    tops = {name: node for name, node in plain["properties"].items() if name not in _BESIDE}
    found = (leaf for name, node in tops.items() for leaf in _leaves(node, name, plain["$defs"]))
    return {leaf.pattern: leaf for leaf in found}


@cache
def holders() -> frozenset[str]:
    """Return the patterns of what holds figures: sections, objects, lists."""
    inner = ("/".join(parts[:n]) for parts in map(split, leaves()) for n in range(1, len(parts)))
    return frozenset([*SECTION_NAMES, *inner])


def _leaves(node: Mapping[str, Any], at: str, defs: Mapping[str, Any]) -> Iterator[Leaf]:
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        whole = name in _SAID_WHOLE
        yield from [Leaf(at, "finding")] if whole else _leaves(defs[name], at, defs)
        return
    if "anyOf" in node:
        kinds = [one for one in node["anyOf"] if one.get("type") != "null"]
        yield from _leaves(next((one for one in kinds if "$ref" in one), kinds[0]), at, defs)
        return
    inside = {**node.get("properties", {})}
    if isinstance(node.get("additionalProperties"), dict):
        inside["*"] = node["additionalProperties"]
    if node.get("type") == "array" and "prefixItems" not in node and _is_object(node["items"]):
        inside["*"] = node["items"]
    for name, part in inside.items():
        yield from _leaves(part, f"{at}/{name}", defs)
    if not inside and node.get("properties") is None:
        yield Leaf(at, _kind(node, at))


def _is_object(node: Mapping[str, Any]) -> bool:
    return "$ref" in node or node.get("type") == "object"


def _kind(node: Mapping[str, Any], at: str) -> str:
    if node.get("type") == "array":
        return "" if "prefixItems" in node or node["items"].get("type") == "number" else "texts"
    if node.get("format") == "date":
        return "date"
    kind = _TYPES.get(node.get("type", "string"), "")
    return "days" if kind == "count" and at.rpartition("/")[2].endswith("days") else kind


# --- names ------------------------------------------------------------------


def split(pointer: str) -> tuple[str, ...]:
    """Return the parts of a pointer as they stand in it, still escaped."""
    return tuple(pointer.split("/"))


def unescaped(part: str) -> str:
    """Return the key that a part of a pointer stands for."""
    return part.replace("~1", "/").replace("~0", "~")


def escaped(key: str) -> str:
    """Return a key as a part of a pointer."""
    return key.replace("~", "~0").replace("/", "~1")


@cache
def pattern_of(pointer: str) -> str | None:
    """Return the pattern of a figure, or of what holds figures; None if there can be none.

    A name that stands in the schema comes before ``*``.
    """
    at = ""
    for part in split(pointer):
        ways = (f"{at}/{part}".lstrip("/"), f"{at}/*".lstrip("/"))
        known = [way for way in ways if way in leaves() or way in holders()]
        if not known:
            return None
        at = known[0]
    return at
