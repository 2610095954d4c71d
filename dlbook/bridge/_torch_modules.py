"""PyTorch modules for what PyTorch computes otherwise than the book, or not at all.

Only :mod:`dlbook.bridge.torch` imports this module, when PyTorch is there.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dlbook.lenet1998 import ScaledTanh as Squash
from dlbook.windows import Padding, spans

# PyTorch replaces ln(1 + e^z) by z from z = 20 on, which is 2e-9 too little there; from 40 on no float64 can tell.
SOFTPLUS_LINE = 40


class Windows(nn.Module):
    """Padding as :func:`dlbook.windows.spans` shares it out, then ``inner`` without padding."""

    def __init__(self, size: tuple[int, int], stride: tuple[int, int], padding: Padding, fill: float = 0) -> None:
        super().__init__()
        self.size, self.stride, self.padding, self.fill = size, stride, padding, fill

    def framed(self, x: Tensor) -> Tensor:
        """Return x with its padding around it."""
        rows, columns = spans(type(self).__name__, x.shape[2:], self.size, self.stride, self.padding)
        return F.pad(x, (columns.before, columns.after, rows.before, rows.after), value=self.fill)


class Conv2d(Windows):
    """A convolution whose "same" may have a stride; with ``place`` the kernels of a table, zeros elsewhere."""

    def __init__(
        self,
        size: tuple[int, int],
        stride: tuple[int, int],
        padding: Padding,
        place: Tensor | None = None,
        exists: Tensor | None = None,
    ) -> None:
        super().__init__(size, stride, padding)
        self.register_buffer("place", place, persistent=False)
        self.register_buffer("exists", exists, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight if self.place is None else self.weight[self.place] * self.exists
        return F.conv2d(self.framed(x), weight, self.bias, self.stride)


class MaxPool2d(Windows):
    """The largest number of each window; padding never wins."""

    def forward(self, x: Tensor) -> Tensor:
        return F.max_pool2d(self.framed(x), self.size, self.stride)


class AvgPool2d(Windows):
    """The mean of each window; zeros of the padding count."""

    def forward(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(self.framed(x), self.size, self.stride)


class L2Pool2d(Windows):
    """The length of each window; the gradient of a window of zeros is 0, where the root alone would give NaN."""

    def forward(self, x: Tensor) -> Tensor:
        squares = F.avg_pool2d(self.framed(x) ** 2, self.size, self.stride) * (self.size[0] * self.size[1])
        return torch.where(squares > 0, torch.where(squares > 0, squares, 1).sqrt(), 0)


class Subsample2d(Windows):
    """The sum of each window, times the channel's coefficient plus its bias."""

    def forward(self, x: Tensor) -> Tensor:
        total = F.avg_pool2d(x, self.size, self.stride) * (self.size[0] * self.size[1])
        return self.weight[:, None, None] * total + self.bias[:, None, None]


class Sigmoid(nn.Module):
    """σ(α z) with slope α."""

    def __init__(self, slope: float) -> None:
        super().__init__()
        self.slope = slope

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.slope * x)


class ScaledTanh(nn.Module):
    """A tanh(S z) of LeNet-5."""

    def forward(self, x: Tensor) -> Tensor:
        return Squash.height * torch.tanh(Squash.slope * x)


class Maxout(nn.Module):
    """The largest of k affine functions."""

    def forward(self, x: Tensor) -> Tensor:
        pieces = torch.einsum("...i,koi->...ko", x, self.weight) + self.bias
        return pieces.max(dim=-2).values


class GaussianNoise(nn.Module):
    """Adds σ ε while training."""

    def __init__(self, sigma: float) -> None:
        super().__init__()
        self.sigma = sigma

    def forward(self, x: Tensor) -> Tensor:
        return x + self.sigma * torch.randn_like(x) if self.training else x


class RNN(nn.RNN):
    """The hidden states of all steps, without the last state beside them."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x)[0]


class LSTM(nn.LSTM):
    """The hidden states of all steps, without the last states beside them."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x)[0]


class LastStep(nn.Module):
    """The last step of every sequence."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, -1]


class RadialBasis(nn.Module):
    """Minus the squared distance to fixed centres."""

    def __init__(self, centres: Tensor) -> None:
        super().__init__()
        self.register_buffer("centres", centres, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return -((x[..., None, :] - self.centres.to(x.dtype)) ** 2).sum(dim=-1)
