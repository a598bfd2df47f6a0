"""The report as a browser shows it; skipped where no browser is found."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import executed as made
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from retention_lib.report import render

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="needs chromium or google-chrome")

WIDE, PHONE = (1280, 820), (360, 780)
CLEAR = "rgba(0, 0, 0, 0) 0px 0px 0px 0px"  # the shadow at the start of its animation
CONTRAST = """
() => {
  const light = c => { const v = c.match(/[\\d.]+/g).slice(0, 3).map(x => x / 255)
    .map(x => x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4);
    return .2126 * v[0] + .7152 * v[1] + .0722 * v[2]; };
  const ground = e => { for (; e; e = e.parentElement) {
    const c = getComputedStyle(e).backgroundColor; if (!c.endsWith(', 0)')) return c; }
    return 'rgb(255, 255, 255)'; };
  const texts = [...document.querySelectorAll('body *')].filter(
    e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
  return texts.map(e => { const a = light(getComputedStyle(e).color), b = light(ground(e));
    return [e.textContent.slice(0, 40), (Math.max(a, b) + .05) / (Math.min(a, b) + .05)]; })
    .filter(([, ratio]) => ratio < 4.5);
}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=BROWSER, args=quiet)
        yield running
        running.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("report")
    file = folder / "report.html"
    file.write_text(render(made.suite(folder), made.page()), encoding="utf-8")
    return file.as_uri()


@pytest.fixture(params=[WIDE, PHONE], ids=["desktop", "phone"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    return request.param


@pytest.fixture
def page(browser: Browser, report: str, size: tuple[int, int]) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": size[0], "height": size[1]})
    opened.goto(report)
    yield opened
    opened.close()


def test_it_asks_for_nothing_but_itself_and_logs_nothing(browser: Browser, report: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    logged: list[str] = []
    page.on("request", lambda request: asked.append(request.url.split(":")[0]))
    page.on("console", lambda message: logged.append(message.text))
    page.on("pageerror", lambda error: logged.append(str(error)))
    page.goto(report)
    page.wait_for_load_state("networkidle")
    assert asked.count("file") == 1 and set(asked) <= {"file", "data"}
    assert logged == []


def test_nothing_sticks_out_sideways(page: Page, size: tuple[int, int]) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]


def test_every_picture_is_drawn_and_has_words(page: Page) -> None:
    pictures = page.evaluate("[...document.images].map(i => [i.naturalWidth, i.alt.trim()])")
    assert len(pictures) == 5
    assert all(width > 0 and alt for width, alt in pictures)


def test_contents_lead_to_their_chapters(page: Page) -> None:
    page.locator("nav a", has_text="What is each customer worth?").click()
    heading = page.locator("h2#clv")
    assert abs(heading.bounding_box()["y"]) < 60
    assert page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')]"
        ".every(a => document.getElementById(a.hash.slice(1)))"
    )


def test_text_stands_out_from_its_ground(page: Page) -> None:
    assert page.evaluate(CONTRAST) == []


def test_the_first_screen_holds_every_figure_on_a_desktop(
    page: Page, size: tuple[int, int]
) -> None:
    last = page.locator(".headline").last.bounding_box()
    if size == WIDE:
        assert last["y"] + last["height"] < WIDE[1]
    else:
        assert last["width"] <= PHONE[0]


def test_the_skip_link_shows_when_it_has_the_focus(page: Page) -> None:
    skip = page.locator(".skip")
    assert skip.bounding_box()["x"] < 0
    page.keyboard.press("Tab")
    assert skip.bounding_box()["x"] == 0


def test_it_prints_on_paper(browser: Browser, report: str) -> None:
    page = browser.new_page()
    page.goto(report)
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    assert 3 <= pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page/") <= 16


# --- tables wider than the screen -----------------------------------------------------


def scrolled(page: Page, by: int) -> Locator:
    """Return the first table's frame, scrolled sideways."""
    frame = page.locator(".table").first
    frame.evaluate("(frame, by) => { frame.scrollLeft = by; }", by)
    page.wait_for_timeout(100)
    return frame


def darkest(page: Page, frame: Locator, side: str) -> int:
    """Return the darkest grey at a frame's edge, between the lines of the table's first row."""
    frame.scroll_into_view_if_needed()
    box, row = frame.bounding_box(), frame.locator("tbody tr").first.bounding_box()
    left = box["x"] + (box["width"] - 4 if side == "right" else 0)
    clip = {"x": left, "y": row["y"] + 3, "width": 4, "height": 5}
    with Image.open(io.BytesIO(page.screenshot(clip=clip))) as picture:
        return picture.convert("L").getextrema()[0]


def test_a_shadow_stands_where_more_is_hidden(page: Page, size: tuple[int, int]) -> None:
    start, end = scrolled(page, 0), 9999
    assert (darkest(page, start, "right") < 240) == (size == PHONE)
    assert darkest(page, scrolled(page, end), "right") == 255


def test_the_first_column_stays_in_place(page: Page, size: tuple[int, int]) -> None:
    cells = page.locator(".table").first.locator("tr > :first-child:not([colspan='5'])")
    before = [cells.nth(at).bounding_box()["x"] for at in range(cells.count())]
    shadow = "cell => getComputedStyle(cell).boxShadow"
    assert len(before) == 6 and cells.last.evaluate(shadow) in ("none", CLEAR)
    frame = scrolled(page, 90)
    assert frame.evaluate("frame => frame.scrollLeft") == (90 if size == PHONE else 0)
    assert [cells.nth(at).bounding_box()["x"] for at in range(cells.count())] == before
    if size == PHONE:
        assert cells.last.evaluate(shadow) not in ("none", CLEAR)


def test_no_column_stays_where_an_index_spans_rows(browser: Browser, tmp_path: Path) -> None:
    index = pd.MultiIndex.from_product([["a", "b"], ["x", "y"]])
    frame = pd.DataFrame(index=index, columns=[f"column {at}" for at in range(20)], data=1234)
    shown = [made.prose("# T"), made.code(made.html(frame.to_html()))]
    file = tmp_path / "report.html"
    file.write_text(render([made.write(tmp_path, "01_x.ipynb", *shown)], made.page()), "utf-8")
    page = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]})
    page.goto(file.as_uri())
    kinds = "cells => cells.map(cell => getComputedStyle(cell).position)"
    assert set(page.locator(".table :is(th, td)").evaluate_all(kinds)) == {"static"}


def test_paper_has_no_shadow_and_nothing_sticks(page: Page) -> None:
    page.emulate_media(media="print")
    frame = page.locator(".table").first
    assert frame.evaluate("frame => getComputedStyle(frame).backgroundImage") == "none"
    cell = frame.locator("tbody tr > :first-child").first
    kinds = "cell => [getComputedStyle(cell).position, getComputedStyle(cell).boxShadow]"
    assert cell.evaluate(kinds) == ["static", "none"]
