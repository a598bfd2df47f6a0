from datetime import date
from pathlib import Path

import pytest

from retention_lib.client import clients_folder, load_client, parse_client, project_root
from retention_lib.errors import ConfigError

BASE = """
name: Shop
source: {file: a.csv}
columns: {customer_id: who, ordered_at: when, amount: money}
"""
MINIMAL = "columns: {customer_id: who, ordered_at: when"


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    return tmp_path


def write(root: Path, slug: str, text: str | bytes = BASE) -> None:
    folder = root / "data" / "clients" / slug
    folder.mkdir(parents=True)
    content = text if isinstance(text, bytes) else text.encode()
    (folder / "client.yaml").write_bytes(content)


def check(text: str):
    return parse_client(text, "shop", clients_folder() / "shop")


def refused(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        check(text)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_bundled_clients_load():
    master, sample = load_client("cdnow"), load_client("cdnow-sample")
    assert master.source.package == "lifetimes/datasets/CDNOW_master.txt"
    assert master.columns.mapped() == {
        "customer_id": "customer_id",
        "ordered_at": "date",
        "quantity": "number_of_cds",
        "amount": "dollar_value",
    }
    assert (master.currency, master.format.date, master.format.header) == ("USD", "%Y%m%d", True)
    assert (sample.columns.customer_id, sample.columns.amount) == ("2", "5")
    assert not sample.format.header
    assert sample.folder == clients_folder() / "cdnow-sample"


def test_root_is_the_checkout_or_the_environment(root, monkeypatch):
    assert project_root() == root.resolve()
    monkeypatch.delenv("RETENTION_ROOT")
    assert (project_root() / "retention_lib" / "errors.py").is_file()


def test_defaults():
    client = check(BASE)
    assert client.currency == ""
    assert (client.language, client.locale, client.merge_days) == ("en", "en", 0)
    assert (client.zero_amounts, client.as_of) == ("keep", None)
    assert (client.economics.discount_rate, client.economics.horizon_months) == (0.10, 12)
    assert (client.format.encoding, client.format.header) == ("utf-8", True)


@pytest.mark.parametrize(
    ("columns", "has"),
    [
        ("", False),
        (", amount: money", True),
        (", quantity: n", False),
        (", quantity: n, unit_price: p", True),
    ],
)
def test_has_amounts(columns, has):
    assert check(f"name: A\nsource: {{file: a.csv}}\n{MINIMAL}{columns}}}").has_amounts is has


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("colums: 1", "do you mean columns?"),
        ("economics: {margn: 0.3}", "economics: the key 'margn' is unknown; do you mean margin?"),
        ("format: {Encoding: utf-8}", "do you mean encoding?"),
        ("slug: other", "'slug' is unknown"),
        ("folder: other", "'folder' is unknown"),
        ("12: x", "'12' is unknown"),
    ],
)
def test_unknown_keys_name_the_nearest(wrong, near):
    message = refused(BASE + wrong)
    assert near in message
    assert message.startswith("data/clients/shop/client.yaml")


def test_misspelt_key_is_named_before_the_one_it_leaves_missing():
    message = refused("name: A\nsource: {file: a}\ncolumns: {custmer_id: a, ordered_at: b}")
    assert "'custmer_id' is unknown; do you mean customer_id?" in message


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("economics: {margin: 30}", "economics.margin is 30, but"),
        ("economics: {margin: 30}", "30 % is written 0.30"),
        ("economics: {margin: yes}", "economics.margin is True"),
        ("economics: {margin: .nan}", "economics.margin is nan"),
        ("economics: {horizon_months: 0}", "economics.horizon_months"),
        ("merge_days: -1", "merge_days is -1"),
        ("zero_amounts: drop", "'keep' or 'set_aside'"),
        ("as_of: soon", "as_of 'soon' is not a date"),
        ("as_of: 1998-06-30 10:00:00", "as_of is 1998-06-30 10:00:00"),
        ("currency: zl", "three capital letters"),
        ("language: pl", "write one of: en"),
        ("locale: xx", "not a known locale"),
        ("format:", "format is None, but should be a mapping"),
        ("format: {header: 'no'}", "format.header is 'no'"),
        ("format: {encoding: utf9}", "format.encoding 'utf9'"),
        ("format: {encoding: base64}", "format.encoding 'base64'"),
        ("format: {delimiter: '::'}", "format.delimiter '::' should be one character"),
        ("format: {date: '%Y'}", "needs a day, a month and a year"),
        ("format: {date: '%d.%m.%Y %Q'}", "has %Q, which stands for nothing"),
        ("format: {date: %d.%m.%Y}", "in quotes"),
        ("format: {thousands: '.'}", "add `decimal: ','`"),
        ("format: {decimal: '.', thousands: '.'}", "same mark"),
        ("format: {header: false}", "given by position"),
        ("name: Twice", "line 5: the key 'name' is given twice"),
        ("economics: {margin: .1, margin: .2}", "'margin' is given twice"),
        ("? [a]\n: b", "a key should be a plain word"),
        ("x: !!python/object/apply:os.getcwd []", "could not determine a constructor"),
        ("campaigns: *other", "undefined alias"),
        ("as_of: 2020-13-45", "as_of is 2020-13-45, but there is no such day"),
        ("as_of: 2022-02-30", "as_of is 2022-02-30, but there is no such day"),
        ("as_of: '2022-02-30'", "there is no such day"),
        ("format: {timezone: Warsaw}", "format.timezone 'Warsaw' is not a time zone"),
        ("format: {timezone: Europe}", "is not a time zone"),
        ("a: [", "line 5"),
        ("a: \0", "not YAML"),
    ],
)
def test_wrong_values_name_key_and_file(more, said):
    message = refused(BASE + more)
    assert said in message
    assert message.startswith("data/clients/shop/client.yaml")


