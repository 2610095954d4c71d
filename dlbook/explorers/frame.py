"""One state of an explorer: call the draw function, take its figure and its numbers, encode the picture."""

from __future__ import annotations

import contextlib
import io
import math
import numbers
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from dlbook.explorers.grid import ExplorerError, Grid
from dlbook.explorers.slim_svg import slim_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PictureFormat = Literal["auto", "svg", "webp", "png"]
Number = float | int | str

SVG, WEBP, PNG = "image/svg+xml", "image/webp", "image/png"
PICTURES: dict[str, PictureFormat] = {SVG: "svg", WEBP: "webp", PNG: "png"}

CSS_PIXELS_PER_INCH = 96
RASTER_DPI = 144  # one and a half times the size on the page: sharp enough on dense screens, half the weight of twice
COLORS = 256


@dataclass(frozen=True)
class Frame:
    """An encoded picture of ``width`` x ``height`` CSS pixels, and the numbers that belong to it."""

    data: bytes
    mime: str
    width: int
    height: int
    numbers: dict[str, Number]


def draw_frame(draw: Callable[..., Any], grid: Grid, values: Mapping[str, Any], picture: PictureFormat) -> Frame:
    """Call ``draw(**values)`` and encode its figure as "svg", "webp" or "png".

    Raises ExplorerError, which names the explorer and the values, if the function fails, draws nothing, draws several
    figures, or returns something else than a figure and numbers.
    """
    where = f"explorer '{grid.name}' at {grid.describe(values)}"
    with new_figures() as find_figure:
        try:
            returned = draw(**values)
        except Exception as cause:
            raise ExplorerError(f"{where}: the function raises {type(cause).__name__}: {cause}") from cause
        given, readout = split_result(where, returned)
        figure = find_figure(where, given)
        if is_blank(figure):
            raise ExplorerError(f"{where}: the function draws nothing.")
        width, height = (round(inches * CSS_PIXELS_PER_INCH) for inches in figure.get_size_inches())
        encode, mime = {"svg": (as_svg, SVG), "webp": (as_webp, WEBP), "png": (as_png, PNG)}[picture]
        return Frame(encode(figure), mime, width, height, readout)


@contextlib.contextmanager
def new_figures() -> Iterator[Callable[[str, Figure | None], Figure]]:
    """Give the function an empty current figure; afterwards close whatever figures are new."""
    import matplotlib.pyplot as plt

    before = set(plt.get_fignums())
    canvas = plt.figure()

    def find_figure(where: str, given: Figure | None) -> Figure:
        if given is not None:
            return given
        made = [number for number in plt.get_fignums() if number not in before and number != canvas.number]
        if len(made) > 1:
            raise ExplorerError(
                f"{where}: the function makes {len(made)} figures; make one, or return the one to show."
            )
        return plt.figure(made[0]) if made else canvas

    try:
        yield find_figure
    finally:
        for number in set(plt.get_fignums()) - before:
            plt.close(number)


def split_result(where: str, returned: Any) -> tuple[Figure | None, dict[str, Number]]:
    """Sort what the function returned into a figure and a readout."""
    from matplotlib.figure import Figure

    figure, readout = returned if isinstance(returned, tuple) and len(returned) == 2 else (returned, None)
    if isinstance(figure, Mapping):
        figure, readout = None, figure
    if not (figure is None or isinstance(figure, Figure)) or not (readout is None or isinstance(readout, Mapping)):
        raise ExplorerError(
            f"{where}: the function returns {type(returned).__name__}; "
            'expected nothing, a figure, a dict of numbers such as {"loss": 0.1}, or (figure, dict).'
        )
    return figure, {str(key): plain_number(where, key, value) for key, value in (readout or {}).items()}


def plain_number(where: str, key: str, value: Any) -> Number:
    """Return the value as a Python int, float or short string."""
    if getattr(value, "ndim", None) == 0:
        value = value.item()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, str):
        return value
    raise ExplorerError(f"{where}: the readout {key!r} is {type(value).__name__}; expected a number or a short text.")


def number_text(value: Number) -> str:
    """Write a number of the readout as the reader sees it: four significant digits, integers in full."""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value).replace("-", "−")
    if not math.isfinite(value):
        return "undefined" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    if value == 0 or 1e-4 <= abs(value) < 1e6:
        text = f"{value:.0f}" if abs(value) >= 9999.5 else f"{value:#.4g}".rstrip(".")
    else:
        mantissa, exponent = f"{value:.2e}".split("e")
        text = f"{mantissa}·10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    return text.replace("-", "−")


SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def is_blank(figure: Figure) -> bool:
    """Whether there is nothing on the figure but empty axes."""
    marks = [*figure.texts, *figure.lines, *figure.patches, *figure.images, *figure.artists]
    return not marks and not any(axes.has_data() or axes.texts or axes.artists or axes.tables for axes in figure.axes)


def as_svg(figure: Figure) -> bytes:
    """Vector picture, the same bytes for the same figure."""
    import matplotlib as mpl

    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "dlbook", "svg.fonttype": "path", "savefig.bbox": None}):
        figure.savefig(buffer, format="svg", dpi=RASTER_DPI, metadata={"Date": None})
    return slim_svg(buffer.getvalue()).encode()


def as_png(figure: Figure) -> bytes:
    """Raster picture for a live kernel: the fastest to make."""
    import matplotlib as mpl

    buffer = io.BytesIO()
    with mpl.rc_context({"savefig.bbox": None}):
        figure.savefig(buffer, format="png", dpi=RASTER_DPI, pil_kwargs={"compress_level": 1})
    return buffer.getvalue()


def as_webp(figure: Figure) -> bytes:
    """Lossless WebP of a palette picture: small, and text stays crisp."""
    import matplotlib as mpl
    import numpy as np
    from PIL import Image

    raw = io.BytesIO()
    with mpl.rc_context({"savefig.bbox": None}):
        figure.savefig(raw, format="rgba", dpi=RASTER_DPI)
    width, height = (int(inches * RASTER_DPI) for inches in figure.get_size_inches())
    image = Image.frombytes("RGBA", (width, height), raw.getvalue()).convert("RGB")
    few = np.array(image.quantize(COLORS, dither=Image.Dither.NONE).convert("RGB"))
    few[(np.asarray(image) == 255).all(axis=2)] = 255  # the ground stays pure white in every frame
    buffer = io.BytesIO()
    Image.fromarray(few).save(buffer, format="WEBP", lossless=True, method=4)
    return buffer.getvalue()
