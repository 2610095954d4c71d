"""The drawing pad: drawings become images of MNIST's form, and the page gets the network's own numbers."""

from __future__ import annotations

import base64
import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlbook import Conv2D, Dense, Dropout, Flatten, MaxPool2D, ReLU, Sequential, Sigmoid, data, lenet5
from dlbook.pad import DrawingPad, as_mnist, centre_of_mass
from dlbook.pad.weights import describe, encode
from dlbook.shapes import Array


def by_loops(ink: Array) -> Array:
    """MNIST's form, pixel by pixel: every fine pixel gives its ink to the coarse one that it lies in, part by part."""
    H, W = ink.shape
    rows = [i for i in range(H) if any(ink[i, j] > 0 for j in range(W))]
    columns = [j for j in range(W) if any(ink[i, j] > 0 for i in range(H))]
    drawn = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    longer = max(drawn.shape)
    height, width = (max(1, (2 * 20 * n + longer) // (2 * longer)) for n in drawn.shape)
    small = np.zeros((height, width))
    fine = np.kron(drawn, np.ones((height, width)))  # height × drawn rows: both grids fit into it
    for i in range(height):
        for j in range(width):
            block = fine[i * drawn.shape[0] : (i + 1) * drawn.shape[0], j * drawn.shape[1] : (j + 1) * drawn.shape[1]]
            small[i, j] = block.mean()
    top, left = (nearest(middle(small, axis), size) for axis, size in enumerate(small.shape))
    image = np.zeros((28, 28))
    image[top : top + height, left : left + width] = small
    return image


def nearest(centre: float, size: int) -> int:
    """Try all places: the one that brings the centre of mass nearest to 14, of two equal ones the first."""
    return min(range(28 - size + 1), key=lambda start: (round(abs(centre + start - 14), 8), start))


def middle(image: Array, axis: int) -> float:
    places = np.indices(image.shape)[axis]
    return float((places * image).sum() / image.sum())


class TestAsMnist:
    def test_mnists_own_images_stay_as_they_are_at_every_enlargement(self) -> None:
        """So the middle, the box and the rounding are those of the people who made the set."""
        X = data.mnist(dtype=np.float32).X_test.reshape(-1, 28, 28)
        longer = np.array([max(np.ptp(places) for places in image.nonzero()) + 1 for image in X])
        at_the_border = [(n, image[27].any()) for n, image in zip(longer, X, strict=True) if n != 20]
        assert at_the_border == [(19, True)] * 3  # of 20 rows one was cut off
        for times, some in ((1, X), (3, X[:170]), (8, X[:170])):
            enlarged = np.kron(some, np.ones((1, times, times), np.float32))
            made = np.array([as_mnist(ink) for ink in enlarged])
            assert made.dtype == np.float32
            assert np.abs(made - some)[longer[: len(some)] == 20].max() < 1e-6

    @given(st.integers(0, 10_000), st.integers(2, 60), st.integers(2, 60))
    def test_equals_the_loops(self, seed: int, height: int, width: int) -> None:
        rng = np.random.default_rng(seed)
        ink = rng.uniform(size=(height, width)) * (rng.uniform(size=(height, width)) < 0.4)
        ink[rng.integers(height), rng.integers(width)] = 1
        assert np.abs(as_mnist(ink) - by_loops(ink)).max() < 1e-9

    def test_position_and_size_on_the_sheet_do_not_matter(self) -> None:
        digit = data.mnist().X_test[7].reshape(28, 28)
        sheet = np.zeros((224, 224))
        sheet[100:184, 120:204] = np.kron(digit, np.ones((3, 3)))
        assert np.abs(as_mnist(sheet) - digit).max() < 1e-12

    def test_the_box_and_the_middle(self) -> None:
        sheet = np.zeros((100, 100))
        sheet[5:85, 20:30] = 1  # 80 × 10 → 20 × 2.5
        image = as_mnist(sheet)
        assert np.count_nonzero(image.any(axis=1)) == 20
        assert np.count_nonzero(image.any(axis=0)) == 3
        assert np.abs(np.array(centre_of_mass(image)) - 14).max() <= 0.5

    @pytest.mark.parametrize("where", [(0, 0), (27, 27), (3, 20)])
    def test_a_single_pixel_becomes_a_full_box_and_no_ink_no_image(self, where: tuple[int, int]) -> None:
        sheet = np.zeros((28, 28))
        assert not as_mnist(sheet).any()
        sheet[where] = 0.5
        assert as_mnist(sheet).sum() == pytest.approx(0.5 * 400)

    def test_lopsided_ink_stays_inside(self) -> None:
        sheet = np.zeros((40, 40))
        sheet[:, 0], sheet[0, :] = 1e-6, 1e-6
        sheet[-1, -1] = 1
        image = as_mnist(sheet)
        assert image.shape == (28, 28)
        assert np.count_nonzero(image[0]) > 0  # moved as far as the image reaches

    def test_errors_say_what_to_do(self) -> None:
        with pytest.raises(ValueError, match=r"one drawing of shape \(H, W\), got \(784,\)"):
            as_mnist(np.zeros(784))
        with pytest.raises(ValueError, match="take 1 - ink"):
            as_mnist(np.full((3, 3), -1.0))
        with pytest.raises(ValueError, match="without: it has no centre"):
            centre_of_mass(np.zeros((3, 3)))


def small(padding: int | str = 2) -> Sequential:
    rng = np.random.default_rng(3)
    return Sequential(
        *(Conv2D(1, 2, 5, rng=rng, padding=padding), ReLU(), MaxPool2D(2), Flatten()),  # type: ignore[arg-type]
        *(Dense(2 * 14 * 14, 10, rng=rng), Dropout(0.5)),
    )


class TestWeights:
    def test_all_weights_in_the_order_of_the_layers(self) -> None:
        model = lenet5(rng=np.random.default_rng(0))
        numbers = np.frombuffer(base64.b64decode(encode(model)), "<f2").astype(float)
        assert len(numbers) == model.n_params == 61_706
        layers, at = describe(model), 0
        for name, p in model.params.items():
            assert np.array_equal(numbers[at : at + p.size], p.astype(np.float16).ravel().astype(float)), name
            at += p.size
        assert [layer["kind"] for layer in layers] == ["conv", "relu", "pool"] * 2 + ["dense", "relu"] * 2 + ["dense"]
        assert sum(layer.get("weights", 0) + layer.get("biases", 0) for layer in layers) == at

    @pytest.mark.parametrize("padding", [2, "same"])
    def test_padding_and_layers_that_do_nothing(self, padding: int | str) -> None:
        assert describe(small(padding)) == [
            {"kind": "conv", "size": 5, "padding": 2, "weights": 50, "biases": 2},
            {"kind": "relu"},
            {"kind": "pool", "size": 2},
            {"kind": "dense", "weights": 3920, "biases": 10},
        ]

    @pytest.mark.parametrize(
        "layer",
        [
            Sigmoid(),
            MaxPool2D(3, stride=2),
            MaxPool2D((1, 2)),
            MaxPool2D(2, padding=1),
            Conv2D(1, 1, 3, rng=np.random.default_rng(0), stride=2),
            Conv2D(1, 1, (1, 3), rng=np.random.default_rng(0)),
            Conv2D(1, 1, 4, rng=np.random.default_rng(0), padding="same"),
        ],
        ids=repr,
    )
    def test_what_the_page_cannot_compute_is_refused(self, layer: Sigmoid | MaxPool2D | Conv2D) -> None:
        with pytest.raises(TypeError, match="it has nothing for"):
            describe(Sequential(layer))

    @pytest.mark.parametrize("value", [np.nan, np.inf, 1e5])
    def test_numbers_that_do_not_fit_are_refused(self, value: float) -> None:
        model = small()
        model.params["0.b"][0] = value
        with pytest.raises(ValueError, match="16 bits"):
            encode(model)


class TestDrawingPad:
    def test_html_holds_weights_layers_and_drawings(self) -> None:
        X = data.mnist().X_test
        pad = DrawingPad(small(), examples={"a <0>": X[0]}, name="mine", title="Try & see")
        html = pad.html()
        assert '<figure class="dlp" id="pad-mine"' in html
        assert "Try &amp; see" in html
        assert 'aria-label="a &lt;0&gt;"' in html
        [drawing] = re.findall('data-drawing="([^"]+)"', html)
        assert np.array_equal(np.frombuffer(base64.b64decode(drawing), np.uint8) / 255, X[0])
        [layers] = re.findall('class="dlp-layers">(.*?)</script>', html)
        assert json.loads(layers) == describe(small())
        assert encode(small()) in html
        assert html == DrawingPad(small(), examples={"a <0>": X[0]}, name="mine", title="Try & see").html()
        assert "http" not in html.replace("http://www.w3.org", "")

    def test_text_alone_where_a_notebook_is_committed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pad = DrawingPad(small())
        monkeypatch.setenv("DLBOOK_TEXT_ONLY", "1")
        assert pad._repr_mimebundle_() == {"text/plain": repr(pad)}
        monkeypatch.delenv("DLBOOK_TEXT_ONLY")
        assert pad._repr_mimebundle_() == {"text/plain": repr(pad), "text/html": pad.html()}
        assert "3,982 weights" in repr(pad)

    def test_errors_say_what_is_wrong(self) -> None:
        rng = np.random.default_rng(0)
        nine = Sequential(Flatten(), Dense(784, 9, rng=rng))
        with pytest.raises(ValueError, match=r"ten outputs for an image, got \(9,\)"):
            DrawingPad(nine)
        for drawing in (np.zeros(783), np.full(784, 255.0), np.full(784, -1.0)):
            with pytest.raises(ValueError, match="for 'mine' 28 × 28 numbers from 0 to 1"):
                DrawingPad(small(), examples={"mine": drawing})
