"""Where windows lie on an image: what convolution and pooling have in common.

A window of ``size`` moves over the padded image in steps of ``stride``. Along an axis of n pixels with p zeros in all
it finds ⌊(n + p − size) / stride⌋ + 1 places (eq-conv-output-size); what is left over at the end, smaller than a step,
is not looked at (as in PyTorch).
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from dlbook.shapes import Array, as_array, as_numbers, positive_int

Pair: TypeAlias = tuple[int, int]
Size: TypeAlias = int | Pair
Padding: TypeAlias = Literal["valid", "same"] | int


class Span(NamedTuple):
    """How windows lie along one axis: in ``out`` places, with ``before`` and ``after`` pixels of padding around it."""

    out: int
    before: int
    after: int

    def seen(self, i: int, stride: int) -> slice:
        """Return where, on the padded axis, the i-th pixel of all windows lies."""
        return slice(i, i + stride * (self.out - 1) + 1, stride)

    def inside(self, n: int) -> slice:
        """Return where, on the padded axis, the n pixels of the image lie."""
        return slice(self.before, self.before + n)


def pair(who: str, value: Size, name: str) -> Pair:
    """Return one number for height and width, or a pair of numbers, as a pair."""
    if not isinstance(value, tuple | list):
        value = positive_int(who, value, name)
        return value, value
    if len(value) != 2:
        raise ValueError(f"{who} expects {name} as one number or as (height, width), got {value!r}")
    return positive_int(who, value[0], f"the height of {name}"), positive_int(who, value[1], f"the width of {name}")


def as_padding(who: str, padding: Padding) -> Padding:
    """Return ``padding`` if it is "valid" (none), "same" or a whole number of at least 0, else raise ``ValueError``."""
    if isinstance(padding, str) and padding in ("valid", "same"):
        return padding
    if isinstance(padding, Integral) and not isinstance(padding, bool) and padding >= 0:
        return int(padding)
    raise ValueError(f'{who} expects padding as "valid", "same" or a whole number >= 0, got {padding!r}')


def spans(
    who: str, shape: Sequence[int], size: Sequence[int], stride: Sequence[int], padding: Padding
) -> tuple[Span, ...]:
    """Return how windows lie along every axis of an image of ``shape``.

    "same" gives ⌈n / stride⌉ places. The zeros that this takes are shared out evenly; an odd one goes to the end
    (as in TensorFlow).

    Raises:
        ValueError: the window is larger than the padded image.
    """
    found = []
    for n, k, s in zip(shape, size, stride, strict=True):
        if padding == "same":
            out = -(-n // s)
            zeros = max((out - 1) * s + k - n, 0)
            found.append(Span(out, zeros // 2, zeros - zeros // 2))
        else:
            p = 0 if padding == "valid" else int(padding)
            found.append(Span((n + 2 * p - k) // s + 1, p, p))
    if min(span.out for span in found) < 1:
        window, image = (" x ".join(map(str, sides)) for sides in (size, shape))
        raise ValueError(
            f"{who} expects an image at least as large as the window, {window}, got {image} with padding {padding!r}: "
            f'make the window smaller, the image larger, or use padding="same"'
        )
    return tuple(found)


def frame(X: Array, rows: Span, columns: Span, fill: float = 0.0) -> Array:
    """Return X (m, c, H, W) with its padding around it, in the memory order of X; X itself where there is none."""
    m, c, H, W = X.shape
    shape = (m, c, H + rows.before + rows.after, W + columns.before + columns.after)
    if shape == X.shape:
        return X
    framed = np.full_like(X, fill, shape=shape)
    framed[:, :, rows.inside(H), columns.inside(W)] = X
    return framed


def as_images(who: str, X: ArrayLike, channels: int | None = None) -> Array:
    """Return ``X`` as a batch of images of shape (m, c, H, W), with ``channels`` channels if that is given.

    Raises:
        ValueError: another number of axes or of channels.
        TypeError: see :func:`dlbook.shapes.as_numbers`.
    """
    X = as_array(X)
    c = "c" if channels is None else channels
    if X.ndim != 4:
        hints = {
            2: "; one grey image is X[None, None], rows of pixels are X.reshape(len(X), c, H, W)",
            3: "; grey images have one channel, X[:, None]",
        }
        raise ValueError(f"{who} expects X of shape (m, {c}, H, W), got {X.shape}{hints.get(X.ndim, '')}")
    if channels is not None and X.shape[1] != channels:
        last = X.shape[3] == channels
        hint = "are the channels last? Use X.transpose(0, 3, 1, 2)" if last else f"the layer was made for {c} channels"
        raise ValueError(f"{who} expects X of shape (m, {c}, H, W), got {X.shape} with {X.shape[1]} channels: {hint}")
    return as_numbers(who, X)
