"""Counting: against loops that multiply one pair of numbers at a time, and against the weights of real networks."""

from __future__ import annotations

import numpy as np
import pytest

from dlbook import AvgPool2D, Conv2D, Dense, Dropout, Flatten, L2Pool2D, Maxout, MaxPool2D, PReLU, ReLU, Sequential
from dlbook.accounting import describe
from dlbook.blocks import Block, Branches, Residual
from dlbook.parts import BatchNorm, Conv, Full, GlobalAverage, Pool, Same, Subsample
from dlbook.parts import Flatten as FlattenPart
from dlbook.rows import Part, Row
from dlbook.zoo import lenet5, lenet5_1998, mnist_convnet

Shape = tuple[int, ...]


def counted_by_loops(part: Conv, shape: Shape, out: Shape) -> tuple[int, int]:
    """Name every weight, walk over every place: how many different weights there are, and how often one multiplies."""
    names, products = set(), 0
    for o in range(part.channels):
        width, each = shape[0] // part.groups, part.channels // part.groups
        seen = part.table[o] if part.table else range(o // each * width, (o // each + 1) * width)
        for _ in np.ndindex(out[1:]):
            for i in seen:
                for place in np.ndindex((part.size,) * (len(shape) - 1)):
                    names.add((o, i, place))
                    products += 1
        if part.bias:
            names.add((o, "bias"))
    return len(names), products


@pytest.mark.parametrize(
    ("part", "shape", "out"),
    [
        (Conv(3, 3), (2, 6, 5), (3, 4, 3)),
        (Conv(3, 3, 2, 1), (2, 6, 5), (3, 3, 3)),
        (Conv(4, 2, 1, "same", bias=False), (1, 5, 5), (4, 5, 5)),
        (Conv(4, 3, 1, 1, groups=2), (6, 4, 4), (4, 4, 4)),
        (Conv(6, 3, 1, 1, groups=6), (6, 4, 4), (6, 4, 4)),
        (Conv(3, 2, table=((0,), (0, 1), (1, 2, 3))), (4, 3, 3), (3, 2, 2)),
        (Conv(2, 3), (3, 7), (2, 5)),
    ],
)
def test_a_convolution_is_counted_as_by_loops(part: Conv, shape: Shape, out: Shape) -> None:
    [row] = describe([part], shape).rows
    assert row.shape == out
    assert (row.parameters, row.multiplications) == counted_by_loops(part, shape, out)


def test_windows_that_are_not_square() -> None:
    [conv, pool] = describe([Conv(4, (3, 1), (2, 1)), Pool((1, 2))], (2, 9, 6)).rows
    assert (conv.shape, conv.parameters, conv.multiplications, conv.field) == ((4, 4, 6), 28, 576, (3, 1))
    assert (pool.shape, pool.field, pool.jump) == ((4, 4, 3), (3, 2), (2, 2))
    assert [conv.name, pool.name] == ["conv 3×1 /2×1, 4", "pool 1×2 /1×2"]


def test_what_the_other_parts_cost() -> None:
    stack = [BatchNorm(), Same("ReLU"), Subsample(2), Pool(2), FlattenPart(), Full(5), Full(3, bias=False)]
    rows = describe([*stack, Full(2, learned=False)], (3, 8, 8)).rows
    assert [row.parameters for row in rows] == [6, 0, 6, 0, 0, 12 * 5 + 5, 15, 0]
    assert [row.multiplications for row in rows] == [0, 0, 48, 0, 0, 60, 15, 6]
    [average] = describe([GlobalAverage()], (3, 8, 8)).rows
    assert (average.shape, average.parameters, average.window, average.field) == ((3,), 0, (8, 8), (8, 8))


def test_blocks_add_up_what_is_inside() -> None:
    inner = (Conv(4, 3, 1, 1), BatchNorm(), Same("ReLU"))
    stack = [
        Block("first", inner),
        Branches(((Conv(2, 1),), (Conv(3, 3, 1, 1), Conv(1, 3, 1, 1)), (Pool(3, 1, 1),))),
        Residual((Conv(5, 3, 2, 1),), (Conv(5, 1, 2),)),
        Residual((Conv(5, 3, 1, 1),)),
    ]
    d = describe(stack, (1, 9, 9))
    assert [row.shape for row in d.rows] == [(4, 9, 9), (7, 9, 9), (5, 5, 5), (5, 5, 5)]
    assert [row.parameters for row in d.rows] == [48, 10 + 111 + 28, 320 + 40, 230]
    assert d.parameters == sum(inside.parameters for row in d.rows for inside in row.inside) == 787
    assert d.multiplications == 81 * (36 + 8 + 108 + 27) + 25 * (315 + 35 + 225)
    assert [row.window for row in d.rows] == [(3, 3), (5, 5), (3, 3), (3, 3)]
    assert [row.field for row in d.rows] == [(3, 3), (7, 7), (9, 9), (13, 13)]
    assert d["branches"].inside[1].name == "conv 3×3, 3"


def small(rng: np.random.Generator) -> Sequential:
    return Sequential(
        *(Conv2D(2, 3, 3, rng=rng, stride=2, padding="same"), PReLU(3), AvgPool2D(3, 2), Conv2D(3, 4, 2, rng=rng)),
        *(L2Pool2D((1, 2), 1, padding="same"), Flatten(), Sequential(Dense(32, 5, rng=rng), Dropout(0.5))),
        Dense(5, 2, rng=rng),
    )


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lenet5, (1, 28, 28)),
        (lenet5_1998, (1, 32, 32)),
        (mnist_convnet, (1, 28, 28)),
        (lambda rng: small(rng), (2, 15, 21)),
        (lambda rng: Dense(4, 3, rng=rng), (4,)),
    ],
)
def test_a_network_is_described_as_it_is(make, shape: Shape) -> None:
    rng = np.random.default_rng(0)
    model = make(rng=rng)
    d = describe(model, shape)
    assert d.parameters == model.n_params
    X = rng.normal(size=(1, *shape))
    rows = iter(d.rows)

    def walk(layer, X):
        if isinstance(layer, Sequential):
            for inner in layer.layers:
                X = walk(inner, X)
            return X
        row, Y = next(rows), layer(X)
        assert row.shape == Y.shape[1:]
        assert row.parameters == layer.n_params
        return Y

    assert walk(model, X).shape == (1, *d.shape)
    assert not list(rows)


