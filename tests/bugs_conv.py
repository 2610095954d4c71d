"""Planted bugs in convolution and pooling: naive loops over a few geometries must notice each."""

from __future__ import annotations

import types

import grids
import numpy as np
from witnesses import Bug, Witness

# Everything is as square as the bug allows, so that a wrong formula has the right shape and only its numbers betray it.
GEOMETRIES: list[grids.Case] = [
    ((5, 5), (3, 3), (1, 1), "valid"),
    ((6, 6), (2, 2), (2, 2), "valid"),
    ((6, 7), (3, 3), (2, 2), 1),
    ((6, 6), (4, 4), (3, 3), "same"),
    ((6, 6), (3, 2), (1, 1), "same"),
]


def differ(*pairs: tuple[np.ndarray, np.ndarray]) -> bool:
    return any(got.shape != wanted.shape or not np.allclose(got, wanted, atol=1e-9) for got, wanted in pairs)


def raises_or(witness: Witness) -> Witness:
    """Count a bug as noticed when shapes no longer fit, too."""

    def noticed(module: types.ModuleType) -> bool:
        try:
            return witness(module)
        except ValueError:
            return True

    return noticed


@raises_or
def convolution(module: types.ModuleType) -> bool:
    rng = np.random.default_rng(1)
    for case in GEOMETRIES:
        layer = module.Conv2D(3, 3, case[1], stride=case[2], padding=case[3], rng=rng)
        layer.params["b"][:] = rng.normal(size=3)
        X = rng.normal(size=(3, 3, *case[0]))
        Y, cache = layer.forward(X)
        dY = rng.normal(size=Y.shape)
        dX, grads = layer.backward(dY, cache)
        wanted = grids.convolution_back(dY, X, layer.params["W"], case)
        forward = (Y, grids.convolution(X, layer.params["W"], layer.params["b"], case))
        if differ(forward, *zip((dX, grads["W"], grads["b"]), wanted, strict=True)):
            return True
    return False


@raises_or
def large_batch(module: types.ModuleType) -> bool:
    rng = np.random.default_rng(2)
    layer, X = module.Conv2D(2, 3, 3, rng=rng), rng.normal(size=(5, 2, 6, 6))
    Y, cache = layer.forward(X)
    dX, grads = layer.backward(Y, cache)
    module.BLOCK = 500
    Y_parts, cache = layer.forward(X)
    dX_parts, grads_parts = layer.backward(Y, cache)
    return differ((Y_parts, Y), (dX_parts, dX), (grads_parts["W"], grads["W"]), (grads_parts["b"], grads["b"]))


@raises_or
def initial_spread(module: types.ModuleType) -> bool:
    seen: list[int] = []

    def init(shape: tuple[int, ...], n_in: int, n_out: int, *, rng: np.random.Generator) -> np.ndarray:
        seen.extend((n_in, n_out))
        return rng.normal(size=shape)

    module.Conv2D(2, 3, 5, rng=np.random.default_rng(0), init=init)
    return seen != [50, 75]


def pooling(kind: str) -> Witness:
    @raises_or
    def witness(module: types.ModuleType) -> bool:
        rng = np.random.default_rng(3)
        for case in GEOMETRIES:
            X = rng.integers(-2, 3, size=(2, 2, *case[0])) / 2  # equal maxima, and windows of zeros
            X[0, 0, :2, :2] = 0
            layer = getattr(module, kind)(*case[1:])
            Y, cache = layer.forward(X)
            dY = rng.normal(size=Y.shape)
            dX, _ = layer.backward(dY, cache)
            if differ((Y, grids.pooling(kind, X, case)), (dX, grids.pooling_back(kind, dY, X, case))):
                return True
        return False

    return witness