@pytest.mark.parametrize("text", ["", "- a\n- b", "just words", "[" * 1500])
def test_yaml_that_is_no_mapping(text):
    assert "client.yaml" in refused(text)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{}", "gives none"),
        ("{file: a, package: b/c}", "gives file and package"),
        ("{table: a}", "without a connection"),
        ("{file: a, connection: 'sqlite:///x'}", "only table and query have one"),
        ("{demo: x}", "source.demo"),
        ("a.csv", "source is 'a.csv', but should be a mapping; write e.g. `source: {file: "),
    ],
)
def test_exactly_one_source(source, said):
    assert said in refused(f"name: A\nsource: {source}\n{MINIMAL}}}")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:s3cr3t@host/shop",
        "postgresql://host/shop?user=me&password=s3cr3t",
        "postgresql://me:${PART}s3cr3t@host/shop",
    ],
)
def test_password_in_the_yaml_is_refused_and_not_repeated(url):
    message = refused(f"name: A\nsource: {{table: a, connection: '{url}'}}\n{MINIMAL}}}")
    assert "${DB_PASSWORD}" in message
    assert "s3cr3t" not in message


URL = "postgresql://bob:S3cretPw@localhost/shop"


@pytest.mark.parametrize("url", [URL, "postgresql:/bob:S3cretPw@x/y"])
@pytest.mark.parametrize("key", ["file", "package", "table", "query", "demo"])
def test_a_url_in_the_source_is_refused_and_not_repeated(key, url):
    message = refused(f"name: A\nsource: {{{key}: '{url}'}}\n{MINIMAL}}}")
    assert "a URL belongs into `connection`" in message
    assert "S3cretPw" not in message
    assert "bob" not in message


@pytest.mark.parametrize(
    "text",
    [
        f"name: A\nsource: {URL}\n{MINIMAL}}}",
        f"name: A\nsource: [{URL}]\n{MINIMAL}}}",
        f"name: A\nsource: {{file: a.csv}}\ncolumns: {URL}",
        f"name: A\nsource: {{file: a.csv}}\n{MINIMAL}, amount: '{URL}'}}",
        f"name: A\n{URL}: 3",
        f"{BASE}merge_days: {URL}{'x' * 60}",
        f"{BASE}merge_days: [{URL.replace('@', 'x' * 60 + '@')}]",
        f"name: A\nsource: {{table: a, connection: 'duckdb://S3cretPw@x'}}\n{MINIMAL}}}",
    ],
)
def test_no_secret_of_the_yaml_is_repeated(text):
    assert "S3cretPw" not in refused(text)


def test_connection_is_not_in_the_repr():
    url = "postgresql://${USER_}:${WORD}@host/shop"
    client = check(f"name: A\nsource: {{table: a, connection: '{url}'}}\n{MINIMAL}}}")
    assert client.source.connection == url
    assert "WORD" not in repr(client)


@pytest.mark.parametrize("given", ["1998-06-30", "'1998-06-30'"])
def test_as_of_is_a_date(given):
    assert check(BASE + f"as_of: {given}").as_of == date(1998, 6, 30)


