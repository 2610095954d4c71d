"""Published numbers, reproduced to the last digit where their definition is exact."""

from __future__ import annotations

import pytest

from dlbook.accounting import describe
from dlbook.architectures import (
    IMAGENET,
    INCEPTION,
    LENET5_C3,
    Stack,
    alexnet,
    alexnet_one_tower,
    googlenet,
    googlenet_auxiliary,
    lenet5,
    resnet50,
    vgg16,
)
from dlbook.blocks import walk
from dlbook.parts import Conv
from dlbook.rows import Row

# torchvision: the entries "num_params" and "_ops" (thousand million multiply-adds at 224 × 224, three decimals) of the
# weights that it offers, in torchvision/models/{alexnet,vgg,googlenet,resnet}.py.
TORCHVISION = {
    "alexnet": (alexnet_one_tower(), 61_100_840, 0.714),
    "vgg16": (vgg16(), 138_357_544, 15.47),
    "googlenet": (googlenet(torchvision=True), 6_624_904, 1.498),
    "resnet50": (resnet50(stride_in=3), 25_557_032, 4.089),
}


@pytest.mark.parametrize("name", TORCHVISION)
def test_torchvision(name: str) -> None:
    stack, parameters, multiply_adds = TORCHVISION[name]
    d = describe(stack, IMAGENET)
    assert d.shape == (1000,)
    assert d.parameters == parameters
    assert round(d.multiplications / 1e9, 3) == multiply_adds


def test_lenet5() -> None:
    """LeCun et al. 1998, section II.B: the trainable parameters of every layer, and 60,000 in all."""
    d = describe(lenet5(), (1, 32, 32))
    published = {"C1": 156, "S2": 12, "C3": 1_516, "S4": 32, "C5": 48_120, "F6": 10_164, "OUTPUT": 0}
    assert {name: d[name].parameters for name in published} == published
    assert d.parameters == 60_000
    maps = {"C1": (6, 28, 28), "S2": (6, 14, 14), "C3": (16, 10, 10), "S4": (16, 5, 5), "C5": (120, 1, 1), "F6": (84,)}
    assert {name: d[name].shape for name in maps} == maps


def test_the_connections_of_lenet5() -> None:
    """Section II.B again: 122,304, 5,880, 151,600, 2,000, 48,120 and 10,164 connections; 340,908 in all.

    A connection is an input of a unit, its bias included. The six numbers add up to 340,068: the 840 that are missing
    are those of the ten outputs to the 84 units of F6, which have no bias.
    """
    d = describe(lenet5(), (1, 32, 32))
    places = {"C1": 28 * 28, "C3": 10 * 10, "C5": 1, "F6": 1}
    connections = {name: d[name].parameters * n for name, n in places.items()}
    connections |= {name: (2 * 2 + 1) * d[name].multiplications for name in ("S2", "S4")}
    published = {"C1": 122_304, "S2": 5_880, "C3": 151_600, "S4": 2_000, "C5": 48_120, "F6": 10_164}
    assert connections == published
    assert sum(connections.values()) + d["OUTPUT"].multiplications == 340_908


def test_the_table_of_c3() -> None:
    """Table I: six maps of three, six of four neighbours, three of two pairs, one of all; each map of S2 serves ten."""
    assert sorted(map(len, LENET5_C3)) == [3] * 6 + [4] * 9 + [6]
    assert [sum(i in maps for maps in LENET5_C3) for i in range(6)] == [10] * 6
    assert len(set(LENET5_C3)) == 16


def test_alexnet() -> None:
    """Krizhevsky et al. 2012, section 3.5: kernels of 5×5×48 in C2, 3×3×192 in C4 and C5; 60 million parameters.

    60,965,224 and 724,406,816 are what people compute from the paper; without groups there are 62,378,344 parameters.
    """
    d = describe(alexnet(), IMAGENET)
    kernels = {"C1": (96, 11 * 11 * 3), "C2": (256, 5 * 5 * 48), "C3": (384, 3 * 3 * 256)}
    kernels |= {"C4": (384, 3 * 3 * 192), "C5": (256, 3 * 3 * 192)}
    for name, (maps, inputs) in kernels.items():
        assert d[name].parameters == maps * inputs + maps
    assert d.parameters == 60_965_224
    assert d.multiplications == 724_406_816
    without = [Conv(p.channels, p.size, p.stride, p.padding) if isinstance(p, Conv) else p for p in alexnet()]
    assert describe(without, IMAGENET).parameters == 62_378_344


def test_the_units_of_alexnet() -> None:
    """Section 3.5 names units by layer; its first number, 253,440, is not that of 55 × 55 places with 96 maps."""
    d = describe(alexnet(), IMAGENET)
    units = {name: d[name].shape[0] * d[name].shape[1] * d[name].shape[2] for name in ("C1", "C2", "C3", "C4", "C5")}
    assert units == {"C1": 290_400, "C2": 186_624, "C3": 64_896, "C4": 64_896, "C5": 43_264}
    assert 55 * 48 * 96 == 253_440


def test_alexnet_with_227_pixels_is_the_same() -> None:
    first, *rest = alexnet()
    assert isinstance(first, Conv)
    unpadded = describe([Conv(96, 11, 4, name="C1"), *rest], (3, 227, 227))
    assert [row.shape for row in unpadded.rows] == [row.shape for row in describe(alexnet(), IMAGENET).rows]


def test_vgg16() -> None:
    """He et al. 2016, section 4.1, give VGG-16 15.3 thousand million: the convolutions alone, cut; in all 15.47."""
    d = describe(vgg16(), IMAGENET)
    convolutions = sum(row.multiplications for row in d.rows if row.name.startswith("conv"))
    assert (convolutions, d.multiplications) == (15_346_630_656, 15_470_264_320)
    assert sum(row.parameters > 0 for row in d.rows) == 16


