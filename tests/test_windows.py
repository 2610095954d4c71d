"""Where windows lie, and what is said where they cannot lie anywhere."""

from __future__ import annotations

import numpy as np
import pytest

from dlbook import AvgPool2D, Conv2D, L2Pool2D, MaxPool2D, Sequential, col2im, convolve, cross_correlate, im2col
from dlbook.windows import Span, spans

rng = np.random.default_rng(0)
LAYER = Conv2D(3, 4, 5, rng=rng)


@pytest.mark.parametrize(
    ("n", "k", "stride", "padding", "wanted"),
    [
        (28, 5, 1, "valid", Span(24, 0, 0)),
        (28, 5, 1, "same", Span(28, 2, 2)),
        (5, 2, 1, "same", Span(5, 0, 1)),  # an odd zero goes to the end
        (224, 7, 2, "same", Span(112, 2, 3)),
        (224, 7, 2, 3, Span(112, 3, 3)),
        (7, 3, 2, 0, Span(3, 0, 0)),
        (8, 3, 2, 0, Span(3, 0, 0)),  # the eighth pixel is not looked at
        (7, 1, 3, "same", Span(3, 0, 0)),
        (3, 5, 1, 1, Span(1, 1, 1)),
    ],
)
def test_spans(n: int, k: int, stride: int, padding: str | int, wanted: Span) -> None:
    assert spans("test", (n,), (k,), (stride,), padding) == (wanted,)


@pytest.mark.parametrize(
    ("make", "error", "sentence"),
    [
        (lambda: Conv2D(0, 3, 3, rng=rng), ValueError, "c_in >= 1, got 0"),
        (lambda: Conv2D(3, 0, 3, rng=rng), ValueError, "c_out >= 1, got 0"),
        (lambda: Conv2D(3, 4, 0, rng=rng), ValueError, "Conv2D expects size >= 1, got 0"),
        (lambda: Conv2D(3, 4, 2.5, rng=rng), TypeError, "size as a whole number, got 2.5"),
        (lambda: Conv2D(3, 4, (3, 0), rng=rng), ValueError, "the width of size >= 1, got 0"),
        (lambda: Conv2D(3, 4, (3, 3, 3), rng=rng), ValueError, r"size as one number or as \(height, width\)"),
        (lambda: Conv2D(3, 4, 3, stride=0, rng=rng), ValueError, "Conv2D expects stride >= 1, got 0"),
        (lambda: Conv2D(3, 4, 3, padding="SAME", rng=rng), ValueError, '"valid", "same" or a whole number >= 0, got'),
        (lambda: Conv2D(3, 4, 3, padding=-1, rng=rng), ValueError, "got -1"),
        (lambda: Conv2D(3, 4, 3, padding=True, rng=rng), ValueError, "got True"),
        (lambda: Conv2D(3, 4, 3, rng=0), TypeError, r"np.random.default_rng\(seed\)"),
        (lambda: Conv2D(3, 4, 3), TypeError, "rng"),
        (lambda: Conv2D(3, 4, 3, rng=rng, init=lambda *a, rng: np.zeros(3)), ValueError, "the array that init returns"),
        (lambda: MaxPool2D(0), ValueError, "MaxPool2D expects size >= 1, got 0"),
        (lambda: AvgPool2D(2, stride=0), ValueError, "AvgPool2D expects stride >= 1, got 0"),
        (lambda: L2Pool2D(-2), ValueError, "L2Pool2D expects size >= 1, got -2"),
        (lambda: MaxPool2D(3, padding=2), ValueError, "at most half the window, 1, got 2"),
    ],
)
def test_what_cannot_be_made(make: object, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        make()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("X", "error", "sentence"),
    [
        (
            np.zeros((2, 3, 4, 9)),
            ValueError,
            r"as large as the window, 5 x 5, got 4 x 9 with padding 'valid'.*\"same\"",
        ),
        (np.zeros((2, 1, 8, 8)), ValueError, r"\(m, 3, H, W\), got \(2, 1, 8, 8\) with 1 channels.*made for 3"),
        (np.zeros((2, 8, 8, 3)), ValueError, r"channels last\? Use X\.transpose\(0, 3, 1, 2\)"),
        (np.zeros((3, 8, 8)), ValueError, r"got \(3, 8, 8\); grey images have one channel, X\[:, None\]"),
        (np.zeros((8, 8)), ValueError, r"got \(8, 8\); one grey image is X\[None, None\]"),
        (np.zeros((2, 192)), ValueError, r"\(m, 3, H, W\), got \(2, 192\);.* rows of pixels are X\.reshape"),
        (np.zeros((0, 3, 8, 8)), ValueError, "the batch is empty"),
        (np.zeros((2, 3, 8, 8), dtype=np.uint8), TypeError, "got uint8.*X / 255"),
        (np.full((2, 3, 8, 8), np.nan), ValueError, "NaN in X"),
    ],
)
def test_images_that_do_not_fit(X: np.ndarray, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        LAYER.forward(X)


@pytest.mark.parametrize("layer", [MaxPool2D(3), AvgPool2D(3), L2Pool2D(3)], ids=repr)
def test_pooling_says_what_is_wrong(layer: MaxPool2D) -> None:
    with pytest.raises(ValueError, match=r"as large as the window, 3 x 3, got 2 x 8"):
        layer.forward(np.zeros((1, 1, 2, 8)))
    with pytest.raises(ValueError, match=r"\(m, c, H, W\), got \(5, 8, 8\); grey images have one channel"):
        layer.forward(np.zeros((5, 8, 8)))
    with pytest.raises(ValueError, match="NaN in X"):
        layer.forward(np.full((1, 1, 4, 4), np.nan))


def test_sequential_names_the_layer() -> None:
    model = Sequential(Conv2D(1, 2, 3, rng=rng), MaxPool2D(4))
    with pytest.raises(ValueError, match="as large as the window, 4 x 4, got 3 x 3") as caught:
        model.forward(np.zeros((1, 1, 5, 5)))
    assert "layer 1 of Sequential, MaxPool2D(size (4, 4), stride (4, 4)" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: cross_correlate(np.zeros((2, 2)), np.zeros((3, 3))), "3 x 3, got 2 x 2"),
        (
            lambda: cross_correlate(np.zeros((5, 5)), np.zeros(3)),
            r"two grey images, got shapes \(5, 5\)",
        ),
        (lambda: convolve(np.zeros((1, 5, 5)), np.zeros((1, 3, 3))), "two signals or two grey images"),
        (lambda: convolve(np.zeros(5), np.zeros(3), "circular"), 'mode is "full", "same" or "valid", got \'circular\''),
        (lambda: convolve(np.array([1, np.nan]), np.ones(1)), "NaN in x"),
        (lambda: im2col(np.zeros(5), 3), r"one grey image \(H, W\), got \(5,\)"),
        (lambda: im2col(np.zeros((4, 4)), 5), "im2col expects an image at least as large as the window"),
        (lambda: im2col(np.zeros((4, 4)), 2, 0), "stride >= 1"),
        (lambda: col2im(np.zeros((4, 4)), (4, 4), 2), r"col2im expects C of shape \(9, 4\), got \(4, 4\)"),
    ],
)
def test_plain_functions_say_what_is_wrong(call: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        call()  # type: ignore[operator]
