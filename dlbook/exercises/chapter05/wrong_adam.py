"""Adam's step and the mistakes that can be made in it (exercise 5.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook.adaptive import Adam
from dlbook.shapes import Array

Args = tuple[Array, Array, Array, Array, int, float, float, float, float]


def moved(by_hand: Callable[..., Any]) -> Callable[..., Any]:
    """Return the package's own step; ``by_hand`` is the function that the mistakes are made with."""

    def step(*args: Any) -> tuple[Array, Array, Array]:
        theta, m, v, g, t, alpha, beta1, beta2, eps = args
        optimizer, params = Adam(alpha, beta1, beta2, eps), {"p": theta.copy()}
        optimizer.state = {"t": np.array(t - 1), "m.p": m.copy(), "v.p": v.copy()}
        optimizer.step(params, {"p": g})
        return params["p"], optimizer.state["m.p"], optimizer.state["v.p"]

    return step


def adam(
    *,
    correct_m: bool = True,
    correct_v: bool = True,
    keep_hats: bool = False,
    shortfall: Callable[[float, int], float] = lambda beta, t: 1 - beta**t,
    multiply: bool = False,
    swap: bool = False,
    square: Callable[[Array], Array] = np.square,
    below: Callable[[Array, float, float], Array] = lambda v_hat, eps, v_scale: np.sqrt(v_hat) + eps,
    weight: Callable[[float], float] = lambda beta: 1 - beta,
    numerator: str = "m",
    sign: int = -1,
    old: bool = False,
) -> Callable[..., Any]:
    """Return Adam's step with one thing done otherwise."""

    def step(*args: Any) -> tuple[Array, Array, Array]:
        theta, m, v, g, t, alpha, beta1, beta2, eps = args
        if swap:
            beta1, beta2 = beta2, beta1
        new_m = beta1 * m + weight(beta1) * g
        new_v = beta2 * v + weight(beta2) * square(g)
        m_hat, v_hat = (m, v) if old else (new_m, new_v)
        m_scale, v_scale = shortfall(beta1, t), shortfall(beta2, t)
        if multiply:
            m_scale, v_scale = 1 / m_scale, 1 / v_scale
        m_hat = m_hat / m_scale if correct_m else m_hat
        v_hat = v_hat / v_scale if correct_v else v_hat
        theta = theta + sign * alpha * (g if numerator == "g" else m_hat) / below(v_hat, eps, v_scale)
        return (theta, m_hat, v_hat) if keep_hats else (theta, new_m, new_v)

    return step
