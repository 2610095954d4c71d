"""Right answers of chapter 2: the solution of the page, and other ways of writing the same."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from exercises.answers.model import Function, s


# 2.3
def layer_forward(X, W, b):
    return X @ W.T + b


def layer_in_loops(X, W, b):
    return [
        [sum(w * x for w, x in zip(row, example, strict=True)) + c for row, c in zip(W, b, strict=True)]
        for example in X
    ]


def layer_columns(X, W, b):
    return (W @ X.T + b[:, None]).T


def layer_einsum(X, W, b):
    return np.einsum("mi,oi->mo", X, W) + b


# 2.4
def forward(X, weights, biases):
    A = X
    for W, b in zip(weights, biases, strict=True):
        A = s(A @ W.T + b)
    return A


def forward_recursive(X, weights, biases):
    if not weights:
        return X
    return forward_recursive((1 + np.tanh((X @ weights[0].T + biases[0]) / 2)) / 2, weights[1:], biases[1:])


def forward_by_example(X, weights, biases):
    outputs = []
    for a in X:
        for layer in range(len(weights)):
            a = [
                1 / (1 + math.exp(-(float(w @ np.array(a)) + c)))
                for w, c in zip(weights[layer], biases[layer], strict=True)
            ]
        outputs.append(a)
    return outputs


# 2.5
def count_parameters(sizes):
    return sum(n_in * n_out + n_out for n_in, n_out in pairwise(sizes))


def count_with_numpy(sizes):
    n = np.array(sizes)
    return ((n[:-1] + 1) * n[1:]).sum()


def count_in_a_loop(sizes):
    total = 0.0
    for i in range(1, len(sizes)):
        total += sizes[i] * (sizes[i - 1] + 1)
    return np.array(total)


# 2.6
def bump(left, right, height):
    return np.array([1.0, 1.0]), np.array([-left, -right]), np.array([height, -height])


def bump_steep(left, right, height):
    return [100, 100], [-100 * left, -100 * right], [height, -height]


def bump_from_the_right(left, right, height):
    return [-1, -1, 0], [right, left, 0], [height, -height, 0.0]


SOLUTIONS: dict[str, Function] = {
    "2.3": layer_forward,
    "2.4": forward,
    "2.5": count_parameters,
    "2.6": bump,
}

VARIANTS: dict[str, list[Function]] = {
    "2.3": [layer_in_loops, layer_columns, layer_einsum],
    "2.4": [forward_recursive, forward_by_example],
    "2.5": [count_with_numpy, count_in_a_loop],
    "2.6": [bump_steep, bump_from_the_right],
}
