"""Marks beside the equations that are verified, and the page that shows their tests.

The build runs the test of every equation. An equation is verified, in this build, when its test passed and its LaTeX is
the one that the test was written for (tests/equations/pins.json). Only then its number gets a mark, which links to the
test on the page "Verified equations". The role ``{verified-count}`` gives how many there are.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import displayed
import verify
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole
from sphinx.util.nodes import make_refnode
from verified_page import MARKER, PAGE, page_of_tests, shown_precision, spoken_precision

NUMBER = re.compile(
    r'(?P<number><span class="eqno">\((?P<shown>[\d.]+)\))'
    r'(?=<a class="headerlink" href="#equation-(?P<label>eq-[\w-]+)")'
)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verified:
    """An equation that is what its test was written for, and whose test has passed."""

    equation: displayed.Equation
    test: verify.Verification


def verify_all(chapters: Path, tests: Path) -> tuple[list[Verified], list[str]]:
    """Run the tests; return the verified equations in reading order, and the complaints of tests that failed."""
    pins = verify.read_pins(tests / "pins.json")
    by_label = {test.label: test for test in verify.load_tests(tests)}
    verified, complaints = [], []
    for equation in displayed.read_chapters(chapters):
        test = by_label.get(equation.label or "")
        if test is None or pins.get(test.label) != equation.latex:
            continue
        try:
            test.run()
        except Exception as error:
            complaints.append(f"{error.__class__.__name__}: {error}")
        else:
            verified.append(Verified(equation, test))
    return verified, complaints


def start(app: Sphinx, config: Config) -> None:
    """Verify before anything is read; a changed result makes Sphinx write every page again."""
    root = Path(app.srcdir)
    app.verified, complaints = verify_all(root / "chapters", root / "tests" / "equations")
    for complaint in complaints:
        logger.warning("an equation is not what its test says: %s", complaint)
    results = [(str(v.equation), v.test.precision, v.test.source) for v in app.verified]
    others = [str(equation) for equation in displayed.read_chapters(root / "chapters")]
    config.equations_verified = hashlib.sha256(json.dumps([results, others]).encode()).hexdigest()


def shown(app: Sphinx) -> list[Verified]:
    """Return the verified equations of the pages that are part of this build."""
    return [v for v in app.verified if document(v.equation) in app.env.found_docs]


def document(equation: displayed.Equation) -> str:
    """Return Sphinx's name of the page on which the equation stands."""
    return f"chapters/{Path(equation.page).stem}"


def outdated(app: Sphinx, env: BuildEnvironment, *_: set[str]) -> list[str]:
    """Read the page of tests again when the results are others than at the last build."""
    state = app.config.equations_verified
    if getattr(env, "equations_verified", None) == state:
        return []
    env.equations_verified = state
    return [PAGE] if PAGE in env.found_docs else []


def fill_page(app: Sphinx, page: str, source: list[str]) -> None:
    """Put the equations and their tests in the place of the page's marker."""
    if page == PAGE:
        verified, root = shown(app), Path(app.srcdir)
        labels = {v.equation.label for v in verified}
        displayed_here = [e for e in displayed.read_chapters(root / "chapters") if document(e) in app.env.found_docs]
        others = [e for e in displayed_here if e.label not in labels]
        repository = app.config.html_theme_options.get("repository_url", "")
        address = f"{repository}/blob/{app.config.html_theme_options.get('repository_branch', 'main')}"
        text = page_of_tests(verified, others, root, address if repository else None)
        source[0] = source[0].replace(MARKER, text)


def complain_of_unlabelled(app: Sphinx, doctree: nodes.document) -> None:
    """Warn of displayed equations without a label, on generated pages too."""
    if app.env.docname != PAGE:
        for node in doctree.findall(nodes.math_block):
            if not displayed.LABEL.fullmatch(node.get("label") or ""):
                logger.warning("a displayed equation needs a label eq-…: %s", node.astext().strip(), location=node)


def add_marks(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Put the mark after the number of every verified equation: a link outside the formula, named for the ear."""
    if PAGE not in app.env.found_docs or page == PAGE or "body" not in context:
        return
    target = app.builder.get_relative_uri(page, PAGE)
    here = {v.test.label: v.test for v in shown(app) if document(v.equation) == page}

    def mark(found: re.Match[str]) -> str:
        test = here.pop(found["label"], None)
        if test is None:
            return found[0]
        says = f"Equation {found['shown']} is verified {spoken_precision(test)}: see the test"
        link = f'<a class="eq-verified" href="{target}#test-{test.label}" aria-label="{says}" title="{says}">'
        return f"{found['number']}{link}{shown_precision(test)}</a>"

    context["body"] = NUMBER.sub(mark, context["body"])
    for label in here:
        logger.warning("%s is verified, but its number was not found for the mark", label, location=page)


class CountRole(SphinxRole):
    """``{verified-count}`verified equations``` becomes "63 verified equations", a link to the page of tests."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Leave a place for the number, which is known when all chapters have been read."""
        return [VerifiedCount("", nodes.Text(self.text))], []


class VerifiedCount(nodes.inline):
    """The place of the number of verified equations."""


def fill_count(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Count."""
    for node in list(doctree.findall(VerifiedCount)):
        text = nodes.inline("", f"{len(shown(app))} {node.astext()}")
        if PAGE in app.env.found_docs:
            text = make_refnode(app.builder, page, PAGE, "", text)
        node.replace_self(text)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.add_config_value("equations_verified", "", "html")
    app.add_node(VerifiedCount)
    app.add_role("verified-count", CountRole())
    app.add_css_file("equations.css")
    app.connect("config-inited", start)
    app.connect("env-get-outdated", outdated)
    app.connect("source-read", fill_page)
    app.connect("doctree-read", complain_of_unlabelled)
    app.connect("doctree-resolved", fill_count)
    app.connect("html-page-context", add_marks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