def test_what_a_unit_sees_is_what_changes_it() -> None:
    """Perturb one pixel after the other: exactly those inside the field change the unit in the middle."""
    rng = np.random.default_rng(1)
    model = Sequential(
        *(Conv2D(1, 2, 3, rng=rng, padding=1), Conv2D(2, 1, (2, 3), rng=rng, stride=(2, 1), padding="same")),
        *(AvgPool2D(3, 2), Conv2D(1, 1, 2, rng=rng)),
    )
    for p in model.params.values():
        p[:] = rng.uniform(0.5, 1, size=p.shape)  # no pixel's influence cancels
    shape, [row] = (1, 24, 26), describe(model, (1, 24, 26)).rows[-1:]
    X = rng.uniform(size=(1, *shape))
    unit = tuple(n // 2 for n in row.shape[1:])
    before = model(X)[0, 0][unit]
    seen = np.zeros(shape[1:], dtype=bool)
    for place in np.ndindex(*shape[1:]):
        changed = X.copy()
        changed[0, 0][place] += 1
        seen[place] = model(changed)[0, 0][unit] != before
    expected = np.zeros_like(seen)
    inside = (slice(a.start + i * a.jump, a.start + i * a.jump + a.field) for a, i in
              zip(row.after.axes, unit, strict=True))  # fmt: skip
    expected[tuple(inside)] = True
    np.testing.assert_array_equal(seen, expected)


def test_a_layer_that_stands_twice_learns_once() -> None:
    rng = np.random.default_rng(0)
    layer = Dense(4, 4, rng=rng)
    model = Sequential(layer, ReLU(), layer)
    d = describe(model, (4,))
    assert d.parameters == model.n_params == 20
    assert d.multiplications == 32


def test_parts_and_layers_mix() -> None:
    d = describe([Conv(4, 3), ReLU(), MaxPool2D(2), Flatten(), Full(10)], (1, 8, 8))
    assert [row.name for row in d.rows] == ["conv 3×3, 4", "ReLU", "max pool 2×2 /2", "flatten", "full, 10"]


def test_the_table_can_be_read() -> None:
    lines = str(describe([Conv(1200, 3, name="C1"), FlattenPart(), Full(2)], (1, 6, 5))).splitlines()
    assert lines[0].split() == ["layer", "output", "parameters", "multiplications", "window", "field", "jump"]
    assert lines[2].split() == ["input", "1×6×5"]
    assert lines[3].split() == ["C1", "1200×4×3", "12,000", "129,600", "3×3", "3×3", "1×1"]
    assert lines[5].split() == ["full,", "2", "2", "28,802", "28,800", "4×3", "6×5", "–"]
    assert lines[-1].split() == ["total", "40,802", "158,400"]
    assert len({len(line) for line in (lines[1], lines[3], lines[5])}) == 1


class Unknown(Part):
    name = "unknown"

    def account(self, at) -> Row:
        return Row(self.name, (), 7, 0, at)


def test_readers_can_add_a_part_of_their_own() -> None:
    assert describe([Unknown()], (4,)).parameters == 7


@pytest.mark.parametrize(
    ("stack", "shape", "message"),
    [
        ([Conv(4, 3, groups=2)], (3, 8, 8), "cannot divide 3 input maps and 4 output maps into 2 groups"),
        ([Conv(2, 3, table=((0,), (3,)))], (3, 8, 8), "a table of 2 rows that name input maps 0 to 2"),
        ([Conv(2, 3, table=((0,),))], (3, 8, 8), "a table of 2 rows"),
        ([Conv(4, 9)], (3, 8, 8), "at least as large as the window, 9, got 8"),
        ([Full(4), Conv(4, 3)], (3, 8, 8), r"expects an image of shape \(c, H, W\), got \(4,\): put it before Flatten"),
        ([Conv(4, 3)], (9,), "expects an image"),
        ([Branches(((Conv(1, 1),), (Conv(1, 3),)))], (1, 8, 8), r"maps of one size, got \[\(1, 8, 8\), \(1, 6, 6\)\]"),
        (
            [Residual((Conv(2, 3, 1, 1),))],
            (1, 8, 8),
            r"their shapes are \(2, 8, 8\) and \(1, 8, 8\): give the shortcut",
        ),
        (
            [Dense(4, 3, rng=np.random.default_rng(0))],
            (1, 2, 2),
            r"takes \(4,\), got \(1, 2, 2\): put a Flatten\(\) in front",
        ),
        ([Dense(4, 3, rng=np.random.default_rng(0))], (5,), r"takes \(4,\), got \(5,\)"),
        ([Conv2D(3, 3, 3, rng=np.random.default_rng(0))], (2, 5, 5), r"takes \(3, 5, 5\), got \(2, 5, 5\)"),
        ([], (3, 8, 8), "at least one layer"),
        ([Full(0)], (3,), "expects n >= 1"),
        ([Full(1)], (0,), "every length of the input's shape >= 1"),
        ([Full(1)], (), r"such as \(1, 28, 28\), got \(\)"),
    ],
)
def test_what_does_not_fit_is_explained(stack: list[Part], shape: Shape, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        describe(stack, shape)


def test_the_place_of_the_error_is_named() -> None:
    with pytest.raises(ValueError, match="window") as error:
        describe([Same("ReLU"), Block("b", (Pool(2), Conv(4, 9)))], (3, 8, 8))
    assert error.value.__notes__ == [
        "(part 1 of the stack, after pool 2×2 /2 (3, 4, 4))",
        "(part 1 of the stack, after ReLU (3, 8, 8))",
    ]


def test_a_readers_own_kind_of_pooling_costs_what_its_parent_does() -> None:
    class Mine(AvgPool2D):
        pass

    assert [row.name for row in describe([Mine(2)], (1, 4, 4)).rows] == ["average pool 2×2 /2"]


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(TypeError, match="does not know what Maxout"):
        describe(Maxout(4, 3, rng=np.random.default_rng(0)), (4,))
    with pytest.raises(TypeError, match="expects parts and layers, got 'conv'"):
        describe(["conv"], (4,))
    with pytest.raises(KeyError, match="no row 'C9': there are C1"):
        describe([Conv(1, 1, name="C1")], (1, 2, 2))["C9"]
