"""Quick questions: what an author writes, and the page that comes of it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from quiz import parse
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

ROOT = Path(__file__).parents[2]

CHOICES = """\
What shape has $W$?

It is a matrix.

(x) $(n_l, n_{l-1})$
    Right.

    As always.
( ) (m, n)
    That is `Z`.
"""
NUMBER = """\
How many?

= 0.25 +- 0.001
    Right.
! -1e-3
    Too few.
?
    Count again.
"""


def test_choices() -> None:
    question = parse(CHOICES)
    assert question.kind == "choice"
    assert question.text == "What shape has $W$?\n\nIt is a matrix."
    assert [(r.text, r.right, r.feedback) for r in question.replies] == [
        ("$(n_l, n_{l-1})$", True, "Right.\n\nAs always."),
        ("(m, n)", False, "That is `Z`."),
    ]


def test_numbers() -> None:
    question = parse(NUMBER)
    assert question.kind == "number"
    assert [(r.text, r.right, r.tolerance) for r in question.replies] == [
        ("0.25", True, 0.001),
        ("-1e-3", False, 0.0),
        ("", False, 0.0),
    ]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("(x) a\n    Right.\n( ) b\n    No.", "begins with the question"),
        ("Why?\n", "either choices"),
        ("Why?\n\n(x) a\n    Right.\n= 3\n    Right.", "either choices"),
        ("Why?\n\n( ) a\n    No.\n( ) b\n    No.", "exactly one right answer"),
        ("Why?\n\n(x) a\n    Yes.\n(x) b\n    Yes.", "exactly one right answer"),
        ("Why?\n\n(x) a\n    Yes.", "at least one other"),
        ("Why?\n\n(x) a\n    Yes.\n( ) b\n", "'b' has none"),
        ("Why?\n\n(x) a\n    Yes.\n( ) b\nNo.", "is indented"),
        ("Why?\n\n= 3\n    Yes.\n! 4\n    No.", "all other numbers"),
    ],
)
def test_what_a_question_lacks(body: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(complaint)):
        parse(body)


class Tags(HTMLParser):
    """Collect the start tags and what is in them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [a for t, a in self.found if t == tag and all(a.get(k) == v for k, v in wanted.items())]


def build(folder: Path, **pages: str) -> str:
    """Build pages with plain Sphinx and return its warnings."""
    source = folder / "source"
    source.mkdir()
    for name, text in pages.items():
        (source / f"{name}.md").write_text(text, encoding="utf-8")
    warnings = folder / "warnings.txt"
    settings = {
        "extensions": ["myst_parser", "quiz"],
        "myst_enable_extensions": ["dollarmath"],
        "root_doc": "index",
    }
    with docutils_namespace(), warnings.open("w", encoding="utf-8") as said:
        out, cache = str(folder / "html"), str(folder / "cache")
        Sphinx(str(source), None, out, cache, "html", settings, None, warning=said).build()
    return warnings.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quiz")
    quizzes = f"```{{quiz}} 3.1 A <shape>\n{CHOICES}```\n\n```{{quiz}} 3.2 A number\n{NUMBER}```\n"
    index = f"# A page\n\n{quizzes}\nDo it: {{run-it}}`exercise 3.3`\n"
    assert build(folder, index=index, other="---\norphan: true\n---\n# Another page\n\nNo question.\n") == ""
    return folder / "html"


def test_page_has_native_controls_and_folded_feedback(site: Path) -> None:
    text = (site / "index.html").read_text(encoding="utf-8")
    tags = Tags(text)
    assert len(tags.all("form")) - len(tags.all("form", role="search")) >= 2
    assert len(tags.all("fieldset")) == len(tags.all("legend")) == 2
    assert "Quick question 3.1 A &lt;shape&gt;" in text
    radios = tags.all("input", type="radio")
    assert [r["name"] for r in radios] == ["quiz-3-1"] * 2
    assert [r["aria-label"] for r in radios] == ["(n_l, n_{l-1})", "(m, n)"]
    assert {r["id"] for r in radios} <= {label.get("for") for label in tags.all("label")}
    notes = [a for a in tags.all("details") if a["class"] == "quiz-feedback"]
    assert len(notes) == 5
    assert ["data-right" in a for a in notes] == [True, False, True, False, False]
    assert [a.get("data-value") for a in notes] == [None, None, "0.25", "-1e-3", ""]
    assert '<code class="docutils literal notranslate"><span class="pre">Z</span></code>' in text
    ids = [a["id"] for _, a in tags.found if a.get("id")]
    assert len(ids) == len(set(ids))


def test_script_only_where_there_is_a_question(site: Path) -> None:
    assert "quiz.js" in (site / "index.html").read_text(encoding="utf-8")
    assert "quiz.css" in (site / "index.html").read_text(encoding="utf-8")
    assert "quiz." not in (site / "other.html").read_text(encoding="utf-8").replace("quiz.html", "")


def test_link_leads_to_the_notebook(site: Path) -> None:
    links = [a for a in Tags((site / "index.html").read_text(encoding="utf-8")).all("a") if a.get("class") == "run-it"]
    assert [a["href"] for a in links] == ["_sources/index.md.txt"]
    assert (site / str(links[0]["href"])).exists()


def test_bad_question_is_an_error_of_the_build(tmp_path: Path) -> None:
    complaint = build(tmp_path, index="# A page\n\n```{quiz} 1.1 Half\nWhy?\n\n(x) a\n    Yes.\n( ) b\n```\n")
    assert "quiz '1.1 Half': every answer needs feedback" in complaint
