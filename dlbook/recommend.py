"""Recommending: a restricted Boltzmann machine of the stars that users gave (Salakhutdinov, Mnih and Hinton 2007).

Each user is one example. An item has one unit for each number of stars, and exactly one of them is on: softmax visible
units. An item that the user did not rate has no units at all, so every user has a machine of his own size, and all
machines share their weights.
"""

from __future__ import annotations

import numpy as np

from dlbook.activations import softmax
from dlbook.binary_units import softplus_sum
from dlbook.init import Initializer
from dlbook.layer import Params
from dlbook.restricted import SMALL, RestrictedMachine
from dlbook.shapes import Array, generator, positive_int, same_shape
from dlbook.states import binary_states, log_sum_exp


def one_hot(R: Array, n_levels: int) -> Array:
    """Return the ratings R (m, N), 1…K stars or 0, as visible units (m, N·K): all zeros for an item without a rating.

    Raises:
        TypeError: ratings that are no whole numbers.
        ValueError: no matrix, or a rating outside 0…K.
    """
    R, K = np.asarray(R), positive_int("one_hot", n_levels, "n_levels")
    if R.dtype.kind not in "iu":
        raise TypeError(f"one_hot expects ratings as whole numbers, got {R.dtype}: 1…{K} stars, 0 for no rating")
    if R.ndim != 2 or R.size == 0:
        raise ValueError(f"one_hot expects R of shape (users, items), got {R.shape}")
    if R.min() < 0 or R.max() > K:
        raise ValueError(f"one_hot expects ratings 1…{K}, 0 for none, got {R.min()}…{R.max()}")
    return np.asarray((R[..., None] == np.arange(1, K + 1)).astype(float).reshape(len(R), -1))


def log_shares(R: Array, n_levels: int) -> Array:
    """Return ln of each item's share of every number of stars, (N·K,): a start for the visible bias a.

    Without weights, a machine with this bias predicts the item's mean. One tenth of a rating is added for each number
    of stars, so that one that nobody gave has a finite bias.
    """
    count = one_hot(R, n_levels).sum(axis=0).reshape(-1, n_levels) + 0.1
    return np.asarray(np.log(count / count.sum(axis=1, keepdims=True)).ravel())


