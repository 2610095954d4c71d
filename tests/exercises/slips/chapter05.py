"""Known mistakes of chapter 5 as a student writes them, in other words than the catalogue's."""

from __future__ import annotations

import math

import numpy as np
from exercises.answers.model import Function


def fan_out(N, rule):
    n_in, n_out = N.shape
    return N * np.sqrt(2 / n_in if rule == "he" else 2 / (n_in + n_out))


def root_of_two(N, rule):
    n = N.shape[1] if rule == "he" else N.shape[0] + N.shape[1]
    return N * (math.sqrt(2) / n)


def uniform_bound(N, rule):
    n_out, n_in = N.shape
    return N * math.sqrt(2 / n_in) if rule == "he" else N * math.sqrt(6) / math.sqrt(n_in + n_out)


def velocity(theta, v, g, alpha, mu):
    step = mu * v - alpha * g
    return theta + step, step


def running_mean(theta, v, g, alpha, mu):
    v = v + (1 - mu) * (g - v)
    return theta - alpha * v, v


def too_late(theta, v, g, alpha, mu):
    theta = theta - alpha * v
    return theta, mu * v + g


def uncorrected(theta, m, v, g, t, alpha, beta1, beta2, eps):
    m, v = m + (1 - beta1) * (g - m), v + (1 - beta2) * (g * g - v)
    return theta - alpha * m / (v**0.5 + eps), m, v


def overwritten_hats(theta, m, v, g, t, alpha, beta1, beta2, eps):
    m = (beta1 * m + (1 - beta1) * g) / (1 - beta1**t)
    v = (beta2 * v + (1 - beta2) * g * g) / (1 - beta2**t)
    return theta - alpha * m / (np.sqrt(v) + eps), m, v


def rms(theta, m, v, g, t, alpha, beta1, beta2, eps):
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    return theta - alpha * g / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


def breadth_first(parents, slopes, end):
    bars, queue, seen = [0.0] * len(parents), [end], {end}
    bars[end] = 1.0
    for u in queue:
        for v, slope in zip(parents[u], slopes[u], strict=True):
            bars[v] += bars[u] * slope
            if v not in seen:
                seen.add(v)
                queue.append(v)
    return bars


def backward_by_number(parents, slopes, end):
    bars = np.zeros(len(parents))
    bars[end] = 1
    for u in range(len(parents) - 1, -1, -1):
        for k in range(len(parents[u])):
            bars[parents[u][k]] += slopes[u][k] * bars[u]
    return bars


def bias_only(dY, X, B):
    return dY, np.einsum("i...->...", dY)


def no_keepdims(dY, X, B):
    def reduced(shape):
        g = dY
        while g.ndim > len(shape):
            g = g.sum(axis=0)
        return g.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1 and g.shape[i] > 1))

    return reduced(X.shape), reduced(B.shape)


def adam_with(correction=lambda beta, t: 1 - beta**t, eps_beside=True):
    def step(theta, m, v, g, t, alpha, beta1, beta2, eps):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        below = np.sqrt(v / correction(beta2, t))
        return theta - alpha * m / correction(beta1, t) / (below + eps if eps_beside else below), m, v

    return step


def shortened(theta, m, v, g, t, alpha, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    rate = alpha * math.sqrt(1 - beta2**t) / (1 - beta1**t)
    return theta - rate * m / (np.sqrt(v) + eps), m, v


SLIPS: list[tuple[str, Function, str]] = [
    ("5.3", fan_out, "fan-in and fan-out are confused"),
    ("5.3", root_of_two, "the root of the 2 alone"),
    ("5.3", uniform_bound, "Glorot's bound in place of his standard deviation"),
    ("5.3", lambda N, rule: N * N.shape[1] ** -0.5 * 2**0.5, "He's rule for both"),
    ("5.4", velocity, "v carries the minus and the learning rate"),
    ("5.4", running_mean, "the gradient is damped by 1 − μ"),
    ("5.4", too_late, "the step goes along the old v"),
    ("5.5", uncorrected, "the bias correction is missing"),
    ("5.5", overwritten_hats, "the corrected means are kept"),
    ("5.5", adam_with(lambda beta, t: 1 - beta ** (t - 1)), "the steps are counted from one too few"),
    ("5.5", adam_with(lambda beta, t: 1 - beta * t), "β t in place of βᵗ"),
    ("5.5", adam_with(eps_beside=False), "ε is missing"),
    ("5.5", shortened, "ε stands beside √v, not beside √v̂"),
    ("5.5", rms, "the gradient in place of its mean"),
    ("5.6", breadth_first, "a value is visited as soon as it is reached"),
    ("5.6", backward_by_number, "the numbers are taken for an order"),
    ("5.7", bias_only, "always the sum over the first axis"),
    ("5.7", no_keepdims, "the axis of length one is lost"),
    ("5.7", lambda dY, X, B: (dY.copy(), dY.copy()), "nothing is summed"),
]

# Wrong, and like a known mistake, but another one
NAMELESS: list[tuple[str, Function]] = [
    ("5.3", lambda N, rule: N * np.sqrt(3 / N.shape[1])),
    ("5.5", lambda theta, m, v, g, *rest: (theta - 0.01 * np.sign(g), m, v)),
    ("5.6", lambda parents, slopes, end: np.arange(len(parents)) * 0.5),
]
