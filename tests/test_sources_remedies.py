"""How files are written is found out; what stops a run names the line that lets it go on."""

import codecs
import gzip

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from retention_lib.client import Format, parse_client, project_root
from retention_lib.client.lines import with_line
from retention_lib.errors import ConfigError, DataError
from retention_lib.sources import connect, read, sniff, survey
from retention_lib.sources.heads import head

CASES = project_root() / "../shared/cases"
UCI = project_root() / "../shared/data/online_retail_uci.csv.gz"
COLUMNS = {"customer_id": "id", "ordered_at": "day", "amount": "money"}
GOOD = "id,day,money\n1,2020-01-01,3\n2,2020-01-02,4.5\n"
ROWS = [("1", "2020-01-01", "3"), ("2", "2020-01-02", "4.5")]


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return connect(tmp_path_factory.mktemp("scratch"))


class Shop:
    """A client's folder: settings as a dict, files as bytes."""

    def __init__(self, folder, engine):
        self.folder, self.engine = folder, engine
        self.settings = {"name": "Shop", "source": {"file": "input"}, "columns": COLUMNS}

    def file(self, name, content):
        path = self.folder / "input" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def read(self):
        text = yaml.safe_dump(self.settings, allow_unicode=True)
        (self.folder / "client.yaml").write_text(text, encoding="utf-8")
        client = parse_client(text, "shop", self.folder)
        return read(client, self.engine, self.folder / "cache")

    def rows(self):
        raw = self.read()
        table = raw.table.order_by("source_file", "line_number").to_pyarrow().to_pylist()
        return [(row["id"], row["day"], row["money"]) for row in table]

    def settled(self, most=4):
        """Follow the first remedy of each stop literally until the files are read."""
        followed = []
        for _ in range(most):
            try:
                return self.rows(), followed
            except ConfigError as error:
                assert error.choices, str(error)
                line = error.choices[0].line
                assert f"`{line}`" in str(error)
                followed.append(line)
                self.settings = with_line(self.settings, line)
        raise AssertionError(f"not settled by {followed}")


@pytest.fixture
def shop(tmp_path, engine):
    return Shop(tmp_path, engine)


# --- a remedy, followed literally, works ---------------------------------------


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (GOOD.replace(",", ";"), ["format: {delimiter: ;}"]),
        (GOOD.replace(",", "\t"), ["format: {delimiter: tab}"]),
        (GOOD.replace(",", "|"), ["format: {delimiter: '|'}"]),
        (GOOD.replace(",", " "), ["format: {delimiter: whitespace}"]),
        (f"# exported 2024-01-01\n{GOOD}", ["format: {skip_lines: 1}"]),
        (f"Sales of all\nPrinted, today,\n\n{GOOD}", ["format: {skip_lines: 2}"]),
        (f"Sales;;\n;;\n{GOOD.replace(',', ';')}", ["format: {delimiter: ;, skip_lines: 1}"]),
        (f"sep=;\n{GOOD.replace(',', ';')}", ["format: {delimiter: ;}"]),
        (GOOD.encode("utf-16"), ["format: {encoding: utf-16}"]),
        (GOOD.encode("utf-16-le"), ["format: {encoding: utf-16-le}"]),
        (GOOD.encode("utf-16-be"), ["format: {encoding: utf-16-be}"]),
        (
            f"Notatka: łączę, świeżo\n{GOOD}".encode("cp1250"),
            ["format: {encoding: cp1250}", "format: {skip_lines: 1}"],
        ),
        (
            GOOD.replace(",", "\t").encode("utf-16"),
            ["format: {encoding: utf-16}", "format: {delimiter: tab}"],
        ),
    ],
)
def test_the_printed_line_lets_the_run_go_on(shop, content, lines):
    shop.file("a.csv", content)
    rows, followed = shop.settled()
    assert rows == ROWS
    assert len(followed) == len(lines)
    for got, wanted in zip(followed, lines, strict=True):
        assert yaml.safe_load(got) == yaml.safe_load(wanted)


