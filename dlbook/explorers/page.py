"""An explorer as a self-contained piece of HTML: native controls, the first frame, and all frames in one block.

The style and the script stand in every explorer's output, and the script starts one explorer. So an explorer works
from any page, http or file, alone or beside others, and pages without explorers carry nothing of it. Ids are made of
the explorer's stable name: the same notebook gives the same bytes, and links keep working.
"""

from __future__ import annotations

import base64
import json
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import quote

from dlbook.explorers.frame import Frame, number_text
from dlbook.explorers.grid import ExplorerError, Parameter, value_text
from dlbook.explorers.pack import pack

if TYPE_CHECKING:
    from dlbook.explore import Explorer

MAX_BYTES = 700_000


@cache
def asset(name: str) -> str:
    """Return the text of a file beside this module."""
    return files("dlbook.explorers").joinpath(name).read_text("utf-8").strip()


def render(explorer: Explorer, frames: list[Frame]) -> str:
    """Return the HTML of an explorer whose frames, one per state of the grid, are given.

    Raises ExplorerError if the frames weigh more than MAX_BYTES.
    """
    grid = explorer.grid
    texts = [explorer.alt.text(state, frame.numbers) for state, frame in zip(grid.states(), frames, strict=True)]
    numbers = [[number_text(value) for value in frame.numbers.values()] for frame in frames]
    block = pack([frame.data for frame in frames], mime=frames[0].mime, texts=texts, numbers=numbers)
    if len(block) > MAX_BYTES:
        raise ExplorerError(
            f"explorer '{grid.name}' weighs {len(block) / 1e3:.0f} kB ({len(frames)} frames of "
            f"{len(block) / len(frames) / 1e3:.1f} kB), at most {MAX_BYTES / 1e3:.0f} kB go into a page: "
            "give fewer values, a smaller figsize or fewer drawn points."
        )
    first, anchor = frames[grid.start_index], f"explore-{grid.name}"
    rows = "\n".join(control(anchor, parameter) for parameter in grid.parameters)
    state = ", ".join(f"{p.label} {value_text(p.values[p.start])}" for p in grid.parameters)
    return f"""<style>{asset("explore.css")}</style>
<figure class="dlx" id="{anchor}" data-name="{grid.name}" role="group" aria-labelledby="{anchor}-title">
<figcaption class="dlx-title" id="{anchor}-title">{escape(explorer.title)}</figcaption>
<div class="dlx-controls" hidden>
{rows}
</div>
<img class="dlx-picture dark-light" src="{data_url(first)}" alt="{escape(texts[grid.start_index])}" \
width="{first.width}" height="{first.height}" decoding="sync">
<div class="dlx-foot">{readout(first, numbers)}
<div class="dlx-actions" hidden><button type="button" data-action="reset">Reset</button>
<button type="button" data-action="copy">Copy link</button></div></div>
<p class="dlx-note">Shown: <span class="dlx-state">{escape(state)}</span>. \
The picture has {len(frames)} states; its controls work in a browser with JavaScript.</p>
<p class="dlx-status" role="status"></p>
<script type="text/plain" class="dlx-frames">{base64.b64encode(block).decode()}</script>
<script>{asset("explore.js")}</script>
</figure>"""


def control(anchor: str, parameter: Parameter) -> str:
    """Return one row of the form: label, native input, value, and the play button where the parameter is time."""
    texts, label, key = parameter.texts, escape(parameter.label), f"{anchor}-{parameter.name}"
    value = escape(texts[parameter.start])
    attributes = (
        f'class="dlx-row dlx-{parameter.kind}" data-parameter="{parameter.name}" data-start="{parameter.start}" '
        f'data-texts="{escape(json.dumps(texts, ensure_ascii=False))}"'
    )
    if parameter.kind == "slider":
        play = f'<button type="button" data-action="play" aria-describedby="{key}-label">Play</button>'
        return (
            f'<div {attributes}><label class="dlx-label" id="{key}-label" for="{key}">{label}</label>'
            f'<input type="range" id="{key}" min="0" max="{len(texts) - 1}" step="1" value="{parameter.start}" '
            f'style="--dlx-part:{parameter.start / (len(texts) - 1):.3f}" '
            f'aria-valuetext="{value}" autocomplete="off">'
            # Not <output>: that is a live region, and the slider already speaks its value.
            f'<span class="dlx-value" style="min-width:{max(map(len, texts))}ch">{value}</span>'
            f"{play if parameter.play else ''}</div>"
        )
    if parameter.kind == "switch":
        checked = " checked" if parameter.values[parameter.start] else ""
        return (
            f'<label {attributes}><span class="dlx-label">{label}</span>'
            f'<input type="checkbox" autocomplete="off"{checked}></label>'
        )
    choices = "".join(
        f'<label><input type="radio" name="{key}" value="{i}" autocomplete="off"{" checked" * (i == parameter.start)}>'
        f"<span>{escape(text)}</span></label>"
        for i, text in enumerate(texts)
    )
    return (
        f'<div {attributes} role="radiogroup" aria-labelledby="{key}-label">'
        f'<span class="dlx-label" id="{key}-label">{label}</span><span class="dlx-choices">{choices}</span></div>'
    )


def readout(first: Frame, numbers: list[list[str]]) -> str:
    """Show the numbers that the function returned; each place is as wide as its widest number, so nothing moves."""
    if not first.numbers:
        return ""
    widths = [max(len(row[i]) for row in numbers) for i in range(len(first.numbers))]
    items = "".join(
        f'<div><dt>{escape(name)}</dt><dd style="min-width:{width}ch">{escape(number_text(value))}</dd></div>'
        for (name, value), width in zip(first.numbers.items(), widths, strict=True)
    )
    return f'<dl class="dlx-numbers">{items}</dl>'


def data_url(frame: Frame) -> str:
    """Return the picture as an address; SVG as text, which is a quarter shorter than base64."""
    if frame.mime == "image/svg+xml":
        text = frame.data.decode().replace('"', "'")
        return f"data:{frame.mime},{quote(text, safe=SAFE)}"
    return f"data:{frame.mime};base64,{base64.b64encode(frame.data).decode()}"


SAFE = " !$'()*+,-./:;=?@[]_~"
