import re
from itertools import pairwise
from pathlib import Path

import executed as made
import pytest
from bs4 import BeautifulSoup

from retention_lib.errors import RetentionError
from retention_lib.report import render

CSP = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    return render(made.suite(tmp_path_factory.mktemp("suite")), made.page())


@pytest.fixture(scope="module")
def soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def one(folder: Path, *cells: object, name: str = "01_x.ipynb", **page: object) -> BeautifulSoup:
    """Render a report of one notebook."""
    return BeautifulSoup(
        render([made.write(folder, name, *cells)], made.page(**page)), "html.parser"
    )


# --- the whole page -------------------------------------------------------------


def test_page_forbids_everything_but_itself(html: str, soup: BeautifulSoup) -> None:
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert policy["content"] == CSP
    assert not soup.find_all(["script", "link", "iframe", "object", "base", "form"])
    assert all(image["src"].startswith("data:image/png;base64,") for image in soup("img"))
    assert "url(" not in html and "@import" not in html and "mathjax" not in html.lower()


def test_page_is_small_enough_to_send(html: str) -> None:
    assert len(html.encode()) < 1_500_000


def test_code_streams_reprs_and_tracebacks_stay_out(html: str, tmp_path: Path) -> None:
    for hidden in ("secret_source", "A warning nobody should read", "repr>", "<Figure", "In ["):
        assert hidden not in html
    error = made.new_output("error", ename="ValueError", evalue="oh no", traceback=["line 1"])
    assert "oh no" not in str(one(tmp_path, made.prose("# T"), made.code(error)))


def test_language_is_declared_and_first_link_skips(soup: BeautifulSoup) -> None:
    assert soup.html["lang"] == "en"
    assert soup.body.find("a")["href"] == "#main"
    assert soup.find(id="main").name == "main"


def test_headings_go_down_one_level_at_a_time(soup: BeautifulSoup) -> None:
    levels = [int(heading.name[1]) for heading in soup.find_all(re.compile(r"^h[1-6]$"))]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


def test_ids_are_unique_and_anchors_resolve(soup: BeautifulSoup) -> None:
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    anchors = {link["href"][1:] for link in soup("a") if link["href"].startswith("#")}
    assert anchors <= set(ids)
    assert "clv" in anchors, "a link to another notebook leads to its chapter"
    labels = {name for tag in soup(True) for name in tag.get("aria-labelledby", "").split()}
    assert labels <= set(ids)


def test_contents_list_names_every_chapter_and_section(soup: BeautifulSoup) -> None:
    entries = [link.get_text() for link in soup.find("nav").find_all("a")]
    assert entries[0] == "1Can the records be trusted?"
    assert entries.count("What is special about chapter 5?") == 1
    assert "What are the limits?" not in entries, "a heading of every chapter guides nobody"


def test_cells_for_the_analyst_only_are_left_out(tmp_path: Path) -> None:
    hidden = made.prose("## What is handed on?")
    hidden.metadata["tags"] = ["not-in-report"]
    soup = one(tmp_path, made.prose("# T"), hidden, made.prose("## Kept"))
    assert [heading.get_text() for heading in soup("h3")] == ["Kept"]


def test_first_screen_says_value_range_meaning_and_certainty(soup: BeautifulSoup) -> None:
    first = soup.find(class_="headline").get_text(" ", strip=True)
    for part in (
        "Returning buyers who came back",
        "55 %",
        "54 to 56 %",
        "Nearly half of an established base",
        "firm",
        "no clear change since 31 March 1998",
    ):
        assert part in first
    changes = [len(line.select(".change")) for line in soup(class_="headline")]
    assert changes == [1, 1, 0, 0, 0, 0], "a change that is not known takes no room"
    assert [item.get_text() for item in soup.find(class_="actions").find_all("li")] == made.ACTIONS
    assert "25 March 1997" in soup.find(class_="banner").get_text()


def test_more_than_six_headlines_are_refused() -> None:
    with pytest.raises(RetentionError, match="at most 6"):
        render([], made.page(headlines=made.HEADLINES * 2))


