"""Archives: each file of data in one is a file of its own, and no name in it is a path."""

import gzip
import io
import tarfile
import zipfile

import pytest

from retention_lib.errors import DataError
from retention_lib.sources import archives
from tests.kinds import HEADER, Shop

DAY = "2024-01-02"


def rows(*ids: str) -> str:
    return "".join([",".join(HEADER) + "\n", *(f"{it},{DAY},1\n" for it in ids)])


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def zipped(shop, name: str, members: dict[str, str | bytes]):
    with zipfile.ZipFile(shop.path(name), "w", zipfile.ZIP_DEFLATED) as packed:
        for member, content in members.items():
            packed.writestr(member, content)
    return shop.path(name)


def tarred(shop, name: str, members: dict[str, str]):
    with tarfile.open(shop.path(name), "w:gz") as packed:
        for member, content in members.items():
            info = tarfile.TarInfo(member)
            info.size = len(content.encode())
            packed.addfile(info, io.BytesIO(content.encode()))


MEMBERS = {
    "orders_10.csv": rows("c"),
    "orders_2.csv": rows("b"),
    "old/orders_1.csv": rows("a", "z"),
}
NOISE = {
    "readme.txt": "x",
    "__MACOSX/._orders_2.csv": "x",
    ".DS_Store": "x",
    "~$a.xlsx": "x",
    "terms.pdf": "x",
    "empty/": "",
}


@pytest.mark.parametrize(
    ("make", "name"), [(zipped, "input/all.zip"), (tarred, "input/all.tar.gz")]
)
def test_each_member_is_a_file_in_natural_order(shop, make, name):
    make(shop, name, MEMBERS)
    raw = shop.raw(name)
    labels = [f"{name}/old/orders_1.csv", f"{name}/orders_2.csv", f"{name}/orders_10.csv"]
    assert [(file.label, file.rows) for file in raw.files] == list(
        zip(labels, (2, 1, 1), strict=True)
    )
    assert set(raw.table.source_file.execute()) == set(labels)


def test_what_is_no_data_is_left_out(shop):
    zipped(shop, "all.zip", {**NOISE, "orders.csv": rows("a")})
    assert [file.label for file in shop.raw("all.zip").files] == ["all.zip/orders.csv"]


def test_members_of_other_kinds_and_a_format_of_their_own(shop):
    book = shop.book("a.xlsx", {"A": [HEADER, ["a", DAY, 1]]}).read_bytes()
    packed = gzip.compress(rows("c").encode())
    zipped(
        shop, "b.zip", {"a.xlsx": book, "b.csv": rows("b").replace(",", ";"), "c.csv.gz": packed}
    )
    found = shop.rows("b.zip", formats={"b.zip/*.csv": {"delimiter": ";"}})
    assert [row[0] for row in found] == ["a", "b", "c"]


def test_a_member_that_a_file_beside_the_archive_repeats_is_read_once(shop):
    shop.text("a.csv", rows("a"))
    zipped(shop, "b.zip", {"a.csv": rows("a"), "b.csv": rows("b")})
    raw = shop.raw(["a.csv", "b.zip"])
    assert [(file.label, file.same_as) for file in raw.files] == [
        ("a.csv", None),
        ("b.zip/a.csv", "a.csv"),
        ("b.zip/b.csv", None),
    ]


def test_names_lead_nowhere(shop):
    names = [
        "../../evil.csv",
        "/etc/evil.csv",
        "a\\..\\evil.csv",
        "sub/../evil:*?.csv",
    ]
    zipped(shop, "a.zip", {name: rows(str(n)) for n, name in enumerate(names)})
    raw = shop.raw("a.zip")
    assert raw.table.count().execute() == len(names)
    inside = (shop.folder / "cache" / "unpacked").rglob("*")
    assert len([file for file in inside if file.is_file()]) == len(names)
    assert not list(shop.folder.parent.glob("**/evil.csv"))


def test_the_same_name_twice(shop):
    with zipfile.ZipFile(shop.path("a.zip"), "w") as packed:
        packed.writestr("a.csv", rows("a"))
        with pytest.warns(UserWarning, match="Duplicate name"):
            packed.writestr("a.csv", rows("b"))
    labels = [file.label for file in shop.raw("a.zip").files]
    assert labels == ["a.zip/a.csv", "a.zip/a.csv (2)"]


def test_an_earlier_read_leaves_nothing_behind(shop):
    zipped(shop, "a.zip", MEMBERS)
    shop.raw("a.zip")
    zipped(shop, "a.zip", {"b.csv": rows("x")})
    assert [row[0] for row in shop.rows("a.zip")] == ["x"]


def test_a_password(shop):
    content = bytearray(zipped(shop, "a.zip", {"a.csv": rows("a")}).read_bytes())
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    shop.path("a.zip").write_bytes(content)
    assert "has a password; unpack it" in str(shop.stopped("a.zip"))


@pytest.mark.parametrize("cut", [30, 120])
def test_an_archive_that_is_cut_off(shop, cut):
    content = zipped(shop, "a.zip", MEMBERS).read_bytes()
    shop.path("a.zip").write_bytes(content[:cut])
    assert "cannot be unpacked" in str(shop.stopped("a.zip"))


def test_a_member_that_is_damaged(shop):
    content = bytearray(zipped(shop, "a.zip", {"a.csv": rows(*map(str, range(999)))}).read_bytes())
    content[60:90] = bytes(30)
    shop.path("a.zip").write_bytes(content)
    assert "cannot be unpacked" in str(shop.stopped("a.zip"))


def test_a_bomb_is_refused(shop, monkeypatch):
    monkeypatch.setattr(archives, "_SMALL", 1 << 16)
    zipped(shop, "a.zip", {"a.csv": b"0" * (1 << 24)})
    stop = str(shop.stopped("a.zip"))
    assert "would unpack to 1 files of 16 MiB" in stop


def test_what_shrinks_as_exports_do_is_no_bomb(shop):
    zipped(shop, "a.zip", {"a.csv": rows(*["a"] * 100_000)})
    assert shop.raw("a.zip").table.count().execute() == 100_000


def test_an_archive_without_data(shop):
    zipped(shop, "a.zip", NOISE)
    assert "holds no file of data" in str(shop.stopped("a.zip", DataError))


def test_an_archive_in_an_archive(shop):
    inner = zipped(shop, "inner.zip", MEMBERS).read_bytes()
    zipped(shop, "a.zip", {"b.zip": inner})
    assert "holds an archive, 'b.zip'; unpack that one" in str(shop.stopped("a.zip"))
