"""What ``check`` returns: plain text in a terminal, a small box in a notebook."""

from __future__ import annotations

import html
import re
import textwrap
from dataclasses import dataclass

_VERDICT = {
    "passed": "correct.",
    "not attempted": "not attempted yet.",
    "mistake": "not right yet.",
    "wrong": "not right yet.",
    "raises": "it does not run yet.",
    "endless": "it never ends.",
    "damages": "almost.",
    "unknown": "no such exercise.",
    "missing": "not in the notebook.",
    "not reached": "not reached.",
    "unreadable": "no answer that can be read.",
}
# Okabe and Ito's bluish green, grey and vermilion: a border that shows on white and on black
_COLOUR = {"passed": "#009e73", "not attempted": "#999999"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What there is to say about one function.

    Attributes:
        exercise, title: which exercise.
        status: "passed", "not attempted", "mistake", "wrong", "raises", "endless", "damages", or "unknown" (exercise);
            for a notebook that was handed in also "missing", "not reached", "unreadable".
        mistake: the name of the known mistake, if it is one.
        says: sentences.
        case: the smallest case that shows it, in numbers.
    """

    exercise: str
    title: str
    status: str
    mistake: str = ""
    says: tuple[str, ...] = ()
    case: str = ""

    @property
    def passed(self) -> bool:
        """Whether the exercise is done."""
        return self.status == "passed"

    @property
    def summary(self) -> str:
        """A few words, for a table."""
        words = {"wrong": "not right yet", "raises": "raises an exception", "endless": "never ends"}
        words |= {"damages": "damages its input", "not attempted": "not attempted yet"}
        words |= {"missing": "not in the notebook", "unreadable": "no answer that can be read"}
        return self.mistake or words.get(self.status, self.status)

    def __str__(self) -> str:
        lines = [f"{self._heading} {_VERDICT[self.status]}"]
        lines += [textwrap.fill(says, 100, initial_indent="  ", subsequent_indent="  ") for says in self.says]
        if self.case:
            lines.append(textwrap.indent(self.case, "    "))
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Return the box; it takes its colours from the page, so that it reads in a light and in a dark theme."""
        colour = _COLOUR.get(self.status, "#d55e00")
        says = "".join(f'<p style="margin:.3em 0">{_marked(s)}</p>' for s in self.says)
        box = "margin:.4em 0 0;padding:.5em .7em;border:1px solid rgba(128,128,128,.4);background:none;color:inherit"
        case = f'<pre style="{box};overflow-x:auto">{html.escape(self.case)}</pre>' if self.case else ""
        style = f"border-left:.3em solid {colour};padding:.2em 0 .2em .8em;color:inherit"
        return (
            f'<div class="dlbook-answer" role="status" style="{style}">'
            f"<strong>{html.escape(self._heading)}</strong> {_VERDICT[self.status]}{says}{case}</div>"
        )

    @property
    def _heading(self) -> str:
        return f"{self.exercise} {self.title}:" if self.title else f"{self.exercise}:"


def _marked(text: str) -> str:
    """Escape ``text`` and set what stands in backquotes as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