def test_footer_names_provenance_and_own_notebooks(tmp_path: Path) -> None:
    soup = one(tmp_path, made.prose("# T"), own_notebooks=["03_retention_rate.ipynb"])
    footer = soup.find("footer").get_text(" ", strip=True)
    assert "4f0c2ab91d7e" in footer and "03_retention_rate.ipynb" in footer


def test_nothing_to_say_leaves_no_empty_headings(tmp_path: Path) -> None:
    soup = one(tmp_path, made.prose("# T"), banner=[], headlines=[], actions=[])
    assert not soup.find(class_="figures") and not soup.find(class_="actions")


# --- figures ------------------------------------------------------------------


def test_every_figure_has_its_alternative_text_and_size(soup: BeautifulSoup) -> None:
    images = soup("img")
    assert len(images) == 5
    assert all(image["alt"].startswith("Curve: half of those") for image in images)
    assert all(int(image["width"]) == 1400 and int(image["height"]) == 800 for image in images)


def test_alternative_text_is_escaped(tmp_path: Path) -> None:
    alt = f'"quoted" {HOSTILE}'
    image = one(tmp_path, made.code(made.picture(alt))).find("img")
    assert image["alt"] == alt and set(image.attrs) == {"src", "width", "height", "alt"}


@pytest.mark.parametrize("alt", [None, "", "  \n"])
def test_a_figure_without_alternative_text_fails_loudly(alt: str | None, tmp_path: Path) -> None:
    with pytest.raises(RetentionError, match=r"code cell 2 of 01_x\.ipynb.*alternative text"):
        one(tmp_path, made.prose("# T"), made.code(), made.code(made.picture(alt)))


def test_a_picture_that_is_not_png_fails_loudly(tmp_path: Path) -> None:
    svg = made.new_output("display_data", {"image/svg+xml": "<svg/>"})
    with pytest.raises(RetentionError, match="svg"):
        one(tmp_path, made.code(svg))


def test_a_broken_picture_fails_loudly(tmp_path: Path) -> None:
    with pytest.raises(RetentionError, match="PNG"):
        one(tmp_path, made.code(made.picture("alt", data="aGVsbG8=")))


# --- prose ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["cell", "sentence", "heading"])
def test_markup_in_prose_is_inert_text(kind: str, tmp_path: Path) -> None:
    cells = {
        "cell": made.prose(f"Shop {HOSTILE}"),
        "sentence": made.code(made.says(f"Shop {HOSTILE}")),
        "heading": made.prose(f"# Shop {HOSTILE}\n\n## Shop {HOSTILE}"),
    }
    soup = one(tmp_path, cells[kind])
    assert not soup("script") and not soup("img")
    assert "<script>alert(1)</script>" in soup.get_text()


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "other.csv", "#x"]
)
def test_links_lead_to_the_web_or_a_chapter_only(target: str, tmp_path: Path) -> None:
    soup = one(tmp_path, made.prose(f"# T\n\nsee [here]({target})"))
    assert "see here" in soup.find(class_="chapter").get_text()
    assert not soup.find(class_="chapter").find("a")


def test_a_link_to_the_web_stays(tmp_path: Path) -> None:
    link = one(tmp_path, made.prose("# T\n\n[x](https://example.org/a?b=1&c=2)")).select_one("p a")
    assert link["href"] == "https://example.org/a?b=1&c=2"
    assert "noopener" in link["rel"]


def test_pictures_in_prose_ask_for_nothing(tmp_path: Path) -> None:
    soup = one(tmp_path, made.prose("# T\n\n![a map](https://example.org/map.png)"))
    assert not soup("img") and "a map" in soup.get_text()


def test_a_notebook_without_title_is_named_by_its_file(tmp_path: Path) -> None:
    soup = one(tmp_path, made.prose("Hello"), name="02_cycle_detection.ipynb")
    assert soup.find(id="cycle-detection").get_text() == "2Cycle detection"


# --- tables ---------------------------------------------------------------------


