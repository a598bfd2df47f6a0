"""Web pages and XML of Excel 2003, as shop systems write them and call them `.xls`."""

import pytest

from retention_lib.errors import DataError
from tests.kinds import HEADER, Shop, rows_of

READ = [("a", "2024-01-02", "3", 2), ("b", "2024-01-03", "4,50", 3)]
BODY = (
    "<tr><th>id</th><th>day</th><th>money</th></tr>"
    "<tr><td>a</td><td>2024-01-02</td><td>3</td></tr>"
    "<tr><td>b</td><td>2024-01-03</td><td>4,50</td></tr>"
)


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def xml(*rows: str, start: str = '<?xml version="1.0"?>', name: str = "Sheet 1") -> str:
    return (
        f'{start}<?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
        ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="{name}"><Table>{"".join(rows)}</Table></Worksheet></Workbook>'
    )


def row(*cells: tuple[str, str] | str, index: str = "") -> str:
    typed = [cell if isinstance(cell, tuple) else ("String", cell) for cell in cells]
    inner = "".join(f'<Cell><Data ss:Type="{t}">{v}</Data></Cell>' for t, v in typed)
    return f"<Row{index}>{inner}</Row>"


@pytest.mark.parametrize(
    "page",
    [
        f"<table>{BODY}</table>",
        f"<html><head><title>3 < 4</title></head><body><TABLE border=1>{BODY}</TABLE></body>",
        f"<!DOCTYPE html><html><style>td {{a: b}}</style><table><tbody>{BODY}</tbody></table></html>",
        f'<?xml version="1.0"?><html xmlns="x"><table>{BODY}</table></html>',
        f"\n <!-- made by a shop --><table>{BODY.replace('</td>', '').replace('</tr>', '')}</table>",
        f"<table>{BODY.replace('<td>a</td>', '<td><b>&nbsp;a</b><br/></td>')}</table>",
    ],
)
def test_a_page_named_xls(shop, page):
    shop.text("a.xls", page)
    raw = shop.raw("a.xls")
    assert rows_of(raw) == READ
    assert (raw.files[0].lines, raw.files[0].above, raw.files[0].rows) == (3, 1, 2)
    assert shop.sniff("a.xls").names == HEADER


@pytest.mark.parametrize("encoding", ["cp1250", "iso-8859-2", "utf-8"])
def test_the_encoding_that_a_page_names(shop, encoding):
    body = BODY.replace("<td>a</td>", "<td>Łódź</td>")
    page = f'<html><meta http-equiv=Content-Type content="text/html; charset={encoding}">{body}'
    shop.text("a.xls", page.replace(body, f"<table>{body}</table>"), encoding)
    assert shop.rows("a.xls")[0][0] == "Łódź"
    assert shop.sniff("a.xls").format == {}


def test_a_page_that_names_the_wrong_encoding_stops(shop):
    body = BODY.replace("<td>a</td>", "<td>Żółć w Łodzi, gęś i ślimak</td>")
    shop.text("a.xls", f'<meta charset="utf-8"><table>{body}</table>', "cp1250")
    stop = shop.stopped("a.xls")
    line = next(it for it in stop.choices if "cp1250" in it.line)
    assert rows_of(shop.after(line, "a.xls"))[0][0] == "Żółć w Łodzi, gęś i ślimak"
    sniffed = shop.sniff("a.xls")
    assert sniffed.format["encoding"] == "cp1250" or str(line) in map(str, sniffed.choices)


def test_cells_over_several_columns_and_rows(shop):
    page = (
        "<table><tr><td colspan=3>Report</td></tr><tr><th>id<th>day<th>money</tr>"
        "<tr><td rowspan=2>a</td><td>2024-01-02</td><td rowspan=2>3</td></tr>"
        "<tr><td>2024-01-03</td></tr>"
        "<tr><td colspan=2>b</td><td>4</td></tr></table>"
    )
    shop.text("a.xls", page)
    raw = shop.after(shop.stopped("a.xls").choices[0], "a.xls")
    assert rows_of(raw) == [
        ("a", "2024-01-02", "3", 3),
        ("a", "2024-01-03", None, 4),
        ("b", None, "4", 5),
    ]


def test_tables_within_a_page_are_chosen_by_their_place(shop):
    other = "<table><tr><td>x</td><td>y</td></tr><tr><td>1</td><td>2</td></tr></table>"
    layout = f"<table><tr><td>Menu</td><td><table>{BODY}</table></td></tr></table>"
    shop.text("a.html", f"<body>{other}{layout}")
    stop = shop.stopped("a.html")
    assert [it.line for it in stop.choices] == ["format: {sheet: '1'}", "format: {sheet: '3'}"]
    assert rows_of(shop.after(stop.choices[1], "a.html")) == READ


def test_a_page_without_a_table(shop):
    shop.text("a.xls", "<html><body>Session expired</body></html>")
    assert "holds no rows" in str(shop.stopped("a.xls", DataError))


def test_huge_spans_and_broken_markup_end(shop):
    page = f"<table>{BODY}<tr><td colspan=99999999 rowspan=99999999>x</td></tr><tr><td"
    shop.text("a.xls", page)
    assert rows_of(shop.raw("a.xls"))[:2] == READ


# --- XML of Excel 2003 ---------------------------------------------------------


def test_xml_of_texts(shop):
    """As Magento writes it."""
    shop.text(
        "a.xls", xml(row(*HEADER), row("a", "2024-01-02", "3"), row("b", "2024-01-03", "4,50"))
    )
    assert rows_of(shop.raw("a.xls")) == READ
    assert shop.sniff("a.xls").names == HEADER


def test_xml_of_values(shop):
    day = ("DateTime", "2024-01-02T00:00:00.000")
    rows = [
        row(*HEADER),
        row("007", day, ("Number", "3.50"), ("Boolean", "1")),
        row("b", day, ("Error", "#N/A")),
    ]
    shop.text("a.xml", xml(*rows))
    assert shop.rows("a.xml") == [("007", "2024-01-02", "3.5", 2), ("b", "2024-01-02", None, 3)]


def test_xml_leaves_out_empty_rows_and_cells(shop):
    cell = '<Cell ss:Index="3"><Data ss:Type="Number">3</Data></Cell>'
    rows = [row(*HEADER), row("a", "2024-01-02", "1", index=' ss:Index="4"'), f"<Row>{cell}</Row>"]
    shop.text("a.xls", xml(*rows))
    assert shop.rows("a.xls") == [("a", "2024-01-02", "1", 4), (None, None, "3", 5)]


@pytest.mark.parametrize("encoding", ["utf-16", "windows-1250", "iso-8859-2"])
def test_xml_in_the_encoding_it_names(shop, encoding):
    start = f'<?xml version="1.0" encoding="{encoding}"?>'
    shop.text("a.xls", xml(row(*HEADER), row("Łódź", "2024-01-02", "1"), start=start), encoding)
    assert shop.rows("a.xls") == [("Łódź", "2024-01-02", "1", 2)]


def test_entities_of_xml_are_refused(shop):
    start = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;">]>'
    shop.text("a.xls", xml(row(*HEADER), row("&y;", "2024-01-02", "1"), start=start))
    assert "it defines entities" in str(shop.stopped("a.xls"))


def test_xml_that_is_cut_off(shop):
    shop.text("a.xls", xml(row(*HEADER), row("a", "b", "c"))[:-40])
    stop = str(shop.stopped("a.xls"))
    assert "cannot be read" in stop and "save it as .xlsx" in stop
