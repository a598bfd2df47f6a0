"""The demo client varied: the same as a whole run on its export, filtered beforehand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from retention_lib.client import clients_folder
from retention_lib.study import Study
from tests.test_variants import assert_equal, full


@pytest.mark.slow
def test_the_demo_is_the_same_filtered_before_or_after_it_is_read(
    demo: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its hundred largest customers, and of one channel, in every figure."""
    client, source = demo.client, demo.client.folder / "input"
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    largest = demo.largest(100).to_pandas()["customer_id"]
    for slug, variant, keeps in (
        ("rest", demo.without(demo.largest(100)), lambda t: ~t["Nr klienta"].isin(largest)),
        ("www", demo.where(channel="strona www"), lambda t: t["Kanał"] == "strona www"),
    ):
        folder = clients_folder() / slug
        (folder / "input").mkdir(parents=True)
        text = (client.folder / "client.yaml").read_text("utf-8")
        text = text.replace("source: {demo: 7}", "source: {file: input/zamowienia_*.csv}")
        (folder / "client.yaml").write_text(text, "utf-8")
        shutil.copy(client.folder / "definitions.yaml", folder)
        for file in source.glob("*.csv"):
            if file.name.startswith("zamowienia_"):
                table = pd.read_csv(file, sep=";", dtype=str, encoding="cp1250", na_filter=False)
                out = folder / "input" / file.name
                table[keeps(table)].to_csv(out, sep=";", index=False, encoding="cp1250")
            else:
                shutil.copy(file, folder / "input")
        assert_equal(variant, full(slug, tmp_path, str(demo.as_of)))