@pytest.mark.parametrize(
    ("encoding", "sign"),
    [("cp1252", "€"), ("cp1251", "лв"), ("iso8859-15", "€"), ("cp1250", "zł"), ("cp1252", "£")],
)
@pytest.mark.parametrize("blank", ["", " ", "\u00a0"])
def test_the_sign_beside_amounts_tells_the_encoding(tmp_path, encoding, sign, blank):
    file = tmp_path / "a.csv"
    file.write_bytes(f"id;day;money\n1;2020-01-01;12,50{blank}{sign}\n".encode(encoding))
    found = sniff(file, None)
    assert not found.choices
    assert f"12,50{blank}{sign}" in file.read_bytes().decode(found.format["encoding"])


def test_columns_by_position_need_no_header(shop):
    shop.settings["columns"] = {"customer_id": "1", "ordered_at": "2", "amount": "3"}
    shop.file("a.csv", "7,2020-01-01,3.5\n8,2020-01-02,4\n")
    with pytest.raises(ConfigError) as caught:
        shop.read()
    assert [it.line for it in caught.value.choices] == ["format: {header: false}"]
    shop.settings = with_line(shop.settings, caught.value.choices[0].line)
    assert shop.read().table.count().execute() == 2


@pytest.mark.parametrize("name", ["MONEY", "Money"])
def test_a_name_in_other_letters_is_the_remedy(shop, name):
    shop.file("a.csv", GOOD.replace("money", name))
    with pytest.raises(ConfigError) as caught:
        shop.read()
    (choice,) = caught.value.choices
    assert choice.line == f"columns: {{amount: {name}}}"
    assert str(choice) in str(caught.value)
    shop.settings = with_line(shop.settings, choice.line)
    assert shop.read().table.count().execute() == 2


@pytest.mark.parametrize("odd", ["a.csv", "b.csv", "c.csv"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (GOOD.replace(",", ";"), {"delimiter": ";"}),
        (f"# exported\n{GOOD}", {"skip_lines": 1}),
        (GOOD.encode("utf-16"), {"encoding": "utf-16"}),
    ],
)
def test_a_line_for_one_file_of_several_names_it(shop, odd, content, said):
    for n, name in enumerate(("a.csv", "b.csv", "c.csv")):
        shop.file(name, content if name == odd else f"{GOOD}{n},2020-02-01,1\n")
    rows, followed = shop.settled()
    assert [yaml.safe_load(line) for line in followed] == [{"formats": {f"input/{odd}": said}}]
    assert len(rows) == 8


def test_a_line_for_all_files_names_none(shop):
    for n, name in enumerate(("a.csv", "b.csv")):
        shop.file(name, f"{GOOD}{n},2020-02-01,1\n".replace(",", ";"))
    _, followed = shop.settled()
    assert followed == ["format: {delimiter: ;}"]


def test_a_file_with_a_line_of_its_own_gets_another_one(shop):
    shop.settings["formats"] = {"input/*.csv": {"delimiter": "|"}}
    shop.file("a.csv", GOOD.replace(",", ";"))
    rows, followed = shop.settled()
    assert [yaml.safe_load(line) for line in followed] == [
        {"formats": {"input/a.csv": {"delimiter": ";"}}}
    ]
    assert rows == ROWS


# --- several files -------------------------------------------------------------


def test_a_folder_is_all_its_data_in_natural_order(shop):
    for n, name in enumerate(("o_10.csv", "o_2.csv", "O_1.TXT")):
        shop.file(name, GOOD + f"{n},2020-02-01,1\n")
    for name in (".hidden.csv", "~$o_1.csv", "read.md", ".lock"):
        shop.file(name, b"\x00no data")
    labels = [it.label for it in shop.read().files]
    assert labels == ["input/O_1.TXT", "input/o_2.csv", "input/o_10.csv"]


def test_files_folders_and_globs_in_one_list(shop):
    shop.file("a.csv", GOOD)
    shop.file("b.csv", GOOD + "3,2020-01-03,1\n")
    shop.settings["source"] = {"file": ["input/b.csv", "input", "input/*.csv"]}
    assert [(it.label, it.rows) for it in shop.read().files] == [
        ("input/a.csv", 2),
        ("input/b.csv", 3),
    ]


def test_the_reasons_beside_the_sales_are_no_sales(shop):
    shop.file("a.csv", GOOD)
    shop.file("reasons.csv", "customer_id,date,reason\n1,2020-01-01,price\n")
    shop.settings["reasons"] = "input/reasons.csv"
    assert [it.label for it in shop.read().files] == ["input/a.csv"]


