"""What a page may weigh on its way to the reader."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
from browser.site import SITE

KILOBYTES = 700  # compressed, with the frames of all explorers


def too_heavy(site: Path) -> dict[str, int]:
    """Return the pages over the budget, with their weights in kilobytes."""
    weights = {path.name: len(gzip.compress(path.read_bytes())) // 1000 for path in site.glob("chapters/*.html")}
    assert weights, f"no page in {site}: run `make book` first"
    return {page: weight for page, weight in weights.items() if weight > KILOBYTES}


def test_no_page_is_too_heavy() -> None:
    assert too_heavy(SITE) == {}


def test_heavy_page_is_found(tmp_path: Path) -> None:
    (tmp_path / "chapters").mkdir()
    noise = np.random.default_rng(0).bytes(800_000)  # nothing makes it smaller
    (tmp_path / "chapters" / "light.html").write_bytes(noise[:600_000])
    (tmp_path / "chapters" / "heavy.html").write_bytes(noise)
    assert too_heavy(tmp_path) == {"heavy.html": 800}