@raises_or
def where_windows_lie(module: types.ModuleType) -> bool:
    for n, k, s, padding in ((5, 2, 1, "same"), (7, 4, 3, "same"), (7, 3, 2, 1), (8, 3, 2, "valid"), (6, 1, 3, "same")):
        before, after = grids.borders(n, k, s, padding)
        if module.spans("test", (n,), (k,), (s,), padding) != (((n + before + after - k) // s + 1, before, after),):
            return True
    span = module.Span(3, 1, 2)
    return span.seen(1, 2) != slice(1, 6, 2) or span.inside(4) != slice(1, 5)


@raises_or
def plain_functions(module: types.ModuleType) -> bool:
    rng = np.random.default_rng(4)
    x, k = rng.normal(size=7), rng.normal(size=4)
    signals = [(module.convolve(x, k, mode), np.convolve(x, k, mode)) for mode in ("full", "same", "valid")]
    signals += [(module.cross_correlate(x, k, mode), np.correlate(x, k, mode)) for mode in ("full", "same", "valid")]
    image, kernel = rng.normal(size=(4, 4)), rng.normal(size=(2, 2))
    W, no_bias = kernel[None, None], np.zeros(1)
    case: grids.Case = ((4, 4), (2, 2), (1, 1), "valid")
    wanted = grids.convolution(image[None, None], W, no_bias, case)[0, 0]
    turned = grids.convolution(image[None, None], W[..., ::-1, ::-1], no_bias, case)[0, 0]
    images = [(module.cross_correlate(image, kernel), wanted), (module.convolve(image, kernel, "valid"), turned)]
    X, W = rng.normal(size=(3, 3, 4, 4)), rng.normal(size=(3, 3, 2, 2))
    for case in (((4, 4), (2, 2), (1, 1), "valid"), ((4, 4), (2, 2), (2, 2), 1)):
        product = module.im2col(X, *case[1:]) @ W.reshape(3, -1).T
        Z = grids.convolution(X, W, np.zeros(3), case)
        dX, _, _ = grids.convolution_back(Z, X, W, case)
        rows = np.moveaxis(Z, 1, -1).reshape(-1, 3)
        images += [(product, rows), (module.col2im(rows @ W.reshape(3, -1), X.shape, *case[1:]), dX)]
    return differ(*signals, *images)


CONV: list[tuple[str, str, str]] = [
    ("kernel not turned on the way back", "[:, :, ::-1])", "[:, :, ::1])"),
    ("rows and columns of the kernel swapped", "W.transpose(3, 1, 2, 0)", "W.transpose(2, 1, 3, 0)"),
    ("channels swapped on the way back", "W.transpose(3, 1, 2, 0)", "W.transpose(3, 0, 2, 1)"),
    ("stride forgotten on the way back", "min(p // step, rows.out - 1)", "min(p, rows.out - 1)"),
    ("padding forgotten on the way back", "p = r + rows.before", "p = r"),
    ("columns overwritten instead of added", "columns.seen(j, step_w)] += read", "columns.seen(j, step_w)] = read"),
    (
        "the wrong part of the padded image",
        "columns.inside(width)",
        "rows.inside(width)",
    ),
    ("bias forgotten", 'Z += self.params["b"][:, None]', "pass"),
    ("db over the batch alone, averaged", "dY.sum(axis=(0, 2, 3))", "dY.mean(axis=0).sum(axis=(1, 2))"),
    ("dW of the last row alone", "dW += windows", "dW[...] = windows"),
    ("dW with its axes in another order", ".transpose(3, 2, 0, 1)", ".transpose(3, 2, 1, 0)"),
    ("row stride forgotten", "[:: self.stride[0]]", "[: rows.out]"),
    ("column stride forgotten", "columns.seen(j, self.stride[1])", "slice(j, j + columns.out)"),
    ("padding on the wrong axes", "(rows, columns), (m, c, H, W)", "(columns, rows), (m, c, H, W)"),
    ("kernel and windows in different orders", 'W"].transpose(0, 2, 3, 1)', 'W"].transpose(0, 3, 2, 1)'),
]
POOL: list[tuple[str, str, str, str]] = [
    ("MaxPool2D", "all equal maxima receive delta", "(x == Y) & open_", "x == Y"),
    ("MaxPool2D", "zeros of the padding may win", "-np.inf", "0"),
    ("MaxPool2D", "overlapping windows overwrite", "dx += delta * won", "dx[...] = delta * won"),
    ("MaxPool2D", "overlapping windows taken for separate ones", "self.stride[0] >= self.size[0] and", "True or"),
    ("MaxPool2D", "the smallest wins", "reduce(np.maximum", "reduce(np.minimum"),
    ("AvgPool2D", "delta not divided", "self._delta(dY, places[0]) / len(places)", "self._delta(dY, places[0])"),
    ("AvgPool2D", "the sum for the mean", "start=places[0]) / len(places)", "start=places[0])"),
    ("AvgPool2D", "overlapping windows overwrite", "dx += share", "dx[...] = share"),
    (
        "AvgPool2D",
        "the image laid to the wrong border",
        "columns.inside(X.shape[3])",
        "rows.inside(X.shape[3])",
    ),
    ("L2Pool2D", "root forgotten", "Y = np.sqrt(", "Y = np.asarray("),
    ("L2Pool2D", "share not divided by the length", "/ np.where(Y > 0, Y, 1)", "/ 1"),
    ("L2Pool2D", "a factor 2", "dx += x * ratio", "dx += 2 * x * ratio"),
]
BUGS: dict[str, Bug] = {
    **{f"conv: {bug}": ("conv", right, wrong, convolution) for bug, right, wrong in CONV},
    "conv: parts of a batch overlap": ("conv", "start + at_a_time)", "start + at_a_time + 1)", large_batch),
    "conv: the last part is lost": ("conv", "range(0, len(X), at", "range(0, len(X) - at_a_time + 1, at", large_batch),
    "conv: fan-in without the kernel's area": ("conv", "self.c_in * area,", "self.c_in,", initial_spread),
    "conv: fan-out without the kernel's area": ("conv", "self.c_out * area,", "self.c_out,", initial_spread),
    **{f"{kind}: {bug}": ("pool", right, wrong, pooling(kind)) for kind, bug, right, wrong in POOL},
    "windows: the odd zero in front": (
        "windows",
        "zeros // 2, zeros - zeros // 2",
        "zeros - zeros // 2, zeros // 2",
        where_windows_lie,
    ),
    "windows: one window too many": (
        "windows",
        "(n + 2 * p - k) // s + 1",
        "-(-(n + 2 * p - k) // s) + 1",
        where_windows_lie,
    ),
    "windows: padding on one side alone": ("windows", "n + 2 * p - k", "n + p - k", where_windows_lie),
    "windows: same rounds down": ("windows", "-(-n // s)", "n // s", where_windows_lie),
    "windows: image behind the wrong border": (
        "windows",
        "slice(self.before, self.before",
        "slice(self.after, self.after",
        where_windows_lie,
    ),
    "windows: one place short": (
        "windows",
        "(self.out - 1) + 1, stride)",
        "(self.out - 1), stride)",
        where_windows_lie,
    ),
    "convolution: kernel not turned": (
        "convolution",
        "cross_correlate(x, rot180(k), mode)",
        "cross_correlate(x, k, mode)",
        plain_functions,
    ),
    "rot180: one axis alone": ("convolution", "[-2:]", "[-1:]", plain_functions),
    "cross_correlate: the odd zero behind": (
        "convolution",
        "(n // 2, (n - 1) // 2)",
        "((n - 1) // 2, n // 2)",
        plain_functions,
    ),
    "im2col: kernel before channels": ("convolution", "(0, 2, 3, 1, 4, 5)", "(0, 2, 3, 4, 5, 1)", plain_functions),
    "im2col: places turned": ("convolution", "(0, 2, 3, 1, 4, 5)", "(0, 3, 2, 1, 4, 5)", plain_functions),
    "col2im: overwrites": ("convolution", "] += windows[i, j]", "] = windows[i, j]", plain_functions),
    "col2im: padding not cut off": ("convolution", "rows.inside(H)", "slice(H)", plain_functions),
}