def test_the_same_content_is_read_once(shop):
    shop.file("a.csv", GOOD)
    shop.file("b copy.csv", GOOD)
    shop.file("c.csv.gz", gzip.compress(GOOD.encode()))
    assert shop.rows() == ROWS
    assert [(it.label, it.rows, it.same_as) for it in shop.read().files] == [
        ("input/a.csv", 2, None),
        ("input/b copy.csv", 0, "input/a.csv"),
        ("input/c.csv.gz", 0, "input/a.csv"),
    ]


@pytest.mark.parametrize("empty", ["", "\n\n", "id,day,money\n"])
def test_an_empty_file_among_several(shop, empty):
    shop.file("a.csv", GOOD)
    shop.file("b.csv", empty)
    assert shop.rows() == ROWS
    file = shop.read().files[1]
    assert (file.label, file.rows) == ("input/b.csv", 0)
    assert file.lines == file.above + file.rows + file.continued + file.blank


def test_files_of_which_none_has_a_row(shop):
    shop.file("a.csv", "")
    shop.file("b.csv", "id,day,money\n")
    with pytest.raises(DataError, match="is empty"):
        shop.read()


def test_a_mapped_column_missing_in_one_file(shop):
    shop.file("a.csv", GOOD)
    shop.file("b.csv", GOOD.replace("money", "net"))
    with pytest.raises(ConfigError) as caught:
        shop.read()
    assert "b.csv has no column 'money', which `columns` maps for all files" in str(caught.value)
    assert caught.value.choices == ()


def test_columns_that_some_files_lack_are_null_there(shop):
    shop.file("a.csv", GOOD.replace("money\n", "money,via\n").replace("3\n", "3,web\n"))
    shop.file("b.csv", GOOD)
    raw = shop.read()
    assert [it.absent for it in raw.files] == [(), ("via",)]
    found = raw.table.via.value_counts().to_pyarrow().to_pydict()
    assert dict(zip(found["via"], found["via_count"], strict=True)) == {"web": 1, None: 3}


@pytest.mark.parametrize("name", ["Money", " MONEY ", "mo\u00adney", "money\xa0", "\ufeffmoney"])
def test_a_name_in_other_letters_loses_no_column(shop, name):
    shop.file("a.csv", GOOD)
    shop.file("b.csv", GOOD.replace("money", name) + "3,2020-01-03,7\n")
    if name == "mo\u00adney":  # another word, which nobody can know to be the same
        with pytest.raises(ConfigError, match="has no column 'money'"):
            shop.read()
        return
    assert [money for *_, money in shop.rows()] == ["3", "4.5", "3", "4.5", "7"]


# --- how a file is written is found out ----------------------------------------


@pytest.mark.skipif(not CASES.exists(), reason="the shared cases are not here")
@pytest.mark.parametrize("case", sorted(CASES.glob("*/*.csv")), ids=lambda it: it.parent.name)
def test_the_cases(case, engine, tmp_path):
    found = sniff(case, engine)
    assert found.format == {
        "hungarian-dates": {"delimiter": ";"},
        "title-rows-above-header": {"skip_lines": 3},
    }.get(case.parent.name, {})
    assert found.choices == ()
    raw = survey([case], lambda label: Format(**found.format), engine, tmp_path)
    assert raw.files[0].rows > 800
    assert raw.table.unreadable_line.count().execute() == 0
    assert [*raw.names] == found.names


@pytest.mark.skipif(not UCI.exists(), reason="the shared UCI Online Retail file is not here")
def test_uci(engine):
    found = sniff(UCI, engine)
    assert found.format == {}
    assert found.names[0] == "InvoiceNo"


