"""Every committed notebook is clean, complete and accessible."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from book.tiny import KERNEL, ROOT, tiny_notebook
from nbformat import NotebookNode

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
PAGES = sorted(path for path in (ROOT / "chapters").iterdir() if path.suffix in {".ipynb", ".md"})
MACHINE = re.compile(r"(?<![\w./~:-])(?:/(?:home|Users|root|tmp|work|var/folders)/|[A-Z]:\\\\?Users)")
FILE_NAME = re.compile(r"\S*\.(?:png|svg|jpe?g|gif|webp)|[\w-]{0,40}/[\w./-]+|[0-9a-f]{16,}")
FIGURE = re.compile(r"<Figure size |<IPython\.core\.display\.(?:SVG|Image) ")
WIDGETS = {"interact", "interact_manual", "interactive", "interactive_output"}


def read(path: Path) -> NotebookNode:
    """Return the notebook as it is in the file, not converted."""
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def listed(node: Any) -> set[str]:
    """Return the files that a part of the table of contents names."""
    if isinstance(node, list):
        return set().union(*map(listed, node))
    if isinstance(node, dict):
        own = {node[key] for key in ("root", "file") if key in node}
        return own.union(*(listed(value) for value in node.values() if isinstance(value, list)))
    return set()


def unclean(notebook: NotebookNode) -> list[str]:
    """Return what a committed notebook should not contain, or lacks."""
    found = []
    if (notebook.nbformat, notebook.nbformat_minor) != (4, 5):
        found.append(f"format {notebook.nbformat}.{notebook.nbformat_minor} in place of 4.5")
    if notebook.metadata.get("kernelspec") != KERNEL:
        found.append(f"kernel {notebook.metadata.get('kernelspec')}")
    for i, cell in enumerate(notebook.cells):
        if "execution" in cell.metadata:
            found.append(f"timings in cell {i}")
        if cell.get("attachments"):
            found.append(f"an attached file in cell {i}")
        mimes = {mime for output in cell.get("outputs", []) for mime in output.get("data", {})}
        found += [f"{mime} in cell {i}" for mime in mimes if mime.startswith("image/")]
        if any(output.output_type == "error" for output in cell.get("outputs", [])):
            found.append(f"an error in cell {i}")
    return found


def without_description(notebook: NotebookNode) -> list[str]:
    """Return the cells whose figure has no alternative text that says what there is to see."""
    found = []
    for i, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            texts = re.findall(r"!\[([^\]]*)\]\(", cell.source)
        else:
            shown = [str(output.get("data", {}).get("text/plain", "")) for output in cell.outputs]
            figures = sum(bool(FIGURE.search(text)) for text in shown)
            if figures > 1:
                found.append(f"cell {i}: {figures} figures share one alternative text; give each its own cell")
            texts = [cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")] * bool(figures)
        found += [f"cell {i}: {text!r}" for text in texts if len(text) < 20 or FILE_NAME.fullmatch(text.strip())]
    return found


def widgets(notebook: NotebookNode) -> list[str]:
    """Return the uses of plain ipywidgets, which show nothing in a static page."""
    found = []
    for i, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        source = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in cell.source.splitlines())
        for node in ast.walk(ast.parse(source)):
            names = {getattr(node, "id", None), getattr(node, "attr", None), getattr(node, "module", None)}
            names |= {alias.name for alias in getattr(node, "names", []) if isinstance(alias, ast.alias)}
            found += [f"{name} in cell {i}" for name in names if name in WIDGETS | {"ipywidgets"}]
    return found


def test_table_of_contents_lists_every_page() -> None:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    assert listed(toc) == {path.relative_to(ROOT).with_suffix("").as_posix() for path in PAGES}


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
class TestChapter:
    def test_is_valid_with_cell_ids(self, path: Path) -> None:
        nbformat.validate(read(path))

    def test_is_clean(self, path: Path) -> None:
        assert unclean(read(path)) == []

    def test_was_run_from_top_to_bottom(self, path: Path) -> None:
        counts = [cell.execution_count for cell in read(path).cells if cell.cell_type == "code"]
        assert counts == list(range(1, len(counts) + 1))

    def test_every_figure_is_described(self, path: Path) -> None:
        assert without_description(read(path)) == []

    def test_uses_explorers_not_plain_widgets(self, path: Path) -> None:
        assert widgets(read(path)) == []

    def test_names_no_place_on_a_machine(self, path: Path) -> None:
        assert MACHINE.findall(path.read_text()) == []


class TestTheChecksThemselves:
    """Each check finds what it is for."""

    def test_unclean(self) -> None:
        notebook = tiny_notebook()
        assert unclean(notebook) == []
        notebook.cells[1].metadata["execution"] = {}
        notebook.cells[1].outputs.append(nbformat.v4.new_output("display_data", data={"image/png": ""}))
        notebook.metadata.kernelspec = {"name": "conda-env"}
        assert len(unclean(notebook)) == 3

    @pytest.mark.parametrize("alt", ["", "figure", "../_images/0123456789abcdef.png", "chapters/fig-one.svg"])
    def test_description(self, alt: str) -> None:
        notebook = tiny_notebook("plt.show()", printed=None)
        figure = nbformat.v4.new_output("display_data", data={"text/plain": "<Figure size 640x360 with 1 Axes>"})
        notebook.cells[1].outputs = [figure]
        notebook.cells[1].metadata = {"mystnb": {"image": {"alt": alt}}}
        assert without_description(notebook)
        notebook.cells[1].metadata["mystnb"]["image"]["alt"] = "The loss falls from 0.25 to 0.01 within 30 epochs."
        assert without_description(notebook) == []
        notebook.cells[1].outputs.append(figure)
        assert without_description(notebook)

    @pytest.mark.parametrize(
        "code",
        [
            "from ipywidgets import interact",
            "import ipywidgets as w",
            "w.interact(f, x=3)",
            "%matplotlib inline\ninteract(f)",
        ],
    )
    def test_widgets(self, code: str) -> None:
        assert widgets(tiny_notebook(code))
        assert widgets(tiny_notebook("from dlbook import explore\nexplore(f, x=[1, 2])")) == []

    def test_machine(self) -> None:
        assert MACHINE.search("open('/home/ada/x.npz')")
        assert MACHINE.search(r"C:\\Users\\ada")
        assert not MACHINE.search("https://example.org/home/page and ../tmp/x")
