"""The networks that made history, as stacks of parts: no weights, only what can be counted.

All but LeNet-5 take images of shape ``IMAGENET`` and tell 1,000 classes apart. Softmax at the end is left to the loss.
"""

from __future__ import annotations

from dlbook.blocks import Block, Branches, Residual
from dlbook.parts import BatchNorm, Conv, Flatten, Full, GlobalAverage, Pool, Same, Subsample
from dlbook.rows import Part

Stack = tuple[Part, ...]

IMAGENET = (3, 224, 224)

# Which maps of S2 each map of C3 sees (LeCun et al. 1998, table I): three or four neighbours, two and two, all.
LENET5_C3 = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5)),
)

RELU = Same("ReLU")


def lenet5() -> Stack:
    """LeNet-5 as published, for (1, 32, 32) (LeCun et al. 1998, II.B): 60,000 parameters.

    C3 sees only some maps of S2, the sub-sampling layers learn, and the output compares with fixed bitmaps.
    """
    squash = Same("1.7159 tanh(2x/3)")
    return (
        *(Conv(6, 5, name="C1"), squash, Subsample(name="S2"), squash),
        *(Conv(16, 5, table=LENET5_C3, name="C3"), squash, Subsample(name="S4"), squash),
        *(Conv(120, 5, name="C5"), squash, Full(84, name="F6"), squash),
        Full(10, bias=False, learned=False, name="OUTPUT"),
    )


def alexnet() -> Stack:
    """AlexNet as published (Krizhevsky et al. 2012): 60,965,224 parameters.

    Two graphics cards hold half of the maps each; C2, C4 and C5 see only the half of their own card: ``groups=2``.
    The paper does not name the border of the first layer: two zeros on each side of 224 pixels give its 55 × 55 places,
    as would 227 pixels without a border.
    """
    normalize, pool = Same("local response normalization"), Pool(3, 2)
    return (
        *(Conv(96, 11, 4, 2, name="C1"), RELU, normalize, pool),
        *(Conv(256, 5, 1, 2, groups=2, name="C2"), RELU, normalize, pool),
        *(Conv(384, 3, 1, 1, name="C3"), RELU, Conv(384, 3, 1, 1, groups=2, name="C4"), RELU),
        *(Conv(256, 3, 1, 1, groups=2, name="C5"), RELU, pool),
        *_head(),
    )


def alexnet_one_tower() -> Stack:
    """AlexNet for one card, with fewer maps and no groups (Krizhevsky 2014; torchvision): 61,100,840 parameters."""
    pool = Pool(3, 2)
    return (
        *(Conv(64, 11, 4, 2), RELU, pool, Conv(192, 5, 1, 2), RELU, pool),
        *(Conv(384, 3, 1, 1), RELU, Conv(256, 3, 1, 1), RELU, Conv(256, 3, 1, 1), RELU, pool),
        *_head(),
    )


def vgg16() -> Stack:
    """VGG-16, configuration D (Simonyan and Zisserman 2015): 138,357,544 parameters."""
    stack: list[Part] = []
    for repeats, channels in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)):
        stack += [Conv(channels, 3, 1, 1), RELU] * repeats + [Pool(2)]
    return (*stack, *_head())


def _head() -> Stack:
    """Return the three full layers of AlexNet and VGG."""
    dropout = Same("dropout")
    return (Flatten(), Full(4096), RELU, dropout, Full(4096), RELU, dropout, Full(1000))


# GoogLeNet, table 1: 1×1 | 3×3 reduce, 3×3 | 5×5 reduce, 5×5 | 1×1 after the pool.
INCEPTION = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


def googlenet(*, torchvision: bool = False) -> Stack:
    """GoogLeNet without its auxiliary classifiers (Szegedy et al. 2015): 6,998,552 parameters.

    With ``torchvision=True`` as that library has it: batch normalization instead of biases, 3 × 3 kernels where the
    paper has 5 × 5, a last pool of 2 × 2; 6,624,904 parameters.
    """

    def conv(channels: int, size: int, stride: int = 1) -> Stack:
        normalize = (BatchNorm(),) if torchvision else ()
        return (Conv(channels, size, stride, size // 2, bias=not torchvision), *normalize, RELU)

    def inception(name: str) -> Part:
        one, reduce3, three, reduce5, five, pooled = INCEPTION[name]
        large = 3 if torchvision else 5
        paths = (
            conv(one, 1),
            conv(reduce3, 1) + conv(three, 3),
            conv(reduce5, 1) + conv(five, large),
            (Pool(3, 1, 1), *conv(pooled, 1)),
        )
        return Branches(paths, f"inception {name}")

    pool = Pool(3, 2, ceil=True)
    return (
        *(Block("stem 1", conv(64, 7, 2)), pool, Block("stem 2", conv(64, 1) + conv(192, 3)), pool),
        *(inception("3a"), inception("3b"), pool),
        *(inception("4a"), inception("4b"), inception("4c"), inception("4d"), inception("4e")),
        Pool(2, 2, ceil=True) if torchvision else pool,
        *(inception("5a"), inception("5b"), GlobalAverage(), Same("dropout"), Full(1000)),
    )


def googlenet_auxiliary() -> Stack:
    """One of the two classifiers that help GoogLeNet to train.

    They branch off behind inception 4a, from (512, 14, 14), and 4d, from (528, 14, 14); with both there are 13,378,280
    parameters. They are thrown away after training.
    """
    return (Pool(5, 3), Conv(128, 1), RELU, Flatten(), Full(1024), RELU, Same("dropout"), Full(1000))


def resnet50(*, stride_in: int = 1) -> Stack:
    """ResNet-50 (He et al. 2016): 25,557,032 parameters, γ and β of batch normalization included.

    Where a stage halves the maps, its first block strides in the first convolution, of size 1, in the paper, and in the
    one of size 3 with ``stride_in=3`` (torchvision): equal parameters, but more multiplications.
    """
    if stride_in not in (1, 3):
        raise ValueError(f"resnet50 expects stride_in as 1 or 3, the size of the convolution, got {stride_in!r}")

    def conv(channels: int, size: int, stride: int = 1) -> Stack:
        return (Conv(channels, size, stride, size // 2, bias=False), BatchNorm())

    def bottleneck(width: int, stride: int, first: bool) -> Stack:
        a, b = (stride, 1) if stride_in == 1 else (1, stride)
        body = (*conv(width, 1, a), RELU, *conv(width, 3, b), RELU, *conv(4 * width, 1))
        return (Residual(body, conv(4 * width, 1, stride) if first else (), f"bottleneck {width}"), RELU)

    def stage(name: str, blocks: int, width: int, stride: int) -> Part:
        parts = [bottleneck(width, stride if i == 0 else 1, i == 0) for i in range(blocks)]
        return Block(name, tuple(part for block in parts for part in block))

    return (
        *(Block("conv1", (*conv(64, 7, 2), RELU)), Pool(3, 2, 1)),
        *(stage("conv2", 3, 64, 1), stage("conv3", 4, 128, 2), stage("conv4", 6, 256, 2), stage("conv5", 3, 512, 2)),
        *(GlobalAverage(), Full(1000)),
    )
