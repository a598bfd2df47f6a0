"""Customers' codes: the same from run to run, and nobody's outside the house."""

from __future__ import annotations

import hashlib
import hmac
import multiprocessing
import os
import re
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention_lib.client import Client, load_client, parse_client
from retention_lib.client.codes import code, salt_of
from retention_lib.errors import ConfigError

POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has no such rights")


def client(slug: str = "shop", source: str = "file: a.csv") -> Client:
    yaml = f"name: S\nsource: {{{source}}}\ncolumns: {{customer_id: c, ordered_at: d}}\n"
    return parse_client(yaml, slug, Path(slug))


@pytest.fixture
def salt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the secret will be, in a folder that is not there yet."""
    file = tmp_path / "new" / "salt"
    monkeypatch.setenv("RETENTION_SALT_FILE", str(file))
    return file


# --- codes ---


def test_a_code_is_the_beginning_of_an_hmac() -> None:
    # RFC 4231, test case 2
    assert code("what do ya want for nothing?", b"Jefe") == "C-5BDCC-146BF"


@given(st.text(), st.binary(min_size=1))
def test_any_text_has_a_code_that_can_be_read_aloud(text: str, salt: bytes) -> None:
    found = code(text, salt)
    assert re.fullmatch("C-[0-9A-F]{5}-[0-9A-F]{5}", found)
    assert found == code(text, salt) != code(text, salt + b"x")


def test_customers_have_codes_of_their_own() -> None:
    assert len({code(str(number), b"salt") for number in range(100_000)}) == 100_000
    assert code("7", b"salt") != code("007", b"salt")


# --- salts ---


@pytest.mark.parametrize("slug", ["cdnow", "cdnow-sample", "demo", "messy"])
def test_the_bundled_clients_need_no_secret(slug: str, salt: Path) -> None:
    assert code("1", salt_of(load_client(slug))) == "C-329EC-5EF44"
    assert not salt.exists()


@pytest.mark.parametrize("source", ["file: a.csv", "package: ours/data.csv"])
def test_a_bundled_client_with_other_data_is_no_longer_public(source: str, salt: Path) -> None:
    assert salt_of(client("demo", source)) != salt_of(load_client("demo"))
    assert salt_of(client("shop", "demo: 7")) != salt_of(load_client("demo"))
    assert salt.exists()


def test_a_secret_is_made_once_and_each_client_has_a_salt_of_its_own(salt: Path) -> None:
    first = salt_of(client())
    secret = salt.read_bytes()
    assert len(secret) == 32
    assert first == hmac.new(secret, b"shop", hashlib.sha256).digest() == salt_of(client())
    assert first != salt_of(client("other"))
    salt.unlink()
    assert salt_of(client()) != first


@POSIX
def test_only_its_user_may_read_the_secret(salt: Path) -> None:
    before = os.umask(0)
    try:
        salt_of(client())
    finally:
        os.umask(before)
    assert stat.S_IMODE(salt.stat().st_mode) == 0o600
    assert stat.S_IMODE(salt.parent.stat().st_mode) == 0o700


def test_without_the_variable_it_lies_in_the_users_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RETENTION_SALT_FILE", raising=False)
    for name in ("XDG_CONFIG_HOME", "APPDATA", "HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    salt_of(client())
    (found,) = tmp_path.rglob("salt")
    assert found.parent.name == "retention" and len(found.read_bytes()) == 32


@pytest.mark.parametrize("content", [b"", b"\n", b"x" * 31])
def test_a_secret_that_was_cut_off_is_not_used(content: bytes, salt: Path) -> None:
    salt.parent.mkdir()
    salt.write_bytes(content)
    with pytest.raises(ConfigError, match=f"holds {len(content)} bytes instead of 32. Put back"):
        salt_of(client())
    assert salt.read_bytes() == content


def test_a_secret_of_ones_own_making_may_be_longer(salt: Path) -> None:
    salt.parent.mkdir()
    salt.write_bytes(b"a secret of the house, shared by several machines")
    assert salt_of(client()) == salt_of(client())


@POSIX
def test_a_link_that_leads_nowhere_is_a_secret_that_was_lost(salt: Path) -> None:
    salt.parent.mkdir()
    salt.symlink_to("gone")
    with pytest.raises(ConfigError, match=r"salt, the secret .* cannot be read or made: No such"):
        salt_of(client())
    assert salt.is_symlink()


def test_a_place_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file" / "salt", tmp_path):
        monkeypatch.setenv("RETENTION_SALT_FILE", str(place))
        with pytest.raises(ConfigError, match="RETENTION_SALT_FILE"):
            salt_of(client())


def _salt_of_another_process(file: str) -> bytes:
    os.environ["RETENTION_SALT_FILE"] = file
    return salt_of(client())


def test_processes_that_make_it_at_once_agree(salt: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        found = pool.map(_salt_of_another_process, [str(salt)] * 16, chunksize=1)
    assert set(found) == {salt_of(client())}
    assert {path.name for path in salt.parent.iterdir()} <= {"salt", "salt.lock"}