def test_small_mercies():
    client = check(BASE + "locale: pl-PL\nformat: {delimiter: '\\t'}\ncurrency:")
    assert (client.locale, client.format.delimiter, client.currency) == ("pl_PL", "\t", "")
    numbered = check("name: A\nsource: {demo: 7}\ncolumns: {customer_id: 1, ordered_at: 2}")
    assert (numbered.columns.customer_id, numbered.source.demo) == ("1", "7")
    listed = check(f"name: A\nsource: {{file: a}}\n{MINIMAL}, segments: [x, 3]}}")
    assert listed.columns.segments == ("x", "3")


@pytest.mark.parametrize("slug", ["../evil", "a/b", "Shop", "", ".", "a\n", "..", "/etc", "ä"])
def test_a_slug_cannot_leave_the_folder(root, slug):
    write(root, "shop")
    with pytest.raises(ConfigError, match="is not the name of a client"):
        load_client(slug)


def test_unknown_client_names_the_known_ones_nearest_first(root):
    for slug in ("aardvark", "bakery", "shop-two"):
        write(root, slug)
    with pytest.raises(ConfigError, match="shop-two, aardvark, bakery"):
        load_client("shop-tow")


def test_of_many_clients_the_nearest_five_are_named(root):
    for number in range(20):
        write(root, f"shop-{number:02d}")
    with pytest.raises(ConfigError) as caught:
        load_client("shop-07x")
    assert str(caught.value).partition("Known clients")[2].count("shop-") == 5
    assert "shop-07, " in str(caught.value)
    assert str(caught.value).endswith("and 15 more.")


def test_no_clients_at_all(root):
    with pytest.raises(ConfigError, match="No client stands in data/clients yet"):
        load_client("shop")


def test_yaml_with_bom_and_yaml_in_another_encoding(root):
    write(root, "bom", b"\xef\xbb\xbf" + BASE.encode())
    assert load_client("bom").name == "Shop"
    write(root, "latin", BASE.replace("Shop", "Café").encode("latin-1"))
    with pytest.raises(ConfigError, match=r"latin/client.yaml: byte \d+ is not utf-8"):
        load_client("latin")


def test_names_are_data():
    client = check(BASE.replace("Shop", "'<b>=1+1</b> 🌷'"))
    assert client.name == "<b>=1+1</b> 🌷"


def test_cancelled_statuses_need_a_column_of_statuses() -> None:
    text = "name: A\nsource: {file: a.csv}\ncolumns: {customer_id: id, ordered_at: day%s}\n%s"
    assert "add `columns: {status: …}`" in refused(text % ("", "cancelled: [void]\n"))
    with_column = ", status: state"
    assert check(text % (with_column, "cancelled: [void, 0]\n")).cancelled == ("void", "0")
    assert check(text % (with_column, "cancelled: void\n")).cancelled == ("void",)
    assert "put the word in quotes" in refused(text % (with_column, "cancelled: [no]\n"))
    assert "cancelled" in refused(text % (with_column, "cancelled: [' ']\n"))


def test_columns_that_change_no_figure_are_known() -> None:
    text = "name: A\nsource: {file: a.csv}\ncolumns: {customer_id: id, ordered_at: day, %s}\n%s"
    assert check(text % ("status: s, cost: c", "")).unused == ("status", "cost")
    assert check(text % ("status: s, cost: c", "cancelled: [void]")).unused == ("cost",)
    assert check(text % ("amount: a, cost: c", "")).unused == ()


def test_what_is_said_of_a_file_by_name_counts_before_a_pattern(tmp_path):
    client = parse_client(
        "name: Shop\nsource: {file: input}\ncolumns: {customer_id: id, ordered_at: day}\n"
        'formats: {input/b.csv: {delimiter: ";"}, "input/*.csv": {delimiter: tab, skip_lines: 2}}',
        "shop",
        tmp_path,
    )
    assert client.format_of("input/a.csv").delimiter == "\t"
    assert client.format_of("input/b.csv").delimiter == ";"
    assert client.format_of("input/b.csv").skip_lines == 2


@pytest.mark.parametrize("blank", ["\u00a0", "\u202f", "\u2009"])
def test_any_blank_between_thousands_is_a_blank(tmp_path, blank):
    client = parse_client(
        "name: Shop\nsource: {file: a.csv}\ncolumns: {customer_id: id, ordered_at: day}\n"
        f"format: {{decimal: ',', thousands: '{blank}'}}",
        "shop",
        tmp_path,
    )
    assert client.format.thousands == " "
