"""Every message that a reader may see, and where it stands.

- In Python: what is given first to ``.text(...)`` or ``.prose(...)``, and all that stands in
  ``mark(...)``.
- In the page's template: ``_(...)``.
- In the notebooks: each Markdown cell, whole.

Whatever else reaches a reader cannot be translated; what can be seen of it is a fault.
"""

from __future__ import annotations

import ast
import json
import re
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from jinja2 import Environment

from retention_lib.speech import KINDS, messages

_SPEAKING: Final = {"text", "prose"}
_OLD: Final = {"texts", "proses"}
_PAIRED: Final = {"range", "estimate"}
_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Module)


@dataclass(frozen=True)
class Message:
    """A message as translators see it: ``many`` is its second form, if a number chooses."""

    one: str
    many: str | None
    where: tuple[str, int]
    comment: str = ""


@dataclass
class Found:
    """What was collected, and what is wrong, as ``file:line: what``."""

    messages: list[Message] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def fault(self, file: str, line: int, what: str) -> None:
        """Note what is wrong and where."""
        self.faults.append(f"{file}:{line}: {what}")


def collected(root: Path) -> Found:
    """Return all messages of a checkout, in the order of files and lines.

    Parameters
    ----------
    root
        The folder that holds ``retention_lib`` and ``notebooks``.
    """
    found = Found()
    for path in sorted((root / "retention_lib").rglob("*.py")):
        in_python(path.read_text(encoding="utf-8"), path.relative_to(root).as_posix(), found)
    for path in sorted((root / "retention_lib" / "templates").rglob("*.j2")):
        in_template(path.read_text(encoding="utf-8"), path.relative_to(root).as_posix(), found)
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        in_notebook(path.read_text(encoding="utf-8"), path.relative_to(root).as_posix(), found)
    found.messages.sort(key=lambda message: message.where)
    _refuse_two_plurals(found)
    return found


# --- Python -------------------------------------------------------------------------


def in_python(source: str, file: str, found: Found) -> None:
    """Collect a module's messages."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child.above = node  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if _is_mark(node):
            for constant in _marked(node, file, found):
                _take(constant, file, found)
        elif _speaks(node):
            for constant in _said(node.args[0], file, found):
                _take(constant, file, found)
        elif isinstance(node.func, ast.Attribute) and node.func.attr in _OLD:
            found.fault(file, node.lineno, f"`.{node.func.attr}(` takes two messages for one")


def _is_mark(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    return isinstance(node.func, ast.Name) and node.func.id == "mark"


def _speaks(call: ast.Call) -> bool:
    """Whether a call says a message; an Axes' own ``text`` takes a place before its text."""
    named = isinstance(call.func, ast.Attribute) and call.func.attr in _SPEAKING
    return named and 1 <= len(call.args) <= 2 and not isinstance(call.args[0], ast.Starred)


def _marked(call: ast.Call, file: str, found: Found) -> Iterator[ast.Constant]:
    """Yield the messages in ``mark(...)``: one, a mapping's values, a tuple's items, nested."""
    waiting: list[ast.expr | None] = [*call.args]
    while waiting:
        match waiting.pop(0):
            case ast.Constant(value=str()) as message:
                yield message
            case ast.Dict(values=values):
                waiting += values
            case ast.Tuple(elts=items) | ast.List(elts=items):
                waiting += items
            case ast.Constant(value=None) | None:
                continue
            case other:
                found.fault(file, other.lineno, f"no message in mark: {ast.unparse(other)}")


def _said(said: ast.expr, file: str, found: Found) -> Iterator[ast.Constant]:
    """Yield the messages that a first argument holds; one kept elsewhere must be marked there."""
    match said:
        case ast.Constant(value=str()):
            yield said
        case ast.IfExp(body=one, orelse=other):
            yield from _said(one, file, found)
            yield from _said(other, file, found)
        case ast.Name() | ast.Subscript() | ast.Attribute() | ast.Call() if _is_kept(said):
            return
        case _:
            found.fault(file, said.lineno, f"no message can be seen in {ast.unparse(said)}")


def _is_kept(said: ast.expr) -> bool:
    """Whether an expression looks up a message that is marked elsewhere, as far as can be seen."""
    match said:
        case ast.Call(func=ast.Attribute(attr="get", value=table)):
            return _is_kept(table)
        case ast.Call(func=ast.Name(id=name)):
            return name == "mark" or isinstance(_bound(said, name), ast.FunctionDef | ast.alias)
        case ast.Subscript(value=table) | ast.Attribute(value=table):
            return _is_kept(table)
        case ast.IfExp(body=one, orelse=other):
            return _is_kept(one) and _is_kept(other)
        case ast.BoolOp(values=values):
            return all(map(_is_kept, values))
        case ast.Name(id=name):
            return _holds_marked(_bound(said, name))
        case _:
            return False


