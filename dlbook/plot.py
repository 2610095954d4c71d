"""The house style for figures: few colours, told apart by everybody, and pictures made from the real computation.

Colours are Okabe and Ito's (2008), which stay distinct in every common form of colour blindness; classes also differ
by marker. Figures have a white ground; the book's dark theme inverts them and turns the hues back.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, ListedColormap, to_rgb
from matplotlib.patches import Circle

from dlbook.shapes import Array

BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
YELLOW, SKY, INK, GREY = "#E69F00", "#56B4E9", "#222222", "#8A8A8A"
COLORS = (BLUE, ORANGE, GREEN, PURPLE, YELLOW, SKY, INK, GREY)
MARKERS = ("o", "^", "s", "D", "v", "P", "X", "*")

REGIONS = ListedColormap([tuple(0.75 + 0.25 * v for v in to_rgb(c)) for c in COLORS])
"""Pale versions of COLORS, for areas."""

DIVERGING = LinearSegmentedColormap.from_list("dlbook", [ORANGE, "#FFFFFF", BLUE])
"""Negative to positive through white."""


def use_style() -> None:
    """Switch matplotlib to the house style; the first cell of every chapter calls this."""
    mpl.rcParams.update(
        {
            "axes.axisbelow": True,
            "axes.edgecolor": GREY,
            "axes.grid": True,
            "axes.labelcolor": INK,
            "axes.prop_cycle": cycler(color=COLORS),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlelocation": "left",
            "axes.titlesize": "medium",
            "figure.dpi": 100,
            "figure.figsize": (6.4, 3.6),
            "figure.constrained_layout.use": True,
            "font.size": 11,
            "grid.alpha": 0.35,
            "grid.linewidth": 0.6,
            "image.cmap": "gray_r",
            "legend.frameon": False,
            "lines.linewidth": 2.0,
            "savefig.dpi": 200,
            "svg.hashsalt": "dlbook",
            "xtick.color": GREY,
            "xtick.labelcolor": INK,
            "ytick.color": GREY,
            "ytick.labelcolor": INK,
        }
    )
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:  # in a notebook: sharp figures, reproducible bytes
        from matplotlib_inline import backend_inline

        set_formats: Callable[..., None] = backend_inline.set_matplotlib_formats
        set_formats("svg", metadata={"Date": None})


def points(ax: Axes, X: Array, y: Array, *, names: Sequence[str] | None = None, size: float = 28) -> None:
    """Scatter two-dimensional examples X (m, 2); each class of y has its own colour and marker.

    Class numbers 0, 1, 2, … have the colours of :func:`regions`; other labels take theirs in ascending order.
    """
    y = np.asarray(y)
    classes = np.unique(y)
    numbered = y.dtype.kind in "iu" and classes.min() >= 0
    for place, c in enumerate(classes):
        i = int(c) if numbered else place
        here = y == c
        x1, x2 = np.asarray(X)[here].T
        ax.scatter(
            x1, x2, s=size, marker=MARKERS[i], color=COLORS[i], edgecolor="white", linewidth=0.6,
            label=names[place] if names else f"{c:g}", zorder=3,
        )  # fmt: skip


def regions(
    ax: Axes, predict: Callable[[Array], Array], *, xlim: tuple[float, float], ylim: tuple[float, float], n: int = 200
) -> None:
    """Colour the plane by the class (0, 1, 2, …) that ``predict`` gives to each of n × n points (m, 2) → (m,)."""
    x1, x2 = np.meshgrid(np.linspace(*xlim, n), np.linspace(*ylim, n))
    classes = np.asarray(predict(np.column_stack([x1.ravel(), x2.ravel()]))).reshape(x1.shape)
    ax.imshow(
        classes, extent=(*xlim, *ylim), origin="lower", aspect="auto", cmap=REGIONS, vmin=-0.5,
        vmax=REGIONS.N - 0.5, interpolation="nearest",
    )  # fmt: skip
    ax.set(xlim=xlim, ylim=ylim)
    ax.grid(False)


def line(ax: Axes, w: Array, b: float, *, color: str = INK, label: str | None = None) -> None:
    """Draw the line w · x + b = 0 across the axes; nothing is drawn where w is zero, because there is no line."""
    w = np.asarray(w, dtype=float)
    if not w.any():
        return
    foot = -b * w / (w @ w)  # the point of the line next to the origin
    ax.axline(tuple(foot), tuple(foot + np.array([-w[1], w[0]])), color=color, label=label)


def images(X: Array, titles: Sequence[str] | None = None, *, columns: int = 10, side: int = 28) -> None:
    """Show examples X (m, side²), values in [0, 1], as a grid of small pictures on a new figure."""
    rows = -(-len(X) // columns)
    columns = min(columns, len(X))
    height = 0.75 if titles is None else 0.95
    _, axes = plt.subplots(rows, columns, figsize=(0.64 * columns, height * rows), squeeze=False)
    for i, ax in enumerate(axes.flat):
        ax.axis("off")
        if i < len(X):
            ax.imshow(np.reshape(X[i], (side, side)), vmin=0, vmax=1)
            if titles is not None:
                ax.set_title(titles[i], fontsize=9, loc="center")


def network(
    ax: Axes,
    sizes: Sequence[int],
    *,
    values: Sequence[Array] | None = None,
    weights: Sequence[Array] | None = None,
    names: Sequence[str] | None = None,
) -> None:
    """Draw a fully connected network, one circle per unit and one line per weight.

    Args:
        ax: where to draw.
        sizes: units per layer, the input first.
        values: a number per unit of every layer, written into the circles.
        weights: W^l of shape (n_l, n_{l−1}) for l = 2, 3, …; width and colour of the lines show size and sign.
        names: a label under every layer.
    """
    tallest = max(sizes)
    places = [[(x * 1.8, (n - 1) / 2 - i) for i in range(n)] for x, n in enumerate(sizes)]
    for layer in range(1, len(sizes)):
        W = None if weights is None else np.asarray(weights[layer - 1])
        largest = 1.0 if W is None else max(np.abs(W).max(), 1e-12)
        for j, end in enumerate(places[layer]):
            for k, start in enumerate(places[layer - 1]):
                share = 0.35 if W is None else abs(W[j, k]) / largest
                color = GREY if W is None else (BLUE if W[j, k] > 0 else ORANGE)
                ax.plot(*zip(start, end, strict=True), color=color, linewidth=0.4 + 2.2 * share, zorder=1)
    for layer, column in enumerate(places):
        for i, (x, y) in enumerate(column):
            ax.add_patch(Circle((x, y), 0.33, facecolor="white", edgecolor=INK, linewidth=1.2, zorder=2))
            if values is not None:
                ax.text(x, y, f"{values[layer][i]:.2f}", ha="center", va="center", fontsize=8, zorder=3)
        if names is not None:
            ax.text(column[0][0], -tallest / 2 - 0.25, names[layer], ha="center", va="top")
    ax.set(xlim=(-0.6, 1.8 * (len(sizes) - 1) + 0.6), ylim=(-tallest / 2 - 0.8, tallest / 2 + 0.1), aspect="equal")
    ax.axis("off")
