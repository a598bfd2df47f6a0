"""A report in the pseudo-language: whatever stands in plain letters was never translated."""

from __future__ import annotations

import datetime
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from babel.dates import get_day_names, get_month_names
from bs4 import BeautifulSoup, NavigableString
from bs4.element import PreformattedString
from great_tables import GT
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_output

from retention_lib import report
from retention_lib.client import load_client, load_definitions, project_root
from retention_lib.plots import style
from retention_lib.runner.page import page
from retention_lib.runner.record import manifest, merge
from retention_lib.study import Study
from retention_lib.words import display
from retention_lib.words.clv.customers_file import COLUMNS
from tests.figures import texts, unreadable
from tests.notebooks.running import NOTEBOOKS, run
from translations.catalogues import write_pseudo
from translations.extraction import collected
from translations.pseudo import LANGUAGE

SAID_ALOUD = {"alt", "title", "aria-label", "placeholder", "summary"}
# what stays as it is: names of models and of their authors, units of money and of big numbers
NAMES = {"BG", "MBG", "NBD", "Pareto", "sBG", "Gamma", "PLN", "USD", "SHA", "US"}
NO_WORDS = re.compile(
    r"https?://[^\s)]+|`[^`]*`|columns: \\?\{[^}]*\}|\w+…|C-[\dA-F]{5}-[\dA-F]{5}"
)
DAYS = set(get_day_names("abbreviated", locale="en_GB").values())
MONTHS = {
    name.strip(".")
    for width in ("wide", "abbreviated")
    for name in get_month_names(width, locale="en_GB").values()
}
YAML = """\
name: "77"
source: {file: sales.csv}
columns: {customer_id: "1", ordered_at: "2", amount: "3", channel: "4", product: "5"}
format: {header: false}
currency: USD
language: qps
locale: en_GB
economics: {margin: 0.3}
"""


@pytest.fixture(scope="session")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("locale")
    write_pseudo(collected(Path(__file__).parents[2]), folder)
    return folder