def sniffed(tmp_path, engine, content, name="a.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return sniff(path, engine)


@pytest.mark.parametrize(
    ("content", "format_", "names"),
    [
        ("id;name;total\n1;x;2,50\n2;y;3,75\n", {"delimiter": ";"}, ["id", "name", "total"]),
        ('id,"a;b",c\n1,"x;y;z",3\n2,"u;v",4\n', {}, ["id", "a;b", "c"]),
        ("Total, EUR;Day\n2,50;2024-01-01\n3,75;2024-01-02\n", {"delimiter": ";"}, None),
        (
            "id  day   sum\n 1  2024-01-01  3\n 2  2024-01-02  4\n",
            {"delimiter": "whitespace"},
            None,
        ),
        ("a\tb c\td\n1\tx y\t2,5\n2\tz w\t3,5\n", {"delimiter": "\t"}, ["a", "b c", "d"]),
        ("sep=;\nid;x\n1;2\n2;3\n", {"delimiter": ";"}, ["id", "x"]),
        ("sep=;\nTitle;\nid;x\n1;2\n2;3\n", {"delimiter": ";", "skip_lines": 2}, ["id", "x"]),
        ("# made 2024\n# by us\nid,x\n1,2\n2,3\n", {"skip_lines": 2}, ["id", "x"]),
        (
            "Report;;\nPeriod;2024-01-01;2024-12-31\n\nid;day;sum\n1;2024-01-01;5\n2;2024-01-02;6\n",
            {"delimiter": ";", "skip_lines": 3},
            ["id", "day", "sum"],
        ),
        ("7,2020-01-01,3.5\n8,2020-01-02,4\n", {"header": False}, ["1", "2", "3"]),
        (" 001 19970101 1 11.77\n 002 19970112 5 77.00\n",) + (None, ["1", "2", "3", "4"]),
        ("id,x,\n1,2,\n2,3,\n", {}, ["id", "x", ""]),
        ("id,day\n1,2024-01-01", {}, ["id", "day"]),
    ],
)
def test_structure(tmp_path, engine, content, format_, names):
    found = sniffed(tmp_path, engine, content)
    if format_ is not None:
        assert found.format == format_
    else:
        assert found.format == {"delimiter": "whitespace", "header": False}
    assert names is None or found.names == names
    assert found.choices == ()


def test_an_open_encoding_is_a_choice(tmp_path, engine):
    content = "id,town\n1,Győr\n2,Pécs\n".encode("cp1250")
    found = sniffed(tmp_path, engine, content)
    means = {yaml.safe_load(it.line)["format"]["encoding"]: it.means for it in found.choices}
    assert "Győr" in means["cp1250"]
    assert found.format["encoding"] in means
    assert all(codecs.lookup(name) for name in means)


def test_no_text_is_not_sniffed(tmp_path, engine):
    with pytest.raises(DataError):
        sniffed(tmp_path, engine, b"")
    with pytest.raises(ConfigError):
        sniffed(tmp_path, engine, b"PAR1xx")


WORDS = ["świeże łąki", "róża żółta", "źdźbło trawy", "miód gęsty", "tea", "cup", "vase; red, big"]


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.sampled_from(WORDS), min_size=3, max_size=30),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1250", "utf-16", "utf-16-le", "iso8859-2"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    decimal=st.sampled_from([".", ","]),
    above=st.integers(0, 3),
    quoted=st.booleans(),
)
def test_what_is_written_is_found(
    rows, encoding, delimiter, decimal, above, quoted, tmp_path_factory, engine
):
    folder = tmp_path_factory.mktemp("sniffed")

    def cell(value):
        return f'"{value}"' if quoted or delimiter in value else value

    table = [["Klient", "Data", "Opis: różne", "Kwota"]]
    table += [
        [f"K{n}", f"0{n % 9 + 1}.01.2024", row, f"{n}{decimal}50"] for n, row in enumerate(rows)
    ]
    body = [delimiter.join(map(cell, row)) for row in table]
    content = "\n".join([*["Zestawienie sprzedaży"] * above, *body, ""])
    (folder / "a.csv").write_bytes(content.encode(encoding))
    found = sniff(folder / "a.csv", engine)
    if found.choices:
        named = [yaml.safe_load(it.line)["format"]["encoding"] for it in found.choices]
        assert any(content == content.encode(encoding).decode(name, "replace") for name in named)
        return
    format_ = Format(**found.format)
    raw = survey([folder / "a.csv"], lambda label: format_, engine, folder / "cache")
    assert [*raw.names] == table[0] == found.names
    got = raw.table.order_by("line_number").drop("source_file", "unreadable_line", "line_number")
    assert [list(row.values()) for row in got.to_pyarrow().to_pylist()] == table[1:]


def test_lines_that_a_delimiter_cannot_cut_are_no_blank_ones():
    lines = ["Report\n", *['"1";"2"\n'] * 3]
    assert head(lines, Format(header=False)).names == ["1"]
    assert head(lines, Format(header=False, delimiter=";")).names == ["1", "2"]
    assert head(lines[1:], Format(header=False)).names == ["1"]
