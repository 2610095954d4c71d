"""Quick questions that a static page answers by itself, and links that run a notebook.

A question with choices (``x`` marks the right one), or one for a number (``=`` the right one with what is accepted on
either side, ``!`` a wrong one that deserves its own words, ``?`` all others); every answer has feedback below it::

    ```{quiz} 3.1 A shape                      ```{quiz} 3.2 The steepest sigmoid
    What shape has ∂J/∂W?                      What is the largest value of σ'?

    (x) that of W                              = 0.25 +- 0.001
        Right, always.                             Right, at z = 0.
    ( ) that of X                              ! 1
        That is ∂J/∂X.                             That is the slope of tanh.
    ```                                        ?
                                                   σ' = σ (1 − σ) is largest at z = 0.
                                               ```

Text, choices and feedback are Markdown. Without JavaScript every feedback is a folded note below its choice. Where
nobody knows the directive (Colab), it reads as plain text.

The role ``run-it`` makes a link: to JupyterLite, Binder or Colab where the page has such a button, else to the
notebook itself.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import lite_button
from docutils import nodes
from docutils.parsers.rst import states
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

ASSETS = Path(__file__).parent / "quiz_assets"
NUMBER = r"[-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?"
CHOICE = re.compile(r"\(([ x])\) +(.+)")
VALUE = re.compile(rf"([=!]) +({NUMBER})(?: +\+- +({NUMBER}))?")
RUN_IT = "href-of-run-it"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer that a reader may give: a choice or a number (``""``: any other number), and what to say to it."""

    text: str
    right: bool
    feedback: str
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its replies; ``kind`` is "choice" or "number"."""

    text: str
    kind: str
    replies: tuple[Reply, ...]


def parse(body: str) -> Question:
    """Read the body of the directive, or raise ``ValueError`` with a sentence that says what it lacks."""
    text: list[str] = []
    found: list[tuple[str, Reply]] = []
    feedback: list[list[str]] = []
    for line in body.splitlines():
        reply = _reply(line)
        if reply is not None:
            found.append(reply)
            feedback.append([])
        elif not found:
            text.append(line)
        elif line.strip() and not line.startswith(" "):
            raise ValueError(f"an answer's feedback is indented, got {line!r}; answers begin with ( ), (x), =, ! or ?")
        else:
            feedback[-1].append(line)
    if not "".join(text).strip():
        raise ValueError("a quiz begins with the question, and there is none")
    kinds = {kind for kind, _ in found}
    if len(kinds) != 1:
        raise ValueError("a quiz has either choices, ( ) and (x), or numbers, = and ! and ?")
    if sum(reply.right for _, reply in found) != 1 or len(found) < 2:
        raise ValueError("a quiz has exactly one right answer, (x) or =, and at least one other")
    if kinds == {"number"} and sum(reply.text == "" for _, reply in found) != 1:
        raise ValueError("a quiz for a number needs an answer to all other numbers, ?")
    replies = []
    for (_, reply), lines in zip(found, feedback, strict=True):
        words = textwrap.dedent("\n".join(lines)).strip()
        if not words:
            raise ValueError(f"every answer needs feedback, indented below it, and {reply.text or '?'!r} has none")
        replies.append(Reply(reply.text, reply.right, words, reply.tolerance))
    return Question("\n".join(text).strip(), kinds.pop(), tuple(replies))


def _reply(line: str) -> tuple[str, Reply] | None:
    line = line.rstrip()
    if choice := CHOICE.fullmatch(line):
        return "choice", Reply(choice[2], choice[1] == "x", "")
    if value := VALUE.fullmatch(line):
        return "number", Reply(value[2], value[1] == "=", "", float(value[3] or 0))
    return ("number", Reply("", False, "")) if line == "?" else None


class quiz(nodes.General, nodes.Element):
    """The question; its children are the text and the replies."""


class quiz_reply(nodes.General, nodes.Element):
    """A reply; its children are the choice's text, for a choice, and the feedback."""


class quiz_part(nodes.General, nodes.Element):
    """A stretch of HTML around its children: ``before`` and ``after``."""