def test_tables_have_caption_scopes_and_a_frame_that_scrolls(soup: BeautifulSoup) -> None:
    frame = soup.find(class_="table")
    assert frame["tabindex"] == "0" and frame["role"] == "region"
    assert "Who the customers are now" in frame.table.caption.get_text()
    assert frame["aria-labelledby"] == frame.table.caption["id"]
    assert not frame.select("tr.gt_heading")
    assert {cell["scope"] for cell in frame("th")} == {"col", "row"}
    assert "gt_right" in frame.find("td", string="5,994")["class"]


def test_client_strings_in_tables_are_inert(soup: BeautifulSoup) -> None:
    frame = soup.find(class_="table")
    assert frame.find("th", string="<b>bold</b>") and not frame("b")


def test_hostile_html_output_keeps_its_text_only(tmp_path: Path) -> None:
    hostile = (
        f"<style>*{{display:none}}</style><table onclick='x()'><tr style='position:fixed'>"
        f"<td class='skip gt_right' id='main'>{HOSTILE}safe<a href='https://example.org'>x</a>"
        "</td></tr></table><form><input></form>"
    )
    soup = one(tmp_path, made.prose("# T"), made.code(made.html(hostile)))
    cell = soup.find(class_="table").td
    assert cell.attrs == {"class": ["gt_right"]} and cell.get_text() == "safex"
    assert not soup(["script", "img", "form", "input"]) and "display:none" not in str(soup)
    assert not soup.table.attrs and not soup.tr.attrs


def test_a_markdown_table_is_framed_too(tmp_path: Path) -> None:
    soup = one(tmp_path, made.prose("# T\n\n| a | b |\n|---|--:|\n| 1 | 2 |"))
    assert soup.find(class_="table").th["scope"] == "col"


TABLES = {
    "pandas": "<table><thead><tr><th></th><th>{}</th></tr></thead><tr><td>1</td></tr></table>",
    "transposed": "<table><tr><th>a</th><td>1</td></tr><tr><th>{}</th><td>2</td></tr></table>",
    "plain": "<div><table><tr><td> {}</td></tr><tr><td>7</td></tr></table></div>",
}


@pytest.mark.parametrize("form", TABLES)
@pytest.mark.parametrize("name", ["customer_id", "Customer ID", "klient"])
def test_a_table_of_ids_is_refused(form: str, name: str, tmp_path: Path) -> None:
    cell = made.code(made.html(TABLES[form].format(name)))
    own = {"own_notebooks": ["07_mine.ipynb"], "id_columns": ["klient"]}
    with pytest.raises(RetentionError, match=rf"07_mine\.ipynb.*'{name}'.*`not-in-report`"):
        one(tmp_path, made.prose("# T"), cell, name="07_mine.ipynb", **own)
    cell.metadata["tags"] = ["not-in-report"]
    assert not one(tmp_path, made.prose("# T"), cell, name="07_mine.ipynb", **own)("table")


def test_a_table_of_ids_in_prose_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RetentionError, match="customer_id"):
        one(tmp_path, made.code(made.says("| customer_id | n |\n|---|---|\n| 7 | 1 |")))


def test_a_clients_name_of_a_column_forbids_no_table_of_the_library(tmp_path: Path) -> None:
    soup = one(tmp_path, made.prose("# T"), made.code(made.table()), id_columns=["Customers"])
    assert soup.find("th", string="Customers")


def test_ids_as_a_value_are_no_header(tmp_path: Path) -> None:
    mapping = "<table><tr><th>Column</th></tr><tr><td>customer_id</td></tr></table>"
    assert one(tmp_path, made.prose("# T"), made.code(made.html(mapping))).find("table")


# --- what cannot be read -----------------------------------------------------------


def test_a_broken_notebook_is_named(tmp_path: Path) -> None:
    (tmp_path / "01_x.ipynb").write_text("{")
    with pytest.raises(RetentionError, match=r"01_x\.ipynb"):
        render([tmp_path / "01_x.ipynb"], made.page())
