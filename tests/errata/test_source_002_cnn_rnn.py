"""Errata of source 002, convolution and recurrence: what is printed fails, what is right passes."""

from __future__ import annotations

import numpy as np
from errata.numeric import agree, far_apart, jacobian

Array = np.ndarray


def test_factors_of_a_convolution_lie_opposite() -> None:
    """In (32), indices at the same place add up to (1, 1) in the centre only; the factors of (33) are opposite."""
    f_index = [[(r, c) for c in range(3)] for r in range(3)]
    g_index = [[(r, c) for c in (-1, 0, 1)] for r in (-1, 0, 1)]

    def sums(g: list[list[tuple[int, int]]]) -> set[tuple[int, int]]:
        places = [(f, h) for fs, hs in zip(f_index, g, strict=True) for f, h in zip(fs, hs, strict=True)]
        return {(f[0] + h[0], f[1] + h[1]) for f, h in places}

    turned = [row[::-1] for row in g_index[::-1]]
    assert sums(g_index) != {(1, 1)}
    assert sums(turned) == {(1, 1)}
    rng = np.random.default_rng(0)
    f, g = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))  # g[v + 1, h + 1] is b_{v,h}
    by_33 = sum(f[h, v] * g[1 - h + 1, 1 - v + 1] for h in range(3) for v in range(3))
    assert agree(by_33, (f * g[::-1, ::-1]).sum())
    assert not agree(by_33, (f * g).sum())


def _convolve(x: Array, k: Array, p: int) -> Array:
    padded = np.pad(x, p)
    n = padded.shape[0] - k.shape[0] + 1
    return np.array([[(padded[i : i + 3, j : j + 3] * k).sum() for j in range(n)] for i in range(n)])


def test_same_padding_keeps_the_size() -> None:
    """m div 2 zeros on each side keep the size for every odd kernel; one more does not."""
    for m in (1, 3, 5, 7):
        for x in (5, 8, 28):
            assert x + 2 * (m // 2 + 1) - m + 1 != x
            assert x + 2 * (m // 2) - m + 1 == x
    image, kernel = np.ones((5, 5)), np.ones((3, 3))
    assert _convolve(image, kernel, 3 // 2 + 1).shape == (7, 7)
    assert _convolve(image, kernel, 3 // 2).shape == (5, 5)


def _conv(side: int, c_out: int, k: int, c_in: int) -> int:
    return side * side * c_out * k * k * c_in


def _alexnet() -> int:
    """Multiplications for one image; layers 2, 4 and 5 see half of the channels (two groups)."""
    convolutions = (
        _conv(55, 96, 11, 3) + _conv(27, 256, 5, 48) + _conv(13, 384, 3, 256)
        + _conv(13, 384, 3, 192) + _conv(13, 256, 3, 192)
    )  # fmt: skip
    return convolutions + 9216 * 4096 + 4096 * 4096 + 4096 * 1000


def _resnet18() -> int:
    total, c_in, side = _conv(112, 64, 7, 3), 64, 56
    for c in (64, 128, 256, 512):
        total += _conv(side, c, 3, c_in) + 3 * _conv(side, c, 3, c) + (_conv(side, c, 1, c_in) if c != c_in else 0)
        c_in, side = c, side // 2
    return total + 512 * 1000


def _vgg16() -> int:
    total, c_in, side = 0, 3, 224
    for c, repeats in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(repeats):
            total, c_in = total + _conv(side, c, 3, c_in), c
        side //= 2
    return total + 7 * 7 * 512 * 4096 + 4096 * 4096 + 4096 * 1000


def test_alexnet_multiplies_less_than_resnet() -> None:
    """AlexNet 0.72, ResNet-18 1.81, VGG-16 15.5 thousand million multiplications: only VGG costs more than ResNet."""
    assert round(_alexnet() / 1e9, 2) == 0.72
    assert round(_resnet18() / 1e9, 2) == 1.81
    assert round(_vgg16() / 1e9, 1) == 15.5
    assert not _resnet18() < _alexnet()  # printed
    assert _resnet18() < _vgg16()


def test_recurrent_jacobian_at_the_preactivation() -> None:
    """∂h_j/∂h_{j−1} = diag(f'(o_j)) W: with f' at h_{j−1}, as printed, the product differs from differences."""
    g = np.random.default_rng(2)
    W, U, b = g.normal(size=(3, 3)), g.normal(size=(3, 2)), g.normal(size=3)
    xs, h0 = g.normal(size=(3, 2)), 0.5 * g.normal(size=3)

    def run(h: Array) -> tuple[Array, Array, Array]:
        printed, right = np.eye(3), np.eye(3)
        for x in xs:
            o = U @ x + W @ h + b
            printed = np.diag(1 - np.tanh(h) ** 2) @ W @ printed
            h = np.tanh(o)
            right = np.diag(1 - h**2) @ W @ right
        return h, printed, right

    _, printed, right = run(h0)
    exact = jacobian(lambda h: run(h)[0], h0)
    assert far_apart(printed, exact)
    assert agree(right, exact)


def _product(w: float, h: float, steps: int, x: float = 0.0) -> float:
    """∂h_t/∂h_0 of one tanh unit."""
    product = 1.0
    for _ in range(steps):
        h = float(np.tanh(w * h + x))
        product *= (1 - h**2) * w
    return abs(product)


def test_long_products_do_not_always_vanish() -> None:
    """At rest with w = 2 the product grows as 2ᵗ; below 1 it vanishes from every start."""
    assert _product(2.0, 0.0, 60) == 2.0**60
    for start in (-1.0, 0.0, 0.3, 1.0):
        assert _product(0.9, start, 200) <= 0.9**200


def test_large_weights_do_not_always_explode() -> None:
    """With w = 10 and a saturated unit the product vanishes; growth needs |w| > 1 all the same."""
    assert _product(10.0, 1.0, 20) < 1e-30
    assert _product(10.0, 0.0, 20) == 10.0**20
    assert _product(1.0, 0.0, 20) <= 1
