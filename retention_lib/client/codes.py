"""Codes in place of customer ids, for reports that leave the house."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from os.path import lexists
from pathlib import Path
from typing import Final

import platformdirs
from filelock import FileLock

from retention_lib.client.paths import shown
from retention_lib.client.schema import Client
from retention_lib.errors import ConfigError

__all__ = ["code", "salt_of"]

# Anybody may know it, as they may know whom it hides: the bundled clients' customers are public.
_PUBLIC: Final = b"retention: the salt of the bundled clients, which is no secret"
_BUNDLED: Final = {"cdnow", "cdnow-sample", "demo", "messy"}
_BYTES: Final = 32


def code(customer_id: str, salt: bytes) -> str:
    """Return what a report calls a customer, such as ``C-4F2A9-B10C3``.

    The first ten hex digits of HMAC-SHA256 (RFC 2104), so one of 2^40, or 1.1e12. Two given
    customers share a code with that chance, two of a list of ten with 4e-11. Of 40 million some
    700 pairs do, and a given one shares its code with any other once in 27,000: enough to read a
    list and look somebody up, not to join tables by.

    Parameters
    ----------
    customer_id
        The id, as text.
    salt
        From :func:`salt_of`.
    """
    digits = hmac.new(salt, customer_id.encode(), hashlib.sha256).hexdigest()[:10].upper()
    return f"C-{digits[:5]}-{digits[5:]}"


def salt_of(client: Client) -> bytes:
    """Return what a client's codes are made with.

    The bundled clients have a fixed, public salt, so that their pages are the same everywhere.
    All others have one of their own, made of their slug and the installation's secret, so that
    who knows one client's ids cannot read another's codes. The secret is made when it is first
    needed, in the user's configuration folder or the file that ``RETENTION_SALT_FILE`` names.

    Raises
    ------
    ConfigError
        If the secret cannot be read or made.
    """
    if _is_bundled(client):
        return _PUBLIC
    return hmac.new(_secret(_file()), client.slug.encode(), hashlib.sha256).digest()


def _is_bundled(client: Client) -> bool:
    """Whether the customers are public; a bundled client may have been given other data."""
    source = client.source
    public = source.generated is not None or (source.package or "").startswith("lifetimes/")
    return client.slug in _BUNDLED and public


def _file() -> Path:
    given = os.environ.get("RETENTION_SALT_FILE")
    folder = platformdirs.user_config_path("retention", appauthor=False, roaming=True)
    return Path(given).absolute() if given else folder / "salt"


def _secret(file: Path) -> bytes:
    """Read the installation's secret, or make it."""
    try:
        # a link that leads nowhere is a secret that was lost, not one that was never made
        if not lexists(file):
            _make(file)
        found = file.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{shown(file)}, the secret behind the customers' codes in reports, cannot be read or "
            f"made: {error.strerror}. Give yourself the right to read and write it, or name "
            "another file in the environment variable RETENTION_SALT_FILE."
        ) from None
    if len(found) < _BYTES:
        raise ConfigError(
            f"{shown(file)}, the secret behind the customers' codes in reports, holds "
            f"{len(found)} bytes instead of {_BYTES}. Put back a copy of it; or delete it, and a "
            "new one is made, by which every customer has another code than in earlier reports."
        )
    return found


def _make(file: Path) -> None:
    """Write a new secret that only its user may read, unless another process just has."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileLock(f"{file}.lock"):
        if lexists(file):
            return
        handle, half = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)  # mode 0600
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(secrets.token_bytes(_BYTES))
            Path(half).replace(file)  # whoever reads meanwhile finds nothing, never half of it
        finally:
            Path(half).unlink(missing_ok=True)