def test_resnet50() -> None:
    """He et al. 2016, table 1: output sizes by stage, and 3.8 thousand million multiply-adds."""
    d = describe(resnet50(), IMAGENET)
    assert d.parameters == 25_557_032  # as torchvision: where the stride is does not matter here
    assert d.multiplications == 3_857_973_248
    assert int(d.multiplications / 1e8) == 38  # the paper cuts, 3.86 would be rounded to 3.9
    sizes = {"conv1": 112, "conv2": 56, "conv3": 28, "conv4": 14, "conv5": 7}
    assert {name: d[name].shape[1] for name in sizes} == sizes
    assert [d[name].shape[0] for name in sizes] == [64, 256, 512, 1024, 2048]
    assert weighted(d.rows, shortcuts=False) == 50
    with pytest.raises(ValueError, match="stride_in as 1 or 3"):
        resnet50(stride_in=2)


def weighted(rows: tuple[Row, ...], *, shortcuts: bool) -> int:
    """How many layers with weights there are one after another; the convolution of a shortcut lies beside."""
    count = 0
    for row in rows:
        inside = row.inside
        if row.name.startswith("bottleneck") and not shortcuts:
            inside = tuple(r for r in inside if r.name.startswith("conv"))[:3]
        count += weighted(inside, shortcuts=shortcuts) if inside else row.multiplications > 0
    return count


def test_googlenet() -> None:
    """6,998,552 is what the paper's table and text give, with biases: Caffe's bvlc_googlenet without its helpers.

    With the two auxiliary classifiers it is 13,378,280, the size of bvlc_googlenet.caffemodel.
    """
    d = describe(googlenet(), IMAGENET)
    assert d.parameters == 6_998_552
    helpers = [describe(googlenet_auxiliary(), d[f"inception {name}"].shape).parameters for name in ("4a", "4d")]
    assert d.parameters + sum(helpers) == 13_378_280


# Szegedy et al. 2015, table 1: output size, multiply-adds in millions.
GOOGLENET_TABLE = {
    "stem 2": ((192, 56, 56), 360),
    "inception 3a": ((256, 28, 28), 128),
    "inception 3b": ((480, 28, 28), 304),
    "inception 4a": ((512, 14, 14), 73),
    "inception 4b": ((512, 14, 14), 88),
    "inception 4c": ((512, 14, 14), 100),
    "inception 4d": ((528, 14, 14), 119),
    "inception 4e": ((832, 14, 14), 170),
    "inception 5b": ((1024, 7, 7), 71),
}


@pytest.mark.parametrize("name", GOOGLENET_TABLE)
def test_the_table_of_googlenet(name: str) -> None:
    row, (shape, millions) = describe(googlenet(), IMAGENET)[name], GOOGLENET_TABLE[name]
    assert row.shape == shape
    assert abs(row.multiplications / 1e6 - millions) < 1


def test_where_the_table_of_googlenet_differs() -> None:
    """Two rows of table 1 do not follow from their own sizes: 34 million for the first layer, 54 million for 5a.

    With them the table adds up to 1,502 million, the 1.5 thousand million of the text; with the sizes it is 1,583.
    """
    d = describe(googlenet(), IMAGENET)
    assert d["stem 1"].multiplications == 112 * 112 * 7 * 7 * 3 * 64 == 118_013_952
    assert round(d["inception 5a"].multiplications / 1e6) == 51
    assert sum(millions for _, millions in GOOGLENET_TABLE.values()) + 34 + 54 + 1 == 1_502
    assert round(d.multiplications / 1e6) == 1_583


def test_the_parameters_of_googlenets_table() -> None:
    """Its column of parameters counts in 1,024s and without biases where it can be followed: 112K, 159K, 1,000K."""

    def weights(rows: tuple[Row, ...]) -> int:
        return sum(row.parameters - row.shape[0] for row in rows if row.parameters)

    d = describe(googlenet(), IMAGENET)
    assert weights(d["stem 2"].inside) == 112 * 1024
    assert weights(d["inception 3a"].inside) // 1024 == 159
    assert d["full, 1000"].parameters - 1000 == 1000 * 1024
    assert weights(d["inception 5a"].inside) // 1024 == 1018  # printed: 1072K


def test_inception_adds_its_branches() -> None:
    d = describe(googlenet(), IMAGENET)
    for name, (one, _, three, _, five, pooled) in INCEPTION.items():
        assert d[f"inception {name}"].shape[0] == one + three + five + pooled


# Araujo, Norris and Sim 2019 (doi 10.23915/distill.00021), the table of their library: field and jump before the
# network's last, global layers.
FIELDS: dict[str, tuple[Stack, int]] = {
    "alexnet": (alexnet(), 195),
    "alexnet one tower": (alexnet_one_tower(), 195),
    "vgg16": (vgg16(), 212),
    "resnet50": (resnet50(), 483),
}


@pytest.mark.parametrize("name", FIELDS)
def test_receptive_fields(name: str) -> None:
    stack, field = FIELDS[name]
    last = [row for row in describe(stack, IMAGENET).rows if row.jump != (0, 0)][-1]
    assert (last.field, last.jump) == ((field, field), (32, 32))


def test_a_stack_is_only_a_description() -> None:
    """The same parts describe another input: VGG's convolutions of an image of half the size."""
    convolutions = vgg16()[:31]
    [*_, last] = walk(convolutions, describe(convolutions, (3, 112, 112)).rows[0].after)
    assert last.shape[0] == 512
    assert describe(convolutions, (3, 112, 112)).multiplications * 4 == describe(convolutions, IMAGENET).multiplications
