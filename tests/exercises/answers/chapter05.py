"""Right answers of chapter 5: the solution of the page, and other ways of writing the same."""

from __future__ import annotations

import math

import numpy as np
from exercises.answers.model import Function


# 5.3
def start(N, rule):
    n_out, n_in = N.shape
    variance = 2 / n_in if rule == "he" else 2 / (n_in + n_out)
    return N * np.sqrt(variance)


def start_in_loops(N, rule):
    W = np.zeros(N.shape)
    for j in range(N.shape[0]):
        for k in range(N.shape[1]):
            n = N.shape[1] if rule == "he" else sum(N.shape)
            W[j, k] = N[j, k] * math.sqrt(2) / math.sqrt(n)
    return W


def start_as_lists(N, rule):
    mean = {"he": len(N[0]), "glorot": len(N[0]) + len(N)}[rule] / 2
    return (N * mean**-0.5).tolist()


# 5.4
def momentum_step(theta, v, g, alpha, mu):
    v = mu * v + g
    return theta - alpha * v, v


def momentum_step_in_loops(theta, v, g, alpha, mu):
    new_theta, new_v = np.zeros(theta.shape), np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        new_v[i] = mu * v[i] + g[i]
        new_theta[i] = theta[i] - alpha * new_v[i]
    return [new_theta, new_v]


def momentum_step_written_out(theta, v, g, alpha, mu):
    return (theta - alpha * mu * v - alpha * g).tolist(), (mu * v + g).tolist()


# 5.5
def adam_step(theta, m, v, g, t, alpha, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return theta - alpha * m_hat / (np.sqrt(v_hat) + eps), m, v


def adam_step_efficient(theta, m, v, g, t, alpha, beta1, beta2, eps):
    m = m + (1 - beta1) * (g - m)
    v = v + (1 - beta2) * (g * g - v)
    root = math.sqrt(1 - beta2**t)
    rate = alpha * root / (1 - beta1**t)
    return theta - rate * m / (np.sqrt(v) + eps * root), m, v


def adam_step_in_loops(theta, m, v, g, t, alpha, beta1, beta2, eps):
    new = [np.zeros(theta.shape) for _ in range(3)]
    for i in np.ndindex(theta.shape):
        a, b = beta1 * m[i] + (1 - beta1) * g[i], beta2 * v[i] + (1 - beta2) * g[i] ** 2
        step = (a / (1 - beta1**t)) / ((b / (1 - beta2**t)) ** 0.5 + eps)
        new[0][i], new[1][i], new[2][i] = theta[i] - alpha * step, a, b
    return new


# 5.6
def sweep(parents, slopes, end):
    waits, reached = [0] * len(parents), [end]
    for u in reached:  # the list grows while it is read
        for v in parents[u]:
            if waits[v] == 0 and v != end:
                reached.append(v)
            waits[v] += 1
    bars, ready = np.zeros(len(parents)), [end]
    bars[end] = 1
    while ready:
        u = ready.pop()
        for v, slope in zip(parents[u], slopes[u], strict=True):
            bars[v] += bars[u] * slope
            waits[v] -= 1
            if waits[v] == 0:
                ready.append(v)
    return bars


def sweep_depth_first(parents, slopes, end):
    order, seen, stack = [], set(), [(end, False)]
    while stack:
        u, done = stack.pop()
        if done:
            order.append(u)
        elif u not in seen:
            seen.add(u)
            stack.append((u, True))
            stack.extend((v, False) for v in parents[u])
    bars = [0.0] * len(parents)
    bars[end] = 1.0
    for u in reversed(order):
        for k, v in enumerate(parents[u]):
            bars[v] += bars[u] * slopes[u][k]
    return bars


def sweep_in_rounds(parents, slopes, end):
    depth, todo = {end: 0}, [end]
    while todo:  # the longest way from the end to each value
        u = todo.pop()
        for v in parents[u]:
            if depth.get(v, -1) < depth[u] + 1:
                depth[v] = depth[u] + 1
                todo.append(v)
    bars = np.zeros(len(parents))
    bars[end] = 1
    for u in sorted(depth, key=depth.__getitem__):
        for v, slope in zip(parents[u], slopes[u], strict=True):
            bars[v] += bars[u] * slope
    return bars


# 5.7
def broadcast_add_backward(dY, X, B):
    def reduced(g, shape):
        g = g.sum(axis=tuple(range(g.ndim - len(shape))))
        ones = tuple(i for i, n in enumerate(shape) if n == 1)
        return g.sum(axis=ones, keepdims=True)

    return reduced(dY, X.shape), reduced(dY, B.shape)


def broadcast_add_in_loops(dY, X, B):
    found = []
    for array in (X, B):
        gradient = np.zeros(array.shape)
        for index in np.ndindex(dY.shape):
            own = index[len(index) - array.ndim :]
            gradient[tuple(0 if n == 1 else i for i, n in zip(own, array.shape, strict=True))] += dY[index]
        found.append(gradient)
    return found


def broadcast_add_by_differences(dY, X, B):
    def slopes(f, x):
        units = np.eye(x.size).reshape((x.size, *x.shape))
        return np.reshape([(dY * (f(x + e) - f(x))).sum() for e in units], x.shape)

    X, B = X.astype(float), B.astype(float)
    return slopes(lambda x: x + B, X), slopes(lambda b: X + b, B)


SOLUTIONS: dict[str, Function] = {
    "5.3": start,
    "5.4": momentum_step,
    "5.5": adam_step,
    "5.6": sweep,
    "5.7": broadcast_add_backward,
}

VARIANTS: dict[str, list[Function]] = {
    "5.3": [start_in_loops, start_as_lists],
    "5.4": [momentum_step_in_loops, momentum_step_written_out],
    "5.5": [adam_step_efficient, adam_step_in_loops],
    "5.6": [sweep_depth_first, sweep_in_rounds],
    "5.7": [broadcast_add_in_loops, broadcast_add_by_differences],
}
