"""Picture every page of the built book, wide and phone-narrow, light and dark, in slices that are easy to look at.

python tests/browser/screenshots.py [pages whose name contains this]
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser.site import NARROW, ROOT, WIDE, chromium, pages, served, visit
from tqdm import tqdm

TARGET = ROOT / "_build" / "screenshots"
SLICE = 1600  # height in pixels


def main(wanted: str = "") -> None:
    """Write _build/screenshots/<page>-<width>-<theme>-<slice>.png."""
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    views = [(width, dark) for width in (WIDE, NARROW) for dark in (False, True)]
    jobs = [(page, width, dark) for page in pages() if wanted in page for width, dark in views]
    with chromium() as browser, served() as base:
        for page, width, dark in tqdm(jobs, unit="view"):
            with visit(browser, base, page, width=width, dark=dark) as visited:
                name = f"{Path(page).stem}-{'wide' if width == WIDE else 'narrow'}-{'dark' if dark else 'light'}"
                visited.page.set_viewport_size({"width": width, "height": SLICE})
                height = visited.page.evaluate("document.documentElement.scrollHeight")
                for i, top in enumerate(range(0, height, SLICE)):
                    visited.page.evaluate(f"window.scrollTo({{top: {top}, behavior: 'instant'}})")
                    visited.page.screenshot(path=TARGET / f"{name}-{i:02}.png")
    print(f"{len(list(TARGET.iterdir()))} pictures in {TARGET}")


if __name__ == "__main__":
    main(*sys.argv[1:])
