"""Docstrings, written for an editor, reach the API page unharmed."""

from __future__ import annotations

import api
import pytest


@pytest.mark.parametrize(
    ("written", "shielded"),
    [
        ("e^−|z| is taken", r"e^−\|z\| is taken"),
        ("passes *args on", r"passes \*args on"),
        ("the parameter W_ of a", r"the parameter W\_ of a"),
        ("Σ_j e^{z_j}", "Σ_j e^{z_j}"),
        ("``|a| * b_`` and :math:`|a|_*`", "``|a| * b_`` and :math:`|a|_*`"),
        ("its gradients (eq-gradient-w, eq-gradient-b)", "its gradients :eq:`eq-gradient-w`, :eq:`eq-gradient-b`"),
        ("learned (eq-prelu; He et al. 2015)", "learned (:eq:`eq-prelu`; He et al. 2015)"),
        ("**The draw function** takes", "**The draw function** takes"),
        ("Z = X Wᵀ + b (eq-dense-batch).", "Z = X Wᵀ + b :eq:`eq-dense-batch`."),
    ],
)
def test_shield(written: str, shielded: str) -> None:
    assert api.shield(written) == shielded


def test_doctests_and_indented_blocks_are_code() -> None:
    lines = ["Take |z|:", "", ">>> 2 * 3 | 1", "7", "", "A block:", "", "    a * |b|", "", "    c", "", "Then |z|."]
    api.shield_docstring(None, "function", "f", None, None, lines)
    assert lines[0] == r"Take \|z\|:"
    assert lines[2] == ">>> 2 * 3 | 1"
    assert lines[5:] == ["A block:", "", "::", "", "    a * |b|", "", "    c", "", r"Then \|z\|."]


def test_sections_of_arguments_are_no_code() -> None:
    lines = [
        "Args:",
        "    a: |a|",
        "",
        "    b: more",
        "",
        "- an item",
        "",
        "  its second paragraph",
        "",
        "A block::",
        "",
        "  x",
    ]
    before = list(lines)
    api.shield_docstring(None, "function", "f", None, None, lines)
    assert lines == [before[0], r"    a: \|a\|", *before[2:]]


def test_every_public_module_has_a_section() -> None:
    names = api.module_names()
    assert {"dlbook.dense", "dlbook.layer", "dlbook.train"} <= set(names)
    source = [f"# API\n\n{api.MARKER}\n"]
    api.add_modules(None, api.PAGE, source)
    assert source[0].count("automodule::") == len(names)
