"""The API reference, generated from the docstrings.

The page's marker line is replaced by one section per module of ``dlbook``, so that no module can be forgotten.
Docstrings are written to be read in an editor: ``|z|`` is an absolute value and ``(eq-sigmoid)`` names an equation.
Here the former is shielded from reStructuredText and the latter becomes a link, once a chapter has that equation.
"""

from __future__ import annotations

import pkgutil
import re
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import dlbook

PAGE = "chapters/api"
MARKER = "<!-- modules -->"
SECTION = """## {name}

```{{eval-rst}}
.. automodule:: {name}
   :members:
   :ignore-module-all:
   :show-inheritance:
```
"""
LITERAL = re.compile(r"(``.+?``|:[\w:]+:`[^`]+`|`[^`]+`_?|\*\*\w[^*]*\*\*)")
EQUATION = re.compile(r"\beq-[a-z0-9-]*[a-z0-9]")
ONLY_EQUATIONS = re.compile(r"\((eq-[a-z0-9-]+(?:, eq-[a-z0-9-]+)*)\)")  # their numbers come with parentheses


def module_names() -> list[str]:
    """Return the public modules of the package, in alphabetical order."""
    names = (module.name for module in pkgutil.walk_packages(dlbook.__path__, "dlbook."))
    return sorted(name for name in names if "._" not in name)


def add_modules(app: Sphinx, page: str, source: list[str]) -> None:
    """Put a section per module in the place of the marker."""
    if page == PAGE:
        source[0] = source[0].replace(MARKER, "\n".join(SECTION.format(name=name) for name in module_names()))


def indentation(line: str) -> int:
    """Return the number of blanks in front."""
    return len(line) - len(line.lstrip())


def shield(text: str) -> str:
    """Escape what reStructuredText would take for markup, outside literals and roles; link the equations."""
    pieces = LITERAL.split(text)
    for i in range(0, len(pieces), 2):
        plain = re.sub(r"([|*]|(?<=\w)_(?!\w))", r"\\\1", pieces[i])
        pieces[i] = EQUATION.sub(r":eq:`\g<0>`", ONLY_EQUATIONS.sub(r"\1", plain))
    return "".join(pieces)


def shield_docstring(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Shield every line of a docstring but code: doctests, and blocks indented after an empty line."""
    shielded: list[str] = []
    last, code, doctest = "", 0, False  # last line with text; indentation of the block of code, 0 outside of one
    for line in lines:
        text, indent = line.strip(), indentation(line)
        doctest = bool(text) and (doctest or text.startswith(">>>"))
        if text and indent < code:
            code = 0
        if text and not code and indent > indentation(last) and not shielded[-1] and not last.lstrip().startswith("- "):
            code = indent
            if not last.endswith("::"):
                shielded += [" " * indentation(last) + "::", ""]
        shielded.append(line if code or doctest else shield(line))
        last = line if text else last
    lines[:] = shielded


def shorten_signature(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, signature: str | None, returns: str | None
) -> tuple[str | None, str | None]:
    """Write … for a default that has no literal form, such as a dataclass's factory: Sphinx can then parse the rest."""
    return signature and re.sub(r"<(?:factory|function|object)[^>]*>", "...", signature), returns


def forgive_missing_equation(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.Node | None:
    """Show the bare name of an equation whose chapter does not exist yet."""
    if node.get("refdomain") == "math" and node.get("refdoc") == PAGE:
        return nodes.inline("", f"({node['reftarget']})")
    return None


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx; napoleon reads the docstring after it has been shielded."""
    app.connect("source-read", add_modules)
    app.connect("autodoc-process-docstring", shield_docstring, priority=400)
    app.connect("autodoc-process-signature", shorten_signature)
    app.connect("missing-reference", forgive_missing_equation)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