class RatingRBM(RestrictedMachine):
    """A restricted Boltzmann machine with one softmax unit for each item (eq-rating-energy).

    E(v, h) = −aᵀv − bᵀh − hᵀ W v, where v has a one for the stars k that item i got, and zeros elsewhere. All methods
    take v as :func:`one_hot` makes it. :mod:`dlbook.enumeration` and :mod:`dlbook.ais` see the machine of a user who
    rated everything; :meth:`log_likelihood` and :meth:`exact_gradient` see each user's own.

    Args:
        n_items: N, columns of the matrix of ratings.
        n_levels: K, the largest number of stars.
        n_hidden: hidden units, what two users can have in common.
        rng: source of the initial weights.
        init: how W starts; the biases a and b start at zero.

    Shapes:
        W (n_hidden, N·K), a (N·K,), b (n_hidden,); ``W.reshape(n_hidden, N, K)`` has the places (j, i, k) of the text.
    """

    def __init__(
        self, n_items: int, n_levels: int, n_hidden: int, *, rng: np.random.Generator, init: Initializer = SMALL
    ) -> None:
        self.n_items = positive_int("RatingRBM", n_items, "n_items")
        self.n_levels = positive_int("RatingRBM", n_levels, "n_levels")
        super().__init__(n_items * n_levels, n_hidden, rng=rng, init=init)

    def checked(self, v: Array) -> Array:
        """Return v if each item of each user has one unit on, or none, else raise a sentence."""
        v = super().checked(v)
        on = self._by_item(v).sum(axis=-1)
        if v.min() < 0 or not ((on == 0) | (on == 1)).all():
            raise ValueError(
                f"RatingRBM expects v with one of {self.n_levels} units on for an item with a rating and none for one "
                f"without: use one_hot(R, {self.n_levels})"
            )
        return v

    def visible_energy(self, v: Array) -> Array:
        """Return −aᵀv of each user, (m,)."""
        return np.asarray(-(v @ self.params["a"]))

    def visible_mean(self, h: Array) -> Array:
        """Return P(v_ik = 1 | h) = softmax over k of a_ik + Σ_j h_j W_jik, (m, N·K) (eq-rating-softmax)."""
        mean: Array = softmax(self._visible_sum(h)).reshape(-1, self.n_visible)
        return mean

    def sample_visible(self, h: Array, *, rng: np.random.Generator) -> Array:
        """Draw stars for every item given h, (m, N·K)."""
        top = self.visible_mean(h).reshape(-1, self.n_items, self.n_levels).cumsum(axis=-1)
        u = generator("RatingRBM", rng).random(top.shape[:-1], dtype=top.dtype.type)[..., None]
        level = (u >= top[..., :-1]).sum(axis=-1, keepdims=True)
        drawn: Array = (level == np.arange(self.n_levels)).astype(top.dtype).reshape(-1, self.n_visible)
        return drawn

    def _next_visible(self, v: Array, h: Array, rng: np.random.Generator) -> Array:
        """Draw new stars for the items that each user rated; the others have no units."""
        drawn = self._by_item(self.sample_visible(h, rng=rng))
        return (drawn * self._rated(v)[..., None]).reshape(v.shape)

    def hidden_free_energy(self, h: Array) -> Array:
        """Return −ln Σ_v e^{−E(v, h)} = −bᵀh − Σ_i ln Σ_k e^{a_ik + Σ_j h_j W_jik} with every item rated, (m,)."""
        return np.asarray(-(h @ self.params["b"]) - log_sum_exp(self._visible_sum(h), axis=-1).sum(axis=-1))

    def log_likelihood(self, v: Array) -> Array:
        """Return ln P(stars | which items were rated) = −F(v) − ln Z of each user, (m,) (eq-rating-likelihood).

        Z sums over the stars of the items that the user rated, so every user has his own.

        Raises:
            ValueError: more than 20 hidden units.
        """
        return np.asarray(-self.free_energy(v) - log_sum_exp(self._log_weights(self.checked(v)), axis=-1))

    def exact_gradient(self, v: Array) -> Params:
        """Return the gradient of minus the mean log-likelihood, data minus model, by enumeration (eq-rating-gradient).

        Raises:
            ValueError: more than 20 hidden units.
        """
        data, log_w = self.free_energy_grads(v), self._log_weights(v)
        H = binary_states(self.n_hidden)
        w = np.exp(log_w - log_sum_exp(log_w, axis=-1)[:, None]) / len(v)  # P(h) in each user's machine, over m
        C = w.T @ self._rated(v)  # (2^n_hidden, N)
        P = (self._by_item(self.visible_mean(H)) * C[..., None]).reshape(len(H), -1)
        model = {"W": H.T @ P, "a": P.sum(axis=0), "b": w.sum(axis=0) @ H}
        return {name: g + model[name] for name, g in data.items()}

    def rating_probabilities(self, v: Array) -> Array:
        """Return P(k stars), (m, N, K), for every item, rated or not (eq-rating-prediction).

        The hidden units' probabilities stand in for their states: one pass up and one down.
        """
        return self._by_item(self.visible_mean(self.hidden_probabilities(v)))

    def exact_rating_probabilities(self, v: Array) -> Array:
        """Return P(item q gets k stars | the user's ratings of all other items), (m, N, K) (eq-rating-exact).

        Proportional to e^{−F} of the user's ratings with k stars for q added: all states of the hidden units count.
        """
        z, by_item = self._hidden_sum(self.checked(v)), self._by_item(v)
        W, p = self._by_item(self.params["W"]), np.empty_like(by_item)
        for q in range(self.n_items):
            others = z - by_item[:, q] @ W[:, q].T
            p[:, q] = softmax(self._by_item(self.params["a"])[q] + softplus_sum(others[:, None, :] + W[:, q].T))
        return p

    def predict(self, v: Array, *, exact: bool = False) -> Array:
        """Return the expected stars Σ_k k P(k), (m, N), for every item, rated or not (eq-rating-expectation)."""
        p = self.exact_rating_probabilities(v) if exact else self.rating_probabilities(v)
        return np.asarray(p @ np.arange(1, self.n_levels + 1, dtype=p.dtype))

    def _by_item(self, x: Array) -> Array:
        by_item: Array = x.reshape(*x.shape[:-1], self.n_items, self.n_levels)
        return by_item

    def _rated(self, v: Array) -> Array:
        return np.asarray(self._by_item(v).sum(axis=-1))

    def _visible_sum(self, h: Array) -> Array:
        return self._by_item(self._checked_hidden(h) @ self.params["W"] + self.params["a"])

    def _log_weights(self, v: Array) -> Array:
        """Return ln Σ over the stars of e^−E, (m, 2^n_hidden): each user's items, each state of the hidden units."""
        H = binary_states(self.n_hidden)
        return np.asarray(H @ self.params["b"] + self._rated(v) @ log_sum_exp(self._visible_sum(H), axis=-1).T)


def item_mean(R: Array) -> Array:
    """Predict for every cell the mean of the item's known ratings, (m, N); where there is none, the mean of all."""
    return _mean(R, axis=0)


def user_mean(R: Array) -> Array:
    """Predict for every cell the mean of the user's known ratings, (m, N); where there is none, the mean of all."""
    return _mean(R, axis=1)


def _mean(R: Array, axis: int) -> Array:
    R = np.asarray(R)
    count = (R > 0).sum(axis=axis, keepdims=True)
    if count.sum() == 0:
        raise ValueError("a mean needs at least one known rating, got none: R is 0 everywhere")
    mean = np.where(count > 0, R.sum(axis=axis, keepdims=True) / np.maximum(count, 1), R.sum() / count.sum())
    return np.broadcast_to(mean, R.shape)


def rmse(predicted: Array, R: Array) -> float:
    """Return the root mean squared error over the cells that R has, √(mean of (predicted − R)²) (eq-rmse).

    Raises:
        ValueError: another shape, or R is 0 everywhere.
    """
    predicted, R = np.asarray(predicted), np.asarray(R)
    same_shape("rmse", predicted, R.shape, "predicted")
    if not (R > 0).any():
        raise ValueError("rmse compares with known ratings, got none: R is 0 everywhere")
    return float(np.sqrt(((predicted - R)[R > 0] ** 2).mean()))
