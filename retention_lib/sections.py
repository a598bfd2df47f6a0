"""A package's modules by name, loaded when they are first asked for, without a list of them."""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType


def sections(package: str) -> tuple[Callable[[str], ModuleType], Callable[[], list[str]]]:
    """Return a package's ``__getattr__`` and ``__dir__``, by which it offers each of its modules.

    So ``words.growth.title(...)`` needs one import, of ``words``, and a new module no other line.

    Parameters
    ----------
    package
        Its ``__name__``.
    """

    def names() -> list[str]:
        return sorted(module.name for module in pkgutil.iter_modules(sys.modules[package].__path__))

    def module(name: str) -> ModuleType:
        if name.startswith("_") or name not in names():
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return import_module(f"{package}.{name}")

    return module, names