class Quiz(SphinxDirective):
    """The directive: ``{quiz} 3.1 Title``."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Parse the question and build its nodes."""
        try:
            question = parse("\n".join(self.content))
        except ValueError as problem:
            raise self.error(f"quiz {self.arguments[0]!r}: {problem}") from None
        number = self.arguments[0].split()[0]
        node = quiz(kind=question.kind, title=self.arguments[0], ids=["quiz-" + re.sub(r"\W+", "-", number)])
        node += self._part('<div class="quiz-question">', question.text, "</div>")
        node += [self._reply(question, node["ids"][0], i, reply) for i, reply in enumerate(question.replies)]
        return [node]

    def _reply(self, question: Question, name: str, i: int, reply: Reply) -> nodes.Element:
        right = " data-right" if reply.right else ""
        node = quiz_reply()
        if question.kind == "choice":
            # a formula has no text of its own, so a screen reader is given what the author wrote
            spoken = escape(re.sub(r"[$`]", "", reply.text))
            button = f'<input type="radio" name="{name}" value="{i}" id="{name}-{i}" aria-label="{spoken}">'
            node += self._part(f'{button}<label for="{name}-{i}">', reply.text, "</label>")
            summary = "If you choose this"
        else:
            right += f' data-value="{reply.text}" data-tolerance="{reply.tolerance:g}"'
            summary = f"If you say {reply.text}" if reply.text else "If you say another number"
        if reply.right:
            summary = "The answer" if question.kind == "number" else summary
        opening = f'<details class="quiz-feedback"{right}><summary>{summary}</summary><div class="quiz-text">'
        node += self._part(opening, reply.feedback, "</div></details>")
        return node

    def _part(self, before: str, text: str, after: str) -> nodes.Element:
        part = quiz_part(before=before, after=after)
        self.state.nested_parse(StringList(text.splitlines(), self.get_source_info()[0]), self.content_offset, part)
        return part


def open_quiz(self: HTML5Translator, node: nodes.Element) -> None:
    """Write the form and, for a number, its field."""
    name = node["ids"][0]
    self.body.append(
        f'<form class="quiz" id="{name}" data-kind="{node["kind"]}"><fieldset>'
        f"<legend>Quick question {escape(node['title'])}</legend>"
    )


def close_quiz(self: HTML5Translator, node: nodes.Element) -> None:
    """Write the field, the button and the place for the verdict; scripts show what needs a script."""
    name = node["ids"][0]
    field = (
        f'<label for="{name}-value">Your number</label> '
        f'<input type="text" inputmode="decimal" autocomplete="off" size="10" id="{name}-value">'
    )
    self.body.append(
        f'<div class="quiz-ask" hidden>{field if node["kind"] == "number" else ""} '
        '<button type="submit">Check</button></div>'
        '<div class="quiz-verdict" role="status"></div></fieldset></form>\n'
    )


def open_reply(self: HTML5Translator, node: nodes.Element) -> None:
    """Open a reply."""
    self.body.append('<div class="quiz-reply">')


def close_reply(self: HTML5Translator, node: nodes.Element) -> None:
    """Close a reply."""
    self.body.append("</div>\n")


def open_part(self: HTML5Translator, node: nodes.Element) -> None:
    """Write what comes before the children."""
    self.body.append(node["before"])


def close_part(self: HTML5Translator, node: nodes.Element) -> None:
    """Write what comes after the children."""
    self.body.append(node["after"])


def run_it(
    name: str, rawtext: str, text: str, lineno: int, inliner: states.Inliner, options: Any = None, content: Any = None
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """Build the link of the role; where it leads is known when the page is written."""
    return [nodes.raw("", f'<a class="run-it" {RUN_IT}>Run it: {escape(text)}</a>', format="html")], []


def finish_page(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Load the script where there is a quiz, and tell the links of ``run-it`` where to go."""
    if doctree is not None and next(doctree.findall(quiz), None) is not None:
        app.add_js_file("quiz.js")
        app.add_css_file("quiz.css")
    if RUN_IT in context.get("body", ""):
        context["body"] = context["body"].replace(RUN_IT, _target(context))


def _target(context: dict[str, Any]) -> str:
    notebook = context["pathto"]("_sources/" + context["sourcename"], True)
    buttons = context.get("header_buttons", [])
    here = [button["url"] for button in buttons if button.get("label") == lite_button.LABEL]
    if here:
        return f'href="{escape(here[0])}" data-notebook="{escape(notebook)}"'
    groups = [b["buttons"] for b in buttons if b.get("label") == "launch-buttons"]
    urls = [button["url"] for group in groups for button in group if button.get("url")]
    if urls:
        return f'href="{escape(urls[0])}"'
    return f'href="{escape(notebook)}" download title="This page as a notebook: open it with make lab"'


def add_assets(app: Sphinx, config: Config) -> None:
    """Have the script and the style copied; pages ask for them by themselves."""
    config.html_static_path.append(str(ASSETS))


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx; links are finished after the theme has made its buttons (priority 501)."""
    app.add_directive("quiz", Quiz)
    app.add_role("run-it", run_it)
    app.add_node(quiz, html=(open_quiz, close_quiz))
    app.add_node(quiz_reply, html=(open_reply, close_reply))
    app.add_node(quiz_part, html=(open_part, close_part))
    app.connect("config-inited", add_assets)
    app.connect("html-page-context", finish_page, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
