"""The Errata page shows every mistake of the audit, once, with an anchor that chapters can link to."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from audit import SOURCES, VERDICTS, read_rows
from book.tiny import ROOT
from errata_page import test_file as file_of_test

ROWS = [row for source in SOURCES for row in read_rows(ROOT / "chapters" / "audit", source)]
MISTAKES = [row for row in ROWS if row["verdict"] == "mistake"]
SETTINGS = f"""
import sys
sys.path.insert(0, {str(ROOT / "chapters" / "_ext")!r})
extensions = ["myst_parser", "errata_page"]
myst_enable_extensions = ["dollarmath"]
html_theme = "basic"
html_static_path = [{str(ROOT / "chapters" / "_static")!r}]
root_doc = "chapters/errata"
exclude_patterns = ["out"]
html_theme_options = {{"nosidebar": True}}
"""


def sphinx(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Build the folder with Sphinx, in a process of its own."""
    command = [sys.executable, "-m", "sphinx", "-q", *options, str(folder), str(folder / "out")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The page and one that links to it, built with warnings as errors."""
    folder = tmp_path_factory.mktemp("errata")
    (folder / "chapters").mkdir()
    shutil.copy(ROOT / "chapters" / "errata.md", folder / "chapters")
    (folder / "conf.py").write_text(SETTINGS, encoding="utf-8")
    first = MISTAKES[0]["id"]
    links = f"(the-five-sources)=\n# Three\n\n[a slip](#erratum-{first}) and {{ref}}`erratum-{first}`\n"
    (folder / "chapters" / "03-back-propagation.md").write_text("---\norphan: true\n---\n" + links, encoding="utf-8")
    built = sphinx(folder, "-W")
    assert built.returncode == 0, built.stderr
    return {path.stem: path.read_text(encoding="utf-8") for path in (folder / "out" / "chapters").glob("*.html")}


def test_every_mistake_has_its_card(html: dict[str, str]) -> None:
    page = html["errata"]
    anchors = re.findall(r'id="erratum-(\d{3}-\d{3})"', page)
    assert anchors == [row["id"] for row in MISTAKES]
    assert page.count(">Printed</p>") == page.count(">Right</p>") == len(MISTAKES)
    for row in MISTAKES:
        assert f">{row['erratum']['test']}<" in page
    linked = [row for row in MISTAKES if row["chapter"] == 3]
    assert page.count('href="03-back-propagation.html"') == len(linked) > 0


def test_summary_counts_the_rows(html: dict[str, str]) -> None:
    for verdict in VERDICTS:
        total = sum(row["verdict"] == verdict for row in ROWS)
        line = re.search(rf"<td[^>]*><p>{verdict}</p></td>(.*?)</tr>", html["errata"], re.DOTALL)
        assert line is not None
        assert f"<strong>{total}</strong>" in line[1]


def test_whole_audit_is_folded_into_the_page(html: dict[str, str]) -> None:
    assert html["errata"].count("<details>") == html["errata"].count("</details>") == len(SOURCES)
    for row in ROWS:
        assert f"<p>{row['id']}</p>" in html["errata"]


def test_formulas_are_inline_so_that_none_needs_a_number(html: dict[str, str]) -> None:
    assert '<span class="math' in html["errata"]
    assert '<div class="math' not in html["errata"]


def test_chapters_can_link_to_a_card(html: dict[str, str]) -> None:
    anchor = f'href="errata.html#erratum-{MISTAKES[0]["id"]}"'
    assert html["03-back-propagation"].count(anchor) == 2


def test_a_wrong_argument_is_an_error(tmp_path: Path) -> None:
    wrong = ("poem 001", "mistakes", "summary 001", "audit 009")
    (tmp_path / "conf.py").write_text(SETTINGS.replace("chapters/errata", "index"), encoding="utf-8")
    page = "# Page\n\n" + "".join(f"```{{errata}} {arguments}\n```\n\n" for arguments in wrong)
    (tmp_path / "index.md").write_text(page, encoding="utf-8")
    messages = sphinx(tmp_path).stderr
    for arguments in wrong:
        assert f"and a source of {SOURCES}, got {arguments.split()}" in messages


def test_a_test_that_is_not_there_stops_the_build() -> None:
    with pytest.raises(ValueError, match="no test test_of_nothing about source 002"):
        file_of_test("002", "test_of_nothing")
    assert file_of_test("002", "test_bias_is_added_once") == "tests/errata/test_source_002.py"