def _holds_marked(bound: ast.AST | None) -> bool:
    """Whether what a name is bound to may hold marked messages; a string in plain sight may not."""
    match bound:
        case ast.alias() | ast.arg() | ast.comprehension() | ast.For():
            return True  # what is handed in must be marked where it comes from
        case ast.Dict(values=items) | ast.Tuple(elts=items) | ast.List(elts=items):
            return all(map(_holds_marked, items))
        case ast.Constant() | ast.JoinedStr():
            return False
        case ast.Call() as call if not _is_mark(call):
            return _is_kept(call)
        case ast.expr() as value:
            return _is_mark(value) or _is_kept(value)
        case _:
            return False


def _bound(at: ast.AST, name: str) -> ast.AST | None:
    """Return what a name stands for where it is read: an argument, an import, an assigned value."""
    scope = at
    while not isinstance(scope, ast.Module):
        scope = scope.above  # type: ignore[attr-defined]
        if isinstance(scope, _SCOPES):
            for node in ast.walk(scope):
                if (value := _binding(node, name)) is not None:
                    return value
    return None


def _binding(node: ast.AST, name: str) -> ast.AST | None:
    """Return what a statement binds a name to, if it does."""
    match node:
        case ast.arg(arg=bound) if bound == name:
            return node
        case ast.FunctionDef(name=bound) if bound == name:
            return node
        case ast.alias() if (node.asname or node.name) == name:
            return node
        case ast.Assign(targets=targets, value=value) if name in _names(targets):
            return value
        case ast.AnnAssign(target=ast.Name(id=bound), value=value) if bound == name:
            return value
        case ast.NamedExpr(target=ast.Name(id=bound), value=value) if bound == name:
            return value
        case ast.For(target=target) | ast.comprehension(target=target) if name in _names([target]):
            return node
    return None


def _names(targets: Iterable[ast.expr]) -> set[str]:
    return {
        node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)
    }


def _take(constant: ast.Constant, file: str, found: Found) -> None:
    """Take a message apart into what translators see, if its placeholders are in order."""
    message = str(constant.value)
    try:
        forms = messages.plural(message)
        one, many = (forms.one, forms.many) if forms else (message, None)
        for form in filter(None, (one, many)):
            refuse_unknown_kinds(form)
        if not message:
            raise ValueError("an empty message")
    except ValueError as error:
        found.fault(file, constant.lineno, str(error))
    else:
        found.messages.append(Message(one, many, (file, constant.lineno)))


def placeholders(message: str) -> set[str]:
    """Return the placeholders of a message as they are written: ``gap:count``, ``name``."""
    parsed = string.Formatter().parse(message)
    return {f"{name}:{kind}" if kind else name for _, name, kind, _ in parsed if name is not None}


def refuse_unknown_kinds(message: str) -> None:
    """Check that each placeholder has a name, and a kind that can be said, if any.

    Raises
    ------
    ValueError
        If one has not.
    """
    for name, _, kind in (written.partition(":") for written in placeholders(message)):
        if not re.fullmatch(r"[a-zA-Z_]\w*(\.\w+)*", name):
            raise ValueError(f"a placeholder without a name, {{{name}}}: {message}")
        words = kind.split()
        rest = words[1:] if words[:1] and words[0] in _PAIRED else words
        if kind and (not rest or rest[0] not in KINDS or not all(map(str.isdigit, rest[1:]))):
            raise ValueError(f"no value is said as {kind!r}: {message}")


def _refuse_two_plurals(found: Found) -> None:
    """Note messages that share their first form but not their second: gettext holds one of them."""
    first: dict[str, Message] = {}
    for message in found.messages:
        other = first.setdefault(message.one, message)
        if other.many != message.many:
            what = f"{message.one!r} has another plural than in {other.where[0]}:{other.where[1]}"
            found.fault(*message.where, what)


# --- template and notebooks ----------------------------------------------------------


def in_template(source: str, file: str, found: Found) -> None:
    """Collect a template's messages."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for line, _, message in environment.extract_translations(source):  # type: ignore[attr-defined]
        if isinstance(message, str):
            found.messages.append(Message(message, None, (file, line)))
        elif isinstance(message, tuple) and all(message):
            found.fault(file, line, "choose by a number in words, not in the template")


def in_notebook(source: str, file: str, found: Found) -> None:
    """Collect a notebook's Markdown cells; a cell's comment says which it is."""
    for at, cell in enumerate(json.loads(source)["cells"], start=1):
        said = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and said.strip():
            found.messages.append(Message(said, None, (file, at), f"cell {cell['id']}"))
