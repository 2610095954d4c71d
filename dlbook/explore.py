"""Explorers: one definition, two lives.

    from dlbook.explore import explore

    def line(gate, step):
        fig, ax = plt.subplots(figsize=(6.4, 4))
        ...
        return {"errors": errors, "loss": loss}

    explore(line, gate=["AND", "OR", "XOR"], step=range(21), play="step", name="perceptron-steps",
            title="A perceptron learns a logic gate",
            alt="Decision line for {gate} after {step} steps: {errors} of 4 points are on the wrong side.")

In a live kernel the explorer is a set of ipywidgets that call the function. While the book is being built
(environment variable ``DLBOOK_BOOK_BUILD=1``) it is plain HTML with native controls and every frame drawn in advance.

**The draw function** takes each parameter by name and draws one figure, with ``plt.subplots`` or straight on the
current figure. It returns nothing, the figure, a dict of numbers for the readout (``{"loss": 0.123}``; integers,
floats and short strings), or ``(figure, numbers)``. All states must have the same figure size and the same readout
names, so that nothing jumps. A frame must depend on the values alone: make random generators inside the function
(``rng = np.random.default_rng(0)``); a generator from outside is refused. Draw the frames of a long computation from a
result computed beforehand (a dict in the notebook, or a function with ``functools.cache``); the last parameter
varies fastest and neighbouring states are drawn in the same process.

**The parameters** are keyword arguments with at least two values each: numbers (a list, ``range`` or array) become a
slider, strings a row of choice buttons, ``[False, True]`` a check box. ``play="step"`` gives the slider ``step`` a play
button. The page's address carries the state: ``page.html?perceptron-steps.gate=XOR&perceptron-steps.step=3``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dlbook.explorers import live, page
from dlbook.explorers.alt import AltText
from dlbook.explorers.cache import cached_frames
from dlbook.explorers.fingerprint import refuse_generators
from dlbook.explorers.frame import PICTURES, Frame, PictureFormat, draw_frame
from dlbook.explorers.grid import ExplorerError, Grid, check_signature, make_grid

__all__ = ["Explorer", "ExplorerError", "explore"]


def explore(
    draw: Callable[..., Any],
    *,
    title: str,
    alt: str | Callable[[dict[str, Any]], str],
    name: str | None = None,
    play: str | None = None,
    start: Mapping[str, Any] | None = None,
    labels: Mapping[str, str] | None = None,
    format: PictureFormat = "auto",
    **parameters: Iterable[Any],
) -> Explorer:
    """Make an explorer of ``draw`` over the grid of all combinations of the parameters' values.

    Args:
        draw: the function that draws one state on matplotlib's current figure; it may return a dict of numbers.
        title: one line above the controls.
        alt: what there is to see in a state, for those who do not see it: a format string over the parameters and the
            readout (``"{gate} after {step} steps"``), or a function of one dict that holds both.
        name: stable id of the explorer in links, ``lowercase-with-hyphens``; by default the name of the function.
        play: the numeric parameter that is time (epochs, steps, positions); it gets a play button.
        start: values to begin with; the others begin with their first value.
        labels: text shown for a parameter (``{"eta": "learning rate η"}``); by default its name.
        format: "svg" (lines), "webp" (images, contours, many points), or "auto": whichever is smaller, measured.
        **parameters: the values of each parameter of ``draw``.

    Raises ExplorerError, naming the explorer, the parameter values and the cause: no or equal values, a name that the
    function does not take, a state in which it draws nothing or raises, a grid of more than 400 states, or more than
    700 kB of frames. Every state is checked when the book is built, the first one also in a live kernel.
    """
    grid = make_grid(draw, name=name, play=play, start=start, labels=labels, values=parameters)
    check_signature(grid.name, draw, [parameter.name for parameter in grid.parameters])
    return Explorer(draw, grid, title=title, alt=AltText(grid, alt), format=format)


class Explorer:
    """What ``explore`` returns: shows itself as widgets, as HTML in the book, or as two lines of text."""

    def __init__(
        self, draw: Callable[..., Any], grid: Grid, *, title: str, alt: AltText, format: PictureFormat
    ) -> None:
        self.draw, self.grid, self.title, self.alt, self.format = draw, grid, title, alt, format
        refuse_generators(grid.name, draw)
        # Drawn here and not in _repr_mimebundle_: IPython swallows what is raised there, a failure must stop the build.
        self.picture: PictureFormat = "png"
        if building_book():
            frames = cached_frames(draw, grid, format)
            self.picture = PICTURES[frames[0].mime]
            self.html = page.render(self, frames)
        else:
            alt.text(grid.start_values, self.frame(**grid.start_values).numbers)

    def frame(self, **values: Any) -> Frame:
        """Draw one state now: picture and numbers (no cache)."""
        return draw_frame(self.draw, self.grid, values, self.picture)

    def __repr__(self) -> str:
        """Text without ids or addresses, so that notebook tests can compare it."""
        return f"Explorer: {self.title}\n{self.grid.summary()}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        # Not _repr_html_: IPython would call it as well and draw all frames in a live notebook too.
        if building_book():
            return {"text/plain": repr(self), "text/html": self.html}
        return {"text/plain": repr(self), **live.widget_view(self)}


def building_book() -> bool:
    """Whether this kernel runs for the built book."""
    return os.environ.get("DLBOOK_BOOK_BUILD") == "1"
