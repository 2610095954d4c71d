"""The Errata page, built from the audit of the sources.

The directive ``{errata}`` takes one of four arguments and, for all but the first, the number of a source::

    ```{errata} summary
    ```
    ```{errata} mistakes 002
    ```

Each mistake becomes a card with the anchor ``erratum-<id>``, which chapters can link to. Formulas are inline, so that
the numbered equations of the book stay those of its chapters.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar, cast

import yaml
from audit import SOURCES, VERDICTS, Row, read_rows
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.util.docutils import SphinxDirective

FOLDER = Path(__file__).resolve().parents[1] / "audit"
TESTS = Path(__file__).resolve().parents[2] / "tests" / "errata"
MARKUP = re.compile(r"[$`]")


def test_file(source: str, name: str) -> str:
    """Return the path, from the root of the repository, of the file that has the test."""
    for path in sorted(TESTS.glob(f"test_source_{source}*.py")):
        if f"def {name}(" in path.read_text(encoding="utf-8"):
            return f"tests/errata/{path.name}"
    raise ValueError(f"no test {name} about source {source}: run the tests of tests/errata")


def formula(tex: str) -> nodes.Element:
    """Return TeX as inline mathematics of full size that scrolls when it is wider than the page."""
    return nodes.container("", nodes.paragraph("", "", nodes.math("", rf"\displaystyle {tex}")), classes=["tex"])


def printed(text: str, kind: str) -> nodes.Element:
    """Return what is printed or right: TeX, or the lines of a listing."""
    if kind == "code" and "\\" not in text:
        return nodes.literal_block(text, text, language="python")
    return formula(text)


class Errata(SphinxDirective):
    """A piece of the page: ``summary``, or ``mistakes``, ``conventions`` or ``audit`` of one source."""

    required_arguments = 1
    optional_arguments = 1
    pieces: ClassVar[tuple[str, ...]] = ("summary", "mistakes", "conventions", "audit")

    def run(self) -> list[nodes.Node]:
        """Return the nodes of the piece."""
        what, *source = self.arguments
        if what not in self.pieces or (what == "summary") == bool(source) or not set(source) <= set(SOURCES):
            raise self.error(
                f"errata expects 'summary', or one of {self.pieces[1:]} and a source of {SOURCES}, got {self.arguments}"
            )
        for path in FOLDER.glob("*.yml"):
            self.env.note_dependency(str(path))
        if what == "summary":
            return [self.summary()]
        rows = read_rows(FOLDER, source[0])
        if what == "mistakes":
            return [self.card(source[0], row) for row in rows if row["verdict"] == "mistake"]
        if what == "conventions":
            return self.conventions([row for row in rows if row["verdict"] == "convention"])
        return [self.audit(source[0], rows)]

    def markdown(self, text: str) -> list[nodes.Node]:
        """Return a paragraph; dollars and backticks mean what they mean in the chapters."""
        if not MARKUP.search(text):
            return [nodes.paragraph(text, text)]
        container = nodes.Element()
        self.state.nested_parse(StringList([text], str(FOLDER)), self.content_offset, container)
        return list(container.children)

    def reference(self, number: int) -> list[nodes.Node]:
        """Return "chapter 3", linked when that chapter is in the book."""
        pages = [page for page in self.env.found_docs if page.startswith(f"chapters/{number:02d}-")]
        if not pages:
            return [nodes.Text(f"chapter {number}")]
        text = f"{{doc}}`chapter {number} </{pages[0]}>`"
        return list(self.markdown(text)[0].children)

    def card(self, source: str, row: Row) -> nodes.Node:
        """Return one mistake: where it is, what is printed, what is right, why, and the test."""
        erratum, anchor = row["erratum"], f"erratum-{row['id']}"
        head = nodes.paragraph("", "", nodes.reference("", row["id"], refid=anchor, internal=True), classes=["head"])
        head += [nodes.Text(" "), *_inline(self.markdown(erratum["title"]))]
        where = nodes.paragraph("", f"{row['place']}, line {row['line']} of the text; see ", classes=["where"])
        where += self.reference(row["chapter"])
        card = nodes.container("", head, where, ids=[anchor], names=[anchor], classes=["erratum"])
        for label, key in (("Printed", "printed"), ("Right", "correct")):
            card += nodes.container(
                "", nodes.paragraph("", label, classes=["label"]), printed(erratum[key], row["kind"]), classes=[key]
            )
        card += self.markdown(erratum["why"])
        card += nodes.paragraph("", "Test: ", self.test(source, erratum["test"]), classes=["test"])
        std = cast(StandardDomain, self.env.get_domain("std"))
        std.note_hyperlink_target(anchor, self.env.docname, anchor, f"erratum {row['id']}")
        return card

    def test(self, source: str, name: str) -> nodes.Node:
        """Return the name of a test, linked to its file when the book's repository has an address."""
        path = test_file(source, name)
        code = nodes.literal(name, name)
        options: dict[str, Any] = self.config.html_theme_options
        if not options.get("repository_url"):
            return nodes.inline("", "", code, nodes.Text(f" in {path}"))
        branch = options.get("repository_branch", "main")
        return nodes.reference("", "", code, refuri=f"{options['repository_url']}/blob/{branch}/{path}")

    def conventions(self, rows: list[Row]) -> list[nodes.Node]:
        """Return a list of what holds under some reading."""
        items = nodes.bullet_list(classes=["conventions"])
        for row in rows:
            lead = nodes.paragraph("", "", nodes.strong("", row["id"]), nodes.Text(f" {row['place']}: "))
            lead += _inline(self.markdown(row["says"]))
            item = nodes.list_item("", lead)
            if "tex" in row:
                item += formula(row["tex"])
            item += self.markdown(row["note"])
            items += item
        return [items] if rows else [nodes.paragraph("", "None.")]

    def audit(self, source: str, rows: list[Row]) -> nodes.Node:
        """Return the folded table of all rows; narrow screens show each row as a block (errata.css)."""
        details = nodes.container(classes=["audit"])
        details += nodes.raw("", f"<details><summary>Source {source}: all {len(rows)} rows</summary>", format="html")
        widths = (12, 8, 45, 35)
        group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in widths), cols=len(widths))
        titles = ("number", "line", "what it says", "verdict")
        group += nodes.thead("", nodes.row("", *(nodes.entry("", nodes.paragraph("", title)) for title in titles)))
        body = nodes.tbody()
        for row in rows:
            verdict = nodes.paragraph("", "", nodes.strong("", row["verdict"]))
            if row["verdict"] == "mistake":
                anchor = f"erratum-{row['id']}"
                verdict += [nodes.Text(", "), nodes.reference("", "see above", refid=anchor, internal=True)]
            elif row.get("note"):
                verdict += [nodes.Text(": "), *_inline(self.markdown(row["note"]))]
            says = nodes.paragraph("", f"{row['kind']}: ")
            says += _inline(self.markdown(row["says"]))
            cells = (nodes.paragraph("", row["id"]), nodes.paragraph("", str(row["line"])), says, verdict)
            body += nodes.row("", *(nodes.entry("", cell) for cell in cells))
        group += body
        details += nodes.table("", group)
        details += nodes.raw("", "</details>", format="html")
        return details

    def summary(self) -> nodes.Node:
        """Return the counts: formulas, rows and verdicts of every source, and in all."""
        recount = yaml.safe_load((FOLDER / "counts.yml").read_text(encoding="utf-8"))
        columns = []
        for source in SOURCES:
            rows = read_rows(FOLDER, source)
            formulas, shown = sum(row["kind"] == "formula" for row in rows), recount[source]["formulas"]
            if formulas < shown:
                raise self.error(f"source {source} has {shown} displayed formulas and only {formulas} rows for them")
            verdicts = [sum(row["verdict"] == verdict for row in rows) for verdict in VERDICTS]
            columns.append([formulas, len(rows), *verdicts])
        lines = [f"| source | {' | '.join(SOURCES)} | all |", "|---" + "|--:" * (len(SOURCES) + 1) + "|"]
        for title, *numbers in zip(("formulas", "all rows", *VERDICTS), *columns, strict=True):
            lines.append(f"| {title} | {' | '.join(map(str, numbers))} | **{sum(numbers)}** |")
        box = nodes.container(classes=["errata-summary"])
        self.state.nested_parse(StringList(lines, str(FOLDER)), self.content_offset, box)
        return box


def _inline(paragraphs: list[nodes.Node]) -> list[nodes.Node]:
    """Return the contents of the first and only paragraph."""
    (paragraph,) = paragraphs
    return list(paragraph.children)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive and its style sheet."""
    app.add_directive("errata", Errata)
    app.add_css_file("errata.css")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
