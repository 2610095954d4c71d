"""The drawing pad as a self-contained piece of HTML.

Style, scripts and weights stand in the output: it works from any page, http or file, alone or beside explorers, and
in a notebook whose cell has run. Ids are made of the pad's name: the same notebook gives the same bytes.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

import numpy as np

from dlbook.pad.centre import SIDE
from dlbook.pad.weights import describe, encode
from dlbook.sequential import Sequential
from dlbook.shapes import Array, as_numbers

SCRIPTS = ("network.js", "centre.js", "pad.js")
TEXT_ONLY = "DLBOOK_TEXT_ONLY"  # set to 1 where a notebook is run to be committed: 200 kB of HTML stay out of the file


class DrawingPad:
    """A place to draw a digit on, and the answers of a network, computed in the reader's browser.

    Args:
        model: a network for X (m, 1, 28, 28) with ten outputs before softmax, such as :func:`dlbook.zoo.lenet5`.
        examples: ready-made drawings by their name, each 784 numbers from 0 (paper) to 1 (ink), as MNIST has them.
        name: stable id of the pad in links, ``lowercase-with-hyphens``.
        title: one line above it.

    Raises:
        TypeError: the page cannot compute a layer of the model.
        ValueError: the model does not give ten numbers for an image, a weight does not fit into 16 bits, or an example
            has not 784 numbers from 0 to 1.
    """

    def __init__(
        self,
        model: Sequential,
        *,
        examples: Mapping[str, Array] | None = None,
        name: str = "pad",
        title: str = "Draw a digit",
    ) -> None:
        self.name, self.title = name, title
        self.layers, self.weights = describe(model), encode(model)
        answer = model(np.zeros((1, 1, SIDE, SIDE), next(iter(model.params.values())).dtype))
        if answer.shape != (1, 10):
            raise ValueError(f"DrawingPad expects ten outputs for an image, got {answer.shape[1:]}")
        self.examples = {label: _pixels(label, drawing) for label, drawing in (examples or {}).items()}

    def html(self) -> str:
        """Return the pad: controls, an empty sheet, the ten bars, the weights, and the scripts."""
        key = f"pad-{self.name}"
        bars = "\n".join(
            f'<li><span class="dlp-digit">{digit}</span><span class="dlp-bar"><i></i></span>'
            f'<span class="dlp-share">–</span></li>'
            for digit in range(10)
        )
        ready = "\n".join(
            f'<button type="button" data-drawing="{base64.b64encode(pixels.tobytes()).decode()}" '
            f'aria-label="{escape(label)}" title="{escape(label)}"><canvas width="28" height="28"></canvas></button>'
            for label, pixels in self.examples.items()
        )
        chosen = f'<div class="dlp-ready" role="group" aria-label="Ready-made digits">{ready}</div>' if ready else ""
        scripts = "\n".join(asset(script) for script in SCRIPTS)
        return f"""<style>{asset("pad.css")}</style>
<figure class="dlp" id="{key}" role="group" aria-labelledby="{key}-title">
<figcaption class="dlp-title" id="{key}-title">{escape(self.title)}</figcaption>
<p class="dlp-note">The pad needs JavaScript.</p>
<div class="dlp-live" hidden>
<div class="dlp-stage">
<canvas class="dlp-paper" width="224" height="224" tabindex="0" role="application" aria-label="Sheet to draw on" \
aria-describedby="{key}-keys"></canvas>
<div class="dlp-reply">
<p class="dlp-answer">Draw a digit.</p>
<ol class="dlp-bars" aria-label="Probabilities of the digits">
{bars}
</ol>
</div>
<div class="dlp-eye"><canvas class="dlp-seen" width="28" height="28" role="img" \
aria-label="What the network sees: nothing yet"></canvas><span>what the network sees: 28 × 28 pixels</span></div>
</div>
<div class="dlp-controls"><button type="button" data-action="clear">Clear</button>{chosen}</div>
<p class="dlp-keys" id="{key}-keys">Draw with mouse, pen or finger. With keys: the arrows move the pen, space puts it \
down and lifts it, delete clears.</p>
</div>
<p class="dlp-status" role="status"></p>
<script type="application/json" class="dlp-layers">{json.dumps(self.layers)}</script>
<script type="text/plain" class="dlp-weights">{self.weights}</script>
<script>
window.startPad ??= (() => {{
{scripts}
return start;
}})();
document.querySelectorAll("figure.dlp:not([data-started])").forEach(window.startPad);
</script>
</figure>"""

    def __repr__(self) -> str:
        weights = sum(layer.get("weights", 0) + layer.get("biases", 0) for layer in self.layers)
        return (
            f"Drawing pad: {self.title}\nThe network of {weights:,} weights runs in the browser; "
            f"{len(self.examples)} ready-made drawings"
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        text = {"text/plain": repr(self)}
        return text if os.environ.get(TEXT_ONLY) == "1" else {**text, "text/html": self.html()}


def _pixels(label: str, drawing: Array) -> Array:
    """Return a drawing as 784 bytes."""
    drawing = as_numbers("DrawingPad", drawing)
    if drawing.size != SIDE**2 or drawing.min() < 0 or drawing.max() > 1:
        raise ValueError(
            f"DrawingPad expects for {label!r} 28 × 28 numbers from 0 to 1, got {drawing.shape} "
            f"from {drawing.min(initial=0):g} to {drawing.max(initial=0):g}"
        )
    return np.round(drawing.ravel() * 255).astype(np.uint8)


@cache
def asset(name: str) -> str:
    """Return the text of a file beside this module."""
    return files("dlbook.pad").joinpath(name).read_text("utf-8").strip()