def small(root: Path) -> str:
    """A shop of two channels and ten products whose customers buy at their own pace, and leave."""
    folder = root / "data" / "clients" / "small"
    folder.mkdir(parents=True)
    start = datetime.date(2022, 1, 1)
    rows = [
        f"{who},{start + datetime.timedelta(day)},{5 + who % 17}.50,{who % 2},{(who + day) % 10}"
        for who in range(300)
        for day in range(who * 3 % 700, 300 + who * 7 % 700, 20 + who % 60)
    ]
    (folder / "client.yaml").write_text(YAML, encoding="utf-8")
    (folder / "sales.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return "small"


def demo(root: Path) -> str:
    """The bundled client, all but its language as it is."""
    folder = root / "data" / "clients" / "demo"
    folder.mkdir(parents=True)
    own = Path(__file__).parents[2] / "data" / "clients" / "demo"
    text = (own / "client.yaml").read_text(encoding="utf-8")
    (folder / "client.yaml").write_text(
        text.replace("language: en ", f"language: {LANGUAGE} "), encoding="utf-8"
    )
    generator = Path(__file__).parents[2] / "data" / "demo.py"
    (root / "data" / "demo.py").write_bytes(generator.read_bytes())
    return "demo"


@dataclass(frozen=True)
class Rendered:
    """A report, what is wrong with the texts of its figures, and the words of the client."""

    html: str
    figures: list[str]
    known: set[str]


@pytest.fixture(
    scope="module",
    params=[pytest.param(of, marks=pytest.mark.slow) for of in (small, demo)],
    ids=["small", "demo"],
)
def rendered(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, catalogues: Path
) -> Rendered:
    """Run all notebooks in this process, in the pseudo-language, and make their report."""
    root, faults, shown = tmp_path_factory.mktemp("root"), list[str](), list[Any]()
    slug, current, picture = request.param(root), [""], style.png(Figure(figsize=(0.1, 0.1)))

    def looked_at(figure: Figure) -> bytes:
        faults.extend(f"{current[0]}: {fault}" for fault in _faults(figure, known))
        return picture

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RETENTION_ROOT", str(root))
        patch.setenv("RETENTION_LOCALE", str(catalogues))
        patch.setattr(style, "png", looked_at)
        patch.setattr(style, "display", lambda data, **kw: shown.append((data, kw)))
        patch.setattr(display, "display", shown.append)
        known, stage = own_words(slug), root / "stage"
        (stage / "private" / "notebooks").mkdir(parents=True)
        for path in NOTEBOOKS:
            current[0] = path.stem
            _write(path, run(path, slug, shown, str(stage)), stage)
        return Rendered(_page(slug, stage), faults, known)


def _faults(figure: Figure, known: set[str]) -> Iterator[str]:
    """Yield what is wrong with a figure's texts, and its title."""
    title = " ".join(figure.axes[0].get_title(loc="left").split())
    with warnings.catch_warnings(record=True) as warned:
        found = unreadable(figure)
    found += [str(it.message) for it in warned]
    found += [
        f"untranslated: {text!r}"
        for ax in figure.axes
        for text in texts(ax)
        if untranslated(text, known)
    ]
    yield from (f"{title}: {fault}" for fault in found)


def test_nothing_is_left_untranslated(rendered: Rendered) -> None:
    left = [f"{where}: {text!r}" for where, text in plain_words(rendered.html, rendered.known)] + [
        fault for fault in rendered.figures if "untranslated" in fault
    ]
    assert not left, "\n".join(dict.fromkeys(left))


def test_no_figure_is_cut_off_or_covered(rendered: Rendered) -> None:
    faults = [fault for fault in rendered.figures if "untranslated" not in fault]
    assert not faults, "\n".join(faults)


def own_words(slug: str) -> set[str]:
    """Return the words that are the client's: its name, its files' names, and what stands in them."""
    study = Study.open(slug)  # which generates the files, if it has to
    study.close()
    client = load_client(slug)
    files = list(client.folder.rglob("*.csv"))
    texts = [file.read_bytes().decode("cp1250") for file in files]
    names = [file.relative_to(client.folder).as_posix() for file in files]
    return words(f"{client.name} {slug} {' '.join(names + texts)}")


def words(text: str) -> set[str]:
    """Return a text's words, without addresses, code, lines of YAML and customers' codes."""
    return set(re.findall(r"[A-Za-z]{2,}", NO_WORDS.sub("", text)))


def untranslated(text: str, known: set[str]) -> set[str]:
    """Return the words of a text in plain letters that are nobody's name."""
    return set() if text in COLUMNS else words(text) - known - NAMES - MONTHS - DAYS


def plain_words(html: str, known: set[str]) -> Iterator[tuple[str, str]]:
    """Yield where on a page plain words stand, and the text."""
    soup = BeautifulSoup(html, "html.parser")
    for string in soup.find_all(string=True):
        hidden = isinstance(string, PreformattedString) or string.parent.name in ("style", "code")
        if not hidden and untranslated(str(string), known):
            yield f"<{string.parent.name}>", " ".join(str(NavigableString(string)).split())
    for tag in soup.find_all(True):
        for name in SAID_ALOUD & set(tag.attrs):
            if untranslated(str(tag[name]), known):
                yield f"<{tag.name} {name}>", str(tag[name])


def _write(path: Path, outputs: list[Any], stage: Path) -> None:
    """Write a notebook as a run leaves it: its Markdown, and all it showed in its last cell."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    kept = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    notebook.cells = [*kept, new_code_cell(outputs=[_output(it) for it in outputs])]
    nbformat.write(notebook, stage / "private" / "notebooks" / path.name)  # type: ignore[no-untyped-call]


def _output(shown: Any) -> Any:
    if isinstance(shown, tuple):
        return new_output("display_data", shown[0], metadata=shown[1]["metadata"])
    if isinstance(shown, pd.DataFrame):
        return new_output("display_data", {"text/html": shown.to_html()})
    kind = "text/html" if isinstance(shown, GT) else "text/markdown"
    said = shown.as_raw_html() if isinstance(shown, GT) else shown.data
    return new_output("display_data", {kind: said})


def _page(slug: str, stage: Path) -> str:
    """Return the report of what was staged, all that names files and versions left out."""
    client = load_client(slug)
    study = Study.open(slug, run=str(stage))
    prepared = study.prepared
    study.close()
    results = merge(client, prepared.as_of, stage)
    record = manifest(client, prepared, load_definitions(client), {}, NOTEBOOKS, {})
    record |= {"versions": {}, "files": [], "fingerprint": "0", "own_notebooks": ["0", "1"]}
    first = page(client, results, record, lambda texts: ())
    executed = sorted((stage / "private" / "notebooks").glob("*.ipynb"))
    assert project_root() != Path(__file__).parents[2]
    return report.render(executed, first)
