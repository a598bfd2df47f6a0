"""One client: what its YAML says, loaded and checked.

One folder per client under ``data/clients``; its name is the client's slug and its
``client.yaml`` says where the sales are, which columns they have and how they are written.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from retention_lib.client.definitions import Definitions, load_definitions
from retention_lib.client.format import Format
from retention_lib.client.mistakes import Form, nearest
from retention_lib.client.paths import clients_folder, project_root, shown
from retention_lib.client.reading import checked, read
from retention_lib.client.schema import Client, Control, Economics, Statuses
from retention_lib.client.source import Columns, Source
from retention_lib.client.values import COUNTED_DATES, WHITESPACE, folded
from retention_lib.errors import ConfigError

SLUG = re.compile(r"[a-z0-9-]+")
_MOST_KNOWN = 5
_FORM: Final = Form(
    Client,
    {
        "name": "`name: …`, as reports shall show it",
        "source": "`source: {file: input/sales.csv}`",
        "columns": "`columns: {customer_id: …, ordered_at: …, amount: …}`",
    },
    given=("slug", "folder"),
)


def known_clients() -> list[str]:
    """Return the slugs of all clients, in alphabetical order."""
    found = (path.parent.name for path in clients_folder().glob("*/client.yaml"))
    return sorted(slug for slug in found if SLUG.fullmatch(slug))


def load_client(slug: str) -> Client:
    """Read and check what a client's YAML says, and that its pinned definitions can be read.

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
        If there is no such client, or its YAML or its ``definitions.yaml`` cannot be read or
        says something unknown.
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
    client = parse_client(read(file), slug, folder)
    load_definitions(client)  # a mistake in them is said before any work begins
    return client


def parse_client(text: str, slug: str, folder: Path) -> Client:
    """Check the text of a ``client.yaml`` that stands in ``folder``.

    Raises
    ------
    ConfigError
        As :func:`load_client`.
    """
    return checked(text, folder / "client.yaml", _FORM, slug=slug, folder=folder)


def _known(slug: str) -> str:
    known = known_clients()
    if not known:
        return f" No client stands in {shown(clients_folder())} yet."
    first = nearest(slug, known, _MOST_KNOWN)
    first += [other for other in known if other not in first][: _MOST_KNOWN - len(first)]
    more = f" and {len(known) - len(first)} more" if len(known) > len(first) else ""
    return f" Known clients: {', '.join(first)}{more}."
